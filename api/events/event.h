// SPDX-License-Identifier: Apache-2.0
// Events as events.k8s.io shows them; they are stored as those of core (api/core/event.h).
#pragma once

#include <cstdint>
#include <string>

#include "api/core/event.h"
#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// How often an event came, and when last.
struct EventSeriesV1 {
  int32_t count = 0;
  MicroTime lastObservedTime;
};
KUBE_TYPE(EventSeriesV1)

// Something that happened to an object.
struct EventV1 {
  ObjectMeta metadata;
  MicroTime eventTime;
  Box<EventSeriesV1> series;
  std::string reportingController;
  std::string reportingInstance;
  std::string action;
  std::string reason;
  ObjectReference regarding;
  Box<ObjectReference> related;
  std::string note;
  std::string type;
  EventSource deprecatedSource;
  Time deprecatedFirstTimestamp;
  Time deprecatedLastTimestamp;
  int32_t deprecatedCount = 0;
};
KUBE_TYPE(EventV1)

}  // namespace skiff::api
