// SPDX-License-Identifier: Apache-2.0
#include "cli/observe/nodes.h"

#include <csignal>
#include <set>
#include <utility>

#include "cli/node_api.h"

namespace skiff::cli {
namespace {

using namespace std::chrono_literals;

struct Running {
  const OnLine& on_line;
  const std::function<http::Query()>& again;
  std::set<std::string> failed;
  asio::io_context loop{1};
  size_t left = 0;
  size_t answered = 0;
  Status first_error = absl::OkStatus();
  bool said = false;  // the first error: it is the caller's if no node answers

  void has_answered() {
    if (++answered == 1) say_first();
  }
  void has_failed(const std::string& node, const Status& why) {
    failed.insert(node);
    if (first_error.ok())
      first_error = why;
    else
      fmt::print(stderr, "skiff: {}\n", message(why));
    if (answered > 0) say_first();
  }

 private:
  void say_first() {
    if (first_error.ok() || std::exchange(said, true)) return;
    fmt::print(stderr, "skiff: {}\n", message(first_error));
  }
};

awaitable<Status> read_lines(Running& running, NodeApi& node, std::string path, http::Query query) {
  CO_ASSIGN_OR_RETURN(const auto body, co_await node.stream(std::move(path), std::move(query)));
  running.has_answered();
  std::string text;
  for (;;) {
    CO_ASSIGN_OR_RETURN(const std::string piece, co_await body->read(), "{}", node.node());
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
  const size_t before = running.answered;
  Status done = co_await read_lines(running, *node, path, std::move(query));
  const bool broke_off = !done.ok() && running.answered > before;
  if (broke_off && running.again) {
    fmt::print(stderr, "skiff: {}; asking again\n", message(done));
    http::Query rest = running.again();
    while (!done.ok()) {
      co_await sleep_for(1s);
      const size_t tried = running.answered;
      done = co_await read_lines(running, *node, path, rest);
      if (running.answered > tried) rest = running.again();
    }
  }
  if (!done.ok()) running.has_failed(node->node(), done);
  if (--running.left == 0) running.loop.stop();
}

}  // namespace

Status ask_nodes(NodeSet& set, const std::string& path, const http::Query& query,
                 const OnLine& on_line, const std::function<http::Query()>& again) {
  Running running{.on_line = on_line, .again = again};
  asio::signal_set signals(running.loop, SIGINT, SIGTERM);
  signals.async_wait([&](const auto& error, int) {
    if (!error) running.loop.stop();
  });
  const Executor executor = running.loop.get_executor();
  AgentDialer dialer(executor, set.access);
  for (const api::Node& node : set.nodes) {
    auto made = dialer.dial(node);
    if (!made.ok()) {
      running.has_failed(node.metadata.name, made.status());
      continue;
    }
    ++running.left;
    spawn(executor, "ask node", ask_node(running, *std::move(made), path, query));
  }
  if (running.left > 0) running.loop.run();
  std::erase_if(set.nodes,
                [&](const api::Node& node) { return running.failed.contains(node.metadata.name); });
  return running.answered == 0 ? running.first_error : absl::OkStatus();
}

}  // namespace skiff::cli
