// SPDX-License-Identifier: Apache-2.0
// A wire handed out as a ByteStream: closed when destroyed, safe to destroy while an operation of
// it is under way.
#pragma once

#include <memory>

#include "base/http/inbox.h"

namespace skiff::http {

class WireStream final : public ByteStream {
 public:
  // `inbox` null: reads the wire itself. `keep` lives as long as the stream.
  explicit WireStream(std::shared_ptr<Wire> wire, std::shared_ptr<Inbox> inbox = nullptr,
                      std::shared_ptr<void> keep = nullptr);
  ~WireStream() override;

  awaitable<Result<size_t>> read(asio::mutable_buffer into) override;
  awaitable<Status> write(asio::const_buffer bytes) override;
  awaitable<void> shutdown() override;
  void close() override;

 private:
  std::shared_ptr<Wire> wire_;
  std::shared_ptr<Inbox> inbox_;
  std::shared_ptr<void> keep_;
};

}  // namespace skiff::http
