// SPDX-License-Identifier: Apache-2.0
#include "agent/network/attachment.h"

#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

void run(std::string_view input) {
  const auto attachment = network::decode_attachment(input);
  if (!attachment.ok()) return;
  const auto again = network::decode_attachment(network::encode(*attachment));
  CHECK(again.ok());
  CHECK(*again == *attachment);
}

const Registration kTarget("attachment", &run);

}  // namespace
}  // namespace skiff::fuzz
