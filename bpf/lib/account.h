// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How every program ends: flows that need no translation are counted, drops told of, taps served. */
#pragma once

#include "bpf/lib/flow.h"
#include "bpf/lib/recent.h"
#include "bpf/lib/tap.h"

#define SEEN_IDLE_NS (120 * COARSE_SECOND) /* what is silent so long is another flow of the same tuple */

static __always_inline bool seen_is_closed(const struct skiff_seen_flow *seen)
{
	return ((seen->tcp_flags[0] | seen->tcp_flags[1]) & TCP_RST) ||
	       (seen->tcp_flags[0] & seen->tcp_flags[1] & TCP_FIN);
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
	event->packets[0] = seen->packets[0];
	event->packets[1] = seen->packets[1];
	event->bytes[0] = seen->bytes[0];
	event->bytes[1] = seen->bytes[1];
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

/* First packet, or the first of another life of the tuple. An answer that is seen first belongs to a flow
 * that goes the other way.
 */
static __always_inline void seen_begin(struct __sk_buff *skb, const struct packet *pkt,
				       const struct skiff_tuple *key, int verdict)
{
	bool answer = (pkt->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
	__u32 direction = answer ? FLOW_REPLY : FLOW_FORWARD;
	struct skiff_seen_flow seen = {};

	seen.created_ns = seen.last_seen_ns = bpf_ktime_get_coarse_ns();
	if (answer) { /* constant indices: the verifier knows no others on the stack */
		seen.packets[FLOW_REPLY] = 1;
		seen.bytes[FLOW_REPLY] = skb->len;
		seen.tcp_flags[FLOW_REPLY] = pkt->tcp_flags;
	} else {
		seen.packets[FLOW_FORWARD] = 1;
		seen.bytes[FLOW_FORWARD] = skb->len;
		seen.tcp_flags[FLOW_FORWARD] = pkt->tcp_flags;
	}
	seen.forward_is_key = tuple_equal(&pkt->tuple, key) != answer;
	bpf_map_update_elem(&seen_flows, key, &seen, BPF_ANY);
	trace_seen(skb, pkt, &seen, direction, SKIFF_TRACE_NEW, verdict);
}

/* A tuple used again: TCP says so, others are silent first. */
static __always_inline bool seen_is_over(struct skiff_seen_flow *seen, const struct packet *pkt)
{
	__u64 now = bpf_ktime_get_coarse_ns();

	if (pkt->tuple.protocol == IPPROTO_TCP && (pkt->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return seen_is_closed(seen);
	if (pkt->tuple.protocol != IPPROTO_TCP && now - seen->last_seen_ns > SEEN_IDLE_NS)
		return true;
	if (now - seen->last_seen_ns > COARSE_SECOND)
		seen->last_seen_ns = now;
	return false;
}

static __always_inline void seen_touch(struct __sk_buff *skb, const struct packet *pkt,
				       struct skiff_seen_flow *seen, __u32 direction, int verdict)
{
	__u8 *flags = &seen->tcp_flags[direction & 1];
	bool was_closed;

	__sync_fetch_and_add(&seen->packets[direction & 1], 1);
	__sync_fetch_and_add(&seen->bytes[direction & 1], skb->len);
	if ((*flags | pkt->tcp_flags) == *flags)
		return;
	was_closed = seen_is_closed(seen);
	*flags |= pkt->tcp_flags;
	if (was_closed || !seen_is_closed(seen))
		return;
	recent_gather(&pkt->tuple);
	trace_seen(skb, pkt, seen, direction, SKIFF_TRACE_CLOSED, verdict);
}

/* What this CPU has counted of the packet's flow goes to `seen`. */
static __always_inline void seen_collect(const struct packet *pkt, struct skiff_seen_flow *seen,
					 __u32 direction)
{
	__u32 slot = recent_slot(&pkt->tuple);
	struct skiff_recent_flow *recent = bpf_map_lookup_elem(&recent_flows, &slot);

	if (recent && recent_is(recent, &pkt->tuple))
		recent_add(recent, seen, direction);
}

/* A packet that this CPU has not counted its like of in this second, or that begins or ends something. */
STAGE account_seen(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	struct skiff_seen_flow *seen;
	struct skiff_tuple key;
	__u32 direction;

	REQUIRE(pkt);
	tuple_canonical(&pkt->tuple, &key);
	seen = bpf_map_lookup_elem(&seen_flows, &key);
	if (seen && !seen_is_over(seen, pkt)) {
		direction = seen_direction(seen, &pkt->tuple, &key);
		seen_collect(pkt, seen, direction);
		seen_touch(skb, pkt, seen, direction, verdict);
	} else {
		seen_begin(skb, pkt, &key, verdict);
	}
	recent_take(&pkt->tuple);
	return CONTINUE;
}

/* Stage: counts a packet of a flow that has no entry of its own. */
STAGE account(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	struct skiff_recent_flow *recent;
	__u32 slot;

	REQUIRE(pkt);
	slot = recent_slot(&pkt->tuple);
	recent = bpf_map_lookup_elem(&recent_flows, &slot);
	if (!recent || !recent_is(recent, &pkt->tuple) || recent->seconds != recent_now() ||
	    (pkt->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)))
		return account_seen(skb, pkt, verdict);
	recent->packets++;
	recent->bytes += skb->len;
	return CONTINUE;
}

/* Each packet of a pod is counted once a node: where it enters the node's hands. */
static __always_inline bool is_accounted(const struct __sk_buff *skb, const struct packet *pkt, int verdict)
{
	if (pkt->translated || pkt->refused || (pkt->kind != PACKET_PORTS && pkt->kind != PACKET_ECHO) ||
	    pkt->fragment == FRAGMENT_LATER)
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
