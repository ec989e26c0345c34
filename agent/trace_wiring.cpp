// SPDX-License-Identifier: Apache-2.0
// What tracing is told by the other features of the agent.
#include <netinet/in.h>
#include <spdlog/spdlog.h>

#include "agent/daemon.h"

namespace skiff::agent {
namespace {

trace::LocalPod local_pod(const network::Attachment& attachment, uint64_t cookie) {
  return {.namespace_ = attachment.pod_namespace,
          .name = attachment.pod_name,
          .interface = attachment.interface,
          .host_interface = attachment.host_interface,
          .host_ifindex = static_cast<uint32_t>(attachment.host_index),
          .netns_cookie = cookie,
          .netns = attachment.netns,
          .addresses = attachment.addresses};
}

trace::DnsEvent dns_event(const dns::Exchange& exchange) {
  trace::DnsEvent event{.client = exchange.ends.client,
                        .server = exchange.ends.server,
                        .client_port = exchange.ends.client_port,
                        .protocol = exchange.udp ? uint8_t{IPPROTO_UDP} : uint8_t{IPPROTO_TCP},
                        .forwarded = exchange.forwarded,
                        .name = dns::join_labels(exchange.question.name),
                        .type = dns::type_name(static_cast<uint16_t>(exchange.question.type)),
                        .rcode = dns::rcode_name(exchange.rcode),
                        .addresses = exchange.addresses,
                        .took_ns = static_cast<uint64_t>(exchange.took.count())};
  for (const uint16_t type : exchange.answer_types)
    event.answer_types.push_back(dns::type_name(type));
  return event;
}

// Empty where no policy of a pod of this node decides.
trace::PolicyNames policy_names(const policy::Policy& policy, const trace::Peer& client,
                                const trace::Peer& server, uint8_t protocol) {
  const policy::Question question{.source = client.address,
                                  .destination = server.address,
                                  .protocol = protocol,
                                  .port = server.port};
  const auto deciding = [&](policy::Direction direction) -> std::vector<std::string> {
    auto judgement = policy.explain(direction, question);
    if (!judgement) return {};
    if (!judgement->policy.empty()) return {std::move(judgement->policy)};
    return std::move(judgement->isolating);
  };
  return {.egress = deciding(policy::kEgress), .ingress = deciding(policy::kIngress)};
}

}  // namespace

Status Daemon::open_trace() {
  if (!config_.has(Role::kTrace) || !datapath_) return absl::OkStatus();
  trace::Options options{.node_name = config_.node_name, .datapath = {}};
  options.datapath.pin_dir = config_.bpf_dir.string();
  ASSIGN_OR_RETURN(options.metric_labels, trace::parse_metric_labels(config_.metrics_labels),
                   "--metrics-labels");
  ASSIGN_OR_RETURN(trace_, trace::Trace::open(
                               executor_, std::move(options),
                               {stores_->pods, stores_->services, stores_->slices, stores_->nodes},
                               registry_, clock_));
  return absl::OkStatus();
}

void Daemon::start_trace() {
  if (!trace_) return;
  trace_->names().set_policies(
      [this](const trace::Peer& client, const trace::Peer& server, uint8_t protocol) {
        return policy_ ? policy_names(*policy_, client, server, protocol) : trace::PolicyNames{};
      });
  trace_->names().set_overlay([this](const IpAddress& address) {
    const auto peer =
        datapath_->maps().peers->get({.prefix_bits = 128, .address = datapath::to_abi(address)});
    return peer.ok() && peer->has_value();
  });
  if (dns_)
    dns_->observe(
        [this](const dns::Exchange& exchange) { trace_->hub().publish(dns_event(exchange)); });
  trace_->start();
  if (!network_) {
    pod_finder_ = std::make_unique<trace::PodFinder>(
        executor_, stores_->pods, pool_,
        trace::PodFinder::Listener{
            .found = [this](trace::LocalPod pod) { trace_->add_pod(std::move(pod)); },
            .gone = [this](uint64_t cookie) { trace_->remove_pod(cookie); }});
    pod_finder_->start();
    return;
  }
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
