// SPDX-License-Identifier: Apache-2.0
#include "api/events/event.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::events {
namespace {
constexpr const char* kGroup = "events.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      alias(stored<EventV1>(kGroup, "events", kNamespaced, {"ev"})),
  };
  return all;
}

}  // namespace skiff::api::events
