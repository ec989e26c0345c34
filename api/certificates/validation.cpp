// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"

namespace skiff::api::certificates {

std::span<const Rule> rules() {
  return {};
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::certificates
