// SPDX-License-Identifier: Apache-2.0
// References from one object to another.
#pragma once

#include <optional>
#include <string>

#include "api/scalars.h"

namespace skiff::api {

// A name in the same namespace.
struct LocalObjectReference {
  std::string name;
};
KUBE_TYPE(LocalObjectReference)

// Any object, or a part of it.
struct ObjectReference {
  std::string kind;
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string apiVersion;
  std::string resourceVersion;
  std::string fieldPath;
};
KUBE_TYPE(ObjectReference)

// A Secret in any namespace.
struct SecretReference {
  std::string name;
  std::string namespace_;
};
KUBE_TYPE(SecretReference)

// An object of any kind in the same namespace.
struct TypedLocalObjectReference {
  std::optional<std::string> apiGroup;
  std::string kind;
  std::string name;
};
KUBE_TYPE(TypedLocalObjectReference)

// An object of any kind, in another namespace if that is allowed.
struct TypedObjectReference {
  std::optional<std::string> apiGroup;
  std::string kind;
  std::string name;
  std::optional<std::string> namespace_;
};
KUBE_TYPE(TypedObjectReference)

}  // namespace skiff::api
