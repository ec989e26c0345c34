// SPDX-License-Identifier: Apache-2.0
// Which objects a list, watch or deletecollection is about: label and field selectors together.
#pragma once

#include "api/selector.h"
#include "controller/apiserver/attributes.h"
#include "controller/apiserver/call.h"
#include "controller/apiserver/field_selector.h"

namespace skiff::apiserver {

class Selection {
 public:
  // From the query parameters labelSelector and fieldSelector; 400 for what cannot be read or is
  // not offered.
  static Result<Selection> parse(const Call& call);

  bool all() const { return labels_.is_everything() && fields_.empty(); }
  bool matches(AttributeCache& cache, const Resource& resource,
               const store::RecordPtr& record) const;
  // The only name that can match, or empty.
  std::string_view only_name() const { return fields_.only_name(); }

 private:
  api::Selector labels_;
  FieldSelector fields_;
};

}  // namespace skiff::apiserver
