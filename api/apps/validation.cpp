// SPDX-License-Identifier: Apache-2.0
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/codec.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"
#include "api/selector.h"
#include "api/text.h"

namespace skiff::api::apps {
namespace {

using rules::labels;

std::string json_of(const std::map<std::string, std::string>& labels) {
  std::string json;
  encode(type_of<std::map<std::string, std::string>>(), &labels, json);
  return json;
}

// A controller that selects everything, or not its own pods, would run away.
void selector_and_template(const Box<LabelSelector>& selector, const PodTemplateSpec& pod_template,
                           std::string_view kind, FieldErrors& errors) {
  if (selector) {
    const auto field = errors.at("selector");
    if (selector->matchLabels.empty() && selector->matchExpressions.empty())
      errors.invalid_json("{}", fmt::format("empty selector is invalid for {}", kind));
    else
      labels(selector->matchLabels, errors);
  }
  const auto field = errors.at("template");
  if (selector && !matches(*selector, pod_template.metadata.labels)) {
    const auto metadata = errors.at("metadata");
    const auto scope = errors.at("labels");
    errors.invalid_json(json_of(pod_template.metadata.labels),
                        "`selector` does not match template `labels`");
  }
  const auto spec = errors.at("spec");
  if (pod_template.spec.restartPolicy != "Always") {
    const auto scope = errors.at("restartPolicy");
    errors.not_supported(pod_template.spec.restartPolicy, "Always");
  }
  if (pod_template.spec.activeDeadlineSeconds) {
    const auto scope = errors.at("activeDeadlineSeconds");
    errors.forbidden("activeDeadlineSeconds in ReplicaSet is not Supported");
  }
}

bool is_zero(const IntOrString& value) {
  const auto scaled = value.scaled(100, true);
  return scaled.ok() && *scaled == 0;
}

// A count ≥ 0 or a percentage.
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

void strategy(const DeploymentStrategy& strategy, FieldErrors& errors) {
  const auto field = errors.at("strategy");
  const auto rolling = errors.at("rollingUpdate");
  if (strategy.type == "Recreate" && strategy.rollingUpdate)
    return errors.forbidden("may not be specified when strategy `type` is 'Recreate'");
  if (strategy.type != "RollingUpdate") return;
  if (!strategy.rollingUpdate) return errors.required("this should be defaulted and never be nil");
  const RollingUpdateDeployment& update = *strategy.rollingUpdate;
  amount("maxUnavailable", update.maxUnavailable, true, errors);
  amount("maxSurge", update.maxSurge, false, errors);
  if (update.maxUnavailable && update.maxSurge && is_zero(*update.maxUnavailable) &&
      is_zero(*update.maxSurge)) {
    const auto scope = errors.at("maxUnavailable");
    if (update.maxUnavailable->is_int())
      errors.invalid(update.maxUnavailable->number, "may not be 0 when `maxSurge` is 0");
    else
      errors.invalid(update.maxUnavailable->text, "may not be 0 when `maxSurge` is 0");
  }
}

void deployment_spec(const DeploymentSpec& spec, FieldErrors& errors) {
  selector_and_template(spec.selector, spec.template_, "deployment", errors);
  strategy(spec.strategy, errors);
  if (spec.progressDeadlineSeconds && *spec.progressDeadlineSeconds <= spec.minReadySeconds) {
    const auto field = errors.at("progressDeadlineSeconds");
    errors.invalid(*spec.progressDeadlineSeconds, "must be greater than minReadySeconds");
  }
}

void replica_set_spec(const ReplicaSetSpec& spec, FieldErrors& errors) {
  selector_and_template(spec.selector, spec.template_, "replicaset", errors);
}

constexpr Rule kRules[] = {
    rule<deployment_spec>(),
    rule<replica_set_spec>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return {};
}

}  // namespace skiff::api::apps
