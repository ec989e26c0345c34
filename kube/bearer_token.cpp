// SPDX-License-Identifier: Apache-2.0
#include "kube/bearer_token.h"

#include "api/text.h"
#include "base/file.h"

namespace skiff::kube {
namespace {

constexpr auto kReadEvery = std::chrono::minutes(1);  // as client-go

}  // namespace

const std::string& BearerToken::current(Time now) {
  if (file_.empty() || (!stale_ && now - read_at_ < kReadEvery)) return token_;
  read_at_ = now;
  stale_ = false;
  if (const auto text = read_file(file_); text.ok() && !api::trim(*text).empty())
    token_ = std::string(api::trim(*text));
  return token_;
}

}  // namespace skiff::kube
