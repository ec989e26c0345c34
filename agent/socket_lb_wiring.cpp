// SPDX-License-Identifier: Apache-2.0
// RuntimeClasses among the agent's parts: the kubelet asks for their handlers, and sockets of pods
// of sandboxed runtimes are left alone.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "agent/net/netns.h"

namespace skiff::agent {

Result<uint64_t> cookie_of(const std::string& netns_path) {
  ASSIGN_OR_RETURN(auto netns, net::Netns::open(netns_path));
  return netns.run([] { return datapath::netns_cookie(); });
}

// As Kubernetes words it, for Events of pods.
Result<std::string> Daemon::runtime_handler(const std::string& runtime_class) const {
  if (runtime_class.empty()) return std::string();
  const auto found = stores_->runtime_classes.get({"", runtime_class});
  if (!found) return not_found("RuntimeClass \"{}\" not found", runtime_class);
  return found->handler;
}

void Daemon::make_socket_lb() {
  SocketLb::Options options{.handlers = config_.socket_lb_handlers, .cookie_of = cookie_of};
  options.handler_of = [this](const network::Attachment& pod) -> std::optional<std::string> {
    const auto known = stores_->pods.get({pod.pod_namespace, pod.pod_name});
    if (!known) return std::nullopt;
    const auto handler = runtime_handler(known->spec.runtimeClassName.value_or(""));
    return handler.ok() ? std::optional(*handler) : std::nullopt;
  };
  socket_lb_ = std::make_unique<SocketLb>(datapath_->maps(), pool_, std::move(options));
}

awaitable<void> Daemon::settle_socket_lb() {
  co_await stores_->pods.wait_synced();
  co_await stores_->runtime_classes.wait_synced();
  if (const Status settled = socket_lb_->settle(); !settled.ok())
    spdlog::warn("{}, ignoring", message(settled));
}

}  // namespace skiff::agent
