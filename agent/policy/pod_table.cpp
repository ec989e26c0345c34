// SPDX-License-Identifier: Apache-2.0
#include "agent/policy/pod_table.h"

#include <netinet/in.h>

#include <algorithm>

namespace skiff::policy {
namespace {

class PodSink final : public kube::ReflectorSink {
 public:
  PodSink(PodTable& table, std::function<void()> changed)
      : table_(table), changed_(std::move(changed)) {}

  Status replace(const std::vector<std::string_view>& objects) override {
    std::vector<api::Pod> pods;
    Status undecoded = absl::OkStatus();
    for (const std::string_view object : objects) {
      auto pod = api::decode_json<api::Pod>(object);
      if (pod.ok()) {
        pods.push_back(*std::move(pod));
      } else {
        undecoded = pod.status();
      }
    }
    table_.replace(pods);
    changed_();
    return undecoded;
  }
  Status put(std::string_view object) override {
    ASSIGN_OR_RETURN(const api::Pod pod, api::decode_json<api::Pod>(object));
    if (table_.put(pod)) changed_();
    return absl::OkStatus();
  }
  Status erase(std::string_view object) override {
    ASSIGN_OR_RETURN(const api::Pod pod, api::decode_json<api::Pod>(object));
    table_.erase(kube::key_of(pod));
    changed_();
    return absl::OkStatus();
  }
  void saw(std::string_view) override {}

 private:
  PodTable& table_;
  std::function<void()> changed_;
};

}  // namespace

uint8_t protocol_number(std::string_view name) {
  if (name == "UDP") return IPPROTO_UDP;
  if (name == "SCTP") return IPPROTO_SCTP;
  return IPPROTO_TCP;
}

std::optional<Traits> traits_of(const api::Pod& pod) {
  if (pod.spec.hostNetwork || pod.status.phase == "Succeeded" || pod.status.phase == "Failed")
    return std::nullopt;
  Traits traits{.namespace_ = pod.metadata.namespace_, .labels = pod.metadata.labels, .ports = {}};
  const auto take = [&](const api::Container& container) {
    for (const api::ContainerPort& port : container.ports)
      if (!port.name.empty())
        traits.ports.push_back({.name = port.name,
                                .protocol = protocol_number(port.protocol),
                                .port = static_cast<uint16_t>(port.containerPort)});
  };
  for (const api::Container& container : pod.spec.containers) take(container);
  for (const api::Container& container : pod.spec.initContainers)
    if (container.restartPolicy == "Always") take(container);
  std::ranges::sort(traits.ports);
  return traits;
}

std::vector<IpAddress> addresses_of(const api::Pod& pod) {
  std::vector<IpAddress> addresses;
  for (const api::PodIP& one : pod.status.podIPs)
    if (const auto ip = IpAddress::parse(one.ip); ip.ok()) addresses.push_back(*ip);
  return addresses;
}

bool PodTable::put(const api::Pod& pod) {
  std::optional<Traits> traits = traits_of(pod);
  if (!traits) return erase(kube::key_of(pod));
  PeerPod peer{.traits = intern(*std::move(traits)), .addresses = addresses_of(pod)};
  PeerPod& slot = pods_[kube::key_of(pod)];
  if (slot.traits == peer.traits && slot.addresses == peer.addresses) return false;
  slot = std::move(peer);
  return true;
}

bool PodTable::erase(const kube::ObjectKey& key) {
  return pods_.erase(key) > 0;
}

void PodTable::replace(const std::vector<api::Pod>& pods) {
  pods_.clear();
  for (const api::Pod& pod : pods) put(pod);
  std::erase_if(traits_, [](const auto& traits) { return traits.use_count() == 1; });
  synced_ = true;
}

const PeerPod* PodTable::find(const kube::ObjectKey& key) const {
  const auto it = pods_.find(key);
  return it == pods_.end() ? nullptr : &it->second;
}

std::shared_ptr<const Traits> PodTable::intern(Traits traits) {
  // Labels come and go with rollouts: what nobody has any more is dropped now and then.
  if (traits_.size() > 2 * pods_.size() + 64)
    std::erase_if(traits_, [](const auto& one) { return one.use_count() == 1; });
  return *traits_.insert(std::make_shared<const Traits>(std::move(traits))).first;
}

std::unique_ptr<kube::ReflectorSink> make_pod_sink(PodTable& table, std::function<void()> changed) {
  return std::make_unique<PodSink>(table, std::move(changed));
}

}  // namespace skiff::policy
