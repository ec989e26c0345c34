// SPDX-License-Identifier: Apache-2.0
// Replica sets, deployments and their pods for plan tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/controllers/deployment_plan.h"
#include "controller/controllers/owner.h"
#include "controller/controllers/replica_set.h"
#include "tests/builders/pod_builder.h"

namespace skiff::controllers {

using namespace std::chrono_literals;

inline const TimePoint kNow = TimePoint(1'700'000'000s);

template <class T>
std::shared_ptr<const T> share(T object) {
  return std::make_shared<const T>(std::move(object));
}

inline api::PodTemplateSpec pod_template(const std::string& image = "nginx:1") {
  api::PodTemplateSpec pod_template;
  pod_template.metadata.labels["app"] = "web";
  pod_template.spec = PodBuilder("web").container("main", image).build().spec;
  pod_template.spec.nodeName.clear();
  return pod_template;
}

inline api::ReplicaSet replica_set(int32_t replicas) {
  api::ReplicaSet rs;
  rs.metadata.namespace_ = "default";
  rs.metadata.name = "web";
  rs.metadata.uid = "rs-uid";
  rs.metadata.generation = 3;
  rs.spec.replicas = replicas;
  rs.spec.selector.ensure().matchLabels["app"] = "web";
  rs.spec.template_ = pod_template();
  return rs;
}

inline void set_ready(api::Pod& pod, TimePoint since = kNow - 1h) {
  pod.status.phase = "Running";
  api::PodCondition ready;
  ready.type = "Ready";
  ready.status = "True";
  ready.lastTransitionTime = api::Time(since);
  pod.status.conditions.push_back(ready);
}

// A pod of replica_set(), running and ready unless `change` says otherwise.
template <class Change>
PodPtr owned_pod(const std::string& name, Change change) {
  return PodBuilder(name)
      .label("app", "web")
      .container("main")
      .with([](api::Pod& pod) {
        pod.metadata.ownerReferences.push_back(controller_reference(replica_set(1)));
        pod.metadata.creationTimestamp = api::Time(kNow - 2h);
        set_ready(pod);
      })
      .with(change)
      .share();
}
inline PodPtr owned_pod(const std::string& name) {
  return owned_pod(name, [](api::Pod&) {});
}

inline std::vector<std::string> names(const std::vector<PodPtr>& pods) {
  std::vector<std::string> list;
  for (const PodPtr& pod : pods) list.push_back(pod->metadata.name);
  return list;
}

inline api::Deployment deployment(int32_t replicas, api::IntOrString surge = "25%",
                                  api::IntOrString unavailable = "25%") {
  api::Deployment deployment;
  deployment.metadata.namespace_ = "default";
  deployment.metadata.name = "web";
  deployment.metadata.uid = "deployment-uid";
  deployment.metadata.generation = 1;
  deployment.spec.replicas = replicas;
  deployment.spec.selector.ensure().matchLabels["app"] = "web";
  deployment.spec.template_ = pod_template();
  deployment.spec.strategy.type = "RollingUpdate";
  auto& rolling = deployment.spec.strategy.rollingUpdate.ensure();
  rolling.maxSurge = surge;
  rolling.maxUnavailable = unavailable;
  return deployment;
}

}  // namespace skiff::controllers
