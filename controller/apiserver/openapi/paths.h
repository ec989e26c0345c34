// SPDX-License-Identifier: Apache-2.0
// The paths of a resource and what may be done there, in no dialect yet.
#pragma once

#include <string>
#include <vector>

#include "controller/apiserver/resource.h"

namespace skiff::openapi {

// A query or path parameter.
struct Parameter {
  const char* name;
  const char* type;  // string, integer, boolean
  const char* description;
};

// What the body of a request or an answer holds.
enum class Body : uint8_t { kNone, kObject, kList, kPatch, kDeleteOptions, kStatus, kText };

struct Operation {
  const char* method;  // get, post, put, patch, delete
  const char* action;  // as x-kubernetes-action names it
  std::string id;      // readCoreV1NamespacedPod
  std::vector<Parameter> parameters;
  Body request = Body::kNone;
  Body response = Body::kObject;
};

struct Path {
  std::string path;                // with {namespace} and {name}
  std::vector<Parameter> in_path;  // what stands in braces
  // What kObject is here: the kind of the resource, or of the subresource.
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::vector<Operation> operations;
};

// All paths of `resource`, which must outlive them.
std::vector<Path> paths(const apiserver::Resource& resource);

}  // namespace skiff::openapi
