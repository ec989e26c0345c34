// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Where the cluster is: addresses of nodes, ranges of addresses, and this node's own devices. */
#pragma once

#include "bpf/abi/types.h"

enum skiff_node_flags {
	SKIFF_NODE_LOCAL = 1 << 0,	   /* an address of this node */
	SKIFF_NODE_NO_NODE_PORTS = 1 << 1, /* NodePorts are not valid there (--nodeport-addresses) */
};

/* Value of `nodes`, one entry a node address of the whole cluster. */
struct skiff_node {
	__u32 flags; /* enum skiff_node_flags */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_node, 8);

/* Key of `ranges`, as BPF_MAP_TYPE_LPM_TRIE wants it. IPv4 10.0.0.0/8 is ::ffff:10.0.0.0, prefix_bits 104. */
struct skiff_range_key {
	__u32 prefix_bits;
	struct skiff_address address;
};
SKIFF_ABI_SIZE(struct skiff_range_key, 20);

enum skiff_range_flags {
	SKIFF_RANGE_NO_MASQUERADE = 1
				    << 0, /* pods reach it with their own address (pod ranges, exclusions) */
	SKIFF_RANGE_SERVICE = 1 << 1,	  /* ClusterIPs: what no frontend serves is refused, never routed */
};

struct skiff_range {
	__u32 flags; /* enum skiff_range_flags */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_range, 8);

/* Value of `devices`, keyed by ifindex: what pods and NodePort clients are hidden behind on this device. */
struct skiff_device {
	struct skiff_address address4; /* all zero: none */
	struct skiff_address address6;
};
SKIFF_ABI_SIZE(struct skiff_device, 32);
