// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/health.h"

#include <fmt/format.h>

#include "controller/apiserver/json_text.h"
#include "controller/apiserver/server.h"

namespace skiff::apiserver {
namespace {

// The store is opened before the server listens, so whoever answers is healthy.
class HealthRoute final : public Route {
 public:
  awaitable<Result<http::Response>> serve(const http::Request& request, const User&) override {
    if (!request.query.has("verbose")) co_return http::Response::text(200, "ok");
    const std::string name = request.path.substr(1, request.path.find('/', 1) - 1);
    co_return http::Response::text(200,
                                   fmt::format("[+]ping ok\n[+]store ok\n{} check passed\n", name));
  }
};

class VersionRoute final : public Route {
 public:
  awaitable<Result<http::Response>> serve(const http::Request&, const User&) override {
    std::string json = "{";
    append_member(json, "major", kMajor);
    append_member(json, "minor", kMinor);
    append_member(json, "gitVersion", kGitVersion);
    append_member(json, "gitCommit", "0000000000000000000000000000000000000000");
    append_member(json, "gitTreeState", "clean");
    append_member(json, "buildDate", "1970-01-01T00:00:00Z");
    append_member(json, "goVersion", "none");
    append_member(json, "compiler", "clang");
    append_member(json, "platform", "linux/amd64");
    co_return http::Response::text(200, json + "}", "application/json");
  }
};

}  // namespace

void add_health_routes(Server& server) {
  for (const char* path : {"/healthz", "/livez", "/readyz"}) {
    server.add_route(path, std::make_unique<HealthRoute>());
    server.add_route(std::string(path) + "/", std::make_unique<HealthRoute>());
  }
  server.add_route("/version", std::make_unique<VersionRoute>());
}

}  // namespace skiff::apiserver
