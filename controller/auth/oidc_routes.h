// SPDX-License-Identifier: Apache-2.0
// The documents by which others check our service account tokens: /.well-known/openid-configuration
// and /openid/v1/jwks.
#pragma once

#include <memory>

#include "controller/apiserver/server.h"
#include "controller/auth/service_account_tokens.h"

namespace skiff::auth {

void add_oidc_routes(apiserver::Server& server, std::shared_ptr<const JwtKey> key,
                     const TokenOptions& options);

}  // namespace skiff::auth
