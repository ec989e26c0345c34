// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Limits of pods (annotations kubernetes.io/egress-bandwidth and ingress-bandwidth). */
#pragma once

#include "bpf/abi/types.h"

/* One direction. Its clock says when the bytes let through so far would have been sent at this very rate: a
 * clock that is behind has nothing to pay, one that is ahead of now by more than the burst stops the next
 * packet.
 */
struct skiff_rate {
	__u64 bytes_per_second; /* 0: not limited */
	__u64 burst_ns;
	__u64 next_ns; /* CLOCK_MONOTONIC; written by the programs */
};
SKIFF_ABI_SIZE(struct skiff_rate, 24);

/* Value of `bandwidth`, keyed by the ifindex of the host's side of the pod's veth pair. */
struct skiff_bandwidth {
	struct skiff_rate egress;
	struct skiff_rate ingress;
	__u32 paced_ifindex; /* the uplink, if its queue sends by time stamp (fq); 0: it does not */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_bandwidth, 56);

/* Mark of packets that have been delivered, and still pass the queue in front of their pod. The kernel clears
 * it where the pod's namespace begins.
 */
#define SKIFF_DELIVERED_MARK 0x5c1ff002

/* Mark of a pod's packets between its device and the node's, which have no more to expect there. */
#define SKIFF_ROUTED_MARK 0x5c1ff003
