// SPDX-License-Identifier: Apache-2.0
#include "base/http/deadline.h"

namespace skiff::http {
namespace {
constexpr auto kNever = std::chrono::steady_clock::time_point::max();
}

Deadline::Deadline(const Executor& executor, const std::shared_ptr<Wire>& wire)
    : state_(std::make_shared<State>(State{asio::steady_timer(executor), wire})) {}

Deadline::~Deadline() {
  state_->due = kNever;
  state_->timer.cancel();
}

void Deadline::arm(std::chrono::steady_clock::duration duration) {
  state_->due = std::chrono::steady_clock::now() + duration;
  if (!state_->waiting || state_->due < state_->timer.expiry()) wait(state_);
}

void Deadline::disarm() {
  state_->due = kNever;
}

void Deadline::wait(const std::shared_ptr<State>& state) {
  state->timer.expires_at(state->due);  // ends an earlier wait, if any
  state->waiting = true;
  state->timer.async_wait([state](const boost::system::error_code& error) {
    if (error) return;
    state->waiting = false;
    if (state->due == kNever) return;
    if (std::chrono::steady_clock::now() < state->due) return wait(state);
    state->expired = true;
    if (const auto wire = state->wire.lock()) wire->close();
  });
}

}  // namespace skiff::http
