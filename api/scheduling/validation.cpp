// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/rules.h"
#include "api/scheduling/types.h"

namespace skiff::api::scheduling {
namespace {

using rules::at;

constexpr int32_t kMaxOfUsers = 1'000'000'000;

// The two that Kubernetes itself has.
bool is_system_class(const PriorityClass& one) {
  return !one.globalDefault &&
         ((one.metadata.name == "system-cluster-critical" && one.value == 2'000'000'000) ||
          (one.metadata.name == "system-node-critical" && one.value == 2'000'001'000));
}

void priority_class(const PriorityClass& one, FieldErrors& errors) {
  if (one.metadata.name.starts_with("system-")) {
    if (is_system_class(one)) return;
    const auto metadata = errors.at("metadata");
    return at(errors, "name", [&] {
      errors.forbidden(fmt::format(
          "priority class names with 'system-' prefix are reserved for system use only. error: {} "
          "is not a known system priority class",
          one.metadata.name));
    });
  }
  if (one.value > kMaxOfUsers)
    at(errors, "value", [&] {
      errors.forbidden(
          fmt::format("maximum allowed value of a user defined priority is {}", kMaxOfUsers));
    });
}

void priority_class_update(const PriorityClass& now, const PriorityClass& old,
                           FieldErrors& errors) {
  if (now.value != old.value)
    at(errors, "value", [&] { errors.forbidden("may not be changed in an update."); });
}

constexpr Rule kRules[] = {
    rule<priority_class>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<priority_class_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::scheduling
