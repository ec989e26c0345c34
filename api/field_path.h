// SPDX-License-Identifier: Apache-2.0
// Reading one field of a typed object by its path, for field selectors and the downward API.
#pragma once

#include <string>
#include <string_view>

#include "api/describe.h"
#include "base/result.h"

namespace skiff::api {

// The value at `path` as a string: `status.phase`, `metadata.labels['app']`, `involvedObject.uid`,
// `spec.containers[0].name`. Absent is "". A map becomes lines `key="value"`, as the downward API
// writes labels; other structured values are JSON. A path the type does not have is
// kInvalidArgument.
Result<std::string> read_field(const TypeInfo& type, const void* object, std::string_view path);

template <class T>
Result<std::string> read_field(const T& object, std::string_view path) {
  return read_field(type_of<T>(), &object, path);
}

}  // namespace skiff::api
