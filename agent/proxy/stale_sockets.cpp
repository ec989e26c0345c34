// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/stale_sockets.h"

#include <netinet/in.h>

#include <algorithm>

#include "agent/datapath/socket_abort.h"
#include "agent/net/netns.h"
#include "agent/net/socket_diag.h"

namespace skiff::proxy {
namespace {

// A namespace may go while it is visited.
template <class Visit>
Status visit_namespaces(const Visit& visit) {
  for (const net::Netns& netns : net::Netns::list_all())
    RETURN_IF_ERROR(netns.run(visit), "network namespace");
  return absl::OkStatus();
}

Result<int> abort_by_sock_diag(std::vector<datapath::StaleSocket> stale) {
  std::sort(stale.begin(), stale.end(), datapath::BytesLess());
  int aborted = 0;
  RETURN_IF_ERROR(visit_namespaces([&]() -> Status {
    ASSIGN_OR_RETURN(const int here, net::abort_connected([&](const net::ConnectedSocket& socket) {
                       datapath::StaleSocket key{};
                       key.protocol = socket.protocol;
                       key.cookie = socket.cookie;
                       key.backend.address = datapath::to_abi(socket.peer);
                       key.backend.port = datapath::port_be(socket.peer_port);
                       return std::binary_search(stale.begin(), stale.end(), key,
                                                 datapath::BytesLess());
                     }));
    aborted += here;
    return absl::OkStatus();
  }));
  return aborted;
}

}  // namespace

Result<std::vector<BalancedSocket>> sockets_of(
    const datapath::Map<datapath::ReverseSocketKey, datapath::ReverseSocket>& sockets,
    const LostBackends& lost) {
  std::vector<BalancedSocket> concerned;
  RETURN_IF_ERROR(sockets.for_each(
      [&](const datapath::ReverseSocketKey& key, const datapath::ReverseSocket& value) {
        for (const uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP})
          if (lost.concern(protocol, key.backend))
            concerned.push_back({{key.cookie, key.backend, protocol}, value.frontend});
      }));
  return concerned;
}

Result<int> abort_sockets(std::vector<datapath::StaleSocket> stale) {
  const auto aborter = datapath::SocketAborter::load(stale);
  if (aborter.status().code() == StatusCode::kUnimplemented)
    return abort_by_sock_diag(std::move(stale));
  RETURN_IF_ERROR(aborter.status());
  RETURN_IF_ERROR(visit_namespaces([&] { return (*aborter)->run(); }));
  return (*aborter)->aborted();
}

}  // namespace skiff::proxy
