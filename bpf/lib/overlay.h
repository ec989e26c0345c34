// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stages of the overlay, one flow-based VXLAN device for both families: where a packet goes that leaves the
 * segment, what its outer header says, and whether an outer header that came in can be believed.
 */
#pragma once

#include <linux/if_packet.h>

#include "bpf/lib/bandwidth.h"
#include "bpf/lib/frontend.h"
#include "bpf/lib/mtu.h"
#include "bpf/lib/rewrite.h"

#define OUTER_HOP_LIMIT 64

static __always_inline struct skiff_peer *peer_find(const struct skiff_address *address)
{
	struct skiff_range_key key = {.prefix_bits = 128, .address = *address};

	return bpf_map_lookup_elem(&peers, &key);
}

/* One lookup decides between routes and the overlay: what is in `peers` lies across it. The stack, which
 * answers some packets that are too large, routes there as well.
 */
STAGE deliver_overlay(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_peer *peer;
	__u32 ifindex;
	int verdict;

	REQUIRE(pkt);
	peer = peer_find(&pkt->tuple.destination);
	if (!peer || (peer->flags & SKIFF_PEER_ROUTED))
		return CONTINUE;
	ifindex = peer->ifindex;
	verdict = check_mtu(skb, pkt, ifindex);
	if (verdict)
		return verdict;
	verdict = decrement_hop_limit(skb, pkt);
	if (verdict == CONTINUE && pkt->limited)
		verdict = bandwidth_egress(skb, pkt, BY_OVERLAY);
	if (verdict)
		return verdict;
	return redirected(bpf_redirect(ifindex, 0));
}

static __always_inline bool outer_header(struct __sk_buff *skb, const struct skiff_peer *peer, __u32 vni)
{
	struct bpf_tunnel_key tunnel = {.tunnel_id = vni, .tunnel_ttl = OUTER_HOP_LIMIT};
	__u64 flags;

	if (address_is_v4(&peer->remote)) {
		tunnel.remote_ipv4 = bpf_ntohl(peer->remote.word[3]);
		tunnel.local_ipv4 = bpf_ntohl(peer->local.word[3]);
		flags = BPF_F_ZERO_CSUM_TX;
	} else {
		__builtin_memcpy(tunnel.remote_ipv6, &peer->remote, sizeof(tunnel.remote_ipv6));
		__builtin_memcpy(tunnel.local_ipv6, &peer->local, sizeof(tunnel.local_ipv6));
		flags = BPF_F_TUNINFO_IPV6;
	}
	return bpf_skb_set_tunnel_key(skb, &tunnel, sizeof(tunnel), flags) == 0;
}

/* On its way out by the overlay device, from a pod or from the node's stack. */
STAGE overlay_encapsulate(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_peer *peer;

	REQUIRE(pkt);
	peer = peer_find(&pkt->tuple.destination);
	/* The kernel reports its multicast groups on any device that is up: nobody across is meant. */
	if (!peer && !address_is_zero(&pkt->tuple.destination) &&
	    address_is_local_scope(&pkt->tuple.destination))
		return END;
	if (!peer)
		return -SKIFF_REASON_NO_PEER;
	return outer_header(skb, peer, SKIFF_OVERLAY_VNI) ? CONTINUE : -SKIFF_REASON_REWRITE_FAILED;
}

/* The network identifier it came with; 0: with none. */
static __always_inline __u32 tunnel_source(struct __sk_buff *skb, struct skiff_address *source)
{
	struct bpf_tunnel_key tunnel = {};

	if (bpf_skb_get_tunnel_key(skb, &tunnel, sizeof(tunnel), 0) == 0) {
		*source = address_from_v4(bpf_htonl(tunnel.remote_ipv4));
		return tunnel.tunnel_id;
	}
	if (bpf_skb_get_tunnel_key(skb, &tunnel, sizeof(tunnel), BPF_F_TUNINFO_IPV6) < 0)
		return 0;
	__builtin_memcpy(source, tunnel.remote_ipv6, sizeof(*source));
	return tunnel.tunnel_id;
}

/* Only nodes of the cluster speak for its pods. What a tunnel carries is addressed to nobody's MAC address.
 */
STAGE overlay_accept(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_address source;
	__u32 vni = tunnel_source(skb, &source);

	REQUIRE(pkt);
	if ((vni != SKIFF_OVERLAY_VNI && vni != SKIFF_CARRIED_VNI) || !is_node_address(&source, 0))
		return -SKIFF_REASON_UNKNOWN_PEER;
	pkt->carried = vni == SKIFF_CARRIED_VNI;
	if (skb->pkt_type != PACKET_HOST)
		bpf_skb_change_type(skb, PACKET_HOST);
	return CONTINUE;
}
