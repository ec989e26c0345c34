// SPDX-License-Identifier: Apache-2.0
// From a query's bytes to an answer's: everything of the name server but its sockets.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "agent/dns/answer.h"
#include "agent/dns/exchange.h"
#include "agent/dns/resolver.h"
#include "base/clock.h"

namespace skiff::dns {

// Requests since the start, for the metrics.
struct Counters {
  uint64_t queries = 0;
  uint64_t forwarded = 0;
  uint64_t refused = 0;  // malformed, not implemented, not allowed
  uint64_t failed = 0;   // SERVFAIL
  uint64_t cache_hits = 0;
};

// For the loop's thread alone; outlives its calls. `view` and `clock` outlive it.
class Responder {
 public:
  // An answer, complete or to be completed with what others say to `forward`.
  struct Draft {
    Message message;
    std::optional<Question> forward;
    bool aliased = false;  // `message` holds a CNAME that leads to what is forwarded
    size_t udp_limit = 512;
    std::optional<Exchange> exchange;  // if anybody watches
    TimePoint begun;
  };
  // What to do with a datagram: send `wire` back if it is not empty, or complete `draft` first.
  struct Outcome {
    std::string wire;
    std::optional<Draft> draft;
  };

  Responder(const Executor& executor, Zone zone, ResolverOptions resolver, const View& view,
            const Clock& clock);

  // Everybody who asks from now on is told of to `observer`.
  void observe(ExchangeObserver observer) { observer_ = std::move(observer); }

  // Without waiting.
  Outcome respond(std::string_view query, bool udp, const Ends& ends = {});
  awaitable<std::string> complete(Draft draft);

  Counters counters() const;

 private:
  Draft draft(const Message& query);
  void tell(Draft& draft) const;

  Zone zone_;
  const View& view_;
  const Clock& clock_;
  Resolver resolver_;
  ExchangeObserver observer_;
  std::minstd_rand random_;
  Counters counters_;
};

}  // namespace skiff::dns
