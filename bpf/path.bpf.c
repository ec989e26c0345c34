// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Points of a packet's path outside our own programs: tracepoints of the network stack, and both ends of each
 * of netfilter's hooks. Attached only while somebody follows packets; the links are held by the agent and go
 * with it. A packet is told of if a tap wants it, or if it has been told of before: then it is followed by
 * where its bytes are (skb->head, which clones share), whatever its addresses have become.
 */
#include <bpf/bpf_core_read.h>

#include "bpf/lib/kernel_skb.h"
#include "bpf/lib/tap_match.h"

#define PATH_FORGET_NS                                                                          \
	2000000000ULL	  /* memory is used again: what was there so long ago is another packet \
			   */
#define PATH_ROOMS	8 /* a processor: process, softirq, irq, nmi, and as many that were preempted */
#define OVERLAY_PORT	bpf_htons(4789)
#define OVERLAY_HEADERS 16 /* UDP, VXLAN */
#define NF_ACCEPT	1
#define AF_INET		2

struct nf_hook_state {
	__u8 hook;
	struct net_device *in;
	struct net_device *out;
	struct net *net;
} RELOCATED;

struct bpf_nf_ctx {
	const struct nf_hook_state *state;
	struct sk_buff *skb;
} RELOCATED;

/* A packet that is being followed. */
struct tracked {
	__u64 packet;
	__u64 seen_ns;
	struct skiff_tuple tuple; /* as it was last seen */
	__u32 fingerprint;
	__u32 identification;
	__u32 sequence;
	__u32 taps;
	__u32 ifindex; /* where it was last seen */
	__u64 netns;
};

/* tracked: where its bytes are -> the packet. Writer and reader: path. Evicts the oldest; not pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64);
	__type(value, struct tracked);
	__uint(max_entries, 4096);
} tracked SEC(".maps");

/* path_rooms: 1 where a program holds the room of this number in `tap_scratch`, which is no per-CPU map here.
 * A program of netfilter may be preempted by others and go on at another processor: what it holds goes by
 * number, not by where it runs. Not pinned; the agent makes as many as there are processors.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, PATH_ROOMS);
} path_rooms SEC(".maps");

/* Where in the stack, and with which packet. */
struct sight {
	__u32 point;
	__u32 l3; /* of the network header, from the packet's head */
	__u64 netns;
	__u32 ifindex;
	__u32 reason; /* of a drop; of what is read, how many bytes */
	__u64 location;
	struct skiff_tuple outer; /* of an overlay's packet around it */
	__u32 l2;		  /* of a packet in an overlay's; 0: there is none around it */
};

static __always_inline bool path_is_followed(void)
{
	struct skiff_trace_control *control = tap_control();

	return control && control->taps_until_ns;
}

/* One step translates one end. Memory is used again, by datagrams that differ in little else. */
static __always_inline bool shares_an_end(const struct skiff_tuple *a, const struct skiff_tuple *b)
{
	return (a->source_port == b->source_port && address_equal(&a->source, &b->source)) ||
	       (a->destination_port == b->destination_port &&
		address_equal(&a->destination, &b->destination));
}

static __always_inline bool is_same_packet(const struct tracked *known, const struct kernel_packet *packet)
{
	return shares_an_end(&known->tuple, &packet->tuple) &&
	       known->tuple.protocol == packet->tuple.protocol && known->sequence == packet->sequence &&
	       known->identification == packet->identification && known->fingerprint == packet->fingerprint;
}

/* An overlay's packet is how another one travels, which is the one that is followed. */
static __always_inline void look_inside(const struct sk_buff *skb, struct sight *sight,
					struct kernel_packet *packet)
{
	__u32 l2 = sight->l3 + packet->l4 + OVERLAY_HEADERS;
	__be16 protocol;

	if (packet->tuple.protocol != IPPROTO_UDP || packet->tuple.destination_port != OVERLAY_PORT ||
	    l2 + ETH_HLEN + sizeof(struct iphdr) + 8 > skb->tail)
		return;
	sight->outer = packet->tuple;
	__builtin_memset(packet, 0, sizeof(*packet));
	if (bpf_probe_read_kernel(&protocol, sizeof(protocol), skb->head + l2 + ETH_HLEN - 2) < 0 ||
	    !read_headers(skb->head + l2 + ETH_HLEN, protocol, packet))
		packet->tuple = sight->outer;
	else
		sight->l2 = l2;
}

