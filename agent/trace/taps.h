// SPDX-License-Identifier: Apache-2.0
// Taps: every packet that matches, for a while. A tap is bounded in time and number and ends in the
// kernel by itself, also when the agent dies. Belongs to the loop.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/datapath/trace.h"
#include "agent/trace/event.h"
#include "agent/trace/pcap_filter.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/ip.h"

namespace skiff::trace {

// Which packets. What is left out matches all. A packet matches by its tuple before or after
// translation, in either direction if `both_ways`.
struct TapSpec {
  std::optional<Cidr> source;
  std::optional<Cidr> destination;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t protocol = 0;
  bool both_ways = true;
  bool drops_only = false;
  PcapFilter filter;                   // beside all this, on the packet's first bytes
  uint16_t snap = 0;                   // bytes of each packet to copy, at most SKIFF_TAP_SNAP
  uint64_t budget = 100000;            // events
  std::chrono::seconds duration{600};  // at most an hour
};

struct TapRecord {
  TimePoint time;
  skiff_tap_event event{};
  std::string bytes;  // event.captured of them
};
using TapRecordPtr = std::shared_ptr<const TapRecord>;

class Taps;

// One open tap. Destroying it takes the tap out of the kernel; destroy it before Taps.
class Tap {
 public:
  ~Tap();
  Tap(const Tap&) = delete;

  // The next packet; null after `timeout`, or when the tap has ended.
  awaitable<TapRecordPtr> next(std::chrono::nanoseconds timeout);
  // Its time is over or its budget spent, and nothing waits any more.
  bool ended() const;
  uint64_t lost() const { return lost_; }  // this reader was too slow for
  // By which its events are known: bit of skiff_tap_event::taps.
  uint32_t slot() const { return slot_; }

 private:
  friend class Taps;
  Tap(Taps& taps, uint32_t slot, TimePoint until, uint64_t budget);

  Taps& taps_;
  uint32_t slot_;
  TimePoint until_;
  uint64_t left_;
  uint64_t lost_ = 0;
  std::deque<TapRecordPtr> waiting_;
  Event arrived_;
};

class Taps {
 public:
  Taps(const Executor& executor, datapath::TraceMaps& maps, const Clock& clock)
      : executor_(executor), maps_(maps), clock_(clock) {}

  // RESOURCE_EXHAUSTED when all slots are taken; INVALID_ARGUMENT says what is wrong.
  Result<std::unique_ptr<Tap>> open(const TapSpec& spec);
  // From the reader of the ring: an event and the bytes after it.
  void publish(const skiff_tap_event& event, std::string_view bytes);
  size_t open_taps() const { return taps_.size(); }

  // What the kernel gets: pure, for tests.
  static Result<skiff_tap> plan(const TapSpec& spec, uint64_t now_ns);

 private:
  friend class Tap;
  void close(uint32_t slot);
  Status write_control();

  Executor executor_;
  datapath::TraceMaps& maps_;
  const Clock& clock_;
  std::map<uint32_t, Tap*> taps_;  // by slot
  std::map<uint32_t, uint64_t> until_ns_;
  uint32_t filtered_ = 0;  // bit n: slot n has a filter
};

}  // namespace skiff::trace
