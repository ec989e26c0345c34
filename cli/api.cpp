// SPDX-License-Identifier: Apache-2.0
#include "cli/api.h"

#include "cli/node_api.h"

namespace skiff::cli {

Result<std::unique_ptr<Api>> Api::connect(const std::string& kubeconfig) {
  std::unique_ptr<Api> connected(new Api());
  ASSIGN_OR_RETURN(connected->endpoint_, kube::load_kubeconfig(kubeconfig));
  ASSIGN_OR_RETURN(auto transport,
                   kube::make_transport(connected->loop_.get_executor(), connected->endpoint_));
  connected->client_ = std::make_unique<kube::Client>(std::move(transport));
  return connected;
}

Status Api::ready() {
  return wait_for(client_->send("GET", "/readyz", "", "")).status();
}

Result<std::string> Api::ask(const api::Node& node, std::string path, http::Query query) {
  ASSIGN_OR_RETURN(const auto api, NodeApi::make(loop_.get_executor(), endpoint_, node));
  return wait_for(api->get(std::move(path), std::move(query)));
}

bool is_ready(const api::Node& node) {
  for (const api::NodeCondition& condition : node.status.conditions) {
    if (condition.type == "Ready") return condition.status == "True";
  }
  return false;
}

}  // namespace skiff::cli
