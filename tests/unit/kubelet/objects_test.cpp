// SPDX-License-Identifier: Apache-2.0
// Tokens and objects of pods, kept as long as they are good.
#include "agent/kubelet/objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/scalars.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/run_on.h"
#include "tests/unit/kube/fake_transport.h"

namespace skiff::kubelet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

class Objects : public ::testing::Test {
 protected:
  // The server grants tokens `life` long, the next one named `text`.
  void grant(const std::string& text, Duration life) {
    transport->answers = {
        {201,
         fmt::format(R"({{"status":{{"token":"{}","expirationTimestamp":"{}"}}}})", text,
                     api::Time(clock.now() + std::chrono::duration_cast<TimePoint::duration>(life))
                         .to_string())}};
  }
  template <class T>
  T run(awaitable<T> task) {
    return run_on(context, std::move(task));
  }
  std::string token(const api::Pod& pod, TokenRequest request = {}) {
    const auto answer = run(source.token(pod, std::move(request)));
    return answer.ok() ? *answer : std::string(message(answer.status()));
  }
  size_t asked() const { return transport->asked.size(); }

  asio::io_context context;
  FakeClock clock;
  std::shared_ptr<kube::FakeTransport> transport =
      std::make_shared<kube::FakeTransport>(context.get_executor());
  ApiObjectSource source{context.get_executor(), kube::Client(transport), clock};
  const api::Pod web = PodBuilder("web").in("shop").build();
};

TEST_F(Objects, KeepsATokenUntilFourFifthsOfItsLifeAreOver) {
  grant("first", hours(1));
  EXPECT_EQ(token(web), "first");
  grant("second", hours(1));
  clock.advance(minutes(47));
  EXPECT_EQ(token(web), "first");
  EXPECT_EQ(asked(), 1u);
  clock.advance(minutes(2));
  EXPECT_EQ(token(web), "second");
}

TEST_F(Objects, GoesByTheLifeThatTheServerGranted) {
  grant("short", minutes(10));
  EXPECT_EQ(token(web, {.audience = "", .expiration_seconds = 36'000}), "short");
  grant("next", minutes(10));
  clock.advance(minutes(9));
  EXPECT_EQ(token(web, {.audience = "", .expiration_seconds = 36'000}), "next");
}

TEST_F(Objects, RenewsALongTokenAfterADay) {
  grant("first", hours(1000));
  EXPECT_EQ(token(web, {.audience = "", .expiration_seconds = 3'600'000}), "first");
  grant("second", hours(1000));
  clock.advance(hours(25));
  EXPECT_EQ(token(web, {.audience = "", .expiration_seconds = 3'600'000}), "second");
}

TEST_F(Objects, AsksForTheAudienceAndForEachOneAnew) {
  grant("for the API", hours(1));
  EXPECT_EQ(token(web), "for the API");
  EXPECT_THAT(transport->asked[0],
              HasSubstr("POST /api/v1/namespaces/shop/serviceaccounts/default/token"));
  EXPECT_THAT(transport->asked[0], HasSubstr(R"("uid":"uid-web")"));
  EXPECT_THAT(transport->asked[0], ::testing::Not(HasSubstr("audiences")));
  grant("for the vault", hours(1));
  EXPECT_EQ(token(web, {.audience = "vault", .expiration_seconds = 600}), "for the vault");
  EXPECT_THAT(transport->asked[1], HasSubstr(R"("audiences":["vault"])"));
  EXPECT_THAT(transport->asked[1], HasSubstr(R"("expirationSeconds":600)"));
  EXPECT_EQ(token(web), "for the API");
  EXPECT_EQ(asked(), 2u);
}

TEST_F(Objects, GivesEachPodItsOwnTokenAndForgetsIt) {
  grant("of web", hours(1));
  EXPECT_EQ(token(web), "of web");
  grant("of db", hours(1));
  EXPECT_EQ(token(PodBuilder("db").in("shop").build()), "of db");
  source.forget("uid-web");
  grant("of web again", hours(1));
  EXPECT_EQ(token(web), "of web again");
}

TEST_F(Objects, NamesTheAccountWhoseTokenItDidNotGet) {
  transport->answers = {{201, "{}"}};
  EXPECT_EQ(token(web), "request token of serviceaccount default: no token in the answer");
  transport->answers = {{403, R"({"kind":"Status","code":403,"message":"no"})"}};
  EXPECT_THAT(token(web), ::testing::StartsWith("request token of serviceaccount default: "));
}

TEST_F(Objects, AsksAgainForWhatIsOlderThanAllowed) {
  transport->answers = {{200, R"({"kind":"ConfigMap","apiVersion":"v1","data":{"a":"1"}})"}};
  const ConfigNames names{.config_maps = {"settings"}, .secrets = {}};
  ASSERT_TRUE(run(source.objects("shop", names, seconds(10))).ok());
  clock.advance(seconds(9));
  transport->answers = {{404, R"({"kind":"Status","code":404,"message":"gone"})"}};
  EXPECT_TRUE(run(source.objects("shop", names, seconds(10)))->config_maps.at("settings"));
  clock.advance(seconds(2));
  EXPECT_FALSE(run(source.objects("shop", names, seconds(10)))->config_maps.at("settings"));
  EXPECT_EQ(asked(), 2u);
}

}  // namespace
}  // namespace skiff::kubelet
