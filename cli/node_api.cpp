// SPDX-License-Identifier: Apache-2.0
#include "cli/node_api.h"

namespace skiff::cli {
namespace {

constexpr uint16_t kDefaultPort = 10250;

http::Request request_for(std::string path, const http::Query& query) {
  http::Request request;
  request.path = std::move(path);
  request.query = query;
  const std::string text = query.encode();
  request.raw_target = text.empty() ? request.path : request.path + "?" + text;
  return request;
}

Status error_of(int status, std::string body) {
  while (!body.empty() && body.back() == '\n') body.pop_back();
  if (status == 404) return not_found("{}", body);
  if (status == 400) return invalid_argument("{}", body);
  if (status == 429) return resource_exhausted("{}", body);
  return unavailable("answered {}: {}", status, body);
}

}  // namespace

Result<std::unique_ptr<NodeApi>> NodeApi::make(const Executor& executor,
                                               const kube::ApiEndpoint& credentials,
                                               const api::Node& node) {
  std::unique_ptr<NodeApi> made(new NodeApi());
  made->node_ = node.metadata.name;
  std::string host;
  for (const api::NodeAddress& address : node.status.addresses)
    if (address.type == "InternalIP" && host.empty()) host = address.address;
  if (host.empty()) return failed_precondition("node {} has no address yet", made->node_);
  const int32_t port = node.status.daemonEndpoints.kubeletEndpoint.Port;
  ASSIGN_OR_RETURN(auto tls, http::ClientTls::make({
                                 .ca = credentials.ca,
                                 .certificate_chain = credentials.client_certificate,
                                 .private_key = credentials.client_key,
                                 .server_name = "",
                                 .insecure_skip_verify = credentials.insecure,
                             }));
  made->client_ =
      http::Client::make(executor, {.host = std::move(host),
                                    .port = port > 0 ? static_cast<uint16_t>(port) : kDefaultPort,
                                    .tls = std::move(tls)});
  return made;
}

awaitable<Result<std::string>> NodeApi::get(std::string path, http::Query query) {
  const auto response = co_await client_->fetch(request_for(std::move(path), query));
  CO_RETURN_IF_ERROR(response.status(), "{}", node_);
  if (response->status != 200)
    co_return annotate(error_of(response->status, response->body_text()), node_);
  co_return response->body_text();
}

awaitable<Result<std::unique_ptr<http::BodyReader>>> NodeApi::stream(std::string path,
                                                                     http::Query query) {
  auto reader = co_await client_->stream(request_for(std::move(path), query));
  CO_RETURN_IF_ERROR(reader.status(), "{}", node_);
  if ((*reader)->status() != 200) {
    const auto body = co_await (*reader)->read();
    co_return annotate(error_of((*reader)->status(), body.ok() ? *body : ""), node_);
  }
  co_return std::move(*reader);
}

}  // namespace skiff::cli
