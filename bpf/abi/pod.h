// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Pods of this node. */
#pragma once

#include "bpf/abi/types.h"

enum skiff_pod_flags {
	SKIFF_POD_EGRESS_LIMITED = 1 << 0,  /* `bandwidth` has a rate for what it sends */
	SKIFF_POD_INGRESS_LIMITED = 1 << 1, /* and one for what it gets: dropped beyond it */
	SKIFF_POD_INGRESS_QUEUED =
		1 << 2, /* what it gets goes through the queue of its device, which limits it */
};

/* Value of `pods`, one entry an address of the pod. */
struct skiff_pod {
	__u32 ifindex;	     /* the host's side of the veth pair */
	__u8 mac[6];	     /* of the pod's side */
	__u8 gateway_mac[6]; /* of the host's side */
	__u32 flags;	     /* enum skiff_pod_flags */
	__u32 identity;	     /* which pod: the same in all its entries; 0 while unknown */
};
SKIFF_ABI_SIZE(struct skiff_pod, 24);
