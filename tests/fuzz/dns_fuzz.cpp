// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/answer.h"
#include "agent/dns/message.h"
#include "base/check.h"
#include "tests/fuzz/target.h"
#include "tests/unit/dns/fake_view.h"

namespace skiff::fuzz {
namespace {

// Answers as the responder does, within the client's limit.
void serve(const dns::Message& query) {
  static const dns::FakeView view = dns::example_view();
  static const dns::Zone zone = dns::example_zone();
  dns::Message response = dns::Message::reply_to(query);
  dns::Rcode refusal{};
  if (const auto question = query.question(refusal)) {
    const dns::Reply reply = dns::answer(*question, view, zone);
    response.set_rcode(reply.rcode);
    response.set_authoritative(reply.authoritative);
    for (const dns::Record& record : reply.answers)
      (void)response.add(dns::Section::kAnswer, record);
    for (const dns::Record& record : reply.authority)
      (void)response.add(dns::Section::kAuthority, record);
  } else {
    response.set_rcode(refusal);
  }
  const size_t limit = query.udp_limit();
  const std::string wire = response.wire(limit);
  CHECK(wire.size() <= limit);
  CHECK(dns::Message::parse(wire).ok());
}

// And relays it, as if another server had sent it.
void relay(const dns::Message& message) {
  dns::Message response = dns::Message::reply_to(message);
  response.add_sections_of(message);
  (void)message.is_answered_by(response);
  (void)message.lifetime();
  response.age(std::chrono::seconds(7));
  CHECK(response.wire(dns::kMaxUdpBytes).size() <= dns::kMaxUdpBytes);
}

void run(std::string_view input) {
  const auto message = dns::Message::parse(input);
  if (!message.ok()) return;
  serve(*message);
  relay(*message);
  relay(message->clone());
}

const Registration kTarget("dns", &run);

}  // namespace
}  // namespace skiff::fuzz
