// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/discovery/discovery.h"

#include <gmock/gmock.h>

#include "controller/apiserver/discovery/documents.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::discovery {
namespace {

using apiserver::at;
using testing::ElementsAre;
using testing::IsSupersetOf;
namespace json = boost::json;

class Discovery : public apiserver::ApiTest {
 protected:
  Discovery() { add_routes(*server_, backend_->registry); }

  http::Response get(const std::string& path, const std::string& accept = "") {
    return call("GET", path, "", accept.empty() ? HeaderList{} : HeaderList{{"accept", accept}});
  }
  json::value document(const std::string& path, const std::string& accept = "") {
    return json::parse(get(path, accept).body_text());
  }
};

// The member of the array `list` whose `name` is `value`.
json::value find(const json::value& list, const char* name, std::string_view value) {
  for (const json::value& one : list.as_array())
    if (at(one, name) == value) return one;
  return nullptr;
}

constexpr const char* kV2 =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
constexpr const char* kV2Beta1 =
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

TEST(Versions, StableOnesComeFirstAndHighNumbersBeforeLowOnes) {
  std::vector<std::string> versions = {"foo", "v1alpha1", "v10", "v2beta2", "v2", "v1beta1", "v1"};
  std::sort(versions.begin(), versions.end(), version_before);
  EXPECT_THAT(versions, ElementsAre("v10", "v2", "v1", "v2beta2", "v1beta1", "v1alpha1", "foo"));
}

TEST_F(Discovery, NamesCoreFirstAndOurOwnGroupsInKubernetesOrder) {
  std::vector<std::string> names;
  for (const Group& group : groups(backend_->registry)) names.push_back(group.name);
  EXPECT_EQ(names.at(0), "");
  EXPECT_EQ(names.at(1), "apiregistration.k8s.io");
  EXPECT_EQ(names.at(2), "apps");
  EXPECT_LT(std::find(names.begin(), names.end(), "authentication.k8s.io"),
            std::find(names.begin(), names.end(), "discovery.k8s.io"));
}

TEST_F(Discovery, ListsGroupsButNotCore) {
  const json::value list = document("/apis");
  EXPECT_EQ(at(list, "kind"), "APIGroupList");
  const json::value apps = find(list.at("groups"), "name", "apps");
  EXPECT_EQ(at(apps, "preferredVersion.groupVersion"), "apps/v1");
  EXPECT_TRUE(find(list.at("groups"), "name", "").is_null());
  EXPECT_EQ(at(document("/apis/apps"), "versions.0.version"), "v1");
  EXPECT_EQ(at(document("/api"), "versions.0"), "v1");
}

TEST_F(Discovery, ListsResourcesWithTheirSubresources) {
  const json::value list = document("/api/v1");
  EXPECT_EQ(at(list, "groupVersion"), "v1");
  const json::value pods = find(list.at("resources"), "name", "pods");
  EXPECT_EQ(at(pods, "shortNames.0"), "po");
  EXPECT_EQ(at(pods, "categories.0"), "all");
  EXPECT_EQ(at(pods, "singularName"), "pod");
  EXPECT_EQ(at(pods, "namespaced"), "true");
  EXPECT_EQ(at(find(list.at("resources"), "name", "pods/status"), "kind"), "Pod");
}

TEST_F(Discovery, TellsTheGroupOfASubresourceThatHasAnother) {
  const json::value list = document("/api/v1");
  const json::value eviction = find(list.at("resources"), "name", "pods/eviction");
  EXPECT_EQ(at(eviction, "group"), "policy");
  EXPECT_EQ(at(eviction, "version"), "v1");
  EXPECT_EQ(at(eviction, "kind"), "Eviction");
  EXPECT_EQ(at(find(list.at("resources"), "name", "pods/binding"), "group"), "");
  const json::value scale =
      find(document("/apis/apps/v1").at("resources"), "name", "deployments/scale");
  EXPECT_EQ(at(scale, "group"), "autoscaling");
}

TEST_F(Discovery, AnswersInOneDocumentWhereAskedTo) {
  const http::Response response = get("/apis", kV2);
  EXPECT_EQ(response.headers.get("content-type"),
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  const json::value list = json::parse(response.body_text());
  EXPECT_EQ(at(list, "apiVersion"), "apidiscovery.k8s.io/v2");
  const json::value apps = find(list.at("items"), "metadata.name", "apps");
  EXPECT_EQ(at(apps, "versions.0.freshness"), "Current");
  const json::value deployments =
      find(apps.at("versions").at(0).at("resources"), "resource", "deployments");
  EXPECT_EQ(at(deployments, "scope"), "Namespaced");
  EXPECT_EQ(at(deployments, "responseKind.kind"), "Deployment");
  EXPECT_EQ(at(find(deployments.at("subresources"), "subresource", "scale"), "responseKind.group"),
            "autoscaling");
}

TEST_F(Discovery, KeepsCoreAndGroupsApartInTheAggregatedForm) {
  const json::value core = document("/api", kV2Beta1);
  EXPECT_EQ(at(core, "apiVersion"), "apidiscovery.k8s.io/v2beta1");
  ASSERT_EQ(core.at("items").as_array().size(), 1U);
  EXPECT_EQ(at(core, "items.0.versions.0.version"), "v1");
  EXPECT_TRUE(find(document("/apis", kV2Beta1).at("items"), "metadata.name", "").is_null());
}

TEST_F(Discovery, GivesOldClientsTheOldForm) {
  EXPECT_EQ(at(document("/apis", "application/json, */*"), "kind"), "APIGroupList");
  EXPECT_EQ(at(document("/api", "application/json;g=x;v=v9;as=APIGroupDiscoveryList,*/*"), "kind"),
            "APIVersions");
  EXPECT_EQ(get("/apis", "text/html").status, 406);
}

TEST_F(Discovery, SaysNotFoundForWhatIsNotServed) {
  for (const char* path :
       {"/api/v2", "/apis/nope", "/apis/apps/v9", "/apis/apps/v1/x/y/z", "/nowhere"}) {
    const http::Response response = get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.body_text(), "404 page not found\n") << path;
  }
  EXPECT_EQ(call("POST", "/apis", "{}").status, 405);
}

TEST_F(Discovery, ListsPathsAtTheRoot) {
  std::vector<std::string> paths;
  const json::value root = document("/");
  for (const json::value& path : root.at("paths").as_array()) paths.emplace_back(path.as_string());
  EXPECT_THAT(paths, IsSupersetOf({"/api/v1", "/apis/apps/v1", "/openapi/v3", "/version"}));
  EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
}

}  // namespace
}  // namespace skiff::discovery
