// SPDX-License-Identifier: Apache-2.0
// Pods for tests, said in one expression:
// PodBuilder("web").container("main").sidecar("log").build().
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/core/pod.h"

namespace skiff {

class PodBuilder {
 public:
  explicit PodBuilder(std::string name) {
    pod_.metadata.uid = "uid-" + name;
    pod_.metadata.name = std::move(name);
    pod_.metadata.namespace_ = "default";
    pod_.metadata.resourceVersion = "1";
    pod_.spec.nodeName = "node-1";
    pod_.spec.restartPolicy = "Always";
    pod_.spec.serviceAccountName = "default";
    pod_.spec.dnsPolicy = "ClusterFirst";
    pod_.spec.terminationGracePeriodSeconds = 30;
    pod_.status.phase = "Pending";
  }

  PodBuilder& in(std::string namespace_) {
    pod_.metadata.namespace_ = std::move(namespace_);
    return *this;
  }
  PodBuilder& on(std::string node) {
    pod_.spec.nodeName = std::move(node);
    return *this;
  }
  PodBuilder& label(std::string key, std::string value) {
    pod_.metadata.labels[std::move(key)] = std::move(value);
    return *this;
  }
  PodBuilder& restart(std::string policy) {
    pod_.spec.restartPolicy = std::move(policy);
    return *this;
  }
  PodBuilder& container(std::string name, std::string image = "nginx:1") {
    return add(pod_.spec.containers, std::move(name), std::move(image));
  }
  PodBuilder& init(std::string name, std::string image = "busybox:1") {
    return add(pod_.spec.initContainers, std::move(name), std::move(image));
  }
  PodBuilder& sidecar(std::string name, std::string image = "busybox:1") {
    init(std::move(name), std::move(image));
    last_->restartPolicy = "Always";
    return *this;
  }
  PodBuilder& volume(api::Volume volume) {
    pod_.spec.volumes.push_back(std::move(volume));
    return *this;
  }
  // Of the last container:
  PodBuilder& env(std::string name, std::string value) {
    api::EnvVar variable;
    variable.name = std::move(name);
    variable.value = std::move(value);
    last_->env.push_back(std::move(variable));
    return *this;
  }
  PodBuilder& request(const std::string& resource, const std::string& amount) {
    last_->resources.requests[resource] = *api::Quantity::parse(amount);
    return *this;
  }
  PodBuilder& limit(const std::string& resource, const std::string& amount) {
    last_->resources.limits[resource] = *api::Quantity::parse(amount);
    return *this;
  }
  PodBuilder& mount(std::string volume, std::string path) {
    api::VolumeMount mount;
    mount.name = std::move(volume);
    mount.mountPath = std::move(path);
    last_->volumeMounts.push_back(std::move(mount));
    return *this;
  }
  // For everything else: with([](api::Pod& pod) { … }).
  template <class Change>
  PodBuilder& with(Change change) {
    change(pod_);
    return *this;
  }

  api::Pod build() const { return pod_; }
  std::shared_ptr<const api::Pod> share() const { return std::make_shared<const api::Pod>(pod_); }

 private:
  PodBuilder& add(std::vector<api::Container>& list, std::string name, std::string image) {
    api::Container container;
    container.name = std::move(name);
    container.image = std::move(image);
    container.imagePullPolicy = "IfNotPresent";
    list.push_back(std::move(container));
    last_ = &list.back();
    return *this;
  }

  api::Pod pod_;
  api::Container* last_ = nullptr;
};

}  // namespace skiff
