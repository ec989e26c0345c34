// SPDX-License-Identifier: Apache-2.0
#include "api/apps/controller_revision.h"
#include "api/apps/daemon_set.h"
#include "api/apps/deployment.h"
#include "api/apps/replica_set.h"
#include "api/apps/stateful_set.h"
#include "api/compare.h"
#include "api/core/template_rules.h"
#include "api/groups.h"

namespace skiff::api::apps {
namespace {

using rules::amount;
using rules::at;
using rules::is_zero;

void deployment_strategy(const DeploymentStrategy& strategy, FieldErrors& errors) {
  const auto field = errors.at("strategy");
  const auto rolling = errors.at("rollingUpdate");
  if (strategy.type == "Recreate" && strategy.rollingUpdate)
    return errors.forbidden("may not be specified when strategy `type` is 'Recreate'");
  if (strategy.type != "RollingUpdate") return;
  if (!strategy.rollingUpdate) return errors.required("this should be defaulted and never be nil");
  const RollingUpdateDeployment& update = *strategy.rollingUpdate;
  amount("maxUnavailable", update.maxUnavailable, true, errors);
  amount("maxSurge", update.maxSurge, false, errors);
  if (update.maxUnavailable && update.maxSurge && is_zero(update.maxUnavailable) &&
      is_zero(update.maxSurge))
    at(errors, "maxUnavailable", [&] {
      errors.invalid_json(encode_json(*update.maxUnavailable), "may not be 0 when `maxSurge` is 0");
    });
}

void deployment_spec(const DeploymentSpec& spec, FieldErrors& errors) {
  rules::selector_and_template(spec.selector, spec.template_, "deployment", errors);
  rules::template_mounts(spec.template_, {}, errors);
  rules::template_that_restarts(spec.template_, "ReplicaSet", errors);
  deployment_strategy(spec.strategy, errors);
  if (spec.progressDeadlineSeconds && *spec.progressDeadlineSeconds <= spec.minReadySeconds)
    at(errors, "progressDeadlineSeconds", [&] {
      errors.invalid(*spec.progressDeadlineSeconds, "must be greater than minReadySeconds");
    });
}

void replica_set_spec(const ReplicaSetSpec& spec, FieldErrors& errors) {
  rules::selector_and_template(spec.selector, spec.template_, "replicaset", errors);
  rules::template_mounts(spec.template_, {}, errors);
  rules::template_that_restarts(spec.template_, "ReplicaSet", errors);
}

void daemon_set_spec(const DaemonSetSpec& spec, FieldErrors& errors) {
  rules::selector_and_template(spec.selector, spec.template_, "daemonset", errors);
  rules::template_mounts(spec.template_, {}, errors);
  rules::template_that_restarts(spec.template_, "DaemonSet", errors);
  if (spec.updateStrategy.type != "RollingUpdate") return;
  const auto strategy = errors.at("updateStrategy");
  const auto rolling = errors.at("rollingUpdate");
  if (!spec.updateStrategy.rollingUpdate) return errors.required();
  const RollingUpdateDaemonSet& update = *spec.updateStrategy.rollingUpdate;
  amount("maxUnavailable", update.maxUnavailable, true, errors);
  amount("maxSurge", update.maxSurge, true, errors);
  const bool surges = !is_zero(update.maxSurge);
  if (!is_zero(update.maxUnavailable) && surges)
    at(errors, "maxSurge", [&] {
      errors.invalid_json(encode_json(*update.maxSurge),
                          "may not be set when maxUnavailable is non-zero");
    });
  if (is_zero(update.maxUnavailable) && !surges)
    at(errors, "maxUnavailable", [&] { errors.required("cannot be 0 when maxSurge is 0"); });
}

void stateful_set_spec(const StatefulSetSpec& spec, FieldErrors& errors) {
  rules::selector_and_template(spec.selector, spec.template_, "statefulset", errors);
  rules::template_mounts(spec.template_, spec.volumeClaimTemplates, errors);
  rules::template_that_restarts(spec.template_, "StatefulSet", errors);
  const auto strategy = errors.at("updateStrategy");
  const auto& rolling = spec.updateStrategy.rollingUpdate;
  const auto field = errors.at("rollingUpdate");
  if (spec.updateStrategy.type == "OnDelete" && rolling)
    errors.invalid_json(encode_json(*rolling), "only allowed for updateStrategy 'RollingUpdate'");
  if (spec.updateStrategy.type != "RollingUpdate" || !rolling || !rolling->maxUnavailable) return;
  amount("maxUnavailable", rolling->maxUnavailable, true, errors);
  if (is_zero(rolling->maxUnavailable))
    at(errors, "maxUnavailable", [&] { errors.invalid(0, "cannot be 0"); });
}

// Everything else a stateful set's pods are known by.
void stateful_set_update(const StatefulSet& now, const StatefulSet& old, FieldErrors& errors) {
  StatefulSetSpec allowed = now.spec;
  allowed.replicas = old.spec.replicas;
  allowed.ordinals = old.spec.ordinals;
  allowed.template_ = old.spec.template_;
  allowed.updateStrategy = old.spec.updateStrategy;
  allowed.revisionHistoryLimit = old.spec.revisionHistoryLimit;
  allowed.minReadySeconds = old.spec.minReadySeconds;
  allowed.persistentVolumeClaimRetentionPolicy = old.spec.persistentVolumeClaimRetentionPolicy;
  if (equal(allowed, old.spec)) return;
  at(errors, "spec", [&] {
    errors.forbidden(
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
        "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
        "'minReadySeconds' are forbidden");
  });
}

void controller_revision(const ControllerRevision& revision, FieldErrors& errors) {
  if (revision.data.text.empty()) at(errors, "data", [&] { errors.required("data is mandatory"); });
}

constexpr Rule kRules[] = {
    rule<deployment_spec>(),   rule<replica_set_spec>(),    rule<daemon_set_spec>(),
    rule<stateful_set_spec>(), rule<controller_revision>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<stateful_set_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::apps
