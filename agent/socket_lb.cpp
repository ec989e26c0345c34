// SPDX-License-Identifier: Apache-2.0
#include "agent/socket_lb.h"

#include <spdlog/spdlog.h>

namespace skiff::agent {

awaitable<Status> SocketLb::attach(network::Attachment attachment) {
  const std::string path = attachment.netns;
  const Result<uint64_t> cookie =
      co_await offload(pool_, [this, path] { return options_.cookie_of(path); });
  CO_RETURN_IF_ERROR(cookie.status(), "network namespace");
  const std::string key = attachment.key();
  const Pod& pod = pods_[key] = {.attachment = std::move(attachment), .cookie = *cookie};
  co_return decide(pod);
}

void SocketLb::detach(const network::Attachment& attachment) {
  const auto pod = pods_.find(attachment.key());
  if (pod == pods_.end()) return;
  if (const Status erased = maps_.socket_lb_off->erase(pod->second.cookie); !erased.ok())
    spdlog::warn("socket load balancing of {}/{}: {}, ignoring", attachment.pod_namespace,
                 attachment.pod_name, message(erased));
  pods_.erase(pod);
}

// What cannot be known yet stays as an earlier agent had it.
Status SocketLb::decide(const Pod& pod) {
  const std::optional<std::string> handler = options_.handler_of(pod.attachment);
  if (!handler) return absl::OkStatus();
  const bool keeps = handler->empty() || options_.handlers.contains(*handler);
  return annotate(
      keeps ? maps_.socket_lb_off->erase(pod.cookie) : maps_.socket_lb_off->put(pod.cookie, 1),
      "switch socket load balancing");
}

Status SocketLb::settle() {
  std::set<uint64_t> present;
  for (const auto& [key, pod] : pods_) {
    present.insert(pod.cookie);
    RETURN_IF_ERROR(decide(pod));
  }
  std::vector<uint64_t> gone;
  RETURN_IF_ERROR(maps_.socket_lb_off->for_each([&](uint64_t cookie, uint32_t) {
    if (!present.contains(cookie)) gone.push_back(cookie);
  }));
  return annotate(maps_.socket_lb_off->erase_batch(gone), "switch socket load balancing");
}

}  // namespace skiff::agent
