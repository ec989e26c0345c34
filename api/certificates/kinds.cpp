// SPDX-License-Identifier: Apache-2.0
#include "api/certificates/types.h"
#include "api/groups.h"
#include "api/kind_rows.h"
#include "api/names.h"

namespace skiff::api::certificates {
namespace {
constexpr const char* kGroup = "certificates.k8s.io";
}

std::span<const Kind> kinds() {
  static const Kind all[] = {
      stored<CertificateSigningRequest>(kGroup, "certificatesigningrequests", kCluster, {"csr"}),
  };
  return all;
}

}  // namespace skiff::api::certificates
