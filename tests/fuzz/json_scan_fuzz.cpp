// SPDX-License-Identifier: Apache-2.0
#include "kube/json_scan.h"

#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

void check_part(std::string_view whole, std::string_view part) {
  CHECK(part.empty() ||
        (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

// A watch event, a list. Parts lie within the text they were cut from.
void run(std::string_view input) {
  for (const std::string_view name : {"type", "object", "items"}) {
    const auto member = kube::json_member(input, name);
    if (!member) continue;
    check_part(input, *member);
    for (const std::string_view element : kube::json_elements(*member)) check_part(input, element);
    (void)kube::json_string(*member);
  }
  for (const std::string_view element : kube::json_elements(input)) check_part(input, element);
  const auto plain = kube::json_plain_string(input);
  if (plain) CHECK(kube::json_string(input) == *plain);
}

const Registration kTarget("json_scan", &run);

}  // namespace
}  // namespace skiff::fuzz
