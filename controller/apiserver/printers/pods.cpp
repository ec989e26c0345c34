// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "controller/apiserver/printers/pod_status.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string restarts_text(const PodSummary& summary, TimePoint now) {
  if (summary.restarts == 0 || summary.last_restart.is_zero())
    return std::to_string(summary.restarts);
  return fmt::format("{} ({} ago)", summary.restarts, age(summary.last_restart, now));
}

std::string gates_text(const api::Pod& pod) {
  const auto& gates = pod.spec.readinessGates;
  if (gates.empty()) return std::string(kNone);
  const auto open = std::count_if(gates.begin(), gates.end(), [&](const auto& gate) {
    return std::any_of(pod.status.conditions.begin(), pod.status.conditions.end(),
                       [&](const auto& condition) {
                         return condition.type == gate.conditionType && condition.status == "True";
                       });
  });
  return fmt::format("{}/{}", open, gates.size());
}

// Marks finished pods, so that clients can tell them apart.
std::string row_conditions(const std::string& phase) {
  const bool done = phase == "Succeeded";
  if (!done && phase != "Failed") return {};
  return fmt::format(R"([{{"type":"Completed","status":"True","reason":"{}","message":"{}"}}])",
                     phase, done ? "The pod has completed successfully." : "The pod failed.");
}

TableRow print_pod(const api::Pod& pod, TimePoint now) {
  const PodSummary summary = summarize(pod);
  Cells cells;
  cells.text(pod.metadata.name);
  cells.text(fmt::format("{}/{}", summary.ready, summary.containers));
  cells.text(summary.status);
  cells.text(restarts_text(summary, now));
  cells.text(age(pod.metadata.creationTimestamp, now));
  cells.text(pod.status.podIPs.empty() ? kNone : text_or(pod.status.podIPs.front().ip, kNone));
  cells.text(text_or(pod.spec.nodeName, kNone));
  cells.text(text_or(pod.status.nominatedNodeName, kNone));
  cells.text(gates_text(pod));
  return {.cells = std::move(cells).finish(), .conditions = row_conditions(pod.status.phase)};
}

}  // namespace

std::vector<KindTable> pod_tables() {
  return {table_of<api::Pod, print_pod>({name_column(), column("Ready"), column("Status"),
                                         column("Restarts"), age_column(), wide_column("IP"),
                                         wide_column("Node"), wide_column("Nominated Node"),
                                         wide_column("Readiness Gates")})};
}

}  // namespace skiff::printers
