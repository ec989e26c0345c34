// SPDX-License-Identifier: Apache-2.0
// What runs pods, and what pods use.
#include "tests/unit/api/kind_rules.h"

namespace skiff::api {
namespace {

constexpr const char* kTemplate =
    "selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, "
    "spec: {containers: [{name: c, image: i}]}}";

TEST(KindRules, DaemonSets) {
  expect_errors(
      "apps/v1", "DaemonSet", std::string("{metadata: {name: d}, spec: {$") + kTemplate + "}}",
      {{"", ""},
       {"updateStrategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}, ", ""},
       {"updateStrategy: {type: OnDelete}, ", ""},
       {"minReadySeconds: -1, ",
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"},
       {"updateStrategy: {type: Fast}, ",
        "spec.updateStrategy.type: Unsupported value: \"Fast\": supported values: \"OnDelete\", "
        "\"RollingUpdate\""},
       {"updateStrategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 1}}, ",
        "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when "
        "maxUnavailable is non-zero"},
       {"updateStrategy: {rollingUpdate: {maxUnavailable: 0}}, ",
        "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when "
        "maxSurge is 0"}});
}

TEST(KindRules, StatefulSets) {
  const std::string frame = std::string("{metadata: {name: s}, spec: {$") + kTemplate + "}}";
  expect_errors(
      "apps/v1", "StatefulSet", frame,
      {{"serviceName: db, ", ""},
       {"podManagementPolicy: Random, ", "spec.podManagementPolicy: Unsupported value: \"Random\""},
       {"updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}, ",
        "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for "
        "updateStrategy 'RollingUpdate'"},
       {"volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce]}}], ",
        "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value"},
       {"volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], "
        "resources: {requests: {storage: 1}}}}], ",
        ""},
       {"ordinals: {start: -1}, ",
        "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"}});
  expect_changes("apps/v1", "StatefulSet", frame,
                 {{"replicas: 1, ", "replicas: 2, ordinals: {start: 1}, ", ""},
                  {"serviceName: a, ", "serviceName: b, ",
                   "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', "
                   "'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                   "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"}});
}

TEST(KindRules, ControllerRevisions) {
  expect_errors("apps/v1", "ControllerRevision", "{metadata: {name: r}, $}",
                {{"data: {a: b}, revision: 1", ""},
                 {"revision: 1", "data: Required value: data is mandatory"},
                 {"data: {}, revision: -1",
                  "revision: Invalid value: -1: must be greater than or equal to 0"}});
  expect_changes(
      "apps/v1", "ControllerRevision", "{metadata: {name: r}, revision: 1, $}",
      {{"data: {a: b}", "data: {a: c}", "data: Invalid value: {\"a\":\"c\"}: field is immutable"}});
}

// Jobs have their selector from the server, as if it were their user's here.
TEST(KindRules, Jobs) {
  const std::string frame =
      "{metadata: {name: j}, spec: {manualSelector: true, selector: {matchLabels: {app: a}}, $ "
      "template: {metadata: {labels: {app: a}}, spec: {restartPolicy: Never, containers: [{name: "
      "c, image: i}]}}}}";
  expect_errors(
      "batch/v1", "Job", frame,
      {{"completions: 6, parallelism: 3,", ""},
       {"completionMode: Indexed, completions: 3, backoffLimitPerIndex: 1, maxFailedIndexes: 2,",
        ""},
       {"podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: c, operator: "
        "In, values: [1, 42]}}, {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]},",
        ""},
       {"parallelism: -1,",
        "spec.parallelism: Invalid value: -1: must be greater than or equal to 0"},
       {"completionMode: Indexed, parallelism: 1,",
        "spec.completions: Required value: when completion mode is Indexed"},
       {"backoffLimitPerIndex: 1,",
        "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"},
       {"completionMode: Indexed, completions: 1, maxFailedIndexes: 1,",
        "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"},
       {"managedBy: me,",
        "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as "
        "\"acme.io/foo\")"},
       {"podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: In, values: "
        "[1]}}]},",
        "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the "
        "backoffLimitPerIndex to be set"},
       {"podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [0]}}]},",
        "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for "
        "the In operator"},
       {"podFailurePolicy: {rules: [{action: Ignore}]},",
        "spec.podFailurePolicy.rules[0]: Invalid value: {\"action\":\"Ignore\"}: specifying one of "
        "OnExitCodes and OnPodConditions is required"},
       {"successPolicy: {rules: [{succeededCount: 1}]},",
        "spec.successPolicy: Invalid value: {\"rules\":[{\"succeededCount\":1}]}: requires indexed "
        "completion mode"}});
  expect_errors("batch/v1", "Job",
                "{metadata: {name: j}, spec: {manualSelector: true, selector: {matchLabels: {app: "
                "a}}, template: {metadata: {labels: {app: a}}, spec: {$ containers: [{name: c, "
                "image: i}]}}}}",
                {{"",
                  "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", "
                  "\"Never\""}});
  expect_changes("batch/v1", "Job", frame,
                 {{"parallelism: 1,", "parallelism: 2,", ""},
                  {"completions: 1,", "completions: 2,",
                   "spec.completions: Invalid value: 2: field is immutable"},
                  {"completionMode: Indexed, completions: 1, parallelism: 1,",
                   "completionMode: Indexed, completions: 2, parallelism: 2,", ""},
                  {"", "completionMode: Indexed, completions: 1, parallelism: 1,",
                   "spec.completionMode: Invalid value: \"Indexed\": field is immutable"}});
}

TEST(KindRules, MayStillMoveTheSuspendedJob) {
  const std::string frame =
      "{metadata: {name: j}, spec: {manualSelector: true, selector: {matchLabels: {app: a}}, "
      "suspend: true, template: {metadata: {labels: {app: a}}, spec: {restartPolicy: Never, $ "
      "containers: [{name: c, image: i}]}}}}";
  expect_changes("batch/v1", "Job", frame,
                 {{"", "nodeSelector: {a: b}, tolerations: [{operator: Exists}],", ""},
                  {"", "affinity: {nodeAffinity: {}},", ""},
                  {"", "hostNetwork: true,", "spec.template: Invalid value: "}});
}

TEST(KindRules, CronJobs) {
  expect_errors(
      "batch/v1", "CronJob",
      "{metadata: {name: c}, spec: {$, jobTemplate: {spec: {template: {spec: {restartPolicy: "
      "OnFailure, containers: [{name: c, image: i}]}}}}}}",
      {{"schedule: '*/1 * * * *'", ""},
       {"schedule: '0,30 8-18/2 1 jan-mar MON'", ""},
       {"schedule: '@hourly'", ""},
       {"schedule: '@every 1h30m', timeZone: Asia/Seoul", ""},
       {"suspend: true", "spec.schedule: Required value"},
       {"schedule: '* * *'",
        "spec.schedule: Invalid value: \"* * *\": expected exactly 5 fields, found 3: [* * *]"},
       {"schedule: '60 * * * *'",
        "spec.schedule: Invalid value: \"60 * * * *\": end of range (60) above maximum (59): 60"},
       {"schedule: '* * 0 * *'",
        "spec.schedule: Invalid value: \"* * 0 * *\": beginning of range (0) below minimum (1): 0"},
       {"schedule: '5-1 * * * *'",
        "spec.schedule: Invalid value: \"5-1 * * * *\": beginning of range (5) beyond end of range "
        "(1): 5-1"},
       {"schedule: '*/0 * * * *'",
        "spec.schedule: Invalid value: \"*/0 * * * *\": step of range should be a positive number: "
        "*/0"},
       {"schedule: 'x * * * *'",
        "spec.schedule: Invalid value: \"x * * * *\": failed to parse int from x: strconv.Atoi: "
        "parsing \"x\": invalid syntax"},
       {"schedule: '@reboot'",
        "spec.schedule: Invalid value: \"@reboot\": unrecognized descriptor: @reboot"},
       {"schedule: 'TZ=UTC * * * * *'",
        "spec.schedule: Invalid value: \"TZ=UTC * * * * *\": cannot use TZ or CRON_TZ in schedule, "
        "use timeZone field instead"},
       {"schedule: '@daily', timeZone: ''",
        "spec.timeZone: Invalid value: \"\": timeZone must be nil or non-empty string"},
       {"schedule: '@daily', concurrencyPolicy: Never",
        "spec.concurrencyPolicy: Unsupported value: \"Never\""}});
}

TEST(KindRules, ReplicationControllers) {
  expect_errors("v1", "ReplicationController",
                "{metadata: {name: r}, spec: {$ template: {metadata: {labels: {app: a}}, spec: "
                "{containers: [{name: c, image: i}]}}}}",
                {{"", ""},
                 {"selector: {app: b},",
                  "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does "
                  "not match template `labels`"},
                 {"replicas: -1,", "spec.replicas: Invalid value: -1"}});
}

TEST(KindRules, LimitRanges) {
  expect_errors(
      "v1", "LimitRange", "{metadata: {name: l}, spec: {limits: [$]}}",
      {{"{type: Container, default: {cpu: 100m}, defaultRequest: {cpu: 50m}, max: {cpu: 500m}}",
        ""},
       {"{type: PersistentVolumeClaim, max: {storage: 1Gi}}", ""},
       {"{type: Cat}",
        "spec.limits[0].type: Invalid value: \"Cat\": must be a standard limit type or fully "
        "qualified"},
       {"{type: Pod}, {type: Pod}", "spec.limits[1].type: Duplicate value: \"Pod\""},
       {"{type: Pod, default: {cpu: 1}}",
        "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"},
       {"{type: Pod, min: {cpu: 2}, max: {cpu: 1}}",
        "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1"},
       {"{type: Pod, max: {apples: 1}}",
        "spec.limits[0].max[apples]: Invalid value: \"apples\": must be a standard resource for "
        "containers"},
       {"{type: PersistentVolumeClaim}",
        "spec.limits[0].limits: Required value: either minimum or maximum storage value is "
        "required, but neither was provided"},
       {"{type: Pod, maxLimitRequestRatio: {cpu: 500m}}",
        "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"500m\": ratio 500m is less "
        "than 1"}});
}

TEST(KindRules, ResourceQuotas) {
  const std::string frame = "{metadata: {name: q}, spec: {$}}";
  expect_errors(
      "v1", "ResourceQuota", frame,
      {{"hard: {pods: '3', requests.cpu: 300m, services: '2', count/jobs.batch: '4'}", ""},
       {"hard: {pods: '3'}, scopes: [BestEffort]", ""},
       {"hard: {apples: '1'}",
        "spec.hard[apples]: Invalid value: \"apples\": must be a standard resource for quota"},
       {"hard: {pods: '-1'}",
        "spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0"},
       {"hard: {cpu: 1}, scopes: [BestEffort]",
        "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource"},
       {"scopes: [BestEffort, NotBestEffort]",
        "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes"},
       {"scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In}]}",
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value "
        "when `operator` is 'In' or 'NotIn' for scope selector"}});
  expect_changes("v1", "ResourceQuota", frame,
                 {{"hard: {pods: '1'}", "hard: {pods: '2'}", ""},
                  {"scopes: [Terminating]", "scopes: [NotTerminating]",
                   "spec.scopes: Invalid value: [\"NotTerminating\"]: field is immutable"}});
}

TEST(KindRules, PersistentVolumes) {
  const std::string frame = "{metadata: {name: v}, spec: {$}}";
  expect_errors(
      "v1", "PersistentVolume", frame,
      {{"accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /x}", ""},
       {"accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}",
        "spec: Required value: must specify a volume type"},
       {"capacity: {storage: 1Gi}, hostPath: {path: /x}", "spec.accessModes: Required value"},
       {"accessModes: [Any], capacity: {storage: 1Gi}, hostPath: {path: /x}",
        "spec.accessModes: Unsupported value: \"Any\": supported values: \"ReadOnlyMany\", "
        "\"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\""},
       {"accessModes: [ReadWriteOnce], capacity: {storage: 0}, hostPath: {path: /x}",
        "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero"},
       {"accessModes: [ReadWriteOnce], capacity: {storage: 1}, hostPath: {path: /x}, nfs: {server: "
        "s, path: /}",
        "spec.nfs: Forbidden: may not specify more than 1 volume type"},
       {"accessModes: [ReadWriteOnce], capacity: {storage: 1}, local: {path: /x}",
        "spec.nodeAffinity: Required value: Local volume requires node affinity"}});
  const char* path = "accessModes: [ReadWriteOnce], capacity: {storage: 1}, hostPath: {path: /x}";
  expect_changes(
      "v1", "PersistentVolume", frame,
      {{path, "accessModes: [ReadWriteMany], capacity: {storage: 2}, hostPath: {path: /x}", ""},
       {path, "accessModes: [ReadWriteOnce], capacity: {storage: 1}, hostPath: {path: /y}",
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after "
        "creation"}});
}

TEST(KindRules, PersistentVolumeClaims) {
  const std::string frame = "{metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], $}}";
  expect_errors("v1", "PersistentVolumeClaim", frame,
                {{"resources: {requests: {storage: 1Gi}}", ""},
                 {"volumeMode: Block", "spec.resources[storage]: Required value"},
                 {"resources: {requests: {storage: 0}}",
                  "spec.resources[storage]: Invalid value: \"0\": must be greater than zero"},
                 {"resources: {requests: {storage: 1}}, dataSource: {kind: Cat, name: x}",
                  "spec.dataSource: Invalid value: \"Cat\""}});
  expect_changes(
      "v1", "PersistentVolumeClaim", frame,
      {{"resources: {requests: {storage: 1}}", "volumeName: v, resources: {requests: {storage: 1}}",
        ""},
       {"resources: {requests: {storage: 1}}", "resources: {requests: {storage: 2}}",
        "spec: Forbidden: spec is immutable after creation except resources.requests and "
        "volumeAttributesClassName for bound claims"}});
}

TEST(KindRules, PriorityClasses) {
  expect_errors(
      "scheduling.k8s.io/v1", "PriorityClass", "{metadata: {name: $}}",
      {{"p}, value: 5, x: {", ""},
       {"p}, value: 1000000001, x: {",
        "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"},
       {"system-mine}, value: 1, x: {",
        "metadata.name: Forbidden: priority class names with 'system-' prefix are "
        "reserved for system use only. error: system-mine is not a known system priority "
        "class"},
       {"system-node-critical}, value: 2000001000, x: {", ""},
       {"p}, preemptionPolicy: Always, x: {",
        "preemptionPolicy: Unsupported value: \"Always\": supported values: \"Never\", "
        "\"PreemptLowerPriority\""}});
  expect_changes("scheduling.k8s.io/v1", "PriorityClass", "{metadata: {name: p}, $}",
                 {{"value: 1", "value: 2", "value: Forbidden: may not be changed in an update."}});
}

TEST(KindRules, PodDisruptionBudgets) {
  expect_errors(
      "policy/v1", "PodDisruptionBudget", "{metadata: {name: p}, spec: {$}}",
      {{"minAvailable: 50%, selector: {matchLabels: {a: b}}", ""},
       {"minAvailable: 1, maxUnavailable: 1",
        "spec: Invalid value: {\"minAvailable\":1,\"maxUnavailable\":1}: minAvailable and "
        "maxUnavailable cannot be both set"},
       {"maxUnavailable: -1",
        "spec.maxUnavailable: Invalid value: -1: must be greater than or "
        "equal to 0"},
       {"maxUnavailable: 120%",
        "spec.maxUnavailable: Invalid value: \"120%\": must not be greater "
        "than 100%"},
       {"selector: {matchLabels: {\"-\": x}}",
        "spec.selector.matchLabels: Invalid value: \"-\": name part must"},
       {"unhealthyPodEvictionPolicy: Sometimes",
        "spec.unhealthyPodEvictionPolicy: Unsupported value"}});
}

TEST(KindRules, StorageKinds) {
  expect_errors("storage.k8s.io/v1", "StorageClass", "{metadata: {name: s}, $}",
                {{"provisioner: example.com/disk", ""},
                 {"reclaimPolicy: Retain", "provisioner: Required value"},
                 {"provisioner: 'a b'", "provisioner: Invalid value: \"a b\": name part must"},
                 {"provisioner: p, volumeBindingMode: Late",
                  "volumeBindingMode: Unsupported value: \"Late\": supported values: "
                  "\"Immediate\", \"WaitForFirstConsumer\""},
                 {"provisioner: p, allowedTopologies: [{matchLabelExpressions: [{key: zone}]}]",
                  "allowedTopologies[0].matchLabelExpressions[0].values: Required value"}});
  expect_changes("storage.k8s.io/v1", "StorageClass", "{metadata: {name: s}, $}",
                 {{"provisioner: p", "provisioner: p, allowVolumeExpansion: true", ""},
                  {"provisioner: p", "provisioner: q",
                   "provisioner: Forbidden: updates to provisioner are forbidden."},
                  {"provisioner: p", "provisioner: p, parameters: {a: b}",
                   "parameters: Forbidden: updates to parameters are forbidden."}});
  expect_errors("storage.k8s.io/v1", "VolumeAttachment",
                "{metadata: {name: a}, spec: {attacher: d, nodeName: n, $}}",
                {{"source: {persistentVolumeName: v}", ""},
                 {"source: {}",
                  "spec.source: Required value: must specify exactly one of inlineVolumeSpec and "
                  "persistentVolumeName"}});
  expect_errors("storage.k8s.io/v1", "CSINode", "{metadata: {name: n}, spec: {drivers: [$]}}",
                {{"{name: d, nodeID: n}", ""},
                 {"{name: d}", "spec.drivers[0].nodeID: Required value"},
                 {"{name: d, nodeID: n}, {name: d, nodeID: m}",
                  "spec.drivers[1].name: Duplicate value: \"d\""}});
}

}  // namespace
}  // namespace skiff::api
