// SPDX-License-Identifier: Apache-2.0
#include "agent/net/socket_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <array>
#include <vector>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

// States of a socket that has a peer. ESTABLISHED is also what a connected UDP socket is in; of TCP
// all but LISTEN, CLOSE, TIME_WAIT and requests that are no sockets yet (tcp_states.h).
constexpr uint32_t kEstablished = 1u << 1;
constexpr uint32_t kTcpWithPeer =
    kEstablished | 1u << 2 | 1u << 4 | 1u << 5 | 1u << 8 | 1u << 9 | 1u << 11;

inet_diag_req_v2 request_for(uint8_t family, uint8_t protocol) {
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = protocol;
  request.idiag_states = protocol == IPPROTO_TCP ? kTcpWithPeer : kEstablished;
  return request;
}

IpAddress address_of(uint8_t family, const __be32 (&words)[4]) {
  if (family == AF_INET) return IpAddress::v4(ntohl(words[0]));
  std::array<uint8_t, 16> bytes;
  std::copy_n(reinterpret_cast<const uint8_t*>(words), 16, bytes.begin());
  return IpAddress(bytes);
}

ConnectedSocket socket_of(const inet_diag_msg& found, uint8_t protocol) {
  ConnectedSocket socket;
  socket.protocol = protocol;
  socket.local = address_of(found.idiag_family, found.id.idiag_src);
  socket.local_port = ntohs(found.id.idiag_sport);
  socket.peer = address_of(found.idiag_family, found.id.idiag_dst);
  socket.peer_port = ntohs(found.id.idiag_dport);
  socket.cookie = uint64_t{found.id.idiag_cookie[1]} << 32 | found.id.idiag_cookie[0];
  return socket;
}

Result<int> abort_chosen(Netlink& netlink, uint8_t family, uint8_t protocol,
                         const std::function<bool(const ConnectedSocket&)>& chosen) {
  const auto parse = [&](nlmsghdr* object) -> std::optional<inet_diag_msg> {
    if (object->nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
    const auto* found = static_cast<const inet_diag_msg*>(nlmsg_data(object));
    return chosen(socket_of(*found, protocol)) ? std::optional(*found) : std::nullopt;
  };
  ASSIGN_OR_RETURN(
      const auto sockets,
      dump<inet_diag_msg>(netlink, SOCK_DIAG_BY_FAMILY, request_for(family, protocol), parse),
      "list sockets");
  int aborted = 0;
  for (const inet_diag_msg& socket : sockets) {
    inet_diag_req_v2 request = request_for(family, protocol);
    request.id = socket.id;
    Message message(SOCK_DESTROY, 0, request);
    const Status status = netlink.request(message);
    if (status.code() == StatusCode::kNotFound) continue;  // closed meanwhile
    RETURN_IF_ERROR(status, "abort a socket");
    ++aborted;
  }
  return aborted;
}

// "source port >= first and <= last", as the kernel filters for us: an operation and its operand
// each; to jump four bytes past the end is to leave the socket out.
std::array<inet_diag_bc_op, 4> filter_for(const PortRange& range) {
  constexpr auto kPair = static_cast<uint8_t>(2 * sizeof(inet_diag_bc_op));
  constexpr auto kAll = static_cast<uint16_t>(4 * sizeof(inet_diag_bc_op));
  return {{{INET_DIAG_BC_S_GE, kPair, kAll + 4},
           {INET_DIAG_BC_NOP, 0, range.first},
           {INET_DIAG_BC_S_LE, kPair, kAll - kPair + 4},
           {INET_DIAG_BC_NOP, 0, range.last}}};
}

}  // namespace

Result<std::set<uint16_t>> ports_in_use(const PortRange& range) {
  ASSIGN_OR_RETURN(Netlink netlink, Netlink::open(NETLINK_SOCK_DIAG));
  const auto filter = filter_for(range);
  std::set<uint16_t> ports;
  for (const uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
    for (const uint8_t family : {AF_INET, AF_INET6}) {
      inet_diag_req_v2 request = request_for(family, protocol);
      request.idiag_states = UINT32_MAX;
      Message message(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, request);
      message.put(INET_DIAG_REQ_BYTECODE, filter.data(), sizeof(filter));
      RETURN_IF_ERROR(netlink.query(message,
                                    [&](nlmsghdr* object) {
                                      if (object->nlmsg_type != SOCK_DIAG_BY_FAMILY) return;
                                      const auto* found =
                                          static_cast<const inet_diag_msg*>(nlmsg_data(object));
                                      ports.insert(ntohs(found->id.idiag_sport));
                                    }),
                      "list sockets");
    }
  }
  return ports;
}

Result<std::vector<ConnectedSocket>> connected_datagram_sockets() {
  ASSIGN_OR_RETURN(Netlink netlink, Netlink::open(NETLINK_SOCK_DIAG));
  const auto parse = [](nlmsghdr* object) -> std::optional<ConnectedSocket> {
    if (object->nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
    return socket_of(*static_cast<const inet_diag_msg*>(nlmsg_data(object)), IPPROTO_UDP);
  };
  std::vector<ConnectedSocket> sockets;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    ASSIGN_OR_RETURN(const auto some,
                     dump<ConnectedSocket>(netlink, SOCK_DIAG_BY_FAMILY,
                                           request_for(family, IPPROTO_UDP), parse),
                     "list sockets");
    sockets.insert(sockets.end(), some.begin(), some.end());
  }
  return sockets;
}

Result<int> abort_connected(const std::function<bool(const ConnectedSocket&)>& chosen) {
  ASSIGN_OR_RETURN(Netlink netlink, Netlink::open(NETLINK_SOCK_DIAG));
  int aborted = 0;
  for (const uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
    for (const uint8_t family : {AF_INET, AF_INET6}) {
      ASSIGN_OR_RETURN(const int some, abort_chosen(netlink, family, protocol, chosen), "{}",
                       protocol == IPPROTO_TCP ? "TCP" : "UDP");
      aborted += some;
    }
  }
  return aborted;
}

}  // namespace skiff::net
