// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/expression.h"
#include "agent/trace/tap_wire.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// The canonical form reads back as itself; taps and matching bear whatever was read.
void run(std::string_view input) {
  trace::TapDecoder decoder;
  decoder.add(input);
  while (true) {
    const auto message = decoder.next();
    if (!message.ok() || !*message) break;
  }
  const auto expression = trace::parse_expression(input);
  if (!expression.ok()) return;
  const std::string text = to_string(*expression);
  const auto again = trace::parse_expression(text);
  CHECK(again.ok());
  CHECK(to_string(*again) == text);
  CHECK(!widen(*expression).empty() && widen(*expression).size() <= 4);
  (void)matches(*expression, {});
}

const Registration kTarget("expression", &run);

}  // namespace
}  // namespace skiff::fuzz
