// SPDX-License-Identifier: Apache-2.0
// One object of each kind through the generic server: created, read, changed, listed, shown as a
// row, deleted. What is particular to a kind is checked where it is written.
#include "controller/apiserver/printers/printers.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

constexpr const char* kTable = "application/json;as=Table;v=v1;g=meta.k8s.io";
constexpr const char* kPods =
    "selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: "
    "{containers: [{name: c, image: i}]}}";
constexpr const char* kJob =
    "template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}";

struct KindCase {
  const char* collection;        // below the namespace `default` if there is a `$`
  std::string body;              // YAML, beside the name
  const char* row;               // the cells of its row but ages and times, joined by `|`
  const char* status = nullptr;  // a status to write (JSON), and the path of something in it
  const char* status_path = nullptr;
  const char* name = "one";
};

const KindCase kCases[] = {
    {"/apis/apps/v1/$/statefulsets", std::string("spec: {replicas: 2, ") + kPods + "}",
     "one|0/2|c|i", R"({"replicas":2})", "replicas"},
    {"/apis/apps/v1/$/daemonsets", std::string("spec: {") + kPods + "}",
     "one|3|0|0|0|0|<none>|c|i|app=a",
     R"({"desiredNumberScheduled":3,"currentNumberScheduled":0,"numberMisscheduled":0,"numberReady":0})",
     "desiredNumberScheduled"},
    {"/apis/apps/v1/$/controllerrevisions", "data: {a: b}, revision: 7", "one|<none>|7"},
    {"/apis/batch/v1/$/jobs", std::string("spec: {completions: 3, parallelism: 2, ") + kJob + "}",
     "one|Running|1/3||c|i|", R"({"succeeded":1})", "succeeded"},
    {"/apis/batch/v1/$/cronjobs",
     std::string("spec: {schedule: '@hourly', jobTemplate: {spec: {") + kJob + "}}}",
     "one|@hourly|<none>|False|0|<none>|c|i|<none>", R"({"active":[]})", nullptr},
    {"/api/v1/$/limitranges", "spec: {limits: [{type: Container, max: {cpu: 1}}]}", "one"},
    {"/api/v1/$/resourcequotas", "spec: {hard: {pods: '3', limits.cpu: 1}}", "one|pods: 1/3|",
     R"({"hard":{"pods":"3"},"used":{"pods":"1"}})", "hard.pods"},
    {"/api/v1/persistentvolumes",
     "spec: {accessModes: [ReadWriteOnce, ReadOnlyMany], capacity: {storage: 1Gi}, hostPath: "
     "{path: /x}}",
     "one|1Gi|RWO,ROX|Retain|Bound|||<unset>||Filesystem", R"({"phase":"Bound"})", "phase"},
    {"/api/v1/$/persistentvolumeclaims",
     "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
     "one|Lost|||||<unset>|Filesystem", R"({"phase":"Lost"})", "phase"},
    {"/api/v1/$/podtemplates",
     "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}",
     "one|c|i|app=a"},
    {"/api/v1/$/replicationcontrollers",
     "spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}}",
     "one|1|4|0|c|i|app=a", R"({"replicas":4})", "replicas"},
    {"/apis/scheduling.k8s.io/v1/priorityclasses", "value: 10, globalDefault: true",
     "one|10|true|PreemptLowerPriority"},
    {"/apis/policy/v1/$/poddisruptionbudgets",
     "spec: {maxUnavailable: 1, selector: {matchLabels: {a: b}}}", "one|N/A|1|2",
     R"({"disruptionsAllowed":2})", "disruptionsAllowed"},
    {"/apis/storage.k8s.io/v1/storageclasses", "provisioner: example.com/disk, parameters: {a: b}",
     "one|example.com/disk|Delete|Immediate|false"},
    {"/apis/storage.k8s.io/v1/volumeattributesclasses",
     "driverName: d.example.com, parameters: {a: b}", "one|d.example.com"},
    {"/apis/storage.k8s.io/v1/volumeattachments",
     "spec: {attacher: d.example.com, nodeName: n, source: {persistentVolumeName: v}}",
     "one|d.example.com|v|n|true", R"({"attached":true})", "attached"},
    {"/apis/storage.k8s.io/v1/csidrivers", "spec: {podInfoOnMount: true}",
     "one|true|true|false|<unset>|false|Persistent"},
    {"/apis/storage.k8s.io/v1/csinodes", "spec: {drivers: [{name: d.example.com, nodeID: n}]}",
     "one|1"},
    {"/apis/storage.k8s.io/v1/$/csistoragecapacities", "storageClassName: c, capacity: 5Gi",
     "one|c|5Gi"},
    {"/apis/networking.k8s.io/v1/$/ingresses",
     "spec: {ingressClassName: c, tls: [{hosts: [a.example.com]}], rules: [{host: a.example.com, "
     "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: "
     "80}}}}]}}]}",
     "one|c|a.example.com|10.0.0.1|80, 443", R"({"loadBalancer":{"ingress":[{"ip":"10.0.0.1"}]}})",
     "loadBalancer"},
    {"/apis/networking.k8s.io/v1/ingressclasses",
     "spec: {controller: example.com/c, parameters: {apiGroup: g, kind: K, name: n}}",
     "one|example.com/c|K.g/n"},
    {"/apis/networking.k8s.io/v1/servicecidrs", "spec: {cidrs: [10.9.0.0/16, 'fd00::/112']}",
     "one|10.9.0.0/16,fd00::/112"},
    {"/apis/networking.k8s.io/v1/ipaddresses",
     "spec: {parentRef: {resource: services, namespace: default, name: kubernetes}}",
     "10.9.0.1|services/default/kubernetes", nullptr, nullptr, "10.9.0.1"},
    {"/apis/rbac.authorization.k8s.io/v1/$/roles",
     "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]", "a:b", nullptr, nullptr, "a:b"},
    {"/apis/rbac.authorization.k8s.io/v1/clusterroles",
     "rules: [{nonResourceURLs: [/healthz], verbs: [get]}]", "one"},
    {"/apis/rbac.authorization.k8s.io/v1/$/rolebindings",
     "roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: Group, name: g}, "
     "{kind: ServiceAccount, name: s, namespace: n}]",
     "one|Role/r|u|g|n/s"},
    {"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
     "roleRef: {kind: ClusterRole, name: r}", "one|ClusterRole/r|||"},
    {"/apis/autoscaling/v2/$/horizontalpodautoscalers",
     "spec: {maxReplicas: 6, scaleTargetRef: {kind: Deployment, name: web}}",
     "one|Deployment/web|cpu: <unknown>/80%|1|6|3", R"({"currentReplicas":3,"desiredReplicas":3})",
     "currentReplicas"},
    {"/apis/autoscaling/v1/$/horizontalpodautoscalers",
     "spec: {maxReplicas: 6, targetCPUUtilizationPercentage: 50, scaleTargetRef: {kind: "
     "Deployment, name: web}}",
     "one|Deployment/web|cpu: <unknown>/50%|1|6|3", R"({"currentReplicas":3,"desiredReplicas":3})",
     "currentReplicas"},
    {"/apis/certificates.k8s.io/v1/certificatesigningrequests",
     "spec: {signerName: example.com/s, usages: [client auth], expirationSeconds: 3600, request: "
     "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0=}",
     "one|example.com/s|test|60m|Pending,Issued", R"({"certificate":"WA=="})", "certificate"},
    {"/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
     "spec: {priorityLevelConfiguration: {name: p}, rules: [{subjects: [{kind: User, user: {name: "
     "u}}], nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}]}",
     "one|p|1000|<none>|?"},
    {"/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
     "spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {}}}}",
     "one|Limited|30|64|8|50"},
    {"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
     "webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], "
     "clientConfig: {url: 'https://example.com'}, rules: [{operations: [CREATE], apiGroups: [''], "
     "apiVersions: [v1], resources: [pods]}]}]",
     "one|1"},
    {"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
     "webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], "
     "clientConfig: {service: {namespace: n, name: s}}}]",
     "one|1"},
    {"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
     "spec: {matchConstraints: {resourceRules: [{operations: ['*'], apiGroups: [''], apiVersions: "
     "[v1], resources: [pods]}]}, validations: [{expression: 'true'}]}",
     "one|1|<unset>", R"({"observedGeneration":1})", "observedGeneration"},
    {"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
     "spec: {policyName: p, validationActions: [Deny]}", "one|p|<unset>"},
    {"/apis/apiregistration.k8s.io/v1/apiservices",
     "spec: {group: example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, "
     "service: {namespace: n, name: s}, insecureSkipTLSVerify: true}",
     "v1.example.com|n/s|False (Gone)",
     R"({"conditions":[{"type":"Available","status":"False","reason":"Gone"}]})", "conditions",
     "v1.example.com"},
    {"/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
     "spec: {group: example.com, scope: Namespaced, names: {plural: cats, kind: Cat}, versions: "
     "[{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, "
     "properties: {spec: {type: object, additionalProperties: true, properties: {n: {type: "
     "integer, minimum: 1, default: 1}}}}}}}]}",
     "cats.example.com", R"({"storedVersions":["v1"]})", "storedVersions", "cats.example.com"},
    {"/apis/resource.k8s.io/v1/deviceclasses", "spec: {selectors: [{cel: {expression: 'true'}}]}",
     "one"},
    {"/apis/resource.k8s.io/v1/$/resourceclaims",
     "spec: {devices: {requests: [{name: r, exactly: {deviceClassName: c}}]}}", "one|allocated",
     R"({"allocation":{"devices":{"results":[{"request":"r","driver":"d","pool":"p","device":"x"}]}}})",
     "allocation"},
    {"/apis/resource.k8s.io/v1/$/resourceclaimtemplates",
     "spec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: c}}]}}}", "one"},
    {"/apis/resource.k8s.io/v1/resourceslices",
     "spec: {driver: d.example.com, nodeName: n, pool: {name: p, generation: 1, "
     "resourceSliceCount: "
     "1}, devices: [{name: x, attributes: {a: {int: 5}, b: {bool: true}}, capacity: {memory: "
     "{value: 1Gi}}}]}",
     "one|n|d.example.com|p"},
    {"/apis/events.k8s.io/v1/$/events",
     "eventTime: '2026-01-01T00:00:00.000000Z', reportingController: c, reportingInstance: i, "
     "action: a, reason: r, type: Normal, note: hello, regarding: {kind: Pod, name: p, namespace: "
     "default}",
     "Normal|r|pod/p||c, i|hello|1|one"},
};

