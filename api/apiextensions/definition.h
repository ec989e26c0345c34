// SPDX-License-Identifier: Apache-2.0
// Custom resource definitions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/apiextensions/schema.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// A column of the table.
struct CustomResourceColumnDefinition {
  std::string name;
  std::string type;
  std::string format;
  std::string description;
  int32_t priority = 0;
  std::string jsonPath;
};
KUBE_TYPE(CustomResourceColumnDefinition)

// A Service that converts.
struct ConversionServiceReference {
  std::string namespace_;
  std::string name;
  std::optional<std::string> path;
  std::optional<int32_t> port;
};
KUBE_TYPE(ConversionServiceReference)

// Who converts, and how to trust the answer.
struct ConversionWebhookClientConfig {
  Box<ConversionServiceReference> service;
  Bytes caBundle;
  std::optional<std::string> url;
};
KUBE_TYPE(ConversionWebhookClientConfig)

// Conversion by asking somebody.
struct WebhookConversion {
  Box<ConversionWebhookClientConfig> clientConfig;
  std::vector<std::string> conversionReviewVersions;
};
KUBE_TYPE(WebhookConversion)

// How versions become each other.
struct CustomResourceConversion {
  std::string strategy;
  Box<WebhookConversion> webhook;
};
KUBE_TYPE(CustomResourceConversion)

// The names of a kind.
struct CustomResourceDefinitionNames {
  std::string plural;
  std::string singular;
  std::vector<std::string> shortNames;
  std::string kind;
  std::string listKind;
  std::vector<std::string> categories;
};
KUBE_TYPE(CustomResourceDefinitionNames)

// The schema of a version.
struct CustomResourceValidation {
  Box<JSONSchemaProps> openAPIV3Schema;
};
KUBE_TYPE(CustomResourceValidation)

// There is a status.
struct CustomResourceSubresourceStatus {};
KUBE_TYPE(CustomResourceSubresourceStatus)

// Where the replicas stand.
struct CustomResourceSubresourceScale {
  std::string specReplicasPath;
  std::string statusReplicasPath;
  std::optional<std::string> labelSelectorPath;
};
KUBE_TYPE(CustomResourceSubresourceScale)

// The subresources of a version.
struct CustomResourceSubresources {
  Box<CustomResourceSubresourceStatus> status;
  Box<CustomResourceSubresourceScale> scale;
};
KUBE_TYPE(CustomResourceSubresources)

// A field that selectors may name.
struct SelectableField {
  std::string jsonPath;
};
KUBE_TYPE(SelectableField)

// A version of a kind.
struct CustomResourceDefinitionVersion {
  std::string name;
  bool served = false;
  bool storage = false;
  Box<CustomResourceValidation> schema;
  Box<CustomResourceSubresources> subresources;
  std::vector<CustomResourceColumnDefinition> additionalPrinterColumns;
  bool deprecated = false;
  std::optional<std::string> deprecationWarning;
  std::vector<SelectableField> selectableFields;
};
KUBE_TYPE(CustomResourceDefinitionVersion)

// A kind: its names, scope and versions.
struct CustomResourceDefinitionSpec {
  std::string group;
  CustomResourceDefinitionNames names;
  std::string scope;
  std::vector<CustomResourceDefinitionVersion> versions;
  Box<CustomResourceConversion> conversion;
  bool preserveUnknownFields = false;
};
KUBE_TYPE(CustomResourceDefinitionSpec)

// One aspect of a definition's state.
struct CustomResourceDefinitionCondition {
  std::string type;
  std::string status;
  Time lastTransitionTime;
  std::string reason;
  std::string message;
};
KUBE_TYPE(CustomResourceDefinitionCondition)

// What became of it.
struct CustomResourceDefinitionStatus {
  std::vector<CustomResourceDefinitionCondition> conditions;
  CustomResourceDefinitionNames acceptedNames;
  std::vector<std::string> storedVersions;
};
KUBE_TYPE(CustomResourceDefinitionStatus)

// A kind of the users' own.
struct CustomResourceDefinition {
  ObjectMeta metadata;
  CustomResourceDefinitionSpec spec;
  CustomResourceDefinitionStatus status;
};
KUBE_TYPE(CustomResourceDefinition)

}  // namespace skiff::api
