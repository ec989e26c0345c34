// SPDX-License-Identifier: Apache-2.0
// Policies and pods by chance, few names each, so that they meet often.
#pragma once

#include <random>

#include "tests/unit/policy/policy_fixture.h"

namespace skiff::policy {

class RandomPolicies {
 public:
  explicit RandomPolicies(uint32_t seed) : random_(seed) {}

  size_t below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }
  bool one_in(size_t count) { return below(count) == 0; }
  template <class T>
  const T& any(const std::vector<T>& values) {
    return values[below(values.size())];
  }

  std::string labels() { return fmt::format("{{app: {}, tier: {}}}", any(kApps), any(kTiers)); }
  api::Labels pod_labels() { return {{"app", any(kApps)}, {"tier", any(kTiers)}}; }
  std::string selector() {
    if (one_in(4)) return "{}";
    if (one_in(3))
      return fmt::format("{{matchExpressions: [{{key: app, operator: NotIn, values: [{}]}}]}}",
                         any(kApps));
    if (one_in(2)) return fmt::format("{{matchLabels: {{tier: {}}}}}", any(kTiers));
    return fmt::format("{{matchLabels: {{app: {}}}}}", any(kApps));
  }

  // `blocks`: ranges that an ipBlock may be.
  std::string peer(const std::vector<std::string>& blocks) {
    if (one_in(3) && !blocks.empty()) {
      const std::string block = any(blocks);
      return one_in(3) ? fmt::format("{{ipBlock: {{cidr: {}, except: [{}]}}}}", block, any(blocks))
                       : fmt::format("{{ipBlock: {{cidr: {}}}}}", block);
    }
    if (one_in(3))
      return fmt::format("{{namespaceSelector: {{matchLabels: {{team: {}}}}}}}", any(kTeams));
    if (one_in(3)) return fmt::format("{{namespaceSelector: {{}}, podSelector: {}}}", selector());
    return fmt::format("{{podSelector: {}}}", selector());
  }
  std::string port() {
    switch (below(5)) {
      case 0:
        return "{port: http}";
      case 1:
        return fmt::format("{{protocol: UDP, port: {}}}", any(kPorts));
      case 2:
        return fmt::format("{{port: {}, endPort: {}}}", 8000 + below(90), 8090 + below(20));
      case 3:
        return "{protocol: UDP}";
      default:
        return fmt::format("{{port: {}}}", any(kPorts));
    }
  }
  std::string rule(const char* peers, const std::vector<std::string>& blocks) {
    std::string text;
    if (!one_in(5)) {
      text += fmt::format("{}: [{}", peers, peer(blocks));
      if (one_in(3)) text += ", " + peer(blocks);
      text += "]";
    }
    if (one_in(2)) return "{" + text + "}";
    text += fmt::format("{}ports: [{}", text.empty() ? "" : ", ", port());
    if (one_in(3)) text += ", " + port();
    return "{" + text + "]}";
  }
  std::string spec(const std::vector<std::string>& blocks) {
    const bool ingress = !one_in(3), egress = !ingress || one_in(2);
    std::string text = fmt::format("{{podSelector: {}", selector());
    if (ingress && !one_in(4)) text += fmt::format(", ingress: [{}]", rule("from", blocks));
    if (egress && !one_in(4))
      text += fmt::format(", egress: [{}, {}]", rule("to", blocks), rule("to", blocks));
    return text + fmt::format(", policyTypes: [{}{}{}]}}", ingress ? "Ingress" : "",
                              ingress && egress ? ", " : "", egress ? "Egress" : "");
  }

  const std::vector<std::string> kApps{"web", "db", "job"};
  const std::vector<std::string> kTiers{"front", "back"};
  const std::vector<std::string> kTeams{"a", "b"};
  const std::vector<int> kPorts{80, 443, 8080, 8081, 53};

 private:
  std::mt19937 random_;
};

}  // namespace skiff::policy
