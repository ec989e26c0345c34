// SPDX-License-Identifier: Apache-2.0
// `skiff drops`: what skiff and the kernel dropped on all nodes, in one list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff::cli {

struct Drop {
  std::string node;
  std::string source;  // "skiff", "kernel"
  std::string reason;
  std::string place;  // skiff: what the reason means
  std::string where;  // pod or device
  std::string last;   // tuple of the last packet
  uint64_t packets = 0;
  uint64_t bytes = 0;

  bool operator==(const Drop&) const = default;
};

struct DropsOptions {
  std::string kubeconfig;
  std::string node;  // empty: every node
  bool json = false;
};

// Prints what has been counted so far; an answer that cannot be read is an error. What `-f` and
// `--stack` show are records: observe().
Status print_drops(const DropsOptions& options);

// From GET /observe/drops of one node.
Result<std::vector<Drop>> decode_drops(std::string_view text);
// A table, most packets first.
std::string drop_table(std::vector<Drop> drops);

}  // namespace skiff::cli
