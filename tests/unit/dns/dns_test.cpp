// SPDX-License-Identifier: Apache-2.0
// The server over loopback, with a name server of our own behind it.
#include "agent/dns/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/dns/upstream.h"
#include "tests/fakes/fake_clock.h"
#include "tests/run_on.h"
#include "tests/unit/dns/fake_view.h"

namespace skiff::dns {
namespace {

using asio::ip::udp;

// Answers A questions with 192.0.2.1, "large…" with more than a datagram holds, and "silent…"
// never.
class FakeUpstream {
 public:
  FakeUpstream(asio::io_context& io, uint16_t port)
      : socket_(io, udp::endpoint(asio::ip::make_address_v4("127.0.0.2"), port)),
        acceptor_(io, {asio::ip::make_address_v4("127.0.0.2"), socket_.local_endpoint().port()}) {
    spawn(io.get_executor(), "upstream", serve_udp());
    spawn(io.get_executor(), "upstream tcp", serve_tcp());
  }
  uint16_t port() const { return socket_.local_endpoint().port(); }

  int questions = 0;
  Rcode rcode = Rcode::kNoError;

 private:
  std::string answer(std::string_view wire, size_t limit) {
    const Message query = *Message::parse(wire);
    Rcode refusal;
    const Question question = *query.question(refusal);
    ++questions;
    if (question.name[0].starts_with("silent")) return "";
    Message reply = Message::reply_to(query);
    const int count = question.name[0].starts_with("large") ? 200 : 1;
    for (int i = 0; i < count; ++i)
      reply.add(Section::kAnswer, {join_labels(question.name), Type::kA, 30, ip("192.0.2.1")});
    reply.set_rcode(rcode);
    return reply.wire(limit);
  }
  awaitable<void> serve_udp() {
    std::string buffer(2048, '\0');
    while (true) {
      udp::endpoint from;
      const size_t size =
          co_await socket_.async_receive_from(asio::buffer(buffer), from, asio::use_awaitable);
      const std::string wire = answer(std::string_view(buffer).substr(0, size), kMaxUdpBytes);
      if (!wire.empty()) socket_.send_to(asio::buffer(wire), from);
    }
  }
  awaitable<void> serve_tcp() {
    while (true) {
      auto connection = co_await acceptor_.async_accept(asio::use_awaitable);
      std::array<uint8_t, 2> length{};
      co_await asio::async_read(connection, asio::buffer(length), asio::use_awaitable);
      std::string body(size_t{length[0]} << 8 | length[1], '\0');
      co_await asio::async_read(connection, asio::buffer(body), asio::use_awaitable);
      std::string wire = answer(body, kMaxTcpBytes);
      const size_t size = wire.size();
      wire.insert(0, {static_cast<char>(size >> 8), static_cast<char>(size)});
      co_await asio::async_write(connection, asio::buffer(wire), asio::use_awaitable);
    }
  }

  udp::socket socket_;
  asio::ip::tcp::acceptor acceptor_;
};

class DnsTest : public ::testing::Test {
 protected:
  DnsTest() : view_(example_view()), upstream_(io_, 0) {
    char path[] = "/tmp/skiff-dns-XXXXXX";
    directory_ = ::mkdtemp(path);
    std::ofstream(directory_ / "resolv.conf") << "nameserver 127.0.0.1\nnameserver 127.0.0.2\n";
    dns_.emplace(io_.get_executor(),
                 Options{.addresses = {ip("127.0.0.1")},
                         .port = 0,
                         .reverse_ranges = example_zone().reverse_ranges,
                         .resolver = {.resolv_conf = directory_ / "resolv.conf",
                                      .port = upstream_.port(),
                                      .timeout = std::chrono::milliseconds(50),
                                      .attempts = 1}},
                 view_, clock_);
  }
  ~DnsTest() override { std::filesystem::remove_all(directory_); }
  void SetUp() override { ASSERT_TRUE(dns_->start().ok()); }

