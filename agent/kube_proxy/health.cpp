// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/health.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace skiff::kube_proxy {
namespace {

constexpr auto kLate = std::chrono::minutes(1);
constexpr const char* kToBeDeleted = "ToBeDeletedByClusterAutoscaler";

// As Go prints a time.
std::string text(TimePoint at) {
  const auto since = at.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:09} +0000 UTC", fmt::gmtime(seconds.count()),
                     std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count());
}

HealthAnswer answer(const Health& health, TimePoint now, bool good) {
  const TimePoint updated = is_healthy(health, now) ? now : health.last_updated;
  return {.status = good ? 200 : 503,
          .body = fmt::format(R"({{"lastUpdated": "{}","currentTime": "{}", "nodeEligible": {}}})",
                              text(updated), text(now), health.node_eligible)};
}

}  // namespace

bool is_healthy(const Health& health, TimePoint now) {
  if (!health.synced) return now - health.started < kLate;
  return !health.behind_since || now - *health.behind_since < kLate;
}

bool is_eligible(const api::Node& node) {
  if (node.metadata.deletionTimestamp) return false;
  for (const api::Taint& taint : node.spec.taints)
    if (taint.key == kToBeDeleted) return false;
  return true;
}

HealthAnswer healthz(const Health& health, TimePoint now) {
  return answer(health, now, is_healthy(health, now) && health.node_eligible);
}

HealthAnswer livez(const Health& health, TimePoint now) {
  return answer(health, now, is_healthy(health, now));
}

}  // namespace skiff::kube_proxy
