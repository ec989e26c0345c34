// SPDX-License-Identifier: Apache-2.0
#include "cni/loopback.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace skiff::cni {
namespace {

std::string because(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

}  // namespace

std::string bring_loopback_up(const std::string& netns_path) {
  const int netns = ::open(netns_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (netns < 0) return because("open " + netns_path);
  const int entered = ::setns(netns, CLONE_NEWNET);
  ::close(netns);
  if (entered != 0) return because("enter " + netns_path);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return because("socket");
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  std::string problem;
  if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) {
    problem = because("read flags of lo");
  } else {
    request.ifr_flags |= IFF_UP;
    if (::ioctl(socket, SIOCSIFFLAGS, &request) != 0) problem = because("set lo up");
  }
  ::close(socket);
  return problem;
}

}  // namespace skiff::cni