class EveryKind : public ApiTest, public testing::WithParamInterface<KindCase> {
 protected:
  EveryKind() { backend_->printer = printers::table_printer(); }

  std::string collection() const {
    std::string path = GetParam().collection;
    if (const size_t at = path.find('$'); at != std::string::npos)
      path.replace(at, 1, "namespaces/default");
    return path;
  }
  std::string object() const { return collection() + "/" + GetParam().name; }
  std::string body(const std::string& labels = "{}") const {
    return fmt::format("{{metadata: {{name: '{}', labels: {}}}, {}}}", GetParam().name, labels,
                       GetParam().body);
  }
  json::value send(const std::string& method, const std::string& path, const std::string& yaml) {
    return ask(method, path, yaml, {{"content-type", "application/yaml"}});
  }
};

// Cells without those of the columns that tell times.
std::string row_text(const json::value& table) {
  std::string text;
  const auto& columns = table.at("columnDefinitions").as_array();
  const auto& cells = table.at("rows").as_array().at(0).at("cells").as_array();
  EXPECT_EQ(columns.size(), cells.size());
  for (size_t i = 0; i < columns.size() && i < cells.size(); ++i) {
    const std::string name = at(columns[i], "name");
    if (name == "Age" || name == "Created At" || name.ends_with(" Seen")) continue;
    // A job's selector holds its random uid.
    const std::string cell = at(cells[i], "");
    text += (text.empty() ? "" : "|") + (cell.starts_with("batch.kubernetes.io/") ? "" : cell);
  }
  return text;
}

