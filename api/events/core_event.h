// SPDX-License-Identifier: Apache-2.0
// events.k8s.io and core: the same event, under other names.
#pragma once

#include "api/core/event.h"
#include "api/events/event.h"

namespace skiff::api {

EventV1 to_events(const Event& event);
Event to_core(const EventV1& event);

}  // namespace skiff::api
