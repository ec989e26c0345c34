// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/managed_shares.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace skiff::apiserver {
namespace {

constexpr size_t kMostUpdaters = 10;
constexpr std::string_view kAncient = "ancient-changes";

// The oldest of those that update goes into the share of ancient changes of its version.
void retire_oldest(Shares& shares) {
  auto oldest = shares.end();
  for (auto at = shares.begin(); at != shares.end(); ++at)
    if (at->operation == kUpdate && at->manager != kAncient &&
        (oldest == shares.end() || at->time < oldest->time))
      oldest = at;
  if (oldest == shares.end()) return;
  Share old = std::move(*oldest);
  shares.erase(oldest);
  Share& ancient = share_of(
      shares,
      {.manager = std::string(kAncient), .operation = kUpdate, .api_version = old.api_version});
  ancient.fields = unite(std::move(ancient.fields), old.fields);
  ancient.time = std::max(ancient.time, old.time);
}

size_t updaters(const Shares& shares) {
  return std::ranges::count(shares, kUpdate, &Share::operation);
}

}  // namespace

bool Share::is_same_owner(const Share& other) const {
  return manager == other.manager && operation == other.operation &&
         subresource == other.subresource &&
         (operation == kApply || api_version == other.api_version);
}

std::string Share::description() const {
  std::string text = fmt::format("\"{}\"", manager);
  if (!subresource.empty()) text += fmt::format(" with subresource \"{}\"", subresource);
  if (operation == kUpdate) text += fmt::format(" using {}", api_version);
  return text;
}

Shares read_shares(const std::vector<api::ManagedFieldsEntry>& entries) {
  Shares shares;
  for (const api::ManagedFieldsEntry& entry : entries) {
    auto fields = api::parse_fields_v1(entry.fieldsV1.text);
    if (!fields.ok()) continue;
    shares.push_back({.manager = entry.manager,
                      .operation = entry.operation == kApply ? kApply : kUpdate,
                      .api_version = entry.apiVersion,
                      .subresource = entry.subresource,
                      .time = entry.time,
                      .fields = *std::move(fields)});
  }
  return shares;
}

std::vector<api::ManagedFieldsEntry> write_shares(Shares shares) {
  std::erase_if(shares, [](const Share& share) { return share.fields.empty(); });
  for (size_t before = updaters(shares) + 1;
       updaters(shares) > kMostUpdaters && updaters(shares) < before;) {
    before = updaters(shares);
    retire_oldest(shares);
  }
  // As Kubernetes orders them: those that apply first, then by time.
  std::ranges::sort(shares, {}, [](const Share& share) {
    return std::tuple(share.operation, share.time, share.manager, share.api_version,
                      share.subresource);
  });
  std::vector<api::ManagedFieldsEntry> entries;
  for (const Share& share : shares)
    entries.push_back({.manager = share.manager,
                       .operation = std::string(share.operation),
                       .apiVersion = share.api_version,
                       .time = share.time,
                       .fieldsType = "FieldsV1",
                       .fieldsV1 = {api::fields_v1(share.fields)},
                       .subresource = share.subresource});
  return entries;
}

Share& share_of(Shares& shares, const Share& owner) {
  const auto found =
      std::ranges::find_if(shares, [&](const Share& one) { return one.is_same_owner(owner); });
  return found != shares.end() ? *found : shares.emplace_back(owner);
}

}  // namespace skiff::apiserver
