// SPDX-License-Identifier: Apache-2.0
// Files cut short, flipped or gone: the store refuses to open, names the file, says what to do, and
// touches nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <fstream>

#include "base/file.h"
#include "tests/unit/store/loop.h"

namespace skiff::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Damage : public testing::Test {
 protected:
  Result<std::unique_ptr<Store>> open() {
    return open_rocks_store(loop_.executor, {.directory = directory_.path().string()});
  }

  void write(int objects, size_t size) {
    auto store = open();
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < objects; ++i) {
      // Digits that do not compress, so that table files get long.
      std::string data;
      while (data.size() < size)
        data += std::to_string(random_ = random_ * 6364136223846793005u + 1);
      const auto created =
          loop_.run((*store)->create(fmt::format("/o/{}", (*store)->revision()), object(data)));
      ASSERT_TRUE(created.ok()) << created.status();
    }
    revision_ = (*store)->revision();
  }

  // The largest file with this extension, or of this name.
  fs::path file(std::string_view name) {
    fs::path largest;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_.path())) {
      const std::string own = entry.path().filename().string();
      if (!own.ends_with(name) && !own.starts_with(name)) continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    EXPECT_FALSE(largest.empty()) << "no file " << name;
    return largest;
  }

  std::map<std::string, uintmax_t> files() {
    std::map<std::string, uintmax_t> sizes;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_.path())) {
      sizes[entry.path().filename().string()] = entry.file_size();
    }
    return sizes;
  }

  void expect_refused(const fs::path& damaged) {
    const auto before = files();
    const auto store = open();
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(store.status().code(), StatusCode::kDataLoss) << store.status();
    EXPECT_THAT(std::string(message(store.status())), HasSubstr(damaged.filename().string()));
    EXPECT_THAT(std::string(message(store.status())), HasSubstr("from a backup"));
    for (const auto& [name, size] : before) {
      if (name != "LOCK") EXPECT_EQ(files()[name], size) << name;
    }
  }

  Loop loop_;
  TemporaryDirectory directory_;
  uint64_t random_ = 1;
  int64_t revision_ = 0;
};

TEST_F(Damage, ALogCutShortIsNoticed) {
  write(20, 1000);
  const fs::path log = file(".log");
  fs::resize_file(log, fs::file_size(log) / 2);
  expect_refused(log);
  fs::remove(directory_.path() / "ACKNOWLEDGED");
  EXPECT_TRUE(open().ok()) << "the way out that the message names";
}

TEST_F(Damage, AnUnacknowledgedTornTailIsDropped) {
  write(20, 1000);
  std::ofstream(file(".log"), std::ios::app | std::ios::binary) << std::string("\1\2\3\4\5\6", 6);
  const auto store = open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->revision(), revision_);
  EXPECT_EQ((*store)->count("/o/"), 20);
}

