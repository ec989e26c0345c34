// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/webhooks.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.admissionregistration.v1.")

KUBE_FIELDS_AS(AdmissionServiceReference, "ServiceReference",
               KUBE_FIELD(namespace_, 1, .required = true), KUBE_FIELD(name, 2, .required = true),
               KUBE_FIELD(path, 3), KUBE_FIELD(port, 4))

KUBE_FIELDS_AS(AdmissionWebhookClientConfig, "WebhookClientConfig", KUBE_FIELD(service, 1),
               KUBE_FIELD(caBundle, 2), KUBE_FIELD(url, 3))

KUBE_FIELDS(ValidatingWebhook, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(clientConfig, 2, .required = true), KUBE_FIELD(rules, 3),
            KUBE_FIELD(failurePolicy, 4, .values = "Fail,Ignore"), KUBE_FIELD(namespaceSelector, 5),
            KUBE_FIELD(sideEffects, 6, .required = true, .values = "None,NoneOnDryRun"),
            KUBE_FIELD(timeoutSeconds, 7), KUBE_FIELD(admissionReviewVersions, 8, .required = true),
            KUBE_FIELD(matchPolicy, 9, .values = "Equivalent,Exact"),
            KUBE_FIELD(objectSelector, 10),
            KUBE_FIELD(matchConditions, 11, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"))

KUBE_FIELDS(ValidatingWebhookConfiguration, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(webhooks, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"))

KUBE_FIELDS(MutatingWebhook, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(clientConfig, 2, .required = true), KUBE_FIELD(rules, 3),
            KUBE_FIELD(failurePolicy, 4, .values = "Fail,Ignore"), KUBE_FIELD(namespaceSelector, 5),
            KUBE_FIELD(sideEffects, 6, .required = true, .values = "None,NoneOnDryRun"),
            KUBE_FIELD(timeoutSeconds, 7), KUBE_FIELD(admissionReviewVersions, 8, .required = true),
            KUBE_FIELD(matchPolicy, 9, .values = "Equivalent,Exact"),
            KUBE_FIELD(reinvocationPolicy, 10, .values = "IfNeeded,Never"),
            KUBE_FIELD(objectSelector, 11),
            KUBE_FIELD(matchConditions, 12, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"))

KUBE_FIELDS(MutatingWebhookConfiguration, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(webhooks, 2, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"))

}  // namespace skiff::api
