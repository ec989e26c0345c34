// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A packet that has not become one of the stack yet: read, decided and changed where the driver put it. Each
 * step says no to whatever is better left to the programs at tc; nothing is changed before all have said yes.
 */
#pragma once

#include <linux/udp.h>

#include "bpf/lib/deliver.h"
#include "bpf/lib/refuse.h"
#include "bpf/lib/service.h"

struct express {
	struct skiff_tuple tuple; /* as it came */
	struct skiff_tuple to;	  /* as it leaves */
	struct bpf_fib_lookup fib;
	__u16 l3_length; /* of the whole IP packet */
	__u8 is_v4;
};

#define ROOM(data, offset, end, type) ((data) + (offset) + sizeof(type) <= (end))

static __always_inline bool express_parse_l3(void *data, void *end, struct express *express)
{
	struct ethhdr *eth = data;

	if (!ROOM(data, 0, end, *eth))
		return false;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = data + L3_OFFSET;

		if (!ROOM(data, L3_OFFSET, end, *ip) || ip->ihl != 5 || (ip->frag_off & bpf_htons(0x3fff)) ||
		    ip->ttl <= 1)
			return false;
		express->is_v4 = 1;
		express->tuple.source = address_from_v4(ip->saddr);
		express->tuple.destination = address_from_v4(ip->daddr);
		express->tuple.protocol = ip->protocol;
		express->l3_length = bpf_ntohs(ip->tot_len);
		return true;
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = data + L3_OFFSET;

		if (!ROOM(data, L3_OFFSET, end, *ip) || ip->hop_limit <= 1)
			return false;
		__builtin_memcpy(&express->tuple.source, &ip->saddr, sizeof(ip->saddr));
		__builtin_memcpy(&express->tuple.destination, &ip->daddr, sizeof(ip->daddr));
		express->tuple.protocol = ip->nexthdr;
		express->l3_length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
		return true;
	}
	return false;
}

/* TCP that neither begins nor ends, UDP. */
static __always_inline bool express_parse(struct xdp_md *ctx, struct express *express)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	void *l4 = data + L3_OFFSET;
	__be16 *ports;

	if (!express_parse_l3(data, end, express))
		return false;
	l4 += express->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	ports = l4;
	if (l4 + sizeof(struct udphdr) > end)
		return false;
	if (express->tuple.protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = l4;

		if ((void *)(tcp + 1) > end || tcp->syn || tcp->fin || tcp->rst)
			return false;
	} else if (express->tuple.protocol != IPPROTO_UDP) {
		return false;
	}
	express->tuple.source_port = ports[0];
	express->tuple.destination_port = ports[1];
	return true;
}

/* Taps see what passes the programs at tc. */
static __always_inline bool somebody_watches(void)
{
	struct skiff_trace_control *control;
	__u32 zero = 0;

	if (!config.trace)
		return false;
	control = bpf_map_lookup_elem(&trace_control, &zero);
	return control && control->taps_until_ns && bpf_ktime_get_coarse_ns() < control->taps_until_ns;
}

/* Hidden behind this node: its answers come back here. */
static __always_inline bool is_relayed(const struct skiff_flow *flow)
{
	return (flow->flags & SKIFF_FLOW_ESTABLISHED) && (flow->flags & SKIFF_FLOW_SERVICE) &&
	       !(flow->flags & (SKIFF_FLOW_MASQUERADE | SKIFF_FLOW_CARRIED)) && !flow_is_closed(flow);
}

/* The flow of a client's packet, if its backend is known to be good. */
static __always_inline struct skiff_flow *express_forward(struct express *express)
{
	struct skiff_socket_address asked = {
		.address = express->tuple.destination,
		.port = express->tuple.destination_port,
	};
	struct skiff_flow_alias *alias;
	struct skiff_frontend frontend;
	struct skiff_flow *flow;
	struct skiff_tuple key;

	alias = bpf_map_lookup_elem(&aliases, &express->tuple);
	if (!alias || !frontend_find(&asked, express->tuple.protocol, SKIFF_SCOPE_EXTERNAL, false, &frontend))
		return NULL;
	tuple_canonical(&alias->translated, &key);
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow || !is_relayed(flow) || flow->generation != frontend.generation ||
	    flow->service_id != frontend.service_id)
		return NULL;
	express->to = flow->translated;
	return flow;
}

/* The flow of a backend's answer. */
static __always_inline struct skiff_flow *express_reply(struct express *express)
{
	struct skiff_flow *flow;
	struct skiff_tuple key;

	tuple_canonical(&express->tuple, &key);
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow || !is_relayed(flow) || tuple_equal(&flow->translated, &express->tuple))
		return NULL;
	tuple_reverse(&flow->original, &express->to);
	return flow;
}

