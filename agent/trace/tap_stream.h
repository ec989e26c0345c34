// SPDX-License-Identifier: Apache-2.0
// GET /taps on the node's API: the packets that an expression asks for, as they pass the programs,
// until the client goes, enough were sent, or the time is over. Belongs to the loop.
#pragma once

#include <chrono>
#include <string>

#include "agent/trace/expression.h"
#include "agent/trace/names.h"
#include "agent/trace/taps.h"
#include "base/http/message.h"

namespace skiff::trace {

// As a query: ?filter=…&snap=128&count=10&seconds=60
struct TapRequest {
  Expression expression;  // without names
  uint16_t snap = 0;      // bytes of each packet
  uint64_t count = 0;     // 0: no limit but the tap's own
  std::chrono::seconds duration{600};
};
Result<TapRequest> parse_tap_query(const http::Query& query);
http::Query tap_query(const TapRequest& request);

class TapHandler final : public http::Handler {
 public:
  // Both outlive it.
  TapHandler(Taps& taps, Names& names) : taps_(taps), names_(names) {}
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  Taps& taps_;
  Names& names_;
};

}  // namespace skiff::trace
