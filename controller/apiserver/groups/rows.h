// SPDX-License-Identifier: Apache-2.0
// Rows in the forms that recur.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/kind.h"
#include "controller/apiserver/groups.h"
#include "controller/apiserver/strategy.h"

namespace skiff::apiserver {

// A stored resource with all verbs and no subresources, under the rules of its tables.
Resource stored_row(const api::Kind& kind);
// A question: created, answered by its review strategy or by a subresource's function, forgotten.
Resource question_row(const api::Kind& kind);

// `row<Pod>()`: stored or question, as the kind says.
template <class T>
Resource row() {
  const api::Kind& kind = api::kind_of<T>();
  return kind.serving == api::Serving::kStored ? stored_row(kind) : question_row(kind);
}

// The same, with a generation that follows the spec.
template <class T>
Resource with_generation() {
  Resource resource = row<T>();
  resource.tracks_generation = true;
  return resource;
}

// Adds `status`, and lets the generation follow the spec.
Resource with_status(Resource resource);

Subresource status_part();
// A part of the object under rules of its own: `merge` and `check` as in PartRules, for objects of
// T; merge may do without the time.
template <class T, auto merge, auto check>
Subresource part(std::string name) {
  static constexpr PartRules kRules = {
      .merge =
          [](const Object& wanted, const Object& current, TimePoint now) {
            if constexpr (std::is_invocable_v<decltype(merge), const T&, const T&, TimePoint>)
              return Object::of<T>(merge(wanted.as<T>(), current.as<T>(), now));
            else
              return Object::of<T>(merge(wanted.as<T>(), current.as<T>()));
          },
      .check = [](const Object& now, const Object& old) { return check(now.as<T>(), old.as<T>()); },
  };
  return {.name = std::move(name), .verbs = {"get", "patch", "update"}, .part = &kRules};
}
// autoscaling/v1 Scale: needs `spec.replicas`.
Subresource scale_part();
// A subresource that is only created, with a body of another kind (pods/eviction).
Subresource create_part(std::string name, const api::Kind& body);
// One that takes the connection over; `kind` names its options.
Subresource stream_part(std::string name, std::string kind);

// A field at its own JSON path.
SelectableField selectable(std::string path, std::string absent = "");

}  // namespace skiff::apiserver
