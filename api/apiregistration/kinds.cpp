// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

namespace skiff::api::apiregistration {

std::span<const Kind> kinds() {
  return {};
}

}  // namespace skiff::api::apiregistration
