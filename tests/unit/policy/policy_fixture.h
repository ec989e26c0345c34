// SPDX-License-Identifier: Apache-2.0
// Clusters in a few words.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "agent/policy/compile.h"
#include "api/codec.h"
#include "api/defaults.h"
#include "api/yaml.h"

namespace skiff::policy {

class Cluster {
 public:
  Cluster() { inputs_.complete = true; }

  void add_namespace(const std::string& name, api::Labels labels = {}) {
    labels["kubernetes.io/metadata.name"] = name;
    inputs_.namespaces[name] = std::move(labels);
  }
  // `spec` in YAML flow style.
  void add_policy(const std::string& namespace_, const std::string& spec) {
    auto policy = object<api::NetworkPolicy>("spec: " + spec);
    policy.metadata.namespace_ = namespace_;
    policy.metadata.name = "p" + std::to_string(inputs_.policies.size());
    inputs_.policies.push_back(std::make_shared<const api::NetworkPolicy>(std::move(policy)));
  }
  void clear_policies() { inputs_.policies.clear(); }
  void add_pod(const std::string& namespace_, const std::string& name, const std::string& address,
               api::Labels labels = {}, const std::string& spec = "{}") {
    auto pod = object<api::Pod>("spec: " + spec);
    pod.metadata.namespace_ = namespace_;
    pod.metadata.name = name;
    pod.metadata.labels = std::move(labels);
    if (!address.empty()) pod.status.podIPs = {{.ip = address}};
    pods_.put(pod);
  }
  void remove_pod(const std::string& namespace_, const std::string& name) {
    pods_.erase({namespace_, name});
  }
  void add_local(const std::string& namespace_, const std::string& name,
                 const std::string& address) {
    inputs_.locals.push_back({.key = {namespace_, name}, .addresses = {ip(address)}});
  }
  void clear_locals() { inputs_.locals.clear(); }
  Inputs& inputs() {
    inputs_.pods = &pods_;
    return inputs_;
  }
  Plan plan() { return compile(inputs()); }

  static IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

  template <class T>
  static T object(const std::string& yaml) {
    const auto json = api::yaml_to_json(yaml);
    EXPECT_TRUE(json.ok()) << message(json.status());
    auto read = api::decode_json<T>(json.ok() ? *json : "{}");
    EXPECT_TRUE(read.ok()) << message(read.status());
    api::set_defaults(*read);
    return *read;
  }

 private:
  Inputs inputs_;
  PodTable pods_;
};

// What `plan` lets `pod` do with `peer`: `TCP 80`, `nothing`, …, or `free` where it is not
// isolated.
inline std::string answer(const Plan& plan, const std::string& pod, Direction direction,
                          const std::string& peer) {
  const auto sides = plan.pods.find(Cluster::ip(pod));
  if (sides == plan.pods.end() || !sides->second[direction].isolated) return "free";
  const Side& side = sides->second[direction];
  if (side.pending) return "pending";
  if (side.table.empty()) return "nothing";
  const Table& table = plan.tables.at(side.table);
  const IpAddress address = Cluster::ip(peer);
  uint32_t set = table.others;
  if (const auto it = table.peers.find(address); it != table.peers.end()) {
    set = it->second;
  } else {
    int longest = -1;
    for (const auto& [range, ports] : table.ranges)
      if (range.is_v4() == address.is_v4() && range.contains(address) && range.prefix() > longest) {
        longest = range.prefix();
        set = ports;
      }
  }
  return plan.port_sets[set].to_string();
}

}  // namespace skiff::policy
