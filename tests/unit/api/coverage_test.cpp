// SPDX-License-Identifier: Apache-2.0
// The tables against Kubernetes 1.34's own facts (tests/data/kubernetes-1.34.tsv, made by
// tools/kube_types.py). What is still missing stands in tests/data/missing-types.txt, which may
// only shrink: an entry that is there by now fails like one that is not listed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "api/kind.h"
#include "api/scalars.h"
#include "api/text.h"
#include "base/file.h"

namespace skiff::api {
namespace {

constexpr const char* kData = SKIFF_TEST_DATA;

std::vector<std::string> lines_of(const std::string& name) {
  const auto text = read_file(std::filesystem::path(kData) / name);
  EXPECT_TRUE(text.ok()) << message(text.status());
  std::vector<std::string> lines;
  for (const std::string_view line : split(*text, '\n'))
    if (!line.empty() && !line.starts_with('#')) lines.emplace_back(line);
  return lines;
}

// Every type that objects of the kinds are made of, by definition.
using Types = std::map<std::string, const TypeInfo*>;

void collect(const TypeInfo& type, Types& types) {
  if (type.element != nullptr) return collect(*type.element, types);
  if (type.form != Form::kStruct && type.form != Form::kUnion) return;
  if (!types.emplace(type.definition(), &type).second) return;
  for (const FieldInfo& field : type.fields) collect(*field.type, types);
}

const Types& our_types() {
  static const Types types = [] {
    Types all;
    for (const Kind* kind : all_kinds()) collect(*kind->type, all);
    return all;
  }();
  return types;
}

std::string json_text(const TypeInfo& type) {
  switch (type.form) {
    case Form::kOptional:
    case Form::kBox:
      return json_text(*type.element);
    case Form::kList:
      return "[" + json_text(*type.element) + "]";
    case Form::kMap:
      return "{" + json_text(*type.element) + "}";
    case Form::kStruct:
    case Form::kUnion:
      return type.definition();
    default:
      return std::string(type.name);
  }
}

std::string number_text(const FieldInfo& field) {
  std::string outer;
  if (field.outer > 0xff) outer = fmt::format("{}.", field.outer >> 8);
  if (field.outer > 0) outer += fmt::format("{}.", field.outer & 0xff);
  return outer + std::to_string(field.number);
}

std::string_view list_text(const FieldInfo& field) {
  return field.list == ListType::kMap ? "map" : field.list == ListType::kSet ? "set" : "";
}

std::string_view patch_text(Patch patch) {
  switch (patch) {
    case Patch::kDefault:
      return "";
    case Patch::kReplace:
      return "replace";
    case Patch::kMerge:
      return "merge";
    case Patch::kRetainKeys:
      return "retainKeys";
    case Patch::kMergeRetainKeys:
      return "merge,retainKeys";
  }
  return "";
}

bool is_atomic(const FieldInfo& field) {
  const TypeInfo* type = field.type;
  while (type->maybe != nullptr) type = type->element;
  return field.atomic || (type->atomic && !field.granular);
}

// One line of the facts.
struct Fact {
  std::string type, field, json, number, required, list, keys, atomic, patch, merge_key;
};

std::vector<Fact> facts() {
  std::vector<Fact> all;
  for (const std::string& line : lines_of("kubernetes-1.34.tsv")) {
    const auto cells = split(line, '\t');
    if (cells.size() != 10 || cells[0] == "type") continue;
    const auto cell = [&](size_t i) { return std::string(cells[i]); };
    all.push_back(
        {cell(0), cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7), cell(8), cell(9)});
  }
  return all;
}

// What differs: `TYPE`, `TYPE.FIELD`, or `TYPE.FIELD what: ours, not theirs`.
class Comparison {
 public:
  void compare(const Fact& fact) {
    const auto found = our_types().find(fact.type);
    const TypeInfo* type = found == our_types().end() ? nullptr : found->second;
    if (fact.field.empty()) {
      if (type == nullptr) problems_.insert(fact.type);
      if (type != nullptr && type->atomic != !fact.atomic.empty())
        problems_.insert(fact.type + " atomic");
      return;
    }
    known_[fact.type].insert(fact.field);
    if (type == nullptr) return;
    const FieldInfo* field = type->field(fact.field);
    if (field == nullptr) {
      problems_.insert(fact.type + "." + fact.field);
      return;
    }
    expect(fact, "type", json_text(*field->type), fact.json);
    if (!fact.number.empty()) expect(fact, "number", number_text(*field), fact.number);
    expect(fact, "required", field->required ? "required" : "", fact.required);
    expect(fact, "list", list_text(*field), fact.list == "atomic" ? "" : fact.list);
    expect(fact, "keys", field->keys, fact.keys);
    expect(fact, "atomic", is_atomic(*field) ? "atomic" : "", fact.atomic);
    expect(fact, "patch", patch_text(field->patch), fact.patch);
    expect(fact, "merge key", field->merge_key, fact.merge_key);
  }

  // Fields of ours that Kubernetes does not have.
  void look_for_extra() {
    for (const auto& [name, fields] : known_) {
      const auto found = our_types().find(name);
      if (found == our_types().end()) continue;
      for (const FieldInfo& field : found->second->fields)
        if (!fields.contains(std::string(field.name)))
          problems_.insert(fmt::format("{}.{} is not in Kubernetes", name, field.name));
    }
  }

  const std::set<std::string>& problems() const { return problems_; }

 private:
  void expect(const Fact& fact, std::string_view what, std::string_view ours,
              std::string_view theirs) {
    if (ours != theirs)
      problems_.insert(
          fmt::format("{}.{} {}: {}, not {}", fact.type, fact.field, what, ours, theirs));
  }

  std::set<std::string> problems_;
  std::map<std::string, std::set<std::string>> known_;
};

TEST(Coverage, TheTablesAreKubernetesOwn) {
  Comparison comparison;
  for (const Fact& fact : facts()) comparison.compare(fact);
  comparison.look_for_extra();
  std::set<std::string> allowed;
  for (std::string& line : lines_of("missing-types.txt")) allowed.insert(std::move(line));
  for (const std::string& problem : comparison.problems())
    EXPECT_TRUE(allowed.contains(problem)) << problem;
  for (const std::string& entry : allowed)
    EXPECT_TRUE(comparison.problems().contains(entry))
        << "no longer missing, take it from tests/data/missing-types.txt: " << entry;
}

TEST(Coverage, NamesStandForOneTypeEach) {
  std::map<std::string, const TypeInfo*> kinds;
  for (const Kind* kind : all_kinds()) {
    EXPECT_EQ(kind->type->name, kind->kind);
    const auto [entry, fresh] = kinds.emplace(kind->api_version() + "/" + kind->kind, kind->type);
    EXPECT_TRUE(fresh) << entry->first;
  }
}

}  // namespace
}  // namespace skiff::api
