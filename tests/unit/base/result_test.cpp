// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace skiff {
namespace {

Result<std::unique_ptr<int>> attach(bool fail) {
  if (fail) return errno_status(ENODEV, "attach to veth1234");
  return std::make_unique<int>(7);
}

Result<int> add(bool fail) {
  ASSIGN_OR_RETURN(const auto number, attach(fail), "cni add");
  return *number;
}

Status sync(bool fail) {
  RETURN_IF_ERROR(add(fail), "sync pod {}/{}", "shop", "web");
  return absl::OkStatus();
}

TEST(Result, EachLayerAddsItsNounOnce) {
  EXPECT_EQ(message(sync(true)), "sync pod shop/web: cni add: attach to veth1234: No such device");
  EXPECT_TRUE(sync(false).ok());
}

TEST(Result, AnnotatingKeepsCodeAndPayload) {
  Status status = not_found("pods \"{}\" not found", "x");
  status.SetPayload("kind", absl::Cord("Status"));
  const Status annotated = annotate(status, "get");
  EXPECT_EQ(annotated.code(), StatusCode::kNotFound);
  EXPECT_EQ(annotated.GetPayload("kind"), absl::Cord("Status"));
}

}  // namespace
}  // namespace skiff
