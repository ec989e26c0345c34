// SPDX-License-Identifier: Apache-2.0
// Who belongs to whom: owner references, and adopting what a selector matches and nobody controls.
#pragma once

#include <string>

#include "api/kind.h"
#include "api/meta.h"
#include "kube/client.h"

namespace skiff::controllers {

// The reference with controller=true, or null.
const api::OwnerReference* controller_of(const api::ObjectMeta& metadata);

inline bool is_controlled_by(const api::ObjectMeta& metadata, const std::string& uid) {
  const api::OwnerReference* owner = controller_of(metadata);
  return owner != nullptr && owner->uid == uid;
}

api::OwnerReference controller_reference(const api::Kind& kind, const api::ObjectMeta& owner);
template <class T>
api::OwnerReference controller_reference(const T& owner) {
  return controller_reference(api::kind_of<T>(), owner.metadata);
}

// Merge-patch bodies that make `owner` the controller of the object with `uid`, and that end it.
std::string adoption_patch(const api::OwnerReference& owner, const std::string& uid);
std::string release_patch(const api::ObjectMeta& object, const std::string& owner_uid);

}  // namespace skiff::controllers
