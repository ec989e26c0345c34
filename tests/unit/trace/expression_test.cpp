// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::trace {
namespace {

using testing::HasSubstr;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

Expression parse(std::string_view text) {
  const auto parsed = parse_expression(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << message(parsed.status());
  return parsed.ok() ? *parsed : Expression{};
}

std::string error_of(std::string_view text) {
  const auto parsed = parse_expression(text);
  EXPECT_FALSE(parsed.ok()) << text;
  return std::string(message(parsed.status()));
}

PacketEnds web_request() {
  return {.source = ip("10.244.0.5"),
          .destination = ip("10.244.1.7"),
          .source_port = 40000,
          .destination_port = 8080,
          .protocol = 6,
          .dropped = false};
}

TEST(Expression, ReadsItselfBack) {
  for (const char* text :
       {"", "net 10.0.0.1/32", "(tcp and port 80)", "not (src net 10.0.0.0/8 or udp)",
        "((ip6 and dst port 53) or dropped)", "(pod shop/web-1 and svc dns)", "proto 47"})
    EXPECT_EQ(to_string(parse(text)), text);
}

TEST(Expression, TakesTheShortFormsOfTcpdump) {
  EXPECT_EQ(to_string(parse("host 10.0.0.1 tcp port 80")), "(net 10.0.0.1/32 and tcp and port 80)");
  EXPECT_EQ(to_string(parse("src 10.0.0.0/8 || !udp")), "(src net 10.0.0.0/8 or not udp)");
  EXPECT_EQ(to_string(parse("fd00::1 && ip6")), "(net fd00::1/128 and ip6)");
}

TEST(Expression, BindsAndTighterThanOr) {
  EXPECT_EQ(to_string(parse("tcp and port 1 or udp and port 2")),
            "((tcp and port 1) or (udp and port 2))");
}

TEST(Expression, MatchesEitherEndUnlessOneIsNamed) {
  const PacketEnds packet = web_request();
  EXPECT_TRUE(matches(parse("port 8080"), packet));
  EXPECT_TRUE(matches(parse("port 40000"), packet));
  EXPECT_FALSE(matches(parse("src port 8080"), packet));
  EXPECT_TRUE(matches(parse("dst net 10.244.1.0/24 and tcp"), packet));
  EXPECT_FALSE(matches(parse("ip6"), packet));
  EXPECT_FALSE(matches(parse("dropped"), packet));
  EXPECT_TRUE(matches(parse("not (udp or dropped)"), packet));
  EXPECT_TRUE(matches(parse(""), packet));
}

TEST(Expression, SaysWhichWordIsWrongAndWhatWouldBeRight) {
  EXPECT_THAT(error_of("hots 10.0.0.1"), HasSubstr("\"hots\": want host, net, port"));
  EXPECT_THAT(error_of("port 70000"), HasSubstr("\"70000\" is no port number (1 to 65535)"));
  EXPECT_THAT(error_of("tcp and"), HasSubstr("ends where want host"));
  EXPECT_THAT(error_of("(tcp"), HasSubstr("not closed"));
  EXPECT_THAT(error_of("tcp )"), HasSubstr("\")\" is not expected there"));
  EXPECT_THAT(error_of("host 10.0.0.300"), HasSubstr("10.0.0.300"));
}

TEST(Expression, RefusesToNestWithoutEnd) {
  EXPECT_THAT(error_of(std::string(1000, '(')), HasSubstr("filter"));
  EXPECT_THAT(error_of(std::string(200, '!') + "tcp"), HasSubstr("nested deeper"));
}

TEST(Expression, PutsAddressesForNames) {
  const auto resolver = [](Expression::Kind kind,
                           const std::string& name) -> Result<std::vector<NamedEnd>> {
    if (kind == Expression::Kind::kService) return std::vector<NamedEnd>{{ip("10.96.0.1"), 80}};
    if (name == "web-1") return std::vector<NamedEnd>{{ip("10.244.0.5"), 0}, {ip("fd00::5"), 0}};
    return not_found("no pod {}", name);
  };
  const auto resolved = resolve(parse("src pod web-1 and svc web"), resolver);
  ASSERT_TRUE(resolved.ok());
  EXPECT_EQ(to_string(*resolved),
            "((src net 10.244.0.5/32 or src net fd00::5/128) and (net 10.96.0.1/32 and port 80))");
  EXPECT_FALSE(resolve(parse("not pod gone"), resolver).ok());
}

TEST(ExpressionTaps, LetThroughAsLittleAsTheyCan) {
  const auto taps = widen(parse("src host 10.0.0.1 and dst port 80 and tcp"));
  ASSERT_EQ(taps.size(), 1U);
  EXPECT_EQ(taps[0].source, Cidr(ip("10.0.0.1"), 32));
  EXPECT_EQ(taps[0].destination_port, 80);
  EXPECT_EQ(taps[0].protocol, 6);
  EXPECT_FALSE(taps[0].both_ways);
}

TEST(ExpressionTaps, DoNotPutUndirectedEndsTogether) {
  const auto taps = widen(parse("host 10.0.0.1 and port 80"));
  ASSERT_EQ(taps.size(), 1U);
  EXPECT_EQ(taps[0].source, Cidr(ip("10.0.0.1"), 32));
  EXPECT_EQ(taps[0].source_port, 0) << "the port may be at the other end";
  EXPECT_EQ(taps[0].destination_port, 0);
  EXPECT_TRUE(taps[0].both_ways);
}

TEST(ExpressionTaps, OpenOneForEachAlternativeWhileTheyAreFew) {
  EXPECT_EQ(widen(parse("host 10.0.0.1 or host 10.0.0.2")).size(), 2U);
  const auto many = widen(parse("port 1 or port 2 or port 3 or port 4 or port 5"));
  ASSERT_EQ(many.size(), 1U);
  EXPECT_EQ(many[0].source_port, 0);
}

// What an expression matches comes through one of its taps.
TEST(ExpressionTaps, LoseNothingThatMatches) {
  const auto passes = [](const TapSpec& spec, const PacketEnds& p) {
    const auto one_way = [&](const IpAddress& s, const IpAddress& d, uint16_t sp, uint16_t dp) {
      return (!spec.source || spec.source->contains(s)) &&
             (!spec.destination || spec.destination->contains(d)) &&
             (spec.source_port == 0 || spec.source_port == sp) &&
             (spec.destination_port == 0 || spec.destination_port == dp);
    };
    if (spec.protocol != 0 && spec.protocol != p.protocol) return false;
    if (spec.drops_only && !p.dropped) return false;
    return one_way(p.source, p.destination, p.source_port, p.destination_port) ||
           (spec.both_ways && one_way(p.destination, p.source, p.destination_port, p.source_port));
  };
  const char* texts[] = {"host 10.0.0.1 and port 80",
                         "net 10.0.0.0/8 and host 10.0.0.1",
                         "src host 10.0.0.1 and port 80",
                         "dst port 80 and src port 80",
                         "not tcp",
                         "(host 10.0.0.1 or host 10.0.0.2) and (port 80 or dst port 443)",
                         "dropped or (udp and not port 80)",
                         "src 10.0.0.1 and dst 10.0.0.2 and tcp and ip"};
  for (const char* text : texts) {
    const Expression expression = parse(text);
    const auto taps = widen(expression);
    for (int bits = 0; bits < 256; ++bits) {
      const PacketEnds packet{
          .source = ip(bits & 1 ? "10.0.0.1" : "10.0.0.2"),
          .destination = ip(bits & 2 ? "10.0.0.1" : (bits & 4 ? "10.0.0.2" : "192.0.2.1")),
          .source_port = static_cast<uint16_t>(bits & 8 ? 80 : 40000),
          .destination_port = static_cast<uint16_t>(bits & 16 ? 80 : (bits & 32 ? 443 : 1)),
          .protocol = static_cast<uint8_t>(bits & 64 ? 6 : 17),
          .dropped = (bits & 128) != 0};
      if (!matches(expression, packet)) continue;
      const bool comes_through =
          std::ranges::any_of(taps, [&](const TapSpec& spec) { return passes(spec, packet); });
      EXPECT_TRUE(comes_through) << text << ", packet " << bits;
    }
  }
}

}  // namespace
}  // namespace skiff::trace
