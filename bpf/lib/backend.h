// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which backend of a Service serves a new client. */
#pragma once

#include "bpf/lib/address.h"
#include "bpf/maps.h"

#define NANOSECONDS 1000000000ULL

static __always_inline int backend_compare(const struct skiff_backend *a,
					   const struct skiff_socket_address *b)
{
	int order = address_compare(&a->address, &b->address);

	if (order || a->port == b->port)
		return order;
	return bpf_ntohs(a->port) < bpf_ntohs(b->port) ? -1 : 1;
}

struct range_search {
	struct skiff_socket_address wanted;
	__u32 low, high; /* offsets of slots that may hold it: low inclusive, high exclusive */
	__u32 base;
	__u32 found;
};

/* One halving. A callback, because the verifier would follow every path through an unrolled search. */
static long range_search_step(__u32 step __attribute__((unused)), struct range_search *search)
{
	__u32 middle = search->low + (search->high - search->low) / 2;
	__u32 slot = search->base + middle;
	struct skiff_backend *backend;
	int order;

	if (search->low >= search->high)
		return 1;
	backend = bpf_map_lookup_elem(&backends, &slot);
	if (!backend)
		return 1;
	order = backend_compare(backend, &search->wanted);
	if (order < 0)
		search->low = middle + 1;
	else
		search->high = middle;
	search->found = order == 0;
	return order == 0;
}

/* Does `wanted` still serve the Service? Ranges are sorted: 20 halvings reach a million backends. */
static __always_inline bool backend_in_range(const struct skiff_frontend *frontend,
					     const struct skiff_socket_address *wanted)
{
	struct range_search search = {
		.wanted = *wanted,
		.high = frontend->count,
		.base = frontend->base,
	};

	bpf_loop(20, range_search_step, &search, 0);
	return search.found;
}

static __always_inline bool backend_random(const struct skiff_frontend *frontend,
					   struct skiff_socket_address *chosen)
{
	__u32 slot = frontend->base + bpf_get_prandom_u32() % frontend->count;
	struct skiff_backend *backend = bpf_map_lookup_elem(&backends, &slot);

	if (!backend)
		return false;
	chosen->address = backend->address;
	chosen->port = backend->port;
	chosen->pad = 0;
	return true;
}

/* The backend this client used last, if it is young enough and still serves: else a miss, never a drop. */
static __always_inline bool affinity_find(const struct skiff_frontend *frontend,
					  const struct skiff_affinity_key *key,
					  struct skiff_socket_address *chosen)
{
	struct skiff_affinity *last = bpf_map_lookup_elem(&affinity, key);
	__u64 now = bpf_ktime_get_ns();

	if (!last || now - last->last_used_ns > frontend->affinity_seconds * NANOSECONDS)
		return false;
	*chosen = last->backend;
	if (!backend_in_range(frontend, chosen))
		return false;
	last->last_used_ns = now;
	return true;
}

/* Chooses for a new client. The caller has checked count > 0. `client` is zero where it cannot be known;
 * false only if the map contradicts itself.
 */
static __always_inline bool backend_choose(const struct skiff_frontend *frontend,
					   const struct skiff_address *client, __u32 client_kind,
					   struct skiff_socket_address *chosen)
{
	struct skiff_affinity_key key = {
		.service_id = frontend->service_id,
		.kind = client_kind,
		.client = *client,
	};
	struct skiff_affinity fresh = {};

	if (!frontend->affinity_seconds)
		return backend_random(frontend, chosen);
	if (affinity_find(frontend, &key, chosen))
		return true;
	if (!backend_random(frontend, chosen))
		return false;
	fresh.last_used_ns = bpf_ktime_get_ns();
	fresh.backend = *chosen;
	bpf_map_update_elem(&affinity, &key, &fresh, BPF_ANY);
	return true;
}
