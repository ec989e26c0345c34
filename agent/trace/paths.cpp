// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/paths.h"

#include <fmt/ranges.h>

#include "agent/net/netns.h"

namespace skiff::trace {
namespace {

constexpr size_t kMostNamespaces = 64;  // twenty links each

using Attached = Result<std::unique_ptr<datapath::PathPoints>>;

Attached attach_in(const std::string& pin_dir, const std::vector<std::string>& namespaces) {
  std::vector<datapath::PathPoints::Enter> pods;
  for (const std::string& path : namespaces) {
    if (pods.size() == kMostNamespaces) break;
    pods.push_back([path](const std::function<Status()>& work) -> Status {
      ASSIGN_OR_RETURN(const auto netns, net::Netns::open(path));
      return netns.run(work);
    });
  }
  return datapath::PathPoints::attach(pin_dir, pods);
}

}  // namespace

awaitable<Result<Paths::Points>> Paths::attach() {
  if (auto alive = current_.lock()) co_return alive;
  const std::string pin_dir = pin_dir_;
  auto attached = co_await offload(pool_, [pin_dir, namespaces = namespaces_()]() -> Attached {
    return attach_in(pin_dir, namespaces);
  });
  CO_RETURN_IF_ERROR(attached.status());
  asio::thread_pool* pool = &pool_;
  Points points(attached->release(), [pool](const datapath::PathPoints* gone) {
    asio::post(*pool, [gone] { delete gone; });
  });
  current_ = points;
  co_return points;
}

std::string describe(const datapath::PathCoverage& coverage) {
  std::string text = fmt::format("{} points of the kernel", coverage.tracepoints);
  if (!coverage.missing.empty())
    text += fmt::format(" (it has no {})", fmt::join(coverage.missing, ", "));
  if (coverage.netfilter_namespaces > 0)
    text += fmt::format(", netfilter in {} namespaces", coverage.netfilter_namespaces);
  if (!coverage.netfilter_problem.empty()) text += fmt::format("; {}", coverage.netfilter_problem);
  return text;
}

}  // namespace skiff::trace