/* Out by the device it came in by, whole, to a neighbour that is known. */
static __always_inline bool express_route(struct xdp_md *ctx, struct express *express)
{
	struct bpf_fib_lookup *fib = &express->fib;
	struct skiff_peer *peer = peer_find(&express->to.destination);

	if (pod_find(&express->to.destination) || (peer && !(peer->flags & SKIFF_PEER_ROUTED)))
		return false;
	fib->ifindex = ctx->ingress_ifindex;
	fib->l4_protocol = express->to.protocol;
	fib->sport = express->to.source_port;
	fib->dport = express->to.destination_port;
	fib->tot_len = express->l3_length;
	fib_between(fib, express->is_v4, &express->to.source, &express->to.destination);
	return bpf_fib_lookup(ctx, fib, sizeof(*fib), 0) == BPF_FIB_LKUP_RET_SUCCESS &&
	       fib->ifindex == ctx->ingress_ifindex;
}

/* RFC 1624. `difference`: a sum of words, not folded. */
static __always_inline __u16 checksum_add(__u16 checksum, __u64 difference)
{
	__u64 sum = (__u16)~checksum + difference;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

/* Says no, and changes nothing, where the header is not there: Linux 6.1 has forgotten that it is. */
static __always_inline bool rewrite_l3(void *data, void *end, const struct express *express, __u64 difference)
{
	if (express->is_v4) {
		struct iphdr *ip = data + L3_OFFSET;

		if ((void *)(ip + 1) > end)
			return false;
		/* One hop less, in the upper half of its word. */
		ip->check = checksum_add(ip->check, difference + (__u16)~bpf_htons(0x0100));
		ip->ttl--;
		ip->saddr = express->to.source.word[3];
		ip->daddr = express->to.destination.word[3];
	} else {
		struct ipv6hdr *ip = data + L3_OFFSET;

		if ((void *)(ip + 1) > end)
			return false;
		ip->hop_limit--;
		__builtin_memcpy(&ip->saddr, &express->to.source, sizeof(ip->saddr));
		__builtin_memcpy(&ip->daddr, &express->to.destination, sizeof(ip->daddr));
	}
	return true;
}

/* A sender on a virtual device leaves the checksum to it, and the sum of the pseudo header in its place: of
 * that no rewriting makes a whole one.
 */
static __always_inline bool is_left_to_device(const struct express *express, __be16 check)
{
	__u16 l3_header = express->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__be32 words[2] = {bpf_htonl(express->l3_length - l3_header), bpf_htonl(express->tuple.protocol)};
	__s64 sum = bpf_csum_diff(NULL, 0, (__be32 *)&express->tuple.source, TUPLE_ADDRESSES, 0);

	sum = bpf_csum_diff(NULL, 0, words, sizeof(words), sum);
	return check == (__u16)~checksum_fold(sum);
}

/* A UDP datagram may have none; one that comes to zero is all ones (RFC 768). */
static __always_inline void rewrite_l4_checksum(__be16 *check, bool is_udp, __u64 difference)
{
	if (is_udp && !*check)
		return;
	*check = checksum_add(*check, difference);
	if (is_udp && !*check)
		*check = 0xffff;
}

static __always_inline bool express_rewrite(struct xdp_md *ctx, const struct express *express)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 addresses = addresses_difference(&express->tuple, &express->to);
	__be16 old_ports[2] = {express->tuple.source_port, express->tuple.destination_port};
	__be16 new_ports[2] = {express->to.source_port, express->to.destination_port};
	bool is_udp = express->tuple.protocol == IPPROTO_UDP;
	struct ethhdr *eth = data;
	__be16 *ports = data + L3_OFFSET + (express->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	__be16 *check =
		ports + (is_udp ? offsetof(struct udphdr, check) : offsetof(struct tcphdr, check)) / 2;

	if ((void *)(ports + 2) > end || (void *)(check + 1) > end || is_left_to_device(express, *check) ||
	    !rewrite_l3(data, end, express, addresses))
		return false;
	rewrite_l4_checksum(check, is_udp,
			    addresses + (__u64)bpf_csum_diff((__be32 *)old_ports, sizeof(old_ports),
							     (__be32 *)new_ports, sizeof(new_ports), 0));
	__builtin_memcpy(ports, new_ports, sizeof(new_ports));
	__builtin_memcpy(eth->h_dest, express->fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, express->fib.smac, ETH_ALEN);
	return true;
}

/* As flow_touch() does for a packet that says nothing new of its flow. */
static __always_inline void express_count(const struct xdp_md *ctx, struct skiff_flow *flow,
					  enum flow_direction direction)
{
	__u64 now = bpf_ktime_get_coarse_ns();

	__sync_fetch_and_add(&flow->packets[direction], 1);
	__sync_fetch_and_add(&flow->bytes[direction], ctx->data_end - ctx->data);
	if (now - flow->last_seen_ns > COARSE_SECOND) {
		flow->last_seen_ns = now;
		count_bytes(flow);
	}
	if (direction == FLOW_REPLY && !(flow->flags & SKIFF_FLOW_REPLIED))
		__sync_fetch_and_or(&flow->flags, SKIFF_FLOW_REPLIED);
}
