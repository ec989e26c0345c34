// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/metric_labels.h"

#include <algorithm>

namespace skiff::trace {
namespace {

using What = MetricLabel::What;

constexpr std::pair<const char*, What> kAttributes[] = {
    {"namespace", What::kNamespace},        {"pod", What::kPod}, {"workload", What::kWorkload},
    {"workload_kind", What::kWorkloadKind}, {"app", What::kApp}, {"ip", What::kIp},
};

constexpr const char* kAppLabels[] = {"app.kubernetes.io/name", "app", "k8s-app"};

std::string app_of(const Identity& who) {
  for (const char* name : kAppLabels)
    if (const auto label = who.labels.find(name); label != who.labels.end()) return label->second;
  return "";
}

}  // namespace

Result<std::vector<MetricLabel>> parse_metric_labels(const std::vector<std::string>& names) {
  std::vector<MetricLabel> labels;
  for (const std::string& name : names) {
    const bool source = name.starts_with("source_");
    const bool known_end = source || name.starts_with("destination_");
    const std::string rest = known_end ? name.substr(name.find('_') + 1) : "";
    const auto found = std::ranges::find(kAttributes, rest,
                                         [](const auto& one) { return std::string(one.first); });
    if (found == std::end(kAttributes))
      return invalid_argument(
          "\"{}\": want source_ or destination_, then namespace, pod, workload, workload_kind, app "
          "or ip",
          name);
    labels.push_back({.name = name, .source = source, .what = found->second});
  }
  return labels;
}

std::string value_of(const MetricLabel& label, const IpAddress& address, const Identity* who) {
  if (label.what == What::kIp) return address.is_unspecified() ? "" : address.to_string();
  if (who == nullptr) return "";
  switch (label.what) {
    case What::kNamespace:
      return who->namespace_;
    case What::kPod:
      return who->kind == Identity::Kind::kPod ? who->name : "";
    case What::kWorkload:
      return who->workload.empty() && who->kind == Identity::Kind::kPod ? who->name : who->workload;
    case What::kWorkloadKind:
      return who->workload_kind;
    case What::kApp:
      return app_of(*who);
    case What::kIp:
      break;
  }
  return "";
}

}  // namespace skiff::trace
