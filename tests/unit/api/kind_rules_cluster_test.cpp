// SPDX-License-Identifier: Apache-2.0
// What rules the cluster: networking, permissions, autoscaling, admission, extensions, devices.
#include "tests/unit/api/kind_rules.h"

namespace skiff::api {
namespace {

TEST(KindRules, Ingresses) {
  const std::string frame = "{metadata: {name: i}, spec: {$}}";
  const auto path = [](const std::string& rest) {
    return "rules: [{http: {paths: [{" + rest + "}]}}]";
  };
  const std::string backend = "backend: {service: {name: s, port: {number: 80}}}";
  const std::string good = path("path: /a, pathType: Prefix, " + backend);
  const std::string relative = path("path: a, pathType: Exact, " + backend);
  const std::string dots = path("path: /a/../b, pathType: Prefix, " + backend);
  const std::string untyped = path("path: /, " + backend);
  const std::string odd = path("path: /, pathType: Glob, " + backend);
  const std::string nowhere = path("path: /, pathType: Exact, backend: {}");
  const std::string portless = path("path: /, pathType: Exact, backend: {service: {name: s}}");
  const std::string far =
      path("path: /, pathType: Exact, backend: {service: {name: s, port: {number: 70000}}}");
  expect_errors(
      "networking.k8s.io/v1", "Ingress", frame,
      {{good.c_str(), ""},
       {"defaultBackend: {service: {name: s, port: {name: http}}}", ""},
       {"", "spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"},
       {relative.c_str(),
        "spec.rules[0].http.paths[0].path: Invalid value: \"a\": must be an absolute path"},
       {dots.c_str(),
        "spec.rules[0].http.paths[0].path: Invalid value: \"/a/../b\": must not contain '/../'"},
       {untyped.c_str(), "spec.rules[0].http.paths[0].pathType: Required value"},
       {odd.c_str(),
        "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Glob\": supported values: "
        "\"Exact\", \"ImplementationSpecific\", \"Prefix\""},
       {nowhere.c_str(),
        "spec.rules[0].http.paths[0].backend: Invalid value: \"\": resource or service backend is "
        "required"},
       {portless.c_str(),
        "spec.rules[0].http.paths[0].backend: Required value: port name or number is required"},
       {far.c_str(),
        "spec.rules[0].http.paths[0].backend.service.port.number: Invalid value: 70000: must be "
        "between 1 and 65535, inclusive"},
       {"rules: [{host: 10.0.0.1}]",
        "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address"},
       {"rules: [{host: '*.example.com'}]", ""},
       {"rules: [{host: 'a.*.com'}]",
        "spec.rules[0].host: Invalid value: \"a.*.com\": a lowercase "},
       {"rules: [{}], tls: [{hosts: ['*']}]", "spec.tls[0].hosts[0]: Invalid value: \"*\""}});
  expect_errors("networking.k8s.io/v1", "IngressClass", "{metadata: {name: c}, spec: {$}}",
                {{"controller: example.com/c", ""},
                 {"", "spec.controller: Required value"},
                 {"controller: c",
                  "spec.controller: Invalid value: \"c\": must be a domain-prefixed path (such as "
                  "\"acme.io/foo\")"},
                 {"controller: e.com/c, parameters: {kind: K, name: n, scope: Namespace}",
                  "spec.parameters.namespace: Required value: `parameters.scope` is set to "
                  "'Namespace'"}});
}

TEST(KindRules, AddressesAndRanges) {
  expect_errors("networking.k8s.io/v1", "ServiceCIDR", "{metadata: {name: c}, spec: {cidrs: $}}",
                {{"[10.0.0.0/16]", ""},
                 {"[]", "spec.cidrs: Required value"},
                 {"[x]", "spec.cidrs[0]: Invalid value: \"x\": must be a valid CIDR value"},
                 {"[10.0.0.0/16, 10.1.0.0/16]",
                  "spec.cidrs: Invalid value: [\"10.0.0.0/16\",\"10.1.0.0/16\"]: may specify no "
                  "more than one IP for each IP family"}});
  expect_changes("networking.k8s.io/v1", "ServiceCIDR", "{metadata: {name: c}, spec: {cidrs: $}}",
                 {{"[10.0.0.0/16]", "[10.0.0.0/16, 'fd00::/112']", ""},
                  {"[10.0.0.0/16]", "[10.1.0.0/16]",
                   "spec.cidrs: Invalid value: [\"10.1.0.0/16\"]: field is immutable"}});
  expect_errors(
      "networking.k8s.io/v1", "IPAddress",
      "{metadata: {name: '$'}, spec: {parentRef: {resource: services, name: s}}}",
      {{"10.0.0.1", ""},
       {"fd00::1", ""},
       {"fd00:0::1", "metadata.name: Invalid value: \"fd00:0::1\": must be in canonical form"},
       {"web", "metadata.name: Invalid value: \"web\": must be a valid IP address"}});
}

TEST(KindRules, Roles) {
  expect_errors(
      "rbac.authorization.k8s.io/v1", "Role", "{metadata: {name: 'a:b'}, rules: [$]}",
      {{"{apiGroups: [''], resources: [pods, pods/log], verbs: [get]}", ""},
       {"{apiGroups: [''], resources: [pods]}", "rules[0].verbs: Required value"},
       {"{apiGroups: [''], verbs: [get]}",
        "rules[0].resources: Required value: resource rules must supply at least one resource"},
       {"{nonResourceURLs: [/x], verbs: [get]}",
        "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to "
        "non-resource URLs"}});
  const std::string frame = "{metadata: {name: b}, $}";
  expect_errors(
      "rbac.authorization.k8s.io/v1", "RoleBinding", frame,
      {{"roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: jane}]", ""},
       {"roleRef: {kind: Rule, name: r}",
        "roleRef.kind: Unsupported value: \"Rule\": supported values: \"ClusterRole\", \"Role\""},
       {"roleRef: {kind: Role, name: a/b}", "roleRef.name: Invalid value: \"a/b\""},
       {"roleRef: {kind: Role, name: r}, subjects: [{kind: Cat, name: c}]",
        "subjects[0].kind: Unsupported value: \"Cat\": supported values: \"Group\", "
        "\"ServiceAccount\", \"User\""}});
  expect_errors(
      "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", frame,
      {{"roleRef: {kind: ClusterRole, name: r}, subjects: [{kind: ServiceAccount, name: s}]",
        "subjects[0].namespace: Required value"}});
  expect_changes("rbac.authorization.k8s.io/v1", "RoleBinding", frame,
                 {{"roleRef: {kind: Role, name: r}", "roleRef: {kind: Role, name: q}",
                   "roleRef: Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":"
                   "\"Role\",\"name\":\"q\"}: cannot change roleRef"}});
}

TEST(KindRules, Autoscalers) {
  expect_errors(
      "autoscaling/v2", "HorizontalPodAutoscaler",
      "{metadata: {name: a}, spec: {scaleTargetRef: {kind: Deployment, name: d}, $}}",
      {{"maxReplicas: 5", ""},
       {"minReplicas: 2, maxReplicas: 6, metrics: [{type: Resource, resource: {name: cpu, target: "
        "{type: Utilization, averageUtilization: 50}}}]",
        ""},
       {"maxReplicas: 0, minReplicas: 0",
        "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1\nspec.maxReplicas: "
        "Invalid value: 0: must be greater than 0"},
       {"maxReplicas: 1, minReplicas: 2",
        "spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`"},
       {"maxReplicas: 1, metrics: [{type: Pods}]",
        "spec.metrics[0].pods: Required value: must populate information for the given metric "
        "source"},
       {"maxReplicas: 1, metrics: [{type: Resource, resource: {name: cpu, target: {type: "
        "Utilization}}}]",
        "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a "
        "target raw value or a target utilization"},
       {"maxReplicas: 1, behavior: {scaleUp: {stabilizationWindowSeconds: 4000}}",
        "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than "
        "or equal to 3600"},
       {"maxReplicas: 1, behavior: {scaleUp: {policies: [{type: Pods, value: 0, periodSeconds: "
        "15}]}}",
        "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero"}});
}

TEST(KindRules, CertificateRequests) {
  expect_errors(
      "certificates.k8s.io/v1", "CertificateSigningRequest",
      "{metadata: {name: r}, spec: {request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0=, $}}",
      {{"signerName: example.com/s, usages: [client auth]", ""},
       {"signerName: s, usages: [any]",
        "spec.signerName: Invalid value: \"s\": must be a fully qualified domain and path of the "
        "form 'example.com/signer-name'"},
       {"signerName: example.com/s", "spec.usages: Required value"},
       {"signerName: example.com/s, usages: [fun]", "spec.usages[0]: Unsupported value: \"fun\""},
       {"signerName: example.com/s, usages: [any], expirationSeconds: 5",
        "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 "
        "seconds "
        "(10 minutes)"}});
}

TEST(KindRules, FlowControl) {
  expect_errors(
      "flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
      "{metadata: {name: p}, spec: {$}}",
      {{"type: Limited, limited: {limitResponse: {type: Reject}}", ""},
       {"type: Limited", "spec.limited: Required value: must not be empty when type is Limited"},
       {"type: Limited, limited: {limitResponse: {type: Queue}}",
        "spec.limited.limitResponse.queuing: Required value"},
       {"type: Some", "spec.type: Unsupported value: \"Some\""}});
  expect_errors("flowcontrol.apiserver.k8s.io/v1", "FlowSchema",
                "{metadata: {name: f}, spec: {priorityLevelConfiguration: {name: p}, $}}",
                {{"matchingPrecedence: 5", ""},
                 {"matchingPrecedence: 20000",
                  "spec.matchingPrecedence: Invalid value: 20000: must not be greater than 10000"},
                 {"rules: [{nonResourceRules: [{verbs: [get], nonResourceURLs: [/x]}]}]",
                  "spec.rules[0].subjects: Required value"}});
}

TEST(KindRules, AdmissionKinds) {
  const std::string frame =
      "{metadata: {name: w}, webhooks: [{name: a.example.com, sideEffects: None, "
      "admissionReviewVersions: [v1], $}]}";
  expect_errors(
      "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", frame,
      {{"clientConfig: {url: 'https://example.com'}", ""},
       {"clientConfig: {}",
        "webhooks[0].clientConfig: Required value: exactly one of url or service is required"},
       {"clientConfig: {url: 'http://example.com'}",
        "webhooks[0].clientConfig.url: Invalid value: \"http://example.com\": 'https' is the only "
        "allowed URL scheme"},
       {"clientConfig: {url: 'https://e.com'}, timeoutSeconds: 60",
        "webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 "
        "seconds"},
       {"clientConfig: {url: 'https://e.com'}, rules: [{operations: ['*', CREATE], apiGroups: "
        "[''], "
        "apiVersions: [v1], resources: [pods]}]",
        "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, "
        "must not specify other operations"}});
  expect_errors("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding",
                "{metadata: {name: b}, spec: {$}}",
                {{"policyName: p, validationActions: [Deny, Audit]", ""},
                 {"policyName: p", "spec.validationActions: Required value"},
                 {"policyName: p, validationActions: [Deny, Warn]",
                  "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain "
                  "both Deny and Warn"}});
}

TEST(KindRules, ApiServices) {
  expect_errors(
      "apiregistration.k8s.io/v1", "APIService", "{metadata: {name: v1.example.com}, spec: {$}}",
      {{"group: example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1", ""},
       {"group: example.org, version: v1, groupPriorityMinimum: 1, versionPriority: 1",
        "metadata.name: Invalid value: \"v1.example.com\": must be "
        "`spec.version+\".\"+spec.group`: \"v1.example.org\""},
       {"group: example.com, version: v1, groupPriorityMinimum: 1",
        "spec.versionPriority: Invalid value: 0: must be positive and less than 1000"}});
}

TEST(KindRules, CustomResourceDefinitions) {
  const std::string version =
      "{name: v1, served: true, storage: true, schema: {openAPIV3Schema: "
      "{type: object}}}";
  const auto spec = [](const std::string& names, const std::string& versions) {
    return "group: example.com, scope: Namespaced, names: {" + names + "}, versions: [" + versions +
           "]";
  };
  const std::string good = spec("plural: cats, kind: Cat", version);
  const std::string other = spec("plural: dogs, kind: Cat", version);
  const std::string twice = spec("plural: cats, kind: Cat",
                                 version +
                                     ", {name: v2, served: true, "
                                     "storage: true, schema: {openAPIV3Schema: {type: object}}}");
  const std::string bare =
      spec("plural: cats, kind: Cat", "{name: v1, served: true, storage: true}");
  expect_errors(
      "apiextensions.k8s.io/v1", "CustomResourceDefinition",
      "{metadata: {name: cats.example.com}, spec: {$}}",
      {{good.c_str(), ""},
       {other.c_str(),
        "metadata.name: Invalid value: \"cats.example.com\": must be "
        "spec.names.plural+\".\"+spec.group"},
       {twice.c_str(),
        "spec.versions: Invalid value: []: must have exactly one version marked as storage "
        "version"},
       {bare.c_str(),
        "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"}});
}

TEST(KindRules, DeviceKinds) {
  expect_errors(
      "resource.k8s.io/v1", "ResourceClaim",
      "{metadata: {name: c}, spec: {devices: {requests: [$]}}}",
      {{"{name: r, exactly: {deviceClassName: c, count: 2}}", ""},
       {"{name: r}",
        "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is "
        "required"},
       {"{name: r, exactly: {deviceClassName: c, count: 0}}",
        "spec.devices.requests[0].exactly.count: Invalid value: 0: must be greater than zero"},
       {"{name: r, exactly: {deviceClassName: c}}, {name: r, exactly: {deviceClassName: c}}",
        "spec.devices.requests[1].name: Duplicate value: \"r\""}});
  expect_errors(
      "resource.k8s.io/v1", "ResourceSlice",
      "{metadata: {name: s}, spec: {driver: d, pool: {name: p, generation: 1, resourceSliceCount: "
      "1}, $}}",
      {{"nodeName: n", ""},
       {"devices: []",
        "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, "
        "`perDeviceNodeSelection` is required"}});
}

}  // namespace
}  // namespace skiff::api
