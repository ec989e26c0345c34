// SPDX-License-Identifier: Apache-2.0
// managedFields with their sets read: one Share an owner.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/fields/structured_merge.h"
#include "api/meta.h"

namespace skiff::apiserver {

inline constexpr std::string_view kApply = "Apply", kUpdate = "Update";

// What one manager owns by one kind of operation through one subresource.
struct Share {
  std::string manager;
  std::string_view operation;  // kApply or kUpdate
  std::string api_version;
  std::string subresource;
  api::Time time;
  api::FieldSet fields;

  // One that applies has one share, whichever version it applied last.
  bool is_same_owner(const Share& other) const;
  // As conflicts name it: `"m" with subresource "status" using apps/v1`.
  std::string description() const;
};

using Shares = std::vector<Share>;

// Entries that cannot be read own nothing.
Shares read_shares(const std::vector<api::ManagedFieldsEntry>& entries);
// Without empty ones; of those that update at most ten, the oldest in one.
std::vector<api::ManagedFieldsEntry> write_shares(Shares shares);

// The share of the same owner, made if there is none.
Share& share_of(Shares& shares, const Share& owner);

}  // namespace skiff::apiserver
