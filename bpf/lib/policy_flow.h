// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Flows that policy has let pass. An entry says who opened the flow, so that answers are known as such, and
 * by which generation of the rules it was last allowed.
 */
#pragma once

#include "bpf/lib/flow.h"

#define EPHEMERAL_PORT_MIN 32768

static __always_inline struct skiff_policy_flow *policy_flow_find(const struct skiff_tuple *key)
{
	struct skiff_policy_flow *flow = bpf_map_lookup_elem(&policy_flows, key);

	return flow ? flow : bpf_map_lookup_elem(&new_policy_flows, key);
}

/* As its opener's packets go? `key` is the canonical form of `tuple`. */
static __always_inline bool policy_goes_forward(const struct skiff_policy_flow *flow,
						const struct skiff_tuple *tuple,
						const struct skiff_tuple *key)
{
	return tuple_equal(tuple, key) == !!(flow->flags & SKIFF_POLICY_FLOW_FROM_KEY);
}

static __always_inline bool policy_flow_is_ready(const struct skiff_policy_flow *flow, bool forward,
						 __u8 protocol)
{
	if (flow->flags & SKIFF_POLICY_FLOW_ESTABLISHED)
		return false;
	if (protocol != IPPROTO_TCP)
		return !forward;
	return forward && (flow->flags & SKIFF_POLICY_FLOW_REPLIED);
}

/* As flow_establish(): out of reach of floods; if there is no room it stays, and may be evicted. */
static __always_inline void policy_flow_establish(struct __sk_buff *skb, struct skiff_policy_flow *flow,
						  const struct skiff_tuple *key)
{
	struct skiff_policy_flow moved = *flow;

	moved.flags |= SKIFF_POLICY_FLOW_ESTABLISHED;
	if (map_update(&policy_flows, key, &moved, BPF_ANY) < 0)
		count_reason(skb, SKIFF_REASON_POLICY_FLOW_TABLE_FULL);
	else
		bpf_map_delete_elem(&new_policy_flows, key);
}

static __always_inline void policy_flow_touch(struct __sk_buff *skb, const struct packet *pkt,
					      struct skiff_policy_flow *flow, const struct skiff_tuple *key,
					      bool forward)
{
	__u32 flags = forward ? 0 : SKIFF_POLICY_FLOW_REPLIED;
	__u64 now = bpf_ktime_get_coarse_ns();

	if (now - flow->last_seen_ns > COARSE_SECOND)
		flow->last_seen_ns = now;
	if (pkt->tcp_flags & TCP_FIN)
		flags |= forward ? SKIFF_POLICY_FLOW_FIN_FORWARD : SKIFF_POLICY_FLOW_FIN_REPLY;
	if (pkt->tcp_flags & TCP_RST)
		flags |= SKIFF_POLICY_FLOW_RESET;
	if ((flow->flags & flags) != flags)
		__sync_fetch_and_or(&flow->flags, flags);
	if (policy_flow_is_ready(flow, forward, key->protocol))
		policy_flow_establish(skb, flow, key);
}

static __always_inline bool tcp_opens(const struct packet *pkt)
{
	return (pkt->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* May this packet, of no flow we know, have opened one? TCP says so, unless the connection is older than the
 * policy (or its entry was lost): then who has the ephemeral port is the client. `allowed`: by a rule.
 */
static __always_inline bool policy_may_open(const struct packet *pkt, const struct skiff_tuple *tuple,
					    bool allowed)
{
	bool from_ephemeral = bpf_ntohs(tuple->source_port) >= EPHEMERAL_PORT_MIN;
	bool to_ephemeral = bpf_ntohs(tuple->destination_port) >= EPHEMERAL_PORT_MIN;

	if (tuple->protocol != IPPROTO_TCP || tcp_opens(pkt))
		return true;
	if (pkt->tcp_flags & (TCP_SYN | TCP_RST))
		return false;
	if (from_ephemeral != to_ephemeral)
		return from_ephemeral;
	return allowed;
}

static __always_inline void policy_flow_open(struct __sk_buff *skb, const struct skiff_tuple *tuple,
					     const struct skiff_tuple *key, __u32 generation)
{
	struct skiff_policy_flow fresh = {
		.last_seen_ns = bpf_ktime_get_coarse_ns(),
		.generation = generation,
		.flags = tuple_equal(tuple, key) ? SKIFF_POLICY_FLOW_FROM_KEY : 0,
	};

	bpf_map_delete_elem(&policy_flows, key); /* an older life of the same tuple */
	if (map_update(&new_policy_flows, key, &fresh, BPF_ANY) < 0)
		count_reason(skb, SKIFF_REASON_POLICY_FLOW_TABLE_FULL);
}
