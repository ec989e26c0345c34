// SPDX-License-Identifier: Apache-2.0
// JSON schemas as custom resource definitions have them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/scalars.h"

namespace skiff::api {

// Where more is said.
struct ExternalDocumentation {
  std::string description;
  std::string url;
};
KUBE_TYPE(ExternalDocumentation)

// An expression (CEL) that must be true.
struct ValidationRule {
  std::string rule;
  std::string message;
  std::string messageExpression;
  std::optional<std::string> reason;
  std::string fieldPath;
  std::optional<bool> optionalOldSelf;
};
KUBE_TYPE(ValidationRule)

struct JSONSchemaProps;

// One schema, or one for each element.
struct JSONSchemaPropsOrArray {
  Box<JSONSchemaProps> schema;
  std::vector<JSONSchemaProps> jSONSchemas;
};
KUBE_TYPE(JSONSchemaPropsOrArray)

// A schema, or whether anything goes.
struct JSONSchemaPropsOrBool {
  Box<JSONSchemaProps> schema;
  bool allows = false;
};
KUBE_TYPE(JSONSchemaPropsOrBool)

// A schema, or names of fields.
struct JSONSchemaPropsOrStringArray {
  Box<JSONSchemaProps> schema;
  std::vector<std::string> property;
};
KUBE_TYPE(JSONSchemaPropsOrStringArray)

// What a value looks like.
struct JSONSchemaProps {
  std::string id;
  std::string schema;
  std::optional<std::string> ref;
  std::string description;
  std::string type;
  std::string format;
  std::string title;
  AnyJson default_;
  std::optional<double> maximum;
  bool exclusiveMaximum = false;
  std::optional<double> minimum;
  bool exclusiveMinimum = false;
  std::optional<int64_t> maxLength;
  std::optional<int64_t> minLength;
  std::string pattern;
  std::optional<int64_t> maxItems;
  std::optional<int64_t> minItems;
  bool uniqueItems = false;
  std::optional<double> multipleOf;
  std::vector<AnyJson> enum_;
  std::optional<int64_t> maxProperties;
  std::optional<int64_t> minProperties;
  std::vector<std::string> required;
  Box<JSONSchemaPropsOrArray> items;
  std::vector<JSONSchemaProps> allOf;
  std::vector<JSONSchemaProps> oneOf;
  std::vector<JSONSchemaProps> anyOf;
  Box<JSONSchemaProps> not_;
  std::map<std::string, JSONSchemaProps> properties;
  Box<JSONSchemaPropsOrBool> additionalProperties;
  std::map<std::string, JSONSchemaProps> patternProperties;
  std::map<std::string, JSONSchemaPropsOrStringArray> dependencies;
  Box<JSONSchemaPropsOrBool> additionalItems;
  std::map<std::string, JSONSchemaProps> definitions;
  Box<ExternalDocumentation> externalDocs;
  AnyJson example;
  bool nullable = false;
  std::optional<bool> xKubernetesPreserveUnknownFields;
  bool xKubernetesEmbeddedResource = false;
  bool xKubernetesIntOrString = false;
  std::vector<std::string> xKubernetesListMapKeys;
  std::optional<std::string> xKubernetesListType;
  std::optional<std::string> xKubernetesMapType;
  std::vector<ValidationRule> xKubernetesValidations;
};
KUBE_TYPE(JSONSchemaProps)

}  // namespace skiff::api
