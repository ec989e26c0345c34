// SPDX-License-Identifier: Apache-2.0
// What tracing answers to the command line, below /observe/ of the node's own API: that is where
// clients prove who they are.
//
//   GET /observe/flows?last=&since=&until=&follow=&stack=&<filter>
//                           records, one JSON object a line; the last tells of losses: {"lost":{}}
//   GET /observe/drops      reasons and places with their counts
//   GET /observe/status     what is seen, kept and lost
#pragma once

#include <string>

#include "agent/datapath/trace.h"
#include "agent/trace/hub.h"
#include "agent/trace/names.h"
#include "base/http/message.h"

namespace skiff::trace {

// "UDP 10.0.0.1:53 -> [fd00::1]:40000", without the ports where there are none.
std::string describe_packet(const skiff_tuple& tuple);

// Belongs to the loop; what it is given outlives it.
class Api final : public http::Handler {
 public:
  Api(Hub& hub, Names& names, datapath::TraceMaps& maps, std::string pin_dir)
      : hub_(hub), names_(names), maps_(maps), pin_dir_(std::move(pin_dir)) {}

  awaitable<void> serve(http::Request request, http::ResponseWriter& writer) override;

 private:
  awaitable<Status> route(http::Request request, http::ResponseWriter& writer);
  awaitable<Status> flows(http::Request request, http::ResponseWriter& writer);
  Result<std::string> drops() const;
  Status want_stacks(std::chrono::seconds duration);
  std::string status() const;

  Hub& hub_;
  Names& names_;
  datapath::TraceMaps& maps_;
  std::string pin_dir_;
};

}  // namespace skiff::trace
