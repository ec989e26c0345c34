// SPDX-License-Identifier: Apache-2.0
// What is served: one row a resource, found by group, version and plural. Verbs are written once
// over these rows; what is particular to a kind is its Strategy.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "api/field_errors.h"
#include "api/kind.h"
#include "api/names.h"
#include "base/clock.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/object.h"

namespace skiff::apiserver {

class Strategy;
class View;

// A subresource through which a part of the object is written, under rules of its own.
struct PartRules {
  // `current` with what the subresource lets `wanted` change.
  Object (*merge)(const Object& wanted, const Object& current, TimePoint now);
  // What is wrong with the result.
  std::vector<api::FieldError> (*check)(const Object& now, const Object& old);
};

// A field that a fieldSelector may name besides metadata.name and metadata.namespace.
struct SelectableField {
  std::string label;   // as in the selector
  std::string path;    // dotted JSON path in the object; empty: accepted, never matches
  std::string absent;  // the value of an absent field ("false" for booleans)
};

struct Subresource {
  std::string name;
  std::vector<std::string> verbs;
  // What its body is, where that is not the resource's own kind (autoscaling/v1 Scale, policy/v1
  // Eviction, …).
  std::string group;
  std::string version;
  std::string kind;
  const PartRules* part = nullptr;  // null: status, or a function of its own (subresources.cpp)
};

struct Resource {
  const api::Kind* kind = nullptr;  // also short names and categories
  std::vector<std::string> verbs = {"create", "delete", "deletecollection", "get",
                                    "list",   "patch",  "update",           "watch"};
  std::vector<Subresource> subresources;
  std::vector<SelectableField> selectable_fields;
  std::shared_ptr<const Strategy> strategy;  // never null
  std::shared_ptr<const View> view;          // null: shown as stored
  bool unconditional_update = true;          // PUT without resourceVersion
  bool create_on_update = false;             // PUT of an absent name creates it
  bool graceful_delete = false;              // grace periods count (pods)
  bool returns_deleted = false;              // DELETE that is done answers with the object, too
  bool tracks_generation = false;            // metadata.generation follows the spec
  bool keeps_status_on_create = false;
  bool stored = true;  // false: create only answers (reviews), after Strategy::prepare_create has
                       // filled in the status
  std::string
      storage;  // folder of its keys in the store; the plural unless several rows share one store

  const Subresource* subresource(std::string_view name) const;
  bool has_status() const { return subresource("status") != nullptr; }
  bool has_verb(std::string_view verb) const;
  Qualified qualified() const;       // deployments.apps
  Qualified qualified_kind() const;  // Deployment.apps
};

// Every resource. Built at start; custom resources come and go at run time, so hold no row across a
// suspension without its shared_ptr.
class Registry {
 public:
  using Key = std::tuple<std::string, std::string, std::string>;  // group, version, plural

  void add(Resource resource);
  std::shared_ptr<const Resource> find(std::string_view group, std::string_view version,
                                       std::string_view plural) const;
  std::shared_ptr<const Resource> find_kind(std::string_view group, std::string_view version,
                                            std::string_view kind) const;
  // In order of group, version, plural.
  const std::map<Key, std::shared_ptr<const Resource>>& all() const { return resources_; }
  bool has_group_version(std::string_view group, std::string_view version) const;

 private:
  std::map<Key, std::shared_ptr<const Resource>> resources_;
};

}  // namespace skiff::apiserver
