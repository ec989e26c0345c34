// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "api/batch/cron.h"
#include "api/batch/cron_job.h"
#include "api/batch/job.h"
#include "api/compare.h"
#include "api/core/template_rules.h"
#include "api/groups.h"
#include "api/selector.h"
#include "api/text.h"

namespace skiff::api::batch {
namespace {

using rules::at;
using rules::each;

constexpr size_t kMaxRules = 20;
constexpr int32_t kMaxIndexedParallelism = 100'000;
constexpr size_t kMaxManagedBy = 63;
constexpr size_t kMaxCronJobName = 52;  // jobs add eleven characters to it

bool is_indexed(const JobSpec& spec) {
  return spec.completionMode == "Indexed";
}

void restart_policy(const JobSpec& spec, FieldErrors& errors) {
  const std::string& policy = spec.template_.spec.restartPolicy;
  const auto pods = errors.at("template");
  const auto pod = errors.at("spec");
  const auto field = errors.at("restartPolicy");
  if (policy.empty() || policy == "Always")
    errors.required("valid values: \"OnFailure\", \"Never\"");
  else if (!is_one_of(policy, "OnFailure,Never"))
    errors.not_supported(policy, "OnFailure,Never");
  else if (spec.podFailurePolicy && policy != "Never")
    errors.invalid(policy, "only \"Never\" is supported when podFailurePolicy is specified");
}

void exit_codes(const PodFailurePolicyOnExitCodesRequirement& codes, const PodSpec& pod,
                FieldErrors& errors) {
  const auto field = errors.at("onExitCodes");
  if (codes.containerName) {
    const auto is_it = [&](const Container& one) { return one.name == *codes.containerName; };
    if (std::none_of(pod.containers.begin(), pod.containers.end(), is_it) &&
        std::none_of(pod.initContainers.begin(), pod.initContainers.end(), is_it))
      at(errors, "containerName", [&] {
        errors.invalid(*codes.containerName,
                       "must be one of the container or initContainer names in the pod template");
      });
  }
  if (codes.values.empty())
    at(errors, "values", [&] { errors.invalid_json("[]", "at least one value is required"); });
  if (!std::is_sorted(codes.values.begin(), codes.values.end()))
    at(errors, "values",
       [&] { errors.invalid_json(encode_json(codes.values), "must be ordered"); });
  std::set<int32_t> seen;
  each(errors, "values", codes.values, [&](int32_t value) {
    if (value == 0 && codes.operator_ == "In")
      errors.invalid(value, "must not be 0 for the In operator");
    if (!seen.insert(value).second) errors.duplicate_json(std::to_string(value));
  });
}

void failure_rule(const PodFailurePolicyRule& rule, const JobSpec& spec, FieldErrors& errors) {
  if (rule.action == "FailIndex" && !spec.backoffLimitPerIndex)
    at(errors, "action",
       [&] { errors.invalid(rule.action, "requires the backoffLimitPerIndex to be set"); });
  if (rule.onExitCodes && !rule.onPodConditions.empty())
    errors.invalid_json(encode_json(rule),
                        "specifying both OnExitCodes and OnPodConditions is not supported");
  if (!rule.onExitCodes && rule.onPodConditions.empty())
    errors.invalid_json(encode_json(rule),
                        "specifying one of OnExitCodes and OnPodConditions is required");
  if (rule.onExitCodes) exit_codes(*rule.onExitCodes, spec.template_.spec, errors);
  each(errors, "onPodConditions", rule.onPodConditions, [&](const auto& pattern) {
    if (!is_one_of(pattern.status, "True,False,Unknown"))
      at(errors, "status", [&] { errors.not_supported(pattern.status, "False,True,Unknown"); });
  });
}

void policies(const JobSpec& spec, FieldErrors& errors) {
  if (spec.podFailurePolicy) {
    const auto field = errors.at("podFailurePolicy");
    const auto& all = spec.podFailurePolicy->rules;
    if (all.size() > kMaxRules)
      at(errors, "rules", [&] { errors.too_many(all.size(), kMaxRules); });
    each(errors, "rules", all, [&](const auto& rule) { failure_rule(rule, spec, errors); });
  }
  if (spec.podFailurePolicy && spec.podReplacementPolicy.value_or("Failed") != "Failed")
    at(errors, "podReplacementPolicy",
       [&] { errors.not_supported(*spec.podReplacementPolicy, "Failed"); });
  if (!spec.successPolicy) return;
  const auto field = errors.at("successPolicy");
  const auto& all = spec.successPolicy->rules;
  if (!is_indexed(spec))
    return errors.invalid_json(encode_json(*spec.successPolicy),
                               "requires indexed completion mode");
  if (all.empty())
    at(errors, "rules", [&] {
      errors.required("at least one rules must be specified when the successPolicy is specified");
    });
  if (all.size() > kMaxRules) at(errors, "rules", [&] { errors.too_many(all.size(), kMaxRules); });
  each(errors, "rules", all, [&](const SuccessPolicyRule& rule) {
    if (!rule.succeededCount && !rule.succeededIndexes)
      errors.required("at least one of succeededCount or succeededIndexes must be specified");
    if (rule.succeededCount && spec.completions && *rule.succeededCount > *spec.completions)
      at(errors, "succeededCount", [&] {
        errors.invalid(
            *rule.succeededCount,
            fmt::format("must be less than or equal to {} (the number of specified completions)",
                        *spec.completions));
      });
  });
}

void indexes(const JobSpec& spec, FieldErrors& errors) {
  if (is_indexed(spec)) {
    if (!spec.completions)
      at(errors, "completions", [&] { errors.required("when completion mode is Indexed"); });
    if (spec.parallelism.value_or(0) > kMaxIndexedParallelism)
      at(errors, "parallelism", [&] {
        errors.invalid(*spec.parallelism,
                       "must be less than or equal to 100000 when completion mode is Indexed");
      });
  }
  if (!is_indexed(spec) && spec.backoffLimitPerIndex)
    at(errors, "backoffLimitPerIndex",
       [&] { errors.invalid(*spec.backoffLimitPerIndex, "requires indexed completion mode"); });
  if (spec.maxFailedIndexes && !spec.backoffLimitPerIndex)
    at(errors, "backoffLimitPerIndex",
       [&] { errors.required("when maxFailedIndexes is specified"); });
}

void job_spec(const JobSpec& spec, FieldErrors& errors) {
  indexes(spec, errors);
  policies(spec, errors);
  restart_policy(spec, errors);
  rules::template_mounts(spec.template_, {}, errors);
  if (!spec.managedBy) return;
  const auto field = errors.at("managedBy");
  if (spec.managedBy->find('/') == std::string::npos)
    errors.invalid(*spec.managedBy, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  if (spec.managedBy->size() > kMaxManagedBy) errors.too_long(kMaxManagedBy);
}

std::map<std::string, std::string> generated_labels(const ObjectMeta& metadata) {
  return {{"batch.kubernetes.io/controller-uid", metadata.uid},
          {"batch.kubernetes.io/job-name", metadata.name},
          {"controller-uid", metadata.uid},
          {"job-name", metadata.name}};
}

void job(const Job& job, FieldErrors& errors) {
  const auto field = errors.at("spec");
  const JobSpec& spec = job.spec;
  if (!spec.selector) return at(errors, "selector", [&] { errors.required(); });
  if (!spec.manualSelector.value_or(false) &&
      !matches(*spec.selector, generated_labels(job.metadata)))
    at(errors, "selector",
       [&] { errors.invalid_json(encode_json(*spec.selector), "`selector` not auto-generated"); });
  rules::selector_and_template(spec.selector, spec.template_, "job", errors);
}

// A job that has not started yet may still be told where its pods may go.
void keep_placement(PodTemplateSpec& pods, const PodTemplateSpec& old) {
  pods.metadata.labels = old.metadata.labels;
  pods.metadata.annotations = old.metadata.annotations;
  pods.spec.nodeSelector = old.spec.nodeSelector;
  pods.spec.tolerations = old.spec.tolerations;
  pods.spec.schedulingGates = old.spec.schedulingGates;
  if (!pods.spec.affinity && !old.spec.affinity) return;
  Affinity before = old.spec.affinity ? *old.spec.affinity : Affinity();
  pods.spec.affinity.ensure().nodeAffinity = before.nodeAffinity;
  if (!old.spec.affinity && equal(*pods.spec.affinity, Affinity())) pods.spec.affinity.reset();
}

void job_update(const Job& now, const Job& old, FieldErrors& errors) {
  const auto field = errors.at("spec");
  const bool elastic = is_indexed(now.spec) && now.spec.completions == now.spec.parallelism;
  if (now.spec.completions != old.spec.completions && !elastic)
    at(errors, "completions", [&] {
      const auto& completions = now.spec.completions;
      errors.invalid_json(completions ? std::to_string(*completions) : "null",
                          "field is immutable");
    });
  PodTemplateSpec pods = now.spec.template_;
  if (old.spec.suspend.value_or(false) && !old.status.startTime)
    keep_placement(pods, old.spec.template_);
  if (!equal(pods, old.spec.template_))
    at(errors, "template",
       [&] { errors.invalid_json(encode_json(now.spec.template_), "field is immutable"); });
}

void schedule(const std::string& text, bool zoned, FieldErrors& errors) {
  if (text.find("TZ") != std::string::npos)
    return errors.invalid(
        text, zoned ? "cannot use both timeZone field and TZ or CRON_TZ in schedule"
                    : "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  if (const skiff::Status checked = check_cron(text); !checked.ok())
    errors.invalid(text, message(checked));
}

void time_zone(const std::string& zone, FieldErrors& errors) {
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           std::string_view("_+-/").find(c) != std::string_view::npos;
  };
  if (zone.empty()) return errors.invalid(zone, "timeZone must be nil or non-empty string");
  if (zone == "Local" || zone == "local")
    return errors.invalid(
        zone,
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  if (zone.starts_with('/') || !std::all_of(zone.begin(), zone.end(), is_part))
    errors.invalid(zone, "unknown time zone " + zone);
}

void cron_job_spec(const CronJobSpec& spec, FieldErrors& errors) {
  if (!spec.schedule.empty())
    at(errors, "schedule", [&] { schedule(spec.schedule, spec.timeZone.has_value(), errors); });
  if (spec.timeZone) at(errors, "timeZone", [&] { time_zone(*spec.timeZone, errors); });
  const auto made = errors.at("jobTemplate");
  const auto field = errors.at("spec");
  const JobSpec& job = spec.jobTemplate.spec;
  if (job.selector)
    at(errors, "selector", [&] {
      errors.invalid_json(encode_json(*job.selector), "`selector` will be auto-generated");
    });
  if (job.manualSelector.value_or(false))
    at(errors, "manualSelector", [&] { errors.not_supported("true", "nil,false"); });
}

void cron_job(const CronJob& job, FieldErrors& errors) {
  if (job.metadata.name.size() <= kMaxCronJobName) return;
  const auto metadata = errors.at("metadata");
  at(errors, "name",
     [&] { errors.invalid(job.metadata.name, "must be no more than 52 characters"); });
}

constexpr Rule kRules[] = {
    rule<job_spec>(),
    rule<job>(),
    rule<cron_job_spec>(),
    rule<cron_job>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<job_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::batch
