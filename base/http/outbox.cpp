// SPDX-License-Identifier: Apache-2.0
#include "base/http/outbox.h"

namespace skiff::http {
namespace {
constexpr size_t kKeepBytes = 64 * 1024;
}

Outbox::Outbox(const Executor& executor, std::shared_ptr<Wire> wire,
               std::chrono::steady_clock::duration stall)
    : executor_(executor),
      wire_(std::move(wire)),
      stall_(stall),
      deadline_(executor, wire_),
      drained_(executor) {}

void Outbox::flush_soon() {
  if (running_ || !status_.ok()) return;
  running_ = true;
  // Posted, so that what the handlers of this turn still have to say goes along.
  asio::post(executor_,
             [self = shared_from_this()] { spawn(self->executor_, "http outbox", run(self)); });
}

awaitable<Status> Outbox::room(size_t limit) {
  const auto keep = shared_from_this();
  while (status_.ok() && pending_.size() >= limit) {
    flush_soon();
    co_await drained_.wait();
  }
  co_return status_;
}

awaitable<Status> Outbox::flush() {
  const auto keep = shared_from_this();
  if (!pending_.empty()) flush_soon();
  while (status_.ok() && running_) co_await drained_.wait();
  co_return status_;
}

awaitable<Status> Outbox::write(asio::const_buffer bytes) {
  const auto keep = shared_from_this();
  CO_RETURN_IF_ERROR(co_await flush());
  deadline_.arm(stall_);
  const Status sent = co_await wire_->write(bytes);
  deadline_.disarm();
  if (!sent.ok() && status_.ok()) status_ = sent;
  co_return status_;
}

bool Outbox::refill() {
  if (pending_.empty() && source_) source_(pending_);
  sending_.clear();
  sending_.swap(pending_);
  return !sending_.empty();
}

awaitable<void> Outbox::run(std::shared_ptr<Outbox> self) {
  for (bool again = false; self->status_.ok() && self->refill(); again = true) {
    if (again) co_await asio::post(asio::use_awaitable);  // others get the loop, too
    self->deadline_.arm(self->stall_);
    self->status_ = co_await self->wire_->write(asio::buffer(self->sending_));
    self->deadline_.disarm();
    self->drained_.notify();
  }
  self->running_ = false;
  if (self->sending_.capacity() > kKeepBytes) self->sending_ = {};
  if (self->pending_.empty() && self->pending_.capacity() > kKeepBytes) self->pending_ = {};
  self->drained_.notify();
  if (self->status_.ok()) co_return;
  self->wire_->close();
  if (const auto fn = std::exchange(self->on_failure_, nullptr)) fn();
}

}  // namespace skiff::http
