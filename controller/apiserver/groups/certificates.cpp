// SPDX-License-Identifier: Apache-2.0
#include "api/certificates/approval.h"
#include "controller/apiserver/groups/rows.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {

void add_certificates(Registry& registry, const Parts&) {
  Resource requests = row<api::CertificateSigningRequest>();
  requests.strategy = certificate_strategy();
  requests.subresources = {
      part<api::CertificateSigningRequest, api::with_approval, api::check_approval>("approval"),
      status_part()};
  requests.selectable_fields = {selectable("spec.signerName")};
  registry.add(std::move(requests));
}

}  // namespace skiff::apiserver
