// SPDX-License-Identifier: Apache-2.0
// Service account tokens: issues what TokenRequest asks for, and takes what clients show (claims of
// KEP-1205 and KEP-4193).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "controller/apiserver/token.h"
#include "controller/apiserver/user.h"
#include "controller/auth/jwt.h"
#include "controller/store/store.h"

namespace skiff::auth {

struct TokenOptions {
  std::string issuer = "https://kubernetes.default.svc.cluster.local";
  std::vector<std::string> audiences = {
      "https://kubernetes.default.svc.cluster.local"};  // the API server's own
};

std::shared_ptr<apiserver::TokenIssuer> token_issuer(std::shared_ptr<const JwtKey> key,
                                                     TokenOptions options);

// Checks signature, issuer, audience, time, and that account and bound object are still there.
// `store` and `clock` must outlive it.
std::unique_ptr<apiserver::Authenticator> token_authenticator(std::shared_ptr<const JwtKey> key,
                                                              TokenOptions options,
                                                              const store::Store& store,
                                                              const Clock& clock);

}  // namespace skiff::auth
