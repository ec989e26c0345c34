// SPDX-License-Identifier: Apache-2.0
#include "api/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/defaults.h"
#include "api/objects.h"
#include "api/random.h"
#include "api/yaml.h"

namespace skiff::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
T object_of(std::string_view yaml) {
  const auto json = yaml_to_json(yaml);
  EXPECT_TRUE(json.ok()) << message(json.status());
  auto object = decode_json<T>(json.ok() ? *json : "{}");
  EXPECT_TRUE(object.ok()) << message(object.status());
  set_defaults(*object);
  return *object;
}

std::vector<std::string> texts(const std::vector<FieldError>& errors) {
  std::vector<std::string> out;
  for (const FieldError& error : errors) out.push_back(error.to_string());
  return out;
}

template <class T>
std::vector<std::string> errors_of(std::string_view yaml) {
  return texts(validate(object_of<T>(yaml)));
}

template <class T>
std::vector<std::string> update_errors(std::string_view now, std::string_view old) {
  return texts(validate_update(object_of<T>(now), object_of<T>(old)));
}

std::vector<std::string> pod_errors(std::string_view spec) {
  return errors_of<Pod>("{metadata: {name: a}, spec: " + std::string(spec) + "}");
}

TEST(Validation, AcceptsAnOrdinaryPod) {
  EXPECT_THAT(errors_of<Pod>(R"(
metadata: {name: web-1, labels: {app: web, example.com/x: "1"}, annotations: {Note: anything goes}}
spec:
  volumes: [{name: data}, {name: conf, configMap: {name: c}}]
  initContainers:
  - {name: init, image: busybox}
  - {name: side, image: busybox, restartPolicy: Always, readinessProbe: {exec: {command: [a]}}}
  containers:
  - name: web
    image: nginx:1
    env: [{name: A, value: b}, {name: P, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
    ports: [{name: http, containerPort: 80}]
    resources: {requests: {cpu: 10m}, limits: {cpu: 20m, memory: 1Gi, example.com/gpu: 1}}
    volumeMounts: [{name: data, mountPath: /d}, {name: conf, mountPath: /c, subPath: x/y}]
    livenessProbe: {httpGet: {port: http}}
  tolerations: [{operator: Exists}]
)"),
              IsEmpty());
}

TEST(Validation, ChecksNames) {
  EXPECT_THAT(errors_of<ConfigMap>("{}"),
              ElementsAre("metadata.name: Required value: name or generateName is required"));
  EXPECT_THAT(errors_of<ConfigMap>("{metadata: {name: A_b}}"),
              ElementsAre(testing::StartsWith(
                  "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain")));
  EXPECT_THAT(errors_of<Namespace>("{metadata: {name: a.b}}"),
              ElementsAre(testing::StartsWith(
                  "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label")));
  EXPECT_THAT(
      errors_of<Service>("{metadata: {name: 1a}, spec: {ports: [{port: 80}]}}"),
      ElementsAre(testing::StartsWith("metadata.name: Invalid value: \"1a\": a DNS-1035 label")));
  EXPECT_THAT(
      errors_of<ConfigMap>("{metadata: {name: a, labels: {\"-x\": y, k: \"a b\"}}}"),
      ElementsAre(
          testing::StartsWith("metadata.labels: Invalid value: \"-x\": name part must"),
          testing::StartsWith("metadata.labels: Invalid value: \"a b\": a valid label must")));
  EXPECT_THAT(
      errors_of<ConfigMap>("{metadata: {name: a, ownerReferences: [{kind: Pod}]}}"),
      testing::UnorderedElementsAre("metadata.ownerReferences[0].name: Required value",
                                    "metadata.ownerReferences[0].uid: Required value",
                                    "metadata.ownerReferences[0].apiVersion: Required value"));
}

TEST(Validation, ChecksContainers) {
  EXPECT_THAT(pod_errors("{containers: []}"), ElementsAre("spec.containers: Required value"));
  EXPECT_THAT(pod_errors("{containers: [{}]}"),
              ElementsAre("spec.containers[0].image: Required value",
                          "spec.containers[0].name: Required value"));
  EXPECT_THAT(
      pod_errors(
          "{containers: [{name: A, image: ' x'}, {name: b, image: y}, {name: b, image: y}]}"),
      ElementsAre("spec.containers[2].name: Duplicate value: \"b\"",
                  testing::StartsWith(
                      "spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label"),
                  "spec.containers[0].image: Invalid value: \" x\": must not have leading or "
                  "trailing whitespace"));
  EXPECT_THAT(
      pod_errors("{containers: [{name: a, image: x, imagePullPolicy: Sometimes}]}"),
      ElementsAre(
          "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: "
          "\"Always\", \"IfNotPresent\", \"Never\""));
  EXPECT_THAT(
      pod_errors("{containers: [{name: a, image: x, ports: [{containerPort: 70000, name: UP}]}]}"),
      ElementsAre(testing::StartsWith(
                      "spec.containers[0].ports[0].name: Invalid value: \"UP\": must contain only"),
                  "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be "
                  "between 1 and 65535, inclusive"));
  EXPECT_THAT(pod_errors("{containers: [{name: a, image: x, volumeMounts: [{name: none, mountPath: "
                         "/x, subPath: ../y}]}]}"),
              ElementsAre("spec.containers[0].volumeMounts[0].name: Not found: \"none\"",
                          "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"../y\": "
                          "must not contain '..'"));
  EXPECT_THAT(
      pod_errors("{containers: [{name: a, image: x, resources: {requests: {cpu: 2}, "
                 "limits: {cpu: 1}}}]}"),
      ElementsAre("spec.containers[0].resources.requests: Invalid value: \"2\": must be less "
                  "than or equal to cpu limit of 1"));
  EXPECT_THAT(
      pod_errors("{containers: [{name: a, image: x, resources: {requests: {foo: 1}}}]}"),
      ElementsAre("spec.containers[0].resources.requests[foo]: Invalid value: \"foo\": must "
                  "be a standard resource type or fully qualified"));
  EXPECT_THAT(
      pod_errors("{containers: [{name: a, image: x, livenessProbe: {}, readinessProbe: "
                 "{periodSeconds: -1, tcpSocket: {port: 0}}}]}"),
      ElementsAre("spec.containers[0].livenessProbe: Required value: must specify a handler type",
                  "spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be "
                  "between 1 and 65535, inclusive",
                  "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be "
                  "greater than or equal to 0"));
  EXPECT_THAT(pod_errors("{containers: [{name: a, image: x}], initContainers: [{name: a, image: x, "
                         "livenessProbe: {exec: {command: [a]}}}]}"),
              ElementsAre("spec.initContainers[0].name: Duplicate value: \"a\"",
                          "spec.initContainers[0].livenessProbe: Forbidden: may not be set for "
                          "init containers without restartPolicy=Always"));
}

TEST(Validation, ChecksVolumesAndTolerations) {
  const std::string containers = "containers: [{name: a, image: x}], ";
  EXPECT_THAT(
      pod_errors("{" + containers +
                 "volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}, {name: v}]}"),
      ElementsAre("spec.volumes[1].name: Duplicate value: \"v\"",
                  "spec.volumes[0].emptyDir: Forbidden: may not specify more than 1 volume type"));
  EXPECT_THAT(pod_errors("{" + containers +
                         "tolerations: [{key: a, operator: Exists, value: b}, {tolerationSeconds: "
                         "1, key: a, effect: NoSchedule}]}"),
              ElementsAre("spec.tolerations[0].operator: Invalid value: \"b\": value must be empty "
                          "when `operator` is 'Exists'",
                          HasSubstr("spec.tolerations[1]")));
  EXPECT_THAT(pod_errors("{" + containers + "restartPolicy: Maybe, dnsPolicy: None}"),
              ElementsAre("spec.dnsConfig.nameservers: Required value: must provide at least one "
                          "DNS nameserver when `dnsPolicy` is None",
                          HasSubstr("spec.restartPolicy: Unsupported value: \"Maybe\"")));
}

TEST(Validation, LetsPodsChangeTheirImageOnly) {
  const char* old = "{metadata: {name: a}, spec: {containers: [{name: c, image: x}], nodeName: n}}";
  EXPECT_THAT(update_errors<Pod>("{metadata: {name: a, labels: {b: c}}, spec: {containers: [{name: "
                                 "c, image: y, imagePullPolicy: Always}], nodeName: n, "
                                 "tolerations: [{operator: Exists}], activeDeadlineSeconds: 5}}",
                                 old),
              IsEmpty());
  EXPECT_THAT(
      update_errors<Pod>("{metadata: {name: a}, spec: {containers: [{name: c, image: x, tty: "
                         "true}], nodeName: n}}",
                         old),
      ElementsAre(testing::AllOf(
          testing::StartsWith("spec: Forbidden: pod updates may not change fields other than"),
          HasSubstr("changed: spec.containers[0].tty"))));
  EXPECT_THAT(
      update_errors<Pod>("{metadata: {name: a}, spec: {containers: [{name: c, image: x}, {name: d, "
                         "image: x}], nodeName: n}}",
                         old),
      ElementsAre("spec.containers: Forbidden: pod updates may not add or remove containers"));
}

TEST(Validation, ChecksDeployments) {
  const auto deployment = [](std::string_view spec, std::string_view labels) {
    return fmt::format(
        "{{metadata: {{name: d}}, spec: {{{}, template: {{metadata: {{labels: {}}}, spec: "
        "{{containers: [{{name: c, image: x}}]}}}}}}}}",
        spec, labels);
  };
  const std::string good = deployment("selector: {matchLabels: {app: web}}", "{app: web}");
  EXPECT_THAT(errors_of<Deployment>(good), IsEmpty());
  EXPECT_THAT(errors_of<Deployment>(deployment("replicas: 1", "{app: web}")),
              ElementsAre("spec.selector: Required value"));
  EXPECT_THAT(errors_of<Deployment>(deployment("selector: {matchLabels: {app: web}}", "{app: db}")),
              ElementsAre("spec.template.metadata.labels: Invalid value: {\"app\":\"db\"}: "
                          "`selector` does not match template `labels`"));
  EXPECT_THAT(
      errors_of<Deployment>(deployment("selector: {}", "{app: db}")),
      ElementsAre("spec.selector: Invalid value: {}: empty selector is invalid for deployment"));
  EXPECT_THAT(errors_of<Deployment>(
                  deployment("replicas: -1, selector: {matchLabels: {app: web}}", "{app: web}")),
              ElementsAre("spec.replicas: Invalid value: -1: must be greater than or equal to 0"));
  EXPECT_THAT(
      errors_of<Deployment>(deployment("strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: "
                                       "0}}, selector: {matchLabels: {app: web}}",
                                       "{app: web}")),
      ElementsAre("spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when "
                  "`maxSurge` is 0"));
  EXPECT_THAT(
      update_errors<Deployment>(deployment("selector: {matchLabels: {app: db}}", "{app: db}"),
                                good),
      ElementsAre(
          "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"db\"}}: field is immutable"));
}

TEST(Validation, ChecksServices) {
  const auto service = [](std::string_view spec) {
    return fmt::format("{{metadata: {{name: s}}, spec: {{{}}}}}", spec);
  };
  EXPECT_THAT(errors_of<Service>(service("ports: [{port: 80}]")), IsEmpty());
  EXPECT_THAT(errors_of<Service>(service("clusterIP: None")), IsEmpty());
  EXPECT_THAT(errors_of<Service>(service("type: ExternalName, externalName: example.com")),
              IsEmpty());
  EXPECT_THAT(
      errors_of<Service>(service("type: NodePort, ports: [{port: 80, nodePort: 30080, name: a}, "
                                 "{port: 80, protocol: UDP, nodePort: 30080, name: b}]")),
      IsEmpty());
  EXPECT_THAT(errors_of<Service>(service("type: ClusterIP")),
              ElementsAre("spec.ports: Required value"));
  EXPECT_THAT(errors_of<Service>(service("type: Weird, ports: [{port: 80}]")),
              ElementsAre("spec.type: Unsupported value: \"Weird\": supported values: "
                          "\"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\""));
  EXPECT_THAT(
      errors_of<Service>(service("ports: [{port: 80, nodePort: 30080}, {port: 80, name: b}]")),
      ElementsAre("spec.ports[0].name: Required value",
                  "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
                  "spec.ports[1]: Duplicate value: {\"protocol\":\"TCP\",\"port\":80}"));
  EXPECT_THAT(errors_of<Service>(service("clusterIP: x, ports: [{port: 80}]")),
              ElementsAre("spec.clusterIP: Invalid value: \"x\": must be a valid IP address, (e.g. "
                          "10.9.8.7 or 2001:db8::ffff)"));
  EXPECT_THAT(
      update_errors<Service>(service("clusterIP: 10.96.0.2, ports: [{port: 80}]"),
                             service("clusterIP: 10.96.0.1, ports: [{port: 80}]")),
      ElementsAre("spec.clusterIPs[0]: Invalid value: \"10.96.0.2\": may not change once set"));
}

TEST(Validation, ChecksConfigMapsAndSecrets) {
  EXPECT_THAT(
      errors_of<ConfigMap>("{metadata: {name: a}, data: {\"a/b\": x, ..c: y}}"),
      ElementsAre(
          testing::StartsWith("data[..c]: Invalid value: \"..c\": must not start with '..'"),
          testing::StartsWith("data[a/b]: Invalid value: \"a/b\": a valid config key")));
  EXPECT_THAT(
      errors_of<Secret>("{metadata: {name: a}, type: kubernetes.io/tls, stringData: {tls.crt: x}}"),
      ElementsAre("data[tls.key]: Required value"));
  EXPECT_THAT(update_errors<ConfigMap>("{metadata: {name: a}, immutable: true, data: {a: c}}",
                                       "{metadata: {name: a}, immutable: true, data: {a: b}}"),
              ElementsAre("data: Forbidden: field is immutable when `immutable` is set"));
  EXPECT_THAT(
      update_errors<Secret>("{metadata: {name: a}, type: x}", "{metadata: {name: a}, type: y}"),
      ElementsAre("type: Invalid value: \"x\": field is immutable"));
}

TEST(Validation, ChecksEndpointSlices) {
  EXPECT_THAT(errors_of<EndpointSlice>("{metadata: {name: a}, addressType: IPv4, endpoints: "
                                       "[{addresses: [10.0.0.1]}], ports: [{port: 80}]}"),
              IsEmpty());
  EXPECT_THAT(
      errors_of<EndpointSlice>(
          "{metadata: {name: a}, addressType: IPv6, endpoints: [{addresses: [10.0.0.1]}, {}]}"),
      ElementsAre("endpoints[0].addresses[0]: Invalid value: \"10.0.0.1\": must be an IPv6 address",
                  "endpoints[1].addresses: Required value: must contain at least 1 address"));
}

std::vector<std::string> policy_errors(std::string_view spec) {
  return errors_of<NetworkPolicy>("{metadata: {name: a}, spec: " + std::string(spec) + "}");
}

TEST(Validation, AcceptsAnOrdinaryNetworkPolicy) {
  EXPECT_THAT(errors_of<NetworkPolicy>(R"(
metadata: {name: a}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {}
    - namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [a, b]}]}
      podSelector: {matchLabels: {role: client}}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports: [{port: 80}, {port: http}, {protocol: UDP, port: 1000, endPort: 2000}, {protocol: SCTP}]
  egress:
  - to: [{ipBlock: {cidr: "2001:db8::/32", except: ["2001:db8:1::/48"]}}]
  - {}
)"),
              IsEmpty());
  EXPECT_THAT(policy_errors("{}"), IsEmpty());
}

