// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "agent/kubelet/volumes/atomic_writer.h"
#include "agent/kubelet/volumes/content.h"
#include "agent/kubelet/volumes/empty_dir.h"
#include "agent/kubelet/volumes/host_path.h"
#include "agent/kubelet/volumes/mounts.h"
#include "agent/kubelet/volumes/volumes.h"
#include "base/file.h"
#include "tests/builders/pod_builder.h"
#include "tests/fakes/fake_clock.h"

namespace skiff::kubelet {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class VolumeDirectory : public ::testing::Test {
 protected:
  ~VolumeDirectory() override {
    std::error_code error;
    fs::remove_all(dir, error);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const auto& entry : fs::directory_iterator(dir)) list.push_back(entry.path().filename());
    std::sort(list.begin(), list.end());
    return list;
  }
  std::string text(const std::string& path) const { return read_file(dir / path).value_or("?"); }
  mode_t mode(const std::string& path) const {
    struct stat info{};
    ::stat((dir / path).c_str(), &info);
    return info.st_mode & 07777;
  }

  const fs::path dir = fs::temp_directory_path() /
                       fmt::format("skiff-volume-{}-{}", ::getpid(),
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

using AtomicWriter = VolumeDirectory;
using HostPath = VolumeDirectory;

TEST_F(AtomicWriter, LaysFilesOutAsKubernetesDoes) {
  const auto wrote =
      write_volume(dir, {{"a.txt", {"one", 0640, {}}}, {"sub/b.txt", {"two", 0444, {}}}});
  ASSERT_TRUE(wrote.ok()) << message(wrote.status());
  EXPECT_TRUE(*wrote);
  EXPECT_EQ(text("a.txt"), "one");
  EXPECT_EQ(text("sub/b.txt"), "two");
  EXPECT_EQ(mode("a.txt"), 0640u);
  EXPECT_EQ(mode("sub/b.txt"), 0444u);
  EXPECT_EQ(fs::read_symlink(dir / "a.txt"), "..data/a.txt");
  EXPECT_EQ(fs::read_symlink(dir / "sub"), "..data/sub");
  EXPECT_TRUE(fs::read_symlink(dir / "..data").string().starts_with("..20"));
}

TEST_F(AtomicWriter, WritesNothingWhenNothingChanged) {
  ASSERT_TRUE(write_volume(dir, {{"a", {"one", 0644, {}}}}).ok());
  const auto before = fs::read_symlink(dir / "..data");
  EXPECT_FALSE(*write_volume(dir, {{"a", {"one", 0644, {}}}}));
  EXPECT_EQ(fs::read_symlink(dir / "..data"), before);
}

TEST_F(AtomicWriter, ReplacesAddsAndRemoves) {
  ASSERT_TRUE(write_volume(dir, {{"a", {"1", 0644, {}}}, {"b", {"2", 0644, {}}}}).ok());
  EXPECT_TRUE(*write_volume(dir, {{"a", {"3", 0644, {}}}, {"c", {"4", 0644, {}}}}));
  EXPECT_EQ(text("a"), "3");
  EXPECT_EQ(text("c"), "4");
  EXPECT_FALSE(fs::exists(fs::symlink_status(dir / "b")));
  EXPECT_EQ(names().size(), 4u);  // a, c, ..data, one dated directory
}

TEST_F(AtomicWriter, SeesAChangedMode) {
  ASSERT_TRUE(write_volume(dir, {{"a", {"1", 0644, {}}}}).ok());
  EXPECT_TRUE(*write_volume(dir, {{"a", {"1", 0600, {}}}}));
  EXPECT_EQ(mode("a"), 0600u);
}

TEST_F(AtomicWriter, RepairsWhatACrashLeft) {
  ASSERT_TRUE(write_volume(dir, {{"a", {"1", 0644, {}}}}).ok());
  fs::remove(dir / "a");
  fs::create_directory(dir / "..2001_01_01_00_00_00.000000001");
  EXPECT_FALSE(*write_volume(dir, {{"a", {"1", 0644, {}}}}));
  EXPECT_EQ(text("a"), "1");
  EXPECT_TRUE(*write_volume(dir, {{"a", {"2", 0644, {}}}}));
  EXPECT_EQ(names().size(), 3u);
}

TEST_F(AtomicWriter, WritesAnEmptyVolume) {
  EXPECT_TRUE(write_volume(dir, {}).ok());
  EXPECT_TRUE(fs::is_directory(dir));
}

TEST(AtomicWriterPaths, StayInside) {
  for (const char* bad : {"", "/etc/passwd", "../up", "a/../../b", "..data"})
    EXPECT_FALSE(check_relative_path(bad).ok()) << bad;
  for (const char* good : {"a", "a/b", "a..b", ".hidden"})
    EXPECT_TRUE(check_relative_path(good).ok()) << good;
}

class Content : public ::testing::Test {
 protected:
  Content() {
    auto config = std::make_shared<api::ConfigMap>();
    config->data = {{"level", "debug"}, {"name", "shop"}};
    config->binaryData["logo"] = {std::string("\0\1", 2)};
    objects.config_maps["config"] = config;
    auto secret = std::make_shared<api::Secret>();
    secret->data["password"] = {"pw"};
    objects.secrets["db"] = secret;
  }
  Result<VolumeFiles> content(const api::Volume& volume) {
    return volume_content(volume, {pod, objects, tokens, context});
  }

  api::Pod pod = PodBuilder("web").label("app", "shop").container("main").build();
  Options options;
  FieldContext context{options, {}};
  ConfigObjects objects;
  std::map<std::string, std::string> tokens = {{"token", "a-token"}};
};

TEST_F(Content, ShowsEveryKeyOfAConfigMap) {
  api::Volume volume;
  volume.configMap.emplace().name = "config";
  const auto files = content(volume);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->size(), 3u);
  EXPECT_EQ(files->at("level"), (VolumeFile{"debug", 0644, {}}));
  EXPECT_EQ(files->at("logo").content.size(), 2u);
}

TEST_F(Content, ShowsChosenKeysUnderTheirPaths) {
  api::Volume volume;
  auto& source = volume.secret.emplace();
  source.secretName = "db";
  source.defaultMode = 0400;
  source.items = {{"password", "in/password.txt", 0440}};
  EXPECT_EQ(content(volume)->at("in/password.txt"), (VolumeFile{"pw", 0440, {}}));
  source.items = {{"none", "x", {}}};
  EXPECT_EQ(message(content(volume).status()),
            "secret \"db\" references non-existent secret key: none");
  source.optional = true;
  EXPECT_TRUE(content(volume)->empty());
}

TEST_F(Content, IsEmptyForAMissingOptionalObject) {
  api::Volume volume;
  volume.configMap.emplace().name = "none";
  EXPECT_EQ(message(content(volume).status()), "configmap \"none\" not found");
  volume.configMap->optional = true;
  EXPECT_TRUE(content(volume)->empty());
}

TEST_F(Content, ProjectsTokenConfigMapAndFields) {
  api::Volume volume;
  auto& projected = volume.projected.emplace();
  projected.sources.resize(3);
  projected.sources[0].serviceAccountToken.emplace().path = "token";
  projected.sources[1].configMap.emplace().name = "config";
  projected.sources[1].configMap->items = {{"level", "ca.crt", {}}};
  auto& item = projected.sources[2].downwardAPI.emplace().items.emplace_back();
  item.path = "namespace";
  item.fieldRef.emplace().fieldPath = "metadata.namespace";

  auto files = content(volume);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->at("token"), (VolumeFile{"a-token", 0644, {}}));
  EXPECT_EQ(files->at("namespace").content, "default");
  EXPECT_EQ(files->at("ca.crt").content, "debug");
  EXPECT_EQ(volume_references(volume).tokens.size(), 1u);

