// SPDX-License-Identifier: Apache-2.0
#include "api/events/core_event.h"

namespace skiff::api {

EventV1 to_events(const Event& event) {
  EventV1 out;
  out.metadata = event.metadata;
  out.eventTime = event.eventTime;
  if (event.series) out.series = EventSeriesV1{event.series->count, event.series->lastObservedTime};
  out.reportingController = event.reportingComponent;
  out.reportingInstance = event.reportingInstance;
  out.action = event.action;
  out.reason = event.reason;
  out.regarding = event.involvedObject;
  out.related = event.related;
  out.note = event.message;
  out.type = event.type;
  out.deprecatedSource = event.source;
  out.deprecatedFirstTimestamp = event.firstTimestamp;
  out.deprecatedLastTimestamp = event.lastTimestamp;
  out.deprecatedCount = event.count;
  return out;
}

Event to_core(const EventV1& event) {
  Event out;
  out.metadata = event.metadata;
  out.eventTime = event.eventTime;
  if (event.series) out.series = EventSeries{event.series->count, event.series->lastObservedTime};
  out.reportingComponent = event.reportingController;
  out.reportingInstance = event.reportingInstance;
  out.action = event.action;
  out.reason = event.reason;
  out.involvedObject = event.regarding;
  out.related = event.related;
  out.message = event.note;
  out.type = event.type;
  out.source = event.deprecatedSource;
  out.firstTimestamp = event.deprecatedFirstTimestamp;
  out.lastTimestamp = event.deprecatedLastTimestamp;
  out.count = event.deprecatedCount;
  return out;
}

}  // namespace skiff::api