TEST_F(Damage, ALogChangedInTheMiddleIsNoticed) {
  write(100, 1000);
  const fs::path log = file(".log");
  std::fstream(log, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(40000)
      .write("damage", 6);
  expect_refused(log);
}

TEST_F(Damage, ATableCutShortIsNoticed) {
  write(100, 100'000);
  const fs::path table = file(".sst");
  fs::resize_file(table, fs::file_size(table) / 2);
  expect_refused(table);
}

TEST_F(Damage, ATableChangedInTheMiddleIsNoticed) {
  write(100, 100'000);
  const fs::path table = file(".sst");
  std::fstream out(table, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(fs::file_size(table) / 2)).write("damage", 6);
  out.close();
  const auto store = open();
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(message(store.status())), HasSubstr(table.filename().string()));
}

TEST_F(Damage, AManifestCutShortIsNoticed) {
  write(100, 100'000);
  const fs::path manifest = file("MANIFEST");
  fs::resize_file(manifest, fs::file_size(manifest) / 2);
  expect_refused(directory_.path());
}

// The second life's log alone has the last revision: what the first one left is in tables.
TEST_F(Damage, AManifestThatNamesNoTablesIsNoticedThoughTheLogIsWhole) {
  write(5, 1000);
  write(5, 1000);
  const fs::path manifest = file("MANIFEST");
  const std::string whole = *read_file(manifest);
  fs::resize_file(manifest, whole.size() / 2);
  expect_refused(manifest);
  ASSERT_TRUE(write_file_atomic(manifest, whole).ok());
  const auto store = open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->count("/o/"), 10);
}

TEST_F(Damage, AnEmptyOrMissingCurrentIsNotANewStore) {
  write(3, 10);
  const fs::path current = directory_.path() / "CURRENT";
  const std::string content = *read_file(current);
  fs::resize_file(current, 0);
  expect_refused(current);
  fs::remove(current);
  expect_refused(current);
  ASSERT_TRUE(write_file_atomic(current, content).ok());
  EXPECT_TRUE(open().ok());
}

// Every file, cut at several places or gone: never a store that opens and has lost something.
TEST_F(Damage, NoCutOfAnyFileLosesObjectsWithoutAnError) {
  write(60, 100'000);
  const Snapshot whole = *(*open())->list({.prefix = "/o/"});
  int refused = 0;
  for (const auto& [name, size] : files()) {
    for (const uintmax_t kept : {uintmax_t{0}, size / 3, size - std::min<uintmax_t>(size, 1)}) {
      const TemporaryDirectory copy;
      fs::copy(directory_.path(), copy.path(), fs::copy_options::recursive);
      fs::resize_file(copy.path() / name, kept);
      const auto store = open_rocks_store(loop_.executor, {.directory = copy.path().string()});
      if (!store.ok()) {
        EXPECT_EQ(store.status().code(), StatusCode::kDataLoss) << name << store.status();
        ++refused;
        continue;
      }
      EXPECT_EQ(keys(*(*store)->list({.prefix = "/o/"})), keys(whole))
          << name << " cut to " << kept;
      EXPECT_EQ((*store)->revision(), whole.revision) << name << " cut to " << kept;
    }
  }
  EXPECT_GE(refused, 6) << "tables, manifest, current";
}

// A limit on the size of files stands for a disk that fails: RocksDB cannot tell them apart.
TEST_F(Damage, AFailedWriteEndsWritingUntilARestart) {
  auto store = open();
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE(loop_.run((*store)->create("/o/1", object("kept"))).ok());
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{fs::file_size(file(".log")) + 1000, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto failed = loop_.run((*store)->create("/o/2", object(std::string(10000, 'x'))));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_EQ(failed.status().code(), StatusCode::kUnavailable) << failed.status();
  EXPECT_EQ(loop_.run((*store)->create("/o/3", object("x"))).status().code(),
            StatusCode::kUnavailable);
  EXPECT_TRUE((*store)->get("/o/1").ok());
  EXPECT_FALSE((*store)->get("/o/2").ok());
  store->reset();
  store = open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->get("/o/1").ok());
  EXPECT_TRUE(loop_.run((*store)->create("/o/4", object("x"))).ok());
}

TEST_F(Damage, AMarkThatSaysNothingIsNoDamage) {
  write(3, 10);
  fs::resize_file(directory_.path() / "ACKNOWLEDGED", 5);
  EXPECT_TRUE(open().ok());
}

TEST_F(Damage, ASecondProcessIsRefused) {
  const auto first = open();
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = open();
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(message(second.status())), HasSubstr("in use by another process"));
}

TEST_F(Damage, NothingIsLostByClosingAndOpening) {
  write(10, 10);
  auto store = open();
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE(
      loop_.run((*store)->remove((*store)->list({.prefix = "/o/"})->records[0]->key, 0)).ok());
  const int64_t revision = (*store)->revision();
  store->reset();
  store = open();
  EXPECT_EQ((*store)->revision(), revision)
      << "a deletion's revision is kept though no record has it";
  EXPECT_EQ((*store)->count("/o/"), 9);
  EXPECT_FALSE((*store)->watch("/o/", revision - 1).ok());
  EXPECT_TRUE((*store)->watch("/o/", revision).ok());
}

}  // namespace
}  // namespace skiff::store
