// SPDX-License-Identifier: Apache-2.0
#include "base/pki.h"

#include <gtest/gtest.h>

namespace skiff::pki {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const TimePoint kNow{seconds(1'800'000'000)};

TEST(Pki, AuthorityMaySignAndSaysSo) {
  const Pair ca = make_ca("skiff-ca", kNow).value();
  const Certificate read = read_certificate(ca.certificate).value();
  EXPECT_EQ(read.subject.common_name, "skiff-ca");
  EXPECT_TRUE(read.is_ca);
  EXPECT_EQ(read.not_before, kNow - minutes(5));
  EXPECT_EQ(read.not_after, kNow + hours(24 * 3650));
}

TEST(Pki, LeafCarriesSubjectAndNames) {
  const Pair ca = make_ca("skiff-ca", kNow).value();
  const Pair leaf = make_leaf(ca,
                              {.subject = {"system:node:n1", {"system:nodes", "ops"}},
                               .dns_names = {"n1", "*.example.org"},
                               .addresses = {"10.89.0.2", "fd00:10:89::2"},
                               .server = true,
                               .client = true,
                               .validity = hours(1)},
                              kNow)
                        .value();
  const Certificate read = read_certificate(leaf.certificate).value();
  EXPECT_EQ(read.subject.common_name, "system:node:n1");
  EXPECT_EQ(read.subject.organizations, (std::vector<std::string>{"system:nodes", "ops"}));
  EXPECT_EQ(read.dns_names, (std::vector<std::string>{"n1", "*.example.org"}));
  EXPECT_EQ(read.addresses, (std::vector<std::string>{"10.89.0.2", "fd00:10:89::2"}));
  EXPECT_FALSE(read.is_ca);
  EXPECT_EQ(read.not_after, kNow + hours(1));
}

TEST(Pki, RequestIsSignedWithWhatTheSignerSays) {
  const Pair ca = make_ca("skiff-ca", kNow).value();
  const Pair request = make_request({"system:node:n2", {"system:nodes"}}).value();
  const Subject asked = read_request(request.certificate).value();
  EXPECT_EQ(asked.common_name, "system:node:n2");
  const std::string signed_pem =
      sign_request(ca, request.certificate, {.subject = asked, .client = true}, kNow).value();
  EXPECT_EQ(read_certificate(signed_pem)->subject.organizations,
            (std::vector<std::string>{"system:nodes"}));
}

TEST(Pki, RefusesNamesThatWouldAddOthers) {
  const Pair ca = make_ca("skiff-ca", kNow).value();
  const auto leaf = make_leaf(
      ca, {.subject = {"x", {}}, .dns_names = {"a,DNS:kubernetes"}, .server = true}, kNow);
  EXPECT_EQ(leaf.status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(make_leaf(ca, {.subject = {"x", {}}, .addresses = {"1.2.3"}}, kNow).ok());
  EXPECT_FALSE(make_leaf({"nonsense", ""}, {.subject = {"x", {}}}, kNow).ok());
}

TEST(Pki, PublicKeyIsThatOfThePrivateOne) {
  const std::string key = make_private_key().value();
  EXPECT_TRUE(public_key(key)->starts_with("-----BEGIN PUBLIC KEY-----"));
  EXPECT_FALSE(public_key("nonsense").ok());
}

}  // namespace
}  // namespace skiff::pki