/* What filters look at begins at an Ethernet header, which many points have not. How many bytes are there. */
static __always_inline __u32 copy_for_filters(struct skiff_tap_scratch *room, const struct sk_buff *skb,
					      const struct sight *sight)
{
	__u32 l3 = sight->l2 ? sight->l2 + ETH_HLEN : sight->l3;
	__be16 protocol = skb->protocol;

	if (sight->l2)
		bpf_probe_read_kernel(&protocol, sizeof(protocol), skb->head + l3 - 2);
	__builtin_memset(room->bytes, 0, ETH_HLEN - 2);
	*(__be16 *)(room->bytes + ETH_HLEN - 2) = protocol;
	if (bpf_probe_read_kernel(room->bytes + ETH_HLEN, SKIFF_FILTER_BYTES - ETH_HLEN, skb->head + l3))
		return 0;
	l3 = skb->tail - l3 + ETH_HLEN;
	return l3 > SKIFF_FILTER_BYTES ? SKIFF_FILTER_BYTES : l3;
}

/* Fills the room's event with what is seen, and decides who wants it. */
static __always_inline void path_match(struct skiff_tap_scratch *room, __u32 number, struct sk_buff *skb,
				       const struct sight *sight, const struct kernel_packet *packet)
{
	struct skiff_tap_event *event = &room->event;
	__u64 head = (__u64)skb->head;
	struct tracked *known = bpf_map_lookup_elem(&tracked, &head);
	__u32 available = 0, snap = 0;
	struct tracked fresh = {};

	event->header.time_ns = bpf_ktime_get_ns();
	event->before = packet->tuple;
	event->packet = 0;
	if (known && event->header.time_ns - known->seen_ns < PATH_FORGET_NS &&
	    is_same_packet(known, packet)) {
		if (!event->wrapped)
			event->before = known->tuple;
		event->packet = known->packet;
		event->taps = known->taps;
		known->seen_ns = event->header.time_ns;
		known->ifindex = sight->ifindex;
		known->netns = sight->netns;
		known->tuple = packet->tuple;
		return;
	}
	if (tap_any_filter())
		available = copy_for_filters(room, skb, sight);
	event->taps = tap_match(number, available, &snap);
	if (!event->taps)
		return;
	event->packet = head ^ event->header.time_ns;
	fresh.packet = event->packet;
	fresh.seen_ns = event->header.time_ns;
	fresh.tuple = packet->tuple;
	fresh.fingerprint = packet->fingerprint;
	fresh.identification = packet->identification;
	fresh.sequence = packet->sequence;
	fresh.taps = event->taps;
	fresh.ifindex = sight->ifindex;
	fresh.netns = sight->netns;
	bpf_map_update_elem(&tracked, &head, &fresh, BPF_ANY);
}

static __always_inline void path_tell(struct skiff_tap_scratch *room, __u32 number, struct sk_buff *skb,
				      const struct sight *sight, const struct kernel_packet *packet)
{
	struct skiff_tap_event *event = &room->event;

	event->header.netns_cookie = sight->netns;
	event->header.ifindex = sight->ifindex;
	event->header.length = skb->len;
	event->header.kind = SKIFF_TRACE_TAP;
	event->header.hook = SKIFF_HOOK_OTHER;
	event->header.tcp_flags = packet->tcp_flags;
	event->header.payload = packet->payload;
	event->wrapped = !!sight->l2;
	event->after = sight->l2 ? sight->outer : packet->tuple;
	event->verdict = sight->point == SKIFF_POINT_DROPPED ? SKIFF_VERDICT_KERNEL : 0;
	event->point = sight->point;
	event->location = sight->location;
	event->reason = sight->reason;
	event->mark = skb->mark;
	event->packet_hash = 0;
	event->tcp_sequence = packet->sequence;
	event->ip_identification = packet->identification;
	room->accepted = 0;
	path_match(room, number, skb, sight, packet);
	if (event->taps)
		tap_send(room, 0);
}

