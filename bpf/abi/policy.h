// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* NetworkPolicy as the programs see it (docs/DATAPATH.md, "Policy"). A pod under policy names, for each
 * direction, a table of peers; a peer in a table names a set of ports. Tables and port sets are shared by all
 * pods whose policies come to the same.
 */
#pragma once

#include "bpf/abi/types.h"

enum skiff_policy_direction {
	SKIFF_POLICY_INGRESS = 0, /* the peer is the client */
	SKIFF_POLICY_EGRESS = 1,  /* the peer is the server */
	SKIFF_POLICY_DIRECTIONS = 2,
};

enum skiff_policy_flags {
	SKIFF_POLICY_ISOLATED = 1 << 0, /* only what the table allows; else everything */
	SKIFF_POLICY_PEERS = 1 << 1,	/* the table has entries in `policy_peers` */
	SKIFF_POLICY_RANGES = 1 << 2,	/* the table has entries in `policy_ranges` */
	SKIFF_POLICY_PENDING =
		1 << 3, /* not compiled yet: nothing is allowed (for people who read the map) */
};

/* One direction of a pod. */
struct skiff_policy_side {
	__u32 table;
	__u32 others; /* port set of peers that the table does not have */
	__u32 flags;  /* enum skiff_policy_flags */
};
SKIFF_ABI_SIZE(struct skiff_policy_side, 12);

/* Value of `pod_policies`, one entry an address of a pod of this node that is isolated in some direction. */
struct skiff_pod_policy {
	struct skiff_policy_side side[SKIFF_POLICY_DIRECTIONS];
};
SKIFF_ABI_SIZE(struct skiff_pod_policy, 24);

/* Key of `policy_peers`: one address, mostly a pod's. Value: its port set. */
struct skiff_policy_peer_key {
	__u32 table;
	struct skiff_address address;
};
SKIFF_ABI_SIZE(struct skiff_policy_peer_key, 20);

/* Key of `policy_ranges`, as BPF_MAP_TYPE_LPM_TRIE wants it: the table counts 32 bits, then the address.
 * Value: the port set of addresses within, wider ranges included and exceptions left out.
 */
struct skiff_policy_range_key {
	__u32 prefix_bits;
	__u32 table;
	struct skiff_address address;
};
SKIFF_ABI_SIZE(struct skiff_policy_range_key, 24);

enum skiff_port_set {
	SKIFF_PORTS_NONE = 0,
	SKIFF_PORTS_ALL = 1,   /* every port of every protocol, ICMP too */
	SKIFF_PORTS_FIRST = 2, /* the first that `policy_ports` knows */
};

/* Key of `policy_ports`, an LPM trie: set (32 bits), protocol (8), 8 bits of zero, port (16, network order).
 * A range of ports is a few prefixes of it; all ports of a protocol are the prefix of 48 bits. The value
 * means nothing: to be there is to be allowed.
 */
struct skiff_policy_port_key {
	__u32 prefix_bits;
	__u32 set;
	__u8 protocol;
	__u8 pad;
	__be16 port;
};
SKIFF_ABI_SIZE(struct skiff_policy_port_key, 12);

/* Value of `policy_state`, one entry. */
struct skiff_policy_state {
	__u32 pods;	  /* entries of `pod_policies`; 0: packets stop here */
	__u32 generation; /* of all rules: a flow that was allowed by another is asked again */
};
SKIFF_ABI_SIZE(struct skiff_policy_state, 8);

enum skiff_policy_flow_flags {
	SKIFF_POLICY_FLOW_FROM_KEY = 1 << 0, /* opened by the key's source, else by its destination */
	SKIFF_POLICY_FLOW_REPLIED = 1 << 1,
	SKIFF_POLICY_FLOW_FIN_FORWARD = 1 << 2,
	SKIFF_POLICY_FLOW_FIN_REPLY = 1 << 3,
	SKIFF_POLICY_FLOW_RESET = 1 << 4,
	SKIFF_POLICY_FLOW_ESTABLISHED = 1 << 5, /* lives in `policy_flows`, not in `new_policy_flows` */
	SKIFF_POLICY_FLOW_DENIED = 1 << 6,	/* was open when the rules changed: kept, so that answers on
						 * their way do not open it the other way round */
};

/* Value of `policy_flows` and `new_policy_flows`, keyed by the tuple between the pods' own addresses in
 * canonical order: a flow that policy has let pass, so that its answers pass too.
 */
struct skiff_policy_flow {
	__u64 last_seen_ns; /* CLOCK_MONOTONIC, one second coarse */
	__u32 generation;
	__u32 flags; /* enum skiff_policy_flow_flags */
};
SKIFF_ABI_SIZE(struct skiff_policy_flow, 16);
