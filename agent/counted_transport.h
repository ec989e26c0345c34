// SPDX-License-Identifier: Apache-2.0
// Counts what the agent asks the API server for, under the names of Kubernetes' own clients
// (rest_client_*): their dashboards work.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "kube/transport.h"

namespace skiff::agent {

class CountedTransport final : public kube::Transport {
 public:
  // `host`: HOST:PORT, a label. The registry outlives it.
  CountedTransport(std::shared_ptr<kube::Transport> inner, metrics::Registry& registry,
                   std::string host)
      : inner_(std::move(inner)), registry_(registry), host_(std::move(host)) {}

  awaitable<Result<http::Response>> call(http::Request request) override;
  awaitable<Result<std::unique_ptr<http::BodyReader>>> stream(http::Request request) override;

 private:
  // An answer's status; nothing: there was none, which counts as `<error>`.
  void count(const std::string& method, std::optional<int> status,
             std::chrono::steady_clock::time_point began);

  std::shared_ptr<kube::Transport> inner_;
  metrics::Registry& registry_;
  std::string host_;
  std::map<std::pair<std::string, int>, metrics::Counter*> requests_;  // status 0: none
  std::map<std::string, metrics::Histogram*> seconds_;
};

}  // namespace skiff::agent
