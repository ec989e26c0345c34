// SPDX-License-Identifier: Apache-2.0
// Giving a node back as it was: what the pod network changed outside of pods, remembered and
// undone.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace skiff::network {

// Kernel settings with the values they had before, in a file: written before the first change, so
// that a crash loses none.
class SavedSettings {
 public:
  // The file is `data_directory`/network/settings.
  explicit SavedSettings(const std::filesystem::path& data_directory);

  // Like net::write_sysctl, remembering what was there when the node was first prepared.
  Status write(const std::string& key, const std::string& value) const;
  // Puts everything back and forgets it. Settings of devices that have gone are no error.
  Status restore() const;

 private:
  std::filesystem::path file_;
};

// Removes the links of pods, routes, overlay, addresses and records of this node's pod network, and
// restores its settings. The datapath's hooks and pins are datapath::uninstall's. In the node's
// namespace, after the agent has ended; blocking, idempotent.
Status remove_node_network(const std::filesystem::path& data_directory);

}  // namespace skiff::network
