// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "agent/policy/table_writer.h"
#include "tests/bpf/packet_fixture.h"

namespace skiff::testing {

// Packets judged by policies that agent/policy writes into the kernel's maps; none are left behind.
class PolicyPacketTest : public PacketTest {
 protected:
  void SetUp() override {
    PacketTest::SetUp();
    if (IsSkipped()) return;
    writer_ = std::make_unique<policy::TableWriter>(harness().maps());
    ASSERT_TRUE(writer_->restore().ok());
  }
  void TearDown() override {
    if (writer_) EXPECT_TRUE(writer_->apply({}).ok());
  }

  std::unique_ptr<policy::TableWriter> writer_;
};

}  // namespace skiff::testing
