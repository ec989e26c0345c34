// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The way that packets of a flow without translation took a moment ago, taken again without asking. It holds
 * while no map that decides it has changed (way_epoch), and, because routes are the kernel's, for a quarter
 * of a second (ADR 0053).
 */
#pragma once

#include "bpf/lib/deliver.h"
#include "bpf/lib/neighbour.h"
#include "bpf/lib/seen.h"

/* What is asked of the maps from now on is not older than this. */
static __always_inline void way_begin(struct packet *pkt)
{
	__u32 zero = 0;
	__u32 *epoch = bpf_map_lookup_elem(&way_epoch, &zero);

	if (epoch)
		pkt->epoch = *(volatile __u32 *)epoch;
	barrier();
}

/* The way as it is now, into `known`, or false: not valid for this packet, or being changed. */
static __always_inline bool way_read(const struct __sk_buff *skb, const struct packet *pkt,
				     const struct skiff_way *way, struct skiff_way *known)
{
	const volatile __u64 *valid = &way->valid;
	__u64 before = *valid;

	if (before >> 32 != pkt->epoch || way_now() - (__u32)before > SKIFF_WAY_TICKS)
		return false;
	barrier();
	*known = *way;
	barrier();
	return *valid == before && known->from_ifindex == skb->ifindex &&
	       known->check == way_check(&pkt->tuple);
}

/* Whether it takes the packet: its size, and for a pod's who sent it. */
static __always_inline bool way_takes(struct __sk_buff *skb, const struct skiff_way *way)
{
	__u32 kind = way->kind & SKIFF_WAY_KIND;
	__u8 mac[ETH_ALEN];
	__u32 mtu = 0;

	if (kind == SKIFF_WAY_NEIGHBOUR4 || kind == SKIFF_WAY_NEIGHBOUR6) {
		if (skb->gso_size ? bpf_check_mtu(skb, way->to_ifindex, &mtu, 0, BPF_MTU_CHK_SEGS) != 0
				  : skb->len > way->mtu + ETH_HLEN)
			return false;
	}
	if (!(way->kind & SKIFF_WAY_MAC))
		return true;
	return bpf_skb_load_bytes(skb, ETH_ALEN, mac, sizeof(mac)) == 0 && mac_equal(mac, way->source_mac);
}

static __always_inline int way_go(struct __sk_buff *skb, struct packet *pkt, const struct skiff_way *way)
{
	struct bpf_redir_neigh neighbour = {};
	const __u8 *macs = (const __u8 *)way->next_hop;
	__u32 kind = way->kind & SKIFF_WAY_KIND;
	int verdict = CONTINUE;

	if (kind == SKIFF_WAY_STACK)
		return PASS;
	verdict = decrement_hop_limit(skb, pkt);
	if (verdict != CONTINUE)
		return verdict;
	if (kind == SKIFF_WAY_POD) {
		if (!store_macs(skb, macs, macs + ETH_ALEN))
			return -SKIFF_REASON_REWRITE_FAILED;
		return redirected(bpf_redirect_peer(way->to_ifindex, 0));
	}
	if (way->kind & SKIFF_WAY_SPARES)
		skb->mark = SKIFF_ROUTED_MARK;
	neighbour.nh_family = kind == SKIFF_WAY_NEIGHBOUR4 ? AF_INET : AF_INET6;
	__builtin_memcpy(neighbour.ipv6_nh, way->next_hop, sizeof(neighbour.ipv6_nh));
	return redirected(bpf_redirect_neigh(way->to_ifindex, &neighbour, sizeof(neighbour), 0));
}

STAGE way_of_flow(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_seen_flow *seen;
	struct skiff_tuple key;
	struct skiff_way way;
	__u32 direction;
	bool swapped;

	REQUIRE(pkt);
	/* What comes in for nobody here is the node's, or will be translated. */
	if (pkt->hook == SKIFF_HOOK_FROM_DEVICE && !pod_find(&pkt->tuple.destination))
		return CONTINUE;
	swapped = tuple_canonical(&pkt->tuple, &key);
	seen = bpf_map_lookup_elem(&seen_flows, &key);
	if (!seen)
		return CONTINUE;
	direction = seen_direction(seen, swapped);
	if (!way_read(skb, pkt, &seen->ways[direction & 1], &way) || !way_takes(skb, &way))
		return CONTINUE;
	seen_touch(skb, pkt, seen, direction,
		   (way.kind & SKIFF_WAY_KIND) == SKIFF_WAY_STACK ? PASS : REDIRECT);
	pkt->counted = 1;
	return way_go(skb, pkt, &way);
}

/* Stage: whole packets in the middle of a flow, or at its end, go where those before them went. */
static __always_inline int way_follow(struct __sk_buff *skb, struct packet *pkt)
{
	if (!config.trace || config.foreign)
		return CONTINUE;
	way_begin(pkt);
	if (pkt->tapped || !has_ports(pkt) || pkt->fragment != FRAGMENT_NONE || (pkt->tcp_flags & TCP_SYN) ||
	    pkt->hop_limit <= 1)
		return CONTINUE;
	return way_of_flow(skb, pkt);
}
