// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/jwt.h"

#include "base/check.h"
#include "base/pki.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

const auth::JwtKey& key() {
  static const auth::JwtKey made = *auth::JwtKey::load(*pki::make_private_key());
  return made;
}

// No bytes from outside are a good token; those we sign are, and not with a byte changed.
void run(std::string_view input) {
  CHECK(!key().verify(input).ok());
  CHECK(*auth::base64url_decode(auth::base64url(input)) == input);
  const auto token = key().sign(input);
  CHECK(token.ok());
  CHECK(*key().verify(*token) == input);
  std::string forged = *token;
  char& changed = forged[input.size() % forged.size()];
  changed = changed == 'A' ? 'Q' : 'A';
  CHECK(!key().verify(forged).ok());
}

const Registration kTarget("jwt", &run);

}  // namespace
}  // namespace skiff::fuzz
