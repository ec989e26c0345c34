// SPDX-License-Identifier: Apache-2.0
#include "api/certificates/approval.h"

#include <algorithm>

#include "api/codec.h"
#include "api/text.h"

namespace skiff::api {
namespace {

using Conditions = std::vector<CertificateSigningRequestCondition>;

bool has(const Conditions& conditions, std::string_view type) {
  return std::any_of(conditions.begin(), conditions.end(),
                     [&](const auto& one) { return one.type == type; });
}

}  // namespace

CertificateSigningRequest with_approval(const CertificateSigningRequest& wanted,
                                        const CertificateSigningRequest& old, TimePoint now) {
  CertificateSigningRequest request = old;
  request.metadata.resourceVersion = wanted.metadata.resourceVersion;
  request.metadata.uid = wanted.metadata.uid;
  request.metadata.labels = wanted.metadata.labels;
  request.metadata.annotations = wanted.metadata.annotations;
  request.status.conditions = wanted.status.conditions;
  for (auto& condition : request.status.conditions) {
    if (condition.lastUpdateTime.is_zero()) condition.lastUpdateTime = now;
    if (condition.lastTransitionTime.is_zero()) condition.lastTransitionTime = now;
  }
  return request;
}

std::vector<FieldError> check_approval(const CertificateSigningRequest& now,
                                       const CertificateSigningRequest& old) {
  FieldErrors errors;
  const auto status = errors.at("status");
  const auto field = errors.at("conditions");
  const Conditions& conditions = now.status.conditions;
  for (size_t i = 0; i < conditions.size(); ++i) {
    const auto scope = errors.at(i);
    if (conditions[i].type.empty()) {
      const auto type = errors.at("type");
      errors.required();
    }
    const auto value = errors.at("status");
    if (is_one_of(conditions[i].type, "Approved,Denied,Failed") && conditions[i].status != "True")
      errors.not_supported(conditions[i].status, "True");
  }
  if (has(conditions, "Approved") && has(conditions, "Denied"))
    errors.invalid_json(encode_json(conditions),
                        "Approved and Denied conditions are mutually exclusive");
  for (const char* type : {"Approved", "Denied", "Failed"})
    if (has(old.status.conditions, type) && !has(conditions, type))
      errors.forbidden(fmt::format("updates may not remove a condition of type \"{}\"", type));
  return errors.take();
}

}  // namespace skiff::api
