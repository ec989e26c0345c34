// SPDX-License-Identifier: Apache-2.0
// The veth pair of a pod and everything the kernel has to know about it. Blocking; safe on several
// threads at once, for different pods. Acts in the namespace of the calling thread, which is the
// node's.
//
// A pod has /32 and /128 addresses and a default route to 169.254.1.1 or fe80::1, which exist
// nowhere: permanent neighbour entries on both ends name the other end's MAC address, so nothing is
// ever resolved on the wire.
#pragma once

#include "agent/network/attachment.h"

namespace skiff::network {

IpAddress gateway_of(const IpAddress& pod_address);

// Creates both ends, down, and fills host_index and pod_index. AlreadyExists if the pod has such an
// interface.
Status create_pod_link(Attachment& attachment);
// Addresses, routes, neighbours; both ends and the pod's loopback up. Idempotent.
Status program_pod_link(const Attachment& attachment);
// The node's half of it alone, for a pod that ran on while the agent was away. Idempotent.
Status program_host_end(const Attachment& attachment);
// attachment.mtu, on both ends. A pod that has gone is no error.
Status set_pod_link_mtu(const Attachment& attachment);
// NotFound or FailedPrecondition naming what is missing on either end.
Status check_pod_link(const Attachment& attachment);
// Removes the pair by the node's end. One that is not there, or has another MAC address and so is
// somebody else's, is no error.
Status remove_pod_link(const std::string& host_interface, const net::MacAddress& host_mac);
// Whether the node's end is there and ours.
Result<bool> has_pod_link(const Attachment& attachment);

}  // namespace skiff::network
