// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

namespace skiff::api::apiregistration {

std::span<const DefaultHook> defaults() {
  return {};
}

}  // namespace skiff::api::apiregistration
