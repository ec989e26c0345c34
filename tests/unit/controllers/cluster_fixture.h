// SPDX-License-Identifier: Apache-2.0
// All controllers at work on an API server over a store in memory; the test plays the kubelet.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/controllers/controllers.h"
#include "controller/controllers/owner.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::controllers {

using namespace std::chrono_literals;

class ClusterTest : public apiserver::ApiTest {
 protected:
  static constexpr const char* kRootCa = "the cluster's CA";

  ClusterTest()
      : transport_(std::make_shared<apiserver::LocalTransport>(
            loop_.get_executor(), *server_, apiserver::system_user("system:test"))),
        client_(transport_),
        stores_(loop_.get_executor()),
        controllers_(loop_.get_executor(),
                     {.cluster_ranges = {*Cidr::parse("10.244.0.0/16")}, .root_ca = kRootCa},
                     client_, stores_, clock_) {
    stores_.start(loop_.get_executor(), transport_);
    controllers_.start();
  }

  // Runs until `holds`; false if it does not come true.
  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      if (loop_.stopped()) loop_.restart();
      loop_.run_one_for(100ms);
    }
    return true;
  }
  // Lets everything run that has nothing to wait for.
  void settle() {
    if (loop_.stopped()) loop_.restart();
    loop_.run_for(100ms);
  }

  template <class T>
  std::optional<T> get(const std::string& name, const std::string& ns = "default") {
    auto object = run(client_.get<T>({api::kind_of<T>().namespaced ? ns : std::string(), name}));
    return object.ok() ? std::optional(*std::move(object)) : std::nullopt;
  }

  std::vector<std::shared_ptr<const api::Pod>> pods() const { return stores_.pods.list("default"); }

  // What a kubelet would do: every pod that is not, becomes ready.
  void make_pods_ready() {
    for (const auto& pod : pods()) {
      if (!pod->status.conditions.empty() || pod->metadata.deletionTimestamp) continue;
      set_ready(*pod, true);
    }
  }
  void set_ready(const api::Pod& pod, bool ready) {
    api::Pod updated = pod;
    updated.metadata.resourceVersion.clear();
    updated.status.phase = "Running";
    updated.status.podIP = fmt::format("10.244.0.{}", ++last_ip_);
    updated.status.podIPs = {{.ip = updated.status.podIP}};
    updated.status.conditions.clear();
    api::PodCondition& condition = updated.status.conditions.emplace_back();
    condition.type = "Ready";
    condition.status = ready ? "True" : "False";
    condition.lastTransitionTime = api::Time(clock_.now());
    (void)run(client_.update_status(std::move(updated)));
  }

  std::shared_ptr<kube::Transport> transport_;
  kube::Client client_;
  Stores stores_;
  Controllers controllers_;
  int last_ip_ = 1;
};

}  // namespace skiff::controllers
