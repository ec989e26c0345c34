// SPDX-License-Identifier: Apache-2.0
#include "api/events/event.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.events.v1.")

KUBE_FIELDS_AS(EventSeriesV1, "EventSeries", KUBE_FIELD(count, 1, .required = true),
               KUBE_FIELD(lastObservedTime, 2, .required = true, .null_zero = true))

KUBE_FIELDS_AS(EventV1, "Event", KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
               KUBE_FIELD(eventTime, 2, .required = true, .null_zero = true), KUBE_FIELD(series, 3),
               KUBE_FIELD(reportingController, 4), KUBE_FIELD(reportingInstance, 5),
               KUBE_FIELD(action, 6), KUBE_FIELD(reason, 7), KUBE_FIELD(regarding, 8),
               KUBE_FIELD(related, 9), KUBE_FIELD(note, 10), KUBE_FIELD(type, 11),
               KUBE_FIELD(deprecatedSource, 12),
               KUBE_FIELD(deprecatedFirstTimestamp, 13, .null_zero = true),
               KUBE_FIELD(deprecatedLastTimestamp, 14, .null_zero = true),
               KUBE_FIELD(deprecatedCount, 15))

}  // namespace skiff::api
