// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The flows of a CPU's last packets: counted without a hash lookup, an atomic, or a clock (ADR 0052). */
#pragma once

#include "bpf/lib/flow.h"
#include "bpf/lib/tap_match.h"

#define RECENT_SHIFT 54 /* 64 - log2(SKIFF_RECENT_FLOWS) */

static __always_inline __u64 wide_word(const void *at)
{
	return *(const __u64 *)at;
}

/* The last eight bytes of both addresses, ports and protocol; high bits of products are well mixed. */
static __always_inline __u32 recent_slot(const struct skiff_tuple *tuple)
{
	__u64 hash = wide_word(&tuple->source.word[2]) * 0x9e3779b97f4a7c15ULL;

	hash ^= wide_word(&tuple->destination.word[2]) * 0xc2b2ae3d27d4eb4fULL;
	hash ^= wide_word(&tuple->source_port) * 0x165667b19e3779f9ULL;
	hash ^= hash >> 32;
	return (hash * 0x9e3779b97f4a7c15ULL) >> RECENT_SHIFT;
}

static __always_inline bool recent_is(const struct skiff_recent_flow *recent, const struct skiff_tuple *tuple)
{
	const __u64 *a = (const __u64 *)&recent->tuple, *b = (const __u64 *)tuple;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4]));
}

static __always_inline __u32 recent_now(void)
{
	struct skiff_trace_control *control = tap_control();

	return control ? control->seconds : 0;
}

static __always_inline __u32 seen_direction(const struct skiff_seen_flow *seen,
					    const struct skiff_tuple *tuple, const struct skiff_tuple *key)
{
	return tuple_equal(tuple, key) == !!seen->forward_is_key ? FLOW_FORWARD : FLOW_REPLY;
}

/* Adds what has been counted in the slot to `seen`. */
static __always_inline void recent_add(struct skiff_recent_flow *recent, struct skiff_seen_flow *seen,
				       __u32 direction)
{
	__u64 packets = recent->packets, bytes = recent->bytes;

	recent->packets = 0;
	recent->bytes = 0;
	if (!packets)
		return;
	__sync_fetch_and_add(&seen->packets[direction & 1], packets);
	__sync_fetch_and_add(&seen->bytes[direction & 1], bytes);
}

/* Another flow wants the slot: what was counted goes where it belongs. */
static __always_inline void recent_leave(struct skiff_recent_flow *recent)
{
	struct skiff_seen_flow *seen;
	struct skiff_tuple key;

	if (!recent->packets)
		return;
	tuple_canonical(&recent->tuple, &key);
	seen = bpf_map_lookup_elem(&seen_flows, &key);
	if (seen)
		recent_add(recent, seen, seen_direction(seen, &recent->tuple, &key));
}

/* From now on this CPU's packets of `tuple` are counted in its slot; unless a flow that is as lively has it.
 */
static __always_inline void recent_take(const struct skiff_tuple *tuple)
{
	__u32 slot = recent_slot(tuple), now = recent_now();
	struct skiff_recent_flow *recent = bpf_map_lookup_elem(&recent_flows, &slot);

	if (!recent)
		return;
	if (!recent_is(recent, tuple)) {
		if (recent->seconds == now && recent->tuple.protocol)
			return;
		recent_leave(recent);
		recent->tuple = *tuple;
	}
	recent->packets = 0;
	recent->bytes = 0;
	recent->seconds = now;
}

struct recent_gathering {
	struct skiff_tuple tuple, key;
	__u32 slot;
} __attribute__((aligned(8))); /* compared by eight bytes */

static long recent_gather_cpu(__u32 cpu, struct recent_gathering *what)
{
	struct skiff_recent_flow *recent = bpf_map_lookup_percpu_elem(&recent_flows, &what->slot, cpu);
	struct skiff_seen_flow *seen;

	if (!recent)
		return 1; /* there are no more CPUs */
	if (!recent_is(recent, &what->tuple))
		return 0;
	seen = bpf_map_lookup_elem(&seen_flows, &what->key);
	if (seen)
		recent_add(recent, seen, seen_direction(seen, &what->tuple, &what->key));
	return 0;
}

/* The flow ends: what all CPUs have counted of both its directions is added. */
STAGE recent_gather(const struct skiff_tuple *tuple)
{
	struct recent_gathering what = {};

	REQUIRE(tuple);
	what.tuple = *tuple;
	tuple_canonical(&what.tuple, &what.key);
	what.slot = recent_slot(&what.tuple);
	bpf_loop(SKIFF_MOST_CPUS, recent_gather_cpu, &what, 0);
	tuple_reverse(tuple, &what.tuple);
	what.slot = recent_slot(&what.tuple);
	bpf_loop(SKIFF_MOST_CPUS, recent_gather_cpu, &what, 0);
	return CONTINUE;
}
