// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/discovery/discovery.h"

#include <fmt/format.h>

#include "api/yaml.h"
#include "controller/apiserver/accept.h"
#include "controller/apiserver/discovery/documents.h"
#include "controller/apiserver/errors.h"

namespace skiff::discovery {
namespace {

using apiserver::Encoding;

http::Response answer(std::string body, std::string content_type) {
  http::Response response = http::Response::text(200, std::move(body), std::move(content_type));
  response.headers.set("vary", "Accept");
  return response;
}

// The version of the aggregated document that the client wants before all else, or "".
std::string_view aggregated_version(const http::Headers& headers) {
  for (const apiserver::MediaRange& wish : apiserver::parse_accept(headers)) {
    if (wish.type != "application/json" && wish.type != "*/*") continue;
    if (wish.parameter("as").empty()) return {};
    if (wish.parameter("as") != "APIGroupDiscoveryList" ||
        wish.parameter("g") != "apidiscovery.k8s.io")
      continue;
    if (wish.parameter("v") == "v2") return "v2";
    if (wish.parameter("v") == "v2beta1") return "v2beta1";
  }
  return {};
}

Result<http::Response> document_answer(const http::Request& request, std::string json) {
  ASSIGN_OR_RETURN(const apiserver::Output output, apiserver::negotiate(request.headers, false));
  if (output.encoding == Encoding::kJson) return answer(std::move(json), "application/json");
  ASSIGN_OR_RETURN(std::string yaml, api::json_to_yaml(json));
  return answer(std::move(yaml), "application/yaml");
}

// The parts of `path` between slashes: {"apis", "apps", "v1"}.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const size_t slash = path.find('/');
    if (const auto part = path.substr(0, slash); !part.empty()) parts.push_back(part);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  return parts;
}

std::optional<std::string> document(const std::vector<Group>& groups,
                                    const std::vector<std::string_view>& parts,
                                    std::string_view server) {
  if (parts.empty()) return paths_document(groups);
  const bool core = parts[0] == "api";
  if (parts.size() == 1) return core ? api_versions_document(server) : group_list_document(groups);
  if (core && parts.size() == 2) return resource_list_document(groups, "", parts[1]);
  if (!core && parts.size() == 2) return group_document(groups, parts[1]);
  if (!core && parts.size() == 3) return resource_list_document(groups, parts[1], parts[2]);
  return std::nullopt;
}

// Serves every path of discovery; one instance a path or prefix.
class DiscoveryRoute final : public apiserver::Route {
 public:
  explicit DiscoveryRoute(const apiserver::Registry& registry) : registry_(registry) {}

  awaitable<Result<http::Response>> serve(const http::Request& request,
                                          const apiserver::User&) override {
    co_return respond(request);
  }

 private:
  Result<http::Response> respond(const http::Request& request) const {
    const auto parts = split(request.path);
    const bool ours = parts.empty() || parts[0] == "api" || parts[0] == "apis";
    const std::vector<Group> all = groups(registry_);
    auto json = ours ? document(all, parts, request.headers.get("host")) : std::nullopt;
    if (!json) return http::Response::text(404, "404 page not found\n");
    if (request.method != "GET" && request.method != "HEAD")
      return apiserver::errors::method_not_allowed(
          "the server does not allow this method on the requested resource");
    const std::string_view version = aggregated_version(request.headers);
    if (parts.size() == 1 && !version.empty())
      return answer(
          aggregated_document(all, parts[0] == "api", version),
          fmt::format("application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList",
                      version));
    return document_answer(request, *std::move(json));
  }

  const apiserver::Registry& registry_;
};

}  // namespace

void add_routes(apiserver::Server& server, const apiserver::Registry& registry) {
  for (const char* path : {"/", "/api", "/api/", "/apis", "/apis/"})
    server.add_route(path, std::make_unique<DiscoveryRoute>(registry));
}

}  // namespace skiff::discovery
