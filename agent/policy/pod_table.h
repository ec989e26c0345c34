// SPDX-License-Identifier: Apache-2.0
// What policies need to know of all pods of the cluster: some hundred bytes a pod, because labels
// and ports are kept once for all pods that have the same.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/core/pod.h"
#include "api/selector.h"
#include "base/ip.h"
#include "kube/object_key.h"
#include "kube/reflector.h"

namespace skiff::policy {

// A port of a container that has a name.
struct NamedPort {
  std::string name;
  uint8_t protocol = 0;  // IPPROTO_TCP, …
  uint16_t port = 0;

  auto operator<=>(const NamedPort&) const = default;
};

// Everything of a pod that selectors and named ports look at.
struct Traits {
  std::string namespace_;
  api::Labels labels;
  std::vector<NamedPort> ports;

  auto operator<=>(const Traits&) const = default;
};

// A pod that has, or may get, addresses of its own.
struct PeerPod {
  std::shared_ptr<const Traits> traits;
  std::vector<IpAddress> addresses;
};

// IPPROTO_x of Kubernetes' name of a protocol; TCP for none.
uint8_t protocol_number(std::string_view name);

// Nothing for pods that no policy can name: those on the host's network, and those that have ended,
// whose addresses may be others' by now.
std::optional<Traits> traits_of(const api::Pod& pod);
std::vector<IpAddress> addresses_of(const api::Pod& pod);

// All pods, by key. Belongs to the loop.
class PodTable {
 public:
  // False: nothing has changed that policies look at.
  bool put(const api::Pod& pod);
  bool erase(const kube::ObjectKey& key);
  void replace(const std::vector<api::Pod>& pods);
  const PeerPod* find(const kube::ObjectKey& key) const;
  const std::map<kube::ObjectKey, PeerPod>& pods() const { return pods_; }
  bool synced() const { return synced_; }

 private:
  struct DerefLess {
    template <class T>
    bool operator()(const T& a, const T& b) const {
      return *a < *b;
    }
  };
  std::shared_ptr<const Traits> intern(Traits traits);

  std::map<kube::ObjectKey, PeerPod> pods_;
  std::set<std::shared_ptr<const Traits>, DerefLess> traits_;
  bool synced_ = false;
};

// Feeds a table from a reflector; `changed` after every change.
std::unique_ptr<kube::ReflectorSink> make_pod_sink(PodTable& table, std::function<void()> changed);

}  // namespace skiff::policy
