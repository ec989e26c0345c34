// SPDX-License-Identifier: Apache-2.0
// The points of the kernel's packet path, attached while at least one client follows packets.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/datapath/path.h"
#include "base/async.h"

namespace skiff::trace {

// Belongs to the loop. What it is given outlives it.
class Paths {
 public:
  // Paths of the pods' network namespaces, as they are now.
  using Namespaces = std::function<std::vector<std::string>()>;
  Paths(std::string pin_dir, Namespaces namespaces, asio::thread_pool& pool)
      : pin_dir_(std::move(pin_dir)), namespaces_(std::move(namespaces)), pool_(pool) {}

  using Points = std::shared_ptr<const datapath::PathPoints>;
  // Shared by all who hold it; detached in the pool when the last one lets go.
  awaitable<Result<Points>> attach();

 private:
  std::string pin_dir_;
  Namespaces namespaces_;
  asio::thread_pool& pool_;
  std::weak_ptr<const datapath::PathPoints> current_;
};

// "12 points of the kernel, netfilter in 5 namespaces"; and what is missing.
std::string describe(const datapath::PathCoverage& coverage);

}  // namespace skiff::trace
