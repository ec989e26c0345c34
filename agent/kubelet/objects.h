// SPDX-License-Identifier: Apache-2.0
// The ConfigMaps, Secrets and service account tokens that pods of this node use, fetched one by
// one: a node may read only what its pods refer to, and needs no copy of the rest.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "agent/kubelet/environment.h"
#include "api/core/pod.h"
#include "base/clock.h"
#include "kube/client.h"

namespace skiff::kubelet {

struct TokenRequest {
  std::string audience;  // empty: the API server's own
  int64_t expiration_seconds = 3607;
};

class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  // Every object of `names`, as new as `max_age` at least; null where there is none.
  virtual awaitable<Result<ConfigObjects>> objects(std::string namespace_, ConfigNames names,
                                                   Duration max_age) = 0;
  // A token bound to the pod; the same one until 80 % of its life is over.
  virtual awaitable<Result<std::string>> token(const api::Pod& pod, TokenRequest request) = 0;
  // Nothing of the pod is needed any more.
  virtual void forget(const std::string& pod_uid) = 0;
};

class ApiObjectSource final : public ObjectSource {
 public:
  ApiObjectSource(const Executor& executor, kube::Client client, const Clock& clock)
      : executor_(executor), client_(std::move(client)), clock_(clock) {}

  awaitable<Result<ConfigObjects>> objects(std::string namespace_, ConfigNames names,
                                           Duration max_age) override;
  awaitable<Result<std::string>> token(const api::Pod& pod, TokenRequest request) override;
  void forget(const std::string& pod_uid) override;

 private:
  template <class T>
  struct Cached {
    std::shared_ptr<const T> object;
    TimePoint fetched{};
    std::shared_ptr<Event> in_flight;  // many pods that start together ask once
  };
  template <class T>
  using Cache = std::unordered_map<kube::ObjectKey, Cached<T>>;
  struct Token {
    std::string text;
    TimePoint renew_at;
  };

  template <class T>
  awaitable<Result<std::shared_ptr<const T>>> fetch(Cache<T>& cache, kube::ObjectKey key,
                                                    Duration max_age);
  template <class T>
  void drop_stale(Cache<T>& cache);

  Executor executor_;
  kube::Client client_;
  const Clock& clock_;
  Cache<api::ConfigMap> config_maps_;
  Cache<api::Secret> secrets_;
  std::map<std::string, std::map<std::string, Token>> tokens_;  // by pod uid, then by request
};

}  // namespace skiff::kubelet
