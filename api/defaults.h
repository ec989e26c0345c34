// SPDX-License-Identifier: Apache-2.0
// Defaults: what Kubernetes fills in where a user left something out. Idempotent. What needs more
// than the object itself (addresses, service accounts, priorities) belongs to the API server.
#pragma once

#include "api/any_object.h"

namespace skiff::api {

// Defaults of an object of `type` and of everything within it.
void set_defaults(const TypeInfo& type, void* object);

inline void set_defaults(const Kind& kind, void* object) {
  set_defaults(*kind.type, object);
}
inline void set_defaults(AnyObject& object) {
  set_defaults(object.type(), object.data());
}
template <class T>
void set_defaults(T& object) {
  set_defaults(type_of<T>(), &object);
}

}  // namespace skiff::api
