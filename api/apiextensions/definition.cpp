// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions/definition.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.")

KUBE_FIELDS(CustomResourceColumnDefinition, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(type, 2, .required = true), KUBE_FIELD(format, 3),
            KUBE_FIELD(description, 4), KUBE_FIELD(priority, 5),
            KUBE_FIELD(jsonPath, 6, .required = true))

KUBE_FIELDS_AS(ConversionServiceReference, "ServiceReference",
               KUBE_FIELD(namespace_, 1, .required = true), KUBE_FIELD(name, 2, .required = true),
               KUBE_FIELD(path, 3), KUBE_FIELD(port, 4))

KUBE_FIELDS_AS(ConversionWebhookClientConfig, "WebhookClientConfig", KUBE_FIELD(service, 1),
               KUBE_FIELD(caBundle, 2), KUBE_FIELD(url, 3))

KUBE_FIELDS(WebhookConversion, KUBE_FIELD(clientConfig, 2),
            KUBE_FIELD(conversionReviewVersions, 3, .required = true))

KUBE_FIELDS(CustomResourceConversion,
            KUBE_FIELD(strategy, 1, .required = true, .values = "None,Webhook"),
            KUBE_FIELD(webhook, 2))

KUBE_FIELDS(CustomResourceDefinitionNames, KUBE_FIELD(plural, 1, .required = true),
            KUBE_FIELD(singular, 2), KUBE_FIELD(shortNames, 3),
            KUBE_FIELD(kind, 4, .required = true), KUBE_FIELD(listKind, 5),
            KUBE_FIELD(categories, 6))

KUBE_FIELDS(CustomResourceValidation, KUBE_FIELD(openAPIV3Schema, 1))

KUBE_NO_FIELDS(CustomResourceSubresourceStatus)

KUBE_FIELDS(CustomResourceSubresourceScale, KUBE_FIELD(specReplicasPath, 1, .required = true),
            KUBE_FIELD(statusReplicasPath, 2, .required = true), KUBE_FIELD(labelSelectorPath, 3))

KUBE_FIELDS(CustomResourceSubresources, KUBE_FIELD(status, 1), KUBE_FIELD(scale, 2))

KUBE_FIELDS(SelectableField, KUBE_FIELD(jsonPath, 1, .required = true))

KUBE_FIELDS(CustomResourceDefinitionVersion, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(served, 2, .required = true), KUBE_FIELD(storage, 3, .required = true),
            KUBE_FIELD(schema, 4), KUBE_FIELD(subresources, 5),
            KUBE_FIELD(additionalPrinterColumns, 6), KUBE_FIELD(deprecated, 7),
            KUBE_FIELD(deprecationWarning, 8), KUBE_FIELD(selectableFields, 9))

KUBE_FIELDS(CustomResourceDefinitionSpec, KUBE_FIELD(group, 1, .required = true, .immutable = true),
            KUBE_FIELD(names, 3, .required = true),
            KUBE_FIELD(scope, 4, .required = true, .immutable = true,
                       .values = "Cluster,Namespaced"),
            KUBE_FIELD(versions, 7, .required = true), KUBE_FIELD(conversion, 9),
            KUBE_FIELD(preserveUnknownFields, 10))

KUBE_FIELDS(CustomResourceDefinitionCondition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true),
            KUBE_FIELD(lastTransitionTime, 3, .null_zero = true), KUBE_FIELD(reason, 4),
            KUBE_FIELD(message, 5))

KUBE_FIELDS(CustomResourceDefinitionStatus,
            KUBE_FIELD(conditions, 1, .list = ListType::kMap, .keys = "type"),
            KUBE_FIELD(acceptedNames, 2), KUBE_FIELD(storedVersions, 3))

KUBE_FIELDS(CustomResourceDefinition, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

}  // namespace skiff::api
