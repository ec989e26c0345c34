// SPDX-License-Identifier: Apache-2.0
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/networking/network_policy.h"

namespace skiff::api::networking {
namespace {
constexpr const char* kGroup = "networking.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<NetworkPolicy>(kGroup, "networkpolicies", kNamespaced, {"netpol"}),
  };
  return all;
}

}  // namespace skiff::api::networking
