// SPDX-License-Identifier: Apache-2.0
// /proc/sys/net, in the namespace of the calling thread (Netns::run for another one).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::net {

// `key` below /proc/sys/net with slashes, since device names may hold dots:
// "ipv4/conf/eth0/rp_filter".
Result<std::string> read_sysctl(const std::string& key);
// Writes only what differs, so that a read-only /proc/sys that already holds the value is no error.
Status write_sysctl(const std::string& key, std::string_view value);

}  // namespace skiff::net
