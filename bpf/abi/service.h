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
	SKIFF_FRONTEND_MAGLEV = 1 << 6,	       /* clients outside are spread by the table at maglev_base,
						* everybody else by chance */
	SKIFF_FRONTEND_DSR =
		1 << 7, /* clients outside are answered by the backend's node, not through this one */
	SKIFF_FRONTEND_RESET_GONE =
		1 << 8, /* both lists hold every endpoint there is: TCP to one in neither is reset */
	SKIFF_FRONTEND_WILDCARD = 1 << 9, /* key with port 0 and protocol 0: see below */
	SKIFF_FRONTEND_LOCAL = 1 << 10,	  /* a traffic policy or hints keep to this node: why, for traces */
};

/* backends[base] .. backends[base + count - 1], sorted by (address bytes, port bytes). count 0: refuse.
 * The `draining` slots after them, sorted by themselves, keep the flows they have and get no new ones.
 *
 * A wildcard entry (address, port 0, protocol 0, SKIFF_SCOPE_INTERNAL) says that an external or load balancer
 * address belongs to a Service: ports of it that no frontend has are refused. Without effect at the address
 * of a node. Entries of 127.0.0.1 and ::1 (HostPorts) count in the node's own network namespace only.
 */
struct skiff_frontend {
	__u32 service_id; /* one a frontend port; affinity, flows and counters are keyed by it */
	__u32 base;
	__u32 count;
	__u32 generation;	/* changes whenever a backend leaves either list: flows look again */
	__u32 affinity_seconds; /* 0: none */
	__u32 flags;		/* enum skiff_frontend_flags */
	__u32 draining;
	__u32 maglev_base; /* first block of `maglev` */
	__u32 maglev_size; /* entries, a prime; they fill maglev_size / 64 blocks, rounded up. 0: no table,
			    * chance is fair. With one, also chance chooses among its entries: by weight */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_frontend, 40);

/* Value of `maglev`: 64 entries of a table, each an offset from the frontend's `base`. */
#define SKIFF_MAGLEV_BLOCK 64
struct skiff_maglev_block {
	__u16 offset[SKIFF_MAGLEV_BLOCK];
};
SKIFF_ABI_SIZE(struct skiff_maglev_block, 128);

/* Key of `source_ranges`, as BPF_MAP_TYPE_LPM_TRIE wants it: the Service counts 32 bits, then the address.
 * IPv4 10.0.0.0/8 of a Service has prefix_bits 32 + 104. Value 1: let in. Value 0, or no entry: not (0 keeps
 * an IPv6 range as wide as ::/0 from letting in IPv4, which lies inside it).
 */
struct skiff_source_range_key {
	__u32 prefix_bits;
	__u32 service_id;
	struct skiff_address address;
};
SKIFF_ABI_SIZE(struct skiff_source_range_key, 24);

enum skiff_backend_flags {
	SKIFF_BACKEND_UNREADY = 1 << 0, /* in `draining`: keeps TCP connections, UDP looks for another */
	SKIFF_BACKEND_LEAVING = 1 << 1, /* its pod ends, or its node is lost: once it is in no list, nobody is
					   there (for the agent) */
};

struct skiff_backend {
	struct skiff_address address;
	__be16 port;
	__u16 flags;  /* enum skiff_backend_flags */
	__u32 weight; /* share of the new clients, for the agent: programs read `maglev`. 0 in all: equal */
};
SKIFF_ABI_SIZE(struct skiff_backend, 24);

/* Value of `service_counters`, keyed by service_id: what a Service port was used for on this node, whatever
 * address it was asked at.
 */
struct skiff_service_counter {
	__u64 connections;  /* that got a backend; what one socket sends to one backend counts once */
	__u64 refused;	    /* that got none: no endpoints, or none that the traffic policy allows */
	__u64 bytes[2];	    /* to backends, from them; a second late */
	__u64 last_used_ns; /* CLOCK_MONOTONIC, of either */
};
SKIFF_ABI_SIZE(struct skiff_service_counter, 40);

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
