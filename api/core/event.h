// SPDX-License-Identifier: Apache-2.0
// Events.
#pragma once

#include <cstdint>
#include <string>

#include "api/core/reference.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// The component that reports.
struct EventSource {
  std::string component;
  std::string host;
};
KUBE_TYPE(EventSource)

// How often an event came, and when last.
struct EventSeries {
  int32_t count = 0;
  MicroTime lastObservedTime;
};
KUBE_TYPE(EventSeries)

// Something that happened to an object.
struct Event {
  ObjectMeta metadata;
  ObjectReference involvedObject;
  std::string reason;
  std::string message;
  EventSource source;
  Time firstTimestamp;
  Time lastTimestamp;
  int32_t count = 0;
  std::string type;
  MicroTime eventTime;
  Box<EventSeries> series;
  std::string action;
  Box<ObjectReference> related;
  std::string reportingComponent;
  std::string reportingInstance;
};
KUBE_TYPE(Event)

}  // namespace skiff::api
