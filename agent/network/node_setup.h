// SPDX-License-Identifier: Apache-2.0
// What the node's own namespace needs before pods can be attached, and the file that tells the
// runtime they can.
#pragma once

#include <filesystem>
#include <string>

#include "agent/network/uninstall.h"
#include "base/result.h"

namespace skiff::network {

struct Uplink {
  std::string name;  // empty: the node has no way out
  int index = 0;
  uint32_t mtu = 1500;
  std::string kind;  // net::Link's
};

// The device called `name`, or that of the default route if `name` is empty. Blocking.
Result<Uplink> resolve_uplink(const std::string& name);

// Forwarding on, strict reverse path filtering off. Keeps a default route that `uplink` learnt by
// router advertisements, which the kernel would drop as soon as it forwards. Idempotent, blocking.
Status prepare_node(const Uplink& uplink, const SavedSettings& settings);

// Version 1.0.0, although 1.1.0 is spoken: a runtime that reads 1.1.0 starts the plugin for every
// status it is asked. That the file is there says that networking is ready.
std::string conflist(const std::filesystem::path& socket);
std::filesystem::path conflist_path(const std::filesystem::path& directory);
// A temporary file in the same directory, then a rename: containerd reloads on RENAME and WRITE,
// not on CREATE.
Status write_conflist(const std::filesystem::path& directory, const std::filesystem::path& socket);
Status remove_conflist(const std::filesystem::path& directory);

}  // namespace skiff::network
