// SPDX-License-Identifier: Apache-2.0
// Client and server of the network benchmarks. Static, so that it runs in any pod's namespaces.
//
// Usage: traffic serve PORT    answers over TCP and UDP
//        traffic ask           reads lines `MODE ADDRESS PORT MILLISECONDS`, writes a line of JSON
//        each:
//                              done, seconds, latencies (us)
//   rr, udp_rr   request and answer of 64 bytes on one connection, one connected UDP socket
//   crr          connect, request, answer, reset; latencies are those of the first answer
//   stream       bits of one TCP stream that arrived
//   udp, udp_to  datagrams that arrived, of a connected socket and of one that names the address
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/traffic/sockets.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "serve") == 0)
    skiff::traffic::serve(static_cast<uint16_t>(std::atoi(argv[2])));
  if (argc == 2 && std::strcmp(argv[1], "ask") == 0) {
    skiff::traffic::answer_questions();
    return 0;
  }
  std::fprintf(stderr, "usage: traffic serve PORT | traffic ask\n");
  return 2;
}
