// SPDX-License-Identifier: Apache-2.0
// Questions and records, without their wire form.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/dns/name.h"

namespace skiff::dns {

// Numbers of the IANA registry; others pass through as numbers.
enum class Type : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kAny = 255,
};

enum class Rcode : uint8_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kNotImp = 4,
  kRefused = 5,
  kBadVers = 16,  // with EDNS only
};

struct Question {
  Labels name;
  Type type = Type::kA;

  auto operator<=>(const Question&) const = default;
};

struct Target {  // NS, CNAME, PTR
  std::string name;
  bool operator==(const Target&) const = default;
};
struct Service {  // SRV
  uint16_t priority = 0;
  uint16_t weight = 0;
  uint16_t port = 0;
  std::string target;
  bool operator==(const Service&) const = default;
};
struct Text {  // TXT
  std::string text;
  bool operator==(const Text&) const = default;
};
struct Authority {  // SOA
  std::string server;
  std::string mailbox;
  uint32_t serial = 1;
  uint32_t negative_ttl = 0;
  bool operator==(const Authority&) const = default;
};

// The names inside are absolute, with their final dot.
struct Record {
  std::string name;
  Type type = Type::kA;
  uint32_t ttl = 0;
  std::variant<IpAddress, Target, Service, Text, Authority> data;  // IpAddress: A and AAAA

  bool operator==(const Record&) const = default;
};

}  // namespace skiff::dns
