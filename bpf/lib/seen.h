// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Flows that need no translation: counted where they go, told of when they begin and end. Each direction
 * keeps the way its packets take (bpf/lib/way.h).
 */
#pragma once

#include "bpf/lib/flow.h"
#include "bpf/lib/masquerade.h"

#define SEEN_IDLE_NS (120 * COARSE_SECOND) /* what is silent so long is another flow of the same tuple */

static __always_inline bool seen_is_closed(const struct skiff_seen_flow *seen)
{
	__u8 forward = seen->ways[FLOW_FORWARD].tcp_flags, reply = seen->ways[FLOW_REPLY].tcp_flags;

	return ((forward | reply) & TCP_RST) || (forward & reply & TCP_FIN);
}

/* Tells of an untranslated flow, as `seen` has it. */
static __always_inline void trace_seen(struct __sk_buff *skb, const struct packet *pkt,
				       const struct skiff_seen_flow *seen, __u32 direction, __u8 kind,
				       int verdict)
{
	struct skiff_flow_event *event =
		trace_flow_event(SKIFF_TRACE_CLASS_FLOW, TRACE_LIMIT_FLOW, kind, pkt->hook);

	if (!event)
		return;
	trace_header(&event->header, skb, pkt);
	event->created_ns = seen->created_ns;
	event->packets[0] = seen->ways[0].packets;
	event->packets[1] = seen->ways[1].packets;
	event->bytes[0] = seen->ways[0].bytes;
	event->bytes[1] = seen->ways[1].bytes;
	if (direction == FLOW_REPLY) {
		tuple_reverse(&pkt->tuple, &event->original);
		event->flags = SKIFF_TRACE_REPLY;
	} else {
		event->original = pkt->tuple;
	}
	if (verdict != REDIRECT)
		event->flags |= SKIFF_TRACE_STACK;
	event->translated = event->original;
	trace_submit(event);
}

/* A tuple used again: TCP says so, others are silent first. */
static __always_inline bool seen_is_over(struct skiff_seen_flow *seen, const struct packet *pkt)
{
	__u64 now = bpf_ktime_get_coarse_ns();

	if (pkt->tuple.protocol == IPPROTO_TCP && starts_connection(pkt))
		return seen_is_closed(seen);
	if (pkt->tuple.protocol != IPPROTO_TCP && now - seen->last_seen_ns > SEEN_IDLE_NS)
		return true;
	if (now - seen->last_seen_ns > COARSE_SECOND)
		seen->last_seen_ns = now;
	return false;
}

/* `swapped`: the packet's tuple is not in canonical order. */
static __always_inline __u32 seen_direction(const struct skiff_seen_flow *seen, bool swapped)
{
	return !swapped == !!seen->forward_is_key ? FLOW_FORWARD : FLOW_REPLY;
}

static __always_inline void seen_touch(struct __sk_buff *skb, const struct packet *pkt,
				       struct skiff_seen_flow *seen, __u32 direction, int verdict)
{
	struct skiff_way *way = &seen->ways[direction & 1];
	bool was_closed;

	__sync_fetch_and_add(&way->packets, 1);
	__sync_fetch_and_add(&way->bytes, skb->len);
	if ((way->tcp_flags | pkt->tcp_flags) == way->tcp_flags)
		return;
	was_closed = seen_is_closed(seen);
	way->tcp_flags |= pkt->tcp_flags;
	if (!was_closed && seen_is_closed(seen))
		trace_seen(skb, pkt, seen, direction, SKIFF_TRACE_CLOSED, verdict);
}

static __always_inline __u32 way_now(void)
{
	return bpf_ktime_get_coarse_ns() >> SKIFF_WAY_TICK_SHIFT;
}

/* Tells the ways of flows apart whose entries take each other's place while they are read. */
static __always_inline __u32 way_check(const struct skiff_tuple *tuple)
{
	__u64 mixed =
		((__u64)tuple->source.word[3] << 32 | tuple->destination.word[3]) * 0x9e3779b97f4a7c15ULL;

	mixed ^= ((__u64)tuple->source_port << 16 | tuple->destination_port) * 0xc2b2ae3d27d4eb4fULL;
	return mixed >> 32;
}

