// SPDX-License-Identifier: Apache-2.0
// GET /taps on the node's API: the packets that are asked for, as they pass the programs, until the
// client goes, enough were sent, or the time is over. Belongs to the loop.
#pragma once

#include "agent/trace/hub.h"
#include "agent/trace/names.h"
#include "agent/trace/paths.h"
#include "agent/trace/tap_query.h"
#include "agent/trace/taps.h"
#include "base/http/message.h"

namespace skiff::trace {

class TapHandler final : public http::Handler {
 public:
  // All that is referred to outlives it.
  struct Sources {
    Taps& taps;
    Names& names;
    Hub& hub;
    std::string pin_dir;
  };
  TapHandler(Sources sources, Paths::Namespaces pods, asio::thread_pool& pool)
      : sources_(std::move(sources)), paths_(sources_.pin_dir, std::move(pods), pool) {}
  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  Sources sources_;
  Paths paths_;
};

}  // namespace skiff::trace
