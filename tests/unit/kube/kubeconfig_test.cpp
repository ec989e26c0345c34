// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace skiff::kube {
namespace {

// The decoder writes five bytes for these seven characters, beyond whole groups of four.
TEST(Kubeconfig, TakesBase64WithoutPadding) {
  const std::filesystem::path path = testing::TempDir() + "skiff-kubeconfig-test";
  ASSERT_TRUE(write_file_atomic(path, R"(
clusters: [{name: c, cluster: {server: "https://h:1", certificate-authority-data: aGVsbG8}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
)")
                  .ok());
  const auto endpoint = load_kubeconfig(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(endpoint.ok()) << message(endpoint.status());
  EXPECT_EQ(endpoint->ca, "hello");
  EXPECT_EQ(endpoint->host, "h");
}

}  // namespace
}  // namespace skiff::kube
