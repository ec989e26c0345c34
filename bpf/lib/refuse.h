// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Refusals are answers: the packet becomes a TCP reset or an ICMP error and goes back. */
#pragma once

#include "bpf/lib/flow.h"

#define ANSWER_HOP_LIMIT 64
#define QUOTED_L4	 8 /* bytes of the refused packet's L4 header, enough for its ports (RFC 792, RFC 4443) */

struct icmp_error {
	__u8 type, code;
	__be16 checksum;
	__be32 mtu; /* zero unless the packet is too big */
};

static __always_inline __u16 checksum_fold(__s64 sum)
{
	__u32 folded = (__u32)sum;

	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return (__u16)~folded;
}

/* Sum of the pseudo header; adding addresses in the other order makes no difference. */
static __always_inline __s64 pseudo_header_sum(const struct packet *pkt, __u8 protocol, __u16 length)
{
	__be32 words[2] = {bpf_htonl(length), bpf_htonl(protocol)};
	__s64 sum = bpf_csum_diff(NULL, 0, (__be32 *)&pkt->tuple.source, TUPLE_ADDRESSES, 0);

	return bpf_csum_diff(NULL, 0, words, sizeof(words), sum);
}

/* Ethernet and IP headers of an answer whose L4 part has `length` bytes, and exactly the room for it. */
static __always_inline bool answer_headers(struct __sk_buff *skb, const struct packet *pkt, __u8 protocol,
					   __u16 length)
{
	__u32 l3_length = pkt->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__u8 macs[2 * ETH_ALEN], swapped[2 * ETH_ALEN];
	struct iphdr v4 = {
		.version = 4,
		.ihl = 5,
		.tot_len = bpf_htons(sizeof(v4) + length),
		.frag_off = bpf_htons(0x4000),
		.ttl = ANSWER_HOP_LIMIT,
		.protocol = protocol,
		.saddr = pkt->tuple.destination.word[3],
		.daddr = pkt->tuple.source.word[3],
	};
	struct ipv6hdr v6 = {
		.version = 6,
		.payload_len = bpf_htons(length),
		.nexthdr = protocol,
		.hop_limit = ANSWER_HOP_LIMIT,
	};

	if (bpf_skb_change_tail(skb, L3_OFFSET + l3_length + length, 0) < 0 ||
	    bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)) < 0)
		return false;
	__builtin_memcpy(swapped, macs + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(swapped + ETH_ALEN, macs, ETH_ALEN);
	if (bpf_skb_store_bytes(skb, 0, swapped, sizeof(swapped), 0) < 0)
		return false;
	if (pkt->is_v4) {
		v4.check = checksum_fold(bpf_csum_diff(NULL, 0, (__be32 *)&v4, sizeof(v4), 0));
		return bpf_skb_store_bytes(skb, L3_OFFSET, &v4, sizeof(v4), 0) == 0;
	}
	__builtin_memcpy(&v6.saddr, &pkt->tuple.destination, sizeof(v6.saddr));
	__builtin_memcpy(&v6.daddr, &pkt->tuple.source, sizeof(v6.daddr));
	return bpf_skb_store_bytes(skb, L3_OFFSET, &v6, sizeof(v6), 0) == 0;
}

