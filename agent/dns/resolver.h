// SPDX-License-Identifier: Apache-2.0
// Names outside the cluster: asks the node's name servers, remembers, and asks once for many who
// ask the same.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "agent/dns/cache.h"
#include "base/async.h"
#include "base/clock.h"

namespace skiff::dns {

struct ResolverOptions {
  std::filesystem::path resolv_conf = "/etc/resolv.conf";  // read again when it changes
  std::vector<IpAddress> excluded;                         // never asked: ourselves
  uint16_t port = 53;
  std::chrono::milliseconds timeout{2000};  // per server and attempt
  int attempts = 2;
  size_t cache_entries = 4096;  // about 1 MB
  size_t max_pending = 1024;    // different questions at once
};

// For the loop's thread alone. Outlives its calls.
class Resolver {
 public:
  Resolver(Executor executor, ResolverOptions options, const Clock& clock);

  // The answer of some server, whatever its code. Unavailable if none answered.
  awaitable<Result<Message>> resolve(Question question);

  uint64_t cache_hits() const { return cache_hits_; }
  uint64_t exchanges() const { return exchanges_; }

 private:
  struct Pending;

  awaitable<Result<Message>> ask(Question question);
  void reload_servers();

  Executor executor_;
  ResolverOptions options_;
  const Clock& clock_;
  Cache cache_;
  std::map<Question, std::shared_ptr<Pending>> pending_;
  std::vector<IpAddress> servers_;
  size_t preferred_ = 0;  // the server that answered last
  std::filesystem::file_time_type read_at_;
  TimePoint checked_at_;
  uint64_t cache_hits_ = 0;
  uint64_t exchanges_ = 0;
};

}  // namespace skiff::dns
