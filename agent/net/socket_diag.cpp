// SPDX-License-Identifier: Apache-2.0
#include "agent/net/socket_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <vector>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

constexpr uint32_t kConnected = 1u << 1;  // TCP_ESTABLISHED: what a connected UDP socket is in

inet_diag_req_v2 request_for(uint8_t family) {
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = IPPROTO_UDP;
  request.idiag_states = kConnected;
  return request;
}

ConnectedUdp socket_of(const inet_diag_msg& found) {
  ConnectedUdp socket;
  socket.peer_port = ntohs(found.id.idiag_dport);
  socket.cookie = uint64_t{found.id.idiag_cookie[1]} << 32 | found.id.idiag_cookie[0];
  if (found.idiag_family == AF_INET) {
    socket.peer = IpAddress::v4(ntohl(found.id.idiag_dst[0]));
  } else {
    std::array<uint8_t, 16> bytes;
    std::copy_n(reinterpret_cast<const uint8_t*>(found.id.idiag_dst), 16, bytes.begin());
    socket.peer = IpAddress(bytes);
  }
  return socket;
}

}  // namespace

Result<int> abort_connected_udp(const std::function<bool(const ConnectedUdp&)>& chosen) {
  ASSIGN_OR_RETURN(Netlink netlink, Netlink::open(NETLINK_SOCK_DIAG));
  int aborted = 0;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    const auto parse = [&](nlmsghdr* object) -> std::optional<inet_diag_msg> {
      if (object->nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
      const auto* found = static_cast<const inet_diag_msg*>(nlmsg_data(object));
      return chosen(socket_of(*found)) ? std::optional(*found) : std::nullopt;
    };
    ASSIGN_OR_RETURN(const auto sockets,
                     dump<inet_diag_msg>(netlink, SOCK_DIAG_BY_FAMILY, request_for(family), parse),
                     "list UDP sockets");
    for (const inet_diag_msg& socket : sockets) {
      inet_diag_req_v2 request = request_for(family);
      request.id = socket.id;
      Message message(SOCK_DESTROY, 0, request);
      const Status status = netlink.request(message);
      if (status.code() == StatusCode::kNotFound) continue;  // closed meanwhile
      RETURN_IF_ERROR(status, "abort a UDP socket");
      ++aborted;
    }
  }
  return aborted;
}

}  // namespace skiff::net
