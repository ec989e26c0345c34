// SPDX-License-Identifier: Apache-2.0
// Sockets of a network namespace, seen and closed from outside their processes (sock_diag).
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "base/ip.h"
#include "base/port_range.h"
#include "base/result.h"

namespace skiff::net {

struct ConnectedSocket {
  uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP
  IpAddress local;
  uint16_t local_port = 0;  // host order
  IpAddress peer;
  uint16_t peer_port = 0;  // host order
  uint64_t cookie = 0;     // as bpf_get_socket_cookie() gives it
};

// Ends the connections of those TCP sockets, and the association of those connected UDP sockets, of
// the calling thread's namespace that `chosen` says: their programs get ECONNABORTED. Returns how
// many. Needs a kernel with CONFIG_INET_DIAG_DESTROY; NotFound or Unimplemented where it is
// missing.
Result<int> abort_connected(const std::function<bool(const ConnectedSocket&)>& chosen);

// Connected UDP sockets of the calling thread's namespace.
Result<std::vector<ConnectedSocket>> connected_datagram_sockets();

// The local ports within `range` that sockets of the calling thread's namespace hold, TCP or UDP,
// in whatever state.
Result<std::set<uint16_t>> ports_in_use(const PortRange& range);

}  // namespace skiff::net
