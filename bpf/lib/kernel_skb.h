// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The kernel's own packets, for programs at tracepoints and in netfilter. Types are the few fields that are
 * read, relocated by the loader (CO-RE): no vmlinux.h.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_core_read.h>

#include "bpf/lib/address.h"
#include "bpf/maps.h"

#define RELOCATED __attribute__((preserve_access_index))

struct net {
	__u64 net_cookie;
} RELOCATED;

typedef struct {
	struct net *net;
} RELOCATED possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
} RELOCATED;

struct sock_common {
	unsigned short skc_family;
	__u16 skc_num; /* local port, host order */
	__be16 skc_dport;
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	possible_net_t skc_net;
} RELOCATED;

struct sock {
	struct sock_common __sk_common;
} RELOCATED;

struct nsproxy {
	struct net *net_ns;
} RELOCATED;

struct task_struct {
	struct nsproxy *nsproxy;
} RELOCATED;

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned int len;
	__u32 mark;
	__be16 protocol;
	__u16 network_header;
	unsigned int tail; /* sk_buff_data_t: offsets from `head` where pointers have 64 bits */
	unsigned char *head;
	unsigned char *data;
	char cb[48];
} RELOCATED;

static __always_inline __u64 netns_of_device(const struct net_device *dev)
{
	return dev ? dev->nd_net.net->net_cookie : 0;
}

static __always_inline __u64 netns_of_socket(const struct sock *sk)
{
	return sk ? sk->__sk_common.skc_net.net->net_cookie : 0;
}

/* The node's, or one of its pods'. */
static __always_inline bool is_our_netns(__u64 netns)
{
	return netns && (netns == config.node_netns_cookie || bpf_map_lookup_elem(&pod_namespaces, &netns));
}

/* Whose packet: of its device, else of its socket. UDP keeps something else where the device was while a
 * packet waits for its reader, so that what is read there may be nothing. False: nobody's of this node.
 */
static __always_inline bool find_place(struct sk_buff *skb, __u64 *netns, __u32 *ifindex)
{
	struct net_device *dev = skb->dev;

	*netns = dev ? BPF_CORE_READ(dev, nd_net.net, net_cookie) : 0;
	if (is_our_netns(*netns)) {
		*ifindex = dev->ifindex;
		return true;
	}
	*netns = netns_of_socket(skb->sk);
	return is_our_netns(*netns);
}

/* What is read of a packet, the tuple as bpf/lib/packet.h has it. */
struct kernel_packet {
	struct skiff_tuple tuple;
	__u32 sequence;	      /* of TCP, host order */
	__u32 identification; /* of IPv4, host order */
	__u32 fingerprint;    /* of what translation leaves as it is, beside the identification */
	__u8 tcp_flags;
	__u8 payload; /* TCP: there are bytes after its header */
	__u16 l4;     /* from the network header */
};

/* The first bytes of TCP, UDP, SCTP, ICMP. */
struct kernel_l4 {
	union {
		__be16 ports[2];
		struct {
			__u8 type, code;
		};
	};
	union {
		__be32 sequence;   /* TCP; the tag of SCTP; the identifier and sequence of ICMP */
		__be16 length;	   /* UDP */
		__be16 identifier; /* ICMP */
	};
	__u8 rest[4], offset, flags;
	__u8 more[2];
};

/* `bytes`: from the header to the end of the packet. */
static __always_inline void read_l4(const void *l4, bool v4, __u32 bytes, struct kernel_packet *packet)
{
	struct skiff_tuple *tuple = &packet->tuple;
	struct kernel_l4 header;

	if (bpf_probe_read_kernel(&header, sizeof(header), l4) < 0)
		return;
	switch (tuple->protocol) {
	case IPPROTO_TCP:
		packet->sequence = bpf_ntohl(header.sequence);
		packet->tcp_flags = header.flags;
		packet->payload = bytes > (header.offset >> 4) * 4;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		packet->fingerprint = header.sequence;
		if (header.type == (v4 ? 8 : 128)) /* echo: bpf/lib/packet.h */
			tuple->source_port = header.identifier;
		else if (header.type == (v4 ? 0 : 129))
			tuple->destination_port = header.identifier;
		return;
	case IPPROTO_UDP:
		packet->fingerprint = header.length;
		break;
	case IPPROTO_SCTP:
		break;
	default:
		return;
	}
	if (tuple->protocol != IPPROTO_UDP)
		packet->fingerprint = header.sequence;
	tuple->source_port = header.ports[0];
	tuple->destination_port = header.ports[1];
}

#define KERNEL_EXTENSIONS 2 /* MLD comes behind one */

/* Over what is between an IPv6 header and a protocol's. */
static __always_inline void skip_extensions(const void *header, struct kernel_packet *packet)
{
	struct {
		__u8 next, length; /* in 8 bytes, without the first 8 */
	} extension;

	for (int i = 0; i < KERNEL_EXTENSIONS; i++) {
		__u8 kind = packet->tuple.protocol;

		if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_DSTOPTS)
			break;
		if (bpf_probe_read_kernel(&extension, sizeof(extension), header + packet->l4) < 0)
			break;
		packet->tuple.protocol = extension.next;
		packet->l4 += (extension.length + 1) * 8;
	}
}

/* Reads the packet whose network header is at `header`, as far as its headers are there. False: neither IPv4
 * nor IPv6.
 */
static __noinline bool read_headers(const void *header, __be16 protocol, struct kernel_packet *packet)
{
	struct iphdr v4;
	struct ipv6hdr v6;

	if (protocol == bpf_htons(ETH_P_IP)) {
		if (bpf_probe_read_kernel(&v4, sizeof(v4), header) < 0 || v4.version != 4)
			return false;
		packet->tuple.source = address_from_v4(v4.saddr);
		packet->tuple.destination = address_from_v4(v4.daddr);
		packet->tuple.protocol = v4.protocol;
		packet->identification = bpf_ntohs(v4.id);
		packet->l4 = v4.ihl * 4;
		if (!(v4.frag_off & bpf_htons(0x1fff)))
			read_l4(header + packet->l4, true, bpf_ntohs(v4.tot_len) - packet->l4, packet);
		return true;
	}
	if (protocol != bpf_htons(ETH_P_IPV6) || bpf_probe_read_kernel(&v6, sizeof(v6), header) < 0 ||
	    v6.version != 6)
		return false;
	__builtin_memcpy(&packet->tuple.source, &v6.saddr, sizeof(v6.saddr));
	__builtin_memcpy(&packet->tuple.destination, &v6.daddr, sizeof(v6.daddr));
	packet->tuple.protocol = v6.nexthdr;
	packet->l4 = sizeof(v6);
	skip_extensions(header, packet);
	read_l4(header + packet->l4, false, bpf_ntohs(v6.payload_len) + sizeof(v6) - packet->l4, packet);
	return true;
}

/* The packet whose network header is `l3` bytes into its head. */
static __always_inline bool read_packet(const struct sk_buff *skb, __u32 l3, struct kernel_packet *packet)
{
	return read_headers(skb->head + l3, skb->protocol, packet);
}
