// SPDX-License-Identifier: Apache-2.0
// A filter as libpcap compiles it: classic BPF. It is run in the kernel by the programs that tap
// packets (bpf/lib/tap_filter.h), so nothing gets there that could run on for ever or out of its
// bounds. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bpf/abi/trace.h"

namespace skiff::trace {

struct PcapFilter {
  std::vector<skiff_filter_instruction> instructions;  // empty: every packet

  bool empty() const { return instructions.empty(); }
};

// "2,40 0 0 12,6 0 0 65535": the count, then each instruction as code, jump if true, jump if false,
// constant; what `tcpdump -ddd` prints, with commas for newlines. INVALID_ARGUMENT names the
// instruction that is wrong.
Result<PcapFilter> parse_pcap_filter(std::string_view text);
std::string to_string(const PcapFilter& filter);

// At most SKIFF_FILTER_MOST known instructions, every jump forward and inside, a return at the end.
Status check(const PcapFilter& filter);

// As a value of `tap_filters`; checked before.
skiff_tap_filter to_abi(const PcapFilter& filter);

}  // namespace skiff::trace
