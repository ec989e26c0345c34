// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How every program ends: flows that need no translation are counted, drops told of, taps served. */
#pragma once

#include "bpf/lib/seen.h"
#include "bpf/lib/tap.h"

/* Each packet of a pod is counted once a node: where it enters the node's hands. */
static __always_inline bool is_accounted(const struct __sk_buff *skb, const struct packet *pkt, int verdict)
{
	if (pkt->counted || pkt->translated || pkt->refused ||
	    (pkt->kind != PACKET_PORTS && pkt->kind != PACKET_ECHO) || pkt->fragment == FRAGMENT_LATER)
		return false;
	switch (pkt->hook) {
	case SKIFF_HOOK_FROM_POD:
		return true;
	case SKIFF_HOOK_TO_POD: /* what came through another hook has been counted there */
		return !skb->ingress_ifindex;
	case SKIFF_HOOK_FROM_DEVICE:
		return verdict == REDIRECT;
	default:
		return false;
	}
}

/* Stage: a packet is going to be dropped, or refused. */
STAGE trace_drop(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	struct skiff_flow_event *event;
	__u32 reason = -verdict;

	REQUIRE(pkt);
	pkt->refused = 1;
	if (!config.trace)
		return CONTINUE;
	if (pkt->tapped)
		tap_end(skb, pkt, verdict);
	event = trace_flow_event(SKIFF_TRACE_CLASS_DROP, TRACE_LIMIT_DROP,
				 is_refusal(reason) ? SKIFF_TRACE_REFUSED : SKIFF_TRACE_DROPPED, pkt->hook);
	if (!event)
		return CONTINUE;
	trace_header(&event->header, skb, pkt);
	event->packets[0] = 1;
	event->bytes[0] = skb->len;
	event->original = pkt->tuple;
	event->translated = pkt->tuple;
	event->reason = reason;
	event->lb_reason = lb_refusal_of(reason);
	trace_submit(event);
	return CONTINUE;
}

/* The kernel frees the packet next, on this CPU, and need not tell of it as well. */
static __always_inline void mark_own_drop(void)
{
	__u32 zero = 0;
	__u32 *mark = bpf_map_lookup_elem(&own_drops, &zero);

	if (mark)
		*mark = 1;
}

/* The end of a program: its verdict as an action. */
static __always_inline int finish(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	if (config.trace) {
		if (is_accounted(skb, pkt, verdict))
			account(skb, pkt, verdict);
		if (pkt->tapped)
			tap_end(skb, pkt, verdict);
		if (verdict < 0 || verdict == END)
			mark_own_drop();
	}
	return tc_action(skb, verdict);
}
