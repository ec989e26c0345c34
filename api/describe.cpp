// SPDX-License-Identifier: Apache-2.0
#include "api/describe.h"

namespace skiff::api {

const FieldInfo* TypeInfo::field(std::string_view json_name) const {
  for (const FieldInfo& field : fields)
    if (field.name == json_name) return &field;
  return nullptr;
}

}  // namespace skiff::api
