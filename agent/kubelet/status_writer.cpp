// SPDX-License-Identifier: Apache-2.0
#include "agent/kubelet/status_writer.h"

#include <spdlog/spdlog.h>
#include <boost/json.hpp>

#include <charconv>

#include "api/codec.h"

namespace skiff::kubelet {
namespace {

constexpr std::chrono::milliseconds kFirstRetry{200};
constexpr std::chrono::seconds kMostRetry{10};

// Opaque by contract, a growing number in every API server there is.
int64_t version_of(const api::Pod& pod) {
  int64_t version = 0;
  const std::string& text = pod.metadata.resourceVersion;
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

}  // namespace

std::string status_patch(const std::string& uid, const api::PodStatus& status) {
  boost::json::object fields = boost::json::parse(api::encode_json(status)).as_object();
  for (const char* name : {"reason", "message", "podIP", "podIPs", "hostIP", "hostIPs",
                           "initContainerStatuses", "containerStatuses"})
    if (!fields.contains(name)) fields[name] = nullptr;
  return boost::json::serialize(boost::json::object{{"metadata", boost::json::object{{"uid", uid}}},
                                                    {"status", std::move(fields)}});
}

bool shows(const api::PodStatus& seen, const std::string& patch) {
  const boost::json::value present = boost::json::parse(api::encode_json(seen));
  const boost::json::value wanted = boost::json::parse(patch);
  for (const auto& [name, value] : wanted.at("status").as_object()) {
    const auto* found = present.as_object().if_contains(name);
    if (found ? *found != value : !value.is_null()) return false;
  }
  return true;
}

void StatusWriter::set(const api::Pod& pod, const api::PodStatus& status) {
  auto& slot = slots_[pod.metadata.uid];
  if (!slot) {
    slot = std::make_shared<Slot>(executor_);
    slot->key = kube::key_of(pod);
  }
  std::string patch = status_patch(pod.metadata.uid, status);
  if (slot->pending ? patch == *slot->pending : slot->writing && patch == slot->sent) return;
  const bool seen_own = version_of(pod) >= slot->sent_version;
  if (!slot->writing && (seen_own ? shows(pod.status, patch) : patch == slot->sent)) return;
  slot->pending = std::move(patch);
  if (std::exchange(slot->writing, true)) return;
  spawn(executor_, "pod status", write(slot));
}

awaitable<void> StatusWriter::write(std::shared_ptr<Slot> slot) {
  Duration retry = kFirstRetry;
  while (slot->pending) {
    const std::string patch = *std::exchange(slot->pending, std::nullopt);
    slot->sent = patch;
    auto answer =
        co_await client_.patch<api::Pod>(slot->key, kube::PatchType::Merge, patch, "status");
    const StatusCode code = answer.status().code();
    // ABORTED: another pod of the same name has taken its place. INVALID_ARGUMENT: asking again
    // changes nothing.
    if (code == StatusCode::kInvalidArgument)
      spdlog::error("status of pod {}: {}, giving up on it", slot->key.to_string(),
                    message(answer.status()));
    if (answer.ok() || code == StatusCode::kNotFound || code == StatusCode::kAborted ||
        code == StatusCode::kInvalidArgument) {
      if (answer.ok()) slot->sent_version = version_of(*answer);
      retry = kFirstRetry;
      continue;
    }
    if (!slot->pending) slot->pending = patch;
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