TEST(Validation, ChecksPeersOfNetworkPolicies) {
  EXPECT_THAT(
      policy_errors("{ingress: [{from: [{}, {podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}"),
      ElementsAre("spec.ingress[0].from[0]: Required value: must specify a peer",
                  "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another "
                  "peer"));
  EXPECT_THAT(
      policy_errors(R"({egress: [{to: [{ipBlock: {}}, {ipBlock: {cidr: 10.0.0.0}},
          {ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8, 11.0.0.0/16, x, "fd00::/16"]}}]}]})"),
      ElementsAre(
          "spec.egress[0].to[0].ipBlock.cidr: Required value",
          "spec.egress[0].to[1].ipBlock.cidr: Invalid value: \"10.0.0.0\": must be a valid CIDR "
          "value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
          "spec.egress[0].to[2].ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict "
          "subset of `cidr`",
          "spec.egress[0].to[2].ipBlock.except[1]: Invalid value: \"11.0.0.0/16\": must be a "
          "strict subset of `cidr`",
          "spec.egress[0].to[2].ipBlock.except[2]: Invalid value: \"x\": must be a valid CIDR "
          "value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
          "spec.egress[0].to[2].ipBlock.except[3]: Invalid value: \"fd00::/16\": must be a strict "
          "subset of `cidr`"));
}

