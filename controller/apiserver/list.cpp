// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controller/apiserver/errors.h"
#include "controller/apiserver/list_options.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/selection.h"
#include "controller/apiserver/verbs.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kTokenExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder "
    "of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were "
    "created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list.";

// Where to read: a page of which prefix, as of which revision.
struct Page {
  std::string prefix;
  std::string start;
  int64_t revision = 0;
  int64_t limit = 0;
};

struct Found {
  std::vector<store::RecordPtr> records;
  ListHead head;
};

// Reads on until `page.limit` objects are selected or nothing is left. Does not suspend: one state
// throughout.
Result<Found> read(Backend& backend, const Call& call, const Selection& selection,
                   const Page& page) {
  Found found;
  store::ListOptions options{
      .prefix = page.prefix, .start = page.start, .limit = page.limit, .revision = page.revision};
  while (true) {
    ASSIGN_OR_RETURN(store::Snapshot snapshot, backend.store.list(options));
    found.head.revision = snapshot.revision;
    for (store::RecordPtr& record : snapshot.records)
      if (selection.matches(backend.attributes, *call.resource, record))
        found.records.push_back(std::move(record));
    const auto count = static_cast<int64_t>(found.records.size());
    const bool full = page.limit > 0 && count >= page.limit;
    if (snapshot.next.empty()) return found;
    if (full) {
      found.head.continue_token = encode_token(
          {.revision = snapshot.revision, .start = snapshot.next.substr(page.prefix.size())});
      if (selection.all()) found.head.remaining = snapshot.remaining;
      return found;
    }
    options.start = snapshot.next;
    options.limit =
        page.limit - count;  // never passes the limit, so that `next` is where the next page begins
    options.revision = snapshot.revision;
  }
}

// A selector of one name in one namespace is a get.
Result<Found> read_one(Backend& backend, const Call& call, const Selection& selection,
                       std::string_view name) {
  Found found;
  found.head.revision = backend.store.revision();
  const auto record =
      backend.store.get(store::registry_key(call.resource->storage, call.namespace_(), name));
  if (record.ok() && selection.matches(backend.attributes, *call.resource, *record))
    found.records.push_back(*record);
  return found;
}

awaitable<Status> reach(Backend& backend, int64_t revision) {
  const Status reached = co_await backend.store.reach(revision, backend.freshness);
  co_return reached.ok() ? reached : errors::too_large_revision(revision, backend.store.revision());
}

Status translate(const Status& status, bool continued, const ContinueToken& token) {
  if (status.code() != StatusCode::kOutOfRange) return status;
  if (!continued) return errors::expired("The resourceVersion for the provided list is too old.");
  return errors::expired(kTokenExpired, encode_token({.revision = -1, .start = token.start}));
}

}  // namespace

Answer list(Backend& backend, Call& call) {
  CO_ASSIGN_OR_RETURN(const ListOptions options, parse_list_options(call.query(), false));
  CO_ASSIGN_OR_RETURN(const Selection selection, Selection::parse(call));
  Page page{.prefix = call.prefix(), .limit = options.limit};
  ContinueToken token;
  const bool continued = !options.continue_token.empty();
  const int64_t asked = options.revision.value_or(0);
  if (continued) {
    CO_ASSIGN_OR_RETURN(token, decode_token(options.continue_token));
    page.start = page.prefix + token.start;
    page.revision = std::max<int64_t>(0, token.revision);
  } else if (asked > 0) {
    CO_RETURN_IF_ERROR(co_await reach(backend, asked));
    // A limit without a match means the state of that revision: how old clients page.
    const bool exact = options.match == RevisionMatch::kExact ||
                       (options.match == RevisionMatch::kUnset && options.limit > 0);
    page.revision = exact ? asked : 0;
  }
  const std::string_view name = selection.only_name();
  const bool one = !name.empty() && page.revision == 0 && !continued &&
                   (!call.resource->kind->namespaced || !call.namespace_().empty());
  auto found =
      one ? read_one(backend, call, selection, name) : read(backend, call, selection, page);
  if (!found.ok()) co_return translate(found.status(), continued, token);
  co_return list_response(backend, call, found->head, found->records);
}

}  // namespace skiff::apiserver
