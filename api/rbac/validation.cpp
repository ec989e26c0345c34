// SPDX-License-Identifier: Apache-2.0
#include "api/compare.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rbac/types.h"
#include "api/rules.h"
#include "api/text.h"

namespace skiff::api::rbac {
namespace {

using rules::at;
using rules::each;
using rules::name_at;

constexpr const char* kGroup = "rbac.authorization.k8s.io";

void policy_rule(const PolicyRule& rule, bool namespaced, FieldErrors& errors) {
  if (rule.verbs.empty())
    at(errors, "verbs", [&] { errors.required("verbs must contain at least one value"); });
  if (!rule.nonResourceURLs.empty()) {
    const auto field = errors.at("nonResourceURLs");
    const std::string urls = encode_json(rule.nonResourceURLs);
    if (namespaced) errors.invalid_json(urls, "namespaced rules cannot apply to non-resource URLs");
    if (!rule.apiGroups.empty() || !rule.resources.empty() || !rule.resourceNames.empty())
      errors.invalid_json(urls,
                          "rules cannot apply to both regular resources and non-resource URLs");
    return;
  }
  if (rule.apiGroups.empty())
    at(errors, "apiGroups",
       [&] { errors.required("resource rules must supply at least one api group"); });
  if (rule.resources.empty())
    at(errors, "resources",
       [&] { errors.required("resource rules must supply at least one resource"); });
}

void role(const Role& role, FieldErrors& errors) {
  each(errors, "rules", role.rules,
       [&](const PolicyRule& rule) { policy_rule(rule, true, errors); });
}

void cluster_role(const ClusterRole& role, FieldErrors& errors) {
  each(errors, "rules", role.rules,
       [&](const PolicyRule& rule) { policy_rule(rule, false, errors); });
  if (!role.aggregationRule || !role.aggregationRule->clusterRoleSelectors.empty()) return;
  const auto field = errors.at("aggregationRule");
  at(errors, "clusterRoleSelectors", [&] {
    errors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
  });
}

void role_ref(const RoleRef& ref, std::string_view role_kinds, FieldErrors& errors) {
  const auto field = errors.at("roleRef");
  if (ref.apiGroup != kGroup)
    at(errors, "apiGroup", [&] { errors.not_supported(ref.apiGroup, kGroup); });
  if (!ref.kind.empty() && !is_one_of(ref.kind, role_kinds))
    at(errors, "kind", [&] { errors.not_supported(ref.kind, role_kinds); });
  name_at(errors, "name", ref.name, check_path_segment);
}

void subject(const RbacSubject& subject, bool namespaced, FieldErrors& errors) {
  if (subject.kind == "ServiceAccount") {
    name_at(errors, "name", subject.name, check_dns1123_subdomain);
    if (!subject.apiGroup.empty())
      at(errors, "apiGroup", [&] { errors.not_supported(subject.apiGroup, ""); });
    if (!namespaced && subject.namespace_.empty())
      at(errors, "namespace", [&] { errors.required(); });
  } else if (is_one_of(subject.kind, "User,Group")) {
    if (subject.apiGroup != kGroup)
      at(errors, "apiGroup", [&] { errors.not_supported(subject.apiGroup, kGroup); });
  } else if (!subject.kind.empty()) {
    at(errors, "kind", [&] { errors.not_supported(subject.kind, "ServiceAccount,User,Group"); });
  }
}

void role_binding(const RoleBinding& binding, FieldErrors& errors) {
  role_ref(binding.roleRef, "Role,ClusterRole", errors);
  each(errors, "subjects", binding.subjects,
       [&](const RbacSubject& one) { subject(one, true, errors); });
}

void cluster_role_binding(const ClusterRoleBinding& binding, FieldErrors& errors) {
  role_ref(binding.roleRef, "ClusterRole", errors);
  each(errors, "subjects", binding.subjects,
       [&](const RbacSubject& one) { subject(one, false, errors); });
}

template <class Binding>
void binding_update(const Binding& now, const Binding& old, FieldErrors& errors) {
  if (!equal(now.roleRef, old.roleRef))
    at(errors, "roleRef",
       [&] { errors.invalid_json(encode_json(now.roleRef), "cannot change roleRef"); });
}

constexpr Rule kRules[] = {
    rule<role>(),
    rule<cluster_role>(),
    rule<role_binding>(),
    rule<cluster_role_binding>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<binding_update<RoleBinding>>(),
    update_rule<binding_update<ClusterRoleBinding>>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::rbac
