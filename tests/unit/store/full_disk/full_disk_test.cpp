// SPDX-License-Identifier: Apache-2.0
// A disk that fills up under the store, as a tmpfs of 32 MB in a mount namespace of the test's own.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <fstream>

#include "tests/unit/store/loop.h"

namespace skiff::store {
namespace {

// Entered once: RocksDB's background threads outlive a test, and in the namespace of the first the
// disks of later ones would not exist.
bool in_own_namespace() {
  static const bool entered = ::unshare(CLONE_NEWNS) == 0 &&
                              ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return entered;
}

// With a reserve the store refuses in time; without one RocksDB itself hits the end of the disk.
class FullDisk : public testing::TestWithParam<size_t> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounting a small disk needs root";
    ASSERT_TRUE(in_own_namespace());
    ASSERT_EQ(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=32m"), 0);
    open();
  }
  void TearDown() override {
    store_.reset();
    ::umount2(directory_.path().c_str(), MNT_DETACH);
  }

  void open() {
    auto opened = open_rocks_store(loop_.executor, options());
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  RocksOptions options() {
    return {.directory = (directory_.path() / "db").string(), .reserved_bytes = GetParam()};
  }
  std::filesystem::path ballast() { return directory_.path() / "ballast"; }
  void fill_disk() {
    std::ofstream out(ballast(), std::ios::binary);
    const std::string block(4096, 'x');
    while (out.write(block.data(), 4096).flush()) {
    }
  }

  // Writes until the disk is full; what was acknowledged is in written_.
  void write_until_full() {
    for (int i = 0; i < 4000; ++i) {
      const std::string key = fmt::format("/o/{}/{}", store_->revision(), i);
      const auto created = loop_.run(store_->create(key, object(std::string(20000, 'v'))));
      if (created.ok()) {
        written_[key] = (*created)->mod_revision;
        continue;
      }
      EXPECT_EQ(created.status().code(), StatusCode::kResourceExhausted) << created.status();
      refused_.push_back(key);
      return;
    }
    FAIL() << "the disk never filled up";
  }

  void expect_all_there() {
    for (const auto& [key, revision] : written_) {
      const auto record = store_->get(key);
      ASSERT_TRUE(record.ok()) << key << " is lost";
      EXPECT_EQ((*record)->mod_revision, revision);
    }
    for (const std::string& key : refused_) EXPECT_FALSE(store_->get(key).ok()) << key;
  }

  Status write_one(const std::string& key) {
    const auto created = loop_.run(store_->create(key, object("v")));
    if (created.ok()) written_[key] = (*created)->mod_revision;
    return created.status();
  }

  bool writes_again_within(std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (int i = 0; std::chrono::steady_clock::now() < deadline; ++i) {
      if (write_one(fmt::format("/again/{}/{}", store_->revision(), i)).ok()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  Loop loop_;
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
  std::map<std::string, int64_t> written_;
  std::vector<std::string> refused_;
};

INSTANTIATE_TEST_SUITE_P(Reserve, FullDisk, testing::Values(8u << 20, 0));

TEST_P(FullDisk, WritesFailReadsGoOnAndSpaceHealsIt) {
  ASSERT_TRUE(write_one("/first").ok());
  EXPECT_TRUE(store_->writable().ok());
  fill_disk();
  write_until_full();
  Status last;
  for (int i = 0; i < 20; ++i) {
    last = write_one(fmt::format("/full/{}", i));
    // Without a reserve, opening again may have found room for something as small.
    if (last.ok() && GetParam() == 0) continue;
    EXPECT_EQ(last.code(), StatusCode::kResourceExhausted) << last;
  }
  EXPECT_EQ(store_->writable().code(), last.code());
  expect_all_there();
  EXPECT_EQ(store_->list({.prefix = "/"})->records.size(), written_.size());
  // A conflict is told as such, even now.
  EXPECT_EQ(write_one("/first").code(), StatusCode::kAlreadyExists);

  std::filesystem::remove(ballast());
  EXPECT_TRUE(store_->writable().ok());  // before anybody has written again
  ASSERT_TRUE(writes_again_within(std::chrono::seconds(5)));
  expect_all_there();
  store_.reset();
  open();
  expect_all_there();
}

TEST_P(FullDisk, ARestartOnTheFullDiskLosesNothing) {
  fill_disk();
  write_until_full();
  store_.reset();
  auto opened = open_rocks_store(loop_.executor, options());
  if (!opened.ok()) {
    EXPECT_EQ(opened.status().code(), StatusCode::kResourceExhausted) << opened.status();
  } else {
    opened->reset();
  }
  std::filesystem::remove(ballast());
  open();
  expect_all_there();
  EXPECT_TRUE(writes_again_within(std::chrono::seconds(1)));
}

TEST_P(FullDisk, FillingUpAgainAndAgainLosesNothing) {
  for (int round = 0; round < 3; ++round) {
    fill_disk();
    write_until_full();
    std::filesystem::remove(ballast());
    ASSERT_TRUE(writes_again_within(std::chrono::seconds(5))) << round;
    for (int i = 0; i < 50; ++i) {
      const Status written = write_one(fmt::format("/r/{}/{}", round, i));
      if (written.ok()) continue;
      // Without a reserve, a flush that failed for want of room may be told of after the fact.
      ASSERT_EQ(GetParam(), 0U) << written;
      ASSERT_EQ(written.code(), StatusCode::kResourceExhausted) << written;
      ASSERT_TRUE(writes_again_within(std::chrono::seconds(1)));
    }
    expect_all_there();
  }
  store_.reset();
  open();
  expect_all_there();
}

}  // namespace
}  // namespace skiff::store
