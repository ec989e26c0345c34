// SPDX-License-Identifier: Apache-2.0
#include "api/fields/field_set.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include "api/document.h"
#include "api/patch.h"

namespace skiff::api {
namespace {

constexpr size_t kDeepestPath = 200;

Result<FieldSet> set_from(const boost::json::value& value, size_t depth) {
  const boost::json::object* object = value.if_object();
  if (object == nullptr) return invalid_argument("expected an object");
  if (depth > kDeepestPath) return invalid_argument("nested too deeply");
  FieldSet set;
  for (const auto& [name, child] : *object) {
    if (name == ".") {
      set.member = true;
      continue;
    }
    if (name.size() < 2 || name[1] != ':' ||
        std::string_view("fkvi").find(name[0]) == std::string_view::npos)
      return invalid_argument("{}: a path element starts with f:, k:, v: or i:",
                              std::string_view(name));
    ASSIGN_OR_RETURN(FieldSet below, set_from(child, depth + 1), "{}", std::string_view(name));
    if (below.children.empty()) below.member = true;
    set.attach(name, std::move(below));
  }
  return set;
}

// `as_parent`: a member that has others below it says so, one that has not is one by being there.
boost::json::object fields_of(const FieldSet& set, bool as_parent) {
  boost::json::object object;
  if (as_parent && set.member) object.emplace(".", boost::json::object());
  for (const auto& [element, child] : set.children)
    object.emplace(element, fields_of(child, !child.children.empty()));
  return object;
}

std::string element_text(std::string_view element) {
  const std::string_view rest = element.substr(2);
  if (element[0] == 'f') return fmt::format(".{}", rest);
  if (element[0] == 'v') return fmt::format("[={}]", rest);
  if (element[0] == 'i') return fmt::format("[{}]", rest);
  boost::system::error_code error;
  const boost::json::value keys = boost::json::parse(rest, error);
  if (error || !keys.is_object()) return fmt::format("[{}]", rest);
  std::string text;
  for (const auto& [name, value] : keys.get_object())
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", std::string_view(name), to_json(value));
  return fmt::format("[{}]", text);
}

void add_paths(const FieldSet& set, const std::string& prefix, std::vector<std::string>& paths) {
  for (const auto& [element, child] : set.children)
    if (child.member) paths.push_back(prefix + element_text(element));
  for (const auto& [element, child] : set.children)
    if (!child.children.empty()) add_paths(child, prefix + element_text(element), paths);
}

}  // namespace

void FieldSet::attach(std::string element, FieldSet child) {
  if (!child.empty()) children.insert_or_assign(std::move(element), std::move(child));
}

FieldSet FieldSet::of(std::initializer_list<std::string_view> fields) {
  FieldSet set;
  FieldSet* at = &set;
  for (const std::string_view field : fields) at = &at->children[fmt::format("f:{}", field)];
  at->member = true;
  return set;
}

FieldSet unite(FieldSet a, const FieldSet& b) {
  a.member |= b.member;
  for (const auto& [element, child] : b.children) {
    FieldSet& mine = a.children[element];
    mine = unite(std::move(mine), child);
  }
  return a;
}

FieldSet intersect(const FieldSet& a, const FieldSet& b) {
  FieldSet both{.member = a.member && b.member};
  for (const auto& [element, child] : a.children) {
    const auto other = b.children.find(element);
    if (other != b.children.end()) both.attach(element, intersect(child, other->second));
  }
  return both;
}

FieldSet subtract(const FieldSet& a, const FieldSet& b) {
  FieldSet rest{.member = a.member && !b.member};
  for (const auto& [element, child] : a.children) {
    const auto other = b.children.find(element);
    rest.attach(element, other == b.children.end() ? child : subtract(child, other->second));
  }
  return rest;
}

FieldSet subtract_below(const FieldSet& a, const FieldSet& b) {
  if (b.member) return {};
  FieldSet rest{.member = a.member};
  for (const auto& [element, child] : a.children) {
    const auto other = b.children.find(element);
    rest.attach(element, other == b.children.end() ? child : subtract_below(child, other->second));
  }
  return rest;
}

Result<FieldSet> parse_fields_v1(std::string_view json) {
  ASSIGN_OR_RETURN(const boost::json::value value, parse_document(json));
  return set_from(value, 0);
}

std::string fields_v1(const FieldSet& set) {
  return boost::json::serialize(fields_of(set, false));
}

std::vector<std::string> paths_of(const FieldSet& set) {
  std::vector<std::string> paths;
  add_paths(set, "", paths);
  return paths;
}

}  // namespace skiff::api
