// SPDX-License-Identifier: Apache-2.0
#include "base/http/inbox.h"

#include <array>

namespace skiff::http {
namespace {
constexpr size_t kReadBytes = 32 * 1024;
constexpr size_t kLimitBytes = 256 * 1024;
constexpr size_t kKeepBytes = 16 * 1024;
}  // namespace

Inbox::Inbox(const Executor& executor, std::shared_ptr<Wire> wire)
    : executor_(executor), wire_(std::move(wire)), arrived_(executor), room_(executor) {}

void Inbox::start() {
  spawn(executor_, "http inbox", run(shared_from_this()));
}

void Inbox::consume(size_t count) {
  const bool was_full = bytes().size() >= kLimitBytes;
  taken_ += count;
  if (taken_ == buffer_.size()) {
    if (buffer_.capacity() > kKeepBytes) {
      buffer_ = {};
    } else {
      buffer_.clear();
    }
    taken_ = 0;
  } else if (taken_ >= kLimitBytes) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  if (was_full) room_.notify();
}

awaitable<bool> Inbox::more() {
  const auto keep = shared_from_this();
  const size_t before = bytes().size();
  while (bytes().size() == before && !ended_) co_await arrived_.wait();
  co_return bytes().size() > before;
}

void Inbox::on_end(std::function<void()> fn) {
  if (ended_ && fn) {
    fn();
  } else {
    on_end_ = std::move(fn);
  }
}

bool Inbox::receive() {
  std::array<char, kReadBytes> chunk;
  while (bytes().size() < kLimitBytes) {
    const auto got = wire_->try_read(asio::buffer(chunk));
    if (!got.ok()) status_ = got.status();
    if (!got.ok() || *got == 0u) return false;
    if (!got->has_value()) return true;
    buffer_.append(chunk.data(), **got);
    arrived_.notify();
  }
  return true;
}

awaitable<void> Inbox::run(std::shared_ptr<Inbox> self) {
  while (self->receive()) {
    if (self->bytes().size() >= kLimitBytes) {
      co_await self->room_.wait();
      continue;
    }
    self->status_ = co_await self->wire_->wait_readable();
    if (!self->status_.ok()) break;
  }
  self->ended_ = true;
  self->arrived_.notify();
  if (const auto fn = std::exchange(self->on_end_, nullptr)) fn();
}

}  // namespace skiff::http
