// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "agent/dns/answer.h"

namespace skiff::dns {

inline IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

class FakeView final : public View {
 public:
  bool ready() const override { return is_ready; }
  std::optional<ServiceEntry> service(const std::string& namespace_,
                                      const std::string& name) const override {
    const auto it = services.find(namespace_ + "/" + name);
    return it == services.end() ? std::nullopt : std::optional(it->second);
  }
  bool has_namespace(const std::string& namespace_) const override {
    const auto it = services.lower_bound(namespace_ + "/");
    return it != services.end() && it->first.starts_with(namespace_ + "/");
  }
  std::vector<std::string> names_of(const IpAddress& address) const override {
    const auto it = names.find(address);
    return it == names.end() ? std::vector<std::string>() : it->second;
  }

  bool is_ready = true;
  std::map<std::string, ServiceEntry> services;
  std::map<IpAddress, std::vector<std::string>> names;
};

// A cluster with a service of each sort.
inline FakeView example_view() {
  FakeView view;
  view.services["default/kubernetes"] = {.cluster_addresses = {ip("10.96.0.1")},
                                         .ports = {{"https", "tcp", 443}}};
  view.services["shop/web"] = {
      .cluster_addresses = {ip("10.96.7.7"), ip("fd00:10:96::7")},
      .ports = {{"http", "tcp", 80}, {"", "tcp", 81}, {"quic", "udp", 80}}};
  view.services["shop/db"] = {
      .headless = true,
      .endpoints = {{"db-0", {ip("10.244.0.5"), ip("fd00::5")}, {{"sql", "tcp", 5432}}},
                    {"10-244-1-6", {ip("10.244.1.6")}, {{"sql", "tcp", 5432}}}}};
  view.services["shop/idle"] = {.headless = true};
  view.services["shop/docs"] = {.external_name = "Docs.Example.com"};
  view.services["shop/silent-docs"] = {.external_name = "silent.example.com"};
  view.services["shop/broken-docs"] = {.external_name = "broken.example.com"};
  view.services["shop/alias"] = {.external_name = "web.shop.svc.cluster.local."};
  view.services["shop/loop-a"] = {.external_name = "loop-b.shop.svc.cluster.local"};
  view.services["shop/loop-b"] = {.external_name = "loop-a.shop.svc.cluster.local"};
  view.names[ip("10.96.7.7")] = {"web.shop.svc"};
  view.names[ip("fd00:10:96::7")] = {"web.shop.svc"};
  view.names[ip("10.244.0.5")] = {"db-0.db.shop.svc"};
  return view;
}

inline Zone example_zone() {
  return {.addresses = {ip("10.96.0.10"), ip("fd00:10:96::a")},
          .reverse_ranges = {*Cidr::parse("10.96.0.0/16"), *Cidr::parse("10.244.0.0/16")}};
}

}  // namespace skiff::dns
