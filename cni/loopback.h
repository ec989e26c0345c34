// SPDX-License-Identifier: Apache-2.0
// The `loopback` plugin that runtimes before containerd 2.0 call for every pod: this program under
// another name, so that a node needs no other plugin installed.
#pragma once

#include <string>

namespace skiff::cni {

// Brings `lo` up in the network namespace at `netns_path`. Returns what went wrong; empty: nothing.
std::string bring_loopback_up(const std::string& netns_path);

}  // namespace skiff::cni
