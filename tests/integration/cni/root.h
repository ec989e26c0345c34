// SPDX-License-Identifier: Apache-2.0
// What the root tests of networking share.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/net/netns.h"
#include "base/ip.h"

#define SKIP_WITHOUT_NETNS()                                                                  \
  do {                                                                                        \
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to make network namespaces";            \
    if (const auto probe = ::skiff::net::Netns::create_anonymous(); !probe.ok())              \
      GTEST_SKIP() << "cannot make network namespaces: " << ::skiff::message(probe.status()); \
  } while (false)

#define ASSERT_OK(expression) ASSERT_PRED_FORMAT1(::skiff::testing::is_ok, expression)
#define EXPECT_OK(expression) EXPECT_PRED_FORMAT1(::skiff::testing::is_ok, expression)

namespace skiff::testing {

template <class T>
::testing::AssertionResult is_ok(const char* expression, const T& outcome) {
  if (outcome.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << expression << ": " << message(detail::status_of(outcome));
}

inline IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
inline Cidr cidr(std::string_view text) {
  return *Cidr::parse(text);
}

}  // namespace skiff::testing
