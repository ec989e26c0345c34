// SPDX-License-Identifier: Apache-2.0
#include "agent/hubble_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/pki.h"

namespace skiff::agent {
namespace {

using ::testing::HasSubstr;

// On somebody else's Kubernetes, with a directory of certificates.
class HubblePortTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fmt::format("{}skiff-hubble-port-{}", testing::TempDir(), ::getpid());
    std::filesystem::create_directories(directory_);
    config_.roles = {Role::kProxy};
    config_.hubble_tls_dir = directory_;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void write_certificate(const std::string& text) {
    ASSERT_TRUE(write_file_atomic(directory_ / "tls.crt", text).ok());
  }
  static std::string certificate(std::vector<std::string> dns_names) {
    const TimePoint now = std::chrono::system_clock::now();
    const pki::Pair ca = *pki::make_ca("test", now);
    return pki::make_leaf(
               ca, {.subject = {"a", {}}, .dns_names = std::move(dns_names), .server = true}, now)
        ->certificate;
  }

  std::filesystem::path directory_;
  Config config_;
};

TEST_F(HubblePortTest, GoesByTheNameInItsCertificate) {
  write_certificate(certificate({"*.hubble.example"}));
  const auto port = hubble_port(config_);
  ASSERT_TRUE(port.ok() && *port) << port.status();
  EXPECT_EQ((*port)->server_names, "*.hubble.example");
  EXPECT_EQ((*port)->organization, "");
}

TEST_F(HubblePortTest, IsNotServedWithoutCertificates) {
  const auto port = hubble_port(config_);
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_FALSE(*port);
}

TEST_F(HubblePortTest, ACertificateItCannotUseIsSaidWithItsFile) {
  for (const std::string& text : {std::string("no certificate"), certificate({})}) {
    write_certificate(text);
    const auto port = hubble_port(config_);
    ASSERT_FALSE(port.ok());
    EXPECT_THAT(std::string(message(port.status())), HasSubstr("tls.crt"));
  }
}

TEST_F(HubblePortTest, IsForAdministratorsOnAClusterOfOurs) {
  write_certificate(certificate({}));
  config_.roles = {Role::kKubelet};
  config_.tls_cert_file = directory_ / "tls.crt";
  const auto port = hubble_port(config_);
  ASSERT_TRUE(port.ok() && *port) << port.status();
  EXPECT_EQ((*port)->server_names, "*");
  EXPECT_EQ((*port)->organization, "system:masters");
}

}  // namespace
}  // namespace skiff::agent