TEST_P(EveryKind, IsCreatedReadChangedListedShownAndDeleted) {
  const KindCase& one = GetParam();
  const auto created = send("POST", collection() + "?fieldValidation=Strict", body());
  ASSERT_EQ(code, 201) << json::serialize(created);
  EXPECT_NE(at(created, "metadata.uid"), "");
  EXPECT_EQ(json::serialize(ask("GET", object())), json::serialize(created));

  // What was read can be written back, and changes nothing.
  const auto same = ask("PUT", object(), json::serialize(created));
  ASSERT_EQ(code, 200) << json::serialize(same);
  EXPECT_EQ(at(same, "metadata.resourceVersion"), at(created, "metadata.resourceVersion"));
  const auto labelled = patch(object(), "merge-patch+json", R"({"metadata":{"labels":{"a":"b"}}})");
  ASSERT_EQ(code, 200) << json::serialize(labelled);
  EXPECT_NE(at(labelled, "metadata.resourceVersion"), at(created, "metadata.resourceVersion"));
  EXPECT_EQ(at(labelled, "metadata.generation"), at(created, "metadata.generation"));

  if (one.status != nullptr) {
    patch(object() + "/status", "merge-patch+json", fmt::format(R"({{"status":{}}})", one.status));
    EXPECT_EQ(code, 200);
    if (one.status_path != nullptr)
      EXPECT_NE(at(ask("GET", object()), std::string("status.") + one.status_path), "");
  }

  const auto list = ask("GET", collection() + "?labelSelector=a%3Db");
  EXPECT_EQ(names(list), std::vector<std::string>{one.name});
  const auto table = ask("GET", collection(), "", {{"accept", kTable}});
  EXPECT_EQ(at(table, "kind"), "Table");
  EXPECT_EQ(row_text(table), one.row);

  ask("DELETE", object());
  EXPECT_EQ(code, 200);
  ask("GET", object());
  EXPECT_EQ(code, 404);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKind, testing::ValuesIn(kCases), [](const auto& info) {
  const std::string path = info.param.collection;
  return std::string(path.substr(path.rfind('/') + 1)) + "_" + std::to_string(info.index);
});

