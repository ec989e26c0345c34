// SPDX-License-Identifier: Apache-2.0
#include "base/http/wire_stream.h"

namespace skiff::http {
namespace {

awaitable<Result<size_t>> read_inbox(std::shared_ptr<Inbox> inbox, asio::mutable_buffer into) {
  while (inbox->bytes().empty()) {
    const bool more = co_await inbox->more();
    if (more) break;
    CO_RETURN_IF_ERROR(inbox->status());
    co_return size_t{0};
  }
  const size_t count = std::min(into.size(), inbox->bytes().size());
  inbox->bytes().copy(static_cast<char*>(into.data()), count);
  inbox->consume(count);
  co_return count;
}

awaitable<Result<size_t>> read_wire(std::shared_ptr<Wire> wire, asio::mutable_buffer into) {
  co_return co_await wire->read(into);
}

awaitable<Status> write_wire(std::shared_ptr<Wire> wire, asio::const_buffer bytes) {
  co_return co_await wire->write(bytes);
}

awaitable<void> shutdown_wire(std::shared_ptr<Wire> wire) {
  co_await wire->shutdown();
}

}  // namespace

WireStream::WireStream(std::shared_ptr<Wire> wire, std::shared_ptr<Inbox> inbox,
                       std::shared_ptr<void> keep)
    : wire_(std::move(wire)), inbox_(std::move(inbox)), keep_(std::move(keep)) {}

WireStream::~WireStream() {
  wire_->close();
}

awaitable<Result<size_t>> WireStream::read(asio::mutable_buffer into) {
  return inbox_ == nullptr ? read_wire(wire_, into) : read_inbox(inbox_, into);
}

awaitable<Status> WireStream::write(asio::const_buffer bytes) {
  return write_wire(wire_, bytes);
}

awaitable<void> WireStream::shutdown() {
  return shutdown_wire(wire_);
}

void WireStream::close() {
  wire_->close();
}

}  // namespace skiff::http
