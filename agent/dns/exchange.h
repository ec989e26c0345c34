// SPDX-License-Identifier: Apache-2.0
// One question and what became of it, for whoever watches.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "agent/dns/record.h"
#include "base/ip.h"

namespace skiff::dns {

// Both ends of a query; unspecified where nobody knows.
struct Ends {
  IpAddress client;
  uint16_t client_port = 0;
  IpAddress server;
};

struct Exchange {
  Ends ends;
  bool udp = true;
  Question question;
  Rcode rcode = Rcode::kNoError;
  std::vector<IpAddress> addresses;    // in the answer
  std::vector<uint16_t> answer_types;  // of its records, each once
  bool forwarded = false;              // others were asked
  std::chrono::nanoseconds took{0};
};

// Called on the loop, after the answer is known and before it is sent.
using ExchangeObserver = std::function<void(const Exchange&)>;

// "A", "AAAA", "HTTPS"; "TYPE257" for those without a name here. "NOERROR", "NXDOMAIN".
std::string type_name(uint16_t type);
std::string rcode_name(Rcode rcode);

}  // namespace skiff::dns
