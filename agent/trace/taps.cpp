// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/taps.h"

#include <algorithm>

#include "agent/datapath/flow_gc.h"
#include "agent/trace/record_builder.h"

namespace skiff::trace {

namespace {

constexpr size_t kWaiting = 16384;  // packets waiting for a slow reader
constexpr auto kLongest = std::chrono::hours(1);

// The bits of `cidr` that packets are compared in.
skiff_address mask_of(const Cidr& cidr) {
  std::array<uint8_t, 16> bytes{};
  for (int bit = 0; bit < cidr.mapped_prefix(); ++bit)
    bytes[static_cast<size_t>(bit / 8)] |= static_cast<uint8_t>(0x80 >> (bit % 8));
  return datapath::to_abi(IpAddress(bytes));
}

}  // namespace

Tap::Tap(Taps& taps, uint32_t slot, TimePoint until, uint64_t budget)
    : taps_(taps), slot_(slot), until_(until), left_(budget), arrived_(taps.executor_) {}

Tap::~Tap() {
  taps_.close(slot_);
}

bool Tap::ended() const {
  return waiting_.empty() && (left_ == 0 || taps_.clock_.now() >= until_);
}

awaitable<TapRecordPtr> Tap::next(std::chrono::nanoseconds timeout) {
  if (waiting_.empty()) {
    const auto left = until_ - taps_.clock_.now();
    if (left_ == 0 || left <= std::chrono::nanoseconds(0)) co_return nullptr;
    co_await arrived_.wait(std::min<std::chrono::nanoseconds>(timeout, left));
  }
  if (waiting_.empty()) co_return nullptr;
  TapRecordPtr record = std::move(waiting_.front());
  waiting_.pop_front();
  co_return record;
}

Result<skiff_tap> Taps::plan(const TapSpec& spec, uint64_t now_ns) {
  if (spec.duration <= std::chrono::seconds(0) || spec.duration > kLongest)
    return invalid_argument("duration {}s: from 1s to {}s", spec.duration.count(),
                            std::chrono::seconds(kLongest).count());
  if (spec.budget == 0) return invalid_argument("budget: at least one packet");
  if (spec.snap > SKIFF_TAP_SNAP)
    return invalid_argument("snap {}: at most {} bytes", spec.snap, SKIFF_TAP_SNAP);
  skiff_tap tap{};
  tap.until_ns = now_ns + static_cast<uint64_t>(std::chrono::nanoseconds(spec.duration).count());
  tap.budget = static_cast<int64_t>(spec.budget);
  if (spec.source) {
    tap.source = datapath::to_abi(spec.source->base());
    tap.source_mask = mask_of(*spec.source);
  }
  if (spec.destination) {
    tap.destination = datapath::to_abi(spec.destination->base());
    tap.destination_mask = mask_of(*spec.destination);
  }
  tap.source_port = datapath::port_be(spec.source_port);
  tap.destination_port = datapath::port_be(spec.destination_port);
  tap.protocol = spec.protocol;
  if (spec.both_ways) tap.flags |= SKIFF_TAP_BOTH_WAYS;
  if (spec.drops_only) tap.flags |= SKIFF_TAP_DROPS;
  if (!spec.filter.empty()) tap.flags |= SKIFF_TAP_FILTER;
  tap.snap = spec.snap;
  return tap;
}

Result<std::unique_ptr<Tap>> Taps::open(const TapSpec& spec) {
  ASSIGN_OR_RETURN(const skiff_tap entry,
                   plan(spec, static_cast<uint64_t>(datapath::monotonic_now().count())), "tap");
  uint32_t slot = 0;
  while (slot < SKIFF_TAPS && taps_.contains(slot)) ++slot;
  if (slot == SKIFF_TAPS) return resource_exhausted("tap: all {} are in use", SKIFF_TAPS);
  if (!spec.filter.empty()) {
    RETURN_IF_ERROR(check(spec.filter), "tap");
    RETURN_IF_ERROR(maps_.tap_filters->put(slot, to_abi(spec.filter)), "tap");
  }
  RETURN_IF_ERROR(maps_.taps->put(slot, entry), "tap");
  if (!spec.filter.empty()) filtered_ |= 1U << slot;
  std::unique_ptr<Tap> tap(new Tap(*this, slot, clock_.now() + spec.duration, spec.budget));
  taps_.emplace(slot, tap.get());
  until_ns_[slot] = entry.until_ns;
  RETURN_IF_ERROR(write_control(), "tap");
  return tap;
}

void Taps::close(uint32_t slot) {
  taps_.erase(slot);
  until_ns_.erase(slot);
  filtered_ &= ~(1U << slot);
  // Where this fails the kernel ends the tap by itself, a little later.
  (void)maps_.taps->put(slot, skiff_tap{});
  (void)write_control();
}

Status Taps::write_control() {
  ASSIGN_OR_RETURN(const auto before, maps_.control->get(0));
  skiff_trace_control control = before.value_or(skiff_trace_control{});
  control.taps_until_ns = 0;
  control.filtered = filtered_;
  for (const auto& [slot, until] : until_ns_)
    control.taps_until_ns = std::max<uint64_t>(control.taps_until_ns, until);
  return maps_.control->put(0, control);
}

void Taps::publish(const skiff_tap_event& event, std::string_view bytes) {
  TapRecordPtr record;
  for (const auto& [slot, tap] : taps_) {
    if ((event.taps & (1U << slot)) == 0 || tap->left_ == 0) continue;
    if (record == nullptr)
      record = std::make_shared<const TapRecord>(
          TapRecord{.time = monotonic_zero(clock_) + std::chrono::nanoseconds(event.header.time_ns),
                    .event = event,
                    .bytes = std::string(bytes)});
    --tap->left_;
    if (tap->waiting_.size() >= kWaiting) {
      ++tap->lost_;
      continue;
    }
    tap->waiting_.push_back(record);
    tap->arrived_.notify();
  }
}

}  // namespace skiff::trace
