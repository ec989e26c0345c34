// SPDX-License-Identifier: Apache-2.0
// The API server: who asks, may they, which verb of which resource; or a route beside the resources
// (discovery, OpenAPI, health, metrics). Runs on the loop of its Backend.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/http/message.h"
#include "controller/apiserver/backend.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/request_metrics.h"
#include "controller/apiserver/user.h"

namespace skiff::apiserver {

// Answers a path that is no resource.
class Route {
 public:
  virtual ~Route() = default;
  virtual awaitable<Result<http::Response>> serve(const http::Request& request,
                                                  const User& user) = 0;
};

class Server final : public http::Handler, public Access {
 public:
  // `authenticators` are asked in order; if none knows the user, it is anonymous. Serves /healthz,
  // /livez, /readyz, /version by itself.
  Server(Backend& backend, std::vector<std::unique_ptr<Authenticator>> authenticators,
         std::unique_ptr<Authorizer> authorizer);

  // `path` is exact (`/version`), or a prefix if it ends in a slash (`/openapi/v3/`). The longest
  // one wins.
  void add_route(std::string path, std::unique_ptr<Route> route);

  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;
  // The same for a caller whose identity is settled (in process).
  awaitable<void> serve_as(User user, http::Request request, http::ResponseWriter& writer);

  Result<User> identify(const std::string& bearer_token) override;
  Decision authorize(const User& user, const RequestInfo& info) override;

 private:
  Result<User> authenticate(const http::Request& request);
  Route* find_route(const std::string& path) const;
  awaitable<void> serve_call(Call& call, Route* route, http::ResponseWriter& writer);
  awaitable<void> serve_resource(Call& call, http::ResponseWriter& writer);

  Backend& backend_;
  std::vector<std::unique_ptr<Authenticator>> authenticators_;
  std::unique_ptr<Authorizer> authorizer_;
  std::map<std::string, std::unique_ptr<Route>> routes_;
  std::optional<RequestMetrics> metrics_;
};

}  // namespace skiff::apiserver
