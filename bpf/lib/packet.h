// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A packet parsed once: its tuple, and where the fields are that translation changes. */
#pragma once

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

#include "bpf/lib/address.h"
#include "bpf/lib/verdict.h"

#define L3_OFFSET	      ETH_HLEN
#define MAX_EXTENSION_HEADERS 6

enum packet_kind {
	PACKET_OTHER,	   /* no ports that we know: never translated */
	PACKET_PORTS,	   /* TCP, UDP, SCTP */
	PACKET_ECHO,	   /* ICMP echo: the identifier is the port of the side that asked */
	PACKET_ICMP_ERROR, /* carries the start of another packet */
};

enum packet_fragment {
	FRAGMENT_NONE,
	FRAGMENT_FIRST,
	FRAGMENT_LATER, /* no L4 header */
};

struct packet {
	struct skiff_tuple tuple;
	__u32 l4_offset;
	__u32 checksum_offset; /* of the L4 checksum */
	__u32 identification;  /* of a fragmented datagram */
	__u8 kind;	       /* enum packet_kind */
	__u8 fragment;	       /* enum packet_fragment */
	__u8 hop_limit;
	__u8 tcp_flags; /* byte 13 of the TCP header */
	__u8 is_v4;
	__u8 translated;   /* some stage has rewritten it */
	__u8 hook;	   /* enum skiff_trace_hook: where it is */
	__u8 tapped;	   /* somebody may want to see it (bpf/lib/tap.h) */
	__u8 may_fragment; /* on its way: IPv4 without DF */
	__u8 refused;	   /* told of as dropped or refused: belongs to no flow */
	__u8 limited;	   /* its pod may send so much and no more */
	__u8 carried;	   /* came across with the Service's address its client asked for */
	__u32 mtu;	   /* what it was too big for */
	__u8 keeps_source; /* goes where pods are known by their own addresses */
	__u8 policed;	   /* an end of it is isolated */
	__u8 way;	   /* enum skiff_way_kind: how it goes on, if others of its flow may follow; else 0 */
	__u8 counted;	   /* as one of its flow */
	__u8 unmasked;	   /* its masquerade has been undone */
	__u8 pad2[3];
	__u32 hidden; /* its source is another now; kept only where another CNI attaches pods */
	__u32 epoch;  /* before anything was looked up for it */
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

#define ICMP4_ECHO_REPLY    0
#define ICMP4_UNREACHABLE   3
#define ICMP4_ECHO	    8
#define ICMP4_TIME_EXCEEDED 11
#define ICMP4_PARAMETER	    12
#define ICMP6_LAST_ERROR    4
#define ICMP6_ECHO	    128
#define ICMP6_ECHO_REPLY    129

static __always_inline int parse_ipv4(struct __sk_buff *skb, struct packet *pkt)
{
	struct iphdr ip;
	__u16 fragment;

	if (bpf_skb_load_bytes(skb, L3_OFFSET, &ip, sizeof(ip)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	if (ip.version != 4 || ip.ihl < 5)
		return -SKIFF_REASON_BAD_HEADER;
	pkt->tuple.source = address_from_v4(ip.saddr);
	pkt->tuple.destination = address_from_v4(ip.daddr);
	pkt->tuple.protocol = ip.protocol;
	pkt->hop_limit = ip.ttl;
	pkt->is_v4 = 1;
	pkt->l4_offset = L3_OFFSET + ip.ihl * 4;
	fragment = bpf_ntohs(ip.frag_off);
	if (fragment & 0x1fff)
		pkt->fragment = FRAGMENT_LATER;
	else if (fragment & 0x2000)
		pkt->fragment = FRAGMENT_FIRST;
	pkt->identification = ip.id;
	pkt->may_fragment = !(fragment & 0x4000);
	return CONTINUE;
}

struct extension_header {
	__u8 next;
	__u8 length; /* in 8 bytes, without the first 8 */
	__be16 fragment_offset;
	__be32 identification;
};

static __always_inline bool is_extension_header(__u8 header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING || header == IPPROTO_DSTOPTS ||
	       header == IPPROTO_FRAGMENT;
}

static __always_inline int parse_ipv6(struct __sk_buff *skb, struct packet *pkt)
{
	struct extension_header extension;
	struct ipv6hdr ip;
	__u32 offset = L3_OFFSET + sizeof(ip);

	if (bpf_skb_load_bytes(skb, L3_OFFSET, &ip, sizeof(ip)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	if (ip.version != 6)
		return -SKIFF_REASON_BAD_HEADER;
	__builtin_memcpy(&pkt->tuple.source, &ip.saddr, sizeof(ip.saddr));
	__builtin_memcpy(&pkt->tuple.destination, &ip.daddr, sizeof(ip.daddr));
	pkt->hop_limit = ip.hop_limit;
	pkt->tuple.protocol = ip.nexthdr;

	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		__u8 header = pkt->tuple.protocol;

		if (!is_extension_header(header))
			break;
		if (bpf_skb_load_bytes(skb, offset, &extension, sizeof(extension)) < 0)
			return -SKIFF_REASON_TRUNCATED;
		pkt->tuple.protocol = extension.next;
		if (header != IPPROTO_FRAGMENT) {
			offset += (extension.length + 1) * 8;
			continue;
		}
		offset += 8;
		pkt->identification = extension.identification;
		if (bpf_ntohs(extension.fragment_offset) & 0xfff8) {
			pkt->fragment = FRAGMENT_LATER;
			break;
		}
		if (bpf_ntohs(extension.fragment_offset) & 1)
			pkt->fragment = FRAGMENT_FIRST;
	}
	pkt->l4_offset = offset;
	/* More of them: nobody could say what it carries, so no rule could be applied to it. */
	if (pkt->fragment != FRAGMENT_LATER && is_extension_header(pkt->tuple.protocol))
		return -SKIFF_REASON_BAD_HEADER;
	return CONTINUE;
}

/* TCP, UDP and SCTP all begin with their ports. Thirteen bytes further TCP has its flags. */
static __always_inline int parse_ports(struct __sk_buff *skb, struct packet *pkt)
{
	bool tcp = pkt->tuple.protocol == IPPROTO_TCP;
	bool sctp = pkt->tuple.protocol == IPPROTO_SCTP;
	__be16 ports[2];

	pkt->kind = PACKET_PORTS;
	pkt->checksum_offset = pkt->l4_offset + (tcp ? 16 : sctp ? 8 : 6);
	if (bpf_skb_load_bytes(skb, pkt->l4_offset, ports, sizeof(ports)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	pkt->tuple.source_port = ports[0];
	pkt->tuple.destination_port = ports[1];
	if (pkt->l4_offset + (tcp ? 20 : sctp ? 12 : 8) > skb->len)
		return -SKIFF_REASON_TRUNCATED;
	if (tcp && bpf_skb_load_bytes(skb, pkt->l4_offset + 13, &pkt->tcp_flags, 1) < 0)
		return -SKIFF_REASON_TRUNCATED;
	return CONTINUE;
}

static __always_inline bool icmp_is_error(bool is_v4, __u8 type)
{
	if (is_v4)
		return type == ICMP4_UNREACHABLE || type == ICMP4_TIME_EXCEEDED || type == ICMP4_PARAMETER;
	return type >= 1 && type <= ICMP6_LAST_ERROR;
}

static __always_inline int parse_icmp(struct __sk_buff *skb, struct packet *pkt)
{
	struct {
		__u8 type, code;
		__be16 checksum, identifier, sequence;
	} icmp;

	if (bpf_skb_load_bytes(skb, pkt->l4_offset, &icmp, sizeof(icmp)) < 0)
		return -SKIFF_REASON_TRUNCATED;
	pkt->checksum_offset = pkt->l4_offset + 2;
	if (icmp.type == (pkt->is_v4 ? ICMP4_ECHO : ICMP6_ECHO)) {
		pkt->kind = PACKET_ECHO;
		pkt->tuple.source_port = icmp.identifier;
	} else if (icmp.type == (pkt->is_v4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY)) {
		pkt->kind = PACKET_ECHO;
		pkt->tuple.destination_port = icmp.identifier;
	} else if (icmp_is_error(pkt->is_v4, icmp.type)) {
		pkt->kind = PACKET_ICMP_ERROR;
	}
	return CONTINUE;
}

static __always_inline bool is_icmp(const struct packet *pkt)
{
	return pkt->tuple.protocol == (pkt->is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static __always_inline int parse_l4(struct __sk_buff *skb, struct packet *pkt)
{
	if (pkt->tuple.protocol == IPPROTO_TCP || pkt->tuple.protocol == IPPROTO_UDP ||
	    pkt->tuple.protocol == IPPROTO_SCTP)
		return parse_ports(skb, pkt);
	if (is_icmp(pkt))
		return parse_icmp(skb, pkt);
	return CONTINUE;
}
