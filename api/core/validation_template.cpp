// SPDX-License-Identifier: Apache-2.0
#include "api/core/template_rules.h"
#include "api/selector.h"

namespace skiff::api::rules {

void selector_and_template(const Box<LabelSelector>& selector, const PodTemplateSpec& pods,
                           std::string_view kind, FieldErrors& errors) {
  if (!selector) return;  // the table says that it is required
  if (selector->matchLabels.empty() && selector->matchExpressions.empty())
    at(errors, "selector",
       [&] { errors.invalid_json("{}", fmt::format("empty selector is invalid for {}", kind)); });
  if (matches(*selector, pods.metadata.labels)) return;
  const auto field = errors.at("template");
  const auto metadata = errors.at("metadata");
  const auto labels = errors.at("labels");
  errors.invalid_json(encode_json(pods.metadata.labels),
                      "`selector` does not match template `labels`");
}

void template_that_restarts(const PodTemplateSpec& pods, std::string_view kind,
                            FieldErrors& errors) {
  const auto field = errors.at("template");
  const auto spec = errors.at("spec");
  if (pods.spec.restartPolicy != "Always")
    at(errors, "restartPolicy", [&] { errors.not_supported(pods.spec.restartPolicy, "Always"); });
  if (pods.spec.activeDeadlineSeconds)
    at(errors, "activeDeadlineSeconds", [&] {
      errors.forbidden(fmt::format("activeDeadlineSeconds in {} is not Supported", kind));
    });
}

void template_mounts(const PodTemplateSpec& pods, const std::vector<PersistentVolumeClaim>& claims,
                     FieldErrors& errors) {
  const auto field = errors.at("template");
  at(errors, "spec", [&] { mounts_have_volumes(pods.spec, claims, errors); });
}

void amount(std::string_view name, const std::optional<IntOrString>& value, bool at_most_all,
            FieldErrors& errors) {
  if (!value) return;
  const auto field = errors.at(name);
  const auto scaled = value->scaled(100, true);
  if (value->is_string() && !scaled.ok())
    errors.invalid(value->text,
                   "a valid percent string must be a numeric string followed by an ending '%' "
                   "(e.g. '1%',  or '93%', "
                   "regex used for validation is '[0-9]+%')");
  else if (value->is_int() && value->number < 0)
    errors.invalid(value->number, "must be greater than or equal to 0");
  else if (value->is_string() && at_most_all && *scaled > 100)
    errors.invalid(value->text, "must not be greater than 100%");
}

bool is_zero(const std::optional<IntOrString>& amount) {
  if (!amount) return true;
  const auto scaled = amount->scaled(100, true);
  return scaled.ok() && *scaled == 0;
}

}  // namespace skiff::api::rules
