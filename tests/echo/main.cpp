// SPDX-License-Identifier: Apache-2.0
// echo [--port=8080]: answers HTTP, TCP and UDP with the host's name, the client's address and what
// was sent. echo ask tcp|udp HOST PORT TEXT [TIMES]: is its client, with a socket of its own for
// each question. The program of the image `echo`.
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/echo/ask.h"
#include "tests/echo/server.h"

int main(int argc, char** argv) {
  if ((argc == 6 || argc == 7) && std::string_view(argv[1]) == "ask") {
    for (int left = argc == 7 ? std::atoi(argv[6]) : 1; left > 0; --left) {
      const int status = skiff::echo::ask(argv[2], argv[3], std::atoi(argv[4]), argv[5]);
      if (status != 0) return status;
    }
    return 0;
  }
  int port = 8080;
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (argument.starts_with("--port=")) {
      port = std::atoi(argv[i] + 7);
    } else if (argument == "--port" && i + 1 < argc) {
      port = std::atoi(argv[++i]);
    } else {
      std::fprintf(stderr, "usage: echo [--port=8080] | echo ask tcp|udp HOST PORT TEXT [TIMES]\n");
      return 2;
    }
  }
  if (port < 1 || port > 65535) {
    std::fprintf(stderr, "echo: --port: want 1 to 65535\n");
    return 2;
  }
  sigset_t signals;  // as process 1 of a container nothing would end us by default
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  int stop = signalfd(-1, &signals, SFD_CLOEXEC);

  char host[256] = "";
  gethostname(host, sizeof host - 1);
  skiff::echo::Server server(host, static_cast<uint16_t>(port));
  if (!server.listen()) {
    std::fprintf(stderr, "echo: listen on port %d: %s\n", port, std::strerror(errno));
    return 1;
  }
  std::printf("echo: %s listens on port %d\n", host, port);
  std::fflush(stdout);
  server.run(stop);
}
