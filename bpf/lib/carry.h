// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stages of both ends of a way that answers do not take: a client's packet goes across the overlay as it
 * came, to the node of the backend that was chosen for it; that node translates it and answers with the
 * address that was asked (ADR 0041). Nobody needs the MAC addresses of what a tunnel carries: they say which
 * backend.
 */
#pragma once

#include "bpf/lib/backend.h"
#include "bpf/lib/flow.h"
#include "bpf/lib/overlay.h"

#define UNICAST_MAC bpf_htons(0x0200) /* locally administered */

/* In place of the two addresses. */
struct carried_choice {
	__be16 unicast;
	__be16 hash[2]; /* of the backend */
	__be16 unicast_again;
	__be16 slot[2]; /* where its sender has it: most often it is there at the receiver too */
};

static __always_inline __u32 backend_hash(const struct skiff_address *address, __be16 port)
{
	__u32 hash = port;

#pragma unroll
	for (int i = 0; i < 4; i++)
		hash = hash_step(hash, address->word[i]);
	return hash ^ hash >> 15;
}

static __always_inline __u32 slot_of(const struct skiff_frontend *frontend,
				     const struct skiff_socket_address *backend)
{
	struct range_search search = {.wanted = *backend};

	return range_find(&search, frontend->base, frontend->count) ? search.at : 0;
}

/* Stage: to the node of `backend`. What does not fit may only be cut outside: the datagram around it. */
STAGE carry(struct __sk_buff *skb, struct packet *pkt, const struct skiff_socket_address *backend, __u32 slot)
{
	struct carried_choice choice = {.unicast = UNICAST_MAC, .unicast_again = UNICAST_MAC};
	struct skiff_address address;
	struct skiff_peer *peer;
	__u32 ifindex, hash, mtu = 0;
	int verdict;

	REQUIRE(pkt && backend);
	address = backend->address;
	peer = peer_find(&address);
	if (!peer)
		return -SKIFF_REASON_NO_PEER;
	ifindex = peer->ifindex;
	if (!pkt->may_fragment && bpf_check_mtu(skb, ifindex, &mtu, 0, BPF_MTU_CHK_SEGS)) {
		pkt->mtu = mtu;
		return -SKIFF_REASON_TOO_BIG;
	}
	if (pkt->hop_limit <= 1)
		return -SKIFF_REASON_HOP_LIMIT;
	if (!outer_header(skb, peer, SKIFF_CARRIED_VNI))
		return -SKIFF_REASON_REWRITE_FAILED;
	verdict = decrement_hop_limit(skb, pkt);
	if (verdict)
		return verdict;
	hash = bpf_htonl(backend_hash(&address, backend->port));
	slot = bpf_htonl(slot);
	__builtin_memcpy(choice.hash, &hash, sizeof(hash));
	__builtin_memcpy(choice.slot, &slot, sizeof(slot));
	if (bpf_skb_store_bytes(skb, 0, &choice, sizeof(choice), 0) < 0)
		return -SKIFF_REASON_REWRITE_FAILED;
	pkt->translated = 1; /* by the other node: it has a flow here */
	skb->mark = SKIFF_CARRIED_MARK;
	return redirected(bpf_redirect(ifindex, 0));
}

/* A later packet of a flow that is carried. */
static __always_inline int carry_on(struct __sk_buff *skb, struct packet *pkt, struct skiff_flow *flow,
				    const struct skiff_tuple *key)
{
	struct skiff_socket_address backend = {
		.address = flow->translated.destination,
		.port = flow->translated.destination_port,
	};

	flow_touch(skb, pkt, flow, key, FLOW_FORWARD);
	return carry(skb, pkt, &backend, 0);
}

struct choice_search {
	struct skiff_socket_address found;
	__u32 base, count;
	__u32 slot; /* where to begin */
	__u32 hash;
	__u32 done;
};

static long choice_search_step(__u32 step, struct choice_search *search)
{
	__u32 at = search->slot + step;
	__u32 slot = search->base + (at < search->count ? at : at - search->count);
	struct skiff_backend *backend;

	if (step >= search->count)
		return 1;
	backend = bpf_map_lookup_elem(&backends, &slot);
	if (!backend)
		return 1;
	if (backend_hash(&backend->address, backend->port) != search->hash)
		return 0;
	search->found.address = backend->address;
	search->found.port = backend->port;
	search->done = 1;
	return 1;
}

#define MOST_CHOICES 65536

/* Stage: the backend that the sender chose, if it is one here. The first look finds it, unless the sender's
 * endpoints and ours differ.
 */
STAGE carried_choice(struct __sk_buff *skb, const struct skiff_frontend *frontend,
		     struct skiff_socket_address *chosen)
{
	struct choice_search search = {};
	struct carried_choice choice;
	__u32 hash, slot;

	REQUIRE(frontend && chosen);
	if (bpf_skb_load_bytes(skb, 0, &choice, sizeof(choice)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	__builtin_memcpy(&hash, choice.hash, sizeof(hash));
	__builtin_memcpy(&slot, choice.slot, sizeof(slot));
	search.base = frontend->base;
	search.count =
		frontend->count + frontend->draining; /* a connection may be older than what we know of it */
	search.hash = bpf_ntohl(hash);
	search.slot = bpf_ntohl(slot);
	if (search.slot >= search.count)
		search.slot = 0;
	bpf_loop(MOST_CHOICES, choice_search_step, &search, 0);
	if (!search.done)
		return -SKIFF_REASON_BACKEND_MISSING;
	*chosen = search.found;
	return CONTINUE;
}
