// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <absl/strings/cord.h>

#include <cstring>

namespace skiff {

Status annotate(const Status& status, std::string_view noun) {
  if (status.ok()) return status;
  Status annotated(status.code(), fmt::format("{}: {}", noun, message(status)));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

Status errno_status(int errno_value, std::string_view what) {
  return Status(absl::ErrnoToStatusCode(errno_value),
                fmt::format("{}: {}", what, std::strerror(errno_value)));
}

}  // namespace skiff
