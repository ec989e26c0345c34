// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/http_get.h"

#include "base/http/client.h"
#include "base/http/url.h"

namespace skiff::kubelet {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Kubernetes' limits.
constexpr size_t kMaxBody = 10 * 1024;
constexpr int kMaxRequests = 10;

http::Request first_request(const api::HTTPGetAction& action, const http::Url& url) {
  http::Request request;
  std::string path = url.target;
  if (const size_t query = path.find('?'); query != std::string::npos) {
    request.query = http::Query::parse(std::string_view(path).substr(query + 1));
    path.resize(query);
  }
  request.path = http::percent_decode(path);
  request.headers.set("host", url.authority());
  request.headers.set("user-agent", "kube-probe/1.34");
  request.headers.set("accept", "*/*");
  request.headers.set("connection", "close");
  for (const auto& header : action.httpHeaders) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    request.headers.set(std::move(name), header.value);
  }
  return request;
}

bool names_host(std::string_view location) {
  return location.starts_with("//") || location.find("://") < location.find_first_of("/?#");
}

// A Host header that the probe gives holds for redirects that name no host themselves.
void redirect(http::Request& request, const http::Url& to, std::string_view location) {
  request.path.clear();
  request.query = {};
  request.raw_target = to.target;
  if (names_host(location)) request.headers.set("host", to.authority());
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

awaitable<Result<http::Response>> fetch(http::Url url, http::Request request,
                                        milliseconds timeout) {
  http::ClientOptions options;
  options.host = url.host;
  options.port = url.port;
  options.connect_timeout = timeout;
  options.request_timeout = timeout;
  options.body_limit = kMaxBody;
  if (url.secure) {
    CO_ASSIGN_OR_RETURN(options.tls, http::ClientTls::make({.insecure_skip_verify = true}));
  }
  const auto client = http::Client::make(co_await asio::this_coro::executor, std::move(options));
  co_return co_await client->fetch(std::move(request));
}

ActionOutcome unclear(const http::Response& answer) {
  ActionOutcome outcome =
      ActionOutcome::failed("Probe terminated redirects, Response body: " + answer.body_text());
  outcome.success = outcome.warning = true;
  return outcome;
}

}  // namespace

awaitable<ActionOutcome> http_get(const api::HTTPGetAction& action, const ActionTarget& target,
                                  std::chrono::seconds timeout) {
  const auto port = resolve_port(action.port, target.container);
  if (!port.ok()) co_return ActionOutcome::not_done(port.status());
  http::Url url{.secure = action.scheme == "HTTPS",
                .host = action.host.empty() ? target.pod_ip : action.host,
                .port = *port,
                .target = action.path.starts_with('/') ? action.path : "/" + action.path};
  const std::string text = url.text();
  const std::string host = url.host;
  const auto deadline = steady_clock::now() + timeout;
  http::Request request = first_request(action, url);
  for (int count = 1;; ++count) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    auto answer = co_await fetch(url, request, std::max(left, milliseconds(1)));
    if (!answer.ok())
      co_return ActionOutcome::failed(
          fmt::format("Get \"{}\": {}", text, message(answer.status())));
    if (answer->status < 200 || answer->status >= 400)
      co_return ActionOutcome::failed(
          fmt::format("HTTP probe failed with statuscode: {}", answer->status));
    if (answer->status < 300) co_return ActionOutcome::done();
    const std::string location(answer->headers.get("location"));
    if (!is_redirect(answer->status) || location.empty()) co_return unclear(*answer);
    const Result<http::Url> next = http::resolve_url(url, location);
    if (!next.ok())
      co_return ActionOutcome::failed(
          fmt::format("Get \"{}\": location: {}", text, message(next.status())));
    if (next->host != host) co_return unclear(*answer);
    if (count == kMaxRequests)
      co_return ActionOutcome::failed(
          fmt::format("Get \"{}\": stopped after {} redirects", text, kMaxRequests));
    url = *next;
    redirect(request, url, location);
  }
}

}  // namespace skiff::kubelet
