// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

namespace skiff::api::events {

std::span<const DefaultHook> defaults() {
  return {};
}

}  // namespace skiff::api::events
