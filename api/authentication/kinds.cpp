// SPDX-License-Identifier: Apache-2.0
#include "api/authentication/types.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::authentication {
namespace {
constexpr const char* kGroup = "authentication.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      question<TokenReview>(kGroup, "tokenreviews", kCluster),
      question<SelfSubjectReview>(kGroup, "selfsubjectreviews", kCluster),
      message<TokenRequest>(kGroup),
  };
  return all;
}

}  // namespace skiff::api::authentication
