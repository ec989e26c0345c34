// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "agent/config.h"
#include "agent/daemon.h"
#include "base/async.h"
#include "base/log.h"

namespace {

constexpr int kBadUsage = 2;
constexpr int kLargeBytes = 128 << 10;

int fail(const skiff::Status& status, int code) {
  std::fprintf(stderr, "skiff-agent: %.*s\n", static_cast<int>(skiff::message(status).size()),
               skiff::message(status).data());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::string help;
  auto config = skiff::agent::parse_command_line(argc, argv, help);
  if (!config.ok()) return fail(config.status(), kBadUsage);
  if (!help.empty()) {
    std::fputs(help.c_str(), stdout);
    return 0;
  }
  if (const skiff::Status logging = skiff::setup_logging("agent", config->log_level); !logging.ok())
    return fail(logging, kBadUsage);
  std::signal(SIGPIPE, SIG_IGN);
  // A list of all Services is megabytes once: from the system, and back to it. Without the call
  // glibc takes the next ones from the heap.
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);

  skiff::asio::io_context io(1);
  auto daemon = skiff::agent::Daemon::open(io.get_executor(), *std::move(config));
  if (!daemon.ok()) return fail(daemon.status(), 1);
  (*daemon)->start();
  // Pods, connections and rules stay as they are: an agent that ends is only an agent that ends.
  skiff::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  io.run();
  std::_Exit(0);  // coroutines of the loop still hold references into the daemon: nothing to unwind
}
