// SPDX-License-Identifier: Apache-2.0
// A store process is killed in the middle of its work: everything it acknowledged is there when the
// store is opened again.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <map>
#include <sstream>

#include "base/unique_fd.h"
#include "tests/unit/store/loop.h"

namespace skiff::store {
namespace {

struct Said {
  int64_t acknowledged = 0;  // revision; 0: nothing
  bool present = false;
  bool pending = false;  // another write was on its way
};

// Runs the writer until it has said `lines` lines, kills it, and returns all it said.
std::map<std::string, Said> run_and_kill(const std::filesystem::path& store, size_t lines) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "store_crash_writer";
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(program.c_str(), program.c_str(), store.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  const UniqueFd output(ends[0]);
  std::string text;
  char buffer[4096];
  bool killed = false;
  for (ssize_t got; (got = ::read(output.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
    if (!killed && std::count(text.begin(), text.end(), '\n') >= static_cast<ptrdiff_t>(lines)) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << status;

  std::map<std::string, Said> said;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line) && !in.eof();) {
    std::istringstream words(line);
    std::string sign, key;
    words >> sign >> key;
    Said& about = said[key];
    about.pending = sign == "?";
    if (sign == "?") continue;
    words >> about.acknowledged;
    about.present = sign == "+";
  }
  return said;
}

void expect_kept(const Store& store, const std::map<std::string, Said>& said) {
  int64_t latest = 0;
  for (const auto& [key, about] : said) {
    latest = std::max(latest, about.acknowledged);
    const auto record = store.get(key);
    if (record.ok()) {
      EXPECT_TRUE(about.present || about.pending) << key << " was removed and is back";
      EXPECT_TRUE((*record)->mod_revision == about.acknowledged ||
                  (about.pending && (*record)->mod_revision > about.acknowledged))
          << key;
      EXPECT_EQ(*(*record)->value, with_revision(*(*record)->value, (*record)->mod_revision));
    } else {
      EXPECT_TRUE(!about.present || about.pending) << key << " was acknowledged and is lost";
    }
  }
  EXPECT_GE(store.revision(), latest);
}

TEST(Crash, WhatWasAcknowledgedIsThereAfterKill9) {
  const TemporaryDirectory directory;
  std::map<std::string, Said> all;
  for (const size_t lines : {1, 300, 4000, 20000}) {
    for (auto& [key, about] : run_and_kill(directory.path(), lines)) {
      all.insert_or_assign(key, about);
    }
    Loop loop;
    auto store = open_rocks_store(loop.executor, {.directory = directory.path().string()});
    ASSERT_TRUE(store.ok()) << store.status();
    expect_kept(**store, all);
    // What was on its way is decided now, once.
    for (auto& [key, about] : all) {
      const auto record = (*store)->get(key);
      about = {.acknowledged = record.ok() ? (*record)->mod_revision : 0, .present = record.ok()};
    }
  }
}

}  // namespace
}  // namespace skiff::store
