// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"
#include "api/scalars.h"
#include "base/check.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

// What parses is written in a form that parses to the same value.
template <class T>
void round_trip(std::string_view input) {
  const auto value = T::parse(input);
  if (!value.ok() || value->to_string().empty()) return;  // an absent time has no text
  const auto again = T::parse(value->to_string());
  CHECK(again.ok());
  CHECK(*again == *value);
}

void arithmetic(std::string_view input) {
  const auto quantity = api::Quantity::parse(input);
  if (!quantity.ok()) return;
  (void)quantity->value();
  (void)quantity->milli_value();
  (void)quantity->as_double();
  api::Quantity sum = *quantity + *quantity;
  sum -= *quantity;
  sum.round_up_to_milli();
  (void)sum.to_string();
}

void run(std::string_view input) {
  round_trip<api::Quantity>(input);
  round_trip<api::Time>(input);
  round_trip<api::MicroTime>(input);
  arithmetic(input);
  if (const auto value = api::decode_json<api::IntOrString>(input); value.ok())
    (void)value->scaled(100, true);
  const auto scaled = api::IntOrString(std::string(input)).scaled(INT32_MAX, false);
  if (scaled.ok()) CHECK(*scaled >= 0);
  (void)api::decode_json<api::Bytes>(input);
}

const Registration kTarget("scalar", &run);

}  // namespace
}  // namespace skiff::fuzz
