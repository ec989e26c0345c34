// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What lies across the overlay: destinations on other segments, and the node that serves each. */
#pragma once

#include "bpf/abi/types.h"

/* Network identifiers: of packets between pods and nodes, and of packets of clients outside that keep the
 * Service's address they asked for, so that the backend's node can answer them itself (ADR 0041).
 */
#define SKIFF_OVERLAY_VNI 1
#define SKIFF_CARRIED_VNI 2

/* Mark of the latter between the program that chose their backend and the overlay's device. */
#define SKIFF_CARRIED_MARK 0x5c1ff004

enum skiff_peer_flags {
	SKIFF_PEER_ROUTED = 1 << 0, /* on this segment: only what is carried goes by the overlay */
};

/* Value of `peers`, keyed by struct skiff_range_key: pod ranges and addresses of nodes on other segments. */
struct skiff_peer {
	struct skiff_address remote; /* the node that decapsulates */
	struct skiff_address local;  /* this node's address of the same family: others know it by that */
	__u32 ifindex;		     /* this node's overlay device */
	__u32 flags;		     /* enum skiff_peer_flags */
};
SKIFF_ABI_SIZE(struct skiff_peer, 40);
