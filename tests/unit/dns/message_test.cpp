// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/message.h"

#include <gtest/gtest.h>

#include <random>

#include "agent/dns/cache.h"
#include "agent/dns/upstream.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/dns/fake_view.h"

namespace skiff::dns {
namespace {

const Question kQuestion{split_name("web.example.com"), Type::kA};

Message answer_with(size_t records, uint32_t ttl = 60) {
  Message answer = Message::reply_to(*Message::query(kQuestion));
  for (size_t i = 0; i < records; ++i)
    EXPECT_TRUE(
        answer.add(Section::kAnswer, {"web.example.com.", Type::kA, ttl, ip("10.0.0.0").plus(i)}));
  return answer;
}

Record soa(uint32_t ttl, uint32_t negative_ttl) {
  return {
      "example.com.", Type::kSoa, ttl,
      Authority{
          .server = "ns.example.com.", .mailbox = "m.example.com.", .negative_ttl = negative_ttl}};
}

TEST(DnsMessage, ReadsWhatItWrites) {
  Message answer = answer_with(1);
  const Record records[] = {
      {"web.example.com.", Type::kAaaa, 5, ip("fd00::1")},
      {"web.example.com.", Type::kCname, 5, Target{"a.b."}},
      {"_x._tcp.web.example.com.", Type::kSrv, 5, Service{1, 2, 3, "c.d."}},
      {"web.example.com.", Type::kTxt, 5, Text{"1.1.0"}},
      soa(5, 5),
  };
  for (const Record& record : records) EXPECT_TRUE(answer.add(Section::kAnswer, record));
  const auto parsed = Message::parse(answer.wire(kMaxTcpBytes));
  ASSERT_TRUE(parsed.ok()) << message(parsed.status());
  Rcode refusal;
  EXPECT_EQ(parsed->question(refusal), kQuestion);
  EXPECT_EQ(parsed->wire(kMaxTcpBytes), answer.wire(kMaxTcpBytes));
}

TEST(DnsMessage, KeepsTheLetterCaseOfTheQuestion) {
  // id 7, RD, one question: wEb. A IN
  const std::string query("\0\7\1\0\0\1\0\0\0\0\0\0\3wEb\0\0\1\0\1", 21);
  const auto parsed = Message::parse(query);
  ASSERT_TRUE(parsed.ok());
  Rcode refusal;
  EXPECT_EQ(parsed->question(refusal)->name, Labels{"web"});
  Message reply = Message::reply_to(*parsed);
  ASSERT_TRUE(reply.add(Section::kAnswer, {"web.", Type::kA, 5, ip("10.0.0.1")}));
  const std::string wire = reply.wire(512);
  EXPECT_NE(wire.find("\3wEb"), std::string::npos);
  EXPECT_EQ(wire.find("\3web"), std::string::npos);
  EXPECT_EQ(parsed->udp_limit(), 512u) << "no EDNS";
}

TEST(DnsMessage, TruncatesWithTc) {
  const Message large = answer_with(1000);
  for (const size_t limit : {512u, 1232u, 4096u}) {
    const std::string wire = large.wire(limit);
    EXPECT_LE(wire.size(), limit);
    EXPECT_GT(wire.size(), limit / 2) << "what fits is kept";
    const auto parsed = Message::parse(wire);
    ASSERT_TRUE(parsed.ok());
    EXPECT_TRUE(parsed->truncated());
  }
  EXPECT_FALSE(Message::parse(large.wire(kMaxTcpBytes))->truncated());
}

TEST(DnsMessage, LeavesExtrasOutBeforeItTruncates) {
  Message answer = answer_with(1);
  for (int i = 0; i < 100; ++i)
    answer.add(Section::kAdditional, {"web.example.com.", Type::kAaaa, 5, ip("fd00::1")});
  const auto parsed = Message::parse(answer.wire(512));
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->truncated());
}

TEST(DnsMessage, RefusesNamesThatHaveNoWireForm) {
  Message answer = answer_with(0);
  const std::string long_label(64, 'a');
  for (const std::string& name :
       {long_label + ".com.", std::string("a..b."), std::string(300, 'x')})
    EXPECT_FALSE(answer.add(Section::kAnswer, {"web.", Type::kCname, 5, Target{name}})) << name;
}

TEST(DnsMessage, SaysHowLongItMayBeKept) {
  using std::chrono::seconds;
  EXPECT_EQ(answer_with(3, 60).lifetime(), seconds(60));
  EXPECT_EQ(answer_with(0).lifetime(), seconds(0)) << "negative without SOA (RFC 2308)";
  Message negative = answer_with(0);
  negative.set_rcode(Rcode::kNxDomain);
  negative.add(Section::kAuthority, soa(900, 30));
  EXPECT_EQ(negative.lifetime(), seconds(30));
  Message failed = answer_with(1);
  failed.set_rcode(Rcode::kServFail);
  EXPECT_EQ(failed.lifetime(), seconds(0));
}

TEST(DnsMessage, GarbageNeverCrashes) {
  std::mt19937 random(1);
  Message source = answer_with(5);
  source.add(Section::kAuthority, soa(5, 5));
  const std::string whole = source.wire(kMaxTcpBytes);
  for (int round = 0; round < 20000; ++round) {
    std::string wire = whole.substr(0, random() % (whole.size() + 1));
    for (unsigned i = random() % 8; i > 0 && !wire.empty(); --i)
      wire[random() % wire.size()] = static_cast<char>(random());
    Result<Message> parsed = Message::parse(wire);
    if (!parsed.ok()) continue;
    Rcode refusal;
    (void)parsed->question(refusal);
    (void)parsed->lifetime();
    parsed->age(std::chrono::seconds(1));
    (void)Message::reply_to(*parsed).wire(parsed->udp_limit());
    (void)parsed->wire(100);
  }
}

TEST(DnsCache, CountsTtlsDownAndForgets) {
  Cache cache(10);
  const TimePoint start{std::chrono::hours(1000)};
  cache.put(kQuestion, answer_with(1, 60), start);
  EXPECT_EQ(cache.find(kQuestion, start + std::chrono::seconds(50))->lifetime(),
            std::chrono::seconds(10));
  EXPECT_FALSE(cache.find(kQuestion, start + std::chrono::seconds(60)));
  EXPECT_EQ(cache.size(), 0u);
  cache.put(kQuestion, answer_with(1, 60), start);
  EXPECT_FALSE(cache.find(kQuestion, start - std::chrono::seconds(1))) << "the clock went back";
}

TEST(DnsCache, IsBoundedAndKeepsWhatIsUsed) {
  Cache cache(2);
  const TimePoint now{std::chrono::hours(1000)};
  const auto named = [](const char* name) { return Question{split_name(name), Type::kA}; };
  cache.put(named("a"), answer_with(1), now);
  cache.put(named("b"), answer_with(1), now);
  EXPECT_TRUE(cache.find(named("a"), now));
  cache.put(named("c"), answer_with(1), now);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.find(named("a"), now));
  EXPECT_FALSE(cache.find(named("b"), now));
  cache.put(named("d"), answer_with(0), now);
  EXPECT_FALSE(cache.find(named("d"), now)) << "may not be kept";
}

TEST(ResolvConf, GivesItsNameServersWithoutOurselves) {
  const std::vector<IpAddress> own = {ip("10.96.0.10")};
  EXPECT_EQ(
      parse_nameservers("# nameserver 9.9.9.9\nsearch a b\n nameserver\t1.1.1.1 # x\nnameserver "
                        "10.96.0.10\nnameserver fd00::1\nnameserver x\nnameserver",
                        own),
      (std::vector{ip("1.1.1.1"), ip("fd00::1")}));
  EXPECT_TRUE(parse_nameservers("", own).empty());
}

}  // namespace
}  // namespace skiff::dns
