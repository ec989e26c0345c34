// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/pod_finder.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "agent/datapath/trace.h"
#include "agent/net/address.h"
#include "agent/net/link.h"
#include "agent/net/netns.h"
#include "base/file.h"

namespace skiff::trace {
namespace {

using namespace std::chrono_literals;

constexpr auto kSettle = 100ms;  // a starting pod changes several times
constexpr auto kFirstRetry = 250ms;
constexpr auto kMostRetry = 30s;
constexpr const char* kStaticPod = "kubernetes.io/config.hash";
constexpr size_t kUidCharacters = 32;  // without dashes

bool is_uid_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// The UID at the beginning of `text`, up to what ends the name of a control group.
std::string uid_at(std::string_view text) {
  std::string uid;
  size_t characters = 0;
  for (const char c : text) {
    if (c == '/' || c == '.' || c == '\n' || c == ':') break;
    if (c != '-' && c != '_' && !is_uid_character(c)) return "";
    if (is_uid_character(c)) ++characters;
    uid += c == '_' ? '-' : c;
  }
  return characters == kUidCharacters ? uid : "";
}

std::optional<ino_t> inode_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_ino;
}

// A process of every pod that has one in a namespace of its own, by UID.
std::map<std::string, std::string> processes_of_pods() {
  std::map<std::string, std::string> paths;
  const auto own = inode_of("/proc/thread-self/ns/net");
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.empty() || name.front() < '0' || name.front() > '9') continue;
    const auto cgroups = read_file(entry.path() / "cgroup");
    if (!cgroups.ok()) continue;  // it has ended
    const std::string uid = pod_uid_of(*cgroups);
    if (uid.empty() || paths.contains(uid)) continue;
    const std::string path = entry.path() / "ns/net";
    const auto inode = inode_of(path);
    if (inode && inode != own) paths[uid] = path;
  }
  return paths;
}

// The device of the namespace that has one of `addresses`, or any that leads out.
Result<LocalPod> look_inside(const std::vector<IpAddress>& addresses, int& peer_index) {
  LocalPod pod;
  ASSIGN_OR_RETURN(pod.netns_cookie, datapath::netns_cookie());
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  ASSIGN_OR_RETURN(const auto links, net::list_links(netlink));
  for (const net::Link& link : links) {
    ASSIGN_OR_RETURN(const auto present, net::list_addresses(netlink, link.index));
    std::vector<IpAddress> here;
    bool wanted = false;
    for (const net::InterfaceAddress& each : present) {
      if (each.ip.is_loopback() || each.ip.is_link_local()) continue;
      here.push_back(each.ip);
      wanted |= std::ranges::find(addresses, each.ip) != addresses.end();
    }
    if (here.empty() || (!wanted && !pod.interface.empty())) continue;
    pod.interface = link.name;
    pod.addresses = addresses.empty() ? here : addresses;
    peer_index = link.kind == "veth" ? link.peer_index : 0;
    if (wanted) break;
  }
  if (pod.interface.empty()) return not_found("no device has an address yet");
  return pod;
}

Result<LocalPod> look_at(const std::string& path, const std::vector<IpAddress>& addresses) {
  ASSIGN_OR_RETURN(const net::Netns netns, net::Netns::open(path));
  int peer_index = 0;
  ASSIGN_OR_RETURN(LocalPod pod, netns.run([&] { return look_inside(addresses, peer_index); }));
  if (peer_index == 0) return pod;
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  const auto peer = net::get_link(netlink, peer_index);
  if (!peer.ok() || peer->kind != "veth") return pod;  // the other end is not the node's
  pod.host_interface = peer->name;
  pod.host_ifindex = static_cast<uint32_t>(peer->index);
  return pod;
}

std::set<std::string> containers_of(const api::Pod& pod) {
  std::set<std::string> ids;
  for (const auto* list : {&pod.status.initContainerStatuses, &pod.status.containerStatuses})
    for (const api::ContainerStatus& status : *list) ids.insert(status.containerID);
  return ids;
}

