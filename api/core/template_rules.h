// SPDX-License-Identifier: Apache-2.0
// The rules that the controllers of pods share. The path of `errors` is the spec that has the
// selector and the template.
#pragma once

#include "api/core/claim.h"
#include "api/core/pod.h"
#include "api/rules.h"

namespace skiff::api::rules {

// A controller that selects everything, or not its own pods, would run away. `kind` as in
// "empty selector is invalid for KIND".
void selector_and_template(const Box<LabelSelector>& selector, const PodTemplateSpec& pods,
                           std::string_view kind, FieldErrors& errors);
// Pods that are replaced when they end may not end by themselves. `kind` as in
// "activeDeadlineSeconds in KIND is not Supported".
void template_that_restarts(const PodTemplateSpec& pods, std::string_view kind,
                            FieldErrors& errors);

// Every mount has its volume: one of the pod, or one that comes of a claim (stateful sets).
void mounts_have_volumes(const PodSpec& spec, const std::vector<PersistentVolumeClaim>& claims,
                         FieldErrors& errors);
void template_mounts(const PodTemplateSpec& pods, const std::vector<PersistentVolumeClaim>& claims,
                     FieldErrors& errors);

// A count ≥ 0 or a percentage, of at most 100 if `at_most_all`.
void amount(std::string_view name, const std::optional<IntOrString>& value, bool at_most_all,
            FieldErrors& errors);
bool is_zero(const std::optional<IntOrString>& amount);

}  // namespace skiff::api::rules
