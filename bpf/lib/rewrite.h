// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Changing a packet, checksums first. Sums run over whole 16-byte addresses in both families: the prefix
 * ::ffff of a mapped IPv4 address adds 0xffff, which is zero in ones' complement.
 */
#pragma once

#include <stddef.h>

#include "bpf/lib/crc32c.h"
#include "bpf/lib/packet.h"

#define IPV4_CHECKSUM_OFFSET (L3_OFFSET + offsetof(struct iphdr, check))
#define IPV4_SOURCE_OFFSET   (L3_OFFSET + offsetof(struct iphdr, saddr))
#define IPV6_SOURCE_OFFSET   (L3_OFFSET + offsetof(struct ipv6hdr, saddr))

/* Source and destination are neighbours in a tuple as they are in a packet. */
#define TUPLE_ADDRESSES (2 * sizeof(struct skiff_address))

static __always_inline __s64 addresses_difference(const struct skiff_tuple *from,
						  const struct skiff_tuple *to)
{
	return bpf_csum_diff((__be32 *)&from->source, TUPLE_ADDRESSES, (__be32 *)&to->source, TUPLE_ADDRESSES,
			     0);
}

static __always_inline bool store_addresses(struct __sk_buff *skb, bool is_v4, __u32 l3_shift,
					    const struct skiff_tuple *to)
{
	__be32 v4[2] = {to->source.word[3], to->destination.word[3]};

	if (is_v4)
		return bpf_skb_store_bytes(skb, IPV4_SOURCE_OFFSET + l3_shift, v4, sizeof(v4), 0) == 0;
	return bpf_skb_store_bytes(skb, IPV6_SOURCE_OFFSET + l3_shift, &to->source, TUPLE_ADDRESSES, 0) == 0;
}

static __always_inline __u64 pseudo_header_flags(const struct packet *pkt)
{
	__u64 flags = BPF_F_PSEUDO_HDR;

	if (pkt->tuple.protocol == IPPROTO_UDP)
		flags |= BPF_F_MARK_MANGLED_0;
	/* IPv6 has no header checksum that would cancel the change in CHECKSUM_COMPLETE sums. */
	return pkt->is_v4 ? flags : flags | config.ipv6_checksum_flag;
}

static __always_inline bool rewrite_addresses(struct __sk_buff *skb, struct packet *pkt,
					      const struct skiff_tuple *to)
{
	__s64 difference = addresses_difference(&pkt->tuple, to);
	bool pseudo_header =
		!(pkt->is_v4 && pkt->tuple.protocol == IPPROTO_ICMP) && pkt->tuple.protocol != IPPROTO_SCTP;

	if (pkt->is_v4 && bpf_l3_csum_replace(skb, IPV4_CHECKSUM_OFFSET, 0, difference, 0) < 0)
		return false;
	if (pseudo_header && pkt->fragment != FRAGMENT_LATER &&
	    bpf_l4_csum_replace(skb, pkt->checksum_offset, 0, difference, pseudo_header_flags(pkt)) < 0)
		return false;
	return store_addresses(skb, pkt->is_v4, 0, to);
}

/* Zero: left to the device, which computes it over the new ports. Fragments are not worth a second look. */
static __always_inline bool rewrite_crc(struct __sk_buff *skb, const struct packet *pkt, __u32 from,
					__u32 into)
{
	__u32 length_offset = L3_OFFSET + (pkt->is_v4 ? offsetof(struct iphdr, tot_len)
						      : offsetof(struct ipv6hdr, payload_len));
	__u32 headers = pkt->l4_offset - L3_OFFSET - (pkt->is_v4 ? 0 : sizeof(struct ipv6hdr));
	__be16 length;
	__u32 crc;

	if (pkt->fragment != FRAGMENT_NONE || bpf_skb_load_bytes(skb, length_offset, &length, 2) < 0 ||
	    bpf_skb_load_bytes(skb, pkt->checksum_offset, &crc, sizeof(crc)) < 0)
		return false;
	if (!crc)
		return true;
	crc = crc32c_update(crc, from, into, bpf_ntohs(length) - headers);
	return bpf_skb_store_bytes(skb, pkt->checksum_offset, &crc, sizeof(crc), 0) == 0;
}