/* The number of a room that is the caller's until it is given back; negative: all are taken, which is a loss.
 */
STAGE path_enter(void)
{
	__u32 first = bpf_get_smp_processor_id() * PATH_ROOMS;
	struct skiff_trace_loss *loss;

	for (__u32 i = 0; i < PATH_ROOMS; i++) {
		__u32 number = first + i;
		__u32 *taken = bpf_map_lookup_elem(&path_rooms, &number);

		if (taken && !__sync_val_compare_and_swap(taken, 0, 1))
			return number;
	}
	loss = trace_loss(SKIFF_TRACE_CLASS_TAP);
	if (loss)
		count_limited(loss);
	return -1;
}

static __noinline int path_take(struct sk_buff *skb, struct sight *sight, struct kernel_packet *packet)
{
	struct skiff_tap_scratch *room;
	int entered = path_enter();
	__u32 number = entered;
	__u32 *taken;

	if (entered < 0)
		return 0;
	room = tap_room(number);
	if (room)
		path_tell(room, number, skb, sight, packet);
	taken = bpf_map_lookup_elem(&path_rooms, &number);
	if (taken)
		__sync_lock_test_and_set(taken, 0);
	return 0;
}

static __always_inline int see(struct sk_buff *skb, struct sight *sight)
{
	struct kernel_packet packet = {};

	if (!path_is_followed() || !is_our_netns(sight->netns) || skb->mark == SKIFF_PROBE_MARK ||
	    !read_packet(skb, sight->l3, &packet))
		return 0;
	look_inside(skb, sight, &packet);
	return path_take(skb, sight, &packet);
}

static __always_inline int see_at_device(struct sk_buff *skb, const struct net_device *dev, __u32 point,
					 __u32 l3)
{
	struct sight sight = {.point = point, .l3 = l3, .netns = netns_of_device(dev)};

	sight.ifindex = dev ? dev->ifindex : 0;
	return see(skb, &sight);
}

/* What arrives begins with its network header; `network_header` is still that of the sender's stack. */
static __always_inline __u32 begin_of(const struct sk_buff *skb)
{
	return skb->data - skb->head;
}

SEC("tp_btf/net_dev_queue")
int skiff_path_queue(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];

	return see_at_device(skb, skb->dev, SKIFF_POINT_DEVICE_QUEUE, skb->network_header);
}

SEC("tp_btf/net_dev_start_xmit")
int skiff_path_send(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];

	return see_at_device(skb, (struct net_device *)ctx[1], SKIFF_POINT_DEVICE_SEND, skb->network_header);
}

SEC("tp_btf/qdisc_enqueue")
int skiff_path_enqueue(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[2];

	return see_at_device(skb, skb->dev, SKIFF_POINT_QDISC_ENQUEUE, skb->network_header);
}

SEC("tp_btf/netif_rx")
int skiff_path_backlog(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];

	return see_at_device(skb, skb->dev, SKIFF_POINT_BACKLOG, begin_of(skb));
}

SEC("tp_btf/netif_receive_skb")
int skiff_path_receive(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];

	return see_at_device(skb, skb->dev, SKIFF_POINT_RECEIVED, begin_of(skb));
}

static __always_inline int see_at_socket(struct sk_buff *skb, const struct sock *sk, __u32 point)
{
	struct sight sight = {.point = point, .l3 = skb->network_header, .netns = netns_of_socket(sk)};

	return see(skb, &sight);
}

/* A datagram in its queue knows neither device nor socket: who reads it is in the namespace of its socket.
 * Segments that waited together may have become one packet, that of the first: its sequence number and its
 * length say which they were (cli/packets/walk.h).
 */
SEC("tp_btf/skb_copy_datagram_iovec")
int skiff_path_read(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct task_struct *reader = bpf_get_current_task_btf();
	struct nsproxy *namespaces = reader->nsproxy;
	struct sight sight = {.point = SKIFF_POINT_READ, .l3 = skb->network_header, .reason = (__u32)ctx[1]};

	sight.netns = skb->sk ? netns_of_socket(skb->sk) : namespaces ? namespaces->net_ns->net_cookie : 0;
	return see(skb, &sight);
}

