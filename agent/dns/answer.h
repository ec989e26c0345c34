// SPDX-License-Identifier: Apache-2.0
// The Kubernetes DNS specification 1.1.0 as a pure function.
#pragma once

#include <vector>

#include "agent/dns/view.h"

namespace skiff::dns {

// What this server is the authority for.
struct Zone {
  Labels domain = {"cluster", "local"};
  std::vector<IpAddress> addresses;  // of this server
  std::vector<Cidr> reverse_ranges;  // addresses whose reverse names are never asked of others
  uint32_t ttl = 5;
};

struct Reply {
  bool authoritative = true;
  Rcode rcode = Rcode::kNoError;
  std::vector<Record> answers;
  std::vector<Record> authority;
  std::vector<Record> additional;
  // The question, or what a CNAME in `answers` leads to, lies outside: somebody else has to be
  // asked for it.
  std::optional<Question> forward;
};

// NXDOMAIN where no record of any type has the name or lies below it, else an empty answer; both
// with the SOA that says how long to remember.
Reply answer(const Question& question, const View& view, const Zone& zone);

}  // namespace skiff::dns
