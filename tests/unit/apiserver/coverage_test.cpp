// SPDX-License-Identifier: Apache-2.0
// What is served against Kubernetes 1.34's own list (tests/data/kubernetes-1.34-resources.tsv).
// What is still missing stands in tests/data/missing-resources.txt, which may only shrink.
#include <algorithm>
#include <set>

#include "api/text.h"
#include "base/file.h"
#include "tests/unit/apiserver/api_fixture.h"

namespace skiff::apiserver {
namespace {

std::vector<std::string> lines_of(const std::string& name) {
  const auto text = read_file(std::filesystem::path(SKIFF_TEST_DATA) / name);
  EXPECT_TRUE(text.ok()) << message(text.status());
  std::vector<std::string> lines;
  for (const std::string_view line : api::split(*text, '\n'))
    if (!line.empty() && !line.starts_with('#')) lines.emplace_back(line);
  return lines;
}

std::string sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return fmt::format("{}", fmt::join(words, ","));
}

// `scale:autoscaling/v1.Scale:get,patch,update`, as the facts write it.
std::string text_of(const Resource& resource, const Subresource& part) {
  const std::string& kind = part.kind.empty() ? resource.kind->kind : part.kind;
  const bool own = part.kind.empty() || part.group == resource.kind->group;
  return fmt::format("{}:{}{}:{}", part.name,
                     own ? "" : fmt::format("{}/{}.", part.group, part.version), kind,
                     sorted(part.verbs));
}

std::set<std::string> problems_of(const Registry& registry, const std::string& line) {
  std::vector<std::string> cells;
  for (const std::string_view cell : api::split(line, '\t')) cells.emplace_back(cell);
  cells.resize(9);
  const std::string name = fmt::format("{}/{}/{}", cells[0], cells[1], cells[3]);
  const auto resource = registry.find(cells[0], cells[1], cells[3]);
  if (resource == nullptr) return {name};
  std::set<std::string> problems;
  const auto expect = [&](std::string_view what, const std::string& ours,
                          const std::string& theirs) {
    if (ours != theirs) problems.insert(fmt::format("{} {}: {}, not {}", name, what, ours, theirs));
  };
  expect("kind", resource->kind->kind, cells[2]);
  expect("namespaced", resource->kind->namespaced ? "true" : "false", cells[4]);
  expect("verbs", sorted(resource->verbs), cells[5]);
  expect("short names", sorted(resource->kind->shortNames), cells[7]);
  expect("categories", sorted(resource->kind->categories), cells[8]);
  std::set<std::string> ours, theirs;
  for (const Subresource& part : resource->subresources) ours.insert(text_of(*resource, part));
  for (const std::string_view part : api::split(cells[6], ';'))
    if (!part.empty()) theirs.emplace(part);
  for (const std::string& part : theirs)
    if (!ours.contains(part)) problems.insert(name + " lacks " + part);
  for (const std::string& part : ours)
    if (!theirs.contains(part)) problems.insert(name + " has " + part);
  return problems;
}

TEST_F(ApiTest, WhatIsServedIsKubernetesOwn) {
  std::set<std::string> problems, allowed;
  for (const std::string& line : lines_of("kubernetes-1.34-resources.tsv"))
    if (!line.starts_with("group\t")) problems.merge(problems_of(backend_->registry, line));
  for (std::string& line : lines_of("missing-resources.txt")) allowed.insert(std::move(line));
  for (const std::string& problem : problems) EXPECT_TRUE(allowed.contains(problem)) << problem;
  for (const std::string& entry : allowed)
    EXPECT_TRUE(problems.contains(entry))
        << "no longer missing, take it from tests/data/missing-resources.txt: " << entry;
}

}  // namespace
}  // namespace skiff::apiserver
