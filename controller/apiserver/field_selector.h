// SPDX-License-Identifier: Apache-2.0
// Field selectors: `spec.nodeName=n1,status.phase!=Failed`. Terms are joined by commas; values may
// escape `,`, `=` and `\`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "controller/apiserver/resource.h"

namespace skiff::apiserver {

class FieldSelector {
 public:
  // 400 for a field that `resource` does not offer.
  static Result<FieldSelector> parse(std::string_view text, const Resource& resource);

  bool empty() const { return terms_.empty(); }
  // True if a term needs more than the object's name and namespace.
  bool needs_fields() const;
  // `fields` are in the order of resource.selectable_fields.
  bool matches(std::string_view namespace_, std::string_view name,
               const std::vector<std::string>& fields) const;
  // The one name that can match, or empty.
  std::string_view only_name() const;

 private:
  static constexpr int kName = -1;
  static constexpr int kNamespace = -2;
  struct Term {
    int field = kName;  // or an index into selectable_fields
    std::string value;
    bool negated = false;
    bool never = false;  // a field that is accepted and never matches
  };
  std::vector<Term> terms_;
};

}  // namespace skiff::apiserver
