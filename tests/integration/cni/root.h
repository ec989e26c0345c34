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

#define ASSERT_OK(expression)                                                           \
  do {                                                                                  \
    const auto& outcome = (expression);                                                 \
    ASSERT_TRUE(outcome.ok()) << ::skiff::message(::skiff::detail::status_of(outcome)); \
  } while (false)

#define EXPECT_OK(expression)                                                           \
  do {                                                                                  \
    const auto& outcome = (expression);                                                 \
    EXPECT_TRUE(outcome.ok()) << ::skiff::message(::skiff::detail::status_of(outcome)); \
  } while (false)

namespace skiff::testing {

inline IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
inline Cidr cidr(std::string_view text) {
  return *Cidr::parse(text);
}

}  // namespace skiff::testing