TEST(Validation, ChecksPortsOfNetworkPolicies) {
  EXPECT_THAT(
      policy_errors(R"({ingress: [{ports: [{port: 0}, {port: 70000}, {endPort: 9},
          {port: http, endPort: 9}, {port: 80, endPort: 79}, {port: 80, endPort: 70000},
          {port: UPPER}, {protocol: ICMP}]}]})"),
      ElementsAre(
          "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
          "spec.ingress[0].ports[1].port: Invalid value: 70000: must be between 1 and 65535, "
          "inclusive",
          "spec.ingress[0].ports[2].endPort: Invalid value: 9: may not be specified when `port` is "
          "not specified",
          "spec.ingress[0].ports[3].endPort: Invalid value: 9: may not be specified when `port` is "
          "non-numeric",
          "spec.ingress[0].ports[4].endPort: Invalid value: 79: must be greater than or equal to "
          "`port`",
          "spec.ingress[0].ports[5].endPort: Invalid value: 70000: must be between 1 and 65535, "
          "inclusive",
          HasSubstr("spec.ingress[0].ports[6].port: Invalid value: \"UPPER\""),
          "spec.ingress[0].ports[7].protocol: Unsupported value: \"ICMP\": supported values: "
          "\"SCTP\", \"TCP\", \"UDP\""));
}

