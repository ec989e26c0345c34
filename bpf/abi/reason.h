// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Why a packet was dropped or refused: one list for the programs, the metric label, the trace text and
 * docs/DATAPATH.md. Append only: numbers are in pinned counters.
 */
#pragma once

#include "bpf/abi/types.h"

/* X(identifier, label, what it means) */
#define SKIFF_REASONS(X)                                                                                 \
	X(NONE, "none", "not dropped")                                                                   \
	X(TRUNCATED, "truncated", "the packet ends inside a header")                                     \
	X(BAD_HEADER, "bad_header", "a header contradicts itself or nests too deep")                     \
	X(BAD_SOURCE, "bad_source", "a pod sent from an address that is not its own")                    \
	X(NO_ENDPOINTS, "no_endpoints", "the Service has no endpoints: refused")                         \
	X(NO_LOCAL_ENDPOINTS, "no_local_endpoints", "traffic policy Local and no endpoint on this node") \
	X(UNKNOWN_SERVICE_PORT, "unknown_service_port",                                                  \
	  "no Service has this cluster address and port: refused")                                       \
	X(BACKEND_MISSING, "backend_missing", "a frontend names a backend outside the array")            \
	X(FLOW_TABLE_FULL, "flow_table_full", "no room for another flow")                                \
	X(NO_SNAT_PORT, "no_snat_port", "no free source port towards this destination")                  \
	X(NO_SNAT_ADDRESS, "no_snat_address", "the device has no address of this family to hide behind") \
	X(UNKNOWN_FRAGMENT, "unknown_fragment", "a later fragment whose first was not seen")             \
	X(REWRITE_FAILED, "rewrite_failed", "the kernel refused to change the packet")                   \
	X(NO_ROUTE, "no_route", "translated, but the node has no route to the new destination")          \
	X(HOP_LIMIT, "hop_limit", "time to live ran out on a translated packet")

#define SKIFF_REASON_ENUM(id, label, text) SKIFF_REASON_##id,
enum skiff_reason { SKIFF_REASONS(SKIFF_REASON_ENUM) SKIFF_REASON_COUNT };
#undef SKIFF_REASON_ENUM

/* Slots of `reasons`: fixed, so that a longer list finds its counters in the map an older agent pinned. */
#define SKIFF_REASON_SLOTS 64
SKIFF_ABI_CHECK(SKIFF_REASON_COUNT <= SKIFF_REASON_SLOTS, "reasons outgrew their map");

/* Value of `reasons`, indexed by enum skiff_reason, one a CPU. */
struct skiff_reason_counter {
	__u64 packets;
	__u64 bytes;
};
SKIFF_ABI_SIZE(struct skiff_reason_counter, 16);
