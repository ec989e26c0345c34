// SPDX-License-Identifier: Apache-2.0
// Label selectors (as text, as LabelSelector objects) and field selectors.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/meta.h"
#include "base/result.h"

namespace skiff::api {

using Labels = std::map<std::string, std::string>;

// All requirements must hold. Without any, everything matches.
class Selector {
 public:
  enum class Operator : uint8_t { kIn, kNotIn, kExists, kDoesNotExist, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op = Operator::kExists;
    std::vector<std::string> values;

    bool matches(const Labels& labels) const;
    bool operator==(const Requirement&) const = default;
  };

  static Selector everything() { return {}; }
  static Selector nothing();
  // `a=b,a==b,a!=b,a in (x,y),a notin (x),a,!a,a>1,a<1`. A requirement that denies also holds for
  // labels without the key.
  static Result<Selector> parse(std::string_view text);
  // matchLabels and matchExpressions.
  static Result<Selector> from(const LabelSelector& selector);
  // As the selector of a Service: a map of labels. An empty one matches nothing there; the caller
  // decides.
  static Selector from(const Labels& labels);

  bool matches(const Labels& labels) const;
  bool is_everything() const { return requirements_.empty() && !nothing_; }
  const std::vector<Requirement>& requirements() const { return requirements_; }
  // The form that parse() reads, requirements in order of their keys.
  std::string to_string() const;

 private:
  std::vector<Requirement> requirements_;
  bool nothing_ = false;
};

// An absent selector matches nothing, an empty one everything. An invalid one matches nothing.
bool matches(const Box<LabelSelector>& selector, const Labels& labels);
bool matches(const LabelSelector& selector, const Labels& labels);

// One term of a field selector, `spec.nodeName=n1` or `status.phase!=Failed`.
struct FieldRequirement {
  std::string path;
  std::string value;
  bool negate = false;
};

// Terms joined by commas, with backslash escapes for `\`, `,` and `=`.
Result<std::vector<FieldRequirement>> parse_field_selector(std::string_view text);

}  // namespace skiff::api