TEST(Validation, ChecksTheTypesOfNetworkPolicies) {
  EXPECT_THAT(policy_errors("{policyTypes: [Ingress, Egress, Ingress]}"),
              ElementsAre("spec.policyTypes: Invalid value: [\"Ingress\",\"Egress\",\"Ingress\"]: "
                          "may not specify more than two policyTypes"));
  EXPECT_THAT(policy_errors("{policyTypes: [Both]}"),
              ElementsAre("spec.policyTypes[0]: Unsupported value: \"Both\": supported values: "
                          "\"Egress\", \"Ingress\""));
}

TEST(Validation, NamesTheReasonOfEachError) {
  const auto errors = validate(object_of<Service>("{metadata: {name: a}}"));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field, "spec.ports");
  EXPECT_EQ(errors[0].reason, "FieldValueRequired");
  EXPECT_EQ(errors[0].message, "Required value");
}

TEST(Validation, StandsAnyObject) {
  std::mt19937_64 random(3);
  for (const Kind* each : all_kinds()) {
    const Kind& kind = *each;
    for (int i = 0; i < 10; ++i) {
      AnyObject a(kind), b(kind);
      randomize(a.type(), a.data(), random);
      randomize(b.type(), b.data(), random);
      validate_update(kind, a.data(), b.data());
    }
  }
}

}  // namespace
}  // namespace skiff::api
