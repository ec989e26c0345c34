// SPDX-License-Identifier: Apache-2.0
// Sockets that are connected to a backend which no longer serves the Service they asked for:
// nothing on the wire will tell their programs, because nobody is there any more.
#pragma once

#include <vector>

#include "agent/datapath/maps.h"
#include "agent/proxy/frontend_writer.h"

namespace skiff::proxy {

// A socket whose address a program of the datapath has replaced.
struct BalancedSocket {
  datapath::StaleSocket socket;   // as which it would be ended
  datapath::SocketAddress asked;  // the frontend
};

// Those whose backends `lost` concerns, once a protocol. Any thread.
Result<std::vector<BalancedSocket>> sockets_of(
    const datapath::Map<datapath::ReverseSocketKey, datapath::ReverseSocket>& sockets,
    const LostBackends& lost);

// Ends those of `stale`, TCP and UDP, in every network namespace of the machine (a socket's cookie
// is unique): by the kernel's iterators from 6.5, by sock_diag below. Blocks. Returns how many
// there were.
Result<int> abort_sockets(std::vector<datapath::StaleSocket> stale);

}  // namespace skiff::proxy
