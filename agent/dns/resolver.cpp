// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/resolver.h"

#include "agent/dns/upstream.h"
#include "base/file.h"

namespace skiff::dns {
namespace {

constexpr std::chrono::seconds kCheckInterval{5};

}  // namespace

struct Resolver::Pending {
  explicit Pending(const Executor& executor) : done(executor) {}
  Event done;
  std::optional<Result<Message>> answer;
};

Resolver::Resolver(Executor executor, ResolverOptions options, const Clock& clock)
    : executor_(executor),
      options_(std::move(options)),
      clock_(clock),
      cache_(options_.cache_entries) {}

awaitable<Result<Message>> Resolver::resolve(Question question) {
  if (auto cached = cache_.find(question, clock_.now())) {
    ++cache_hits_;
    co_return std::move(*cached);
  }
  std::shared_ptr<Pending> pending;
  if (const auto it = pending_.find(question); it != pending_.end()) {
    pending = it->second;
    while (!pending->answer) co_await pending->done.wait();
  } else {
    if (pending_.size() >= options_.max_pending)
      co_return resource_exhausted("{} questions are being asked already", pending_.size());
    pending = std::make_shared<Pending>(executor_);
    pending_.emplace(question, pending);
    pending->answer = co_await ask(question);
    pending_.erase(question);
    pending->done.notify();
    if (pending->answer->ok()) cache_.put(question, **pending->answer, clock_.now());
  }
  if (!pending->answer->ok()) co_return pending->answer->status();
  co_return (*pending->answer)->clone();
}

awaitable<Result<Message>> Resolver::ask(Question question) {
  reload_servers();
  const std::vector<IpAddress> servers = servers_;
  if (servers.empty()) co_return unavailable("no name server in {}", options_.resolv_conf.string());
  Result<Message> answer = unavailable("not asked");
  const size_t first = preferred_;
  for (size_t i = 0; i < servers.size() * static_cast<size_t>(options_.attempts); ++i) {
    const size_t server = (first + i) % servers.size();
    ++exchanges_;
    answer = co_await exchange(servers[server], options_.port, question, options_.timeout);
    // A server that cannot or will not is no better than one that is silent.
    if (!answer.ok() || answer->rcode() == Rcode::kServFail || answer->rcode() == Rcode::kRefused)
      continue;
    preferred_ = server;
    break;
  }
  co_return answer;
}

void Resolver::reload_servers() {
  const TimePoint now = clock_.now();
  if (checked_at_ != TimePoint() && now - checked_at_ < kCheckInterval && now >= checked_at_)
    return;
  checked_at_ = now;
  std::error_code error;
  const auto written_at = std::filesystem::last_write_time(options_.resolv_conf, error);
  if (!error && written_at == read_at_) return;
  const auto text = read_file(options_.resolv_conf);
  if (!text.ok()) return;  // keeps what it said before
  servers_ = parse_nameservers(*text, options_.excluded);
  preferred_ = 0;
  read_at_ = written_at;
}

}  // namespace skiff::dns
