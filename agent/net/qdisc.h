// SPDX-License-Identifier: Apache-2.0
// Queueing disciplines: in what order, and when, a device sends the packets it is given.
#pragma once

#include <string>
#include <vector>

#include "agent/net/netlink.h"

namespace skiff::net {

inline constexpr uint32_t kRootQdisc = 0xffffffff;  // TC_H_ROOT, as a parent

struct Qdisc {
  std::string kind;     // "noqueue", "mq", "fq", "tbf", …
  uint32_t handle = 0;  // 0: the kernel's default, put there by nobody
  uint32_t parent = 0;

  bool operator==(const Qdisc&) const = default;
};

// Those of one device, the root first.
Result<std::vector<Qdisc>> list_qdiscs(Netlink& netlink, int link_index);

// A token bucket in front of a queue (tbf).
struct TokenBucket {
  uint64_t bytes_per_second = 0;
  uint32_t burst = 0;  // bytes that may go at once; not less than the device's MTU
  uint32_t limit = 0;  // bytes that may wait

  bool operator==(const TokenBucket&) const = default;
};

// Each is idempotent and leaves packets that wait in a discipline of the same kind where they are.
// NotFound where the kernel has no such discipline, or the device is gone.
Status replace_token_bucket(Netlink& netlink, int link_index, const TokenBucket& bucket);
// Sends each packet at its time stamp (fq); `handle` 0: the kernel chooses one.
Status replace_fair_queue(Netlink& netlink, int link_index, uint32_t parent, uint32_t handle);
// One class for each queue of the device, `handle` + 1 and so on.
Status replace_multi_queue(Netlink& netlink, int link_index, uint32_t handle);
// The device gets the kernel's default again. Removing what is not there succeeds.
Status delete_root_qdisc(Netlink& netlink, int link_index);

}  // namespace skiff::net
