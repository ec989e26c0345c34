// SPDX-License-Identifier: Apache-2.0
// What tracing is told by the other features of the agent.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "agent/net/netns.h"

namespace skiff::agent {
namespace {

// Blocks for the start of a thread.
Result<uint64_t> cookie_of(const std::string& netns_path) {
  ASSIGN_OR_RETURN(auto netns, net::Netns::open(netns_path));
  return netns.run([] { return datapath::netns_cookie(); });
}

trace::LocalPod local_pod(const network::Attachment& attachment, uint64_t cookie) {
  return {.namespace_ = attachment.pod_namespace,
          .name = attachment.pod_name,
          .interface = attachment.interface,
          .host_interface = attachment.host_interface,
          .host_ifindex = static_cast<uint32_t>(attachment.host_index),
          .netns_cookie = cookie,
          .addresses = attachment.addresses};
}

}  // namespace

Status Daemon::open_trace() {
  if (!config_.has(Role::kTrace) || !datapath_) return absl::OkStatus();
  trace::Options options{.node_name = config_.node_name, .datapath = {}};
  options.datapath.pin_dir = config_.bpf_dir.string();
  ASSIGN_OR_RETURN(trace_, trace::Trace::open(
                               executor_, std::move(options),
                               {stores_->pods, stores_->services, stores_->slices, stores_->nodes},
                               registry_, clock_));
  return absl::OkStatus();
}

void Daemon::start_trace() {
  if (!trace_) return;
  trace_->start();
  if (!network_) return;
  network_->subscribe([this](const network::Attachment& attachment, bool attached) {
    if (attached) spawn(executor_, "trace pod", trace_pod(attachment));
    if (attached) return;
    const auto known = traced_pods_.find(attachment.key());
    if (known == traced_pods_.end()) return;
    trace_->remove_pod(known->second);
    traced_pods_.erase(known);
  });
}

awaitable<void> Daemon::trace_pod(network::Attachment attachment) {
  const std::string path = attachment.netns;
  const auto cookie =
      co_await offload(pool_, [path]() -> Result<uint64_t> { return cookie_of(path); });
  if (!cookie.ok()) {
    spdlog::warn("trace: pod {}/{}: {}, ignoring", attachment.pod_namespace, attachment.pod_name,
                 message(cookie.status()));
    co_return;
  }
  const network::Attachment* now = network_->find(attachment.container_id, attachment.interface);
  if (now == nullptr) co_return;  // gone meanwhile
  traced_pods_[attachment.key()] = *cookie;
  trace_->add_pod(local_pod(attachment, *cookie));
}

}  // namespace skiff::agent
