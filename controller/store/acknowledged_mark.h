// SPDX-License-Identifier: Apache-2.0
// A file beside the database that says which revision was last acknowledged. A log cut short looks
// to the database like the end that a crash leaves, and it would go on without a word; with the
// mark, what is missing is noticed. Also the directory's lock.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace skiff::store {

class AcknowledgedMark {
 public:
  // FAILED_PRECONDITION if another process has the directory.
  static Result<AcknowledgedMark> open(const std::filesystem::path& directory);

  const std::filesystem::path& path() const { return path_; }
  // 0 if there is none.
  int64_t revision() const { return revision_; }

  // Written after the fsync of what it speaks of and not synced itself: a killed process leaves the
  // exact revision, a power cut an older one, never a newer one. Ignores errors, for the same
  // reason.
  void advance(int64_t revision);

 private:
  std::filesystem::path path_;
  UniqueFd fd_;
  int64_t revision_ = 0;
};

}  // namespace skiff::store
