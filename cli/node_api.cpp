// SPDX-License-Identifier: Apache-2.0
#include "cli/node_api.h"

#include "kube/client.h"

namespace skiff::cli {
namespace {

constexpr uint16_t kDefaultPort = 10250;
constexpr int kMostShares = 100;  // API servers allow 250 requests at once on a connection
constexpr const char* kTokenHeader = "skiff-token";

Status error_of(int status, std::string body) {
  if (body.starts_with('{')) return kube::status_of(status, body);  // the API server's own
  while (!body.empty() && body.back() == '\n') body.pop_back();
  if (status == 404) return not_found("{}", body);
  if (status == 400) return invalid_argument("{}", body);
  if (status == 429) return resource_exhausted("{}", body);
  return unavailable("answered {}: {}", status, body);
}

}  // namespace

Result<std::unique_ptr<NodeApi>> AgentDialer::dial(const api::Node& node) {
  std::unique_ptr<NodeApi> made(new NodeApi());
  made->node_ = node.metadata.name;
  if (access_.pods.empty()) {
    ASSIGN_OR_RETURN(made->transport_, direct(node));
    return made;
  }
  const auto pod = access_.pods.find(made->node_);
  if (pod == access_.pods.end())
    return not_found("no agent runs on node {}: `kubectl get pods -A -o wide -l {}`", made->node_,
                     kAgentSelector);
  if (shares_++ % kMostShares == 0) {
    ASSIGN_OR_RETURN(shared_, kube::make_transport(executor_, access_.credentials));
  }
  made->transport_ = shared_;
  made->pod_ = pod->second;
  made->token_ = access_.token;
  return made;
}

Result<std::shared_ptr<kube::Transport>> AgentDialer::direct(const api::Node& node) const {
  kube::ApiEndpoint endpoint = access_.credentials;
  endpoint.host.clear();
  for (const api::NodeAddress& address : node.status.addresses)
    if (address.type == "InternalIP" && endpoint.host.empty()) endpoint.host = address.address;
  if (endpoint.host.empty())
    return failed_precondition("node {} has no address yet", node.metadata.name);
  const int32_t port = node.status.daemonEndpoints.kubeletEndpoint.Port;
  endpoint.port = port > 0 ? static_cast<uint16_t>(port) : kDefaultPort;
  endpoint.server_name.clear();
  endpoint.token.clear();  // nodes know certificates only
  endpoint.token_file.clear();
  return kube::make_transport(executor_, endpoint);
}

http::Request NodeApi::request(const std::string& path, http::Query query) const {
  http::Request request;
  request.path = pod_ ? proxy_path(*pod_, path) : path;
  request.query = std::move(query);
  if (pod_) request.headers.set(kTokenHeader, token_);
  return request;
}

awaitable<Result<std::string>> NodeApi::get(std::string path, http::Query query) {
  const auto response = co_await transport_->call(request(path, std::move(query)));
  CO_RETURN_IF_ERROR(response.status(), "{}", node_);
  if (response->status != 200)
    co_return annotate(error_of(response->status, response->body_text()), node_);
  co_return response->body_text();
}

awaitable<Result<std::unique_ptr<http::BodyReader>>> NodeApi::stream(std::string path,
                                                                     http::Query query) {
  auto reader = co_await transport_->stream(request(path, std::move(query)));
  CO_RETURN_IF_ERROR(reader.status(), "{}", node_);
  if ((*reader)->status() != 200) {
    const auto body = co_await (*reader)->read();
    co_return annotate(error_of((*reader)->status(), body.ok() ? *body : ""), node_);
  }
  co_return std::move(*reader);
}

}  // namespace skiff::cli
