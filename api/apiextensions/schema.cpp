// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions/schema.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.")

KUBE_FIELDS(ExternalDocumentation, KUBE_FIELD(description, 1), KUBE_FIELD(url, 2))

KUBE_FIELDS(ValidationRule, KUBE_FIELD(rule, 1, .required = true), KUBE_FIELD(message, 2),
            KUBE_FIELD(messageExpression, 3), KUBE_FIELD(reason, 4), KUBE_FIELD(fieldPath, 5),
            KUBE_FIELD(optionalOldSelf, 6))

KUBE_UNION(JSONSchemaPropsOrArray, KUBE_FIELD(schema, 1), KUBE_FIELD(jSONSchemas, 2))

KUBE_UNION(JSONSchemaPropsOrBool, KUBE_FIELD(schema, 2), KUBE_FIELD(allows, 1))

KUBE_UNION(JSONSchemaPropsOrStringArray, KUBE_FIELD(schema, 1), KUBE_FIELD(property, 2))

KUBE_FIELDS(
    JSONSchemaProps, KUBE_FIELD(id, 1), KUBE_FIELD_AS(schema, "$schema", 2),
    KUBE_FIELD_AS(ref, "$ref", 3), KUBE_FIELD(description, 4), KUBE_FIELD(type, 5),
    KUBE_FIELD(format, 6), KUBE_FIELD(title, 7), KUBE_FIELD(default_, 8), KUBE_FIELD(maximum, 9),
    KUBE_FIELD(exclusiveMaximum, 10), KUBE_FIELD(minimum, 11), KUBE_FIELD(exclusiveMinimum, 12),
    KUBE_FIELD(maxLength, 13), KUBE_FIELD(minLength, 14), KUBE_FIELD(pattern, 15),
    KUBE_FIELD(maxItems, 16), KUBE_FIELD(minItems, 17), KUBE_FIELD(uniqueItems, 18),
    KUBE_FIELD(multipleOf, 19), KUBE_FIELD(enum_, 20), KUBE_FIELD(maxProperties, 21),
    KUBE_FIELD(minProperties, 22), KUBE_FIELD(required, 23), KUBE_FIELD(items, 24),
    KUBE_FIELD(allOf, 25), KUBE_FIELD(oneOf, 26), KUBE_FIELD(anyOf, 27), KUBE_FIELD(not_, 28),
    KUBE_FIELD(properties, 29), KUBE_FIELD(additionalProperties, 30),
    KUBE_FIELD(patternProperties, 31), KUBE_FIELD(dependencies, 32),
    KUBE_FIELD(additionalItems, 33), KUBE_FIELD(definitions, 34), KUBE_FIELD(externalDocs, 35),
    KUBE_FIELD(example, 36), KUBE_FIELD(nullable, 37),
    KUBE_FIELD_AS(xKubernetesPreserveUnknownFields, "x-kubernetes-preserve-unknown-fields", 38),
    KUBE_FIELD_AS(xKubernetesEmbeddedResource, "x-kubernetes-embedded-resource", 39),
    KUBE_FIELD_AS(xKubernetesIntOrString, "x-kubernetes-int-or-string", 40),
    KUBE_FIELD_AS(xKubernetesListMapKeys, "x-kubernetes-list-map-keys", 41),
    KUBE_FIELD_AS(xKubernetesListType, "x-kubernetes-list-type", 42),
    KUBE_FIELD_AS(xKubernetesMapType, "x-kubernetes-map-type", 43),
    KUBE_FIELD_AS(xKubernetesValidations, "x-kubernetes-validations", 44, .patch = Patch::kMerge,
                  .list = ListType::kMap, .merge_key = "rule", .keys = "rule"))

}  // namespace skiff::api
