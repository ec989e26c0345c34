// SPDX-License-Identifier: Apache-2.0
// The names under which types stand in OpenAPI documents, as in Kubernetes: clients and generated
// code know them.
#pragma once

#include <string>

#include "api/describe.h"

namespace skiff::openapi {

inline constexpr const char* kMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

// `io.k8s.api.core.v1.Pod`. For structs and for the scalars that have a definition of their own
// (Quantity, IntOrString, Time, MicroTime).
std::string definition_name(const api::TypeInfo& type);

// Where objects of `group` are defined: `io.k8s.api.apps.v1.`.
std::string package_of(std::string_view group, std::string_view version);

}  // namespace skiff::openapi
