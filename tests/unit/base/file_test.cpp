// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace skiff {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "fileXXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path directory_;
};

TEST_F(FileTest, ReadsBackWhatWasWrittenWithItsMode) {
  const auto path = directory_ / "secret";
  ASSERT_TRUE(write_file_atomic(path, "content", 0600).ok());
  EXPECT_EQ(read_file(path).value(), "content");
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(FileTest, AFailedWriteLeavesNothingBehindAndNamesThePath) {
  const auto path = directory_ / "absent" / "file";
  const Status status = write_file_atomic(path, "x");
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_NE(message(status).find(path.string()), std::string_view::npos);
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

// Programs that the agent started had its rings and packet sockets open.
TEST_F(FileTest, ADuplicateIsNotInherited) {
  const UniqueFd first(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto second = duplicate(first.get());
  ASSERT_TRUE(second.ok()) << message(second.status());
  EXPECT_NE(second->get(), first.get());
  EXPECT_EQ(::fcntl(second->get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_FALSE(duplicate(-1).ok());
}

}  // namespace
}  // namespace skiff
