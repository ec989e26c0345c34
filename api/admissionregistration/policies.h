// SPDX-License-Identifier: Apache-2.0
// Admission by expressions (CEL).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/admissionregistration/rules.h"
#include "api/meta.h"
#include "api/scalars.h"

namespace skiff::api {

// The kind of the parameters.
struct ParamKind {
  std::string apiVersion;
  std::string kind;
};
KUBE_TYPE(ParamKind)

// An expression, and what to say when it is false.
struct Validation {
  std::string expression;
  std::string message;
  std::optional<std::string> reason;
  std::string messageExpression;
};
KUBE_TYPE(Validation)

// A note in the audit log.
struct AuditAnnotation {
  std::string key;
  std::string valueExpression;
};
KUBE_TYPE(AuditAnnotation)

// An expression with a name.
struct Variable {
  std::string name;
  std::string expression;
};
KUBE_TYPE(Variable)

// What is doubtful about an expression.
struct ExpressionWarning {
  std::string fieldRef;
  std::string warning;
};
KUBE_TYPE(ExpressionWarning)

// What is doubtful about a policy.
struct TypeChecking {
  std::vector<ExpressionWarning> expressionWarnings;
};
KUBE_TYPE(TypeChecking)

// What must hold for which requests.
struct ValidatingAdmissionPolicySpec {
  Box<ParamKind> paramKind;
  Box<MatchResources> matchConstraints;
  std::vector<Validation> validations;
  std::optional<std::string> failurePolicy;
  std::vector<AuditAnnotation> auditAnnotations;
  std::vector<MatchCondition> matchConditions;
  std::vector<Variable> variables;
};
KUBE_TYPE(ValidatingAdmissionPolicySpec)

// What became of it.
struct ValidatingAdmissionPolicyStatus {
  int64_t observedGeneration = 0;
  Box<TypeChecking> typeChecking;
  std::vector<Condition> conditions;
};
KUBE_TYPE(ValidatingAdmissionPolicyStatus)

// What must hold for requests.
struct ValidatingAdmissionPolicy {
  ObjectMeta metadata;
  ValidatingAdmissionPolicySpec spec;
  ValidatingAdmissionPolicyStatus status;
};
KUBE_TYPE(ValidatingAdmissionPolicy)

// The parameters.
struct ParamRef {
  std::string name;
  std::string namespace_;
  Box<LabelSelector> selector;
  std::optional<std::string> parameterNotFoundAction;
};
KUBE_TYPE(ParamRef)

// Where a policy holds, and what follows.
struct ValidatingAdmissionPolicyBindingSpec {
  std::string policyName;
  Box<ParamRef> paramRef;
  Box<MatchResources> matchResources;
  std::vector<std::string> validationActions;
};
KUBE_TYPE(ValidatingAdmissionPolicyBindingSpec)

// Puts a policy into force.
struct ValidatingAdmissionPolicyBinding {
  ObjectMeta metadata;
  ValidatingAdmissionPolicyBindingSpec spec;
};
KUBE_TYPE(ValidatingAdmissionPolicyBinding)

}  // namespace skiff::api
