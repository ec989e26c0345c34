// SPDX-License-Identifier: Apache-2.0
#include "api/selector.h"

#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// The canonical form reads back as itself and matches the same.
void run(std::string_view input) {
  (void)api::parse_field_selector(input);
  const auto selector = api::Selector::parse(input);
  if (!selector.ok()) return;
  const std::string text = selector->to_string();
  const auto again = api::Selector::parse(text);
  CHECK(again.ok());
  CHECK(again->to_string() == text);
  for (const api::Labels& labels :
       {api::Labels{}, api::Labels{{"a", "b"}, {"app", "web"}, {"n", "7"}}})
    CHECK(selector->matches(labels) == again->matches(labels));
}

const Registration kTarget("selector", &run);

}  // namespace
}  // namespace skiff::fuzz
