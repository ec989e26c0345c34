// SPDX-License-Identifier: Apache-2.0
// Comparing, merging and pruning JSON documents by their Shape, as server-side apply does (KEP-555,
// structured-merge-diff). A null is as good as nothing.
#pragma once

#include <boost/json/value.hpp>

#include "api/fields/field_set.h"
#include "api/fields/shape.h"
#include "base/result.h"

namespace skiff::api {

// The fields that somebody who applies `document` owns: its leaves, atomic containers, entries of
// maps and lists.
FieldSet fields_in(const Shape& shape, const boost::json::value& document);

struct FieldChanges {
  FieldSet added;  // with the containers that are new
  FieldSet modified;
  FieldSet removed;
};
FieldChanges changed_fields(const Shape& shape, const boost::json::value& before,
                            const boost::json::value& after);

// `live` with all that `config` says. Lists keep the order of `config`; what only `live` has stays
// where it is.
boost::json::value merge_fields(const Shape& shape, const boost::json::value& live,
                                const boost::json::value& config);

// `document` without what is in `fields`, and without containers that are empty for it.
boost::json::value remove_fields(const Shape& shape, const boost::json::value& document,
                                 const FieldSet& fields);

// `fields` and every declared field that a path of theirs goes through.
FieldSet with_declared_parents(const Shape& shape, const FieldSet& fields);

// INVALID_ARGUMENT, in the words of structured-merge-diff: a field that is not declared, an entry
// of a list without its keys, or one that is there twice.
skiff::Status check_fields(const Shape& shape, const boost::json::value& document);

}  // namespace skiff::api
