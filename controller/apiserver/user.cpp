// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/user.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/apiserver/errors.h"

namespace skiff::apiserver {
namespace {

bool is_public(std::string_view path) {
  for (std::string_view open : {"/healthz", "/livez", "/readyz", "/version"})
    if (path == open || (path.starts_with(open) && path[open.size()] == '/')) return true;
  return false;
}

// system:discovery: what clients read before they ask anything else.
bool is_discovery(std::string_view path) {
  for (std::string_view root : {"/api", "/apis", "/openapi"})
    if (path == root || (path.starts_with(root) && path[root.size()] == '/')) return true;
  return false;
}

// system:basic-user: questions about oneself.
bool is_about_oneself(const RequestInfo& info) {
  if (info.verb != "create" || !info.subresource.empty()) return false;
  if (info.group == "authentication.k8s.io") return info.resource == "selfsubjectreviews";
  return info.group == "authorization.k8s.io" && (info.resource == "selfsubjectaccessreviews" ||
                                                  info.resource == "selfsubjectrulesreviews");
}

// system:monitoring: what a Prometheus without more rights reads.
bool is_monitoring(const User& user, const RequestInfo& info) {
  return user.in_group("system:monitoring") && !info.is_resource && info.verb == "get" &&
         info.path == "/metrics";
}

class SimpleAuthorizer final : public Authorizer {
 public:
  Decision authorize(const User& user, const RequestInfo& info) override {
    if (user.in_group(kMasters) || user.in_group(kNodes)) return {.allowed = true};
    if (user.name.starts_with("system:kube-") ||
        user.in_group("system:serviceaccounts:kube-system"))
      return {.allowed = true};
    if (!info.is_resource && is_public(info.path)) return {.allowed = true};
    if (is_monitoring(user, info)) return {.allowed = true};
    if (!user.in_group(kAuthenticated)) return {};
    if (info.is_resource) return {.allowed = is_about_oneself(info)};
    return {.allowed = info.verb == "get" && is_discovery(info.path)};
  }
};

}  // namespace

bool User::in_group(std::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

User anonymous_user() {
  return {.name = kAnonymous, .groups = {"system:unauthenticated"}};
}

std::unique_ptr<Authorizer> simple_authorizer() {
  return std::make_unique<SimpleAuthorizer>();
}

Status forbidden(const User& user, const RequestInfo& info, const Decision& decision) {
  std::string tail = decision.reason.empty() ? "" : ": " + decision.reason;
  if (!info.is_resource) {
    return errors::forbidden(
        {"", ""}, "",
        fmt::format("User \"{}\" cannot {} path \"{}\"{}", user.name, info.verb, info.path, tail));
  }
  std::string resource = info.resource;
  if (!info.subresource.empty()) resource += "/" + info.subresource;
  const std::string where = info.namespace_.empty()
                                ? "at the cluster scope"
                                : fmt::format("in the namespace \"{}\"", info.namespace_);
  return errors::forbidden(
      {info.group, info.resource}, info.name,
      fmt::format("User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}{}", user.name,
                  info.verb, resource, info.group, where, tail));
}

}  // namespace skiff::apiserver
