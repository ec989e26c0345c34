// SPDX-License-Identifier: Apache-2.0
#include "api/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/codec.h"
#include "api/compare.h"
#include "api/core/service.h"
#include "api/kind.h"
#include "api/random.h"

namespace skiff::api {
namespace {

using Value = std::unique_ptr<void, void (*)(void*)>;

Value made(const TypeInfo& type) {
  return {type.value->create(), type.value->destroy};
}

TEST(Pack, EveryKindComesBackAsItWas) {
  std::mt19937_64 random(7);
  for (const Kind* kind : all_kinds()) {
    const TypeInfo& type = *kind->type;
    if (type.form == Form::kDocument) continue;
    for (int round = 0; round < 20; ++round) {
      const Value object = made(type);
      randomize(type, object.get(), random);
      std::string packed;
      pack(type, object.get(), packed);
      const Value back = made(type);
      unpack(type, packed, back.get());
      EXPECT_THAT(differences(type, object.get(), back.get()), testing::IsEmpty()) << kind->kind;
      // To the letter: absent and empty differ in the JSON of optionals.
      std::string before, after;
      encode(*kind, object.get(), before);
      encode(*kind, back.get(), after);
      EXPECT_EQ(before, after) << kind->kind;
    }
  }
}

TEST(Pack, KeepsNumbersAtTheirLimits) {
  for (const int64_t number :
       {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, std::numeric_limits<int64_t>::min(),
        std::numeric_limits<int64_t>::max()}) {
    ObjectMeta metadata;
    metadata.generation = number;
    std::string packed;
    pack(type_of<ObjectMeta>(), &metadata, packed);
    ObjectMeta back;
    unpack(type_of<ObjectMeta>(), packed, &back);
    EXPECT_EQ(back.generation, number);
  }
}

TEST(Pack, EmptyFieldsCostNothing) {
  Service service;
  std::string packed;
  pack(type_of<Service>(), &service, packed);
  EXPECT_EQ(packed.size(), 1u);
  service.metadata.name = "web";
  packed.clear();
  pack(type_of<Service>(), &service, packed);
  EXPECT_EQ(packed.size(), 8u);  // metadata, name, its size, "web", two ends
}

}  // namespace
}  // namespace skiff::api