  pod.spec.securityContext.emplace().runAsUser = 1000;
  EXPECT_EQ(content(volume)->at("token"), (VolumeFile{"a-token", 0600, 1000}));
}

TEST_F(HostPath, ChecksTheTypeOrMakesIt) {
  fs::create_directories(dir);
  EXPECT_TRUE(prepare_host_path(dir / "none", "").ok());
  EXPECT_FALSE(prepare_host_path(dir / "none", "Directory").ok());
  EXPECT_TRUE(prepare_host_path(dir / "made/deep", "DirectoryOrCreate").ok());
  EXPECT_TRUE(prepare_host_path(dir / "made", "Directory").ok());
  EXPECT_TRUE(prepare_host_path(dir / "file", "FileOrCreate").ok());
  EXPECT_TRUE(prepare_host_path(dir / "file", "File").ok());
  EXPECT_FALSE(prepare_host_path(dir / "file", "Socket").ok());
  EXPECT_TRUE(prepare_host_path("/dev/null", "CharDevice").ok());
  EXPECT_FALSE(prepare_host_path("/dev/null", "BlockDevice").ok());
  EXPECT_FALSE(prepare_host_path(dir, "Color").ok());
}

using EmptyDir = VolumeDirectory;

TEST_F(EmptyDir, CountsWhatLiesOnDiskAndFollowsNoLinks) {
  Options options;
  options.data_dir = dir;
  api::Volume volume;
  volume.name = "cache";
  volume.emptyDir.emplace();
  api::Pod pod = PodBuilder("web").volume(volume).build();
  const PodPaths paths(options, pod);
  EXPECT_FALSE(has_limited_empty_dir(pod));
  auto& source = *pod.spec.volumes[0].emptyDir;
  source.sizeLimit = *api::Quantity::parse("1Mi");
  EXPECT_TRUE(has_limited_empty_dir(pod));
  EXPECT_FALSE(exceeded_empty_dir(pod, paths));  // not made yet

  const fs::path path = paths.volume("empty-dir", "cache");
  ASSERT_TRUE(prepare_empty_dir(path, source, {}).ok());
  fs::create_directories(path / "deep");
  ASSERT_TRUE(write_file_atomic(path / "deep/a", std::string(600'000, 'x'), 0644).ok());
  ASSERT_TRUE(write_file_atomic(dir / "big", std::string(2'000'000, 'x'), 0644).ok());
  fs::create_symlink(dir / "big", path / "link");
  EXPECT_FALSE(exceeded_empty_dir(pod, paths));
  ASSERT_TRUE(write_file_atomic(path / "b", std::string(600'000, 'x'), 0644).ok());
  EXPECT_EQ(exceeded_empty_dir(pod, paths),
            "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Mi\". ");
  source.medium = "Memory";
  EXPECT_FALSE(has_limited_empty_dir(pod));
}

class HostsFileOnDisk : public VolumeDirectory {
 protected:
  HostsFileOnDisk() { options.data_dir = dir; }
  ~HostsFileOnDisk() override { pool.join(); }
  Status write(const api::Pod& pod, std::vector<std::string> ips) {
    std::optional<Status> status;
    spawn(context.get_executor(), "write",
          [](Volumes& volumes, api::Pod of, std::vector<std::string> addresses,
             std::optional<Status>& out) -> awaitable<void> {
            out = co_await volumes.write_hosts(std::make_shared<const api::Pod>(std::move(of)),
                                               std::move(addresses));
          }(volumes, pod, std::move(ips), status));
    while (!status) context.run_one();
    return *status;
  }

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::thread_pool pool{1};
  FakeClock clock;
  Options options;
  ApiObjectSource objects{context.get_executor(), kube::Client(nullptr), clock};
  Volumes volumes{options, objects, pool};
};

TEST_F(HostsFileOnDisk, IsWrittenOnceAndAnewWhenTheAddressChanges) {
  const api::Pod pod = PodBuilder("web").build();
  ASSERT_TRUE(write(pod, {"10.244.1.2"}).ok());
  const std::string file = "pods/uid-web/etc-hosts";
  EXPECT_THAT(text(file), ::testing::HasSubstr("10.244.1.2\tweb\n"));
  struct stat before{}, after{};
  ASSERT_EQ(::stat((dir / file).c_str(), &before), 0);
  ASSERT_TRUE(write(pod, {"10.244.1.2"}).ok());
  ASSERT_EQ(::stat((dir / file).c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);  // containers have this very file mounted
  ASSERT_TRUE(write(pod, {"10.244.1.3", "fd00::3"}).ok());
  EXPECT_THAT(text(file), ::testing::HasSubstr("fd00::3\tweb\n"));
}

TEST_F(HostsFileOnDisk, IsTheNodesOwnForAPodOfItsNetwork) {
  api::Pod pod = PodBuilder("web").build();
  pod.spec.hostNetwork = true;
  pod.spec.hostAliases = {{"10.1.1.1", {"db"}}};
  ASSERT_TRUE(write(pod, {"10.89.0.2"}).ok());
  EXPECT_THAT(text("pods/uid-web/etc-hosts"),
              ::testing::StartsWith("# Kubernetes-managed hosts file (host network).\n"));
  EXPECT_THAT(text("pods/uid-web/etc-hosts"), ::testing::EndsWith("10.1.1.1\tdb\n"));
}

TEST(Mounts, KnowsMountPoints) {
  EXPECT_TRUE(is_mount_point("/proc"));
  EXPECT_FALSE(is_mount_point("/proc/self"));
}

}  // namespace
}  // namespace skiff::kubelet
