// SPDX-License-Identifier: Apache-2.0
// Where the agents of a cluster answer. On a cluster of ours every node has its API at an address
// of its own, for the administrator's certificate. On somebody else's they are pods of a DaemonSet:
// asked through the API server, so that a kubeconfig is all it takes, with a token that is good for
// nothing else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "kube/kubeconfig.h"

namespace skiff::cli {

// What an agent is asked for; each has a service account of its own beside the DaemonSet.
enum class Right { kObserve, kCapture };
std::string service_account(Right right);

struct AgentPod {
  std::string namespace_;
  std::string name;
  uint16_t port = 0;

  bool operator==(const AgentPod&) const = default;
};

struct AgentAccess {
  kube::ApiEndpoint credentials;
  std::map<std::string, AgentPod> pods;  // by node; empty: nodes have their own API
  std::string token;                     // for agents in pods
};

// Label of the DaemonSet's pods.
inline constexpr const char* kAgentSelector = "k8s-app=skiff-agent";

// The agents among the cluster's pods, one a node: the youngest that runs and has a port named
// `agent`.
std::map<std::string, AgentPod> agent_pods(const std::vector<api::Pod>& pods);
// "/api/v1/namespaces/kube-system/pods/https:skiff-agent-x:10350/proxy/why".
std::string proxy_path(const AgentPod& pod, const std::string& path);

}  // namespace skiff::cli
