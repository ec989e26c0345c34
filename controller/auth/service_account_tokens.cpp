// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/service_account_tokens.h"

#include <boost/json.hpp>

#include "kube/json_scan.h"

namespace skiff::auth {
namespace {

namespace json = boost::json;

int64_t unix_seconds(TimePoint at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

json::object named(const std::string& name, const std::string& uid) {
  return {{"name", name}, {"uid", uid}};
}

class Issuer final : public apiserver::TokenIssuer {
 public:
  Issuer(std::shared_ptr<const JwtKey> key, TokenOptions options)
      : key_(std::move(key)), options_(std::move(options)) {}

  Result<apiserver::IssuedToken> issue(const apiserver::TokenClaims& claims,
                                       TimePoint now) override {
    const TimePoint expires = now + claims.lifetime;
    json::object kubernetes{
        {"namespace", claims.namespace_},
        {"serviceaccount", named(claims.service_account, claims.service_account_uid)}};
    if (!claims.node_name.empty()) kubernetes["node"] = named(claims.node_name, claims.node_uid);
    if (!claims.bound_kind.empty()) {
      std::string member = claims.bound_kind;
      member.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(member.front())));
      kubernetes[member] = named(claims.bound_name, claims.bound_uid);
    }
    json::array audiences;
    for (const std::string& audience :
         claims.audiences.empty() ? options_.audiences : claims.audiences)
      audiences.emplace_back(audience);
    const json::object body{
        {"aud", std::move(audiences)},
        {"exp", unix_seconds(expires)},
        {"iat", unix_seconds(now)},
        {"iss", options_.issuer},
        {"kubernetes.io", std::move(kubernetes)},
        {"nbf", unix_seconds(now)},
        {"sub",
         fmt::format("system:serviceaccount:{}:{}", claims.namespace_, claims.service_account)},
    };
    ASSIGN_OR_RETURN(std::string token, key_->sign(json::serialize(body)));
    return apiserver::IssuedToken{std::move(token), expires};
  }

 private:
  std::shared_ptr<const JwtKey> key_;
  TokenOptions options_;
};

// The string at `path` in `object`, or empty.
std::string text_at(const json::object& object, std::initializer_list<std::string_view> path) {
  const json::value* value = nullptr;
  const json::object* at = &object;
  for (const std::string_view name : path) {
    if (at == nullptr) return "";
    value = at->if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr) return "";
    at = value->if_object();
  }
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

int64_t number_at(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

class TokenAuthenticator final : public apiserver::Authenticator {
 public:
  TokenAuthenticator(std::shared_ptr<const JwtKey> key, TokenOptions options,
                     const store::Store& store, const Clock& clock)
      : key_(std::move(key)), options_(std::move(options)), store_(store), clock_(clock) {}

  Result<std::optional<apiserver::User>> authenticate(const http::Request& request) override {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view header = request.headers.get("authorization");
    if (!header.starts_with(kBearer)) return std::nullopt;
    ASSIGN_OR_RETURN(const std::string claims, key_->verify(header.substr(kBearer.size())));
    boost::system::error_code error;
    const json::value parsed = json::parse(claims, error);
    if (error || !parsed.is_object()) return unauthenticated("token: claims are not a JSON object");
    RETURN_IF_ERROR(check(parsed.get_object()));
    return user_of(parsed.get_object());
  }

 private:
  Status check(const json::object& claims) const {
    const int64_t now = unix_seconds(clock_.now());
    if (number_at(claims, "exp") <= now) return unauthenticated("token: expired");
    if (number_at(claims, "nbf") > now + 300) return unauthenticated("token: not valid yet");
    if (text_at(claims, {"iss"}) != options_.issuer)
      return unauthenticated("token: unknown issuer");
    if (!for_us(claims)) return unauthenticated("token: meant for another audience");
    const std::string ns = text_at(claims, {"kubernetes.io", "namespace"});
    RETURN_IF_ERROR(alive("serviceaccounts", ns, claims, "serviceaccount"));
    if (!text_at(claims, {"kubernetes.io", "pod", "name"}).empty())
      RETURN_IF_ERROR(alive("pods", ns, claims, "pod"));
    if (!text_at(claims, {"kubernetes.io", "secret", "name"}).empty())
      RETURN_IF_ERROR(alive("secrets", ns, claims, "secret"));
    // Beside a pod the node is only told, it is not what the token is bound to.
    if (text_at(claims, {"kubernetes.io", "pod", "name"}).empty() &&
        !text_at(claims, {"kubernetes.io", "node", "name"}).empty())
      RETURN_IF_ERROR(alive("nodes", "", claims, "node"));
    return absl::OkStatus();
  }

  bool for_us(const json::object& claims) const {
    const json::value* audiences = claims.if_contains("aud");
    if (audiences == nullptr || !audiences->is_array()) return false;
    for (const json::value& audience : audiences->get_array())
      for (const std::string& ours : options_.audiences)
        if (audience.is_string() && std::string_view(audience.get_string()) == ours) return true;
    return false;
  }

  // A token dies with its account and with the object it is bound to.
  Status alive(const char* resource, const std::string& ns, const json::object& claims,
               const char* member) const {
    const std::string name = text_at(claims, {"kubernetes.io", member, "name"});
    const auto record = store_.get(store::registry_key(resource, ns, name));
    if (!record.ok()) return unauthenticated("token: {} {} is gone", member, name);
    const auto metadata = kube::json_member(*(*record)->value, "metadata");
    const auto uid = metadata ? kube::json_member(*metadata, "uid") : std::nullopt;
    if (!uid || kube::json_plain_string(*uid) != text_at(claims, {"kubernetes.io", member, "uid"}))
      return unauthenticated("token: {} {} is another one now", member, name);
    return absl::OkStatus();
  }

  static apiserver::User user_of(const json::object& claims) {
    const std::string ns = text_at(claims, {"kubernetes.io", "namespace"});
    apiserver::User user;
    user.name = text_at(claims, {"sub"});
    user.uid = text_at(claims, {"kubernetes.io", "serviceaccount", "uid"});
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns,
                   "system:authenticated"};
    for (const char* bound : {"pod", "node"}) {
      const std::string name = text_at(claims, {"kubernetes.io", bound, "name"});
      if (name.empty()) continue;
      user.extra[fmt::format("authentication.kubernetes.io/{}-name", bound)] = {name};
      user.extra[fmt::format("authentication.kubernetes.io/{}-uid", bound)] = {
          text_at(claims, {"kubernetes.io", bound, "uid"})};
    }
    return user;
  }

  std::shared_ptr<const JwtKey> key_;
  TokenOptions options_;
  const store::Store& store_;
  const Clock& clock_;
};

}  // namespace

std::shared_ptr<apiserver::TokenIssuer> token_issuer(std::shared_ptr<const JwtKey> key,
                                                     TokenOptions options) {
  return std::make_shared<Issuer>(std::move(key), std::move(options));
}

std::unique_ptr<apiserver::Authenticator> token_authenticator(std::shared_ptr<const JwtKey> key,
                                                              TokenOptions options,
                                                              const store::Store& store,
                                                              const Clock& clock) {
  return std::make_unique<TokenAuthenticator>(std::move(key), std::move(options), store, clock);
}

}  // namespace skiff::auth
