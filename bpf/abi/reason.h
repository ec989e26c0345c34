// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Why a packet was dropped or refused: one list for the programs, the metric label, the trace text and
 * docs/DATAPATH.md. Append only: numbers are in pinned counters.
 */
#pragma once

#include "bpf/abi/types.h"

/* X(identifier, label, what it means) */
#define SKIFF_REASONS(X)                                                                                   \
	X(NONE, "none", "not dropped")                                                                     \
	X(TRUNCATED, "truncated", "the packet ends inside a header")                                       \
	X(BAD_HEADER, "bad_header", "a header contradicts itself or nests too deep")                       \
	X(BAD_SOURCE, "bad_source", "a pod sent from an address that is not its own")                      \
	X(NO_ENDPOINTS, "no_endpoints", "the Service has no endpoints: refused")                           \
	X(NO_LOCAL_ENDPOINTS, "no_local_endpoints", "traffic policy Local and no endpoint on this node")   \
	X(UNKNOWN_SERVICE_PORT, "unknown_service_port",                                                    \
	  "no Service has this cluster address and port: refused")                                         \
	X(BACKEND_MISSING, "backend_missing", "a frontend names a backend outside the array")              \
	X(FLOW_TABLE_FULL, "flow_table_full", "no room for another flow")                                  \
	X(NO_SNAT_PORT, "no_snat_port", "no free source port towards this destination")                    \
	X(NO_SNAT_ADDRESS, "no_snat_address", "the device has no address of this family to hide behind")   \
	X(UNKNOWN_FRAGMENT, "unknown_fragment", "a later fragment whose first was not seen")               \
	X(REWRITE_FAILED, "rewrite_failed", "the kernel refused to change the packet")                     \
	X(NO_ROUTE, "no_route", "translated, but routes say no to the new destination: refused")           \
	X(HOP_LIMIT, "hop_limit", "time to live ran out on a translated packet")                           \
	X(SOURCE_RANGE, "source_range", "the client is in none of the Service's source ranges")            \
	X(BACKEND_GONE, "backend_gone", "the connection's backend is no endpoint any more: refused")       \
	X(TOO_BIG, "too_big", "larger than the way to the backend takes: refused with its size")           \
	X(NO_PEER, "no_peer", "no node is known across the overlay for this destination")                  \
	X(UNKNOWN_PEER, "unknown_peer", "came encapsulated from an address that is no node's")             \
	X(BAD_MAC, "bad_mac", "a pod sent from a MAC address that is not its own")                         \
	X(BAD_NEIGHBOUR, "bad_neighbour", "a pod spoke for a neighbour that it is not (ARP, NDP)")         \
	X(POD_ROUTER, "pod_router", "a pod sent a router advertisement or a redirect")                     \
	X(POLICY_INGRESS, "policy_ingress", "no NetworkPolicy of the pod lets this peer in")               \
	X(POLICY_EGRESS, "policy_egress", "no NetworkPolicy of the pod lets it reach this peer")           \
	X(POLICY_FLOW_TABLE_FULL, "policy_flow_table_full", "no room for another flow of an isolated pod") \
	X(EGRESS_BANDWIDTH, "egress_bandwidth", "the pod sends more than its egress bandwidth")            \
	X(INGRESS_BANDWIDTH, "ingress_bandwidth", "the pod gets more than its ingress bandwidth")

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