TEST_F(ApiTest, JobsAreToldApartByTheirUid) {
  const std::string jobs = "/apis/batch/v1/namespaces/default/jobs";
  const char* body =
      R"({"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never",)"
      R"("containers":[{"name":"c","image":"i"}]}}}})";
  const auto job = ask("POST", jobs, body);
  ASSERT_EQ(code, 201) << json::serialize(job);
  const std::string uid = at(job, "metadata.uid");
  const auto& spec = job.at("spec");
  EXPECT_EQ(
      at(spec.at("selector").at("matchLabels").as_object().at("batch.kubernetes.io/controller-uid"),
         ""),
      uid);
  const auto& labels = spec.at("template").at("metadata").at("labels").as_object();
  EXPECT_EQ(labels.size(), 4u);
  EXPECT_EQ(at(labels.at("batch.kubernetes.io/job-name"), ""), "j");
  EXPECT_EQ(at(labels.at("controller-uid"), ""), uid);
  EXPECT_EQ(at(job, "spec.completionMode"), "NonIndexed");
  EXPECT_EQ(at(job, "metadata.generation"), "1");
}

TEST_F(ApiTest, PodsGetEphemeralContainers) {
  const std::string pods = "/api/v1/namespaces/default/pods";
  ask("POST", pods, pod_json("p"));
  const auto added =
      patch(pods + "/p/ephemeralcontainers", "strategic-merge-patch+json",
            R"({"spec":{"ephemeralContainers":[{"name":"d","image":"i","targetContainerName":"c"}],
                "hostNetwork":true},"metadata":{"labels":{"x":"y"}}})");
  ASSERT_EQ(code, 200) << json::serialize(added);
  EXPECT_EQ(at(added, "spec.ephemeralContainers.0.terminationMessagePolicy"), "File");
  EXPECT_EQ(at(added, "spec.hostNetwork"), "");
  EXPECT_EQ(at(added, "metadata.labels"), "");
  EXPECT_EQ(at(added, "metadata.generation"), "2");
  const auto target = patch(
      pods + "/p/ephemeralcontainers", "strategic-merge-patch+json",
      R"({"spec":{"ephemeralContainers":[{"name":"e","image":"i","targetContainerName":"z"}]}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(target, "details.causes.0.field"),
            "spec.ephemeralContainers[0].targetContainerName");
  const auto ports = patch(
      pods + "/p/ephemeralcontainers", "strategic-merge-patch+json",
      R"({"spec":{"ephemeralContainers":[{"name":"e","image":"i","ports":[{"containerPort":1}]}]}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(ports, "details.causes.0.message"),
            "Forbidden: cannot be set for an Ephemeral Container");
  const auto gone = patch(pods + "/p/ephemeralcontainers", "merge-patch+json",
                          R"({"spec":{"ephemeralContainers":[]}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(gone, "details.causes.0.message"),
            "Forbidden: existing ephemeral containers \"d\" may not be removed\n");
}

