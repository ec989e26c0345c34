// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/async.h"
#include "base/log.h"
#include "controller/config.h"
#include "controller/daemon.h"

namespace {

constexpr int kBadUsage = 2;

int fail(const skiff::Status& status, int code) {
  std::fprintf(stderr, "skiff-controller: %.*s\n", static_cast<int>(skiff::message(status).size()),
               skiff::message(status).data());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::string help;
  auto config = skiff::controller::parse_command_line(argc, argv, help);
  if (!config.ok()) return fail(config.status(), kBadUsage);
  if (!help.empty()) {
    std::fputs(help.c_str(), stdout);
    return 0;
  }
  if (const skiff::Status logging = skiff::setup_logging("controller", config->log_level);
      !logging.ok())
    return fail(logging, kBadUsage);
  std::signal(SIGPIPE, SIG_IGN);

  skiff::asio::io_context io(1);
  auto daemon = skiff::controller::Daemon::open(io.get_executor(), *std::move(config));
  if (!daemon.ok()) return fail(daemon.status(), 1);
  (*daemon)->start();
  skiff::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  io.run();
  // What was acknowledged is on disk, and coroutines of the loop still refer to the daemon: nothing
  // to unwind.
  std::_Exit(0);
}
