// SPDX-License-Identifier: Apache-2.0
// NodeCache: a pod counts on its node from the moment that is chosen, so that the next pod sees it.
// DefaultBinder: writes pods/binding.
#include <fmt/format.h>

#include "controller/scheduler/plugins/plugins.h"

namespace skiff::scheduler {
namespace {

class NodeCache final : public ReservePlugin {
 public:
  explicit NodeCache(Cache& cache) : cache_(cache) {}
  std::string_view name() const override { return "NodeCache"; }
  Status reserve(const PodInfoPtr& pod, const std::string& node) override {
    cache_.assume(pod, node);
    return absl::OkStatus();
  }
  void unreserve(const PodInfoPtr& pod, const std::string&) override {
    cache_.forget(kube::key_of(*pod->pod));
  }

 private:
  Cache& cache_;
};

class DefaultBinder final : public BindPlugin {
 public:
  explicit DefaultBinder(kube::Client client) : client_(std::move(client)) {}
  std::string_view name() const override { return "DefaultBinder"; }
  awaitable<Result<Binding>> bind(PodInfoPtr pod, std::string node) override {
    const kube::ObjectKey key = kube::key_of(*pod->pod);
    const std::string path =
        fmt::format("/api/v1/namespaces/{}/pods/{}/binding", key.namespace_, key.name);
    const std::string body = fmt::format(
        R"({{"apiVersion":"v1","kind":"Binding","metadata":{{"name":"{}","namespace":"{}","uid":"{}"}},)"
        R"("target":{{"apiVersion":"v1","kind":"Node","name":"{}"}}}})",
        key.name, key.namespace_, pod->pod->metadata.uid, node);
    const auto bound = co_await client_.send("POST", path, "application/json", body);
    CO_RETURN_IF_ERROR(bound.status());
    co_return Binding::kDone;
  }

 private:
  kube::Client client_;
};

}  // namespace

std::shared_ptr<ReservePlugin> node_cache(Cache& cache) {
  return std::make_shared<NodeCache>(cache);
}

std::shared_ptr<BindPlugin> default_binder(kube::Client client) {
  return std::make_shared<DefaultBinder>(std::move(client));
}

}  // namespace skiff::scheduler
