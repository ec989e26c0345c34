// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

namespace skiff::api::scheduling {

std::span<const Kind> kinds() {
  return {};
}

}  // namespace skiff::api::scheduling
