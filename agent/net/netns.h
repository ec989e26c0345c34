// SPDX-License-Identifier: Apache-2.0
// A network namespace, held by a descriptor: it lives at least as long as this object.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace skiff::net {

class Netns {
 public:
  // The namespace of the calling thread.
  static Result<Netns> current();
  // The namespace bound to `path`: /run/netns/NAME, /proc/PID/ns/net.
  static Result<Netns> open(const std::string& path);
  // A new namespace without a name: gone with the last descriptor, process and mount that holds it.
  static Result<Netns> create_anonymous();
  // A new namespace bound to /run/netns/NAME as `ip netns add` does. AlreadyExists if the name is
  // taken.
  static Result<Netns> create_named(const std::string& name);
  // Unbinds NAME; removing a name that is not there succeeds. Links inside die when the last holder
  // goes.
  static Status remove_named(const std::string& name);
  static std::string named_path(const std::string& name);
  static std::vector<std::string> list_named();
  // Every namespace that has a process or a name, each once: those of pods, whoever attached them.
  // Takes a few microseconds a process.
  static std::vector<Netns> list_all();

  int fd() const { return fd_.get(); }
  // Same namespace, not merely same path.
  bool same_as(const Netns& other) const;

  // Runs `work` inside the namespace, on a thread of its own that ends with it, and waits. The
  // caller's thread never changes namespace. `work` returns a Status or a Result.
  template <class Work>
  std::invoke_result_t<Work> run(Work work) const {
    std::optional<std::invoke_result_t<Work>> result;
    const Status entered = run_on_thread([&] { result.emplace(work()); });
    if (!entered.ok()) return entered;
    return std::move(*result);
  }

 private:
  explicit Netns(UniqueFd fd) : fd_(std::move(fd)) {}
  Status run_on_thread(const std::function<void()>& work) const;

  UniqueFd fd_;
};

}  // namespace skiff::net
