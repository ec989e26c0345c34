// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What lies across the overlay: destinations on other segments, and the node that serves each. */
#pragma once

#include "bpf/abi/types.h"

/* Network identifier of the overlay: there is one. */
#define SKIFF_OVERLAY_VNI 1

/* Value of `peers`, keyed by struct skiff_range_key: pod ranges and addresses of nodes on other segments. */
struct skiff_peer {
	struct skiff_address remote; /* the node that decapsulates */
	struct skiff_address local;  /* this node's address of the same family: others know it by that */
	__u32 ifindex;		     /* this node's overlay device */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_peer, 40);
