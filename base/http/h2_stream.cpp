// SPDX-License-Identifier: Apache-2.0
#include "base/http/h2_stream.h"

#include "base/check.h"

namespace skiff::http {

void SendQueue::push(std::shared_ptr<const std::string> piece) {
  if (piece->empty()) return;
  bytes_ += piece->size();
  pieces_.push_back(std::move(piece));
}

void SendQueue::take(size_t count, std::string& out) {
  CHECK(count <= bytes_);
  bytes_ -= count;
  while (count > 0) {
    const std::string& piece = *pieces_[first_];
    const size_t part = std::min(count, piece.size() - offset_);
    out.append(piece, offset_, part);
    count -= part;
    offset_ += part;
    if (offset_ == piece.size()) {
      pieces_[first_++].reset();
      offset_ = 0;
    }
  }
  if (first_ == pieces_.size()) clear();
}

void SendQueue::clear() {
  pieces_.clear();
  first_ = offset_ = bytes_ = 0;
}

}  // namespace skiff::http