static __always_inline __u32 answer_l4_offset(const struct packet *pkt)
{
	return L3_OFFSET + (pkt->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
}

/* Bytes of the IP packet from its L4 header on: what Ethernet pads short frames with is not part of it. */
static __always_inline __u32 l4_length(struct __sk_buff *skb, const struct packet *pkt)
{
	__u32 offset = L3_OFFSET +
		       (pkt->is_v4 ? offsetof(struct iphdr, tot_len) : offsetof(struct ipv6hdr, payload_len));
	__be16 told = 0;
	__u32 end;

	bpf_skb_load_bytes(skb, offset, &told, sizeof(told));
	end = L3_OFFSET + bpf_ntohs(told) + (pkt->is_v4 ? 0 : sizeof(struct ipv6hdr));
	if (end <= pkt->l4_offset || end > skb->len) /* jumbo packets say 0 */
		end = skb->len;
	return end - pkt->l4_offset;
}

/* RFC 9293, 3.10.7.1: acknowledge everything the segment occupies, or answer from its own acknowledgment. */
static __always_inline bool answer_reset(struct __sk_buff *skb, struct packet *pkt)
{
	struct tcphdr asked, reset = {};
	__u32 occupied;

	if (bpf_skb_load_bytes(skb, pkt->l4_offset, &asked, sizeof(asked)) < 0 || asked.rst)
		return false;
	occupied = l4_length(skb, pkt) - asked.doff * 4 + asked.syn + asked.fin;
	reset.source = asked.dest;
	reset.dest = asked.source;
	reset.doff = sizeof(reset) / 4;
	reset.rst = 1;
	if (asked.ack) {
		reset.seq = asked.ack_seq;
	} else {
		reset.ack = 1;
		reset.ack_seq = bpf_htonl(bpf_ntohl(asked.seq) + occupied);
	}
	reset.check = checksum_fold(bpf_csum_diff(NULL, 0, (__be32 *)&reset, sizeof(reset),
						  pseudo_header_sum(pkt, IPPROTO_TCP, sizeof(reset))));
	return answer_headers(skb, pkt, IPPROTO_TCP, sizeof(reset)) &&
	       bpf_skb_store_bytes(skb, answer_l4_offset(pkt), &reset, sizeof(reset), 0) == 0;
}

static __always_inline struct icmp_error icmp_error_for(const struct packet *pkt, int verdict)
{
	struct icmp_error error = {};

	if (verdict == -SKIFF_REASON_TOO_BIG) {
		error.type = pkt->is_v4 ? ICMP4_UNREACHABLE : 2;
		error.code = pkt->is_v4 ? 4 : 0;
		error.mtu = bpf_htonl(pkt->mtu);
	} else if (verdict == -SKIFF_REASON_NO_ROUTE) {
		error.type = pkt->is_v4 ? ICMP4_UNREACHABLE : 1;
		error.code = pkt->is_v4 ? 1 : 0;
	} else if (is_denial(-verdict)) { /* administratively prohibited: RFC 1812, 5.2.7.1; RFC 4443, 3.1 */
		error.type = pkt->is_v4 ? ICMP4_UNREACHABLE : 1;
		error.code = pkt->is_v4 ? 13 : 1;
	} else {
		error.type = pkt->is_v4 ? ICMP4_UNREACHABLE : 1;
		error.code = pkt->is_v4 ? 3 : 4;
	}
	return error;
}

/* Quotes the IP header and eight bytes. Packets with options or extension headers are dropped silently. */
static __always_inline bool answer_icmp(struct __sk_buff *skb, struct packet *pkt, struct icmp_error error)
{
	struct {
		struct icmp_error icmp;
		__u8 quoted[sizeof(struct ipv6hdr) + QUOTED_L4];
	} answer = {.icmp = error};
	__u32 l3_length = pkt->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__u16 length = sizeof(answer.icmp) + l3_length + QUOTED_L4;
	__u8 protocol = pkt->is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	__s64 sum = pkt->is_v4 ? 0 : pseudo_header_sum(pkt, protocol, length);
	long failed;

	if (pkt->l4_offset != L3_OFFSET + l3_length)
		return false;
	if (pkt->is_v4)
		failed = bpf_skb_load_bytes(skb, L3_OFFSET, answer.quoted, sizeof(struct iphdr) + QUOTED_L4);
	else
		failed = bpf_skb_load_bytes(skb, L3_OFFSET, answer.quoted, sizeof(answer.quoted));
	if (failed)
		return false;
	answer.icmp.checksum = checksum_fold(bpf_csum_diff(NULL, 0, (__be32 *)&answer, sizeof(answer), sum));
	if (!answer_headers(skb, pkt, protocol, length))
		return false;
	if (pkt->is_v4)
		return bpf_skb_store_bytes(skb, answer_l4_offset(pkt), &answer,
					   sizeof(answer.icmp) + sizeof(struct iphdr) + QUOTED_L4, 0) == 0;
	return bpf_skb_store_bytes(skb, answer_l4_offset(pkt), &answer, sizeof(answer), 0) == 0;
}

/* Stage: makes a translated packet what its sender sent, so that an error can quote it. */
STAGE flow_undo(struct __sk_buff *skb, struct packet *pkt)
{
	struct skiff_flow_alias *alias;
	struct skiff_flow *flow;
	struct skiff_tuple key;

	REQUIRE(pkt);
	tuple_canonical(&pkt->tuple, &key);
	flow = flow_lookup(&key);
	if (flow && tuple_equal(&flow->translated, &pkt->tuple))
		return rewrite(skb, pkt, &flow->original);
	tuple_reverse(&pkt->tuple, &key);
	alias = alias_lookup(&key);
	if (!alias)
		return -SKIFF_REASON_REWRITE_FAILED;
	tuple_reverse(&alias->translated, &key);
	return rewrite(skb, pkt, &key);
}

/* Nobody serves, rather than: nobody can get there like this. */
static __always_inline bool refuses_connection(int verdict)
{
	return verdict != -SKIFF_REASON_TOO_BIG && verdict != -SKIFF_REASON_NO_ROUTE;
}

STAGE answer(struct __sk_buff *skb, struct packet *pkt, int verdict, __u64 direction)
{
	bool answered = false;

	REQUIRE(pkt);
	if (pkt->tuple.protocol == IPPROTO_TCP && refuses_connection(verdict))
		answered = answer_reset(skb, pkt);
	else if (pkt->kind == PACKET_PORTS || (pkt->kind == PACKET_ECHO && is_denial(-verdict)))
		answered = answer_icmp(skb, pkt, icmp_error_for(pkt, verdict));
	if (!answered)
		return verdict;
	count_reason(skb, -verdict);
	if (pkt->carried) { /* its sender is not where it came from */
		struct skiff_tuple asked = pkt->tuple;

		tuple_reverse(&asked, &pkt->tuple);
		pkt->hop_limit = ANSWER_HOP_LIMIT;
		return CONTINUE;
	}
	return redirected(bpf_redirect(skb->ifindex, direction));
}

/* Last stage: turns the reasons that are refusals into answers. `direction`: 0, or BPF_F_INGRESS to answer
 * the node itself. What cannot be answered is dropped for the same reason. Two calls side by side, not one
 * inside the other: the stack of all frames together is 512 bytes.
 */
static __always_inline int refuse(struct __sk_buff *skb, struct packet *pkt, int verdict, __u64 direction)
{
	if (!is_refusal(-verdict) || pkt->fragment == FRAGMENT_LATER)
		return verdict;
	if (pkt->translated && flow_undo(skb, pkt) != CONTINUE)
		return verdict;
	return answer(skb, pkt, verdict, direction);
}
