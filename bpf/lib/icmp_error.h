// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stage: ICMP errors about translated packets. An error quotes the packet as it was where the error arose;
 * it must quote what the receiver sent, and come to who sent it: else path MTU discovery and refusals fail.
 */
#pragma once

#include "bpf/lib/flow.h"

struct quoted_packet {
	struct skiff_tuple tuple;
	__u32 l3_offset;
	__u32 l4_offset;
};

/* An IPv6 packet may be quoted as the fragment it was; only the first of a datagram is. */
static __always_inline bool quoted_skip_fragment(struct __sk_buff *skb, struct quoted_packet *quoted)
{
	struct extension_header extension;

	if (quoted->tuple.protocol != IPPROTO_FRAGMENT)
		return true;
	if (bpf_skb_load_bytes(skb, quoted->l4_offset, &extension, sizeof(extension)) < 0 ||
	    (bpf_ntohs(extension.fragment_offset) & 0xfff8))
		return false;
	quoted->tuple.protocol = extension.next;
	quoted->l4_offset += sizeof(extension);
	return true;
}

static __always_inline bool quoted_is_echo(const struct quoted_packet *quoted)
{
	return quoted->tuple.protocol == IPPROTO_ICMP || quoted->tuple.protocol == IPPROTO_ICMPV6;
}

/* The ports, or what a tuple has for ports of an echo: the identifier at the side that asked. */
static __always_inline bool quoted_ports(struct __sk_buff *skb, struct quoted_packet *quoted)
{
	__be16 words[4];

	if (bpf_skb_load_bytes(skb, quoted->l4_offset, words, sizeof(words)) < 0)
		return false;
	if (!quoted_is_echo(quoted)) {
		quoted->tuple.source_port = words[0];
		quoted->tuple.destination_port = words[1];
		return quoted->tuple.protocol == IPPROTO_TCP || quoted->tuple.protocol == IPPROTO_UDP ||
		       quoted->tuple.protocol == IPPROTO_SCTP;
	}
	switch (bpf_ntohs(words[0]) >> 8) {
	case ICMP4_ECHO:
	case ICMP6_ECHO:
		quoted->tuple.source_port = words[2];
		return true;
	case ICMP4_ECHO_REPLY:
	case ICMP6_ECHO_REPLY:
		quoted->tuple.destination_port = words[2];
		return true;
	}
	return false;
}

static __always_inline bool quoted_parse(struct __sk_buff *skb, const struct packet *pkt,
					 struct quoted_packet *quoted)
{
	__builtin_memset(quoted, 0, sizeof(*quoted));
	quoted->l3_offset = pkt->l4_offset + 8;
	if (pkt->is_v4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, quoted->l3_offset, &ip, sizeof(ip)) < 0)
			return false;
		quoted->tuple.source = address_from_v4(ip.saddr);
		quoted->tuple.destination = address_from_v4(ip.daddr);
		quoted->tuple.protocol = ip.protocol;
		quoted->l4_offset = quoted->l3_offset + ip.ihl * 4;
	} else {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, quoted->l3_offset, &ip, sizeof(ip)) < 0)
			return false;
		__builtin_memcpy(&quoted->tuple.source, &ip.saddr, sizeof(ip.saddr));
		__builtin_memcpy(&quoted->tuple.destination, &ip.daddr, sizeof(ip.daddr));
		quoted->tuple.protocol = ip.nexthdr;
		quoted->l4_offset = quoted->l3_offset + sizeof(ip);
		if (!quoted_skip_fragment(skb, quoted))
			return false;
	}
	return quoted_ports(skb, quoted);
}

/* What the error must quote, and between whom it must travel. */
static __always_inline bool quoted_translation(const struct packet *pkt, const struct quoted_packet *quoted,
					       struct skiff_tuple *quote, struct skiff_tuple *outer)
{
	struct skiff_tuple key;
	struct skiff_flow_alias *alias;
	struct skiff_flow *flow;

	*outer = pkt->tuple;
	/* About a packet of the client, on its way to the backend: back to the client. */
	tuple_canonical(&quoted->tuple, &key);
	flow = flow_lookup(&key);
	if (flow && tuple_equal(&flow->translated, &quoted->tuple)) {
		*quote = flow->original;
		outer->destination = flow->original.source;
		if (address_equal(&pkt->tuple.source, &flow->translated.destination))
			outer->source = flow->original.destination;
		return true;
	}
	/* About an answer, on its way to the client: back to the backend. */
	tuple_reverse(&quoted->tuple, &key);
	alias = alias_lookup(&key);
	if (!alias)
		return false;
	tuple_reverse(&alias->translated, quote);
	outer->destination = alias->translated.destination;
	if (address_equal(&pkt->tuple.source, &quoted->tuple.destination))
		outer->source = alias->translated.source;
	return true;
}

/* The quoted IPv4 header checksum cancels the quoted addresses in the ICMP checksum; IPv6 has neither. The
 * quoted L4 checksum stays as it was: nobody checks that of a quotation.
 */
static __always_inline bool quoted_rewrite(struct __sk_buff *skb, const struct packet *pkt,
					   const struct quoted_packet *quoted,
					   const struct skiff_tuple *quote)
{
	__u32 shift = quoted->l3_offset - L3_OFFSET;
	__s64 difference = addresses_difference(&quoted->tuple, quote);
	__be16 old_ports[2] = {quoted->tuple.source_port, quoted->tuple.destination_port};
	__be16 ports[2] = {quote->source_port, quote->destination_port};
	__u32 ports_offset = quoted->l4_offset;
	__u32 ports_length = sizeof(ports);
	__s64 sum;

	if (quoted_is_echo(quoted)) {
		old_ports[0] |= old_ports[1];
		ports[0] |= ports[1];
		old_ports[1] = ports[1] = 0;
		ports_offset += 4;
		ports_length = sizeof(ports[0]);
	}

	if (pkt->is_v4 && bpf_l3_csum_replace(skb, IPV4_CHECKSUM_OFFSET + shift, 0, difference, 0) < 0)
		return false;
	if (!store_addresses(skb, pkt->is_v4, shift, quote) ||
	    bpf_skb_store_bytes(skb, ports_offset, ports, ports_length, 0) < 0)
		return false;
	sum = bpf_csum_diff((__be32 *)old_ports, sizeof(old_ports), (__be32 *)ports, sizeof(ports),
			    pkt->is_v4 ? 0 : difference);
	return bpf_l4_csum_replace(skb, pkt->checksum_offset, 0, sum, 0) == 0;
}

STAGE icmp_error_translate(struct __sk_buff *skb, struct packet *pkt)
{
	struct quoted_packet quoted;
	struct skiff_tuple quote, outer;

	REQUIRE(pkt);
	if (pkt->fragment != FRAGMENT_NONE || !quoted_parse(skb, pkt, &quoted) ||
	    !quoted_translation(pkt, &quoted, &quote, &outer))
		return CONTINUE;
	if (!quoted_rewrite(skb, pkt, &quoted, &quote) || !rewrite_addresses(skb, pkt, &outer))
		return -SKIFF_REASON_REWRITE_FAILED;
	set_tuple(pkt, &outer);
	return CONTINUE;
}
