// SPDX-License-Identifier: Apache-2.0
#include "cli/observe/nodes.h"

#include <csignal>

#include "cli/node_api.h"

namespace skiff::cli {
namespace {

struct Running {
  const OnLine& on_line;
  asio::io_context loop{1};
  size_t left = 0;
  size_t answered = 0;
  Status first_error = absl::OkStatus();
};

awaitable<Status> read_lines(Running& running, NodeApi& node, std::string path, http::Query query) {
  CO_ASSIGN_OR_RETURN(const auto body, co_await node.stream(std::move(path), std::move(query)));
  ++running.answered;
  std::string text;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string piece, co_await body->read());
    text += piece;
    size_t begin = 0;
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
      running.on_line(node.node(), text.substr(begin, end - begin));
      begin = end + 1;
    }
    text.erase(0, begin);
    if (!piece.empty()) continue;
    if (!text.empty()) running.on_line(node.node(), text);
    co_return absl::OkStatus();
  }
}

awaitable<void> ask_node(Running& running, std::unique_ptr<NodeApi> node, std::string path,
                         http::Query query) {
  const Status done = co_await read_lines(running, *node, std::move(path), std::move(query));
  if (!done.ok()) {
    fmt::print(stderr, "skiff: {}\n", message(done));
    if (running.first_error.ok()) running.first_error = done;
  }
  if (--running.left == 0) running.loop.stop();
}

}  // namespace

Status ask_nodes(const NodeSet& set, const std::string& path, const http::Query& query,
                 const OnLine& on_line) {
  Running running{.on_line = on_line};
  asio::signal_set signals(running.loop, SIGINT, SIGTERM);
  signals.async_wait([&](const auto& error, int) {
    if (!error) running.loop.stop();
  });
  const Executor executor = running.loop.get_executor();
  AgentDialer dialer(executor, set.access);
  for (const api::Node& node : set.nodes) {
    auto made = dialer.dial(node);
    if (!made.ok()) {
      fmt::print(stderr, "skiff: {}\n", message(made.status()));
      if (running.first_error.ok()) running.first_error = made.status();
      continue;
    }
    ++running.left;
    spawn(executor, "ask node", ask_node(running, *std::move(made), path, query));
  }
  if (running.left > 0) running.loop.run();
  return running.answered == 0 ? running.first_error : absl::OkStatus();
}

}  // namespace skiff::cli
