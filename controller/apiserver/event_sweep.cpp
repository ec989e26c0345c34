// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/event_sweep.h"

#include <algorithm>

#include "api/codec.h"
#include "api/core/event.h"

namespace skiff::apiserver {
namespace {

// The newest of the times an event carries: recorders update them when it happens again.
TimePoint last_seen(const api::Event& event) {
  TimePoint latest =
      std::max({event.metadata.creationTimestamp.at, event.lastTimestamp.at, event.eventTime.at});
  if (event.series) latest = std::max(latest, event.series->lastObservedTime.at);
  return latest;
}

}  // namespace

std::vector<std::string> expired_events(const std::vector<store::RecordPtr>& records,
                                        TimePoint now) {
  std::vector<std::string> keys;
  for (const store::RecordPtr& record : records) {
    const auto event = api::decode_json<api::Event>(*record->value);
    if (event.ok() && last_seen(*event) + kEventLifetime < now) keys.push_back(record->key);
  }
  return keys;
}

awaitable<void> sweep_events(Backend& backend) {
  while (co_await sleep_for(std::chrono::minutes(1))) {
    const auto snapshot = backend.store.list({.prefix = store::registry_prefix("events")});
    if (!snapshot.ok()) continue;
    for (const std::string& key : expired_events(snapshot->records, backend.clock.now()))
      (void)co_await backend.store.remove(key, store::kAnyRevision);
  }
}

}  // namespace skiff::apiserver
