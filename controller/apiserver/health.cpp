// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/health.h"

#include <fmt/format.h>

#include "controller/apiserver/json_text.h"
#include "controller/apiserver/server.h"

namespace skiff::apiserver {
namespace {

struct Check {
  std::string_view name;
  Status status;
};

// Every check of `endpoint`: healthz, livez or readyz.
std::vector<Check> checks_of(std::string_view endpoint, const store::Store& store) {
  Status status = store.writable();
  // A disk that is full gets room without us; one that failed is read anew by a restart alone.
  if (endpoint != "readyz" && status.code() != StatusCode::kUnavailable) status = absl::OkStatus();
  return {{"ping", absl::OkStatus()}, {"store", std::move(status)}};
}

// `/readyz` asks for all checks, `/readyz/store` for one.
class HealthRoute final : public Route {
 public:
  explicit HealthRoute(const store::Store& store) : store_(store) {}

  awaitable<Result<http::Response>> serve(const http::Request& request, const User&) override {
    const std::string path = request.path.substr(1);
    const std::string endpoint = path.substr(0, path.find('/'));
    const std::string one = endpoint == path ? "" : path.substr(endpoint.size() + 1);
    const auto excluded = request.query.all("exclude");
    std::string words;
    bool found = one.empty();
    bool well = true;
    for (const Check& check : checks_of(endpoint, store_)) {
      if (!one.empty() && check.name != one) continue;
      found = true;
      if (std::find(excluded.begin(), excluded.end(), check.name) != excluded.end()) {
        words += fmt::format("[+]{} excluded: ok\n", check.name);
        continue;
      }
      well = well && check.status.ok();
      words += check.status.ok()
                   ? fmt::format("[+]{} ok\n", check.name)
                   : fmt::format("[-]{} failed: {}\n", check.name, message(check.status));
    }
    if (!found) co_return http::Response::text(404, "404 page not found\n");
    if (well && !request.query.has("verbose")) co_return http::Response::text(200, "ok");
    co_return http::Response::text(well ? 200 : 500, fmt::format("{}{} check {}\n", words, endpoint,
                                                                 well ? "passed" : "failed"));
  }

 private:
  const store::Store& store_;
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

void add_health_routes(Server& server, const store::Store& store) {
  for (const char* path : {"/healthz", "/livez", "/readyz"}) {
    server.add_route(path, std::make_unique<HealthRoute>(store));
    server.add_route(std::string(path) + "/", std::make_unique<HealthRoute>(store));
  }
  server.add_route("/version", std::make_unique<VersionRoute>());
}

}  // namespace skiff::apiserver
