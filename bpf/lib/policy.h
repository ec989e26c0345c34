// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stage: NetworkPolicy, between translation and delivery. It judges the addresses that pods have: of requests
 * after a Service was translated, of answers before they got the Service's address back.
 */
#pragma once

#include "bpf/lib/deliver.h"
#include "bpf/lib/icmp_error.h"
#include "bpf/lib/policy_flow.h"
#include "bpf/lib/policy_rules.h"

#define ND_HOP_LIMIT 255 /* RFC 4861: neighbour discovery comes from the link itself */

/* The tuple as client and backend have it. An answer that got its Service's address back is found by the
 * alias of its request; a masquerade, which changes the source, is undone by now.
 */
static __always_inline void policy_undo_service(struct skiff_tuple *tuple)
{
	struct skiff_flow_alias *alias;
	struct skiff_tuple request;

	tuple_reverse(tuple, &request);
	alias = bpf_map_lookup_elem(&aliases, &request);
	if (!alias)
		alias = bpf_map_lookup_elem(&new_aliases, &request);
	if (alias && address_equal(&alias->translated.source, &tuple->destination))
		tuple_reverse(&alias->translated, tuple);
}

/* Traffic with the pod's own node is always allowed, whatever the address (kubernetes.io, "Network
 * Policies"). The cluster DNS is answered by the node, at a Service address without a frontend.
 */
static __always_inline bool policy_is_own_node(struct __sk_buff *skb, const struct packet *pkt)
{
	struct bpf_fib_lookup fib = {};

	if (is_node_address(&pkt->tuple.destination, SKIFF_NODE_LOCAL) ||
	    (!pkt->translated && (range_flags(&pkt->tuple.destination) & SKIFF_RANGE_SERVICE)))
		return true;
	return fib_lookup(skb, pkt, &fib) == BPF_FIB_LKUP_RET_NOT_FWDED;
}

/* Errors about a flow that passes, pass: path MTU discovery, refused ports. */
static __always_inline bool policy_knows_quoted(struct __sk_buff *skb, const struct packet *pkt)
{
	struct quoted_packet quoted;
	struct skiff_policy_flow *flow;
	struct skiff_flow_alias *alias;
	struct skiff_tuple key;

	if (!quoted_parse(skb, pkt, &quoted))
		return false;
	key = quoted.tuple;
	alias = bpf_map_lookup_elem(&aliases, &key);
	if (!alias)
		alias = bpf_map_lookup_elem(&new_aliases, &key);
	if (alias && address_equal(&alias->translated.source, &key.source))
		quoted.tuple = alias->translated;
	tuple_canonical(&quoted.tuple, &key);
	flow = policy_flow_find(&key);
	return flow && !(flow->flags & SKIFF_POLICY_FLOW_DENIED);
}

/* No rule lets the packet pass: what no rule can forbid passes all the same. */
STAGE policy_exempt(struct __sk_buff *skb, struct packet *pkt, int verdict)
{
	REQUIRE(pkt);
	if (pkt->kind == PACKET_ICMP_ERROR && policy_knows_quoted(skb, pkt))
		return CONTINUE;
	if (verdict == -SKIFF_REASON_POLICY_EGRESS && policy_is_own_node(skb, pkt))
		return CONTINUE;
	if (is_icmp(pkt) && !pkt->is_v4 && pkt->kind == PACKET_OTHER && pkt->hop_limit == ND_HOP_LIMIT)
		return CONTINUE;
	return verdict;
}

/* Rules have changed since `flow` was allowed: would it be opened now? */
static __always_inline void policy_revalidate(struct skiff_policy_flow *flow, const struct skiff_tuple *tuple,
					      bool forward, __u32 generation)
{
	struct skiff_tuple request = *tuple;

	if (!forward)
		tuple_reverse(tuple, &request);
	if (policy_evaluate(&request) < 0)
		__sync_fetch_and_or(&flow->flags, SKIFF_POLICY_FLOW_DENIED);
	else
		__sync_fetch_and_and(&flow->flags, ~SKIFF_POLICY_FLOW_DENIED);
	flow->generation = generation;
}

/* Does a known flow let the packet pass? */
STAGE policy_known(struct __sk_buff *skb, struct packet *pkt, const struct skiff_tuple *tuple,
		   __u32 generation)
{
	struct skiff_policy_flow *flow;
	struct skiff_tuple mine, key;
	bool forward;

	REQUIRE(pkt && tuple);
	mine = *tuple;
	tuple_canonical(&mine, &key);
	flow = policy_flow_find(&key);
	if (!flow)
		return false;
	if (mine.protocol == IPPROTO_TCP && tcp_opens(pkt))
		return false; /* asked anew */
	forward = policy_goes_forward(flow, &mine, &key);
	if (flow->generation != generation)
		policy_revalidate(flow, &mine, forward, generation);
	if (flow->flags & SKIFF_POLICY_FLOW_DENIED)
		return false;
	policy_flow_touch(skb, pkt, flow, &key, forward);
	return true;
}

/* A pod that is its own backend: a pod may always reach itself. */
static __always_inline bool policy_is_itself(struct __sk_buff *skb, const struct packet *pkt)
{
	struct skiff_pod *pod = pkt->translated ? pod_find(&pkt->tuple.destination) : NULL;

	return pod && pod->ifindex == skb->ifindex;
}

/* A packet of no flow that passes: by its rules, and into an entry if it opens a flow. */
STAGE policy_open(struct __sk_buff *skb, struct packet *pkt, const struct skiff_tuple *tuple,
		  __u32 generation)
{
	struct skiff_policy_flow *known;
	struct skiff_tuple mine, key;
	int answer;

	REQUIRE(pkt && tuple);
	if (policy_is_itself(skb, pkt))
		return CONTINUE;
	mine = *tuple;
	answer = policy_evaluate(&mine);
	if (answer < 0)
		return answer;
	if (pkt->kind == PACKET_ICMP_ERROR || !policy_may_open(pkt, &mine, answer == POLICY_ALLOWED))
		return CONTINUE;
	tuple_canonical(&mine, &key);
	/* The answer to a flow that is denied now: free to go, and opens nothing. */
	known = policy_flow_find(&key);
	if (known && (known->flags & SKIFF_POLICY_FLOW_DENIED) && !policy_goes_forward(known, &mine, &key)) {
		known->last_seen_ns = bpf_ktime_get_coarse_ns();
		return CONTINUE;
	}
	policy_flow_open(skb, &mine, &key, generation);
	return CONTINUE;
}

STAGE policy_enforce(struct __sk_buff *skb, struct packet *pkt, __u32 generation)
{
	struct skiff_tuple tuple;
	int verdict;

	REQUIRE(pkt);
	tuple = pkt->tuple;
	if (pkt->translated)
		policy_undo_service(&tuple);
	if (!policy_of(&tuple.source) && !policy_of(&tuple.destination))
		return CONTINUE;
	pkt->policed = 1;
	if (policy_known(skb, pkt, &tuple, generation) > 0)
		return CONTINUE;
	verdict = policy_open(skb, pkt, &tuple, generation);
	return verdict < 0 ? policy_exempt(skb, pkt, verdict) : verdict;
}

/* One array lookup where no pod of the node is isolated. */
static __always_inline int policy(struct __sk_buff *skb, struct packet *pkt)
{
	__u32 zero = 0;
	struct skiff_policy_state *state = bpf_map_lookup_elem(&policy_state, &zero);

	if (!state || !state->pods)
		return CONTINUE;
	return policy_enforce(skb, pkt, state->generation);
}
