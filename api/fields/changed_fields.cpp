// SPDX-License-Identifier: Apache-2.0
#include "api/fields/structured_merge.h"
#include "api/fields/structured_value.h"

namespace skiff::api {
namespace structured {
namespace {

FieldChanges leaf_change(const Value* before, const Value* after) {
  FieldChanges change;
  if (before == nullptr) {
    change.added.member = true;
  } else if (after == nullptr) {
    change.removed.member = true;
  } else {
    change.modified.member = *before != *after;
  }
  return change;
}

bool is_empty(const Value* container) {
  if (container == nullptr) return true;
  return container->is_object() ? container->get_object().empty() : container->get_array().empty();
}

FieldChanges changes(const Shape& shape, const Value* before, const Value* after);

void attach(FieldChanges& all, const std::string& element, FieldChanges change) {
  all.added.attach(element, std::move(change.added));
  all.modified.attach(element, std::move(change.modified));
  all.removed.attach(element, std::move(change.removed));
}

void add_members(FieldChanges& all, const Shape& shape, const Value* before, const Value* after) {
  const auto visit = [&](const Value* from, const Value* other, bool is_after) {
    if (from == nullptr) return;
    for (const auto& [name, value] : from->get_object()) {
      if (value.is_null()) continue;
      const Value* counterpart = member_of(other, name);
      if (is_after && counterpart != nullptr) continue;  // seen from before
      attach(all, field_element(name),
             changes(shape_of_member(shape, name), is_after ? nullptr : &value,
                     is_after ? &value : counterpart));
    }
  };
  visit(before, after, false);
  visit(after, before, true);
}

// An entry that is there twice counts as one value, all of its occurrences together.
FieldChanges entry_changes(const Shape& entry, const std::vector<const Value*>* before,
                           const std::vector<const Value*>* after) {
  const auto single = [](const auto* values) { return values == nullptr || values->size() == 1; };
  const auto first = [](const auto* values) {
    return values == nullptr ? nullptr : values->front();
  };
  if (single(before) && single(after)) return changes(entry, first(before), first(after));
  FieldChanges change = leaf_change(first(before), first(after));
  if (before != nullptr && after != nullptr)
    change.modified.member = !std::ranges::equal(
        *before, *after, [](const Value* a, const Value* b) { return *a == *b; });
  return change;
}

void add_entries(FieldChanges& all, const Shape& list, const Value* before, const Value* after) {
  const Entries old(list, before), next(list, after);
  const Shape entry = list.element();
  for (const std::string& element : old.order)
    attach(all, element, entry_changes(entry, old.find(element), next.find(element)));
  for (const std::string& element : next.order)
    if (old.find(element) == nullptr)
      attach(all, element, entry_changes(entry, nullptr, next.find(element)));
}

FieldChanges changes(const Shape& shape, const Value* before, const Value* after) {
  const Shape::Node form = form_of(shape, before, after);
  // Whether something is empty or not there is a difference, though there is nothing in it.
  if (form == Shape::Node::kLeaf || (is_empty(before) && is_empty(after)))
    return leaf_change(before, after);
  FieldChanges all;
  if (form == Shape::Node::kList) {
    add_entries(all, shape, before, after);
  } else {
    add_members(all, shape, before, after);
  }
  all.added.member = before == nullptr;
  all.removed.member = after == nullptr;
  return all;
}

FieldSet owned(const Shape& shape, const Value& value) {
  FieldSet set;
  const Shape::Node form = form_of(shape, &value);
  if (form == Shape::Node::kLeaf) {
    set.member = true;
  } else if (form == Shape::Node::kList) {
    const EntryNames name_of(shape);
    for (const Value& entry : value.get_array()) {
      FieldSet below = owned(shape.element(), entry);
      below.member = true;
      set.attach(name_of(entry), std::move(below));
    }
  } else {
    for (const auto& [name, member] : value.get_object()) {
      if (member.is_null()) continue;
      FieldSet below = owned(shape_of_member(shape, name), member);
      const bool is_empty_object = member.is_object() && member.get_object().empty();
      if (is_empty_object || form == Shape::Node::kMap) below.member = true;
      set.attach(field_element(name), std::move(below));
    }
  }
  return set;
}

}  // namespace
}  // namespace structured

FieldSet fields_in(const Shape& shape, const boost::json::value& document) {
  return structured::owned(shape, document);
}

FieldChanges changed_fields(const Shape& shape, const boost::json::value& before,
                            const boost::json::value& after) {
  return structured::changes(shape, &before, &after);
}

}  // namespace skiff::api
