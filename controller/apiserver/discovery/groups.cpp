// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <tuple>

#include "controller/apiserver/discovery/documents.h"

namespace skiff::discovery {
namespace {

// kubectl takes the first group that knows a name: `events` is the one of core, `deployments` the
// one of apps.
constexpr std::string_view kOrder[] = {"",
                                       "apiregistration.k8s.io",
                                       "apps",
                                       "events.k8s.io",
                                       "authentication.k8s.io",
                                       "authorization.k8s.io",
                                       "autoscaling",
                                       "batch",
                                       "certificates.k8s.io",
                                       "networking.k8s.io",
                                       "policy",
                                       "rbac.authorization.k8s.io",
                                       "storage.k8s.io",
                                       "admissionregistration.k8s.io",
                                       "apiextensions.k8s.io",
                                       "scheduling.k8s.io",
                                       "coordination.k8s.io",
                                       "node.k8s.io",
                                       "discovery.k8s.io",
                                       "resource.k8s.io",
                                       "flowcontrol.apiserver.k8s.io"};

auto group_rank(std::string_view group) {
  return std::find(std::begin(kOrder), std::end(kOrder), group) - std::begin(kOrder);
}

// A version as it sorts: stability (2 stable, 1 beta, 0 alpha, -1 not of this form), number, number
// of the beta or alpha.
struct Rank {
  int stability = -1;
  int major = 0;
  int minor = 0;
};

bool take_number(std::string_view& text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

Rank rank(std::string_view version) {
  Rank rank;
  if (!version.starts_with('v')) return rank;
  version.remove_prefix(1);
  if (!take_number(version, rank.major)) return {};
  if (version.empty()) {
    rank.stability = 2;
    return rank;
  }
  for (const auto& [word, stability] : {std::pair{"beta", 1}, std::pair{"alpha", 0}}) {
    if (!version.starts_with(word)) continue;
    version.remove_prefix(std::string_view(word).size());
    if (!take_number(version, rank.minor) || !version.empty()) return {};
    rank.stability = stability;
    return rank;
  }
  return {};
}

}  // namespace

bool version_before(std::string_view a, std::string_view b) {
  const Rank x = rank(a), y = rank(b);
  if (x.stability < 0 && y.stability < 0) return a < b;
  return std::tie(x.stability, x.major, x.minor) > std::tie(y.stability, y.major, y.minor);
}

std::vector<Group> groups(const apiserver::Registry& registry) {
  std::vector<Group> groups;  // the registry is in order of group, version, plural
  for (const auto& [key, resource] : registry.all()) {
    const auto& [group, version, plural] = key;
    if (groups.empty() || groups.back().name != group) groups.push_back({.name = group});
    auto& versions = groups.back().versions;
    if (versions.empty() || versions.back().name != version) versions.push_back({.name = version});
    versions.back().resources.push_back(resource);
  }
  for (Group& group : groups)
    std::sort(group.versions.begin(), group.versions.end(),
              [](const Version& a, const Version& b) { return version_before(a.name, b.name); });
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return std::pair(group_rank(a.name), std::string_view(a.name)) <
           std::pair(group_rank(b.name), std::string_view(b.name));
  });
  return groups;
}

}  // namespace skiff::discovery
