// SPDX-License-Identifier: Apache-2.0
#include "api/fields/structured_merge.h"

#include <fmt/format.h>

#include <set>

#include "api/fields/structured_value.h"

namespace skiff::api {
namespace structured {
namespace {

Value merged(const Shape& shape, const Value* live, const Value* config);

Value merged_members(const Shape& shape, const Value* live, const Value* config) {
  boost::json::object all;
  if (live != nullptr) all = live->get_object();
  for (const auto& [name, value] : config->get_object()) {
    if (value.is_null()) continue;
    all[name] = merged(shape_of_member(shape, name), member_of(live, name), &value);
  }
  return all;
}

// Both in the order of `config`, each entry that only `live` has behind the one it follows there.
Value merged_entries(const Shape& list, const Value* live, const Value* config) {
  const Entries old(list, live), next(list, config);
  const Shape entry = list.element();
  boost::json::array all;
  const auto keep = [&](const std::string& element) {
    for (const Value* value : *old.find(element)) all.push_back(*value);
  };
  const auto take = [&](const std::string& element) {
    const auto* mine = old.find(element);
    all.push_back(
        merged(entry, mine == nullptr ? nullptr : mine->front(), next.find(element)->front()));
  };
  std::set<std::string, std::less<>> taken;
  size_t at = 0;  // in old.order
  const auto keep_until_shared = [&] {
    for (; at < old.order.size() && next.find(old.order[at]) == nullptr; ++at) keep(old.order[at]);
  };
  keep_until_shared();
  for (const std::string& element : next.order) {
    take(element);
    taken.insert(element);
    while (at < old.order.size() && taken.contains(old.order[at])) {
      ++at;
      keep_until_shared();
    }
  }
  return all;
}

Value merged(const Shape& shape, const Value* live, const Value* config) {
  switch (form_of(shape, live, config)) {
    case Shape::Node::kLeaf:
      return *config;
    case Shape::Node::kList:
      return merged_entries(shape, live, config);
    default:
      return merged_members(shape, live, config);
  }
}

// Nothing if nothing is left of it.
std::optional<Value> without(const Shape& shape, const Value& value, const FieldSet& fields) {
  const Shape::Node form = form_of(shape, &value);
  if (form == Shape::Node::kLeaf) return value;
  const auto part = [&fields](const std::string& element, const Shape& below,
                              const Value& child) -> std::optional<Value> {
    const auto found = fields.children.find(element);
    if (found == fields.children.end()) return child;
    if (found->second.member) return std::nullopt;
    return without(below, child, found->second);
  };
  if (form == Shape::Node::kList) {
    boost::json::array rest;
    const EntryNames name_of(shape);
    for (const Value& entry : value.get_array())
      if (auto kept = part(name_of(entry), shape.element(), entry))
        rest.push_back(*std::move(kept));
    if (rest.empty() && !value.get_array().empty()) return std::nullopt;
    return rest;
  }
  boost::json::object rest;
  for (const auto& [name, member] : value.get_object())
    if (auto kept = part(field_element(name), shape_of_member(shape, name), member))
      rest.emplace(name, *std::move(kept));
  if (rest.empty() && !value.get_object().empty()) return std::nullopt;
  return rest;
}

std::string key_text(const std::string& element) {
  FieldSet one;
  one.children[element].member = true;
  return paths_of(one).front();
}

skiff::Status check(const Shape& shape, const Value& value, const std::string& path);

skiff::Status check_entries(const Shape& list, const Value& value, const std::string& path) {
  std::optional<EntryNames> name_of;
  if (!list.atomic()) name_of.emplace(list);
  std::set<std::string, std::less<>> seen;
  size_t index = 0;
  for (const Value& entry : value.get_array()) {
    std::string name = fmt::format("[{}]", index);
    if (name_of) {
      const std::string element = (*name_of)(entry);
      if (element.empty())
        return invalid_argument(
            "{}: element {}: associative list with keys has an element that omits key field \"{}\" "
            "(and doesn't have default value)",
            path, index, list.keys().front().name);
      name = key_text(element);
      if (!seen.insert(element).second)
        return invalid_argument("{}: duplicate entries for key {}", path, name);
    }
    RETURN_IF_ERROR(check(list.element(), entry, path + name));
    ++index;
  }
  return absl::OkStatus();
}

// Atomic containers, too: whoever owns them, their fields are declared.
skiff::Status check(const Shape& shape, const Value& value, const std::string& path) {
  const Shape::Node node = shape.node();
  if (node == Shape::Node::kList && value.is_array()) return check_entries(shape, value, path);
  if (node != Shape::Node::kStruct && node != Shape::Node::kMap) return absl::OkStatus();
  if (!value.is_object()) return absl::OkStatus();
  for (const auto& [name, member] : value.get_object()) {
    const std::string below = fmt::format("{}.{}", path, std::string_view(name));
    if (node == Shape::Node::kStruct && !shape.field(name))
      return invalid_argument("{}: field not declared in schema", below);
    RETURN_IF_ERROR(check(shape_of_member(shape, name), member, below));
  }
  return absl::OkStatus();
}

Shape shape_below(const Shape& shape, std::string_view element) {
  if (shape.node() == Shape::Node::kLeaf) return {};
  if (!element.starts_with("f:"))
    return shape.node() == Shape::Node::kList ? shape.element() : Shape();
  return shape.node() == Shape::Node::kList ? Shape() : shape_of_member(shape, element.substr(2));
}

}  // namespace
}  // namespace structured

boost::json::value merge_fields(const Shape& shape, const boost::json::value& live,
                                const boost::json::value& config) {
  return structured::merged(shape, &live, &config);
}

boost::json::value remove_fields(const Shape& shape, const boost::json::value& document,
                                 const FieldSet& fields) {
  return structured::without(shape, document, fields).value_or(boost::json::object());
}

FieldSet with_declared_parents(const Shape& shape, const FieldSet& fields) {
  FieldSet all{.member = fields.member};
  for (const auto& [element, child] : fields.children) {
    FieldSet below = with_declared_parents(structured::shape_below(shape, element), child);
    if (shape.node() == Shape::Node::kStruct && element.starts_with("f:") &&
        shape.field(std::string_view(element).substr(2)))
      below.member = true;
    all.attach(element, std::move(below));
  }
  return all;
}

skiff::Status check_fields(const Shape& shape, const boost::json::value& document) {
  return structured::check(shape, document, "");
}

}  // namespace skiff::api
