// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stages: pods that talk to the world outside the cluster do so with the node's address, unless they answer
 * somebody there who asked for theirs.
 */
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

static __always_inline bool is_outside(const struct skiff_address *address)
{
	return !(range_flags(address) & SKIFF_RANGE_NO_MASQUERADE) && !is_node_address(address, 0);
}

static __always_inline bool has_ports(const struct packet *pkt)
{
	return pkt->kind == PACKET_PORTS || pkt->kind == PACKET_ECHO;
}

/* Not every segment: what begins or ends a connection. Where another proxy was at work connections may be
 * older than this program, and any segment may be the first it sees.
 */
static __always_inline bool may_be_news(const struct packet *pkt)
{
	return pkt->tuple.protocol != IPPROTO_TCP || (pkt->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) ||
	       (config.foreign & SKIFF_FOREIGN_FLOWS);
}

/* A client outside asks a pod of this node by the pod's own address, and wants to hear from no other: its
 * flow is noted, although nothing is translated. Where there is no room the answer is masqueraded.
 */
STAGE note_direct(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_flow *flow;
	struct skiff_tuple key;

	REQUIRE(pkt);
	if (pkt->translated || !has_ports(pkt) || !may_be_news(pkt) || !is_outside(&pkt->tuple.source))
		return CONTINUE;
	tuple_canonical(&pkt->tuple, &key);
	flow = flow_lookup(&key);
	if (flow && !(starts_connection(pkt) && flow_is_closed(flow))) {
		if (flow->flags & SKIFF_FLOW_DIRECT)
			flow_touch(skb, pkt, flow, &key, FLOW_FORWARD);
		return CONTINUE;
	}
	flow = flow_new(pkt);
	if (!flow)
		return CONTINUE;
	flow->flags = SKIFF_FLOW_DIRECT;
	flow->packets[FLOW_FORWARD] = 1;
	flow->bytes[FLOW_FORWARD] = skb->len;
	flow->created_ns = flow->last_seen_ns = bpf_ktime_get_coarse_ns();
	flow_claim(flow);
	return CONTINUE;
}

/* The packet answers such a client. */
static __always_inline bool answers_direct(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_flow *flow;
	struct skiff_tuple key;

	tuple_canonical(&pkt->tuple, &key);
	flow = flow_lookup(&key);
	if (!flow || !(flow->flags & SKIFF_FLOW_DIRECT) || (starts_connection(pkt) && flow_is_closed(flow)))
		return false;
	flow_touch(skb, pkt, flow, &key, FLOW_REPLY);
	/* A server that has more to say has been answered, by a segment that was not looked at. */
	if (pkt->tuple.protocol == IPPROTO_TCP && !(pkt->tcp_flags & (TCP_SYN | TCP_RST)) &&
	    !(flow->flags & SKIFF_FLOW_ESTABLISHED))
		flow_establish(skb, flow, &key);
	return true;
}

STAGE masquerade(struct __sk_buff *skb, struct packet *pkt)
{
	__u32 ifindex = skb->ifindex;
	struct skiff_device *device;
	struct skiff_flow *flow;
	struct skiff_tuple to;
	int verdict;

	REQUIRE(pkt);
	if ((!has_ports(pkt) && pkt->fragment != FRAGMENT_LATER) || !pod_find(&pkt->tuple.source) ||
	    !is_outside(&pkt->tuple.destination))
		return CONTINUE;
	if (pkt->kind == PACKET_OTHER) /* its first has not passed: nothing says what would be its port */
		return -SKIFF_REASON_UNKNOWN_FRAGMENT;
	if (answers_direct(skb, pkt))
		return CONTINUE;
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
