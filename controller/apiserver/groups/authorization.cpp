// SPDX-License-Identifier: Apache-2.0
#include "api/authorization/types.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {
void add_authorization(Registry& registry, const Parts&) {
  registry.add(row<api::SubjectAccessReview>());
  registry.add(row<api::LocalSubjectAccessReview>());
  registry.add(row<api::SelfSubjectAccessReview>());
  registry.add(row<api::SelfSubjectRulesReview>());
}

}  // namespace skiff::apiserver
