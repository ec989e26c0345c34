// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What Services are used for: once a connection, and once a second a flow, never once a packet. */
#pragma once

#include "bpf/maps.h"

static __always_inline struct skiff_service_counter *service_counter(__u32 service_id)
{
	struct skiff_service_counter *counter = bpf_map_lookup_elem(&service_counters, &service_id);
	struct skiff_service_counter none = {};

	if (counter || !service_id)
		return counter;
	bpf_map_update_elem(&service_counters, &service_id, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&service_counters, &service_id);
}

static __always_inline void count_connection(__u32 service_id)
{
	struct skiff_service_counter *counter = service_counter(service_id);

	if (!counter)
		return;
	__sync_fetch_and_add(&counter->connections, 1);
	counter->last_used_ns = bpf_ktime_get_coarse_ns();
}

static __always_inline void count_refused(__u32 service_id)
{
	struct skiff_service_counter *counter = service_counter(service_id);

	if (!counter)
		return;
	__sync_fetch_and_add(&counter->refused, 1);
	counter->last_used_ns = bpf_ktime_get_coarse_ns();
}

/* Adds what `bytes` has beyond `reported`. Two CPUs may come at once: the one that moves `reported` adds. */
static __always_inline void report_bytes(__u64 *sum, const __u64 *bytes, __u64 *reported)
{
	__u64 before = *reported;
	__u64 now = *bytes;

	if (now > before && __sync_val_compare_and_swap(reported, before, now) == before)
		__sync_fetch_and_add(sum, now - before);
}

static __always_inline void count_bytes(struct skiff_flow *flow)
{
	struct skiff_service_counter *counter;

	if (!flow->service_id)
		return;
	counter = service_counter(flow->service_id);
	if (!counter)
		return;
	report_bytes(&counter->bytes[0], &flow->bytes[0], &flow->reported[0]);
	report_bytes(&counter->bytes[1], &flow->bytes[1], &flow->reported[1]);
	counter->last_used_ns = flow->last_seen_ns;
}
