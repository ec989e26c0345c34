// SPDX-License-Identifier: Apache-2.0
#include "api/default_value.h"
#include "api/discovery/endpoint_slice.h"
#include "api/groups.h"

namespace skiff::api::discovery {
namespace {

void slice_port(EndpointSlicePort& port) {
  set(port.name, "");
  set(port.protocol, "TCP");
}

constexpr DefaultHook kDefaults[] = {
    default_hook<slice_port>(),
};

}  // namespace

std::span<const DefaultHook> defaults() {
  return kDefaults;
}

}  // namespace skiff::api::discovery
