// SPDX-License-Identifier: Apache-2.0
#include "api/authorization/types.h"
#include "controller/apiserver/groups/rows.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

template <class T>
Resource review() {
  return question_row(api::kind_of<T>(), review_strategy(api::type_of<T>()));
}

}  // namespace

void add_authorization(Registry& registry, const Parts&) {
  registry.add(review<api::SubjectAccessReview>());
  registry.add(review<api::LocalSubjectAccessReview>());
  registry.add(review<api::SelfSubjectAccessReview>());
  registry.add(review<api::SelfSubjectRulesReview>());
}

}  // namespace skiff::apiserver
