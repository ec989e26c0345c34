// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Last stages: into a pod of this node, back to the node itself, or out by the node's routes, past the
 * host's stack.
 */
#pragma once

#include "bpf/lib/masquerade.h"
#include "bpf/lib/mtu.h"
#include "bpf/lib/overlay.h"

#define AF_INET	 2
#define AF_INET6 10

enum deliver_hook {
	HOOK_INGRESS, /* redirect_peer is possible */
	HOOK_EGRESS,
};

static __always_inline bool store_macs(struct __sk_buff *skb, const __u8 *destination, const __u8 *source)
{
	__u8 macs[2 * ETH_ALEN];

	__builtin_memcpy(macs, destination, ETH_ALEN);
	__builtin_memcpy(macs + ETH_ALEN, source, ETH_ALEN);
	return bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0) == 0;
}

/* Past the host's stack, or through the queue that limits what the pod gets. */
static __always_inline long redirect_into(struct __sk_buff *skb, const struct skiff_pod *pod,
					  enum deliver_hook hook)
{
	if (hook == HOOK_INGRESS && !(pod->flags & SKIFF_POD_INGRESS_QUEUED))
		return bpf_redirect_peer(pod->ifindex, 0);
	if (hook == HOOK_INGRESS)
		skb->mark = SKIFF_DELIVERED_MARK;
	return bpf_redirect(pod->ifindex, 0);
}

/* Room to note where the packet goes, for those after it; NULL: they ask, too. */
static __always_inline struct skiff_way *way_room(void)
{
	__u32 zero = 0;

	return config.trace && !config.foreign ? bpf_map_lookup_elem(&way_scratch, &zero) : NULL;
}

/* Unless its limits are asked each time. */
static __always_inline void way_into(struct packet *pkt, const struct skiff_pod *pod)
{
	struct skiff_way *way = way_room();
	__u8 *macs;

	if (!way)
		return;
	macs = (__u8 *)way->next_hop;
	pkt->way = SKIFF_WAY_POD;
	way->to_ifindex = pod->ifindex;
	__builtin_memcpy(macs, pod->mac, ETH_ALEN);
	__builtin_memcpy(macs + ETH_ALEN, pod->gateway_mac, ETH_ALEN);
}

STAGE deliver_pod(struct __sk_buff *skb, struct packet *pkt, enum deliver_hook hook)
{
	struct skiff_pod *pod;
	int verdict;

	REQUIRE(pkt);
	pod = pod_find(&pkt->tuple.destination);
	if (!pod)
		return CONTINUE;
	verdict = decrement_hop_limit(skb, pkt);
	if (verdict == CONTINUE && pkt->limited)
		verdict = bandwidth_egress(skb, pkt, 0);
	/* By the other hook it meets the same limit at the pod's device (skiff_to_pod). */
	if (verdict == CONTINUE && hook == HOOK_INGRESS && (pod->flags & SKIFF_POD_INGRESS_LIMITED))
		verdict = bandwidth_ingress(skb, pkt, pod->ifindex);
	if (verdict)
		return verdict;
	if (pkt->hook == SKIFF_HOOK_FROM_DEVICE)
		note_direct(skb, pkt);
	if (hook == HOOK_INGRESS && !pod->flags)
		way_into(pkt, pod);
	if (!store_macs(skb, pod->mac, pod->gateway_mac))
		return -SKIFF_REASON_REWRITE_FAILED;
	return redirected(redirect_into(skb, pod, hook));
}

/* The node asked for a Service and serves it: what was on its way out comes in again. */
STAGE deliver_node(struct __sk_buff *skb, struct packet *pkt)
{
	__u8 macs[2 * ETH_ALEN];

	REQUIRE(pkt);
	if (!is_node_address(&pkt->tuple.destination, SKIFF_NODE_LOCAL))
		return CONTINUE;
	if (bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)) < 0 || !store_macs(skb, macs + ETH_ALEN, macs))
		return -SKIFF_REASON_REWRITE_FAILED;
	return redirected(bpf_redirect(skb->ifindex, BPF_F_INGRESS));
}

/* Between whom a route is asked for. */
static __always_inline void fib_between(struct bpf_fib_lookup *fib, bool is_v4,
					const struct skiff_address *source,
					const struct skiff_address *destination)
{
	if (is_v4) {
		fib->family = AF_INET;
		fib->ipv4_src = source->word[3];
		fib->ipv4_dst = destination->word[3];
	} else {
		fib->family = AF_INET6;
		__builtin_memcpy(fib->ipv6_src, source, sizeof(fib->ipv6_src));
		__builtin_memcpy(fib->ipv6_dst, destination, sizeof(fib->ipv6_dst));
	}
}

