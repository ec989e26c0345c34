// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/pki.h"
#include "controller/auth/jwt.h"
#include "controller/auth/service_account_tokens.h"
#include "controller/auth/x509_authenticator.h"
#include "controller/store/store.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::auth {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const JwtKey> new_key() {
  return std::make_shared<const JwtKey>(*JwtKey::load(*pki::make_private_key()));
}

TEST(Base64Url, HasNoPaddingAndItsOwnAlphabet) {
  const std::string bytes("\xfb\xff\x00\x01", 4);
  EXPECT_EQ(base64url(bytes), "-_8AAQ");
  EXPECT_EQ(*base64url_decode("-_8AAQ"), bytes);
  EXPECT_EQ(base64url_decode("+/8=").status().code(), StatusCode::kInvalidArgument);
}

TEST(JwtKey, VerifiesWhatItSigned) {
  const auto key = new_key();
  for (int i = 0; i < 50; ++i) {  // r and s with leading zeros among them
    const std::string claims = fmt::format(R"({{"n":{}}})", i);
    EXPECT_EQ(*key->verify(*key->sign(claims)), claims);
  }
  EXPECT_THAT(key->jwks(), HasSubstr(R"("alg":"ES256")"));
  EXPECT_THAT(key->jwks(), HasSubstr(key->id()));
}

TEST(JwtKey, RefusesWhatItDidNotSign) {
  const auto key = new_key();
  const std::string token = *key->sign(R"({"sub":"me"})");
  const size_t first = token.find('.');
  const size_t second = token.rfind('.');
  const std::string header = token.substr(0, first);
  const std::string signature = token.substr(second + 1);
  const std::string other_claims = base64url(R"({"sub":"you"})");
  const std::string none = base64url(R"({"alg":"none"})");
  const std::string hs256 = base64url(R"({"alg":"HS256"})");
  std::string flipped = token;
  flipped[second + 5] = flipped[second + 5] == 'A' ? 'B' : 'A';
  const std::string bad[] = {
      "",
      "garbage",
      "a.b",
      "!.!.!",
      header + "." + other_claims + "." + signature,
      flipped,
      token.substr(0, second + 1),
      none + token.substr(first),
      none + token.substr(first, second - first) + ".",
      hs256 + token.substr(first),
      *new_key()->sign(R"({"sub":"me"})"),
      token + "x",
  };
  for (const std::string& text : bad)
    EXPECT_EQ(key->verify(text).status().code(), StatusCode::kUnauthenticated) << text;
}

TEST(JwtKey, GarbageIsNoKey) {
  EXPECT_FALSE(JwtKey::load("garbage").ok());
}

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    put("serviceaccounts", "web", "sa-uid");
    put("pods", "web-1", "pod-uid");
  }
  void put(const char* resource, const std::string& name, const std::string& uid) {
    const std::string key = store::registry_key(resource, "shop", name);
    (void)remove(key);
    std::optional<bool> done;
    spawn(io_.get_executor(), "create", create(key, uid, done));
    io_.restart();
    io_.run();
    ASSERT_EQ(done, true);
  }
  bool remove(const std::string& key) {
    std::optional<bool> done;
    spawn(io_.get_executor(), "remove", remove_key(key, done));
    io_.restart();
    io_.run();
    return done.value_or(false);
  }
  awaitable<void> create(std::string key, std::string uid, std::optional<bool>& done) {
    const auto made = co_await store_->create(key, [&uid](int64_t revision) {
      return fmt::format(R"({{"metadata":{{"uid":"{}","resourceVersion":"{}"}}}})", uid, revision);
    });
    done = made.ok();
  }
  awaitable<void> remove_key(std::string key, std::optional<bool>& done) {
    const auto gone = co_await store_->remove(std::move(key), store::kAnyRevision);
    done = gone.ok();
  }

  std::string token(const apiserver::TokenClaims& claims) {
    return token_issuer(key_, options_)->issue(claims, clock_.now())->token;
  }
  Result<std::optional<apiserver::User>> show(const std::string& token) {
    http::Request request;
    request.headers.set("authorization", "Bearer " + token);
    return token_authenticator(key_, options_, *store_, clock_)->authenticate(request);
  }
  std::string refusal(const std::string& token) {
    const auto user = show(token);
    EXPECT_EQ(user.status().code(), StatusCode::kUnauthenticated);
    return std::string(message(user.status()));
  }

  asio::io_context io_;
  FakeClock clock_;
  std::unique_ptr<store::Store> store_ = store::memory_store(io_.get_executor());
  std::shared_ptr<const JwtKey> key_ = new_key();
  TokenOptions options_;
  apiserver::TokenClaims claims_{.namespace_ = "shop",
                                 .service_account = "web",
                                 .service_account_uid = "sa-uid",
                                 .bound_kind = "Pod",
                                 .bound_name = "web-1",
                                 .bound_uid = "pod-uid",
                                 .node_name = "n1",
                                 .node_uid = "node-uid"};
};

