// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/cache.h"

namespace skiff::dns {
namespace {

constexpr std::chrono::seconds kMaxLifetime{3600};

}  // namespace

std::optional<Message> Cache::find(const Question& question, TimePoint now) {
  const auto found = by_question_.find(question);
  if (found == by_question_.end()) return std::nullopt;
  const Entries::iterator entry = found->second;
  // A clock set back must not make an answer live longer.
  if (now >= entry->expires || now < entry->stored) {
    erase(entry);
    return std::nullopt;
  }
  Result<Message> answer = Message::parse(entry->wire);
  if (!answer.ok()) return std::nullopt;
  answer->age(std::chrono::duration_cast<std::chrono::seconds>(now - entry->stored));
  entries_.splice(entries_.begin(), entries_, entry);
  return std::move(answer).value();
}

void Cache::put(const Question& question, const Message& answer, TimePoint now) {
  const std::chrono::seconds lifetime = std::min(answer.lifetime(), kMaxLifetime);
  if (lifetime <= std::chrono::seconds(0) || capacity_ == 0) return;
  if (const auto old = by_question_.find(question); old != by_question_.end()) erase(old->second);
  if (entries_.size() >= capacity_) erase(std::prev(entries_.end()));
  entries_.push_front({question, answer.wire(kMaxTcpBytes), now, now + lifetime});
  by_question_.emplace(question, entries_.begin());
}

void Cache::erase(Entries::iterator entry) {
  by_question_.erase(entry->question);
  entries_.erase(entry);
}

}  // namespace skiff::dns
