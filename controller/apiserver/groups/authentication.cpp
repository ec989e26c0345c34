// SPDX-License-Identifier: Apache-2.0
#include "api/authentication/types.h"
#include "controller/apiserver/groups/rows.h"

namespace skiff::apiserver {
void add_authentication(Registry& registry, const Parts&) {
  registry.add(row<api::TokenReview>());
  registry.add(row<api::SelfSubjectReview>());
}

}  // namespace skiff::apiserver
