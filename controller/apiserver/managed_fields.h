// SPDX-License-Identifier: Apache-2.0
// metadata.managedFields: who owns which field of an object, kept at every write, and what
// server-side apply makes of it (KEP-555).
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

#include "controller/apiserver/call.h"
#include "controller/apiserver/object.h"

namespace skiff::apiserver {

using ManagedFields = std::vector<api::ManagedFieldsEntry>;

// Who writes what `call` asks for: its fieldManager, or the name its client gives itself.
std::string field_manager(const Call& call);
// 422 for a fieldManager that is too long or not printable.
Status check_field_manager(const Call& call);

// Gives `next` its owners after a write: the writer owns what is different from `live` (null: a new
// object). `next` has those that the client sent: of an object it read, none, or one empty entry,
// which ends the tracking of this object. An apply has found them itself.
void record_owners(const Call& call, const Object* live, Object& next, TimePoint now);

// What an apply makes of an object, and its owners.
struct Applied {
  std::string json;
  ManagedFields managed;
};
// `config` without apiVersion and kind; `live` null: there is no such object yet. 409 with one
// cause a field if other managers own what `config` would change and `force` is not given.
Result<Applied> apply_config(const Call& call, const Object* live, const boost::json::value& config,
                             bool force, TimePoint now);

// Gives the entries of `next` the times of those of `current` that own the same.
void keep_times(ManagedFields& next, const ManagedFields& current);

}  // namespace skiff::apiserver
