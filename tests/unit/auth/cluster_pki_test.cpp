// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/cluster_pki.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "kube/kubeconfig.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ClusterPkiTest : public testing::Test {
 protected:
  ClusterPkiTest() : directory_(testing::TempDir() + "skiff_pki") {
    std::filesystem::remove_all(directory_);
  }
  ~ClusterPkiTest() override { std::filesystem::remove_all(directory_); }

  Result<ClusterPki> open() {
    return open_pki({.directory = directory_,
                     .server_addresses = addresses_,
                     .server_names = {"kubernetes", "localhost"}},
                    clock_.now());
  }
  void overwrite(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(directory_ / name, text).ok());
  }

  FakeClock clock_;
  std::filesystem::path directory_;
  std::vector<std::string> addresses_ = {"10.96.0.1", "127.0.0.1"};
};

TEST_F(ClusterPkiTest, IsMadeOnceAndReadAfterwards) {
  const auto made = open();
  ASSERT_TRUE(made.ok()) << message(made.status());
  const auto read = open();
  ASSERT_TRUE(read.ok()) << message(read.status());
  EXPECT_EQ(made->ca.certificate, read->ca.certificate);
  EXPECT_EQ(made->server.certificate, read->server.certificate);
  EXPECT_EQ(made->admin.private_key, read->admin.private_key);
  EXPECT_EQ(made->kubelet_client.certificate, read->kubelet_client.certificate);
  EXPECT_EQ(made->token_key, read->token_key);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(directory_).permissions(), perms::owner_all);
  EXPECT_EQ(std::filesystem::status(directory_ / "ca.key").permissions(),
            perms::owner_read | perms::owner_write);
  const auto admin = pki::read_certificate(made->admin.certificate);
  EXPECT_EQ(admin->subject.common_name, "kubernetes-admin");
  EXPECT_THAT(admin->subject.organizations, ElementsAre("system:masters"));
}

TEST_F(ClusterPkiTest, ANewServerAddressMakesANewServerCertificateOnly) {
  const auto first = open();
  addresses_.push_back("192.0.2.7");
  const auto second = open();
  ASSERT_TRUE(second.ok());
  EXPECT_NE(first->server.certificate, second->server.certificate);
  EXPECT_EQ(first->ca.certificate, second->ca.certificate);
  EXPECT_EQ(first->admin.certificate, second->admin.certificate);
  EXPECT_THAT(pki::read_certificate(second->server.certificate)->addresses,
              testing::Contains("192.0.2.7"));
  // An address less is no reason.
  addresses_.pop_back();
  EXPECT_EQ(open()->server.certificate, second->server.certificate);
}

TEST_F(ClusterPkiTest, LeavesAreRenewedAMonthBeforeTheyEnd) {
  const auto first = open();
  clock_.advance(std::chrono::hours(24 * 300));
  EXPECT_EQ(open()->server.certificate, first->server.certificate);
  clock_.advance(std::chrono::hours(24 * 40));
  const auto renewed = open();
  EXPECT_NE(renewed->server.certificate, first->server.certificate);
  EXPECT_EQ(renewed->ca.certificate, first->ca.certificate);
}

TEST_F(ClusterPkiTest, LeavesOfAnotherCaAreMadeAnew) {
  const auto first = open();
  std::filesystem::remove(directory_ / "ca.crt");
  std::filesystem::remove(directory_ / "ca.key");
  const auto second = open();
  ASSERT_TRUE(second.ok());
  EXPECT_NE(second->ca.certificate, first->ca.certificate);
  EXPECT_NE(second->server.certificate, first->server.certificate);
  EXPECT_NE(second->admin.certificate, first->admin.certificate);
}

TEST_F(ClusterPkiTest, GarbageIsNamedAndNotReplaced) {
  ASSERT_TRUE(open().ok());
  for (const char* name :
       {"ca.crt", "ca.key", "apiserver.crt", "admin.key", "service-account.key"}) {
    const std::string before = *read_file(directory_ / name);
    overwrite(name, "garbage");
    const auto opened = open();
    EXPECT_EQ(opened.status().code(), StatusCode::kDataLoss) << name;
    EXPECT_THAT(std::string(message(opened.status())), HasSubstr((directory_ / name).string()));
    EXPECT_EQ(*read_file(directory_ / name), "garbage");
    overwrite(name, before);
  }
  std::filesystem::remove(directory_ / "ca.key");
  EXPECT_THAT(std::string(message(open().status())), HasSubstr((directory_ / "ca.key").string()));
}

TEST_F(ClusterPkiTest, KubeconfigsCanBeLoaded) {
  const auto pki = open();
  for (const auto& [url, host] : {std::pair("https://127.0.0.1:6443", "127.0.0.1"),
                                  std::pair("https://[fd00:10:89::1]:6443", "fd00:10:89::1")}) {
    overwrite("admin.conf", kubeconfig(url, pki->ca.certificate, "kubernetes-admin", pki->admin));
    const auto endpoint = kube::load_kubeconfig(directory_ / "admin.conf");
    ASSERT_TRUE(endpoint.ok()) << message(endpoint.status());
    EXPECT_EQ(endpoint->host, host);
    EXPECT_EQ(endpoint->port, 6443);
    EXPECT_EQ(endpoint->ca, pki->ca.certificate);
    EXPECT_EQ(endpoint->client_certificate, pki->admin.certificate);
    EXPECT_EQ(endpoint->client_key, pki->admin.private_key);
  }
}

TEST_F(ClusterPkiTest, NodesGetAKubeconfigAndAServingCertificate) {
  const auto pki = open();
  const auto files = directory_ / "nodes";
  const NodeIdentity node{"n1",
                          {*IpAddress::parse("10.89.0.2"), *IpAddress::parse("fd00:10:89::2")}};
  ASSERT_TRUE(write_node_files(files, *pki, node, "https://10.89.0.1:6443", clock_.now()).ok());
  const auto endpoint = kube::load_kubeconfig(files / "n1.kubeconfig");
  ASSERT_TRUE(endpoint.ok());
  const auto client = pki::read_certificate(endpoint->client_certificate);
  EXPECT_EQ(client->subject.common_name, "system:node:n1");
  EXPECT_THAT(client->subject.organizations, ElementsAre("system:nodes"));
  const std::string serving = *read_file(files / "n1-serving.crt");
  EXPECT_THAT(pki::read_certificate(serving)->addresses, ElementsAre("10.89.0.2", "fd00:10:89::2"));
  ASSERT_TRUE(write_node_files(files, *pki, node, "https://10.89.0.1:6443", clock_.now()).ok());
  EXPECT_EQ(*read_file(files / "n1-serving.crt"), serving);
}

}  // namespace
}  // namespace skiff::auth
