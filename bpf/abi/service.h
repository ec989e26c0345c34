// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Services as the programs see them: a frontend entry names a contiguous range of the backends array. */
#pragma once

#include "bpf/abi/types.h"

enum skiff_scope {
	SKIFF_SCOPE_INTERNAL = 0, /* pods, nodes, and everybody where the policies do not differ */
	SKIFF_SCOPE_EXTERNAL = 1, /* clients from outside; read only if the internal entry says TWO_SCOPES */
};

/* (address, port, protocol, scope). NodePorts are kept once, not once a node address: address 0.0.0.0
 * (as ::ffff:0.0.0.0) for IPv4, :: for IPv6; the map `nodes` says which addresses they are valid on.
 */
struct skiff_frontend_key {
	struct skiff_address address;
	__be16 port;
	__u8 protocol; /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
	__u8 scope;    /* enum skiff_scope */
};
SKIFF_ABI_SIZE(struct skiff_frontend_key, 20);

enum skiff_frontend_flags {
	SKIFF_FRONTEND_TWO_SCOPES = 1 << 0, /* external clients use the entry of SKIFF_SCOPE_EXTERNAL */
	SKIFF_FRONTEND_DROP_EMPTY =
		1 << 1, /* endpoints exist, none this traffic policy allows: drop, not refuse */
	SKIFF_FRONTEND_NODE_PORT = 1 << 2,     /* what it is, for people who read the map */
	SKIFF_FRONTEND_EXTERNAL = 1 << 3,      /* external or load balancer address */
	SKIFF_FRONTEND_HOST_PORT = 1 << 4,     /* of a pod of this node, at one address of the node */
	SKIFF_FRONTEND_SOURCE_RANGES = 1 << 5, /* only clients that `source_ranges` has for the service_id */
};

/* backends[base] .. backends[base + count - 1], sorted by (address bytes, port bytes). count 0: refuse.
 * The `draining` slots after them, sorted by themselves, keep the UDP flows they have and get no new ones.
 */
struct skiff_frontend {
	__u32 service_id; /* one a frontend port; affinity, flows and counters are keyed by it */
	__u32 base;
	__u32 count;
	__u32 generation;	/* changes whenever a backend leaves the range: UDP flows look again */
	__u32 affinity_seconds; /* 0: none */
	__u32 flags;		/* enum skiff_frontend_flags */
	__u32 draining;
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_frontend, 32);

/* Key of `source_ranges`, as BPF_MAP_TYPE_LPM_TRIE wants it: the Service counts 32 bits, then the address.
 * IPv4 10.0.0.0/8 of a Service has prefix_bits 32 + 104. The value means nothing: to be there is to be let
 * in.
 */
struct skiff_source_range_key {
	__u32 prefix_bits;
	__u32 service_id;
	struct skiff_address address;
};
SKIFF_ABI_SIZE(struct skiff_source_range_key, 24);

struct skiff_backend {
	struct skiff_address address;
	__be16 port;
	__u16 flags; /* none yet */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_backend, 24);

enum skiff_affinity_kind {
	SKIFF_AFFINITY_ADDRESS = 0, /* client: its address */
	SKIFF_AFFINITY_NETNS = 1,   /* client: its network namespace cookie in words 2 and 3 */
};

struct skiff_affinity_key {
	__u32 service_id;
	__u32 kind; /* enum skiff_affinity_kind */
	struct skiff_address client;
};
SKIFF_ABI_SIZE(struct skiff_affinity_key, 24);

struct skiff_affinity {
	__u64 last_used_ns; /* CLOCK_MONOTONIC */
	struct skiff_socket_address backend;
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_affinity, 32);
