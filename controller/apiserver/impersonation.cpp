// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/impersonation.h"

#include "controller/apiserver/errors.h"

namespace skiff::apiserver {
namespace {

constexpr std::string_view kUser = "impersonate-user";
constexpr std::string_view kUid = "impersonate-uid";
constexpr std::string_view kGroup = "impersonate-group";
constexpr std::string_view kExtra = "impersonate-extra-";
constexpr std::string_view kServiceAccount = "system:serviceaccount:";
constexpr const char* kAuthentication = "authentication.k8s.io";

RequestInfo asks_for(std::string resource, std::string_view name, std::string group = "") {
  RequestInfo info{.verb = "impersonate"};
  info.is_resource = true;
  info.group = std::move(group);
  info.version = "v1";
  info.resource = std::move(resource);
  info.name = name;
  return info;
}

// A service account is asked for as what it is: an object of a namespace.
RequestInfo asks_for_user(std::string_view name) {
  if (!name.starts_with(kServiceAccount)) return asks_for("users", name);
  const std::string_view account = name.substr(kServiceAccount.size());
  const size_t colon = account.find(':');
  if (colon == std::string_view::npos) return asks_for("users", name);
  RequestInfo info = asks_for("serviceaccounts", account.substr(colon + 1));
  info.namespace_ = account.substr(0, colon);
  return info;
}

// What the authenticators would have found.
void add_implied_groups(User& user) {
  if (user.groups.empty() && user.name.starts_with(kServiceAccount)) {
    const std::string account = user.name.substr(kServiceAccount.size());
    user.groups = {"system:serviceaccounts",
                   "system:serviceaccounts:" + account.substr(0, account.find(':'))};
  }
  const char* kind = user.name == kAnonymous ? "system:unauthenticated" : "system:authenticated";
  if (!user.in_group(kind)) user.groups.emplace_back(kind);
}

}  // namespace

Result<User> acting_user(User user, const http::Headers& headers, Authorizer& authorizer) {
  User wanted{.name = std::string(headers.get(kUser)), .uid = std::string(headers.get(kUid))};
  std::vector<RequestInfo> asked;
  if (!wanted.name.empty()) asked.push_back(asks_for_user(wanted.name));
  if (!wanted.uid.empty()) asked.push_back(asks_for("uids", wanted.uid, kAuthentication));
  for (const std::string_view group : headers.all(kGroup)) {
    wanted.groups.emplace_back(group);
    asked.push_back(asks_for("groups", group));
  }
  for (const auto& [name, value] : headers.fields()) {
    if (!name.starts_with(kExtra)) continue;
    const std::string key = http::percent_decode(name.substr(kExtra.size()));
    wanted.extra[key].push_back(value);
    asked.push_back(asks_for("userextras", value, kAuthentication));
    asked.back().subresource = key;
  }
  if (asked.empty()) return user;
  if (wanted.name.empty())
    return errors::bad_request("impersonation headers without Impersonate-User");
  for (const RequestInfo& info : asked) {
    const Decision decision = authorizer.authorize(user, info);
    if (!decision.allowed) return forbidden(user, info, decision);
  }
  add_implied_groups(wanted);
  return wanted;
}

}  // namespace skiff::apiserver
