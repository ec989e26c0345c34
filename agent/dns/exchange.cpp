// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/exchange.h"

#include <map>

namespace skiff::dns {

std::string type_name(uint16_t type) {
  static const std::map<uint16_t, const char*> kNames = {
      {1, "A"},     {2, "NS"},     {5, "CNAME"}, {6, "SOA"},  {12, "PTR"},
      {15, "MX"},   {16, "TXT"},   {28, "AAAA"}, {33, "SRV"}, {35, "NAPTR"},
      {64, "SVCB"}, {65, "HTTPS"}, {255, "ANY"}};
  const auto known = kNames.find(type);
  return known == kNames.end() ? fmt::format("TYPE{}", type) : known->second;
}

std::string rcode_name(Rcode rcode) {
  switch (rcode) {
    case Rcode::kNoError:
      return "NOERROR";
    case Rcode::kFormErr:
      return "FORMERR";
    case Rcode::kServFail:
      return "SERVFAIL";
    case Rcode::kNxDomain:
      return "NXDOMAIN";
    case Rcode::kNotImp:
      return "NOTIMP";
    case Rcode::kRefused:
      return "REFUSED";
    default:
      return fmt::format("RCODE{}", static_cast<int>(rcode));
  }
}

}  // namespace skiff::dns
