// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/managed_fields.h"

#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <map>

#include "api/patch.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/managed_shares.h"

namespace skiff::apiserver {
namespace {

using api::FieldSet;
using api::Shape;

constexpr size_t kLongestManager = 128;
constexpr std::string_view kBeforeFirstApply = "before-first-apply";
// kubectl apply before it applied at the server: what it said last is in an annotation.
constexpr std::string_view kKubectl = "kubectl";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

bool printable(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
}

// What the server owns, or what tells an object from others: nobody's.
const FieldSet& unowned() {
  static const FieldSet set = [] {
    FieldSet all = FieldSet::of({"metadata"});
    for (const std::string_view name :
         {"name", "namespace", "creationTimestamp", "selfLink", "uid", "generation",
          "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"})
      all = unite(std::move(all), FieldSet::of({"metadata", name}));
    return all;
  }();
  return set;
}

// What of `fields` a write of `call` can own: a write to the object leaves its status alone, one to
// its status all else.
FieldSet ownable(const Call& call, const FieldSet& fields) {
  const FieldSet rest = subtract(fields, unowned());
  if (call.info.subresource == "status") return subtract_below(rest, FieldSet::of({"spec"}));
  if (call.resource->has_status()) return subtract_below(rest, FieldSet::of({"status"}));
  return rest;
}

// The object as JSON, without what is nobody's anyway and may be large.
Result<boost::json::value> document_of(const Object& object) {
  ASSIGN_OR_RETURN(boost::json::value document, api::parse_document(object.to_json()));
  boost::json::object& members = document.as_object();
  members.erase("apiVersion");
  members.erase("kind");
  if (boost::json::value* metadata = members.if_contains("metadata"))
    metadata->as_object().erase("managedFields");
  return document;
}

Share writer_of(const Call& call, std::string_view operation) {
  return {.manager = field_manager(call),
          .operation = operation,
          .api_version = call.resource->kind->api_version(),
          .subresource = call.info.subresource};
}

bool ends_tracking(const ManagedFields& sent) {
  return sent.size() == 1 && sent.front().manager.empty() && sent.front().operation.empty() &&
         sent.front().fieldsV1.text.empty();
}

// Everybody but `keeper` loses what is different now.
void yield(Shares& shares, const api::FieldChanges& changes, const Share* keeper) {
  const FieldSet different = unite(unite(changes.added, changes.modified), changes.removed);
  for (Share& share : shares)
    if (keeper == nullptr || !share.is_same_owner(*keeper))
      share.fields = subtract(share.fields, different);
}

// What a client-side apply said last and the object still has: kubectl may take that over without a
// conflict.
FieldSet last_applied(const Shape& shape, const Object& live, const boost::json::value& document) {
  const auto& annotations = live.metadata().annotations;
  const auto text = annotations.find(kLastApplied);
  if (text == annotations.end()) return {};
  auto last = api::parse_document(text->second);
  if (!last.ok() || !last->is_object()) return {};
  last->get_object().erase("apiVersion");
  last->get_object().erase("kind");
  const api::FieldChanges since = changed_fields(shape, *last, document);
  return subtract(subtract(fields_in(shape, *last), since.modified), since.removed);
}

// The annotation of a client-side apply says what was applied last, wherever that was, for whoever
// goes back.
void renew_last_applied(const Call& call, const boost::json::value& config,
                        boost::json::value& merged) {
  boost::json::value* metadata = merged.as_object().if_contains("metadata");
  boost::json::value* annotations =
      metadata == nullptr ? nullptr : metadata->as_object().if_contains("annotations");
  if (annotations == nullptr || !annotations->as_object().contains(kLastApplied)) return;
  const api::Kind& kind = *call.resource->kind;
  boost::json::object last{{"apiVersion", kind.api_version()}, {"kind", kind.kind}};
  for (const auto& [name, value] : config.get_object()) last.emplace(name, value);
  annotations->as_object()[kLastApplied] = boost::json::serialize(last) + "\n";
}

// What others than `applier` own of what is to change.
std::vector<std::pair<const Share*, std::vector<std::string>>> conflicts_of(const Shares& shares,
                                                                            const FieldSet& changed,
                                                                            const Share& applier) {
  std::vector<std::pair<const Share*, std::vector<std::string>>> conflicts;
  for (const Share& share : shares) {
    if (share.is_same_owner(applier)) continue;
    auto paths = paths_of(intersect(share.fields, changed));
    if (!paths.empty()) conflicts.emplace_back(&share, std::move(paths));
  }
  return conflicts;
}

Status refuse_conflicts(const Shares& shares, const FieldSet& changed, const Share& applier) {
  const auto conflicts = conflicts_of(shares, changed, applier);
  if (conflicts.empty()) return absl::OkStatus();
  std::vector<Cause> causes;
  std::map<std::string, std::vector<std::string>> by_manager;
  for (const auto& [share, paths] : conflicts) {
    for (const std::string& path : paths) {
      causes.push_back(
          {"FieldManagerConflict", fmt::format("conflict with {}", share->description()), path});
      by_manager[share->description()].push_back(path);
    }
  }
  if (causes.size() == 1)
    return errors::apply_conflict(
        fmt::format("Apply failed with 1 conflict: {}: {}", causes[0].message, causes[0].field),
        std::move(causes));
  std::vector<std::string> lines;
  for (const auto& [manager, paths] : by_manager) {
    lines.push_back(fmt::format("conflicts with {}:", manager));
    for (const std::string& path : paths) lines.push_back("- " + path);
  }
  return errors::apply_conflict(
      fmt::format("Apply failed with {} conflicts: {}", causes.size(), fmt::join(lines, "\n")),
      std::move(causes));
}

// `merged` without what the applier owned before and nobody owns any more.
boost::json::value prune(const Shape& shape, const boost::json::value& merged, const Shares& shares,
                         const FieldSet& last) {
  const auto named = [&shape](const FieldSet& set) { return with_declared_parents(shape, set); };
  FieldSet owned;
  for (const Share& share : shares) owned = unite(std::move(owned), share.fields);
  const FieldSet before = named(last);
  const FieldSet all = named(fields_in(shape, merged));
  const FieldSet kept =
      unite(named(fields_in(shape, remove_fields(shape, merged, before))), named(owned));
  const boost::json::value pruned = remove_fields(shape, merged, subtract(all, kept));
  // What was never the applier's stays, owned by somebody or not.
  const FieldSet left = named(fields_in(shape, pruned));
  return remove_fields(shape, merged, intersect(subtract(all, left), before));
}

ManagedFields owners_after(const Call& call, const Object* live, const Object& next,
                           TimePoint now) {
  const ManagedFields& sent = next.metadata().managedFields;
  if (ends_tracking(sent)) return {};
  Shares shares = read_shares(sent);
  if (shares.empty() && live != nullptr) shares = read_shares(live->metadata().managedFields);
  if (shares.empty() && live != nullptr) return {};  // not tracked until somebody applies

  const Shape shape = Shape::of(next.type());
  const auto after = document_of(next);
  const auto before =
      live == nullptr ? Result<boost::json::value>(boost::json::object()) : document_of(*live);
  if (!before.ok() || !after.ok())
    return live == nullptr ? ManagedFields() : live->metadata().managedFields;
  const api::FieldChanges changes = changed_fields(shape, *before, *after);
  yield(shares, changes, nullptr);
  const FieldSet mine = ownable(call, unite(changes.added, changes.modified));
  if (!mine.empty()) {
    Share& share = share_of(shares, writer_of(call, kUpdate));
    share.fields = unite(std::move(share.fields), mine);
    share.time = now;
  }
  return write_shares(std::move(shares));
}

}  // namespace

std::string field_manager(const Call& call) {
  const std::string_view given = call.query().get("fieldManager");
  if (!given.empty()) return std::string(given);
  std::string_view agent = call.request.headers.get("user-agent");
  agent = agent.substr(0, agent.find('/'));
  std::string name;
  for (const char c : agent)
    if (printable(c) && name.size() < kLongestManager) name += c;
  return name.empty() ? "unknown" : name;
}

Status check_field_manager(const Call& call) {
  const std::string_view given = call.query().get("fieldManager");
  const char* options = call.request.method == "POST"  ? "CreateOptions"
                        : call.request.method == "PUT" ? "UpdateOptions"
                                                       : "PatchOptions";
  if (given.size() > kLongestManager)
    return errors::invalid(
        {"meta.k8s.io", options}, "",
        {{"FieldValueTooLong",
          fmt::format("Too long: may not be more than {} bytes", kLongestManager),
          "fieldManager"}});
  if (!std::ranges::all_of(given, printable))
    return errors::invalid({"meta.k8s.io", options}, "",
                           {cause::invalid("fieldManager", fmt::format("\"{}\"", given),
                                           "should only contain printable characters")});
  return absl::OkStatus();
}

void record_owners(const Call& call, const Object* live, Object& next, TimePoint now) {
  if (!call.applies) next.metadata().managedFields = owners_after(call, live, next, now);
}

Result<Applied> apply_config(const Call& call, const Object* live, const boost::json::value& config,
                             bool force, TimePoint now) {
  const Shape shape = Shape::of(*call.resource->kind->type);
  boost::json::value before = boost::json::object();
  Shares shares;
  if (live != nullptr) {
    ASSIGN_OR_RETURN(before, document_of(*live), "stored object");
    shares = read_shares(live->metadata().managedFields);
    if (shares.empty())
      shares.push_back({.manager = std::string(kBeforeFirstApply),
                        .operation = kUpdate,
                        .api_version = call.resource->kind->api_version(),
                        .time = now,
                        .fields = subtract(fields_in(shape, before), unowned())});
  }
  const Share applier = writer_of(call, kApply);
  Share& mine = share_of(shares, applier);
  const FieldSet last = std::exchange(mine.fields, ownable(call, fields_in(shape, config)));
  mine.api_version = applier.api_version;
  mine.time = now;

  boost::json::value merged = merge_fields(shape, before, config);
  if (!last.empty()) merged = prune(shape, merged, shares, last);
  const api::FieldChanges changes = changed_fields(shape, before, merged);
  if (!force) {
    const FieldSet excused = live != nullptr && applier.manager == kKubectl
                                 ? last_applied(shape, *live, before)
                                 : FieldSet();
    RETURN_IF_ERROR(refuse_conflicts(
        shares, subtract(unite(changes.added, changes.modified), excused), applier));
  }
  yield(shares, changes, &applier);
  if (live != nullptr && applier.manager == kKubectl) renew_last_applied(call, config, merged);
  return Applied{.json = boost::json::serialize(merged),
                 .managed = write_shares(std::move(shares))};
}

void keep_times(ManagedFields& next, const ManagedFields& current) {
  for (api::ManagedFieldsEntry& entry : next)
    for (const api::ManagedFieldsEntry& old : current)
      if (entry.manager == old.manager && entry.operation == old.operation &&
          entry.apiVersion == old.apiVersion && entry.subresource == old.subresource &&
          entry.fieldsV1 == old.fieldsV1)
        entry.time = old.time;
}

}  // namespace skiff::apiserver
