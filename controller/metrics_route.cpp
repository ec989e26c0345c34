// SPDX-License-Identifier: Apache-2.0
#include "controller/metrics_route.h"

#include "base/process_metrics.h"

namespace skiff::controller {
namespace {

class MetricsRoute final : public apiserver::Route {
 public:
  MetricsRoute(metrics::Registry& registry, const apiserver::Backend& backend)
      : registry_(registry), backend_(backend) {}

  awaitable<Result<http::Response>> serve(const http::Request&, const apiserver::User&) override {
    refresh();
    co_return http::Response::text(200, metrics::text(registry_), "text/plain; version=0.0.4");
  }

 private:
  void refresh() {
    metrics::refresh_process(registry_);
    const store::Store& store = backend_.store;
    metrics::gauge(registry_, "skiff_store_revision", "The latest revision.")
        .Set(static_cast<double>(store.revision()));
    metrics::gauge(registry_, "skiff_store_writable", "1 while writes are taken.")
        .Set(store.writable().ok() ? 1 : 0);
    for (const auto& [key, resource] : backend_.registry.all()) {
      if (!resource->stored || resource->kind->alias) continue;
      const auto qualified = resource->qualified();
      metrics::gauge(registry_, "apiserver_storage_objects", "Objects in the store.",
                     {{"resource", qualified.to_string()}})
          .Set(static_cast<double>(store.count(store::registry_prefix(resource->storage))));
    }
  }

  metrics::Registry& registry_;
  const apiserver::Backend& backend_;
};

}  // namespace

std::unique_ptr<apiserver::Route> metrics_route(metrics::Registry& registry,
                                                const apiserver::Backend& backend) {
  return std::make_unique<MetricsRoute>(registry, backend);
}

}  // namespace skiff::controller
