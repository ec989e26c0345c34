// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Every map, with who writes and who reads it. All are pinned under the node's pin directory in maps/NAME
 * (the agent sets the paths), so they outlive the agent; one definition serves all objects. Sizes are
 * defaults: the agent sets those of agent/datapath/options.h before loading.
 */
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/abi/bandwidth.h"
#include "bpf/abi/config.h"
#include "bpf/abi/flow.h"
#include "bpf/abi/node.h"
#include "bpf/abi/overlay.h"
#include "bpf/abi/pod.h"
#include "bpf/abi/policy.h"
#include "bpf/abi/reason.h"
#include "bpf/abi/service.h"
#include "bpf/abi/socket.h"
#include "bpf/abi/trace.h"

const volatile struct skiff_config config = {};

/* frontends: (address, port, protocol, scope) -> which range of `backends` serves it.
 * Writer: agent/proxy, last of all its writes. Readers: socket, pod, host. 30,000 Services with two ports
 * each.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_frontend_key);
	__type(value, struct skiff_frontend);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} frontends SEC(".maps");

/* backends: slot -> endpoint of a Service, copied by value into each range.
 * Writer: agent/proxy, in batches (a mapping would count as 12 MB of the agent's memory). Readers: socket,
 * pod, host. 250,000 endpoints, and as much again for ranges being replaced.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_backend);
	__uint(max_entries, 524288);
} backends SEC(".maps");

/* affinity: (Service, client) -> backend last used. Writer and reader: socket, pod, host. Evicts the oldest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_affinity_key);
	__type(value, struct skiff_affinity);
	__uint(max_entries, 16384);
} affinity SEC(".maps");

/* flows: established flows, by their translated tuple in canonical order.
 * Writer: pod, host; the agent's sweep deletes. Reader: pod, host. Not an LRU: no flood evicts them.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_flow);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} flows SEC(".maps");

/* new_flows: flows that have not been answered, or whose handshake is not over. Writer, reader: pod, host. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_flow);
	__uint(max_entries, 16384);
} new_flows SEC(".maps");

/* aliases: tuple as the client sends it -> translated tuple, for flows in `flows`. Same writers and size. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_flow_alias);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} aliases SEC(".maps");

/* new_aliases: the same for flows in `new_flows`. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_flow_alias);
	__uint(max_entries, 16384);
} new_aliases SEC(".maps");

/* fragments: datagram -> ports of its first fragment. Writer, reader: pod, host. Evicts the oldest. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_fragment_key);
	__type(value, struct skiff_fragment);
	__uint(max_entries, 8192);
} fragments SEC(".maps");

/* pods: address -> pod of this node. Writer: agent/network through Datapath::attach_pod. Readers: pod, host.
 * 512 pods of two addresses.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_address);
	__type(value, struct skiff_pod);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} pods SEC(".maps");

/* bandwidth: device of a pod -> its limits, and their clocks. Nothing for pods without limits, whose packets
 * are told by `pods`. Writer: Datapath::attach_pod; programs move the clocks. Readers: pod, host.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct skiff_bandwidth);
	__uint(max_entries, 512);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} bandwidth SEC(".maps");

/* nodes: every node address of the cluster. Writer: agent/proxy. Readers: socket, pod, host.
 * 5,000 nodes of a few addresses.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_address);
	__type(value, struct skiff_node);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} nodes SEC(".maps");

/* ranges: what is not masqueraded, and where ClusterIPs are. Writer: agent/network. Readers: pod, host.
 * A handful: tries get slow when they are large.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct skiff_range_key);
	__type(value, struct skiff_range);
	__uint(max_entries, 256);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} ranges SEC(".maps");

/* devices: ifindex of a device to the outside -> addresses to hide behind. Writer: Datapath::attach_device.
 * Reader: host.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct skiff_device);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} devices SEC(".maps");

/* reserved_ports: bit p % 64 of word p / 64 is set if port p (host order) must not be chosen for SNAT.
 * Writer: agent/proxy (NodePorts, HostPorts). Reader: pod, host. All 65,536 ports.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} reserved_ports SEC(".maps");

/* reverse_sockets: (socket, backend) -> frontend it asked for. Writer, reader: socket. Evicts the oldest. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_reverse_socket_key);
	__type(value, struct skiff_reverse_socket);
	__uint(max_entries, 65536);
} reverse_sockets SEC(".maps");

/* socket_lb_off: network namespace cookie -> 1 where sockets must be left alone (sandboxed runtimes).
 * Writer: the agent, before a pod's first packet (agent/socket_lb.h). Reader: socket.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, __u32);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} socket_lb_off SEC(".maps");

/* reasons: packets and bytes dropped or refused, by enum skiff_reason. Writer: all. Reader: agent, metrics.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_reason_counter);
	__uint(max_entries, SKIFF_REASON_SLOTS);
} reasons SEC(".maps");

/* scratch: room to build a flow that does not fit the 512 bytes of stack. Used within one run of one program.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_flow);
	__uint(max_entries, 1);
} scratch SEC(".maps");

/* source_ranges: (Service, range of clients) -> 1 if let in, for frontends that say SOURCE_RANGES
 * (loadBalancerSourceRanges). Writer: agent/proxy, before the frontend that needs them. Readers: socket, pod,
 * host. 1,000 Services of 16 ranges.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct skiff_source_range_key);
	__type(value, __u32);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} source_ranges SEC(".maps");

/* maglev: tables of frontends that say MAGLEV, 64 entries a block (bpf/abi/service.h). Writer: agent/proxy,
 * before the frontend that names the blocks. Readers: pod, host. A million entries, 2 MB: 250 Services of
 * 40 backends.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_maglev_block);
	__uint(max_entries, 16384);
} maglev SEC(".maps");

/* service_counters: service_id -> what it was used for. Only Services that were used have an entry. Writers:
 * socket, pod, host, overlay, sweep; agent/proxy erases those of Services that are no more. Readers:
 * agent/proxy, `skiff services`. As many as `frontends`.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct skiff_service_counter);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} service_counters SEC(".maps");

/* trace_events: changes of flows, drops (bpf/abi/trace.h). Writer: all. Reader: agent/trace. Half a MiB holds
 * 3,000 events, which a reader that comes by 50 times a second lets through at 150,000 a second.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 512 * 1024);
} trace_events SEC(".maps");

/* tap_events: packets somebody asked for; a ring of their own, so that they push out no drop. Writer: pod,
 * host, trace. Reader: agent/trace.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
} tap_events SEC(".maps");

/* trace_losses: events held back or lost, by enum skiff_trace_class, and the limit's own count. Writer: all.
 * Reader: agent/trace, metrics.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_trace_loss);
	__uint(max_entries, SKIFF_TRACE_CLASSES);
} trace_losses SEC(".maps");

/* seen_flows: flows that need no translation, by their tuple in canonical order: what they count, and where
 * they go. Writer, reader: pod, host. Evicts the oldest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_seen_flow);
	__uint(max_entries, 32768);
} seen_flows SEC(".maps");

/* way_scratch: where a packet goes, until it is noted for those after it. Used within one run of one program,
 * whose packet says whether there is something in it. Writer, reader: pod, host, overlay.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_way);
	__uint(max_entries, 1);
} way_scratch SEC(".maps");

/* way_epoch: another number after each change of a map that decides where untranslated packets go. Writer:
 * agent/datapath, after the change (open_maps). Readers: pod, host, before they look at any of those.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} way_epoch SEC(".maps");

/* kernel_drops: place, reason, namespace, device -> packets the kernel gave up. Writer: trace. Reader:
 * agent/trace. Evicts the oldest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_drop_key);
	__type(value, struct skiff_drop_count);
	__uint(max_entries, 1024);
} kernel_drops SEC(".maps");

/* pod_namespaces: cookie of a pod's network namespace -> its device. Writer: agent/trace. Readers: trace,
 * path. Does not grow, because its writer opens it by itself: 4,096 pods.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, struct skiff_pod_namespace);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} pod_namespaces SEC(".maps");

/* trace_control: what is asked of the programs beyond the usual; read by every packet. Writer: agent/trace.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_trace_control);
	__uint(max_entries, 1);
} trace_control SEC(".maps");

/* taps: which packets to tell of, one by one. Writer: agent/trace; programs count
 * budgets down. Readers: pod, host, overlay, path.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_tap);
	__uint(max_entries, SKIFF_TAPS);
} taps SEC(".maps");

/* tap_filters: what a tap that says FILTER accepts. Writer: agent/trace, before the tap. Readers: as of
 * `taps`. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_tap_filter);
	__uint(max_entries, SKIFF_TAPS);
} tap_filters SEC(".maps");

/* tap_scratch: room to put a packet's event together. Used within one run of one program; the object path has
 * rooms of its own, and they are no processor's (bpf/path.bpf.c).
 */