static __always_inline long fib_lookup(struct __sk_buff *skb, const struct packet *pkt,
				       struct bpf_fib_lookup *fib)
{
	fib->ifindex = skb->ifindex;
	fib->l4_protocol = pkt->tuple.protocol;
	fib->sport = pkt->tuple.source_port;
	fib->dport = pkt->tuple.destination_port;
	fib_between(fib, pkt->is_v4, &pkt->tuple.source, &pkt->tuple.destination);
	return bpf_fib_lookup(skb, fib, sizeof(*fib), 0);
}

/* Routes that are there to say no. */
static __always_inline bool is_dead_end(long found)
{
	return found == BPF_FIB_LKUP_RET_BLACKHOLE || found == BPF_FIB_LKUP_RET_UNREACHABLE ||
	       found == BPF_FIB_LKUP_RET_PROHIBIT;
}

static __always_inline long redirect_to_neighbour(const struct bpf_fib_lookup *fib)
{
	struct bpf_redir_neigh neighbour = {.nh_family = fib->family};

	__builtin_memcpy(neighbour.ipv6_nh, fib->ipv6_dst, sizeof(neighbour.ipv6_nh));
	return bpf_redirect_neigh(fib->ifindex, &neighbour, sizeof(neighbour), 0);
}

/* What is translated no further at the device it leaves by: a pod's packet to where pods are known by their
 * own addresses, and whatever is translated already and comes from no pod. The program there would find
 * nothing to do, and need not look (skiff_to_device). Taps want to see it there.
 */
static __always_inline void spare_device(struct __sk_buff *skb, struct packet *pkt, __u32 ifindex)
{
	__u32 key = ifindex;
	bool spared;

	if (pkt->hook == SKIFF_HOOK_TO_DEVICE || pkt->tapped || !has_ports(pkt))
		return;
	spared = pkt->translated ? !config.foreign && !pod_find(&pkt->tuple.source) : pkt->keeps_source;
	if (!spared || !bpf_map_lookup_elem(&devices, &key))
		return;
	skb->mark = SKIFF_ROUTED_MARK;
	if (pkt->way)
		pkt->way |= SKIFF_WAY_SPARES;
}

/* Where it was found that the device takes it, and the neighbour is known. */
static __always_inline void way_out(struct packet *pkt, const struct bpf_fib_lookup *fib)
{
	struct skiff_way *way = way_room();

	if (!way)
		return;
	pkt->way = fib->family == AF_INET ? SKIFF_WAY_NEIGHBOUR4 : SKIFF_WAY_NEIGHBOUR6;
	way->to_ifindex = fib->ifindex;
	way->mtu = fib->mtu_result;
	__builtin_memcpy(way->next_hop, fib->ipv6_dst, sizeof(way->next_hop));
}

/* Across the overlay, else by the node's routes. PASS for the node's own addresses, and for whatever the
 * stack answers better: too large, no route.
 */
STAGE deliver_route(struct __sk_buff *skb, struct packet *pkt)
{
	struct bpf_fib_lookup fib = {};
	int verdict;
	long found;

	REQUIRE(pkt);
	verdict = deliver_overlay(skb, pkt);
	if (verdict != CONTINUE)
		return verdict;
	found = fib_lookup(skb, pkt, &fib);
	if (found == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return check_mtu(skb, pkt, fib.ifindex);
	if (pkt->translated && is_dead_end(found))
		return -SKIFF_REASON_NO_ROUTE;
	if (found == BPF_FIB_LKUP_RET_NOT_FWDED)
		pkt->way = SKIFF_WAY_STACK;
	if (found != BPF_FIB_LKUP_RET_SUCCESS && found != BPF_FIB_LKUP_RET_NO_NEIGH)
		return PASS;
	/* The lookup lets those through that will be cut into segments, whatever their size. */
	verdict = skb->gso_size ? check_mtu(skb, pkt, fib.ifindex) : CONTINUE;
	if (verdict)
		return verdict;
	verdict = decrement_hop_limit(skb, pkt);
	if (verdict == CONTINUE && pkt->limited)
		verdict = bandwidth_egress(skb, pkt, fib.ifindex);
	if (verdict)
		return verdict;
	if (found == BPF_FIB_LKUP_RET_SUCCESS)
		way_out(pkt, &fib);
	spare_device(skb, pkt, fib.ifindex);
	/* Also where the lookup knows the neighbour's MAC: only what goes out this way makes the kernel ask
	 * whether it still is. */
	return redirected(redirect_to_neighbour(&fib));
}
