// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens signed with ES256 (RFC 7515, RFC 7518 section 3.4), and the key set that lets
// others check them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

namespace skiff::auth {

std::string base64url(std::string_view bytes);
Result<std::string> base64url_decode(std::string_view text);

class JwtKey {
 public:
  // A PEM private key on P-256.
  static Result<JwtKey> load(std::string_view private_key);

  // `claims` is a JSON object.
  Result<std::string> sign(std::string_view claims) const;
  // The claims of a token with a good signature; UNAUTHENTICATED otherwise.
  Result<std::string> verify(std::string_view token) const;
  // `{"keys":[…]}` (RFC 7517).
  const std::string& jwks() const { return jwks_; }
  const std::string& id() const { return id_; }

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  std::unique_ptr<evp_pkey_st, Free> key_;
  std::string id_;
  std::string jwks_;
};

}  // namespace skiff::auth