SEC("tp_btf/tcp_send_reset")
int skiff_path_reset(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	struct sk_buff *skb = (struct sk_buff *)ctx[1];

	/* Since 6.10 both may be missing; a packet of no socket is still at its device. */
	if (!skb)
		return 0;
	if (sk)
		return see_at_socket(skb, sk, SKIFF_POINT_RESET);
	return see_at_device(skb, skb->dev, SKIFF_POINT_RESET, skb->network_header);
}

/* The segment waits in its socket's queue without headers: the socket has the addresses. */
SEC("tp_btf/tcp_retransmit_skb")
int skiff_path_retransmit(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	struct sk_buff *skb = (struct sk_buff *)ctx[1];
	struct sight sight = {.point = SKIFF_POINT_RETRANSMIT, .netns = netns_of_socket(sk)};
	struct kernel_packet packet = {.tuple.protocol = IPPROTO_TCP};
	const struct sock_common *common = &sk->__sk_common;

	if (!path_is_followed() || !is_our_netns(sight.netns))
		return 0;
	if (common->skc_family == AF_INET) {
		packet.tuple.source = address_from_v4(common->skc_rcv_saddr);
		packet.tuple.destination = address_from_v4(common->skc_daddr);
	} else {
		bpf_probe_read_kernel(&packet.tuple.source, 16, &common->skc_v6_rcv_saddr);
		bpf_probe_read_kernel(&packet.tuple.destination, 16, &common->skc_v6_daddr);
	}
	packet.tuple.source_port = bpf_htons(common->skc_num);
	packet.tuple.destination_port = common->skc_dport;
	bpf_probe_read_kernel(&packet.sequence, sizeof(packet.sequence), skb->cb); /* struct tcp_skb_cb */
	return path_take(skb, &sight, &packet);
}

/* Most packets end so: only those that are followed matter. They are where they were last seen: by now the
 * device may be something else (bpf/trace.bpf.c), and the socket forgotten.
 */
SEC("tp_btf/consume_skb")
int skiff_path_consume(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct sight sight = {.point = SKIFF_POINT_CONSUMED, .l3 = skb->network_header};
	__u64 head = (__u64)skb->head;
	struct tracked *known = bpf_map_lookup_elem(&tracked, &head);

	if (!known)
		return 0;
	sight.ifindex = known->ifindex;
	sight.netns = known->netns;
	return see(skb, &sight);
}

SEC("tp_btf/kfree_skb")
int skiff_path_drop(__u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct sight sight = {.point = SKIFF_POINT_DROPPED,
			      .l3 = skb->network_header,
			      .location = ctx[1],
			      .reason = (__u32)ctx[2]};

	if (!find_place(skb, &sight.netns, &sight.ifindex))
		return 0;
	return see(skb, &sight);
}

static __always_inline int see_in_netfilter(struct bpf_nf_ctx *ctx, __u32 first)
{
	const struct nf_hook_state *state = ctx->state;
	const struct net_device *dev = state->out ? state->out : state->in;
	struct sk_buff *skb = ctx->skb;
	struct sight sight = {.point = first + state->hook, .l3 = skb->network_header};

	sight.netns = state->net->net_cookie;
	sight.ifindex = dev ? dev->ifindex : 0;
	see(skb, &sight);
	return NF_ACCEPT;
}

/* libbpf 1.1 does not know the section; the agent sets type and attachment. */
SEC("netfilter/first")
int skiff_path_netfilter_first(struct bpf_nf_ctx *ctx)
{
	return see_in_netfilter(ctx, SKIFF_POINT_NETFILTER_FIRST_PREROUTING);
}

SEC("netfilter/last")
int skiff_path_netfilter_last(struct bpf_nf_ctx *ctx)
{
	return see_in_netfilter(ctx, SKIFF_POINT_NETFILTER_LAST_PREROUTING);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
