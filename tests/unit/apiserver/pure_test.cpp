// SPDX-License-Identifier: Apache-2.0
// What needs no server: URLs, Accept headers, continue tokens, error documents.
#include <gtest/gtest.h>

#include "controller/apiserver/accept.h"
#include "controller/apiserver/attributes.h"
#include "controller/apiserver/errors.h"
#include "controller/apiserver/list_options.h"
#include "controller/apiserver/request_info.h"
#include "controller/apiserver/service_allocator.h"
#include "controller/apiserver/user.h"

namespace skiff::apiserver {
namespace {

struct UrlCase {
  const char* method;
  const char* target;
  const char* verb;
  const char* group;
  const char* namespace_;
  const char* resource;
  const char* name;
  const char* subresource;
};

TEST(RequestInfo, ReadsEveryFormOfUrl) {
  const UrlCase cases[] = {
      {"GET", "/api/v1/pods", "list", "", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=1", "watch", "", "", "pods", "", ""},
      {"GET", "/api/v1/watch/namespaces/a/pods", "watch", "", "a", "pods", "", ""},
      {"GET", "/api/v1/namespaces", "list", "", "", "namespaces", "", ""},
      {"GET", "/api/v1/namespaces/a", "get", "", "a", "namespaces", "a", ""},
      {"PUT", "/api/v1/namespaces/a/finalize", "update", "", "a", "namespaces", "a", "finalize"},
      {"PATCH", "/api/v1/namespaces/a/status", "patch", "", "a", "namespaces", "a", "status"},
      {"GET", "/api/v1/namespaces/a/pods/p", "get", "", "a", "pods", "p", ""},
      {"POST", "/api/v1/namespaces/a/pods/p/exec", "create", "", "a", "pods", "p", "exec"},
      {"DELETE", "/apis/apps/v1/namespaces/a/deployments", "deletecollection", "apps", "a",
       "deployments", "", ""},
      {"DELETE", "/apis/apps/v1/namespaces/a/deployments/d", "delete", "apps", "a", "deployments",
       "d", ""},
      {"HEAD", "/api/v1/nodes/n", "get", "", "", "nodes", "n", ""},
  };
  for (const UrlCase& one : cases) {
    http::Request request{.method = one.method};
    const std::string target = one.target;
    request.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos)
      request.query = http::Query::parse(target.substr(target.find('?') + 1));
    const RequestInfo info = parse_request(request);
    EXPECT_TRUE(info.is_resource) << target;
    EXPECT_EQ(info.verb, one.verb) << target;
    EXPECT_EQ(info.group, one.group) << target;
    EXPECT_EQ(info.namespace_, one.namespace_) << target;
    EXPECT_EQ(info.resource, one.resource) << target;
    EXPECT_EQ(info.name, one.name) << target;
    EXPECT_EQ(info.subresource, one.subresource) << target;
  }
  for (const char* path :
       {"/", "/version", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/openapi/v3"})
    EXPECT_FALSE(parse_request({.path = path}).is_resource) << path;
}

TEST(RequestInfo, TakesTheSelectedNameForAuthorization) {
  http::Request request{.path = "/api/v1/namespaces/a/secrets"};
  request.query = http::Query::parse("fieldSelector=metadata.name%3Dtls");
  EXPECT_EQ(parse_request(request).name_for_authorization(), "tls");
}

// May `user` do this? The target's query does not matter.
bool may(const User& user, const char* method, const char* path) {
  return simple_authorizer()
      ->authorize(user, parse_request({.method = method, .path = path}))
      .allowed;
}

TEST(SimpleAuthorizer, WhoeverIsKnownMayDiscoverAndAskAboutHimself) {
  const User account{.name = "system:serviceaccount:shop:web",
                     .groups = {"system:serviceaccounts", "system:authenticated"}};
  const User nobody = anonymous_user();
  for (const char* path :
       {"/api", "/api/v1", "/apis", "/apis/apps/v1", "/openapi/v2", "/openapi/v3"}) {
    EXPECT_TRUE(may(account, "GET", path)) << path;
    EXPECT_FALSE(may(nobody, "GET", path)) << path;
    EXPECT_FALSE(may(account, "POST", path)) << path;
  }
  for (const char* path : {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                           "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                           "/apis/authentication.k8s.io/v1/selfsubjectreviews"}) {
    EXPECT_TRUE(may(account, "POST", path)) << path;
    EXPECT_FALSE(may(nobody, "POST", path)) << path;
    EXPECT_FALSE(may(account, "GET", path)) << path;
  }
  EXPECT_FALSE(may(account, "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"));
  EXPECT_FALSE(may(account, "GET", "/apiserver"));
  EXPECT_FALSE(may(account, "GET", "/api/v1/pods"));
}

TEST(SimpleAuthorizer, AnybodyMaySeeHealthAndVersion) {
  for (const char* path : {"/healthz", "/livez", "/readyz", "/version"})
    EXPECT_TRUE(may(anonymous_user(), "GET", path)) << path;
}

TEST(Accept, TakesTheFirstWishThatCanBeMet) {
  struct Case {
    const char* accept;
    int form;  // -1: 406
    Encoding encoding;
  };
  const Case cases[] = {
      {"", 0, Encoding::kJson},
      {"*/*", 0, Encoding::kJson},
      {"application/yaml", 0, Encoding::kYaml},
      {"application/vnd.kubernetes.protobuf,application/json", 0, Encoding::kJson},
      {"application/vnd.kubernetes.protobuf", -1, Encoding::kJson},
      {"application/json;as=Table;v=v1;g=meta.k8s.io,application/json", 1, Encoding::kJson},
      {"application/json;as=Table;v=v9;g=meta.k8s.io,application/json", 0, Encoding::kJson},
      {"application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
       "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
       2, Encoding::kJson},
      {"text/html", -1, Encoding::kJson},
  };
  for (const Case& one : cases) {
    http::Headers headers;
    if (*one.accept != '\0') headers.add("accept", one.accept);
    const auto output = negotiate(headers, true);
    ASSERT_EQ(output.ok(), one.form >= 0) << one.accept;
    if (!output.ok()) {
      EXPECT_EQ(http_code(output.status()), 406);
      continue;
    }
    EXPECT_EQ(static_cast<int>(output->form), one.form) << one.accept;
    EXPECT_EQ(output->encoding, one.encoding) << one.accept;
  }
}

TEST(ContinueToken, SurvivesTheRoundTrip) {
  const auto token = decode_token(encode_token({.revision = 42, .start = "default/pod\"1"}));
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->revision, 42);
  EXPECT_EQ(token->start, "default/pod\"1");
  EXPECT_FALSE(decode_token("garbage").ok());
  EXPECT_FALSE(decode_token("").ok());
}

TEST(Errors, KeepTheirDocumentThroughAnnotation) {
  const Status status = annotate(errors::not_found({"apps", "deployments"}, "web"), "sync");
  EXPECT_EQ(http_code(status), 404);
  EXPECT_EQ(message(errors::not_found({"apps", "deployments"}, "web")),
            "deployments.apps \"web\" not found");
  EXPECT_NE(status_document(status).find(
                R"("details":{"name":"web","group":"apps","kind":"deployments"})"),
            std::string::npos);
}

TEST(Errors, JoinCausesAsKubernetesDoes) {
  const Status one =
      errors::invalid({"apps", "Deployment"}, "web", {cause::required("spec.selector")});
  EXPECT_EQ(message(one), "Deployment.apps \"web\" is invalid: spec.selector: Required value");
  const Status two =
      errors::invalid({"", "Pod"}, "p", {cause::required("a"), cause::duplicate("b", "\"x\"")});
  EXPECT_EQ(message(two), "Pod \"p\" is invalid: [a: Required value, b: Duplicate value: \"x\"]");
  EXPECT_EQ(http_code(two), 422);
}

TEST(Attributes, ReadLabelsAndFieldsFromText) {
  Resource resource;
  resource.selectable_fields = {{"spec.nodeName", "spec.nodeName", ""},
                                {"spec.hostNetwork", "spec.hostNetwork", "false"}};
  const Attributes read = read_attributes(
      resource, R"({"metadata":{"name":"p","labels":{"app":"we\"b"}},"spec":{"nodeName":"n1"}})");
  EXPECT_EQ(read.labels.at("app"), "we\"b");
  EXPECT_EQ(read.fields, (std::vector<std::string>{"n1", "false"}));
}

TEST(ServiceAllocator, GivesEachAddressOnce) {
  AddressRange range(*Cidr::parse("10.0.0.0/30"));
  const auto first = range.take_any();
  const auto second = range.take_any();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_FALSE(range.take_any());
  range.release(*first);
  EXPECT_EQ(range.take_any(), first);
  EXPECT_EQ(range.take(*first), "provided IP is already allocated");
}

}  // namespace
}  // namespace skiff::apiserver
