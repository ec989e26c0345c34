// SPDX-License-Identifier: Apache-2.0
#include "api/core/event.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.core.v1.")

KUBE_FIELDS(EventSource, KUBE_FIELD(component, 1), KUBE_FIELD(host, 2))

KUBE_FIELDS(EventSeries, KUBE_FIELD(count, 1), KUBE_FIELD(lastObservedTime, 2, .null_zero = true))

KUBE_FIELDS(Event, KUBE_FIELD(metadata, 1, .required = true, .doc = "standard metadata"),
            KUBE_FIELD(involvedObject, 2, .required = true), KUBE_FIELD(reason, 3),
            KUBE_FIELD(message, 4), KUBE_FIELD(source, 5),
            KUBE_FIELD(firstTimestamp, 6, .null_zero = true),
            KUBE_FIELD(lastTimestamp, 7, .null_zero = true), KUBE_FIELD(count, 8),
            KUBE_FIELD(type, 9), KUBE_FIELD(eventTime, 10, .null_zero = true),
            KUBE_FIELD(series, 11), KUBE_FIELD(action, 12), KUBE_FIELD(related, 13),
            KUBE_FIELD(reportingComponent, 14), KUBE_FIELD(reportingInstance, 15))

}  // namespace skiff::api
