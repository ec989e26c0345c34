// SPDX-License-Identifier: Apache-2.0
// What a person writes to say which packets, as what the agents are told: skiff's own words where
// they suffice (agent/trace/expression.h), because those look at a packet before and after
// translation; else tcpdump's, compiled by libpcap (ADR 0050), with pods and Services among them.
#pragma once

#include <string>

#include "agent/trace/tap_query.h"
#include "cli/packets/names.h"

namespace skiff::cli {

// Sets `expression` or `pcap` of the request. INVALID_ARGUMENT says what neither grammar could
// read.
Status set_filter(const std::string& text, const ClusterNames& names, trace::TapRequest& request);

// "pod shop/web and tcp[13] & 2 != 0" with addresses in the place of names.
Result<std::string> in_words_of_tcpdump(const std::string& text, const ClusterNames& names);
// For frames that begin with an Ethernet header.
Result<trace::PcapFilter> compile_pcap(const std::string& text);

}  // namespace skiff::cli
