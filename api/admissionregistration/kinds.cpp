// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

namespace skiff::api::admissionregistration {

std::span<const Kind> kinds() {
  return {};
}

}  // namespace skiff::api::admissionregistration
