// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/oidc_routes.h"

namespace skiff::auth {
namespace {

// Always the same text.
class Document final : public apiserver::Route {
 public:
  Document(std::string text, std::string content_type)
      : text_(std::move(text)), content_type_(std::move(content_type)) {}
  awaitable<Result<http::Response>> serve(const http::Request&, const apiserver::User&) override {
    co_return http::Response::text(200, text_, content_type_);
  }

 private:
  std::string text_;
  std::string content_type_;
};

}  // namespace

void add_oidc_routes(apiserver::Server& server, std::shared_ptr<const JwtKey> key,
                     const TokenOptions& options) {
  const std::string configuration = fmt::format(
      R"({{"issuer":"{0}","jwks_uri":"{0}/openid/v1/jwks","response_types_supported":["id_token"],)"
      R"("subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}})",
      options.issuer);
  server.add_route("/.well-known/openid-configuration",
                   std::make_unique<Document>(configuration, "application/json"));
  server.add_route("/openid/v1/jwks",
                   std::make_unique<Document>(key->jwks(), "application/jwk-set+json"));
}

}  // namespace skiff::auth
