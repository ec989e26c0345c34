// SPDX-License-Identifier: Apache-2.0
#include "api/events/core_event.h"

namespace skiff::api {
namespace {

// Calls `copy(member of core, member of event)` for what both have under names of their own.
template <class Core, class Other, class Copy>
void each_member(Core& core, Other& event, Copy copy) {
  copy(core.metadata, event.metadata);
  copy(core.eventTime, event.eventTime);
  copy(core.reportingComponent, event.reportingController);
  copy(core.reportingInstance, event.reportingInstance);
  copy(core.action, event.action);
  copy(core.reason, event.reason);
  copy(core.involvedObject, event.regarding);
  copy(core.related, event.related);
  copy(core.message, event.note);
  copy(core.type, event.type);
  copy(core.source, event.deprecatedSource);
  copy(core.firstTimestamp, event.deprecatedFirstTimestamp);
  copy(core.lastTimestamp, event.deprecatedLastTimestamp);
  copy(core.count, event.deprecatedCount);
}

}  // namespace

EventV1 to_events(const Event& event) {
  EventV1 out;
  each_member(event, out, [](const auto& core, auto& other) { other = core; });
  if (event.series) out.series = EventSeriesV1{event.series->count, event.series->lastObservedTime};
  return out;
}

Event to_core(const EventV1& event) {
  Event out;
  each_member(out, event, [](auto& core, const auto& other) { core = other; });
  if (event.series) out.series = EventSeries{event.series->count, event.series->lastObservedTime};
  return out;
}

}  // namespace skiff::api
