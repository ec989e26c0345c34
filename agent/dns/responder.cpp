// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/responder.h"

#include <algorithm>

namespace skiff::dns {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr uint8_t kResponseBit = 0x80;

bool is_response(std::string_view wire) {
  return wire.size() >= 3 && (static_cast<uint8_t>(wire[2]) & kResponseBit);
}

// FORMERR with nothing but the header: what followed it could not be read.
std::string refuse_garbage(std::string_view wire) {
  if (wire.size() < kHeaderBytes) return "";
  std::string answer(kHeaderBytes, '\0');
  answer[0] = wire[0];
  answer[1] = wire[1];
  answer[2] = static_cast<char>(kResponseBit | (static_cast<uint8_t>(wire[2]) & 0x79));
  answer[3] = static_cast<char>(Rcode::kFormErr);
  return answer;
}

}  // namespace

Responder::Responder(const Executor& executor, Zone zone, ResolverOptions resolver,
                     const View& view, const Clock& clock)
    : zone_(std::move(zone)),
      view_(view),
      clock_(clock),
      resolver_(executor, std::move(resolver), clock),
      random_(std::random_device{}()) {}

// What nobody could read is no exchange.
void Responder::tell(Draft& draft) const {
  if (!draft.exchange) return;
  draft.exchange->rcode = draft.message.rcode();
  draft.exchange->addresses = draft.message.addresses();
  draft.exchange->answer_types = draft.message.answer_types();
  draft.exchange->took = clock_.now() - draft.begun;
  observer_(*draft.exchange);
}

Responder::Outcome Responder::respond(std::string_view wire, bool udp, const Ends& ends) {
  // Answering answers would let two servers talk for ever.
  if (is_response(wire)) return {};
  ++counters_.queries;
  const Result<Message> query = Message::parse(wire);
  if (!query.ok()) {
    ++counters_.refused;
    return {.wire = refuse_garbage(wire)};
  }
  Draft answer = draft(*query);
  answer.udp_limit = udp ? query->udp_limit() : kMaxTcpBytes;
  Rcode ignored = Rcode::kNoError;
  if (const auto question = observer_ ? query->question(ignored) : std::nullopt) {
    answer.exchange = Exchange{.ends = ends, .udp = udp, .question = *question};
    answer.exchange->forwarded = answer.forward.has_value();
    answer.begun = clock_.now();
  }
  if (answer.forward) return {.draft = std::move(answer)};
  tell(answer);
  return {.wire = answer.message.wire(answer.udp_limit)};
}

Responder::Draft Responder::draft(const Message& query) {
  Draft draft{.message = Message::reply_to(query)};
  Rcode refusal = Rcode::kNoError;
  const std::optional<Question> question = query.question(refusal);
  if (!question) {
    ++counters_.refused;
    draft.message.set_rcode(refusal);
    return draft;
  }
  Reply reply = answer(*question, view_, zone_);
  // Clients take the first; a headless service spreads its load this way.
  if (reply.answers.size() > 1 && std::holds_alternative<IpAddress>(reply.answers[0].data))
    std::ranges::shuffle(reply.answers, random_);
  bool written = true;
  for (const Record& record : reply.answers)
    written = draft.message.add(Section::kAnswer, record) && written;
  for (const Record& record : reply.authority) draft.message.add(Section::kAuthority, record);
  for (const Record& record : reply.additional) draft.message.add(Section::kAdditional, record);
  if (!written) reply = {.rcode = Rcode::kServFail};
  if (reply.rcode == Rcode::kServFail) ++counters_.failed;
  draft.aliased = !reply.answers.empty();
  draft.message.set_rcode(reply.rcode);
  draft.message.set_authoritative(reply.authoritative && !reply.forward);
  draft.forward = std::move(reply.forward);
  return draft;
}

awaitable<std::string> Responder::complete(Draft draft) {
  ++counters_.forwarded;
  const Result<Message> answer = co_await resolver_.resolve(*draft.forward);
  const bool resolved =
      answer.ok() && answer->rcode() != Rcode::kServFail && answer->rcode() != Rcode::kRefused;
  if (resolved || (answer.ok() && !draft.aliased)) {
    draft.message.add_sections_of(*answer);
    draft.message.set_rcode(answer->rcode());
  } else {
    ++counters_.failed;
    // An alias of ours is an answer, whether or not anybody knows where it leads.
    draft.message.set_rcode(draft.aliased ? Rcode::kNoError : Rcode::kServFail);
  }
  tell(draft);
  co_return draft.message.wire(draft.udp_limit);
}

Counters Responder::counters() const {
  Counters counters = counters_;
  counters.cache_hits = resolver_.cache_hits();
  return counters;
}

}  // namespace skiff::dns
