// SPDX-License-Identifier: Apache-2.0
// Sockets of a network namespace, seen and closed from outside their processes (sock_diag).
#pragma once

#include <functional>

#include "base/ip.h"
#include "base/result.h"

namespace skiff::net {

struct ConnectedUdp {
  IpAddress peer;
  uint16_t peer_port = 0;  // host order
  uint64_t cookie = 0;     // as bpf_get_socket_cookie() gives it
};

// Ends the association of the connected UDP sockets of the calling thread's namespace that `chosen`
// says: their programs get ECONNABORTED and ask anew. Returns how many. Needs a kernel with
// CONFIG_INET_DIAG_DESTROY; NotFound or Unimplemented where it is missing.
Result<int> abort_connected_udp(const std::function<bool(const ConnectedUdp&)>& chosen);

}  // namespace skiff::net
