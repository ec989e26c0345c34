// SPDX-License-Identifier: Apache-2.0
// HTTP requests to several servers in turn, slice by slice, from one process: what else the machine
// does falls on all of them. Static, so that it runs in any pod's namespaces.
//
// Usage: traffic rr|crr SLICE_MS SLICES ADDRESS PORT [ADDRESS PORT]...
//   rr   requests on one open connection
//   crr  connect, request, answer, reset: one connection a request
// Prints a line of JSON a target: rate (1/s), p50 and p99 (us), and `ratio`, the median over slices
// of its rate beside the first target's.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n";

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Target {
  sockaddr_storage address{};
  socklen_t length = 0;
  int connection = -1;
  std::vector<double> latencies_us;
  std::vector<double> rates;  // one a slice
};

Target make_target(const char* host, const char* port) {
  Target target;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&target.address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&target.address);
  const uint16_t port_be = htons(static_cast<uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = port_be;
    target.length = sizeof(*v4);
  } else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port_be;
    target.length = sizeof(*v6);
  } else {
    std::fprintf(stderr, "traffic: %s is not an address\n", host);
    std::exit(2);
  }
  return target;
}

int connect_to(const Target& target) {
  const int fd = socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  const int on = 1;
  const linger reset{1, 0};  // no TIME_WAIT: ports would run out
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  if (connect(fd, reinterpret_cast<const sockaddr*>(&target.address), target.length))
    die("connect");
  return fd;
}

// One request and its whole answer. False: the server had closed the connection, as it does after
// some number of requests.
bool ask(int fd) {
  if (send(fd, kRequest, sizeof(kRequest) - 1, MSG_NOSIGNAL) < 0) return false;
  char buffer[8192];
  size_t have = 0, whole = 0;
  while (!whole || have < whole) {
    const ssize_t got = recv(fd, buffer + have, sizeof(buffer) - 1 - have, 0);
    if (got <= 0 && have == 0) return false;
    if (got <= 0) die("recv");
    have += static_cast<size_t>(got);
    buffer[have] = '\0';
    const char* body = std::strstr(buffer, "\r\n\r\n");
    if (whole || !body) continue;
    const char* length = strcasestr(buffer, "content-length:");
    whole = static_cast<size_t>(body + 4 - buffer) +
            (length ? std::strtoul(length + 15, nullptr, 10) : 0);
  }
  return true;
}

void run_slice(Target& target, bool new_connections, Clock::duration slice) {
  const auto begin = Clock::now();
  auto now = begin;
  int done = 0;
  for (; now - begin < slice; ++done) {
    const auto asked = now;
    if (new_connections) {
      const int fd = connect_to(target);
      if (!ask(fd)) die("recv");
      close(fd);
    } else {
      while (!ask(target.connection)) {
        close(target.connection);
        target.connection = connect_to(target);
      }
    }
    now = Clock::now();
    target.latencies_us.push_back(std::chrono::duration<double, std::micro>(now - asked).count());
  }
  target.rates.push_back(done / std::chrono::duration<double>(now - begin).count());
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

void print(const Target& target, const Target& first) {
  std::vector<double> ratios;
  for (size_t i = 0; i < target.rates.size(); ++i)
    ratios.push_back(target.rates[i] / first.rates[i]);
  std::printf("{\"rate\": %.0f, \"p50\": %.1f, \"p99\": %.1f, \"ratio\": %.4f}\n",
              quantile(target.rates, 0.5), quantile(target.latencies_us, 0.5),
              quantile(target.latencies_us, 0.99), quantile(ratios, 0.5));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || argc % 2) {
    std::fprintf(stderr, "usage: traffic rr|crr SLICE_MS SLICES ADDRESS PORT [ADDRESS PORT]...\n");
    return 2;
  }
  const bool new_connections = std::string(argv[1]) == "crr";
  const std::chrono::milliseconds slice(std::atoi(argv[2]));
  const int slices = std::atoi(argv[3]);
  std::vector<Target> targets;
  for (int i = 4; i < argc; i += 2) targets.push_back(make_target(argv[i], argv[i + 1]));
  if (!new_connections)
    for (Target& target : targets) target.connection = connect_to(target);
  for (int round = 0; round <= slices; ++round) {
    for (size_t i = 0; i < targets.size(); ++i)  // who begins changes every round
      run_slice(targets[(i + static_cast<size_t>(round)) % targets.size()], new_connections, slice);
    if (round == 0)  // the first warms up
      for (Target& target : targets) target.latencies_us.clear(), target.rates.clear();
  }
  for (const Target& target : targets) print(target, targets[0]);
}
