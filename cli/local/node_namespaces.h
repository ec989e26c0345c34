// SPDX-License-Identifier: Apache-2.0
// What makes a network namespace a node: mounts and a host name of its own. Held by descriptors:
// the namespaces live while this object or a process inside does.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cli/local/layout.h"

namespace skiff::cli {

class NodeNamespaces {
 public:
  // Around the network namespace that `up` made. The node sees the machine's file systems, with a
  // /run of its own and a /sys that shows its own devices.
  static Result<NodeNamespaces> create(const NodeLayout& node);
  // Those of a running process.
  static Result<NodeNamespaces> of_process(pid_t pid);

  // Moves the calling process inside. Only for a process with one thread.
  Status enter() const;

 private:
  UniqueFd net_;
  UniqueFd mnt_;
  UniqueFd uts_;
};

}  // namespace skiff::cli
