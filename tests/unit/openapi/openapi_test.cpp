// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/openapi.h"

#include "controller/apiserver/openapi/documents.h"
#include "controller/apiserver/openapi/gzip.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::openapi {
namespace {

using apiserver::at;

class OpenApi : public apiserver::ApiTest {
 protected:
  OpenApi() { add_routes(*server_, backend_->registry); }

  const json::object& v2() {
    if (v2_.empty()) v2_ = v2_document(backend_->registry);
    return v2_;
  }
  // The property of a definition of the v2 document.
  json::value property(const char* definition, const char* name) {
    return v2().at("definitions").at(definition).at("properties").at(name);
  }
  json::object v2_;
};

// Calls `visit` for the target of every $ref in `value`.
template <class Visit>
void for_each_reference(const json::value& value, Visit visit) {
  if (const json::array* list = value.if_array())
    for (const json::value& one : *list) for_each_reference(one, visit);
  if (const json::object* object = value.if_object())
    for (const auto& [name, member] : *object) {
      if (name == "$ref" && member.is_string()) visit(std::string(member.as_string()));
      for_each_reference(member, visit);
    }
}

TEST_F(OpenApi, DefinesWhatItRefersTo) {
  const std::string v2_prefix = "#/definitions/", v3_prefix = "#/components/schemas/";
  for_each_reference(v2(), [&](const std::string& target) {
    ASSERT_TRUE(target.starts_with(v2_prefix)) << target;
    EXPECT_TRUE(v2().at("definitions").as_object().contains(target.substr(v2_prefix.size())))
        << target;
  });
  const json::object v3 = v3_document(backend_->registry, "apps", "v1");
  const json::object& schemas = v3.at("components").at("schemas").as_object();
  for_each_reference(v3, [&](const std::string& target) {
    ASSERT_TRUE(target.starts_with(v3_prefix)) << target;
    EXPECT_TRUE(schemas.contains(target.substr(v3_prefix.size()))) << target;
  });
}

TEST_F(OpenApi, NamesTypesAsKubernetesDoes) {
  const json::object& definitions = v2().at("definitions").as_object();
  for (const char* name :
       {"io.k8s.api.core.v1.Pod", "io.k8s.api.core.v1.PodList", "io.k8s.api.apps.v1.DeploymentSpec",
        "io.k8s.api.core.v1.EndpointPort", "io.k8s.api.discovery.v1.EndpointPort",
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "io.k8s.api.autoscaling.v1.Scale",
        "io.k8s.apimachinery.pkg.apis.meta.v1.Time", "io.k8s.api.policy.v1.Eviction",
        "io.k8s.apimachinery.pkg.api.resource.Quantity",
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.api.coordination.v1.LeaseSpec",
        "io.k8s.api.node.v1.RuntimeClass", "io.k8s.api.node.v1.Overhead"})
    EXPECT_TRUE(definitions.contains(name)) << name;
}

TEST_F(OpenApi, TellsMergeKeysAndListTypes) {
  const json::value ports = property("io.k8s.api.core.v1.ServiceSpec", "ports");
  EXPECT_EQ(at(ports, "x-kubernetes-patch-merge-key"), "port");
  EXPECT_EQ(at(ports, "x-kubernetes-patch-strategy"), "merge");
  EXPECT_EQ(at(ports, "x-kubernetes-list-type"), "map");
  EXPECT_EQ(at(ports, "x-kubernetes-list-map-keys.0"), "port");
  EXPECT_EQ(at(ports, "x-kubernetes-list-map-keys.1"), "protocol");
  EXPECT_EQ(at(property("io.k8s.api.core.v1.PodSpec", "volumes"), "x-kubernetes-patch-strategy"),
            "merge,retainKeys");
  EXPECT_EQ(at(property("io.k8s.api.core.v1.Container", "command"), "x-kubernetes-list-type"),
            "atomic");
  EXPECT_EQ(at(property("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "finalizers"),
               "x-kubernetes-list-type"),
            "set");
  EXPECT_EQ(
      at(property("io.k8s.api.apps.v1.DeploymentSpec", "strategy"), "x-kubernetes-patch-strategy"),
      "retainKeys");
}

TEST_F(OpenApi, WritesScalarsAsKubernetesDoes) {
  EXPECT_EQ(at(property("io.k8s.api.core.v1.ContainerPort", "containerPort"), "format"), "int32");
  EXPECT_EQ(at(property("io.k8s.api.core.v1.Secret", "data"), "additionalProperties.format"),
            "byte");
  const json::object& definitions = v2().at("definitions").as_object();
  const auto format = [&](const char* name) { return at(definitions.at(name), "format"); };
  EXPECT_EQ(format("io.k8s.apimachinery.pkg.util.intstr.IntOrString"), "int-or-string");
  EXPECT_EQ(format("io.k8s.apimachinery.pkg.apis.meta.v1.Time"), "date-time");
  EXPECT_EQ(at(definitions.at("io.k8s.apimachinery.pkg.api.resource.Quantity"), "type"), "string");
  EXPECT_EQ(at(definitions.at("io.k8s.api.core.v1.ContainerPort"), "required.0"), "containerPort");
}

TEST_F(OpenApi, KeepsReferencesAloneInVersion3) {
  const json::object v3 = v3_document(backend_->registry, "apps", "v1");
  const json::value spec = v3.at("components")
                               .at("schemas")
                               .at("io.k8s.api.apps.v1.Deployment")
                               .at("properties")
                               .at("spec");
  EXPECT_EQ(at(spec, "allOf.0.$ref"), "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec");
  EXPECT_FALSE(spec.as_object().contains("$ref"));
}

TEST_F(OpenApi, PatchesTakeFieldValidation) {
  const json::value patch =
      v2().at("paths").at("/apis/apps/v1/namespaces/{namespace}/deployments/{name}").at("patch");
  EXPECT_EQ(at(patch, "x-kubernetes-action"), "patch");
  EXPECT_EQ(at(patch, "x-kubernetes-group-version-kind.kind"), "Deployment");
  EXPECT_EQ(at(patch, "operationId"), "patchAppsV1NamespacedDeployment");
  bool found = false;
  for (const json::value& one : patch.at("parameters").as_array())
    found = found || at(one, "name") == "fieldValidation";
  EXPECT_TRUE(found);
}

TEST_F(OpenApi, HasThePathsOfEveryResource) {
  const json::object& paths = v2().at("paths").as_object();
  for (const char* path :
       {"/api/v1/pods", "/api/v1/namespaces/{namespace}/pods/{name}/exec", "/api/v1/nodes/{name}",
        "/api/v1/namespaces/{name}", "/api/v1/namespaces/{namespace}/pods/{name}/eviction",
        "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"})
    EXPECT_TRUE(paths.contains(path)) << path;
  EXPECT_EQ(at(paths.at("/api/v1/namespaces/{namespace}/pods/{name}/eviction"),
               "post.x-kubernetes-group-version-kind.group"),
            "policy");
}

TEST_F(OpenApi, IndexesVersion3ByContent) {
  const json::value index = ask("GET", "/openapi/v3");
  const std::string url(index.at("paths").at("apis/apps/v1").at("serverRelativeURL").as_string());
  EXPECT_TRUE(url.starts_with("/openapi/v3/apis/apps/v1?hash=")) << url;
  const http::Response response = call("GET", "/openapi/v3/apis/apps/v1");
  EXPECT_EQ("\"" + url.substr(url.find('=') + 1) + "\"", response.headers.get("etag"));
  EXPECT_EQ(at(json::parse(response.body_text()), "openapi"), "3.0.0");
  EXPECT_EQ(call("GET", "/openapi/v3/apis/nope/v1").status, 404);
}

TEST_F(OpenApi, DoesNotSendWhatTheClientHas) {
  const http::Response first = call("GET", "/openapi/v2");
  const std::string tag(first.headers.get("etag"));
  const http::Response second = call("GET", "/openapi/v2", "", {{"if-none-match", tag}});
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.body_text(), "");
}

TEST_F(OpenApi, CompressesForThoseWhoAsk) {
  const std::string plain = call("GET", "/openapi/v2").body_text();
  const http::Response response =
      call("GET", "/openapi/v2", "", {{"accept-encoding", "gzip, deflate"}});
  EXPECT_EQ(response.headers.get("content-encoding"), "gzip");
  EXPECT_LT(response.body_text().size(), plain.size() / 8);
  EXPECT_EQ(gunzip(response.body_text()), plain);
}

TEST_F(OpenApi, ProtobufGoesUnderTheNameThatClientsParse) {
  for (const char* accept :
       {"application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf,application/json"})
    EXPECT_EQ(call("GET", "/openapi/v2", "", {{"accept", accept}}).headers.get("content-type"),
              "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_EQ(call("GET", "/openapi/v2", "", {{"accept", "text/html"}}).status, 406);
  EXPECT_EQ(
      call("GET", "/openapi/v2", "", {{"accept", "application/json"}}).headers.get("content-type"),
      "application/json");
}

TEST(Gzip, RestoresWhatItTook) {
  std::string long_text;
  for (int i = 0; i < 100'000; ++i) long_text += std::to_string(i * 7919);
  for (const std::string& text : {std::string(), std::string("x"), long_text})
    EXPECT_EQ(gunzip(gzip(text)), text);
}

}  // namespace
}  // namespace skiff::openapi
