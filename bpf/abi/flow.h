// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Connection tracking: one entry a flow, its NAT inside (docs/DATAPATH.md, "Flows"). */
#pragma once

#include "bpf/abi/types.h"

enum skiff_flow_flags {
	SKIFF_FLOW_REPLIED = 1 << 0,
	SKIFF_FLOW_FIN_FORWARD = 1 << 1,
	SKIFF_FLOW_FIN_REPLY = 1 << 2,
	SKIFF_FLOW_RESET = 1 << 3,
	SKIFF_FLOW_SERVICE = 1 << 4,	 /* destination translated */
	SKIFF_FLOW_MASQUERADE = 1 << 5,	 /* source translated */
	SKIFF_FLOW_ESTABLISHED = 1 << 6, /* lives in `flows`, not in `new_flows` */
	SKIFF_FLOW_DIRECT = 1 << 7,	 /* from outside to a pod's own address: nothing is translated */
	SKIFF_FLOW_CARRIED = 1 << 8,	 /* goes on untranslated to its backend's node, which answers */
};

/* Key: `translated` with its two ends in canonical order, so both directions find the one entry. */
struct skiff_flow {
	__u64 created_ns;   /* CLOCK_MONOTONIC */
	__u64 last_seen_ns; /* one second coarse */
	__u64 packets[2];   /* forward, reply */
	__u64 bytes[2];
	__u64 reported[2];	       /* of `bytes`: what its Service's counter has */
	struct skiff_tuple original;   /* client -> frontend, as the client sent it */
	struct skiff_tuple translated; /* (client or node) -> backend, as it left us */
	__u32 service_id;	       /* 0: masquerade only */
	__u32 generation;	       /* of the frontend, when the backend was last known to be good */
	__u32 flags;		       /* enum skiff_flow_flags */
	__u32 pad;
};
SKIFF_ABI_SIZE(struct skiff_flow, 160);

/* Key: `original` of the flow. Lives and dies with the flow's own entry. */
struct skiff_flow_alias {
	struct skiff_tuple translated;
};
SKIFF_ABI_SIZE(struct skiff_flow_alias, 40);

/* A datagram whose first fragment has passed: its later fragments carry no ports. */
struct skiff_fragment_key {
	struct skiff_address source;
	struct skiff_address destination;
	__u32 identification;
	__u8 protocol;
	__u8 pad[3];
};
SKIFF_ABI_SIZE(struct skiff_fragment_key, 40);

struct skiff_fragment {
	__be16 source_port;
	__be16 destination_port;
};
SKIFF_ABI_SIZE(struct skiff_fragment, 4);
