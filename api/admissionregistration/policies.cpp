// SPDX-License-Identifier: Apache-2.0
#include "api/admissionregistration/policies.h"

namespace skiff::api {

KUBE_PACKAGE("io.k8s.api.admissionregistration.v1.")

KUBE_ATOMIC(ParamKind, KUBE_FIELD(apiVersion, 1), KUBE_FIELD(kind, 2))

KUBE_FIELDS(Validation, KUBE_FIELD(expression, 1, .required = true), KUBE_FIELD(message, 2),
            KUBE_FIELD(reason, 3, .values = "Forbidden,Invalid,RequestEntityTooLarge,Unauthorized"),
            KUBE_FIELD(messageExpression, 4))

KUBE_FIELDS(AuditAnnotation, KUBE_FIELD(key, 1, .required = true),
            KUBE_FIELD(valueExpression, 2, .required = true))

KUBE_ATOMIC(Variable, KUBE_FIELD(name, 1, .required = true),
            KUBE_FIELD(expression, 2, .required = true))

KUBE_FIELDS(ExpressionWarning, KUBE_FIELD(fieldRef, 2, .required = true),
            KUBE_FIELD(warning, 3, .required = true))

KUBE_FIELDS(TypeChecking, KUBE_FIELD(expressionWarnings, 1))

KUBE_FIELDS(ValidatingAdmissionPolicySpec, KUBE_FIELD(paramKind, 1),
            KUBE_FIELD(matchConstraints, 2), KUBE_FIELD(validations, 3),
            KUBE_FIELD(failurePolicy, 4, .values = "Fail,Ignore"), KUBE_FIELD(auditAnnotations, 5),
            KUBE_FIELD(matchConditions, 6, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"),
            KUBE_FIELD(variables, 7, .patch = Patch::kMerge, .list = ListType::kMap,
                       .merge_key = "name", .keys = "name"))

KUBE_FIELDS(ValidatingAdmissionPolicyStatus, KUBE_FIELD(observedGeneration, 1),
            KUBE_FIELD(typeChecking, 2),
            KUBE_FIELD(conditions, 3, .list = ListType::kMap, .keys = "type"))

KUBE_FIELDS(ValidatingAdmissionPolicy, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .doc = "the desired state"),
            KUBE_FIELD(status, 3, .doc = "the observed state"))

KUBE_ATOMIC(ParamRef, KUBE_FIELD(name, 1), KUBE_FIELD(namespace_, 2), KUBE_FIELD(selector, 3),
            KUBE_FIELD(parameterNotFoundAction, 4, .values = "Allow,Deny"))

KUBE_FIELDS(ValidatingAdmissionPolicyBindingSpec, KUBE_FIELD(policyName, 1, .required = true),
            KUBE_FIELD(paramRef, 2), KUBE_FIELD(matchResources, 3),
            KUBE_FIELD(validationActions, 4, .required = true, .list = ListType::kSet,
                       .values = "Audit,Deny,Warn"))

KUBE_FIELDS(ValidatingAdmissionPolicyBinding, KUBE_FIELD(metadata, 1, .doc = "standard metadata"),
            KUBE_FIELD(spec, 2, .required = true, .doc = "the desired state"))

}  // namespace skiff::api