  template <class T>
  T wait(awaitable<T> task) {
    return run_on(io_, std::move(task));
  }
  // As a client does it: by UDP, by TCP if that is truncated.
  Result<Message> ask(const std::string& name, Type type = Type::kA) {
    return wait(exchange(ip("127.0.0.1"), dns_->port(), {split_name(name), type},
                         std::chrono::milliseconds(1000)));
  }
  std::string send_raw(const std::string& bytes) {
    udp::socket socket(io_, udp::endpoint(udp::v4(), 0));
    socket.send_to(asio::buffer(bytes),
                   udp::endpoint(asio::ip::make_address_v4("127.0.0.1"), dns_->port()));
    io_.run_for(std::chrono::milliseconds(5));
    std::string answer(2048, '\0');
    socket.non_blocking(true);
    boost::system::error_code error;
    answer.resize(socket.receive(asio::buffer(answer), 0, error));
    return answer;
  }

  asio::io_context io_;
  SystemClock clock_;
  FakeView view_;
  FakeUpstream upstream_;
  std::filesystem::path directory_;
  std::optional<Dns> dns_;
};

TEST_F(DnsTest, AnswersClusterNamesWithoutAskingOthers) {
  const auto answer = ask("kubernetes.default.svc.cluster.local");
  ASSERT_TRUE(answer.ok()) << message(answer.status());
  EXPECT_EQ(answer->rcode(), Rcode::kNoError);
  EXPECT_EQ(answer->lifetime(), std::chrono::seconds(5));
  EXPECT_EQ(ask("nothing.default.svc.cluster.local")->rcode(), Rcode::kNxDomain);
  EXPECT_EQ(upstream_.questions, 0);
}

TEST_F(DnsTest, ForwardsAndRemembers) {
  for (int round = 0; round < 3; ++round)
    EXPECT_EQ(ask("www.example.com")->lifetime(), std::chrono::seconds(30));
  EXPECT_EQ(upstream_.questions, 1);
  EXPECT_EQ(dns_->counters().cache_hits, 2u);
  EXPECT_EQ(dns_->counters().forwarded, 3u);
}

TEST_F(DnsTest, AsksOnceForManyWhoAskTheSame) {
  int pending = 20;
  const auto one = [](uint16_t port, int& left) -> awaitable<void> {
    const Question question{split_name("busy.example.com"), Type::kA};
    const auto answer =
        co_await exchange(ip("127.0.0.1"), port, question, std::chrono::milliseconds(1000));
    EXPECT_TRUE(answer.ok());
    --left;
  };
  for (int i = 0; i < 20; ++i) spawn(io_.get_executor(), "ask", one(dns_->port(), pending));
  while (pending > 0) io_.run_one();
  EXPECT_EQ(upstream_.questions, 1);
}

TEST_F(DnsTest, FollowsAliasesOutOfTheCluster) {
  const auto answer = ask("docs.shop.svc.cluster.local");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->rcode(), Rcode::kNoError);
  EXPECT_EQ(upstream_.questions, 1);
  EXPECT_NE(answer->wire(kMaxTcpBytes).find("\xc0\x00\x02\x01"), std::string::npos);
}

TEST_F(DnsTest, AnswersWithTheAliasAloneWhenItLeadsNowhere) {
  for (const char* name : {"silent", "broken"}) {
    upstream_.rcode = Rcode::kServFail;
    const auto answer = ask(fmt::format("{}-docs.shop.svc.cluster.local", name));
    ASSERT_TRUE(answer.ok()) << message(answer.status());
    EXPECT_EQ(answer->rcode(), Rcode::kNoError);
    EXPECT_NE(answer->wire(kMaxTcpBytes).find(name), std::string::npos);
  }
  upstream_.rcode = Rcode::kNxDomain;
  EXPECT_EQ(ask("docs.shop.svc.cluster.local")->rcode(), Rcode::kNxDomain);
}

TEST_F(DnsTest, CarriesLargeAnswersByTcp) {
  const auto answer = ask("large.example.com");
  ASSERT_TRUE(answer.ok()) << message(answer.status());
  EXPECT_FALSE(answer->truncated());
  EXPECT_GT(answer->wire(kMaxTcpBytes).size(), 200u * 16);
}

TEST_F(DnsTest, FailsInTimeWhenNobodyAnswers) {
  EXPECT_EQ(ask("silent.example.com")->rcode(), Rcode::kServFail);
  EXPECT_EQ(ask("kubernetes.default.svc.cluster.local")->rcode(), Rcode::kNoError);
  EXPECT_EQ(dns_->counters().failed, 1u);
}

TEST_F(DnsTest, PassesTheUpstreamsVerdictOn) {
  upstream_.rcode = Rcode::kNxDomain;
  EXPECT_EQ(ask("gone.example.com")->rcode(), Rcode::kNxDomain);
  upstream_.rcode = Rcode::kServFail;
  EXPECT_EQ(ask("broken.example.com")->rcode(), Rcode::kServFail);
}

TEST_F(DnsTest, RefusesWhatIsNoQuestion) {
  const std::string header("\0\7\1\0\0\1\0\0\0\0\0\0", 12);
  const auto code_of = [&](const std::string& bytes) {
    const std::string answer = send_raw(bytes);
    return answer.size() < 12 ? -1 : answer[3] & 0xf;
  };
  EXPECT_EQ(code_of("x"), -1) << "too short to have an id";
  EXPECT_EQ(code_of(header), static_cast<int>(Rcode::kFormErr));
  EXPECT_EQ(code_of(header + "\3web"), static_cast<int>(Rcode::kFormErr));
  EXPECT_EQ(code_of(std::string("\0\7\x28\0\0\0\0\0\0\0\0\0", 12)),
            static_cast<int>(Rcode::kNotImp));
  EXPECT_EQ(code_of(header + std::string("\3web\0\0\1\0\3", 9)), static_cast<int>(Rcode::kRefused))
      << "class CHAOS";
  EXPECT_EQ(code_of(header + std::string("\3web\0\0\xfc\0\1", 9)),
            static_cast<int>(Rcode::kRefused))
      << "zone transfer";
  EXPECT_EQ(code_of(std::string("\0\7\x81\0\0\1\0\0\0\0\0\0\3web\0\0\1\0\1", 21)), -1)
      << "answers are not answered";
  const std::string edns1 = std::string("\0\7\1\0\0\1\0\0\0\0\0\1\3web\0\0\1\0\1", 21) +
                            std::string("\0\0\x29\4\xd0\0\1\0\0\0\0", 11);
  const std::string answer = send_raw(edns1);
  ASSERT_GT(answer.size(), 12u);
  EXPECT_NE(answer.find(std::string("\0\0\x29\4\xd0\1", 6)), std::string::npos) << "BADVERS";
  EXPECT_TRUE(ask("web.shop.svc.cluster.local").ok());
}

TEST_F(DnsTest, SurvivesGarbageByTcp) {
  for (const std::string& bytes :
       {std::string("\0\0", 2), std::string("\0\5abcde", 7), std::string("\xff\xff zzz"),
        std::string("GET / HTTP/1.1\r\n\r\n")}) {
    asio::ip::tcp::socket socket(io_);
    socket.connect({asio::ip::make_address_v4("127.0.0.1"), dns_->port()});
    asio::write(socket, asio::buffer(bytes));
    io_.run_for(std::chrono::milliseconds(2));
  }
  EXPECT_TRUE(ask("web.shop.svc.cluster.local").ok());
}

TEST_F(DnsTest, NamesTheAddressItCannotHave) {
  Dns other(io_.get_executor(), Options{.addresses = {ip("192.0.2.53")}, .port = 0}, view_, clock_);
  EXPECT_THAT(std::string(message(other.start())), ::testing::HasSubstr("udp 192.0.2.53"));
}

TEST_F(DnsTest, EveryExchangeIsTold) {
  std::vector<Exchange> told;
  dns_->observe([&](const Exchange& exchange) { told.push_back(exchange); });
  ASSERT_TRUE(ask("example.org").ok());
  ASSERT_TRUE(ask("nobody.shop.svc.cluster.local").ok());
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(join_labels(told[0].question.name), "example.org.");
  EXPECT_TRUE(told[0].forwarded && told[0].udp);
  EXPECT_EQ(told[0].ends.client, ip("127.0.0.1"));
  EXPECT_EQ(told[0].addresses, std::vector<IpAddress>{ip("192.0.2.1")});
  EXPECT_EQ(told[0].answer_types, std::vector<uint16_t>{1});
  EXPECT_EQ(rcode_name(told[1].rcode), "NXDOMAIN");
  EXPECT_FALSE(told[1].forwarded);
}

}  // namespace
}  // namespace skiff::dns
