// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

void run(std::string_view input) {
  if (const auto address = IpAddress::parse(input); address.ok()) {
    CHECK(input.find('\0') == std::string_view::npos);
    CHECK(*IpAddress::parse(address->to_string()) == *address);
    (void)address->plus(UINT64_MAX);
  }
  if (const auto range = Cidr::parse(input); range.ok()) {
    CHECK(*Cidr::parse(range->to_string()) == *range);
    CHECK(range->contains(range->base()));
  }
}

const Registration kTarget("ip", &run);

}  // namespace
}  // namespace skiff::fuzz
