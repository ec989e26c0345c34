// SPDX-License-Identifier: Apache-2.0
// Every fuzz target over its kept inputs and over mutations of them, the same ones in every run.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/file.h"
#include "tests/fuzz/target.h"

namespace skiff::fuzz {
namespace {

constexpr int kMutations = 3000;
constexpr size_t kMaxBytes = 16384;

std::vector<std::string> seeds_of(const Target& target) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(SKIFF_FUZZ_CORPUS) / target.name))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) seeds.push_back(*read_file(path));
  return seeds;
}

// One small change of `text`, or a piece of `other` put into it.
void mutate(std::string& text, const std::string& other, std::mt19937_64& random) {
  constexpr std::string_view kTokens[] = {"\"", "{", "[", "}", "\\", "\n", "-", "9", "%", "\xff"};
  const auto below = [&](size_t bound) { return bound == 0 ? 0 : random() % bound; };
  const size_t at = below(text.size());
  switch (random() % 6) {
    case 0:
      if (!text.empty()) text[at] = static_cast<char>(random());
      break;
    case 1:
      text.insert(at, kTokens[random() % std::size(kTokens)]);
      break;
    case 2:
      text.erase(at, 1 + below(8));
      break;
    case 3:
      text.insert(below(text.size()), text.substr(at, 1 + below(64)));
      break;
    case 4:
      text.insert(at, other.substr(below(other.size()), 1 + below(64)));
      break;
    case 5:
      if (!text.empty()) text[at] = static_cast<char>(text[at] ^ 1 << random() % 8);
      break;
  }
  if (text.size() > kMaxBytes) text.resize(kMaxBytes);
}

class FuzzTarget : public testing::TestWithParam<Target> {};

TEST_P(FuzzTarget, SurvivesKeptInputsAndMutationsOfThem) {
  const std::vector<std::string> seeds = seeds_of(GetParam());
  ASSERT_FALSE(seeds.empty());
  for (const std::string& seed : seeds) GetParam().run(seed);
  GetParam().run("");
  std::mt19937_64 random(7);
  for (int i = 0; i < kMutations; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (size_t changes = 1 + random() % 6; changes > 0; --changes)
      mutate(text, seeds[random() % seeds.size()], random);
    GetParam().run(text);
  }
}

INSTANTIATE_TEST_SUITE_P(All, FuzzTarget, testing::ValuesIn(targets()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace skiff::fuzz
