// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni_error.h"

#include <absl/strings/cord.h>

#include <charconv>

namespace skiff::network {
namespace {

constexpr const char* kPayload = "skiff/cni-code";

}  // namespace

Status cni_error(CniCode code, std::string_view text) {
  Status status(StatusCode::kInvalidArgument, {text.data(), text.size()});
  const std::string digits = std::to_string(static_cast<int>(code));
  status.SetPayload(kPayload, absl::Cord(absl::string_view(digits.data(), digits.size())));
  return status;
}

CniCode cni_code(const Status& status) {
  if (const auto payload = status.GetPayload(kPayload)) {
    const std::string digits(*payload);
    int code = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), code);
    return static_cast<CniCode>(code);
  }
  switch (status.code()) {
    case StatusCode::kUnavailable:
    case StatusCode::kResourceExhausted:
      return CniCode::kTryAgainLater;
    default:
      return CniCode::kFailed;
  }
}

}  // namespace skiff::network
