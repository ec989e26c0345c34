// SPDX-License-Identifier: Apache-2.0
// subPath with real mounts, in a mount namespace of the test's own.
#include "agent/kubelet/volumes/subpath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "agent/kubelet/volumes/mounts.h"
#include "base/file.h"

namespace skiff::kubelet {
namespace {

namespace fs = std::filesystem;

class Subpath : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (::geteuid() != 0) return;
    // Nothing mounted here is seen outside, and all of it ends with this process.
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  }
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    fs::create_directories(volume / "dir");
    fs::create_directories(outside);
    write(volume / "dir/inside", "in");
    write(volume / "file", "text");
    write(outside / "secret", "of the node");
  }
  void TearDown() override { (void)remove_tree(dir); }

  static void write(const fs::path& path, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(path, text, 0644).ok());
  }
  Status bind(const std::string& subpath) { return bind_subpath(volume, subpath, target); }
  static ino_t inode(const fs::path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
  }

  const fs::path dir = fs::temp_directory_path() / fmt::format("skiff-subpath-{}", ::getpid());
  const fs::path volume = dir / "volume";
  const fs::path outside = dir / "outside";
  const fs::path target = dir / "subpaths/0";
};

TEST_F(Subpath, BindsADirectoryOnce) {
  ASSERT_TRUE(bind("dir").ok());
  EXPECT_EQ(*read_file(target / "inside"), "in");
  ASSERT_TRUE(bind("dir").ok());
  EXPECT_EQ(::umount2(target.c_str(), UMOUNT_NOFOLLOW), 0);
  EXPECT_FALSE(is_mount_point(target));
}

TEST_F(Subpath, BindsAFile) {
  ASSERT_TRUE(bind("file").ok());
  EXPECT_EQ(*read_file(target), "text");
}

TEST_F(Subpath, MakesWhatIsMissingAsOpenAsTheVolume) {
  fs::permissions(volume, fs::perms::all);
  ASSERT_TRUE(bind("new/deep").ok());
  struct stat info{};
  ASSERT_EQ(::stat((volume / "new/deep").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0777u);
}

TEST_F(Subpath, FollowsALinkThatStaysInTheVolume) {
  fs::create_symlink("dir", volume / "link");
  ASSERT_TRUE(bind("link").ok());
  EXPECT_EQ(*read_file(target / "inside"), "in");
}

TEST_F(Subpath, RefusesALinkThatLeadsOut) {
  fs::create_symlink(outside, volume / "absolute");
  fs::create_symlink("../outside", volume / "relative");
  fs::create_symlink("../../outside", volume / "dir/deep");
  for (const char* subpath : {"absolute", "relative", "dir/deep", "absolute/secret",
                              "relative/secret", "absolute/new", "relative/new/deeper"}) {
    const Status status = bind(subpath);
    EXPECT_FALSE(status.ok()) << subpath;
    EXPECT_FALSE(is_mount_point(target)) << subpath;
  }
  EXPECT_FALSE(fs::exists(outside / "new"));
  for (const char* subpath : {"..", "../outside", "/etc", "dir/../../outside"})
    EXPECT_FALSE(bind(subpath).ok()) << subpath;
}

TEST_F(Subpath, StaysWhereItWasWhenALinkIsPutInItsPlaceLater) {
  ASSERT_TRUE(bind("dir").ok());
  fs::rename(volume / "dir", volume / "moved");
  fs::create_symlink(outside, volume / "dir");
  EXPECT_EQ(*read_file(target / "inside"), "in");
  EXPECT_FALSE(fs::exists(target / "secret"));
}

// CVE-2017-1002101, CVE-2021-25741: a container swaps a directory of its volume for a link to the
// node's files while the path is being looked at.
TEST_F(Subpath, NeverLeadsOutWhileALinkIsSwappedInAndOut) {
  const ino_t wanted = inode(volume / "dir");
  const ino_t forbidden = inode(outside);
  fs::create_symlink(outside, volume / "evil");
  std::atomic<bool> stop = false;
  std::atomic<int> swaps = 0;
  std::thread attacker([&] {
    while (!stop) {
      ::syscall(SYS_renameat2, AT_FDCWD, (volume / "dir").c_str(), AT_FDCWD,
                (volume / "evil").c_str(), RENAME_EXCHANGE);
      ++swaps;
    }
  });
  int bound = 0;
  for (int i = 0; i < 2000; ++i) {
    // With a missing part as well: the directories on the way are made one by one.
    const bool deep = i % 2 == 1;
    if (!bind(deep ? fmt::format("dir/new{}", i) : "dir").ok()) continue;
    ++bound;
    ASSERT_NE(inode(target), forbidden);
    if (!deep) ASSERT_EQ(inode(target), wanted);
    ASSERT_EQ(::umount2(target.c_str(), UMOUNT_NOFOLLOW), 0);
  }
  stop = true;
  attacker.join();
  EXPECT_GT(bound, 0);
  EXPECT_GT(swaps, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(outside), fs::directory_iterator()), 1)
      << "something was made outside the volume";
}

}  // namespace
}  // namespace skiff::kubelet
