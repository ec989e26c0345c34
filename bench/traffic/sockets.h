// SPDX-License-Identifier: Apache-2.0
// What client and server of the network benchmarks agree on. Errors end the program: a benchmark
// with a broken network has no figure.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace skiff::traffic {

// First byte of a TCP request or a datagram.
inline constexpr char kAsk = 'R';    // answer with as many bytes
inline constexpr char kSink = 'S';   // TCP: swallow everything, then say how much it was
inline constexpr char kCount = 'C';  // UDP: no answer
inline constexpr char kTell = 'Q';   // UDP: how many kCount there were since the last one

inline constexpr size_t kRequestBytes = 64;

[[noreturn]] void die(const char* what);

class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address parse_address(const std::string& host, const std::string& port);

// All `size` bytes, or false at the end of the stream.
bool receive_all(int fd, void* to, size_t size);
void send_all(int fd, const void* from, size_t size);

// Serves TCP and UDP on `port` of every address until the process ends.
[[noreturn]] void serve(uint16_t port);

// Measures what lines of stdin ask for, a line of JSON each, until stdin ends.
void answer_questions();

}  // namespace skiff::traffic
