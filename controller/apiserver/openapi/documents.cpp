// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/documents.h"

#include "api/meta.h"
#include "controller/apiserver/openapi/paths.h"

namespace skiff::openapi {
namespace {

constexpr const char* kPatchTypes[] = {"application/json-patch+json",
                                       "application/merge-patch+json",
                                       "application/strategic-merge-patch+json"};

// Turns paths into JSON and gathers the schemas they need.
class DocumentBuilder {
 public:
  explicit DocumentBuilder(Dialect dialect) : dialect_(dialect), schemas_(dialect) {}

  void add(const apiserver::Resource& resource) {
    resource_ = &resource;
    schemas_.add(*resource.kind->type);
    for (const Path& path : paths(resource)) add(path);
  }

  json::object finish() && {
    json::object info{{"title", "Kubernetes"}, {"version", "v1.34.0"}};
    json::object schemas = std::move(schemas_).finish();
    if (dialect_ == Dialect::kV2)
      return {{"swagger", "2.0"},
              {"info", std::move(info)},
              {"paths", std::move(paths_)},
              {"definitions", std::move(schemas)}};
    return {{"openapi", "3.0.0"},
            {"info", std::move(info)},
            {"paths", std::move(paths_)},
            {"components", json::object{{"schemas", std::move(schemas)}}}};
  }

 private:
  bool v3() const { return dialect_ == Dialect::kV3; }

  void add(const Path& path) {
    json::object item;
    for (const Operation& operation : path.operations)
      item[operation.method] = operation_object(path, operation);
    if (!path.in_path.empty()) item["parameters"] = parameters(path.in_path, "path");
    paths_[path.path] = std::move(item);
  }

  json::object operation_object(const Path& path, const Operation& operation) {
    json::object out{{"operationId", text(operation.id)}};
    json::array list = parameters(operation.parameters, "query");
    if (operation.request != Body::kNone && !v3())
      list.push_back({{"name", "body"},
                      {"in", "body"},
                      {"required", operation.request != Body::kDeleteOptions},
                      {"schema", body_schema(path, operation.request)}});
    if (!list.empty()) out["parameters"] = std::move(list);
    if (operation.request == Body::kPatch && !v3())
      out["consumes"] = json::array(std::begin(kPatchTypes), std::end(kPatchTypes));
    if (operation.request != Body::kNone && v3())
      out["requestBody"] = request_body(path, operation.request);
    json::object answer{{"description", "OK"}};
    if (v3()) {
      const char* type = operation.response == Body::kText ? "text/plain" : "application/json";
      answer["content"] = {{type, {{"schema", body_schema(path, operation.response)}}}};
    } else {
      answer["schema"] = body_schema(path, operation.response);
    }
    out["responses"] = {{"200", std::move(answer)}};
    out["x-kubernetes-action"] = operation.action;
    out["x-kubernetes-group-version-kind"] = gvk(path.group, path.version, path.kind);
    return out;
  }

  json::object request_body(const Path& path, Body body) {
    json::object content;
    if (body == Body::kPatch) {
      for (const char* type : kPatchTypes) content[type] = {{"schema", body_schema(path, body)}};
    } else {
      content["application/json"] = {{"schema", body_schema(path, body)}};
    }
    return {{"content", std::move(content)}, {"required", body != Body::kDeleteOptions}};
  }

  json::object body_schema(const Path& path, Body body) {
    switch (body) {
      case Body::kList:
        return reference(dialect_, schemas_.add_list(*resource_->kind));
      case Body::kPatch:
        return reference(dialect_, schemas_.add_patch());
      case Body::kDeleteOptions:
        return reference(dialect_, schemas_.add(api::type_of<api::DeleteOptions>()));
      case Body::kStatus:
        return reference(dialect_, schemas_.add(api::type_of<api::Status>()));
      case Body::kObject:
        if (const api::Kind* kind = api::find_kind(path.group, path.version, path.kind))
          return reference(dialect_, schemas_.add(*kind->type));
        return {{"type", "object"}};
      default:
        return {{"type", "string"}};
    }
  }

  json::array parameters(const std::vector<Parameter>& list, const char* in) const {
    json::array out;
    for (const Parameter& one : list) {
      json::object parameter{{"name", one.name}, {"in", in}, {"description", one.description}};
      if (v3()) {
        parameter["schema"] = {{"type", one.type}};
      } else {
        parameter["type"] = one.type;
      }
      if (in == std::string_view("path")) parameter["required"] = true;
      out.push_back(std::move(parameter));
    }
    return out;
  }

  Dialect dialect_;
  Schemas schemas_;
  json::object paths_;
  const apiserver::Resource* resource_ = nullptr;
};

}  // namespace

json::object v2_document(const apiserver::Registry& registry) {
  DocumentBuilder document(Dialect::kV2);
  for (const auto& [key, resource] : registry.all()) document.add(*resource);
  return std::move(document).finish();
}

json::object v3_document(const apiserver::Registry& registry, std::string_view group,
                         std::string_view version) {
  DocumentBuilder document(Dialect::kV3);
  for (const auto& [key, resource] : registry.all())
    if (resource->kind->group == group && resource->kind->version == version)
      document.add(*resource);
  return std::move(document).finish();
}

}  // namespace skiff::openapi
