// SPDX-License-Identifier: Apache-2.0
#include "api/coordination/lease.h"
#include "api/groups.h"
#include "api/kind_rows.h"

namespace skiff::api::coordination {
namespace {
constexpr const char* kGroup = "coordination.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<Lease>(kGroup, "leases", kNamespaced),
  };
  return all;
}

}  // namespace skiff::api::coordination
