// SPDX-License-Identifier: Apache-2.0
// How pods with limits are held back (ADR 0040). What a pod gets waits in a token bucket at its
// node's end. What it sends waits at its time stamp in the uplink's queue where the kernel has such
// a one (fq), else in a token bucket at the pod's own end. Programs count all of it, and drop what
// no queue held back.
#pragma once

#include "agent/net/qdisc.h"
#include "agent/network/attachment.h"
#include "agent/network/node_setup.h"

namespace skiff::network {

// Of our queues at the uplink; a queue with another handle is somebody else's, and stays.
inline constexpr uint32_t kUplinkQueueHandle = 0x5f1f0000;

// For `rate` bits a second, and a burst of as many bits as asked for. What containerd says where
// nobody asked (2^32 - 1 bits) and 0 are ten milliseconds, at least two of the largest packets
// (64 KiB): less would cut them up.
net::TokenBucket token_bucket(uint64_t rate, uint64_t burst);

// Makes the queues of the pod's link, both ends of which exist, and says what there is now. Nothing
// for pods without limits. Idempotent, blocking.
Result<Shaping> shape_pod_link(const Attachment& attachment, const Uplink& uplink);
// NotFound naming the queue that is missing.
Status check_pod_shaping(const Attachment& attachment);

// True if the uplink's queue sends by time stamp now. One that somebody has chosen is left alone.
Result<bool> pace_uplink(net::Netlink& netlink, const Uplink& uplink);
// The uplink's queues as they were before.
Status remove_uplink_queues(net::Netlink& netlink);

}  // namespace skiff::network