TEST_F(ApiTest, PodsAreResized) {
  const std::string pods = "/api/v1/namespaces/default/pods";
  ask("POST", pods,
      R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i",
          "resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"1","memory":"1Gi"}}}]}})");
  ASSERT_EQ(code, 201);
  const auto resize = [&](const std::string& resources) {
    return patch(
        pods + "/p/resize", "strategic-merge-patch+json",
        R"({"spec":{"containers":[{"name":"c","image":"other","resources":)" + resources + "}]}}");
  };
  const auto more = resize(R"({"requests":{"cpu":"200m"},"limits":{"cpu":"2"}})");
  ASSERT_EQ(code, 200) << json::serialize(more);
  EXPECT_EQ(at(more, "spec.containers.0.resources.requests.cpu"), "200m");
  EXPECT_EQ(at(more, "spec.containers.0.image"), "i");
  EXPECT_EQ(at(more, "metadata.generation"), "2");
  EXPECT_EQ(at(resize(R"({"limits":{"memory":null}})"), "details.causes.0.message"),
            "Forbidden: resource limits cannot be removed");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(resize(R"({"requests":{"cpu":"2","memory":"1Gi"}})"), "details.causes.0.message"),
            "Invalid value: \"Guaranteed\": Pod QOS Class may not change as a result of resizing");
  EXPECT_TRUE(at(resize(R"({"limits":{"example.com/gpu":"1"},"requests":{"example.com/gpu":"1"}})"),
                 "details.causes.0.message")
                  .starts_with("Forbidden: only cpu and memory resources are mutable"));
  patch(pods + "/p", "strategic-merge-patch+json",
        R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"300m"}}}]}})");
  EXPECT_EQ(code, 422);
}

TEST_F(ApiTest, StatefulSetsHaveAScale) {
  const std::string sets = "/apis/apps/v1/namespaces/default/statefulsets";
  ask("POST", sets,
      R"({"metadata":{"name":"s"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":
          {"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  ASSERT_EQ(code, 201);
  patch(sets + "/s/scale", "merge-patch+json", R"({"spec":{"replicas":5}})");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(at(ask("GET", sets + "/s"), "spec.replicas"), "5");
  EXPECT_EQ(at(ask("GET", sets + "/s/scale"), "status.selector"), "a=b");
}

TEST_F(ApiTest, CertificatesAreApprovedOnce) {
  const std::string path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  const auto request =
      ask("POST", path,
          R"({"metadata":{"name":"r"},"spec":{"signerName":"example.com/s","usages":["client auth"],
          "username":"somebody else","request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0="}})");
  ASSERT_EQ(code, 201) << json::serialize(request);
  EXPECT_EQ(at(request, "spec.username"), "test");
  const auto approved = patch(path + "/r/approval", "merge-patch+json",
                              R"({"status":{"conditions":[{"type":"Approved","status":"True"}],
                                  "certificate":"WA=="},"spec":{"username":"x"}})");
  ASSERT_EQ(code, 200) << json::serialize(approved);
  EXPECT_NE(at(approved, "status.conditions.0.lastUpdateTime"), "");
  EXPECT_EQ(at(approved, "status.certificate"), "");
  EXPECT_EQ(at(approved, "spec.username"), "test");
  patch(path + "/r/approval", "merge-patch+json",
        R"({"status":{"conditions":[{"type":"Denied","status":"True"}]}})");
  EXPECT_EQ(code, 422);
}

