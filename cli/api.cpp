// SPDX-License-Identifier: Apache-2.0
#include "cli/api.h"

#include "api/authentication/types.h"
#include "api/core/config.h"
#include "cli/node_api.h"
#include "kube/endpoint_slices.h"

namespace skiff::cli {
namespace {

constexpr const char* kAgentAudience = "skiff-agent";
constexpr int64_t kTokenSeconds = 600;

}  // namespace

Api::~Api() = default;

Result<std::unique_ptr<Api>> Api::connect(const std::string& kubeconfig) {
  std::unique_ptr<Api> connected(new Api());
  ASSIGN_OR_RETURN(connected->endpoint_, kube::load_kubeconfig(kubeconfig));
  RETURN_IF_ERROR(kube::run_exec_plugin(connected->endpoint_));
  ASSIGN_OR_RETURN(auto transport,
                   kube::make_transport(connected->loop_.get_executor(), connected->endpoint_));
  connected->client_ = std::make_unique<kube::Client>(std::move(transport));
  return connected;
}

Status Api::ready() {
  return wait_for(client_->send("GET", "/readyz", "", "")).status();
}

std::string Api::server() const {
  return fmt::format("https://{}:{}", endpoint_.host, endpoint_.port);
}

template <>
Result<std::vector<api::EndpointSlice>> Api::list(kube::ListOptions) {
  return wait_for(kube::list_endpoint_slices(client_->shared_transport()));
}

Result<AgentAccess> Api::agents(Right right) {
  AgentAccess access{.credentials = endpoint_, .pods = {}, .token = {}};
  ASSIGN_OR_RETURN(const auto pods, list<api::Pod>({.label_selector = kAgentSelector}));
  access.pods = agent_pods(pods);
  if (access.pods.empty()) return access;
  ASSIGN_OR_RETURN(access.token, agent_token(access.pods.begin()->second.namespace_, right),
                   "token of service account {}", service_account(right));
  return access;
}

// Of ten minutes, the least there is: it is looked at when a question begins.
Result<std::string> Api::agent_token(const std::string& namespace_, Right right) {
  api::TokenRequest request;
  request.spec.audiences = {kAgentAudience};
  request.spec.expirationSeconds = kTokenSeconds;
  const std::string path = kube::resource_path(api::kind_of<api::ServiceAccount>(), namespace_,
                                               service_account(right), "token");
  ASSIGN_OR_RETURN(const std::string body, wait_for(client_->send("POST", path, "application/json",
                                                                  api::encode_json(request))));
  ASSIGN_OR_RETURN(const auto answer, api::decode_json<api::TokenRequest>(body));
  return answer.status.token;
}

Result<std::string> Api::ask(const api::Node& node, std::string path, http::Query query) {
  if (!dialer_) {
    ASSIGN_OR_RETURN(AgentAccess access, agents(Right::kObserve));
    dialer_ = std::make_unique<AgentDialer>(loop_.get_executor(), std::move(access));
  }
  ASSIGN_OR_RETURN(const auto api, dialer_->dial(node));
  return wait_for(api->get(std::move(path), std::move(query)));
}

bool is_ready(const api::Node& node) {
  for (const api::NodeCondition& condition : node.status.conditions) {
    if (condition.type == "Ready") return condition.status == "True";
  }
  return false;
}

}  // namespace skiff::cli
