// SPDX-License-Identifier: Apache-2.0
#include "api/authorization/types.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::authorization {
namespace {
constexpr const char* kGroup = "authorization.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      question<SubjectAccessReview>(kGroup, "subjectaccessreviews", kCluster),
      question<LocalSubjectAccessReview>(kGroup, "localsubjectaccessreviews", kNamespaced),
      question<SelfSubjectAccessReview>(kGroup, "selfsubjectaccessreviews", kCluster),
      question<SelfSubjectRulesReview>(kGroup, "selfsubjectrulesreviews", kCluster),
  };
  return all;
}

}  // namespace skiff::api::authorization
