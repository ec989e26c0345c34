// SPDX-License-Identifier: Apache-2.0
// Names from a table: two pods and a Service of a shop, a node.
#pragma once

#include <map>
#include <set>

#include "agent/trace/event.h"
#include "agent/trace/names.h"

namespace skiff::trace {

class TableNames final : public Names {
 public:
  TableNames() {
    add_pod("10.244.0.5", "default", "client");
    add_pod("10.244.1.7", "shop", "web-7f9c");
    auto node = std::make_shared<Identity>();
    node->kind = Identity::Kind::kNode;
    node->name = "node-1";
    identities[ip("10.89.0.2")] = std::move(node);
    services[{ip("10.96.0.20"), 80, 6}] =
        std::make_shared<const ServicePort>(ServicePort{"shop", "web", "http"});
  }

  static IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

  void add_pod(std::string_view address, std::string namespace_, std::string name) {
    auto who = std::make_shared<Identity>();
    who->kind = Identity::Kind::kPod;
    who->namespace_ = std::move(namespace_);
    who->name = std::move(name);
    identities[ip(address)] = std::move(who);
  }

  std::shared_ptr<const Identity> identity(const IpAddress& address) override {
    const auto it = identities.find(address);
    return it == identities.end() ? nullptr : it->second;
  }
  std::shared_ptr<const ServicePort> service(const IpAddress& address, uint16_t port,
                                             uint8_t protocol) override {
    const auto it = services.find({address, port, protocol});
    return it == services.end() ? nullptr : it->second;
  }
  // Namespace 7 is the client's; 1 the node's.
  Place place(uint64_t netns_cookie, uint32_t ifindex) override {
    if (netns_cookie == 7)
      return {.interface = "eth0",
              .who = identity(ip("10.244.0.5")),
              .address = ip("10.244.0.5"),
              .inside = true};
    if (ifindex == 12)
      return {.interface = "skiff0123456789",
              .who = identity(ip("10.244.0.5")),
              .address = ip("10.244.0.5"),
              .inside = false};
    return {.interface = "eth0",
            .who = identity(ip("10.89.0.2")),
            .address = ip("10.89.0.2"),
            .inside = false};
  }
  bool across_overlay(const IpAddress& address) override { return overlay.contains(address); }
  PolicyNames policies(const Peer&, const Peer& server, uint8_t) override {
    const auto it = policy_names.find(server.address);
    return it == policy_names.end() ? PolicyNames{} : it->second;
  }
  std::string kernel_reason(uint32_t reason) override {
    return reason == 5 ? "NETFILTER_DROP" : std::to_string(reason);
  }
  std::string symbol(uint64_t address) override { return fmt::format("function+{:#x}", address); }

  std::map<IpAddress, std::shared_ptr<const Identity>> identities;
  std::set<IpAddress> overlay;
  std::map<IpAddress, PolicyNames> policy_names;  // by server
  std::map<std::tuple<IpAddress, uint16_t, uint8_t>, std::shared_ptr<const ServicePort>> services;
};

inline skiff_tuple tuple(std::string_view source, uint16_t source_port,
                         std::string_view destination, uint16_t destination_port,
                         uint8_t protocol = 6) {
  skiff_tuple made{};
  made.source = datapath::to_abi(TableNames::ip(source));
  made.destination = datapath::to_abi(TableNames::ip(destination));
  made.source_port = datapath::port_be(source_port);
  made.destination_port = datapath::port_be(destination_port);
  made.protocol = protocol;
  return made;
}

}  // namespace skiff::trace
