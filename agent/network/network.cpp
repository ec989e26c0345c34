// SPDX-License-Identifier: Apache-2.0
#include "agent/network/network.h"

#include <spdlog/spdlog.h>

#include "agent/network/pod_link.h"
#include "agent/network/shaping.h"
#include "base/file.h"

namespace skiff::network {
namespace {

constexpr const char* kTombstones = "cni-tombstones";

// "container@interface", as the plugin names a tombstone.
bool is_key(const std::string& name) {
  const size_t at = name.find('@');
  return at != std::string::npos && at > 0 && at + 1 < name.size();
}

// The node's own ranges alone: before the nodes were listed nothing may be removed for want of one.
Status block_own_ranges(const PeerNode& self) {
  ASSIGN_OR_RETURN(net::Netlink netlink, net::Netlink::open());
  return apply(netlink, {.replace = plan_routes({}, self, {}, {}).replace});
}

// False if the link is gone, and with it the pod.
Result<bool> take_up(Attachment& attachment, const Uplink& uplink) {
  ASSIGN_OR_RETURN(const bool present, has_pod_link(attachment));
  if (!present) return false;
  RETURN_IF_ERROR(program_host_end(attachment));
  ASSIGN_OR_RETURN(attachment.shaping, shape_pod_link(attachment, uplink), "bandwidth");
  return true;
}

}  // namespace

Network::Network(Executor executor, Options options, const Clock& clock, Attacher* attacher)
    : executor_(executor),
      options_(std::move(options)),
      clock_(clock),
      attacher_(attacher),
      workers_(options_.workers),
      journal_(options_.data_directory / "network" / "attachments"),
      lock_(executor),
      server_(executor, socket_path(),
              [this](CniCall request) { return call(std::move(request)); }) {}

Network::~Network() {
  server_.stop();
}

awaitable<Status> Network::start() {
  const Result<Uplink> uplink = co_await offload(workers_, [this]() -> Result<Uplink> {
    ASSIGN_OR_RETURN(Uplink found, resolve_uplink(options_.uplink));
    RETURN_IF_ERROR(prepare_node(found, SavedSettings(options_.data_directory)));
    RETURN_IF_ERROR(journal_.prepare());
    RETURN_IF_ERROR(make_directories(options_.run_directory / kTombstones, 0700));
    return found;
  });
  CO_RETURN_IF_ERROR(uplink, "start pod network");
  uplink_ = *uplink;
  pod_mtu_ = options_.mtu != 0 ? options_.mtu : uplink_.mtu;
  // From here on calls wait instead of failing, so no DEL becomes a tombstone behind our back.
  CO_RETURN_IF_ERROR(server_.listen(), "start pod network");
  CO_RETURN_IF_ERROR(co_await restore(), "restore attachments");
  CO_RETURN_IF_ERROR(co_await take_missed_removals(), "take up removals missed while down");
  server_.serve();
  started_ = true;
  co_return absl::OkStatus();
}

awaitable<Status> Network::restore() {
  int discarded = 0;
  auto found = co_await offload(workers_, [&] { return journal_.read_all(discarded); });
  CO_RETURN_IF_ERROR(found);
  if (discarded > 0) spdlog::warn("{} unreadable attachment files removed", discarded);
  std::ranges::sort(*found, {}, &Attachment::created);
  for (const Attachment& attachment : *found) {
    attachments_.emplace(attachment.key(), attachment);
    ipam_.reserve(attachment.addresses);
  }
  for (const Attachment& attachment : *found) {
    const Status status = co_await restore_one(attachment);
    if (!status.ok())
      spdlog::warn("restore attachment of {}/{}: {}, ignoring", attachment.pod_namespace,
                   attachment.pod_name, message(status));
  }
  co_return absl::OkStatus();
}

awaitable<Status> Network::restore_one(Attachment attachment) {
  if (!attachment.attached) co_return co_await remove(attachment.key());
  const Result<bool> present =
      co_await offload(workers_, [&] { return take_up(attachment, uplink_); });
  CO_RETURN_IF_ERROR(present);
  if (!*present) co_return co_await remove(attachment.key());
  attachments_[attachment.key()] = attachment;
  if (attacher_ != nullptr) CO_RETURN_IF_ERROR(co_await attacher_->attach(attachment));
  notify(attachment, true);
  co_return absl::OkStatus();
}

awaitable<Status> Network::take_missed_removals() {
  auto keys = co_await offload(
      workers_, [this] { return take_tombstones(options_.run_directory / kTombstones); });
  std::erase_if(keys, [](const std::string& key) { return !is_key(key); });
  co_return co_await remove_all(std::move(keys));
}

awaitable<Status> Network::set_ranges(std::vector<Cidr> ranges) {
  CO_RETURN_IF_ERROR(ipam_.set_ranges(ranges));
  const Attachment* newest = nullptr;
  for (const auto& [key, attachment] : attachments_)
    if (newest == nullptr || attachment.created > newest->created) newest = &attachment;
  if (newest != nullptr) ipam_.continue_after(newest->addresses);
  const PeerNode self{.name = options_.node_name, .pod_ranges = std::move(ranges)};
  co_return co_await offload(workers_, [this, &self] {
    RETURN_IF_ERROR(block_own_ranges(self));
    if (options_.conf_directory.empty()) return absl::OkStatus();
    return write_conflist(options_.conf_directory, socket_path());
  });
}

std::vector<Attachment> Network::pods() const {
  std::vector<Attachment> pods;
  for (const auto& [key, attachment] : attachments_)
    if (attachment.attached) pods.push_back(attachment);
  return pods;
}

const Attachment* Network::find(const std::string& container_id,
                                const std::string& interface) const {
  const auto it = attachments_.find(container_id + "@" + interface);
  return it == attachments_.end() || !it->second.attached ? nullptr : &it->second;
}

void Network::subscribe(Observer observer) {
  for (const Attachment& attachment : pods()) observer(attachment, true);
  observers_.push_back(std::move(observer));
}

awaitable<Status> Network::collect(std::set<std::string> live, TimePoint listed_at) {
  std::vector<std::string> gone;
  for (const auto& [key, attachment] : attachments_)
    if (attachment.attached && attachment.created + kSandboxStart < listed_at &&
        !live.contains(attachment.container_id))
      gone.push_back(key);
  Status status = co_await remove_all(std::move(gone));
  // Also those of a plugin that found no socket just before listen().
  status.Update(co_await take_missed_removals());
  co_return status;
}

awaitable<Status> Network::collect_gone() {
  const std::vector<Attachment> present = pods();
  std::vector<std::string> gone = co_await offload(workers_, [&present] {
    std::vector<std::string> keys;
    for (const Attachment& attachment : present)
      if (const auto there = has_pod_link(attachment); there.ok() && !*there)
        keys.push_back(attachment.key());
    return keys;
  });
  Status status = co_await remove_all(std::move(gone));
  status.Update(co_await take_missed_removals());
  co_return status;
}

awaitable<Status> Network::remove_all(std::vector<std::string> keys) {
  Status first = absl::OkStatus();
  for (const std::string& key : keys) first.Update(co_await remove(key));
  co_return first;
}

Status Network::uninstall() {
  if (options_.conf_directory.empty()) return absl::OkStatus();
  return remove_conflist(options_.conf_directory);
}

void Network::notify(const Attachment& attachment, bool attached) {
  for (const Observer& observer : observers_) observer(attachment, attached);
}

}  // namespace skiff::network
