// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stage: pods that talk to the world outside the cluster do so with the node's address. */
#pragma once

#include "bpf/lib/flow.h"
#include "bpf/lib/frontend.h"
#include "bpf/lib/pod.h"

static __always_inline __u32 range_flags(const struct skiff_address *address)
{
	struct skiff_range_key key = {.prefix_bits = 128, .address = *address};
	struct skiff_range *range = bpf_map_lookup_elem(&ranges, &key);

	return range ? range->flags : 0;
}

static __always_inline bool leaves_cluster(const struct packet *pkt)
{
	return pod_find(&pkt->tuple.source) &&
	       !(range_flags(&pkt->tuple.destination) & SKIFF_RANGE_NO_MASQUERADE) &&
	       !is_node_address(&pkt->tuple.destination, 0);
}

STAGE masquerade(struct __sk_buff *skb, struct packet *pkt)
{
	__u32 ifindex = skb->ifindex;
	struct skiff_device *device;
	struct skiff_flow *flow;
	struct skiff_tuple to;
	int verdict;

	REQUIRE(pkt);
	if ((pkt->kind != PACKET_PORTS && pkt->kind != PACKET_ECHO && pkt->fragment != FRAGMENT_LATER) ||
	    !leaves_cluster(pkt))
		return CONTINUE;
	if (pkt->kind == PACKET_OTHER) /* its first has not passed: nothing says what would be its port */
		return -SKIFF_REASON_UNKNOWN_FRAGMENT;
	flow = flow_find_forward(pkt, &to);
	if (flow)
		return flow_forward(skb, pkt, flow, &to);
	if (pkt->fragment == FRAGMENT_LATER)
		return -SKIFF_REASON_UNKNOWN_FRAGMENT;
	device = bpf_map_lookup_elem(&devices, &ifindex);
	flow = flow_new(pkt);
	if (!device || !flow)
		return -SKIFF_REASON_NO_SNAT_ADDRESS;
	flow->flags = SKIFF_FLOW_MASQUERADE;
	flow->packets[FLOW_FORWARD] = 1;
	flow->bytes[FLOW_FORWARD] = skb->len;
	flow->translated.source = pkt->is_v4 ? device->address4 : device->address6;
	if (address_is_zero(&flow->translated.source))
		return -SKIFF_REASON_NO_SNAT_ADDRESS;
	verdict = flow_create(true);
	if (verdict)
		return verdict;
	trace_flow(skb, pkt, flow, SKIFF_TRACE_NEW, SKIFF_LB_NONE);
	to = flow->translated;
	return rewrite(skb, pkt, &to);
}