static __always_inline bool rewrite_ports(struct __sk_buff *skb, const struct packet *pkt,
					  const struct skiff_tuple *to)
{
	__be16 old_ports[2] = {pkt->tuple.source_port, pkt->tuple.destination_port};
	__be16 ports[2] = {to->source_port, to->destination_port};
	__u64 mangled = pkt->tuple.protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__be32 from, into;

	__builtin_memcpy(&from, old_ports, sizeof(from));
	__builtin_memcpy(&into, ports, sizeof(into));
	if (from == into)
		return true;
	if (pkt->tuple.protocol == IPPROTO_SCTP) {
		if (!rewrite_crc(skb, pkt, from, into))
			return false;
	} else if (bpf_l4_csum_replace(skb, pkt->checksum_offset, from, into, mangled | sizeof(from)) < 0) {
		return false;
	}
	return bpf_skb_store_bytes(skb, pkt->l4_offset, ports, sizeof(ports), 0) == 0;
}

/* The identifier of an echo is the one port that is not zero. */
static __always_inline bool rewrite_identifier(struct __sk_buff *skb, const struct packet *pkt,
					       const struct skiff_tuple *to)
{
	__be16 from = pkt->tuple.source_port | pkt->tuple.destination_port;
	__be16 into = to->source_port | to->destination_port;

	if (from == into)
		return true;
	if (bpf_l4_csum_replace(skb, pkt->checksum_offset, from, into, sizeof(from)) < 0)
		return false;
	return bpf_skb_store_bytes(skb, pkt->l4_offset + 4, &into, sizeof(into), 0) == 0;
}

static __always_inline void set_tuple(struct packet *pkt, const struct skiff_tuple *to)
{
	if (config.foreign & SKIFF_FOREIGN_PODS) {
		for (int i = 0; i < 4; i++)
			pkt->hidden |= pkt->tuple.source.word[i] ^ to->source.word[i];
	}
	pkt->tuple = *to;
	pkt->translated = 1;
}

/* Makes the packet one of tuple `to`. */
STAGE rewrite(struct __sk_buff *skb, struct packet *pkt, const struct skiff_tuple *to)
{
	bool done;

	REQUIRE(pkt && to);
	done = rewrite_addresses(skb, pkt, to);
	if (done && pkt->fragment != FRAGMENT_LATER)
		done = pkt->kind == PACKET_ECHO ? rewrite_identifier(skb, pkt, to)
						: rewrite_ports(skb, pkt, to);
	if (!done)
		return -SKIFF_REASON_REWRITE_FAILED;
	set_tuple(pkt, to);
	return CONTINUE;
}

/* One hop further. PASS: the stack knows how to say that the packet got too old. */
static __always_inline int decrement_hop_limit(struct __sk_buff *skb, struct packet *pkt)
{
	__u8 hops = pkt->hop_limit - 1;
	__u16 old_word = bpf_htons(pkt->hop_limit << 8 | pkt->tuple.protocol);
	__u16 new_word = bpf_htons(hops << 8 | pkt->tuple.protocol);
	__u32 offset =
		L3_OFFSET + (pkt->is_v4 ? offsetof(struct iphdr, ttl) : offsetof(struct ipv6hdr, hop_limit));

	if (pkt->hop_limit <= 1)
		return pkt->translated ? -SKIFF_REASON_HOP_LIMIT : PASS;
	if (pkt->is_v4 && bpf_l3_csum_replace(skb, IPV4_CHECKSUM_OFFSET, old_word, new_word, 2) < 0)
		return -SKIFF_REASON_REWRITE_FAILED;
	if (bpf_skb_store_bytes(skb, offset, &hops, sizeof(hops), 0) < 0)
		return -SKIFF_REASON_REWRITE_FAILED;
	return CONTINUE;
}
