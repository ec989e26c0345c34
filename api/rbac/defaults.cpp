// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/groups.h"
#include "api/rbac/types.h"

namespace skiff::api::rbac {
namespace {

constexpr const char* kRbac = "rbac.authorization.k8s.io";

void role_ref(RoleRef& ref) {
  set(ref.apiGroup, kRbac);
}
void subject(RbacSubject& subject) {
  if (subject.kind == "User" || subject.kind == "Group") set(subject.apiGroup, kRbac);
}

constexpr DefaultHook kDefaults[] = {
    default_hook<role_ref>(),
    default_hook<subject>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::rbac
