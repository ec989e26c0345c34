// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Events of translated flows, whose counters are in their own entries. */
#pragma once

#include "bpf/lib/packet.h"
#include "bpf/lib/trace.h"

static __always_inline void trace_header(struct skiff_trace_header *header, const struct __sk_buff *skb,
					 const struct packet *pkt)
{
	header->netns_cookie = config.node_netns_cookie;
	header->ifindex = skb->ifindex;
	header->length = skb->len;
	header->tcp_flags = pkt->tcp_flags;
}

/* Tells that `flow` began or ended. `lb_reason` only where it began. */
STAGE trace_flow(struct __sk_buff *skb, struct packet *pkt, struct skiff_flow *flow, __u8 kind,
		 __u8 lb_reason)
{
	struct skiff_flow_event *event;

	REQUIRE(pkt && flow);
	if (!config.trace)
		return CONTINUE;
	event = trace_flow_event(SKIFF_TRACE_CLASS_FLOW, TRACE_LIMIT_FLOW, kind, pkt->hook);
	if (!event)
		return CONTINUE;
	trace_header(&event->header, skb, pkt);
	event->created_ns = flow->created_ns;
	event->packets[0] = flow->packets[0];
	event->packets[1] = flow->packets[1];
	event->bytes[0] = flow->bytes[0];
	event->bytes[1] = flow->bytes[1];
	event->original = flow->original;
	event->translated = flow->translated;
	event->service_id = flow->service_id;
	event->lb_reason = lb_reason;
	if (flow->flags & SKIFF_FLOW_MASQUERADE)
		event->flags |= SKIFF_TRACE_MASQUERADE;
	trace_submit(event);
	return CONTINUE;
}
