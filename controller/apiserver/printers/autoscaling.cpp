// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "api/autoscaling/versions.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

constexpr size_t kShownMetrics = 2;

std::string amount_or_unknown(const std::optional<api::Quantity>& amount) {
  return amount ? amount->to_string() : std::string(kUnknown);
}

// `cpu: 12%/50%`.
std::string usage_text(const std::string& name, const api::MetricTarget& target,
                       const api::MetricValueStatus* now) {
  if (target.averageValue)
    return fmt::format("{}: {}/{}", name,
                       now ? amount_or_unknown(now->averageValue) : std::string(kUnknown),
                       target.averageValue->to_string());
  const auto percent = [](const std::optional<int32_t>& value, std::string_view otherwise) {
    return value ? fmt::format("{}%", *value) : std::string(otherwise);
  };
  return fmt::format("{}: {}/{}", name,
                     percent(now ? now->averageUtilization : std::nullopt, kUnknown),
                     percent(target.averageUtilization, "auto"));
}

std::string target_text(const api::MetricTarget& target, const api::MetricValueStatus* now) {
  if (target.averageValue)
    return fmt::format("{}/{} (avg)",
                       now ? amount_or_unknown(now->averageValue) : std::string(kUnknown),
                       target.averageValue->to_string());
  return fmt::format("{}/{}", now ? amount_or_unknown(now->value) : std::string(kUnknown),
                     amount_or_unknown(target.value));
}

std::string metric_text(const api::MetricSpec& spec, const api::MetricStatus* status) {
  const auto current = [&](const auto api::MetricStatus::* source) {
    return status && status->*source ? &(*(status->*source)).current : nullptr;
  };
  if (spec.resource)
    return usage_text(spec.resource->name, spec.resource->target,
                      current(&api::MetricStatus::resource));
  if (spec.containerResource)
    return usage_text(spec.containerResource->name, spec.containerResource->target,
                      current(&api::MetricStatus::containerResource));
  if (spec.external)
    return target_text(spec.external->target, current(&api::MetricStatus::external));
  if (spec.object) return target_text(spec.object->target, current(&api::MetricStatus::object));
  if (spec.pods) {
    const auto* now = current(&api::MetricStatus::pods);
    return fmt::format("{}/{}", now ? amount_or_unknown(now->averageValue) : std::string(kUnknown),
                       amount_or_unknown(spec.pods->target.averageValue));
  }
  return "<unknown type>";
}

std::string targets(const api::HorizontalPodAutoscaler& one) {
  std::vector<std::string> texts;
  const auto& metrics = one.spec.metrics;
  for (size_t i = 0; i < metrics.size() && i < kShownMetrics; ++i) {
    const auto& current = one.status.currentMetrics;
    texts.push_back(metric_text(metrics[i], i < current.size() ? &current[i] : nullptr));
  }
  if (texts.empty()) return std::string(kNone);
  const std::string text = join(texts, ", ");
  return metrics.size() > kShownMetrics
             ? fmt::format("{} + {} more...", text, metrics.size() - kShownMetrics)
             : text;
}

TableRow print_autoscaler(const api::HorizontalPodAutoscaler& one, TimePoint now) {
  const auto& min = one.spec.minReplicas;
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(fmt::format("{}/{}", one.spec.scaleTargetRef.kind, one.spec.scaleTargetRef.name));
  cells.text(targets(one));
  cells.text(min ? std::to_string(*min) : "<unset>");
  cells.number(one.spec.maxReplicas);
  cells.number(one.status.currentReplicas);
  cells.text(age(one.metadata.creationTimestamp, now));
  return {.cells = std::move(cells).finish()};
}

TableRow print_autoscaler_v1(const api::HorizontalPodAutoscalerV1& one, TimePoint now) {
  return print_autoscaler(api::to_v2(one), now);
}

std::vector<TableColumn> autoscaler_columns() {
  return {name_column(),     column("Reference"),          column("Targets"),
          column("MinPods"), column("MaxPods", "integer"), column("Replicas", "integer"),
          age_column()};
}

}  // namespace

std::vector<KindTable> autoscaling_tables() {
  return {table_of<api::HorizontalPodAutoscaler, print_autoscaler>(autoscaler_columns()),
          table_of<api::HorizontalPodAutoscalerV1, print_autoscaler_v1>(autoscaler_columns())};
}

}  // namespace skiff::printers
