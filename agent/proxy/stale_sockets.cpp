// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/stale_sockets.h"

#include <algorithm>

#include "agent/net/netns.h"
#include "agent/net/socket_diag.h"

namespace skiff::proxy {

Result<int> abort_sockets(std::vector<datapath::ReverseSocketKey> stale,
                          std::vector<std::string> namespaces) {
  std::sort(stale.begin(), stale.end(), datapath::BytesLess());
  const auto abort_here = [&] {
    return net::abort_connected_udp([&](const net::ConnectedUdp& socket) {
      datapath::ReverseSocketKey key{};
      key.cookie = socket.cookie;
      key.backend.address = datapath::to_abi(socket.peer);
      key.backend.port = datapath::port_be(socket.peer_port);
      return std::binary_search(stale.begin(), stale.end(), key, datapath::BytesLess());
    });
  };
  ASSIGN_OR_RETURN(int aborted, abort_here());
  for (const std::string& path : namespaces) {
    const auto netns = net::Netns::open(path);
    if (!netns.ok()) continue;  // the pod has gone
    ASSIGN_OR_RETURN(const int in_pod, netns->run(abort_here), "{}", path);
    aborted += in_pod;
  }
  return aborted;
}

}  // namespace skiff::proxy
