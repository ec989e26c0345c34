// SPDX-License-Identifier: Apache-2.0
// The manifests of the cluster tests, as they stand: nothing in them is unknown or refused, and
// what is applied again changes nothing.
#include "api/text.h"
#include "api/yaml.h"
#include "base/file.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

std::vector<std::filesystem::path> manifests() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SKIFF_TEST_MANIFESTS))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Manifests : public ApiTest, public testing::WithParamInterface<std::filesystem::path> {
 protected:
  // Where an object is created, and where it is then.
  std::pair<std::string, std::string> places(const json::value& object) {
    const std::string version = at(object, "apiVersion");
    const api::Kind* kind = api::find_kind(version, at(object, "kind"));
    if (kind == nullptr) return {};
    std::string path = (version.find('/') == std::string::npos ? "/api/" : "/apis/") + version;
    std::string space = at(object, "metadata.namespace");
    if (space.empty()) space = "default";
    if (kind->namespaced) path += "/namespaces/" + space;
    path += "/" + kind->plural;
    return {path, path + "/" + at(object, "metadata.name")};
  }

  void ensure_namespace(const std::string& name) {
    if (name.empty()) return;
    call("GET", "/api/v1/namespaces/" + name);
    if (code == 404) create_namespace(name);
  }

  // Changes nothing the second time.
  void expect_settled(const std::string& path, const std::string& document) {
    const auto once = patch(path, "strategic-merge-patch+json", document);
    ASSERT_EQ(code, 200) << json::serialize(once);
    const auto twice = patch(path, "strategic-merge-patch+json", document);
    EXPECT_EQ(at(twice, "metadata.resourceVersion"), at(once, "metadata.resourceVersion")) << path;
  }
};

TEST_P(Manifests, AreTakenAsTheyStand) {
  const auto text = read_file(GetParam());
  ASSERT_TRUE(text.ok()) << message(text.status());
  const auto documents = api::yaml_documents_to_json(*text);
  ASSERT_TRUE(documents.ok()) << message(documents.status());
  for (const std::string& document : *documents) {
    const auto object = json::parse(document);
    const auto [collection, path] = places(object);
    ASSERT_NE(collection, "") << document;
    ensure_namespace(at(object, "metadata.namespace"));
    const auto created = ask("POST", collection + "?fieldValidation=Strict", document);
    ASSERT_EQ(code, 201) << json::serialize(created);
    const std::string kind = at(object, "kind");
    if (kind == "Namespace")  // what its controller would make
      call("POST", "/api/v1/namespaces/" + at(object, "metadata.name") + "/serviceaccounts",
           R"({"metadata":{"name":"default"}})");
    expect_settled(path, document);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Manifests, testing::ValuesIn(manifests()), [](const auto& info) {
  std::string name = info.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace skiff::apiserver