TEST_F(TokensTest, StandForTheServiceAccount) {
  const auto user = show(token(claims_));
  ASSERT_TRUE(user.ok()) << message(user.status());
  ASSERT_TRUE(*user);
  EXPECT_EQ((*user)->name, "system:serviceaccount:shop:web");
  EXPECT_EQ((*user)->uid, "sa-uid");
  EXPECT_THAT((*user)->groups, ElementsAre("system:serviceaccounts", "system:serviceaccounts:shop",
                                           "system:authenticated"));
  EXPECT_THAT((*user)->extra.at("authentication.kubernetes.io/pod-name"), ElementsAre("web-1"));
  EXPECT_THAT((*user)->extra.at("authentication.kubernetes.io/node-name"), ElementsAre("n1"));
}

TEST_F(TokensTest, OtherCredentialsAreNotTheirs) {
  const auto authenticator = token_authenticator(key_, options_, *store_, clock_);
  http::Request request;
  EXPECT_EQ(authenticator->authenticate(request).value(), std::nullopt);
  request.headers.set("authorization", "Basic eDp5");
  EXPECT_EQ(authenticator->authenticate(request).value(), std::nullopt);
}

TEST_F(TokensTest, End) {
  const std::string shown = token(claims_);
  clock_.advance(3599s);
  EXPECT_TRUE(show(shown).ok());
  clock_.advance(1s);
  EXPECT_EQ(refusal(shown), "token: expired");
}

TEST_F(TokensTest, AreForTheirAudience) {
  claims_.audiences = {"vault"};
  EXPECT_EQ(refusal(token(claims_)), "token: meant for another audience");
  claims_.audiences = {"vault", options_.issuer};
  EXPECT_TRUE(show(token(claims_)).ok());
}

TEST_F(TokensTest, OfAnotherIssuerAreRefused) {
  TokenOptions other = options_;
  other.issuer = "https://elsewhere";
  EXPECT_EQ(refusal(token_issuer(key_, other)->issue(claims_, clock_.now())->token),
            "token: unknown issuer");
}

TEST_F(TokensTest, DieWithTheirPod) {
  const std::string shown = token(claims_);
  put("pods", "web-1", "another");
  EXPECT_EQ(refusal(shown), "token: pod web-1 is another one now");
  remove(store::registry_key("pods", "shop", "web-1"));
  EXPECT_EQ(refusal(shown), "token: pod web-1 is gone");
}

TEST_F(TokensTest, DieWithTheirAccount) {
  const std::string shown = token(claims_);
  remove(store::registry_key("serviceaccounts", "shop", "web"));
  EXPECT_EQ(refusal(shown), "token: serviceaccount web is gone");
}

TEST_F(TokensTest, BoundToANodeDieWithIt) {
  claims_.bound_kind = "Node";
  claims_.bound_name = "n1";
  claims_.bound_uid = "node-uid";
  claims_.node_name.clear();
  EXPECT_EQ(refusal(token(claims_)), "token: node n1 is gone");
}

TEST_F(TokensTest, GarbageIsRefused) {
  EXPECT_EQ(refusal("garbage"), "token: not a JWT");
  EXPECT_EQ(refusal("a!.b.c"), "token: not base64url");
}

TEST(X509Authenticator, TakesNameAndGroupsFromTheCertificate) {
  http::Request request;
  EXPECT_EQ(x509_authenticator()->authenticate(request).value(), std::nullopt);
  request.peer.common_name = "system:node:n1";
  request.peer.organizations = {"system:nodes"};
  const auto user = x509_authenticator()->authenticate(request);
  EXPECT_EQ((*user)->name, "system:node:n1");
  EXPECT_THAT((*user)->groups, ElementsAre("system:nodes", "system:authenticated"));
}

}  // namespace
}  // namespace skiff::auth
