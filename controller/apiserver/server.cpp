// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/server.h"

#include <spdlog/spdlog.h>

#include "controller/apiserver/errors.h"
#include "controller/apiserver/health.h"
#include "controller/apiserver/impersonation.h"
#include "controller/apiserver/subresources.h"
#include "controller/apiserver/verbs.h"

namespace skiff::apiserver {
namespace {

using Verb = Answer (*)(Backend&, Call&);

Verb verb_named(std::string_view name) {
  static const std::map<std::string_view, Verb> kVerbs = {{"get", get},
                                                          {"list", list},
                                                          {"create", create},
                                                          {"update", update},
                                                          {"patch", patch},
                                                          {"delete", remove},
                                                          {"deletecollection", remove_collection}};
  const auto found = kVerbs.find(name);
  return found == kVerbs.end() ? nullptr : found->second;
}

http::Response page_not_found() {
  return http::Response::text(404, "404 page not found\n");
}

Status not_allowed() {
  return errors::method_not_allowed(
      "the server does not allow this method on the requested resource");
}

// Whether the resource has the subresource that is asked for, if one is.
bool has_subresource(const Call& call) {
  return call.info.subresource.empty() || streamed_subresource(call) != nullptr ||
         find_subresource(call).known;
}

http::Response response_of(Result<http::Response> result) {
  if (result.ok()) return std::move(*result);
  const int code = http_code(result.status());
  if (code >= 500) spdlog::warn("api: answered {}: {}", code, message(result.status()));
  return error_response(result.status());
}

}  // namespace

Server::Server(Backend& backend, std::vector<std::unique_ptr<Authenticator>> authenticators,
               std::unique_ptr<Authorizer> authorizer)
    : backend_(backend),
      authenticators_(std::move(authenticators)),
      authorizer_(std::move(authorizer)) {
  backend_.access = this;
  if (backend_.metrics != nullptr) metrics_.emplace(*backend_.metrics);
  add_health_routes(*this, backend_.store);
}

Result<User> Server::identify(const std::string& bearer_token) {
  http::Request request;
  request.headers.set("authorization", "Bearer " + bearer_token);
  ASSIGN_OR_RETURN(User user, authenticate(request));
  if (user.name == kAnonymous) return unauthenticated("nobody has this token");
  return user;
}

Decision Server::authorize(const User& user, const RequestInfo& info) {
  return authorizer_->authorize(user, info);
}

void Server::add_route(std::string path, std::unique_ptr<Route> route) {
  routes_[std::move(path)] = std::move(route);
}

Route* Server::find_route(const std::string& path) const {
  if (const auto exact = routes_.find(path); exact != routes_.end()) return exact->second.get();
  Route* best = nullptr;  // keys ascend, so the last prefix that fits is the longest
  for (const auto& [prefix, route] : routes_)
    if (prefix.ends_with('/') && path.starts_with(prefix)) best = route.get();
  return best;
}

Result<User> Server::authenticate(const http::Request& request) {
  for (const auto& authenticator : authenticators_) {
    ASSIGN_OR_RETURN(std::optional<User> user, authenticator->authenticate(request));
    if (!user) continue;
    if (!user->in_group("system:authenticated")) user->groups.emplace_back("system:authenticated");
    return *std::move(user);
  }
  return anonymous_user();
}

awaitable<void> Server::serve(http::Request request, http::ResponseWriter& writer) {
  auto user = authenticate(request);
  if (!user.ok()) {
    (void)co_await writer.respond(error_response(errors::unauthorized()));
    co_return;
  }
  auto acting = acting_user(*std::move(user), request.headers, *authorizer_);
  if (!acting.ok()) {
    (void)co_await writer.respond(error_response(acting.status()));
    co_return;
  }
  co_await serve_as(*std::move(acting), std::move(request), writer);
}

awaitable<void> Server::serve_as(User user, http::Request request, http::ResponseWriter& writer) {
  Call call{.request = request, .info = parse_request(request), .user = std::move(user)};
  if (call.info.is_resource)
    call.resource = backend_.registry.find(call.info.group, call.info.version, call.info.resource);
  // Generated clients ask for "/version/" and "/apis/apps/v1/".
  if (call.resource == nullptr && request.path.size() > 1 && request.path.ends_with('/'))
    request.path.pop_back();
  Route* const route = call.resource == nullptr ? find_route(request.path) : nullptr;
  const bool known = route != nullptr || (call.resource != nullptr && has_subresource(call));
  RequestMetrics::Running running(metrics_ ? &*metrics_ : nullptr, kind_of(call, known));
  CountedWriter counted(writer, running);
  co_await serve_call(call, route, counted);
}

awaitable<void> Server::serve_call(Call& call, Route* route, http::ResponseWriter& writer) {
  const Decision decision = authorizer_->authorize(call.user, call.info);
  if (!decision.allowed) {
    (void)co_await writer.respond(error_response(forbidden(call.user, call.info, decision)));
    co_return;
  }
  if (call.resource != nullptr) {
    co_await serve_resource(call, writer);
    co_return;
  }
  http::Response response = page_not_found();
  if (route != nullptr) response = response_of(co_await route->serve(call.request, call.user));
  (void)co_await writer.respond(std::move(response));
}

awaitable<void> Server::serve_resource(Call& call, http::ResponseWriter& writer) {
  const RequestInfo& info = call.info;
  if (const Streamed streamed = streamed_subresource(call); streamed != nullptr) {
    const Status failed = co_await streamed(backend_, call, writer);
    if (!failed.ok()) (void)co_await writer.respond(response_of(failed));
    co_return;
  }
  const bool transforms = info.subresource.empty() && call.resource->stored;
  auto output = negotiate(call.request.headers, transforms);
  if (!output.ok()) {
    (void)co_await writer.respond(error_response(output.status()));
    co_return;
  }
  call.output = std::move(*output);
  const SubresourceLookup found = find_subresource(call);
  if (!info.subresource.empty() || found.verb != nullptr) {
    http::Response response = page_not_found();
    if (found.known)
      response = found.verb ? response_of(co_await found.verb(backend_, call))
                            : error_response(not_allowed());
    (void)co_await writer.respond(std::move(response));
    co_return;
  }
  if (!call.resource->has_verb(info.verb)) {
    (void)co_await writer.respond(error_response(not_allowed()));
    co_return;
  }
  if (info.verb == "watch") {
    const Status failed = co_await watch(backend_, call, writer);
    if (!failed.ok()) (void)co_await writer.respond(response_of(failed));
    co_return;
  }
  (void)co_await writer.respond(response_of(co_await verb_named(info.verb)(backend_, call)));
}

}  // namespace skiff::apiserver
