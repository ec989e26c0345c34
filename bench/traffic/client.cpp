// SPDX-License-Identifier: Apache-2.0
// The measuring side. Every question is one slice of time, so that whoever asks can let several
// networks take turns: what else the machine does falls on all of them.
#include <netinet/tcp.h>
#include <poll.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>
#include <vector>

#include "bench/traffic/sockets.h"

namespace skiff::traffic {
namespace {

using Clock = std::chrono::steady_clock;

struct Question {
  std::string mode, host, port;
  std::chrono::milliseconds slice{0};
};

struct Answer {
  uint64_t done = 0;  // requests, datagrams that arrived, or bits
  double seconds = 0;
  std::vector<double> latencies_us;
};

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Socket connect_to(const Address& address, int type) {
  Socket socket(::socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0));
  if (type == SOCK_STREAM) {
    const int on = 1;
    const linger reset{1, 0};  // no TIME_WAIT: ports would run out
    ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  const timeval patience{2, 0};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (::connect(socket.fd(), address.get(), address.length)) die("connect");
  return socket;
}

void ask(int fd) {
  char bytes[kRequestBytes] = {kAsk};
  send_all(fd, bytes, sizeof(bytes));
  if (!receive_all(fd, bytes, sizeof(bytes))) die("recv");
}

// Requests on one open connection (TCP), or datagrams of one connected socket (UDP).
Answer request_response(const Address& address, int type, Clock::duration slice) {
  const Socket socket = connect_to(address, type);
  ask(socket.fd());
  Answer answer;
  const auto begin = Clock::now();
  for (auto now = begin; now - begin < slice; ++answer.done) {
    const auto asked = now;
    ask(socket.fd());
    now = Clock::now();
    answer.latencies_us.push_back(microseconds(now - asked));
  }
  answer.seconds = microseconds(Clock::now() - begin) / 1e6;
  return answer;
}

// Connect, request, answer, reset. The latency is that of the first answer: the reset is not in it.
Answer new_connections(const Address& address, Clock::duration slice) {
  Answer answer;
  const auto begin = Clock::now();
  while (Clock::now() - begin < slice) {
    const auto asked = Clock::now();
    const Socket socket = connect_to(address, SOCK_STREAM);
    ask(socket.fd());
    answer.latencies_us.push_back(microseconds(Clock::now() - asked));
    ++answer.done;
  }
  answer.seconds = microseconds(Clock::now() - begin) / 1e6;
  return answer;
}

// Bits of one stream that arrived.
Answer stream(const Address& address, Clock::duration slice) {
  const Socket socket = connect_to(address, SOCK_STREAM);
  const std::vector<char> bytes(256 << 10, kSink);
  const auto begin = Clock::now();
  while (Clock::now() - begin < slice) send_all(socket.fd(), bytes.data(), bytes.size());
  ::shutdown(socket.fd(), SHUT_WR);
  uint64_t arrived = 0;
  if (!receive_all(socket.fd(), &arrived, sizeof(arrived))) die("recv");
  return {.done = arrived * 8, .seconds = microseconds(Clock::now() - begin) / 1e6};
}

// Datagrams that arrived of all that one socket could send.
Answer datagrams(const Address& address, bool connected, Clock::duration slice) {
  const Socket teller = connect_to(address, SOCK_DGRAM);
  const Socket loose(::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const char bytes[kRequestBytes] = {kCount};
  // The question waits in the queue that the datagrams fill, and may find no room.
  const auto tell = [&] {
    constexpr int kTries = 100, kPatienceMs = 20;
    uint64_t counted = 0;
    while (::recv(teller.fd(), &counted, sizeof(counted), MSG_DONTWAIT) > 0) {
    }
    for (int i = 0; i < kTries; ++i) {
      pollfd answer = {.fd = teller.fd(), .events = POLLIN};
      if (::send(teller.fd(), &kTell, 1, 0) == 1 && ::poll(&answer, 1, kPatienceMs) == 1 &&
          ::recv(teller.fd(), &counted, sizeof(counted), 0) == sizeof(counted))
        return counted;
    }
    die("count datagrams");
  };
  tell();
  const auto begin = Clock::now();
  while (Clock::now() - begin < slice)
    for (int i = 0; i < 16; ++i) {
      if (connected)
        (void)!::send(teller.fd(), bytes, sizeof(bytes), 0);
      else
        ::sendto(loose.fd(), bytes, sizeof(bytes), 0, address.get(), address.length);
    }
  const double seconds = microseconds(Clock::now() - begin) / 1e6;
  return {.done = tell(), .seconds = seconds};
}

Answer measure(const Question& question) {
  const Address address = parse_address(question.host, question.port);
  if (question.mode == "rr") return request_response(address, SOCK_STREAM, question.slice);
  if (question.mode == "udp_rr") return request_response(address, SOCK_DGRAM, question.slice);
  if (question.mode == "crr") return new_connections(address, question.slice);
  if (question.mode == "stream") return stream(address, question.slice);
  if (question.mode == "udp") return datagrams(address, true, question.slice);
  if (question.mode == "udp_to") return datagrams(address, false, question.slice);
  std::fprintf(stderr, "traffic: no mode %s\n", question.mode.c_str());
  std::exit(2);
}

void print(const Answer& answer) {
  std::printf("{\"done\": %llu, \"seconds\": %.6f, \"latencies\": [",
              static_cast<unsigned long long>(answer.done), answer.seconds);
  for (size_t i = 0; i < answer.latencies_us.size(); ++i)
    std::printf("%s%.1f", i == 0 ? "" : ",", answer.latencies_us[i]);
  std::printf("]}\n");
  std::fflush(stdout);
}

}  // namespace

void answer_questions() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    Question question;
    int milliseconds = 0;
    if (!(words >> question.mode >> question.host >> question.port >> milliseconds)) {
      std::fprintf(stderr, "traffic: not MODE ADDRESS PORT MILLISECONDS: %s\n", line.c_str());
      std::exit(2);
    }
    question.slice = std::chrono::milliseconds(milliseconds);
    print(measure(question));
  }
}

}  // namespace skiff::traffic
