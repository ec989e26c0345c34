// SPDX-License-Identifier: Apache-2.0
// Which records: what `skiff observe` and `skiff drops` can ask for. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/trace/record.h"
#include "base/http/message.h"
#include "base/ip.h"
#include "base/result.h"

namespace skiff::trace {

// Values of one field are alternatives, fields must all hold; an empty field holds always.
struct Filter {
  std::vector<std::string> pods;        // "namespace/prefix" or "prefix": at either end
  std::vector<std::string> namespaces;  // of either end, or of the Service
  std::vector<std::string> services;    // "namespace/name" or "name"
  std::vector<Cidr> addresses;          // any address of the record
  std::vector<uint16_t> ports;          // any port of the record
  std::vector<Verdict> verdicts;
  std::vector<uint8_t> protocols;
  std::vector<std::string> reasons;
  bool dns = false;  // questions to the node's DNS: beside `protocols`

  bool matches(const FlowRecord& record) const;

 private:
  bool has_protocol(const FlowRecord& record) const;
};

// From query parameters: pod, namespace, service, ip, port, verdict, protocol, reason, each any
// number of times. INVALID_ARGUMENT says which value is wrong and what would be right.
Result<Filter> parse_filter(const http::Query& query);

}  // namespace skiff::trace
