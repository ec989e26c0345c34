// SPDX-License-Identifier: Apache-2.0
#include "api/core/qos.h"

namespace skiff::api {

int64_t milli_amount(const std::map<std::string, Quantity>& list, const std::string& resource) {
  const auto found = list.find(resource);
  return found == list.end() ? 0 : found->second.milli_value();
}

int64_t request_milli(const Container& container, const std::string& resource) {
  const auto& [limits, requests, claims] = container.resources;
  return milli_amount(requests.contains(resource) ? requests : limits, resource);
}

QosClass qos_class(const Pod& pod) {
  bool any = false;
  bool guaranteed = true;
  const auto look = [&](const Container& container) {
    for (const char* resource : {"cpu", "memory"}) {
      const int64_t limit = milli_amount(container.resources.limits, resource);
      const int64_t request = request_milli(container, resource);
      if (limit > 0 || request > 0) any = true;
      if (limit == 0 || limit != request) guaranteed = false;
    }
  };
  for (const auto& container : pod.spec.initContainers) look(container);
  for (const auto& container : pod.spec.containers) look(container);
  if (!any) return QosClass::BestEffort;
  return guaranteed ? QosClass::Guaranteed : QosClass::Burstable;
}

std::string to_string(QosClass qos) {
  switch (qos) {
    case QosClass::Guaranteed:
      return "Guaranteed";
    case QosClass::Burstable:
      return "Burstable";
    case QosClass::BestEffort:
      break;
  }
  return "BestEffort";
}

}  // namespace skiff::api
