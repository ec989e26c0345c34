// SPDX-License-Identifier: Apache-2.0
// The attachments on disk: one file each. A file is there before the first link is made and until
// the last is gone, so a crash at any moment leaves nothing that its file does not name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/network/attachment.h"

namespace skiff::network {

// Blocking, without state of its own: may be used from several threads for different attachments.
//
// Files are replaced by rename and not fsynced: they have to survive the death of the agent, not of
// the machine, whose namespaces die with it. fsync would cost more than the whole of an ADD.
class Journal {
 public:
  explicit Journal(std::filesystem::path directory) : directory_(std::move(directory)) {}

  Status prepare() const;
  Status write(const Attachment& attachment) const;
  // Removing what is not there succeeds.
  Status remove(const std::string& key) const;
  // Unreadable files are left by a crash of the machine; they are removed and counted in
  // `discarded`.
  Result<std::vector<Attachment>> read_all(int& discarded) const;

 private:
  std::filesystem::path path_of(const std::string& key) const;

  std::filesystem::path directory_;
};

// DELs that the plugin took while the agent was down: files named like attachments. Reading clears
// them.
std::vector<std::string> take_tombstones(const std::filesystem::path& directory);

}  // namespace skiff::network
