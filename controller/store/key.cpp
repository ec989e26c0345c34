// SPDX-License-Identifier: Apache-2.0
#include "controller/store/store.h"

namespace skiff::store {

std::string registry_prefix(std::string_view resource, std::string_view namespace_) {
  std::string prefix = "/registry/";
  prefix.append(resource).push_back('/');
  if (!namespace_.empty()) prefix.append(namespace_).push_back('/');
  return prefix;
}

std::string registry_key(std::string_view resource, std::string_view namespace_,
                         std::string_view name) {
  return registry_prefix(resource, namespace_).append(name);
}

}  // namespace skiff::store
