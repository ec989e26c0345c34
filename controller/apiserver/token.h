// SPDX-License-Identifier: Apache-2.0
// Tokens of service accounts, as the `token` subresource asks for them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace skiff::apiserver {

struct TokenClaims {
  std::string namespace_;
  std::string service_account;
  std::string service_account_uid;
  std::vector<std::string> audiences;  // empty: the API server's own
  std::chrono::seconds lifetime{3600};
  // The object the token dies with (Pod, Secret or Node), if any. A pod's node goes along where it
  // is known.
  std::string bound_kind;
  std::string bound_name;
  std::string bound_uid;
  std::string node_name;
  std::string node_uid;
};

struct IssuedToken {
  std::string token;
  TimePoint expires;
};

class TokenIssuer {
 public:
  virtual ~TokenIssuer() = default;
  virtual Result<IssuedToken> issue(const TokenClaims& claims, TimePoint now) = 0;
};

}  // namespace skiff::apiserver
