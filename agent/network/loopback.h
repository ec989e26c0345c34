// SPDX-License-Identifier: Apache-2.0
// Addresses that every node has to itself: those of the cluster DNS, so that a node answers its own
// pods.
#pragma once

#include <filesystem>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace skiff::network {

// Puts them on the node's loopback device. What was not there before is written down first, in
// `data_directory`/network/loopback, and is what remove_loopback_addresses removes. In the node's
// namespace; blocking, idempotent.
Status add_loopback_addresses(const std::vector<IpAddress>& addresses,
                              const std::filesystem::path& data_directory);
Status remove_loopback_addresses(const std::filesystem::path& data_directory);

}  // namespace skiff::network
