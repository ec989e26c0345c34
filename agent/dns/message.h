// SPDX-License-Identifier: Apache-2.0
// DNS messages on the wire, by ldns; no ldns type leaves this file's implementation.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/dns/record.h"
#include "base/result.h"

struct ldns_struct_pkt;

namespace skiff::dns {

// What a UDP answer may have at most, whatever the client offers: fits every path's MTU (DNS flag
// day 2020).
inline constexpr size_t kMaxUdpBytes = 1232;
inline constexpr size_t kMaxTcpBytes = 65535;

enum class Section { kAnswer, kAuthority, kAdditional };

class Message {
 public:
  // Any bytes may come; InvalidArgument for those that are no message.
  static Result<Message> parse(std::string_view wire);
  // A question to another server, with a random id.
  static Result<Message> query(const Question& question);
  // An empty answer to `query`: same id, question (in its own letter case), RD; EDNS if the query
  // had it.
  static Message reply_to(const Message& query);

  Message(Message&&) noexcept = default;
  Message& operator=(Message&&) noexcept = default;
  Message clone() const;

  uint16_t id() const;
  bool is_response() const;
  bool truncated() const;
  Rcode rcode() const;
  // Exactly one question of class IN in a standard query, or the code that refuses it.
  std::optional<Question> question(Rcode& refusal) const;
  // The largest answer the client takes by UDP.
  size_t udp_limit() const;
  // Of the answer section: addresses, and the types of its records, each once.
  std::vector<IpAddress> addresses() const;
  std::vector<uint16_t> answer_types() const;
  // Whether `response` answers this query: id and question are equal.
  bool is_answered_by(const Message& response) const;

  // False for a record that has no wire form: an ExternalName may be anything.
  bool add(Section section, const Record& record);
  // Appends all sections of `other`, an answer of another server.
  void add_sections_of(const Message& other);
  void set_rcode(Rcode rcode);
  void set_authoritative(bool authoritative);

  // How long the message may be kept: the lowest TTL of its records; for a negative answer RFC
  // 2308's. Zero: not at all.
  std::chrono::seconds lifetime() const;
  // Counts down the TTLs.
  void age(std::chrono::seconds elapsed);

  // At most `limit` bytes. What does not fit is left out; if answers are, TC says so.
  std::string wire(size_t limit) const;

 private:
  struct Free {
    void operator()(ldns_struct_pkt* packet) const;
  };
  explicit Message(ldns_struct_pkt* packet) : packet_(packet) {}

  std::unique_ptr<ldns_struct_pkt, Free> packet_;
};

}  // namespace skiff::dns
