// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/paths.h"

#include <algorithm>
#include <cctype>

namespace skiff::openapi {
namespace {

using apiserver::Resource;
using apiserver::Subresource;
using Parameters = std::vector<Parameter>;

constexpr Parameter kName = {"name", "string", "name of the object"};
constexpr Parameter kNamespace = {"namespace", "string", "namespace of the object"};

const Parameters kList = {
    {"allowWatchBookmarks", "boolean", "send BOOKMARK events now and then"},
    {"continue", "string", "where the previous page ended"},
    {"fieldSelector", "string", "only objects whose fields match"},
    {"labelSelector", "string", "only objects whose labels match"},
    {"limit", "integer", "objects in one answer"},
    {"resourceVersion", "string", "from which revision on"},
    {"resourceVersionMatch", "string", "Exact or NotOlderThan"},
    {"sendInitialEvents", "boolean", "begin a watch with what there is"},
    {"timeoutSeconds", "integer", "when to end a watch"},
    {"watch", "boolean", "stream changes instead of listing"},
};
const Parameters kWrite = {
    {"dryRun", "string", "All: check everything, store nothing"},
    {"fieldManager", "string", "who changes the object"},
    {"fieldValidation", "string", "Ignore, Warn or Strict: what becomes of unknown fields"},
};
const Parameters kDelete = {
    {"dryRun", "string", "All: check everything, store nothing"},
    {"gracePeriodSeconds", "integer", "time to end in"},
    {"orphanDependents", "boolean", "superseded by propagationPolicy"},
    {"propagationPolicy", "string", "Orphan, Background or Foreground"},
};

Parameters operator+(Parameters a, const Parameters& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string capitalised(std::string_view word) {
  std::string out(word);
  if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

// CoreV1, AppsV1, RbacAuthorizationV1.
std::string group_word(std::string_view group, std::string_view version) {
  constexpr std::string_view kSuffix = ".k8s.io";
  if (group.ends_with(kSuffix)) group.remove_suffix(kSuffix.size());
  std::string out;
  while (!group.empty()) {
    const size_t dot = group.find('.');
    out += capitalised(group.substr(0, dot));
    group = dot == std::string_view::npos ? std::string_view() : group.substr(dot + 1);
  }
  return (out.empty() ? "Core" : out) + capitalised(version);
}

// Builds the paths of one resource.
class PathBuilder {
 public:
  explicit PathBuilder(const Resource& resource) : resource_(resource), kind_(*resource.kind) {
    root_ = kind_.group.empty() ? "/api/" : "/apis/" + std::string(kind_.group) + "/";
    root_.append(kind_.version).append("/");
    group_word_ = group_word(kind_.group, kind_.version);
    scope_word_ = kind_.namespaced ? "Namespaced" : "";
  }

  std::vector<Path> build() && {
    if (kind_.namespaced && has("list")) add_all_namespaces();
    add_collection();
    add_item();
    for (const Subresource& part : resource_.subresources) add_subresource(part);
    std::erase_if(paths_, [](const Path& path) { return path.operations.empty(); });
    return std::move(paths_);
  }

 private:
  bool has(std::string_view verb) const { return resource_.has_verb(verb); }

  std::string id(std::string_view verb, std::string_view suffix = {}) const {
    return std::string(verb) + group_word_ + scope_word_ + std::string(kind_.kind).append(suffix);
  }

  Path& add(std::string path, Parameters in_path) {
    paths_.push_back({.path = std::move(path),
                      .in_path = std::move(in_path),
                      .group = kind_.group,
                      .version = kind_.version,
                      .kind = kind_.kind});
    return paths_.back();
  }

  std::string collection_path() const {
    return root_ + (kind_.namespaced ? "namespaces/{namespace}/" : "") + std::string(kind_.plural);
  }
  Parameters scope() const { return kind_.namespaced ? Parameters{kNamespace} : Parameters{}; }

  void add_all_namespaces() {
    Path& path = add(root_ + std::string(kind_.plural), {});
    path.operations.push_back(
        {.method = "get",
         .action = "list",
         .id = "list" + group_word_ + std::string(kind_.kind) + "ForAllNamespaces",
         .parameters = kList,
         .response = Body::kList});
  }

  void add_collection() {
    Path& path = add(collection_path(), scope());
    if (has("list"))
      path.operations.push_back({.method = "get",
                                 .action = "list",
                                 .id = id("list"),
                                 .parameters = kList,
                                 .response = Body::kList});
    if (has("create"))
      path.operations.push_back({.method = "post",
                                 .action = "post",
                                 .id = id("create"),
                                 .parameters = kWrite,
                                 .request = Body::kObject});
    if (has("deletecollection"))
      path.operations.push_back({.method = "delete",
                                 .action = "deletecollection",
                                 .id = "deleteCollection" + id(""),
                                 .parameters = kDelete + kList,
                                 .request = Body::kDeleteOptions,
                                 .response = Body::kStatus});
  }

  void add_item() {
    Path& path = add(collection_path() + "/{name}", scope() + Parameters{kName});
    add_common(path, resource_.verbs, "");
    if (has("delete"))
      path.operations.push_back({.method = "delete",
                                 .action = "delete",
                                 .id = id("delete"),
                                 .parameters = kDelete,
                                 .request = Body::kDeleteOptions,
                                 .response = Body::kStatus});
  }

  // get, update and patch, of an object or a part of it.
  void add_common(Path& path, const std::vector<std::string>& verbs, const std::string& suffix) {
    const auto may = [&](const char* verb) {
      return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
    };
    if (may("get"))
      path.operations.push_back({.method = "get", .action = "get", .id = id("read", suffix)});
    if (may("update"))
      path.operations.push_back({.method = "put",
                                 .action = "put",
                                 .id = id("replace", suffix),
                                 .parameters = kWrite,
                                 .request = Body::kObject});
    if (may("patch"))
      path.operations.push_back(
          {.method = "patch",
           .action = "patch",
           .id = id("patch", suffix),
           .parameters = kWrite + Parameters{{"force", "boolean", "take over fields of others"}},
           .request = Body::kPatch});
  }

  void add_subresource(const Subresource& part) {
    Path& path = add(collection_path() + "/{name}/" + part.name, scope() + Parameters{kName});
    const std::string suffix = capitalised(part.name);
    if (!part.kind.empty()) {
      path.group = part.group;
      path.version = part.version;
      path.kind = part.kind;
    }
    if (part.kind.ends_with("Options")) {  // a stream, not an object
      for (const char* method : {"get", "post"})
        path.operations.push_back({.method = method,
                                   .action = "connect",
                                   .id = id("connect" + capitalised(method), suffix),
                                   .response = Body::kText});
      return;
    }
    if (part.name == "log") {
      path.operations.push_back(
          {.method = "get", .action = "get", .id = id("read", suffix), .response = Body::kText});
      return;
    }
    add_common(path, part.verbs, suffix);
    if (std::find(part.verbs.begin(), part.verbs.end(), "create") != part.verbs.end())
      path.operations.push_back({.method = "post",
                                 .action = "post",
                                 .id = id("create", suffix),
                                 .parameters = kWrite,
                                 .request = Body::kObject});
  }

  const Resource& resource_;
  const api::Kind& kind_;
  std::string root_;
  std::string group_word_;
  std::string scope_word_;
  std::vector<Path> paths_;
};

}  // namespace

std::vector<Path> paths(const Resource& resource) {
  return PathBuilder(resource).build();
}

}  // namespace skiff::openapi
