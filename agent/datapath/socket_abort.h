// SPDX-License-Identifier: Apache-2.0
// Ends sockets from outside their processes, by iterators over the sockets of a network namespace
// (bpf/abort.bpf.c).
#pragma once

#include <memory>
#include <span>

#include "agent/datapath/abi.h"
#include "base/result.h"

namespace skiff::datapath {

class SocketAborter {
 public:
  // For these sockets, each only while it is connected to the backend that its key names.
  // Unimplemented on kernels below 6.5. Takes some milliseconds.
  static Result<std::unique_ptr<SocketAborter>> load(std::span<const StaleSocket> stale);
  ~SocketAborter();

  // Ends those of the calling thread's network namespace, TCP and UDP: their programs get
  // ECONNABORTED, and a TCP peer that is still there a reset.
  Status run() const;
  // How many have been ended so far, in all namespaces.
  Result<int> aborted() const;

 private:
  struct State;
  explicit SocketAborter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace skiff::datapath
