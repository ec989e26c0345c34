// SPDX-License-Identifier: Apache-2.0
// Requests for certificates.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// What is asked for, by whom.
struct CertificateSigningRequestSpec {
  Bytes request;
  std::string username;
  std::string uid;
  std::vector<std::string> groups;
  std::vector<std::string> usages;
  std::map<std::string, std::vector<std::string>> extra;
  std::string signerName;
  std::optional<int32_t> expirationSeconds;
};
KUBE_TYPE(CertificateSigningRequestSpec)

// Approved, denied or failed.
struct CertificateSigningRequestCondition {
  std::string type;
  std::string reason;
  std::string message;
  Time lastUpdateTime;
  Time lastTransitionTime;
  std::string status;
};
KUBE_TYPE(CertificateSigningRequestCondition)

// What became of it.
struct CertificateSigningRequestStatus {
  std::vector<CertificateSigningRequestCondition> conditions;
  Bytes certificate;
};
KUBE_TYPE(CertificateSigningRequestStatus)

// A request for a certificate.
struct CertificateSigningRequest {
  ObjectMeta metadata;
  CertificateSigningRequestSpec spec;
  CertificateSigningRequestStatus status;
};
KUBE_TYPE(CertificateSigningRequest)

}  // namespace skiff::api
