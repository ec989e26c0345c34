// SPDX-License-Identifier: Apache-2.0
// Answers of other servers for as long as they allow (RFC 1035, RFC 2308), bounded: the least
// recently used goes first.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>

#include "agent/dns/message.h"
#include "base/clock.h"

namespace skiff::dns {

class Cache {
 public:
  explicit Cache(size_t capacity) : capacity_(capacity) {}

  // The answer with its TTLs counted down, if it is still good.
  std::optional<Message> find(const Question& question, TimePoint now);
  // Keeps `answer` if it may be kept at all.
  void put(const Question& question, const Message& answer, TimePoint now);
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Question question;
    std::string wire;  // a third of what the parsed message takes
    TimePoint stored;
    TimePoint expires;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void erase(Entries::iterator entry);

  size_t capacity_;
  Entries entries_;
  std::map<Question, Entries::iterator> by_question_;
};

}  // namespace skiff::dns