WantedPod wanted_of(const api::Pod& pod) {
  WantedPod wanted{.uid = node_uid_of(pod), .addresses = {}};
  for (const api::PodIP& one : pod.status.podIPs)
    if (const auto ip = IpAddress::parse(one.ip); ip.ok()) wanted.addresses.push_back(*ip);
  return wanted;
}

bool has_namespace(const api::Pod& pod) {
  return !pod.spec.hostNetwork && pod.status.phase != "Succeeded" && pod.status.phase != "Failed";
}

}  // namespace

std::string pod_uid_of(std::string_view cgroups) {
  constexpr std::string_view kPod = "pod";
  for (size_t at = cgroups.find(kPod); at != std::string_view::npos;
       at = cgroups.find(kPod, at + 1))
    if (std::string uid = uid_at(cgroups.substr(at + kPod.size())); !uid.empty()) return uid;
  return "";
}

std::string node_uid_of(const api::Pod& pod) {
  const auto hash = pod.metadata.annotations.find(kStaticPod);
  return hash == pod.metadata.annotations.end() ? pod.metadata.uid : hash->second;
}

std::map<kube::ObjectKey, LocalPod> find_pods(const std::map<kube::ObjectKey, WantedPod>& pods) {
  std::map<kube::ObjectKey, LocalPod> found;
  const auto processes = processes_of_pods();
  for (const auto& [key, wanted] : pods) {
    const auto process = processes.find(wanted.uid);
    if (process == processes.end()) continue;
    auto pod = look_at(process->second, wanted.addresses);
    if (!pod.ok()) continue;  // the process ended, or the CNI is still at work: looked for again
    pod->namespace_ = key.namespace_;
    pod->name = key.name;
    found.emplace(key, *std::move(pod));
  }
  return found;
}

void PodFinder::start() {
  pods_.subscribe(
      [this](const auto& before, const auto& after) { pod_changed(before.get(), after.get()); });
  spawn(executor_, "find pods", run());
}

void PodFinder::pod_changed(const api::Pod* before, const api::Pod* after) {
  if (after == nullptr || !has_namespace(*after)) {
    forget(kube::key_of(after != nullptr ? *after : *before));
    return;
  }
  Known& known = known_[kube::key_of(*after)];
  WantedPod wanted = wanted_of(*after);
  std::set<std::string> containers = containers_of(*after);
  if (known.wanted == wanted && known.containers == containers) return;
  known.wanted = std::move(wanted);
  known.containers = std::move(containers);
  stale_ = true;
  changed_.notify();
}

void PodFinder::forget(const kube::ObjectKey& key) {
  const auto known = known_.find(key);
  if (known == known_.end()) return;
  if (known->second.cookie != 0) listener_.gone(known->second.cookie);
  known_.erase(known);
}

awaitable<void> PodFinder::run() {
  std::chrono::nanoseconds retry = kFirstRetry;
  for (bool complete = true;;) {
    if (!stale_) co_await changed_.wait(complete ? std::chrono::nanoseconds::max() : retry);
    retry = stale_ ? kFirstRetry : std::min<std::chrono::nanoseconds>(retry * 2, kMostRetry);
    if (stale_) co_await sleep_for(kSettle);
    stale_ = false;
    complete = co_await look();
  }
}

// Whether every pod has been found. All are looked for: a new sandbox has a new namespace.
awaitable<bool> PodFinder::look() {
  std::map<kube::ObjectKey, WantedPod> wanted;
  for (const auto& [key, known] : known_) wanted.emplace(key, known.wanted);
  if (wanted.empty()) co_return true;
  auto found = co_await offload(pool_, [wanted = std::move(wanted)] { return find_pods(wanted); });
  bool complete = true;
  for (auto& [key, known] : known_) {
    const auto pod = found.find(key);
    if (pod == found.end()) {
      complete &= known.cookie != 0;
      continue;
    }
    if (known.cookie != 0 && known.cookie != pod->second.netns_cookie) listener_.gone(known.cookie);
    known.cookie = pod->second.netns_cookie;
    listener_.found(std::move(pod->second));
  }
  co_return complete;
}

}  // namespace skiff::trace
