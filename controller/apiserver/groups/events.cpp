// SPDX-License-Identifier: Apache-2.0
// events.k8s.io: the events of core under other names, and stricter.
#include "api/events/core_event.h"
#include "controller/apiserver/groups/rows.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {

void add_events(Registry& registry, const Parts&) {
  Resource events = row<api::EventV1>();
  events.view = view<api::EventV1, api::Event, api::to_events, api::to_core>();
  events.create_on_update = true;
  // Paths are those of what is stored.
  for (const char* field :
       {"kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"})
    events.selectable_fields.push_back(
        {std::string("regarding.") + field, std::string("involvedObject.") + field, ""});
  for (const char* field : {"reason", "type"})
    events.selectable_fields.push_back(selectable(field));
  events.selectable_fields.push_back({"reportingController", "reportingComponent", ""});
  registry.add(std::move(events));
}

}  // namespace skiff::apiserver