TEST_F(ApiTest, AutoscalersAreOneInBothVersions) {
  const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
  const std::string v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  auto watch = stream(v1 + "?watch=true");
  ask("POST", v2,
      R"({"metadata":{"name":"a"},"spec":{"maxReplicas":5,"scaleTargetRef":{"kind":"Deployment",
          "name":"w"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":
          "Utilization","averageUtilization":60}}},{"type":"Pods","pods":{"metric":{"name":"m"},
          "target":{"type":"AverageValue","averageValue":"10"}}}],"behavior":{"scaleDown":
          {"stabilizationWindowSeconds":10}}}})");
  ASSERT_EQ(code, 201);
  const auto event = next(*watch);
  EXPECT_EQ(at(event, "object.apiVersion"), "autoscaling/v1");
  EXPECT_EQ(at(event, "object.spec.targetCPUUtilizationPercentage"), "60");
  const auto old = ask("GET", v1 + "/a");
  EXPECT_EQ(at(old, "kind"), "HorizontalPodAutoscaler");
  EXPECT_EQ(at(ask("GET", v1), "items.0.apiVersion"), "autoscaling/v1");
  EXPECT_EQ(at(ask("GET", v2), "items.0.spec.metrics.1.pods.metric.name"), "m");
  // What v1 cannot say is kept when it is written through v1.
  patch(v1 + "/a", "merge-patch+json", R"({"spec":{"targetCPUUtilizationPercentage":70}})");
  EXPECT_EQ(code, 200);
  const auto now = ask("GET", v2 + "/a");
  EXPECT_EQ(at(now, "spec.metrics.0.resource.target.averageUtilization"), "70");
  EXPECT_EQ(at(now, "spec.metrics.1.pods.target.averageValue"), "10");
  EXPECT_EQ(at(now, "spec.behavior.scaleDown.stabilizationWindowSeconds"), "10");
  EXPECT_EQ(at(now, "metadata.annotations"), "");
  EXPECT_EQ(at(now, "metadata.generation"), "2");
}

TEST_F(ApiTest, EventsAreOneInBothGroups) {
  const std::string core = "/api/v1/namespaces/default/events";
  const std::string group = "/apis/events.k8s.io/v1/namespaces/default/events";
  ask("POST", core,
      R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},
          "reason":"Started","message":"hello","type":"Normal","source":{"component":"kubelet"},
          "firstTimestamp":"2026-01-01T00:00:00Z","count":3})");
  ASSERT_EQ(code, 201);
  const auto event = ask("GET", group + "/e");
  EXPECT_EQ(at(event, "apiVersion"), "events.k8s.io/v1");
  EXPECT_EQ(at(event, "note"), "hello");
  EXPECT_EQ(at(event, "regarding.name"), "p");
  EXPECT_EQ(at(event, "deprecatedCount"), "3");
  // Both selections of one record, by fields of different places.
  for (const std::string& path :
       {core + "?fieldSelector=source%3Dkubelet", group + "?fieldSelector=regarding.name%3Dp",
        core + "?fieldSelector=involvedObject.name%3Dp"}) {
    const auto list = ask("GET", path);
    ASSERT_EQ(code, 200) << path;
    EXPECT_EQ(names(list), std::vector<std::string>{"e"}) << path;
  }
  const auto refused = ask("POST", group, R"({"metadata":{"name":"f"},"regarding":{}})");
  EXPECT_EQ(code, 422);
  EXPECT_EQ(at(refused, "details.causes.0.field"), "eventTime");
}

}  // namespace
}  // namespace skiff::apiserver