struct skiff_tap_scratch {
	struct skiff_tap_event event;
	__u8 bytes[SKIFF_TAP_SNAP];
	__u32 accepted; /* bit n: the filter of tap n, as the packet came */
	__u32 memory[SKIFF_FILTER_WORDS];
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_tap_scratch);
	__uint(max_entries, 1);
} tap_scratch SEC(".maps");

/* own_drops: 1 between a program's decision to drop and the kernel's kfree_skb on the same CPU, so that the
 * packet is not told of twice. Writer: pod, host, trace.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} own_drops SEC(".maps");

/* peers: destination range -> node across the overlay, and this node's end of it. Nothing where all nodes
 * share a segment. Writer: agent/network through Datapath::set_overlay. Readers: pod, host, overlay. 5,000
 * nodes of two ranges and two addresses.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct skiff_range_key);
	__type(value, struct skiff_peer);
	__uint(max_entries, 32768);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} peers SEC(".maps");

/* policy_state: what a packet reads first, one entry. Writer: agent/policy, last. Readers: pod, host. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct skiff_policy_state);
	__uint(max_entries, 1);
} policy_state SEC(".maps");

/* pod_policies: address of a pod of this node that is isolated -> its tables. Nothing for the others.
 * Writer: agent/policy, after the tables it names. Readers: pod, host. As many as `pods`.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_address);
	__type(value, struct skiff_pod_policy);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} pod_policies SEC(".maps");

/* policy_peers: (table, address) -> port set. Pods are here and not in `policy_ranges`, because tries get
 * slow when they are large. Writer: agent/policy. Readers: pod, host. 50 tables of 5,000 pods.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_policy_peer_key);
	__type(value, __u32);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} policy_peers SEC(".maps");

/* policy_ranges: (table, range) -> port set, for ipBlocks. Writer: agent/policy. Readers: pod, host. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct skiff_policy_range_key);
	__type(value, __u32);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} policy_ranges SEC(".maps");

/* policy_ports: (port set, protocol, range of ports) -> 1. Writer: agent/policy. Readers: pod, host. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct skiff_policy_port_key);
	__type(value, __u32);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} policy_ports SEC(".maps");

/* policy_flows: established flows of isolated pods. Writer: pod, host; the agent's sweep deletes. Reader:
 * pod, host. Not an LRU: no flood evicts them.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_policy_flow);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} policy_flows SEC(".maps");

/* new_policy_flows: those that have not been answered, or whose handshake is not over. Writer, reader: pod,
 * host.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct skiff_tuple);
	__type(value, struct skiff_policy_flow);
	__uint(max_entries, 16384);
} new_policy_flows SEC(".maps");
