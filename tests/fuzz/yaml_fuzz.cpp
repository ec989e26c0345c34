// SPDX-License-Identifier: Apache-2.0
#include "api/yaml.h"

#include <boost/json.hpp>

#include "api/patch.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// Equal but for the form of numbers: YAML writes 1.0 as 1.
bool same(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  if (a.is_array() && b.is_array())
    return std::equal(a.get_array().begin(), a.get_array().end(), b.get_array().begin(),
                      b.get_array().end(), same);
  if (!a.is_object() || !b.is_object()) return a == b;
  if (a.get_object().size() != b.get_object().size()) return false;
  return std::all_of(a.get_object().begin(), a.get_object().end(), [&](const auto& member) {
    const boost::json::value* other = b.get_object().if_contains(member.key());
    return other != nullptr && same(member.value(), *other);
  });
}

// Every document becomes valid JSON, and that becomes YAML which says the same.
void run(std::string_view input) {
  (void)api::yaml_to_json(input);
  const auto documents = api::yaml_documents_to_json(input);
  if (!documents.ok()) return;
  for (const std::string& json : *documents) {
    const auto value = api::parse_document(json);
    if (!value.ok()) continue;  // a number beyond all doubles, say
    const auto yaml = api::json_to_yaml(json);
    if (!yaml.ok()) continue;
    const auto back = api::yaml_to_json(*yaml);
    CHECK(back.ok());
    const auto again = api::parse_document(*back);
    CHECK(again.ok());
    CHECK(same(*again, *value));
  }
}

const Registration kTarget("yaml", &run);

}  // namespace
}  // namespace skiff::fuzz
