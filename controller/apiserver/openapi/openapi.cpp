// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/openapi.h"

#include <fmt/format.h>

#include <optional>

#include "controller/apiserver/accept.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/openapi/gzip.h"
#include "controller/apiserver/openapi/library.h"

namespace skiff::openapi {
namespace {

using DocumentPtr = Library::DocumentPtr;

constexpr std::string_view kIndex = "/openapi/v3";

// Clients ask for it with `@` or with a dot. The answer has the dot: Go's parser of media types
// takes no `@`.
constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
bool is_protobuf(std::string_view type) {
  return type == kProtobuf || type == "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
}

bool mentions(std::string_view header, std::string_view word) {
  return header.find(word) != std::string_view::npos;
}

http::Response answer(const http::Request& request, const StoredDocument& document,
                      const char* content_type) {
  http::Response response;
  const std::string tag = fmt::format("\"{}\"", document.hash);
  response.headers.set("etag", tag);
  response.headers.set("vary", "Accept-Encoding, Accept");
  // The address that the index gives names the content, so that it may be kept for good.
  const bool lasting = request.query.get("hash") == document.hash;
  response.headers.set("cache-control",
                       lasting ? "public, immutable, max-age=31536000" : "no-cache, private");
  if (mentions(request.headers.get("if-none-match"), tag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("content-type", content_type);
  const bool compressed = mentions(request.headers.get("accept-encoding"), "gzip");
  if (compressed) response.headers.set("content-encoding", "gzip");
  response.body = {
      std::make_shared<const std::string>(compressed ? document.gzip : gunzip(document.gzip))};
  return response;
}

// Serves /openapi/v2, /openapi/v3 and what lies under it. The library is shared by the routes.
class OpenApiRoute final : public apiserver::Route {
 public:
  explicit OpenApiRoute(std::shared_ptr<Library> library) : library_(std::move(library)) {}

  awaitable<Result<http::Response>> serve(const http::Request& request,
                                          const apiserver::User&) override {
    co_return respond(request);
  }

 private:
  Result<http::Response> respond(const http::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD")
      return apiserver::errors::method_not_allowed(
          "the server does not allow this method on the requested resource");
    return request.path == "/openapi/v2" ? respond_v2(request) : respond_v3(request);
  }

  // The first wish that can be met.
  Result<http::Response> respond_v2(const http::Request& request) const {
    const auto wishes = apiserver::parse_accept(request.headers);
    std::optional<bool> protobuf;
    if (wishes.empty()) protobuf = false;
    for (const apiserver::MediaRange& wish : wishes) {
      if (is_protobuf(wish.type)) protobuf = true;
      if (wish.type == "application/json" || wish.type == "*/*" || wish.type == "application/*")
        protobuf = false;
      if (protobuf) break;
    }
    if (!protobuf) return apiserver::errors::not_acceptable();
    return *protobuf ? answer(request, *library_->v2_protobuf(), kProtobuf)
                     : answer(request, *library_->v2_json(), "application/json");
  }

  Result<http::Response> respond_v3(const http::Request& request) const {
    RETURN_IF_ERROR(apiserver::negotiate(request.headers, false).status());
    std::string_view name = request.path;
    name.remove_prefix(kIndex.size());
    if (name.starts_with('/')) name.remove_prefix(1);
    const DocumentPtr document = name.empty() ? library_->v3_index() : library_->v3(name);
    if (document == nullptr) return http::Response::text(404, "404 page not found\n");
    return answer(request, *document, "application/json");
  }

  std::shared_ptr<Library> library_;
};

}  // namespace

void add_routes(apiserver::Server& server, const apiserver::Registry& registry) {
  const auto library = std::make_shared<Library>(registry);
  for (const char* path : {"/openapi/v2", "/openapi/v3", "/openapi/v3/"})
    server.add_route(path, std::make_unique<OpenApiRoute>(library));
}

}  // namespace skiff::openapi
