// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/status_writer.h"

#include <boost/json.hpp>

#include "api/codec.h"

namespace skiff::kubelet {
namespace {

constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::seconds kMostRetry{10};

}  // namespace

std::string status_patch(const std::string& uid, const api::PodStatus& status) {
  boost::json::object fields = boost::json::parse(api::encode_json(status)).as_object();
  for (const char* name : {"reason", "message", "podIP", "podIPs", "hostIP", "hostIPs",
                           "initContainerStatuses", "containerStatuses"})
    if (!fields.contains(name)) fields[name] = nullptr;
  return boost::json::serialize(boost::json::object{{"metadata", boost::json::object{{"uid", uid}}},
                                                    {"status", std::move(fields)}});
}

void StatusWriter::set(const api::Pod& pod, const api::PodStatus& status) {
  auto& slot = slots_[pod.metadata.uid];
  if (!slot) {
    slot = std::make_shared<Slot>(executor_);
    slot->key = kube::key_of(pod);
    slot->sent = status_patch(pod.metadata.uid, pod.status);
  }
  std::string patch = status_patch(pod.metadata.uid, status);
  if (patch == (slot->pending ? *slot->pending : slot->sent)) return;
  slot->pending = std::move(patch);
  if (std::exchange(slot->writing, true)) return;
  spawn(executor_, "pod status", write(slot));
}

awaitable<void> StatusWriter::write(std::shared_ptr<Slot> slot) {
  Duration retry = kFirstRetry;
  while (slot->pending) {
    std::string patch = *std::exchange(slot->pending, std::nullopt);
    auto answer =
        co_await client_.patch<api::Pod>(slot->key, kube::PatchType::Merge, patch, "status");
    const StatusCode code = answer.status().code();
    // ABORTED: another pod of the same name has taken its place. INVALID_ARGUMENT: asking again
    // changes nothing.
    if (answer.ok() || code == StatusCode::kNotFound || code == StatusCode::kAborted ||
        code == StatusCode::kInvalidArgument) {
      slot->sent = std::move(patch);
      retry = kFirstRetry;
      continue;
    }
    if (!slot->pending) slot->pending = std::move(patch);
    co_await sleep_for(retry);
    retry = std::min<Duration>(retry * 2, kMostRetry);
  }
  slot->writing = false;
  slot->idle.notify();
}

awaitable<void> StatusWriter::flush(std::string uid) {
  const auto found = slots_.find(uid);
  if (found == slots_.end()) co_return;
  const auto slot = found->second;
  while (slot->writing) co_await slot->idle.wait();
}

}  // namespace skiff::kubelet
