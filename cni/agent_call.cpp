// SPDX-License-Identifier: Apache-2.0
#include "cni/agent_call.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace skiff::cni {
namespace {

constexpr uint32_t kMaxFrameBytes = 4 << 20;
// Longer than any call takes, shorter than the runtime's own patience (containerd: two minutes).
constexpr timeval kPatience = {60, 0};

struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

AgentAnswer failure(const char* what) {
  AgentAnswer answer;
  const bool late = errno == EAGAIN || errno == EWOULDBLOCK;
  if (late) answer.outcome = AgentAnswer::Outcome::kTimedOut;
  answer.reason = std::string(what) + ": " + (late ? "no answer in time" : std::strerror(errno));
  return answer;
}

bool send_all(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    data += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

bool receive_all(int fd, char* data, size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(fd, data, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = ECONNRESET;
    if (got <= 0) return false;
    data += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

AgentAnswer call_agent(const std::string& socket_path, const std::string& body) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return failure("connect");
  }
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size());
  const Socket socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket.fd < 0) return failure("socket");
  ::setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (::connect(socket.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failure("connect");

  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8)
    frame.push_back(static_cast<char>(body.size() >> shift));
  frame += body;
  if (!send_all(socket.fd, frame.data(), frame.size())) return failure("send");

  unsigned char header[4];
  if (!receive_all(socket.fd, reinterpret_cast<char*>(header), sizeof header))
    return failure("receive");
  const uint32_t length =
      uint32_t{header[0]} << 24 | uint32_t{header[1]} << 16 | uint32_t{header[2]} << 8 | header[3];
  if (length > kMaxFrameBytes) {
    errno = EMSGSIZE;
    return failure("receive");
  }
  AgentAnswer answer{
      .outcome = AgentAnswer::Outcome::kAnswered, .body = std::string(length, '\0'), .reason = ""};
  if (!receive_all(socket.fd, answer.body.data(), length)) return failure("receive");
  return answer;
}

}  // namespace skiff::cni
