// SPDX-License-Identifier: Apache-2.0
// What the agent knows of the cluster: one store a kind, kept by a reflector each. Belongs to the
// loop.
#pragma once

#include <memory>
#include <string>

#include "agent/config.h"
#include "agent/kubelet/kubelet.h"
#include "api/core/node.h"
#include "api/core/pod.h"
#include "api/core/service.h"
#include "api/discovery/endpoint_slice.h"
#include "api/node/runtime_class.h"
#include "kube/store.h"

namespace skiff::agent {

struct Stores {
  explicit Stores(const Executor& executor);
  // Begins to fill them from the API server.
  void start(const Executor& executor, const Config& config,
             const std::shared_ptr<kube::Transport>& transport);
  // Whether Services still send to the pod.
  kubelet::Served served(const std::string& uid) const;

  kube::Store<api::Pod> pods;              // of this node
  kube::Store<api::Service> services;      // these two of the whole cluster: packed, without what
  kube::Store<api::EndpointSlice> slices;  // nothing here reads (trim.h)
  kube::Store<api::Node> nodes;
  kube::Store<api::RuntimeClass> runtime_classes;
};

}  // namespace skiff::agent
