// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace skiff::kube_proxy {
namespace {

struct Rule {
  std::string chain;
  std::string target;  // of -j or -g
  std::string text;    // what follows the chain
};

struct Table {
  std::string name;
  std::map<std::string, std::string> chains;  // name → policy, `-` for user-defined ones
  std::vector<Rule> rules;

  bool is_builtin(const std::string& chain) const {
    const auto it = chains.find(chain);
    return it != chains.end() && it->second != "-";
  }
};

std::string_view next_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// A comment may hold anything in its quotes: the target is the word after the last -j or -g.
std::string target_of(std::string_view rule) {
  for (const std::string_view option : {" -j ", " -g "})
    if (const size_t at = rule.rfind(option); at != std::string_view::npos) {
      std::string_view rest = rule.substr(at + option.size());
      return std::string(next_word(rest));
    }
  return "";
}

std::vector<Table> parse(std::string_view saved) {
  std::vector<Table> tables;
  while (!saved.empty()) {
    std::string_view line = next_line(saved);
    if (line.starts_with('*')) {
      tables.push_back({.name = std::string(line.substr(1)), .chains = {}, .rules = {}});
    } else if (tables.empty()) {
      continue;
    } else if (line.starts_with(':')) {
      line.remove_prefix(1);
      const std::string name(next_word(line));
      tables.back().chains[name] = std::string(next_word(line));
    } else if (line.starts_with("-A ")) {
      line.remove_prefix(3);
      const std::string chain(next_word(line));
      tables.back().rules.push_back({chain, target_of(line), std::string(line)});
    }
  }
  return tables;
}

bool forwards_nothing(const std::vector<Table>& tables) {
  return std::any_of(tables.begin(), tables.end(), [](const Table& table) {
    const auto forward = table.chains.find("FORWARD");
    return table.name == "filter" && forward != table.chains.end() && forward->second == "DROP";
  });
}

// kube-proxy's chains that must stay: what `first` names, what others refer to, and what those
// need.
std::set<std::string> kept_chains(const Table& table, std::set<std::string> kept) {
  for (const Rule& rule : table.rules)
    if (!is_kube_proxy_chain(rule.chain) && !table.is_builtin(rule.chain) &&
        is_kube_proxy_chain(rule.target))
      kept.insert(rule.target);
  for (size_t before = 0; before != kept.size();) {
    before = kept.size();
    for (const Rule& rule : table.rules)
      if (kept.contains(rule.chain) && is_kube_proxy_chain(rule.target)) kept.insert(rule.target);
  }
  return kept;
}

int clean_table(const Table& table, const std::set<std::string>& kept, std::string& script) {
  std::vector<std::string> removed;
  for (const auto& [chain, policy] : table.chains)
    if (is_kube_proxy_chain(chain) && !kept.contains(chain)) removed.push_back(chain);
  if (removed.empty()) return 0;
  script += "*" + table.name + "\n";
  for (const std::string& chain : removed) script += ":" + chain + " - [0:0]\n";  // empties it
  for (const Rule& rule : table.rules)
    if (table.is_builtin(rule.chain) && is_kube_proxy_chain(rule.target) &&
        !kept.contains(rule.target))
      script += "-D " + rule.chain + rule.text + "\n";
  for (const std::string& chain : removed) script += "-X " + chain + "\n";
  script += "COMMIT\n";
  return static_cast<int>(removed.size());
}

}  // namespace

bool is_kube_proxy_chain(std::string_view chain) {
  static const std::set<std::string_view> kNames = {
      "KUBE-SERVICES",  "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS",      "KUBE-POSTROUTING",
      "KUBE-MARK-MASQ", "KUBE-FORWARD",           "KUBE-PROXY-FIREWALL", "KUBE-PROXY-CANARY"};
  if (kNames.contains(chain)) return true;
  for (const std::string_view prefix :
       {"KUBE-SVC-", "KUBE-SVL-", "KUBE-SEP-", "KUBE-EXT-", "KUBE-XLB-", "KUBE-FW-"})
    if (chain.starts_with(prefix)) return true;
  return false;
}

std::optional<Cleanup> plan_cleanup(std::string_view saved) {
  const std::vector<Table> tables = parse(saved);
  // The kubelet makes KUBE-POSTROUTING and KUBE-MARK-MASQ too, and makes them again.
  const bool any = std::any_of(tables.begin(), tables.end(), [](const Table& table) {
    return table.chains.contains("KUBE-SERVICES") || table.chains.contains("KUBE-PROXY-CANARY");
  });
  if (!any) return std::nullopt;
  Cleanup cleanup;
  // Where FORWARD drops by default, KUBE-FORWARD is what lets established connections through.
  cleanup.keeps_forward = forwards_nothing(tables);
  for (const Table& table : tables) {
    std::set<std::string> first;
    if (cleanup.keeps_forward && table.name == "filter") first.insert("KUBE-FORWARD");
    cleanup.chains += clean_table(table, kept_chains(table, std::move(first)), cleanup.script);
  }
  return cleanup;
}

}  // namespace skiff::kube_proxy
