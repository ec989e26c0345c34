// SPDX-License-Identifier: Apache-2.0
// Defaults as a table: a spec, and what must stand in the JSON of the object then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/defaults.h"
#include "api/yaml.h"

namespace skiff::api {
namespace {

struct Case {
  const char* api_version;
  const char* kind;
  const char* yaml;
  std::vector<const char*> parts;
};

const Case kCases[] = {
    {"apps/v1",
     "DaemonSet",
     "{spec: {}}",
     {R"("revisionHistoryLimit":10)",
      R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}})"}},
    {"apps/v1",
     "StatefulSet",
     "{spec: {volumeClaimTemplates: [{metadata: {name: d}}]}}",
     {R"("replicas":1)", R"("podManagementPolicy":"OrderedReady")",
      R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}})",
      R"("persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"})",
      R"("volumeMode":"Filesystem"},"status":{"phase":"Pending"})"}},
    {"batch/v1",
     "Job",
     "{spec: {template: {metadata: {labels: {a: b}}}}}",
     {R"("metadata":{"labels":{"a":"b"}})", R"("parallelism":1,"completions":1)",
      R"("manualSelector":false)", R"("backoffLimit":6)",
      R"("completionMode":"NonIndexed","suspend":false)",
      R"("podReplacementPolicy":"TerminatingOrFailed")"}},
    {"batch/v1", "Job", "{spec: {parallelism: 2}}", {R"("parallelism":2,"manualSelector")"}},
    {"batch/v1",
     "Job",
     "{spec: {backoffLimitPerIndex: 1, podFailurePolicy: {rules: [{action: Ignore, "
     "onPodConditions: [{type: T}]}]}}}",
     {R"("backoffLimit":2147483647)", R"("podReplacementPolicy":"Failed")",
      R"({"type":"T","status":"True"})"}},
    {"batch/v1",
     "CronJob",
     "{spec: {schedule: '@daily', jobTemplate: {spec: {}}}}",
     {R"("concurrencyPolicy":"Allow","suspend":false)",
      R"("jobTemplate":{"metadata":{},"spec":{"template":)",
      R"("successfulJobsHistoryLimit":3,"failedJobsHistoryLimit":1)"}},
    {"v1",
     "LimitRange",
     "{spec: {limits: [{type: Container, max: {cpu: 2}, min: {memory: 1Mi}}, {type: Pod, max: "
     "{cpu: 4}}]}}",
     {R"("default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"1Mi"})",
      R"({"type":"Pod","max":{"cpu":"4"}})"}},
    {"v1",
     "ReplicationController",
     "{spec: {template: {metadata: {labels: {a: b}}}}}",
     {R"("metadata":{"labels":{"a":"b"}})", R"("replicas":1,"selector":{"a":"b"})"}},
    {"v1",
     "PersistentVolume",
     "{spec: {}}",
     {R"("persistentVolumeReclaimPolicy":"Retain")", R"("volumeMode":"Filesystem")"}},
    {"storage.k8s.io/v1",
     "StorageClass",
     "{provisioner: p}",
     {R"("reclaimPolicy":"Delete")", R"("volumeBindingMode":"Immediate")"}},
    {"storage.k8s.io/v1",
     "CSIDriver",
     "{spec: {}}",
     {R"("attachRequired":true,"podInfoOnMount":false)", R"("volumeLifecycleModes":["Persistent"])",
      R"("fsGroupPolicy":"ReadWriteOnceWithFSType")"}},
    {"scheduling.k8s.io/v1",
     "PriorityClass",
     "{value: 1}",
     {R"("preemptionPolicy":"PreemptLowerPriority")"}},
    {"networking.k8s.io/v1",
     "IngressClass",
     "{spec: {controller: e.com/c, parameters: {kind: K, name: n}}}",
     {R"("scope":"Cluster")"}},
    {"rbac.authorization.k8s.io/v1",
     "RoleBinding",
     "{roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: ServiceAccount, "
     "name: s}]}",
     {R"({"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"u"})",
      R"({"kind":"ServiceAccount","name":"s"})",
      R"("roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"})"}},
    {"autoscaling/v2",
     "HorizontalPodAutoscaler",
     "{spec: {maxReplicas: 3, behavior: {scaleDown: {selectPolicy: Min}}}}",
     {R"("minReplicas":1)",
      R"("metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}])",
      R"("scaleUp":{"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}],"stabilizationWindowSeconds":0})",
      R"("scaleDown":{"selectPolicy":"Min","policies":[{"type":"Percent","value":100,"periodSeconds":15}]})"}},
    {"flowcontrol.apiserver.k8s.io/v1",
     "PriorityLevelConfiguration",
     "{spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {}}}}}",
     {R"("nominalConcurrencyShares":30)", R"("queues":64,"handSize":8,"queueLengthLimit":50)"}},
    {"admissionregistration.k8s.io/v1",
     "MutatingWebhookConfiguration",
     "{webhooks: [{name: a, clientConfig: {service: {name: s}}, rules: [{operations: [CREATE]}]}]}",
     {R"("failurePolicy":"Fail")", R"("matchPolicy":"Equivalent")", R"("timeoutSeconds":10)",
      R"("reinvocationPolicy":"Never")", R"("namespaceSelector":{})", R"("scope":"*")",
      R"("port":443)"}},
    {"apiextensions.k8s.io/v1",
     "CustomResourceDefinition",
     "{spec: {group: g, names: {plural: cats, kind: Cat}}}",
     {R"("singular":"cat")", R"("listKind":"CatList")", R"("conversion":{"strategy":"None"})"}},
    {"resource.k8s.io/v1",
     "ResourceClaim",
     "{spec: {devices: {requests: [{name: r, exactly: {deviceClassName: c}}]}}}",
     {R"("allocationMode":"ExactCount","count":1)"}},
};

TEST(KindDefaults, StandInWhatIsRead) {
  for (const Case& one : kCases) {
    const Kind* kind = find_kind(one.api_version, one.kind);
    ASSERT_NE(kind, nullptr) << one.kind;
    const auto json = yaml_to_json(one.yaml);
    ASSERT_TRUE(json.ok()) << one.yaml;
    DecodeReport report;
    auto object = AnyObject::from_json(*kind, *json, &report);
    ASSERT_TRUE(object.ok()) << message(object.status());
    EXPECT_THAT(report.problems, testing::IsEmpty()) << one.yaml;
    set_defaults(*object);
    for (const char* part : one.parts)
      EXPECT_THAT(object->to_json(), testing::HasSubstr(part)) << one.yaml;
  }
}

}  // namespace
}  // namespace skiff::api
