// SPDX-License-Identifier: Apache-2.0
// The Kubernetes DNS specification 1.1.0, a row a rule.
#include "agent/dns/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/dns/fake_view.h"

namespace skiff::dns {
namespace {

std::string text_of(const Record& record) {
  struct Data {
    std::string operator()(const IpAddress& address) const { return address.to_string(); }
    std::string operator()(const Target& target) const { return target.name; }
    std::string operator()(const Service& s) const {
      return fmt::format("{} {} {} {}", s.priority, s.weight, s.port, s.target);
    }
    std::string operator()(const Text& text) const { return text.text; }
    std::string operator()(const Authority& soa) const {
      return soa.server + " " + std::to_string(soa.negative_ttl);
    }
  };
  return std::visit(Data(), record.data);
}

std::vector<std::string> texts_of(const std::vector<Record>& records) {
  std::vector<std::string> texts;
  for (const Record& record : records) texts.push_back(text_of(record));
  return texts;
}

struct Row {
  const char* name;
  Type type;
  Rcode rcode;
  std::vector<std::string> answers;
};

const Row kRows[] = {
    // 2.3 services with a cluster address
    {"kubernetes.default.svc.cluster.local.", Type::kA, Rcode::kNoError, {"10.96.0.1"}},
    {"KUBERNETES.Default.SVC.cluster.LOCAL", Type::kA, Rcode::kNoError, {"10.96.0.1"}},
    {"kubernetes.default.svc.cluster.local.", Type::kAaaa, Rcode::kNoError, {}},
    {"kubernetes.default.svc.cluster.local.", Type::kTxt, Rcode::kNoError, {}},
    {"web.shop.svc.cluster.local.", Type::kA, Rcode::kNoError, {"10.96.7.7"}},
    {"web.shop.svc.cluster.local.", Type::kAaaa, Rcode::kNoError, {"fd00:10:96::7"}},
    {"web.shop.svc.cluster.local.", Type::kAny, Rcode::kNoError, {"10.96.7.7", "fd00:10:96::7"}},
    {"_http._tcp.web.shop.svc.cluster.local.",
     Type::kSrv,
     Rcode::kNoError,
     {"0 100 80 web.shop.svc.cluster.local."}},
    {"_quic._udp.web.shop.svc.cluster.local.",
     Type::kSrv,
     Rcode::kNoError,
     {"0 100 80 web.shop.svc.cluster.local."}},
    {"_http._tcp.web.shop.svc.cluster.local.", Type::kA, Rcode::kNoError, {}},
    {"_http._udp.web.shop.svc.cluster.local.", Type::kSrv, Rcode::kNxDomain, {}},
    {"_ftp._tcp.web.shop.svc.cluster.local.", Type::kSrv, Rcode::kNxDomain, {}},
    {"_._tcp.web.shop.svc.cluster.local.", Type::kSrv, Rcode::kNxDomain, {}},
    {"_tcp.web.shop.svc.cluster.local.", Type::kSrv, Rcode::kNoError, {}},
    {"_sctp.web.shop.svc.cluster.local.", Type::kSrv, Rcode::kNxDomain, {}},
    // 2.4 headless services
    {"db.shop.svc.cluster.local.", Type::kA, Rcode::kNoError, {"10.244.0.5", "10.244.1.6"}},
    {"db.shop.svc.cluster.local.", Type::kAaaa, Rcode::kNoError, {"fd00::5"}},
    {"db-0.db.shop.svc.cluster.local.", Type::kA, Rcode::kNoError, {"10.244.0.5"}},
    {"10-244-1-6.db.shop.svc.cluster.local.", Type::kA, Rcode::kNoError, {"10.244.1.6"}},
    {"10-244-1-6.db.shop.svc.cluster.local.", Type::kAaaa, Rcode::kNoError, {}},
    {"db-9.db.shop.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"db-0.web.shop.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"_sql._tcp.db.shop.svc.cluster.local.",
     Type::kSrv,
     Rcode::kNoError,
     {"0 50 5432 db-0.db.shop.svc.cluster.local.",
      "0 50 5432 10-244-1-6.db.shop.svc.cluster.local."}},
    {"idle.shop.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    // 2.5 external names
    {"docs.shop.svc.cluster.local.", Type::kCname, Rcode::kNoError, {"docs.example.com."}},
    {"alias.shop.svc.cluster.local.",
     Type::kA,
     Rcode::kNoError,
     {"web.shop.svc.cluster.local.", "10.96.7.7"}},
    {"alias.shop.svc.cluster.local.", Type::kTxt, Rcode::kNoError, {"web.shop.svc.cluster.local."}},
    {"loop-a.shop.svc.cluster.local.", Type::kA, Rcode::kServFail, {}},
    // 2.2 version, and what is there besides
    {"dns-version.cluster.local.", Type::kTxt, Rcode::kNoError, {"1.1.0"}},
    {"dns-version.cluster.local.", Type::kA, Rcode::kNoError, {}},
    {"cluster.local.", Type::kSoa, Rcode::kNoError, {"ns.dns.cluster.local. 5"}},
    {"cluster.local.", Type::kNs, Rcode::kNoError, {"ns.dns.cluster.local."}},
    {"cluster.local.", Type::kA, Rcode::kNoError, {}},
    {"ns.dns.cluster.local.", Type::kA, Rcode::kNoError, {"10.96.0.10"}},
    {"dns.cluster.local.", Type::kA, Rcode::kNoError, {}},
    {"svc.cluster.local.", Type::kA, Rcode::kNoError, {}},
    {"shop.svc.cluster.local.", Type::kA, Rcode::kNoError, {}},
    {"nowhere.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"none.shop.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"web.nowhere.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"a.b.c.web.shop.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"example.com.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"example.com.svc.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    // pods by address
    {"10-244-0-5.shop.pod.cluster.local.", Type::kA, Rcode::kNoError, {"10.244.0.5"}},
    {"fd00--5.shop.pod.cluster.local.", Type::kAaaa, Rcode::kNoError, {"fd00::5"}},
    {"web.shop.pod.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    {"10-244-0-5.nowhere.pod.cluster.local.", Type::kA, Rcode::kNxDomain, {}},
    // reverse names
    {"7.7.96.10.in-addr.arpa.", Type::kPtr, Rcode::kNoError, {"web.shop.svc.cluster.local."}},
    {"7.7.96.10.in-addr.arpa.", Type::kA, Rcode::kNoError, {}},
    {"5.0.244.10.in-addr.arpa.", Type::kPtr, Rcode::kNoError, {"db-0.db.shop.svc.cluster.local."}},
    {"9.9.96.10.in-addr.arpa.", Type::kPtr, Rcode::kNxDomain, {}},
    {"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.",
     Type::kPtr,
     Rcode::kNoError,
     {"web.shop.svc.cluster.local."}},
};

TEST(DnsAnswer, FollowsTheSpecification) {
  const FakeView view = example_view();
  for (const Row& row : kRows) {
    const Reply reply = answer({split_name(row.name), row.type}, view, example_zone());
    const std::string what = fmt::format("{} type {}", row.name, static_cast<int>(row.type));
    EXPECT_EQ(reply.rcode, row.rcode) << what;
    EXPECT_EQ(texts_of(reply.answers), row.answers) << what;
    EXPECT_TRUE(reply.authoritative) << what;
    EXPECT_FALSE(reply.forward) << what;
    if (row.answers.empty() && row.rcode != Rcode::kServFail)
      EXPECT_EQ(texts_of(reply.authority), std::vector<std::string>{"ns.dns.cluster.local. 5"})
          << what << ": a negative answer says how long it holds";
  }
}

TEST(DnsAnswer, LeavesOtherNamesToOthers) {
  const FakeView view = example_view();
  for (const char* name : {"example.com.", "local.", "cluster.local.example.com.", ".",
                           "8.8.8.8.in-addr.arpa.", "96.10.in-addr.arpa.", "xcluster.local."}) {
    const Question question{split_name(name), Type::kA};
    const Reply reply = answer(question, view, example_zone());
    EXPECT_EQ(reply.forward, question) << name;
    EXPECT_FALSE(reply.authoritative) << name;
  }
}

TEST(DnsAnswer, ChasesAnAliasOutOfTheCluster) {
  const Reply reply =
      answer({split_name("docs.shop.svc.cluster.local"), Type::kA}, example_view(), example_zone());
  EXPECT_EQ(texts_of(reply.answers), std::vector<std::string>{"docs.example.com."});
  EXPECT_EQ(reply.forward, (Question{split_name("docs.example.com"), Type::kA}));
}

TEST(DnsAnswer, AddsTheAddressesOfServiceTargets) {
  const Reply reply = answer({split_name("_sql._tcp.db.shop.svc.cluster.local"), Type::kSrv},
                             example_view(), example_zone());
  EXPECT_EQ(texts_of(reply.additional),
            (std::vector<std::string>{"10.244.0.5", "fd00::5", "10.244.1.6"}));
}

TEST(DnsAnswer, FailsRatherThanDenyBeforeTheServicesAreKnown) {
  FakeView view = example_view();
  view.is_ready = false;
  EXPECT_EQ(
      answer({split_name("none.shop.svc.cluster.local"), Type::kA}, view, example_zone()).rcode,
      Rcode::kServFail);
  EXPECT_TRUE(answer({split_name("example.com"), Type::kA}, view, example_zone()).forward);
}

TEST(DnsName, ReadsDashedAddresses) {
  EXPECT_EQ(parse_dashed("10-0-0-1"), ip("10.0.0.1"));
  EXPECT_EQ(parse_dashed("fd00--1"), ip("fd00::1"));
  EXPECT_EQ(parse_dashed(dashed(ip("2001:db8::1:2"))), ip("2001:db8::1:2"));
  for (const char* text : {"", "web", "10-0-0", "10-0-0-256", "1-2-3-4-5"})
    EXPECT_EQ(parse_dashed(text), std::nullopt) << text;
}

}  // namespace
}  // namespace skiff::dns
