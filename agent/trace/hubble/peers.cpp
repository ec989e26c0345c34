// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/peers.h"

#include <algorithm>

#include "base/ip.h"

namespace skiff::trace::hubble {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 500ms;  // how soon a client that has gone is noticed

std::string address_of(const api::Node& node, uint16_t port) {
  for (const api::NodeAddress& address : node.status.addresses) {
    const auto ip = IpAddress::parse(address.address);
    if (!ip.ok() || address.type != "InternalIP") continue;
    return ip->is_v4() ? fmt::format("{}:{}", address.address, port)
                       : fmt::format("[{}]:{}", address.address, port);
  }
  return "";
}

}  // namespace

PeerAddresses peers_of(const std::vector<std::shared_ptr<const api::Node>>& nodes, uint16_t port) {
  PeerAddresses peers;
  for (const auto& node : nodes)
    if (std::string address = address_of(*node, port); !address.empty())
      peers.emplace(node->metadata.name, std::move(address));
  return peers;
}

std::string server_name_of(const std::string& pattern, const std::string& node) {
  if (pattern == "*") return node;
  if (!pattern.starts_with("*.")) return pattern;
  std::string label = node;
  std::ranges::replace(label, '.', '-');
  return label + pattern.substr(1);
}

std::vector<peer::ChangeNotification> changes(const PeerAddresses& before, const PeerAddresses& now,
                                              const std::string& names) {
  std::vector<peer::ChangeNotification> list;
  const auto tell = [&](const auto& one, peer::ChangeNotificationType type) {
    peer::ChangeNotification& change = list.emplace_back();
    change.set_name(one.first);
    change.set_address(one.second);
    change.set_type(type);
    if (!names.empty()) change.mutable_tls()->set_server_name(server_name_of(names, one.first));
  };
  for (const auto& one : before)
    if (!now.contains(one.first)) tell(one, peer::PEER_DELETED);
  for (const auto& one : now) {
    const auto known = before.find(one.first);
    if (known == before.end()) {
      tell(one, peer::PEER_ADDED);
    } else if (known->second != one.second) {
      tell(one, peer::PEER_UPDATED);
    }
  }
  return list;
}

Peers::Peers(const Executor& executor, kube::Store<api::Node>& nodes, uint16_t port,
             std::string server_names)
    : nodes_(nodes), port_(port), server_names_(std::move(server_names)), changed_(executor) {
  nodes_.subscribe([this](const auto&, const auto&) { changed_.notify(); });
}

awaitable<grpc::Status> PeerStream::pump() {
  for (PeerAddresses told; !gone();) {
    PeerAddresses now = peers_.now();
    for (peer::ChangeNotification& change : changes(told, now, peers_.server_names()))
      if (!co_await write(std::move(change))) co_return grpc::Status::OK;
    // What changed while writing is not told yet.
    if (now == peers_.now()) co_await peers_.changed().wait(kPatience);
    told = std::move(now);
  }
  co_return grpc::Status::OK;
}

}  // namespace skiff::trace::hubble
