// SPDX-License-Identifier: Apache-2.0
#include "api/apiregistration/types.h"
#include "api/default_value.h"
#include "api/groups.h"

namespace skiff::api::apiregistration {
namespace {

void service(ServiceReference& service) {
  set(service.port, 443);
}

constexpr DefaultHook kDefaults[] = {
    default_hook<service>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::apiregistration