/* Where the packet goes, others of its flow may go without asking again. Not where something is done for each
 * packet: limits, policy, clients outside whose flow is noted.
 */
static __always_inline void way_record(const struct __sk_buff *skb, const struct packet *pkt,
				       struct skiff_way *way, int verdict)
{
	struct skiff_pod *pod = NULL;
	struct skiff_way *found;
	__u32 zero = 0;

	if (verdict < 0 || !pkt->way || !pkt->epoch || pkt->tapped || pkt->limited || pkt->policed ||
	    pkt->fragment != FRAGMENT_NONE || config.foreign)
		return;
	if (pkt->hook == SKIFF_HOOK_FROM_POD)
		pod = pod_find(&pkt->tuple.source);
	else if (is_outside(&pkt->tuple.source))
		return;
	found = bpf_map_lookup_elem(&way_scratch, &zero);
	if (!found)
		return;
	way->valid = 0;
	barrier();
	way->check = way_check(&pkt->tuple);
	way->from_ifindex = skb->ifindex;
	way->to_ifindex = found->to_ifindex;
	way->mtu = found->mtu;
	way->kind = pkt->way;
	__builtin_memcpy(way->next_hop, found->next_hop, sizeof(way->next_hop));
	if (pod && (config.check_pod_source & SKIFF_CHECK_POD_MAC)) {
		way->kind |= SKIFF_WAY_MAC;
		__builtin_memcpy(way->source_mac, pod->mac, sizeof(way->source_mac));
	}
	barrier();
	way->valid = (__u64)pkt->epoch << 32 | way_now();
}

static __always_inline void way_restart(struct __sk_buff *skb, const struct packet *pkt,
					struct skiff_way *way, bool counts, int verdict)
{
	way->valid = 0;
	way->packets = counts;
	way->bytes = counts ? skb->len : 0;
	way->tcp_flags = counts ? pkt->tcp_flags : 0;
	if (counts)
		way_record(skb, pkt, way, verdict);
}

/* First packet, or the first of another life of the tuple: that one takes its own place, which costs a fifth
 * of finding a new one. An answer that is seen first belongs to a flow that goes the other way.
 */
static __always_inline void seen_begin(struct __sk_buff *skb, const struct packet *pkt,
				       struct skiff_seen_flow *seen, bool swapped, int verdict)
{
	bool answer = (pkt->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);

	seen->created_ns = seen->last_seen_ns = bpf_ktime_get_coarse_ns();
	seen->forward_is_key = swapped == answer;
	way_restart(skb, pkt, &seen->ways[FLOW_FORWARD], !answer, verdict);
	way_restart(skb, pkt, &seen->ways[FLOW_REPLY], answer, verdict);
	trace_seen(skb, pkt, seen, answer ? FLOW_REPLY : FLOW_FORWARD, SKIFF_TRACE_NEW, verdict);
}

/* Stage: counts a packet of a flow that has no entry of its own, and that took the long way. */
STAGE account(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	struct skiff_seen_flow *seen;
	struct skiff_tuple key;
	__u32 direction;
	bool swapped;

	REQUIRE(pkt);
	swapped = tuple_canonical(&pkt->tuple, &key);
	seen = bpf_map_lookup_elem(&seen_flows, &key);
	if (!seen) {
		struct skiff_seen_flow fresh = {};

		seen_begin(skb, pkt, &fresh, swapped, verdict);
		bpf_map_update_elem(&seen_flows, &key, &fresh, BPF_ANY);
		return CONTINUE;
	}
	if (seen_is_over(seen, pkt)) {
		seen_begin(skb, pkt, seen, swapped, verdict);
		return CONTINUE;
	}
	direction = seen_direction(seen, swapped);
	seen_touch(skb, pkt, seen, direction, verdict);
	way_record(skb, pkt, &seen->ways[direction & 1], verdict);
	return CONTINUE;
}
