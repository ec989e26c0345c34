// SPDX-License-Identifier: Apache-2.0
// Rules of kinds as tables: one row a mistake, in YAML, and the error it gets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/defaults.h"
#include "api/validation.h"
#include "api/yaml.h"

namespace skiff::api {
inline AnyObject object_of(const Kind& kind, std::string_view yaml) {
  const auto json = yaml_to_json(yaml);
  EXPECT_TRUE(json.ok()) << message(json.status()) << yaml;
  auto object = AnyObject::from_json(kind, json.ok() ? *json : "{}");
  EXPECT_TRUE(object.ok()) << message(object.status()) << yaml;
  set_defaults(*object);
  return *object;
}

inline std::string text(const std::vector<FieldError>& errors) {
  std::string out;
  for (const FieldError& error : errors) out += (out.empty() ? "" : "\n") + error.to_string();
  return out;
}

struct Mistake {
  const char* spec;
  const char* error;  // the beginning of the only error; empty: none
};

// Puts each spec into `frame` in the place of `$`.
inline void expect_errors(const char* api_version, const char* kind_name, const std::string& frame,
                          std::initializer_list<Mistake> mistakes) {
  const Kind* kind = find_kind(api_version, kind_name);
  ASSERT_NE(kind, nullptr) << kind_name;
  for (const Mistake& mistake : mistakes) {
    std::string yaml = frame;
    yaml.replace(yaml.find('$'), 1, mistake.spec);
    const auto errors = validate(*kind, object_of(*kind, yaml).data());
    EXPECT_THAT(text(errors), testing::StartsWith(mistake.error)) << yaml;
    if (*mistake.error == 0) EXPECT_EQ(text(errors), "") << yaml;
    const bool one = std::string_view(mistake.error).find('\n') == std::string_view::npos;
    if (*mistake.error != 0 && one) EXPECT_EQ(errors.size(), 1u) << yaml << "\n" << text(errors);
  }
}

struct Change {
  const char* before;
  const char* after;
  const char* error;
};

inline void expect_changes(const char* api_version, const char* kind_name, const std::string& frame,
                           std::initializer_list<Change> changes) {
  const Kind* kind = find_kind(api_version, kind_name);
  ASSERT_NE(kind, nullptr) << kind_name;
  for (const Change& change : changes) {
    std::string now = frame, old = frame;
    now.replace(now.find('$'), 1, change.after);
    old.replace(old.find('$'), 1, change.before);
    const auto errors =
        validate_update(*kind, object_of(*kind, now).data(), object_of(*kind, old).data());
    EXPECT_THAT(text(errors), testing::StartsWith(change.error)) << now;
    if (*change.error == 0) EXPECT_EQ(text(errors), "") << now;
  }
}

}  // namespace skiff::api
