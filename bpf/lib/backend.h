// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which backend of a Service serves a new client. */
#pragma once

#include "bpf/lib/address.h"
#include "bpf/lib/verdict.h"

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
	__u32 at; /* its slot, from `base`, if `found` */
	__u16 flags;
	__u16 found;
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
	if (order)
		return 0;
	search->found = 1;
	search->at = middle;
	search->flags = backend->flags;
	return 1;
}

/* Ranges are sorted: 20 halvings reach a million backends. */
static __always_inline bool range_find(struct range_search *search, __u32 base, __u32 count)
{
	search->low = 0;
	search->high = count;
	search->base = base;
	bpf_loop(20, range_search_step, search, 0);
	return search->found;
}

/* Does `wanted` get new clients of the Service? */
static __always_inline bool backend_serves(const struct skiff_frontend *frontend,
					   const struct skiff_socket_address *wanted)
{
	struct range_search search = {.wanted = *wanted};

	return range_find(&search, frontend->base, frontend->count);
}

/* CONTINUE if it may keep a client it has. One that is not ready keeps connections, no datagrams. */
STAGE backend_keeps(const struct skiff_frontend *frontend, const struct skiff_socket_address *wanted,
		    bool connection)
{
	struct range_search search = {};

	REQUIRE(frontend && wanted);
	search.wanted = *wanted;
	if (range_find(&search, frontend->base, frontend->count))
		return CONTINUE;
	if (range_find(&search, frontend->base + frontend->count, frontend->draining) &&
	    (connection || !(search.flags & SKIFF_BACKEND_UNREADY)))
		return CONTINUE;
	return -SKIFF_REASON_BACKEND_GONE;
}

static __always_inline bool backend_at(const struct skiff_frontend *frontend, __u32 offset,
				       struct skiff_socket_address *chosen)
{
	__u32 slot = frontend->base + offset;
	struct skiff_backend *backend = bpf_map_lookup_elem(&backends, &slot);

	if (!backend)
		return false;
	chosen->address = backend->address;
	chosen->port = backend->port;
	chosen->pad = 0;
	return true;
}

/* Who asks for a backend. */
struct backend_client {
	struct skiff_address address; /* zero where it cannot be known */
	__u32 kind;		      /* enum skiff_affinity_kind */
	__u32 hash;		      /* the same on every node; 0: none, chance decides */
};

/* A step of murmur3: any node computes the same, whatever its kernel. */
static __always_inline __u32 hash_step(__u32 hash, __u32 word)
{
	word *= 0xcc9e2d51;
	word = word << 15 | word >> 17;
	hash ^= word * 0x1b873593;
	hash = hash << 13 | hash >> 19;
	return hash * 5 + 0xe6546b64;
}

/* Of a client's packet; without its port where all of a client's connections go to one backend. */
static __always_inline __u32 client_hash(const struct skiff_tuple *tuple, bool with_port)
{
	__u32 hash = tuple->protocol;

#pragma unroll
	for (int i = 0; i < 4; i++)
		hash = hash_step(hash, tuple->source.word[i]);
	hash = hash_step(hash, (__u32)tuple->destination_port << 16 | (with_port ? tuple->source_port : 0));
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	hash ^= hash >> 13;
	hash *= 0xc2b2ae35;
	hash ^= hash >> 16;
	return hash ? hash : 1;
}

/* The Maglev table's answer; a slot out of range if the table contradicts its frontend. */
static __always_inline __u32 maglev_offset(const struct skiff_frontend *frontend, __u32 hash)
{
	__u32 entry = hash % frontend->maglev_size;
	__u32 index = frontend->maglev_base + entry / SKIFF_MAGLEV_BLOCK;
	struct skiff_maglev_block *block = bpf_map_lookup_elem(&maglev, &index);

	return block ? block->offset[entry % SKIFF_MAGLEV_BLOCK] : frontend->count;
}

/* Why a backend that is not the client's old one. */
static __always_inline int lb_reason_fresh(const struct skiff_frontend *frontend,
					   const struct backend_client *client)
{
	if (frontend->affinity_seconds)
		return SKIFF_LB_AFFINITY_NEW;
	if (client->hash && frontend->maglev_size)
		return SKIFF_LB_HASH;
	if (frontend->flags & SKIFF_FRONTEND_LOCAL)
		return SKIFF_LB_LOCAL;
	if (frontend->count == 1)
		return SKIFF_LB_ONLY;
	return client->hash ? SKIFF_LB_HASH : SKIFF_LB_CHOSEN;
}

/* An entry of the table has the same chance as any other, so a backend's weight is its share of them. */
static __always_inline bool backend_fresh(const struct skiff_frontend *frontend,
					  const struct backend_client *client,
					  struct skiff_socket_address *chosen)
{
	__u32 draw = client->hash ? client->hash : bpf_get_prandom_u32();
	__u32 offset = frontend->count;

	if (frontend->maglev_size)
		offset = maglev_offset(frontend, draw);
	if (offset >= frontend->count)
		offset = draw % frontend->count;
	return backend_at(frontend, offset, chosen);
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
	if (!backend_serves(frontend, chosen))
		return false;
	last->last_used_ns = now;
	return true;
}

/* Stage: chooses for a new client. Returns why this one (enum skiff_lb_reason, never 0), or a negative reason
 * if there is nobody, or the maps contradict each other.
 */
STAGE backend_choose(const struct skiff_frontend *frontend, const struct backend_client *client,
		     struct skiff_socket_address *chosen)
{
	struct skiff_affinity_key key = {};
	struct skiff_affinity fresh = {};

	REQUIRE(frontend && client && chosen);
	if (!frontend->count)
		return -SKIFF_REASON_NO_ENDPOINTS;
	if (!frontend->affinity_seconds)
		return backend_fresh(frontend, client, chosen) ? lb_reason_fresh(frontend, client)
							       : -SKIFF_REASON_BACKEND_MISSING;
	key.service_id = frontend->service_id;
	key.kind = client->kind;
	key.client = client->address;
	if (affinity_find(frontend, &key, chosen))
		return SKIFF_LB_AFFINITY;
	if (!backend_fresh(frontend, client, chosen))
		return -SKIFF_REASON_BACKEND_MISSING;
	fresh.last_used_ns = bpf_ktime_get_ns();
	fresh.backend = *chosen;
	bpf_map_update_elem(&affinity, &key, &fresh, BPF_ANY);
	return lb_reason_fresh(frontend, client);
}
