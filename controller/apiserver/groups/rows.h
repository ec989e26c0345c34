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

// Adds `status`, and lets the generation follow the spec.
Resource with_status(Resource resource);

Subresource status_part();
// autoscaling/v1 Scale: needs `spec.replicas`.
Subresource scale_part();
// A subresource that is only created, with a body of another kind (pods/eviction).
Subresource create_part(std::string name, const api::Kind& body);
// One that takes the connection over; `kind` names its options.
Subresource stream_part(std::string name, std::string kind);

// A field at its own JSON path.
SelectableField selectable(std::string path, std::string absent = "");

}  // namespace skiff::apiserver
