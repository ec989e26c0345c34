// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/objects.h"

#include <boost/json.hpp>

namespace skiff::kubelet {
namespace {

constexpr std::chrono::minutes kKeep{10};

std::string token_body(const api::Pod& pod, const TokenRequest& request) {
  boost::json::object reference = {{"apiVersion", "v1"},
                                   {"kind", "Pod"},
                                   {"name", pod.metadata.name},
                                   {"uid", pod.metadata.uid}};
  boost::json::object spec = {{"expirationSeconds", request.expiration_seconds},
                              {"boundObjectRef", std::move(reference)}};
  if (!request.audience.empty()) spec["audiences"] = boost::json::array{request.audience};
  return boost::json::serialize(boost::json::object{{"apiVersion", "authentication.k8s.io/v1"},
                                                    {"kind", "TokenRequest"},
                                                    {"spec", std::move(spec)}});
}

// The server may have granted another one than was asked for.
Duration life_of(std::string_view until, TimePoint asked, Duration wanted) {
  const auto granted = api::Time::parse(until);
  return granted.ok() && granted->at > asked ? granted->at - asked : wanted;
}

}  // namespace

template <class T>
void ApiObjectSource::drop_stale(Cache<T>& cache) {
  const TimePoint limit = clock_.now() - kKeep;
  std::erase_if(cache, [&](const auto& entry) {
    return !entry.second.in_flight && entry.second.fetched < limit;
  });
}

template <class T>
awaitable<Result<std::shared_ptr<const T>>> ApiObjectSource::fetch(Cache<T>& cache,
                                                                   kube::ObjectKey key,
                                                                   Duration max_age) {
  while (cache[key].in_flight) {
    auto in_flight = cache[key].in_flight;
    co_await in_flight->wait();
  }
  if (cache[key].fetched != TimePoint{} && clock_.now() - cache[key].fetched <= max_age)
    co_return cache[key].object;
  auto in_flight = std::make_shared<Event>(executor_);
  cache[key].in_flight = in_flight;
  const TimePoint asked = clock_.now();
  Result<T> answer = co_await client_.get<T>(key);
  Cached<T>& entry = cache[key];
  entry.in_flight.reset();
  in_flight->notify();
  if (!answer.ok() && !absl::IsNotFound(answer.status())) co_return answer.status();
  entry.object = answer.ok() ? std::make_shared<const T>(std::move(*answer)) : nullptr;
  entry.fetched = asked;
  co_return entry.object;
}

awaitable<Result<ConfigObjects>> ApiObjectSource::objects(std::string namespace_, ConfigNames names,
                                                          Duration max_age) {
  drop_stale(config_maps_);
  drop_stale(secrets_);
  ConfigObjects found;
  for (const auto& name : names.config_maps) {
    CO_ASSIGN_OR_RETURN(found.config_maps[name],
                        (co_await fetch(config_maps_, kube::ObjectKey{namespace_, name}, max_age)),
                        "get configmap {}/{}", namespace_, name);
  }
  for (const auto& name : names.secrets) {
    CO_ASSIGN_OR_RETURN(found.secrets[name],
                        (co_await fetch(secrets_, kube::ObjectKey{namespace_, name}, max_age)),
                        "get secret {}/{}", namespace_, name);
  }
  co_return found;
}

awaitable<Result<std::string>> ApiObjectSource::token(const api::Pod& pod, TokenRequest request) {
  const std::string uid = pod.metadata.uid;
  const std::string id = fmt::format("{}|{}", request.audience, request.expiration_seconds);
  if (auto found = tokens_[uid].find(id);
      found != tokens_[uid].end() && clock_.now() < found->second.renew_at)
    co_return found->second.text;
  const std::string account =
      pod.spec.serviceAccountName.empty() ? "default" : pod.spec.serviceAccountName;
  const std::string path = fmt::format("/api/v1/namespaces/{}/serviceaccounts/{}/token",
                                       pod.metadata.namespace_, account);
  const TimePoint asked = clock_.now();
  CO_ASSIGN_OR_RETURN(
      std::string body,
      (co_await client_.send("POST", path, "application/json", token_body(pod, request))),
      "request token of serviceaccount {}", account);
  boost::system::error_code error;
  const auto answer = boost::json::parse(body, error);
  const auto* text = error ? nullptr : answer.find_pointer("/status/token", error);
  if (!text || !text->is_string())
    co_return internal_error("request token of serviceaccount {}: no token in the answer", account);
  const auto* until = answer.find_pointer("/status/expirationTimestamp", error);
  const Duration life = life_of(until && until->is_string() ? until->as_string() : "", asked,
                                std::chrono::seconds(request.expiration_seconds));
  const Token token{std::string(text->as_string()),
                    asked + std::min<Duration>(life * 8 / 10, std::chrono::hours(24))};
  tokens_[uid][id] = token;
  co_return token.text;
}

void ApiObjectSource::forget(const std::string& pod_uid) {
  tokens_.erase(pod_uid);
}

}  // namespace skiff::kubelet
