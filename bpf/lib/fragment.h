// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Later fragments carry no ports: they get those of the first fragment of their datagram. */
#pragma once

#include "bpf/lib/packet.h"

static __always_inline int fragment_ports(struct packet *pkt)
{
	struct skiff_fragment_key key = {
		.source = pkt->tuple.source,
		.destination = pkt->tuple.destination,
		.identification = pkt->identification,
		.protocol = pkt->tuple.protocol,
	};
	struct skiff_fragment ports = {
		.source_port = pkt->tuple.source_port,
		.destination_port = pkt->tuple.destination_port,
	};
	struct skiff_fragment *first;

	if (pkt->fragment == FRAGMENT_FIRST) {
		bpf_map_update_elem(&fragments, &key, &ports, BPF_ANY);
		return CONTINUE;
	}
	first = bpf_map_lookup_elem(&fragments, &key);
	if (!first) /* of no Service that we know of: unless its address says otherwise, not our business */
		return CONTINUE;
	pkt->kind = is_icmp(pkt) ? PACKET_ECHO : PACKET_PORTS;
	pkt->tuple.source_port = first->source_port;
	pkt->tuple.destination_port = first->destination_port;
	return CONTINUE;
}

/* PASS for what is not IP, or never leaves its link. */
STAGE packet_parse(struct __sk_buff *skb, struct packet *pkt)
{
	int verdict;

	REQUIRE(pkt);
	if (skb->protocol == bpf_htons(ETH_P_IP))
		verdict = parse_ipv4(skb, pkt);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		verdict = parse_ipv6(skb, pkt);
	else
		return PASS;
	if (verdict)
		return verdict;
	if (address_is_local_scope(&pkt->tuple.destination) || address_is_local_scope(&pkt->tuple.source))
		return PASS;
	if (pkt->fragment != FRAGMENT_LATER)
		verdict = parse_l4(skb, pkt);
	if (verdict || pkt->fragment == FRAGMENT_NONE)
		return verdict;
	return fragment_ports(pkt);
}
