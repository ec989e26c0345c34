// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Packets the kernel gives up, seen at the tracepoint of kfree_skb: counted by place and reason, some told of
 * one by one. The tracepoint fires for the whole machine; namespaces of others are skipped. Types are the few
 * fields that are read, relocated by the loader (CO-RE): no vmlinux.h, no probe into functions.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_core_read.h>

#include "bpf/lib/address.h"
#include "bpf/lib/trace.h"

/* Numbers of the running kernel (BTF). QUEUE_PURGE: what a closed socket had left, no loss. NOT_SPECIFIED: in
 * part the usual end of packets that served their purpose: counted, not told of.
 */
const volatile __u32 purge_reason = ~0U;
const volatile __u32 unspecified_reason = ~0U;

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
	possible_net_t skc_net;
} RELOCATED;

struct sock {
	struct sock_common __sk_common;
} RELOCATED;

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned int len;
	__u32 mark;
	__be16 protocol;
	__u16 transport_header;
	__u16 network_header;
	unsigned char *head;
} RELOCATED;

static __always_inline __u64 netns_of(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct sock *sk = skb->sk;

	if (dev)
		return BPF_CORE_READ(dev, nd_net.net, net_cookie);
	return sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie) : 0;
}

static __always_inline bool is_ours(__u64 netns)
{
	return netns && (netns == config.node_netns_cookie || bpf_map_lookup_elem(&pod_namespaces, &netns));
}

/* The packet's tuple as far as its headers are there. False: neither IPv4 nor IPv6. */
static __always_inline bool read_tuple(struct sk_buff *skb, struct skiff_tuple *tuple, __u8 *tcp_flags)
{
	const void *l3 = skb->head + skb->network_header;
	const void *l4 = NULL;
	__be16 ports[2] = {};
	struct iphdr v4;
	struct ipv6hdr v6;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (bpf_probe_read_kernel(&v4, sizeof(v4), l3) < 0 || v4.version != 4)
			return false;
		tuple->source = address_from_v4(v4.saddr);
		tuple->destination = address_from_v4(v4.daddr);
		tuple->protocol = v4.protocol;
		if (!(v4.frag_off & bpf_htons(0x1fff)))
			l4 = l3 + v4.ihl * 4;
	} else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		if (bpf_probe_read_kernel(&v6, sizeof(v6), l3) < 0 || v6.version != 6)
			return false;
		__builtin_memcpy(&tuple->source, &v6.saddr, sizeof(tuple->source));
		__builtin_memcpy(&tuple->destination, &v6.daddr, sizeof(tuple->destination));
		tuple->protocol = v6.nexthdr;
		l4 = l3 + sizeof(v6);
	} else {
		return false;
	}
	if (l4 && (tuple->protocol == IPPROTO_TCP || tuple->protocol == IPPROTO_UDP)) {
		bpf_probe_read_kernel(ports, sizeof(ports), l4);
		if (tuple->protocol == IPPROTO_TCP)
			bpf_probe_read_kernel(tcp_flags, 1, l4 + 13);
	}
	tuple->source_port = ports[0];
	tuple->destination_port = ports[1];
	return true;
}

static __always_inline void count_drop(const struct skiff_drop_key *key, const struct skiff_tuple *tuple,
				       __u32 length)
{
	struct skiff_drop_count *count = bpf_map_lookup_elem(&kernel_drops, key);
	struct skiff_drop_count first = {.packets = 1, .bytes = length};

	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, length);
		count->last_ns = bpf_ktime_get_ns();
		count->last = *tuple;
		return;
	}
	first.last_ns = bpf_ktime_get_ns();
	first.last = *tuple;
	bpf_map_update_elem(&kernel_drops, key, &first, BPF_ANY);
}

static __always_inline bool stack_is_wanted(void)
{
	__u32 zero = 0;
	struct skiff_trace_control *control = bpf_map_lookup_elem(&trace_control, &zero);

	return control && control->stack_until_ns && bpf_ktime_get_ns() < control->stack_until_ns;
}

static __always_inline void tell_drop(void *ctx, const struct skiff_drop_key *key,
				      const struct skiff_tuple *tuple, __u32 length, __u8 tcp_flags)
{
	struct skiff_trace_loss *loss = trace_loss(SKIFF_TRACE_CLASS_KERNEL);
	struct skiff_drop_event *event;
	long bytes;

	if (!loss || !trace_allowed(loss, TRACE_LIMIT_KERNEL, bpf_ktime_get_ns()))
		return;
	event = bpf_ringbuf_reserve(&trace_events, sizeof(*event), 0);
	if (!event) {
		loss->ring_full++;
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->header.time_ns = bpf_ktime_get_ns();
	event->header.netns_cookie = key->netns_cookie;
	event->header.ifindex = key->ifindex;
	event->header.length = length;
	event->header.kind = SKIFF_TRACE_KERNEL_DROP;
	event->header.hook = SKIFF_HOOK_KERNEL;
	event->header.tcp_flags = tcp_flags;
	event->header.suppressed = loss->suppressed;
	loss->suppressed = 0;
	event->tuple = *tuple;
	event->location = key->location;
	event->reason = key->reason;
	if (stack_is_wanted()) {
		bytes = bpf_get_stack(ctx, event->stack, sizeof(event->stack), 0);
		event->stack_count = bytes > 0 ? bytes / sizeof(event->stack[0]) : 0;
	}
	trace_submit(event);
}

/* One of our programs has just told of this packet. */
static __always_inline bool is_told_already(void)
{
	__u32 zero = 0;
	__u32 *mark = bpf_map_lookup_elem(&own_drops, &zero);

	if (!mark || !*mark)
		return false;
	*mark = 0;
	return true;
}

SEC("tp_btf/kfree_skb")
int skiff_kfree_skb(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct skiff_drop_key key = {.location = ctx[1], .reason = (__u32)ctx[2]};
	struct skiff_tuple tuple = {};
	__u8 tcp_flags = 0;
	struct net_device *dev;

	if (is_told_already() || key.reason == purge_reason || !skb->len || skb->mark == SKIFF_PROBE_MARK)
		return 0;
	key.netns_cookie = netns_of(skb);
	if (!is_ours(key.netns_cookie) || !read_tuple(skb, &tuple, &tcp_flags))
		return 0;
	dev = skb->dev;
	key.ifindex = dev ? dev->ifindex : 0;
	count_drop(&key, &tuple, skb->len);
	if (key.reason != unspecified_reason)
		tell_drop(ctx, &key, &tuple, skb->len, tcp_flags);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
