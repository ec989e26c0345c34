// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A pod speaks for itself only: with its own addresses, from its own MAC address, of itself to its
 * neighbours, and never as a router.
 */
#pragma once

#include "bpf/lib/packet.h"
#include "bpf/lib/pod.h"

#define ICMP4_REDIRECT		   5
#define ICMP4_ROUTER_ADVERTISEMENT 9
#define ICMP6_ROUTER_ADVERTISEMENT 134
#define ICMP6_NEIGHBOUR_ADVERTISE  136
#define ICMP6_REDIRECT		   137

struct arp_packet {
	__be16 hardware, protocol;
	__u8 hardware_length, protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be32 sender;
	__u8 target_mac[ETH_ALEN];
	__be32 target;
} __attribute__((packed));

struct neighbour_packet {
	__u8 type, code;
	__be16 checksum;
	__be32 reserved;
	struct skiff_address target;
};

static __always_inline bool mac_equal(const __u8 *a, const __u8 *b)
{
	for (int i = 0; i < ETH_ALEN; i++) {
		if (a[i] != b[i])
			return false;
	}
	return true;
}

/* The pod behind this device, if `address` is its own. */
static __always_inline struct skiff_pod *pod_own(const struct __sk_buff *skb,
						 const struct skiff_address *address)
{
	struct skiff_pod *pod = pod_find(address);

	return pod && pod->ifindex == skb->ifindex ? pod : NULL;
}

static __always_inline int check_source(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_pod *pod = pod_own(skb, &pkt->tuple.source);
	__u8 mac[ETH_ALEN];

	if (!pod)
		return -SKIFF_REASON_BAD_SOURCE;
	pkt->limited = pod->flags & SKIFF_POD_EGRESS_LIMITED;
	if (!(config.check_pod_source & SKIFF_CHECK_POD_MAC))
		return CONTINUE;
	if (bpf_skb_load_bytes(skb, ETH_ALEN, mac, sizeof(mac)) < 0 || !mac_equal(mac, pod->mac))
		return -SKIFF_REASON_BAD_MAC;
	return CONTINUE;
}

/* A sender of 0.0.0.0 asks whether an address is free (RFC 5227) and tells nothing. */
static __always_inline int check_arp(struct __sk_buff *skb)
{
	struct skiff_address sender;
	struct arp_packet arp;
	struct skiff_pod *pod;

	if (bpf_skb_load_bytes(skb, L3_OFFSET, &arp, sizeof(arp)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	if (!arp.sender)
		return PASS;
	sender = address_from_v4(arp.sender);
	pod = pod_own(skb, &sender);
	return pod && mac_equal(arp.sender_mac, pod->mac) ? PASS : -SKIFF_REASON_BAD_NEIGHBOUR;
}

/* What an advertisement is about must be the pod's own; link-local addresses are, on a link of two. */
static __always_inline int check_icmp6(struct __sk_buff *skb, const struct packet *pkt)
{
	struct neighbour_packet told;

	if (bpf_skb_load_bytes(skb, pkt->l4_offset, &told, 1) < 0)
		return -SKIFF_REASON_TRUNCATED;
	if (told.type == ICMP6_ROUTER_ADVERTISEMENT || told.type == ICMP6_REDIRECT)
		return -SKIFF_REASON_POD_ROUTER;
	if (told.type != ICMP6_NEIGHBOUR_ADVERTISE)
		return CONTINUE;
	if (bpf_skb_load_bytes(skb, pkt->l4_offset, &told, sizeof(told)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	return address_is_local_scope(&told.target) || pod_own(skb, &told.target)
		       ? CONTINUE
		       : -SKIFF_REASON_BAD_NEIGHBOUR;
}

static __always_inline int check_icmp4(struct __sk_buff *skb, const struct packet *pkt)
{
	__u8 type;

	if (bpf_skb_load_bytes(skb, pkt->l4_offset, &type, sizeof(type)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	return type == ICMP4_REDIRECT || type == ICMP4_ROUTER_ADVERTISEMENT ? -SKIFF_REASON_POD_ROUTER
									    : CONTINUE;
}

/* Stage: `parsed` is what packet_parse said, and what this says of a pod that behaves. */
STAGE speaks_for_itself(struct __sk_buff *skb, struct packet *pkt, int parsed)
{
	int verdict = CONTINUE;

	REQUIRE(pkt);
	if (!config.check_pod_source || (parsed != CONTINUE && parsed != PASS))
		return parsed;
	if (skb->protocol == bpf_htons(ETH_P_ARP))
		return check_arp(skb);
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return parsed;
	if (is_icmp(pkt) && pkt->fragment != FRAGMENT_LATER)
		verdict = pkt->is_v4 ? check_icmp4(skb, pkt) : check_icmp6(skb, pkt);
	/* What stays on the link has a source that other pods have as well. */
	if (verdict == CONTINUE && !address_is_local_scope(&pkt->tuple.source))
		verdict = check_source(skb, pkt);
	return verdict == CONTINUE ? parsed : verdict;
}
