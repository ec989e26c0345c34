// SPDX-License-Identifier: Apache-2.0
// Requests for certificates: the server says who asks.
#include "api/certificates/types.h"
#include "controller/apiserver/strategies.h"

namespace skiff::apiserver {
namespace {

class CertificateStrategy final : public TypedStrategy<api::CertificateSigningRequest> {
 protected:
  Status create(api::CertificateSigningRequest& request, WriteContext& context) const override {
    request.spec.username = context.user.name;
    request.spec.uid = context.user.uid;
    request.spec.groups = context.user.groups;
    request.spec.extra = context.user.extra;
    return absl::OkStatus();
  }
};

}  // namespace

std::shared_ptr<const Strategy> certificate_strategy() {
  return std::make_shared<CertificateStrategy>();
}

}  // namespace skiff::apiserver
