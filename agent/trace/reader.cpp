// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/reader.h"

#include <spdlog/spdlog.h>

#include <cstring>

#include "base/file.h"

namespace skiff::trace {

using namespace std::chrono_literals;

namespace {

constexpr auto kPeriod = 20ms;
constexpr int kRoundsPerSecond = 50;

}  // namespace

Reader::Reader(const Executor& executor, std::string pin_dir, Hub& hub, Taps& taps)
    : executor_(executor), pin_dir_(std::move(pin_dir)), hub_(hub), taps_(taps) {}

Result<std::unique_ptr<Reader>> Reader::open(const Executor& executor, const std::string& pin_dir,
                                             Hub& hub, Taps& taps) {
  std::unique_ptr<Reader> reader(new Reader(executor, pin_dir, hub, taps));
  Reader* self = reader.get();
  ASSIGN_OR_RETURN(reader->events_,
                   datapath::Ring::open(pin_dir, "trace_events", [self](std::string_view bytes) {
                     self->deliver_event(bytes);
                   }));
  ASSIGN_OR_RETURN(reader->packets_,
                   datapath::Ring::open(pin_dir, "tap_events", [self](std::string_view bytes) {
                     self->deliver_tap(bytes);
                   }));
  return reader;
}

void Reader::start() {
  spawn(executor_, "trace reader", run());
  spawn(executor_, "trace events", watch(events_->fd()));
  spawn(executor_, "tap events", watch(packets_->fd()));
}

awaitable<void> Reader::run() {
  for (;;) {
    read_all();
    if (++rounds_ % kRoundsPerSecond == 0) count_losses();
    co_await sleep_for(kPeriod);
  }
}

// A ring that fills up says so.
awaitable<void> Reader::watch(int fd) {
  auto own = duplicate(fd);
  if (!own.ok()) {
    spdlog::warn("trace: wait for a ring: {}, ignoring: it is read every 20 ms all the same",
                 message(own.status()));
    co_return;
  }
  asio::posix::stream_descriptor descriptor(executor_, own->release());
  for (;;) {
    const auto [error] = co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                                        asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    read_all();
    co_await sleep_for(1ms);  // others have work too
  }
}

void Reader::read_all() {
  for (const auto* ring : {&events_, &packets_})
    if (const auto count = (*ring)->consume(); !count.ok())
      spdlog::warn("trace: {}, ignoring", message(count.status()));
}

void Reader::deliver_event(std::string_view bytes) {
  skiff_trace_header header;
  if (bytes.size() < sizeof(header)) return;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.kind == SKIFF_TRACE_KERNEL_DROP && bytes.size() >= sizeof(DropEvent)) {
    DropEvent event;
    std::memcpy(&event, bytes.data(), sizeof(event));
    hub_.publish(event);
  } else if (bytes.size() >= sizeof(FlowEvent)) {
    FlowEvent event;
    std::memcpy(&event, bytes.data(), sizeof(event));
    hub_.publish(event);
  }
}

void Reader::deliver_tap(std::string_view bytes) {
  skiff_tap_event event;
  if (bytes.size() < sizeof(event)) return;
  std::memcpy(&event, bytes.data(), sizeof(event));
  bytes.remove_prefix(sizeof(event));
  taps_.publish(event, bytes.substr(0, event.captured));
}

void Reader::count_losses() {
  const auto losses = datapath::read_trace_losses(pin_dir_);
  if (!losses.ok()) return;
  hub_.set_losses(losses->flow.ring_full + losses->drop.ring_full + losses->kernel.ring_full,
                  losses->flow.limited + losses->drop.limited + losses->kernel.limited);
  hub_.set_tap_losses(losses->tap.ring_full, losses->tap.limited);
}

}  // namespace skiff::trace
