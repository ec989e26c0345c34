// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/selection.h"

#include "controller/apiserver/errors.h"

namespace skiff::apiserver {

Result<Selection> Selection::parse(const Call& call) {
  Selection selection;
  auto labels = api::Selector::parse(call.query().get("labelSelector"));
  if (!labels.ok()) return errors::bad_request(message(labels.status()));
  selection.labels_ = std::move(*labels);
  ASSIGN_OR_RETURN(selection.fields_,
                   FieldSelector::parse(call.query().get("fieldSelector"), *call.resource));
  return selection;
}

bool Selection::matches(AttributeCache& cache, const Resource& resource,
                        const store::RecordPtr& record) const {
  if (all()) return true;
  const RecordName name = record_name(record->key);
  static const std::vector<std::string> kNone;
  if (!fields_.empty()) {
    const auto& fields = fields_.needs_fields() ? cache.of(resource, record).fields : kNone;
    if (!fields_.matches(name.namespace_, name.name, fields)) return false;
  }
  return labels_.is_everything() || labels_.matches(cache.of(resource, record).labels);
}

}  // namespace skiff::apiserver
