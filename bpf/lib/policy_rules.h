// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What the rules of the pods at both ends of a flow say: two or three lookups an end, no state. */
#pragma once

#include "bpf/lib/packet.h"

enum policy_answer {
	POLICY_FREE = 0,    /* no end is isolated in this direction */
	POLICY_ALLOWED = 1, /* some rule lets the flow be opened */
};

#define POLICY_TABLE_BITS 32
#define POLICY_PORT_BITS  64

static __always_inline struct skiff_pod_policy *policy_of(const struct skiff_address *address)
{
	struct skiff_address key = *address;

	return bpf_map_lookup_elem(&pod_policies, &key);
}

static __always_inline bool policy_isolates(const struct skiff_pod_policy *policy,
					    enum skiff_policy_direction direction)
{
	return policy && (policy->side[direction].flags & SKIFF_POLICY_ISOLATED);
}

/* The ports that `side` allows with this peer. The exact entry of an address includes the ranges it is in. */
static __always_inline __u32 policy_port_set(const struct skiff_policy_side *side,
					     const struct skiff_address *peer)
{
	struct skiff_policy_peer_key exact = {.table = side->table, .address = *peer};
	struct skiff_policy_range_key range = {
		.prefix_bits = POLICY_TABLE_BITS + 128,
		.table = side->table,
		.address = *peer,
	};
	__u32 *set = NULL;

	if (side->flags & SKIFF_POLICY_PEERS)
		set = bpf_map_lookup_elem(&policy_peers, &exact);
	if (!set && (side->flags & SKIFF_POLICY_RANGES))
		set = bpf_map_lookup_elem(&policy_ranges, &range);
	return set ? *set : side->others;
}

static __always_inline bool policy_allows(const struct skiff_policy_side *side,
					  const struct skiff_address *peer, const struct skiff_tuple *tuple)
{
	struct skiff_policy_port_key key = {
		.prefix_bits = POLICY_PORT_BITS,
		.set = policy_port_set(side, peer),
		.protocol = tuple->protocol,
		.port = tuple->destination_port,
	};

	if (key.set == SKIFF_PORTS_NONE || key.set == SKIFF_PORTS_ALL)
		return key.set == SKIFF_PORTS_ALL;
	return bpf_map_lookup_elem(&policy_ports, &key) != NULL;
}

/* May `tuple`'s source open this flow? An answer of enum policy_answer, or the reason why not. */
STAGE policy_evaluate(const struct skiff_tuple *tuple)
{
	struct skiff_pod_policy *policy;
	int answer = POLICY_FREE;

	REQUIRE(tuple);
	policy = policy_of(&tuple->source);
	if (policy_isolates(policy, SKIFF_POLICY_EGRESS)) {
		if (!policy_allows(&policy->side[SKIFF_POLICY_EGRESS], &tuple->destination, tuple))
			return -SKIFF_REASON_POLICY_EGRESS;
		answer = POLICY_ALLOWED;
	}
	policy = policy_of(&tuple->destination);
	if (policy_isolates(policy, SKIFF_POLICY_INGRESS)) {
		if (!policy_allows(&policy->side[SKIFF_POLICY_INGRESS], &tuple->source, tuple))
			return -SKIFF_REASON_POLICY_INGRESS;
		answer = POLICY_ALLOWED;
	}
	return answer;
}
