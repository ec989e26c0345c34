// SPDX-License-Identifier: Apache-2.0
#include "agent/net/packet_socket.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace skiff::net {
namespace {

constexpr size_t kLongestFrame = 256;  // of the kinds above; more is cut off and not needed

// Everything else of IPv6 stays in the kernel.
Status keep_solicitations(int fd) {
  constexpr uint32_t kNextHeader = sizeof(ethhdr) + 6;
  constexpr uint32_t kIcmpType = sizeof(ethhdr) + 40;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kNextHeader),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kIcmpType),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_SOLICIT, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, kLongestFrame),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program = {.len = std::size(code), .filter = code};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
    return errno_status(errno, "filter frames");
  return absl::OkStatus();
}

}  // namespace

Result<PacketSocket> PacketSocket::open(int link_index, FrameKind kind) {
  const bool arp = kind == FrameKind::kArp;
  // Of no protocol until its filter is there: nothing gets in before.
  UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_status(errno, "packet socket");
  if (!arp) {
    RETURN_IF_ERROR(keep_solicitations(fd.get()));
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(arp ? ETH_P_ARP : ETH_P_IPV6);
  address.sll_ifindex = link_index;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return errno_status(errno, fmt::format("packet socket of link with index {}", link_index));
  packet_mreq all{};
  all.mr_ifindex = link_index;
  all.mr_type = PACKET_MR_ALLMULTI;
  if (!arp && ::setsockopt(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0)
    return errno_status(errno, "hear multicast");
  return PacketSocket(std::move(fd), link_index);
}

Result<std::optional<std::vector<uint8_t>>> PacketSocket::receive() {
  std::vector<uint8_t> frame(kLongestFrame);
  const ssize_t length = ::recv(fd_.get(), frame.data(), frame.size(), 0);
  if (length < 0) {
    if (errno == EAGAIN || errno == EINTR || errno == ENETDOWN)
      return std::optional<std::vector<uint8_t>>();
    return errno_status(errno, "receive frame");
  }
  frame.resize(static_cast<size_t>(length));
  return std::optional(std::move(frame));
}

Status PacketSocket::send(std::span<const uint8_t> frame) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = link_index_;
  address.sll_halen = ETH_ALEN;
  if (::sendto(fd_.get(), frame.data(), frame.size(), 0,
               reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return errno_status(errno, "send frame");
  return absl::OkStatus();
}

}  // namespace skiff::net
