// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Pods of this node. */
#pragma once

#include "bpf/abi/types.h"

/* Value of `pods`, one entry an address of the pod. */
struct skiff_pod {
	__u32 ifindex;	     /* the host's side of the veth pair */
	__u8 mac[6];	     /* of the pod's side */
	__u8 gateway_mac[6]; /* of the host's side */
	__u32 flags;	     /* none yet */
	__u32 identity;	     /* which pod: the same in all its entries; 0 while unknown */
};
SKIFF_ABI_SIZE(struct skiff_pod, 24);
