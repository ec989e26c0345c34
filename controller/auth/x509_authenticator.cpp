// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/x509_authenticator.h"

namespace skiff::auth {
namespace {

class X509Authenticator final : public apiserver::Authenticator {
 public:
  Result<std::optional<apiserver::User>> authenticate(const http::Request& request) override {
    if (request.peer.common_name.empty()) return std::nullopt;
    apiserver::User user;
    user.name = request.peer.common_name;
    user.groups = request.peer.organizations;
    user.groups.push_back("system:authenticated");
    return user;
  }
};

}  // namespace

std::unique_ptr<apiserver::Authenticator> x509_authenticator() {
  return std::make_unique<X509Authenticator>();
}

}  // namespace skiff::auth
