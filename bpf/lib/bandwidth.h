// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Limits of pods: each packet takes its time off a clock (bpf/abi/bandwidth.h). Where a queue sends by time
 * stamp, the packet waits there until its time has come; everywhere else it goes at once, as long as the
 * clock is not too far ahead.
 */
#pragma once

#include "bpf/lib/packet.h"

#define SEGMENT_TCP_HEADER   20 /* at least: no options */
#define NANOSECONDS_A_SECOND 1000000000ULL

/* What the packet is on the wire: one that will be cut into segments has a header for each of them. */
static __always_inline __u64 wire_bytes(const struct __sk_buff *skb, const struct packet *pkt)
{
	__u64 bytes = skb->len;

	if (skb->gso_segs > 1)
		bytes += (__u64)(skb->gso_segs - 1) * (pkt->l4_offset + SEGMENT_TCP_HEADER);
	return bytes;
}

/* When the packet is due; 0: there is no room for it. Several CPUs may take at once. */
static __always_inline __u64 rate_take(struct skiff_rate *rate, __u64 bytes)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 next = rate->next_ns;

	if (next < now)
		__sync_val_compare_and_swap(&rate->next_ns, next, now);
	else if (next - now > rate->burst_ns)
		return 0;
	return __sync_fetch_and_add(&rate->next_ns, bytes * NANOSECONDS_A_SECOND / rate->bytes_per_second);
}

#define BY_OVERLAY ((__u32) - 1) /* whose datagrams leave by the uplink */

/* Stage: what a limited pod sends, on its way out by `ifindex`; 0: to somebody on this node. */
STAGE bandwidth_egress(struct __sk_buff *skb, struct packet *pkt, __u32 ifindex)
{
	__u32 key = skb->ifindex;
	struct skiff_bandwidth *limit = bpf_map_lookup_elem(&bandwidth, &key);
	__u64 due;

	REQUIRE(pkt);
	if (!limit || !limit->egress.bytes_per_second)
		return CONTINUE;
	due = rate_take(&limit->egress, wire_bytes(skb, pkt));
	if (!due)
		return -SKIFF_REASON_EGRESS_BANDWIDTH;
	if (limit->paced_ifindex && (ifindex == limit->paced_ifindex || ifindex == BY_OVERLAY))
		bpf_skb_set_tstamp(skb, due, BPF_SKB_TSTAMP_DELIVERY_MONO);
	return CONTINUE;
}

/* Stage: what a limited pod gets, where no queue in front of it does this. */
STAGE bandwidth_ingress(struct __sk_buff *skb, struct packet *pkt, __u32 ifindex)
{
	struct skiff_bandwidth *limit = bpf_map_lookup_elem(&bandwidth, &ifindex);

	REQUIRE(pkt);
	if (!limit || !limit->ingress.bytes_per_second)
		return CONTINUE;
	return rate_take(&limit->ingress, wire_bytes(skb, pkt)) ? CONTINUE : -SKIFF_REASON_INGRESS_BANDWIDTH;
}
