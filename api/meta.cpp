// SPDX-License-Identifier: Apache-2.0
#include "api/meta.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.apimachinery.pkg.apis.meta.v1.")

KUBE_ATOMIC(OwnerReference, KUBE_FIELD(kind, 1, .required = true),
            KUBE_FIELD(name, 3, .required = true), KUBE_FIELD(uid, 4, .required = true),
            KUBE_FIELD(apiVersion, 5, .required = true), KUBE_FIELD(controller, 6),
            KUBE_FIELD(blockOwnerDeletion, 7))

KUBE_FIELDS(ManagedFieldsEntry, KUBE_FIELD(manager, 1), KUBE_FIELD(operation, 2),
            KUBE_FIELD(apiVersion, 3), KUBE_FIELD(time, 4), KUBE_FIELD(fieldsType, 6),
            KUBE_FIELD(fieldsV1, 7), KUBE_FIELD(subresource, 8))

KUBE_FIELDS(ObjectMeta, KUBE_FIELD(name, 1, .doc = "unique within the namespace"),
            KUBE_FIELD(generateName, 2, .doc = "prefix of a name that the server completes"),
            KUBE_FIELD(namespace_, 3, .doc = "the scope of the name"), KUBE_FIELD(selfLink, 4),
            KUBE_FIELD(uid, 5, .doc = "unique in time and space"),
            KUBE_FIELD(resourceVersion, 6, .doc = "changes with every write; opaque"),
            KUBE_FIELD(generation, 7, .doc = "counts changes of the desired state"),
            KUBE_FIELD(creationTimestamp, 8, .doc = "set by the server"),
            KUBE_FIELD(deletionTimestamp, 9, .doc = "when the object may go"),
            KUBE_FIELD(deletionGracePeriodSeconds, 10),
            KUBE_FIELD(labels, 11, .doc = "keys and values to select by"),
            KUBE_FIELD(annotations, 12, .doc = "keys and values not selected by"),
            KUBE_FIELD(ownerReferences, 13, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "uid", .keys = "uid",
                       .doc = "objects this one lives and dies with"),
            KUBE_FIELD(finalizers, 14, .patch = Patch::kMerge, .list = ListType::kSet,
                       .doc = "what must be done before the object may go"),
            KUBE_FIELD(managedFields, 17, .doc = "who set which fields"))

KUBE_FIELDS(ListMeta, KUBE_FIELD(selfLink, 1), KUBE_FIELD(resourceVersion, 2),
            KUBE_FIELD(continue_, 3), KUBE_FIELD(remainingItemCount, 4))

KUBE_FIELDS(LabelSelectorRequirement, KUBE_FIELD(key, 1, .required = true),
            KUBE_FIELD(operator_, 2, .required = true, .values = "DoesNotExist,Exists,In,NotIn"),
            KUBE_FIELD(values, 3))

KUBE_ATOMIC(LabelSelector, KUBE_FIELD(matchLabels, 1), KUBE_FIELD(matchExpressions, 2))

KUBE_FIELDS(FieldSelectorRequirement, KUBE_FIELD(key, 1, .required = true),
            KUBE_FIELD(operator_, 2, .required = true), KUBE_FIELD(values, 3))

KUBE_FIELDS(Condition, KUBE_FIELD(type, 1, .required = true),
            KUBE_FIELD(status, 2, .required = true, .values = "False,True,Unknown",
                       .doc = "the observed state"),
            KUBE_FIELD(observedGeneration, 3),
            KUBE_FIELD(lastTransitionTime, 4, .required = true, .null_zero = true),
            KUBE_FIELD(reason, 5, .required = true), KUBE_FIELD(message, 6, .required = true))

KUBE_FIELDS(Preconditions, KUBE_FIELD(uid, 1), KUBE_FIELD(resourceVersion, 2))

KUBE_FIELDS(DeleteOptions, KUBE_FIELD(gracePeriodSeconds, 1), KUBE_FIELD(preconditions, 2),
            KUBE_FIELD(orphanDependents, 3),
            KUBE_FIELD(propagationPolicy, 4, .values = "Background,Foreground,Orphan"),
            KUBE_FIELD(dryRun, 5), KUBE_FIELD(ignoreStoreReadErrorWithClusterBreakingPotential, 6))

KUBE_FIELDS(StatusCause, KUBE_FIELD(reason, 1), KUBE_FIELD(message, 2), KUBE_FIELD(field, 3))

KUBE_FIELDS(StatusDetails, KUBE_FIELD(name, 1), KUBE_FIELD(group, 2), KUBE_FIELD(kind, 3),
            KUBE_FIELD(causes, 4), KUBE_FIELD(retryAfterSeconds, 5), KUBE_FIELD(uid, 6))

KUBE_FIELDS(Status, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(status, 2, .doc = "the observed state"), KUBE_FIELD(message, 3),
            KUBE_FIELD(reason, 4), KUBE_FIELD(details, 5), KUBE_FIELD(code, 6))

}  // namespace skiff::api
