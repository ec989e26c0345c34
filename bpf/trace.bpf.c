// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Packets the kernel gives up, seen at the tracepoint of kfree_skb: counted by place and reason, some told of
 * one by one. The tracepoint fires for the whole machine; namespaces of others are skipped.
 */
#include <linux/bpf.h>

#include "bpf/lib/kernel_skb.h"
#include "bpf/lib/trace.h"

/* Numbers of the running kernel (BTF). QUEUE_PURGE: what a closed socket had left, no loss. NOT_SPECIFIED: in
 * part the usual end of packets that served their purpose: counted, not told of.
 */
const volatile __u32 purge_reason = ~0U;
const volatile __u32 unspecified_reason = ~0U;

static __always_inline void count_drop(const struct skiff_drop_key *key, const struct skiff_tuple *tuple,
				       __u32 length)
{
	struct skiff_drop_count *count = bpf_map_lookup_elem(&kernel_drops, key);
	struct skiff_drop_count first = {.packets = 1, .bytes = length};

	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, length);
		count->last = *tuple;
		return;
	}
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
		count_ring_full(loss, 0);
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
	event->header.suppressed = take_suppressed(loss);
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
	struct kernel_packet packet = {};

	if (is_told_already() || key.reason == purge_reason || !skb->len || skb->mark == SKIFF_PROBE_MARK)
		return 0;
	if (!find_place(skb, &key.netns_cookie, &key.ifindex) ||
	    !read_packet(skb, skb->network_header, &packet))
		return 0;
	count_drop(&key, &packet.tuple, skb->len);
	if (key.reason != unspecified_reason)
		tell_drop(ctx, &key, &packet.tuple, skb->len, packet.tcp_flags);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
