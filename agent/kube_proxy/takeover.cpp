// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/takeover.h"

#include <spdlog/spdlog.h>

#include "agent/kube_proxy/kept_translation.h"
#include "agent/kube_proxy/rules.h"
#include "base/command.h"
#include "base/file.h"

namespace skiff::kube_proxy {
namespace {

using namespace std::chrono_literals;

constexpr auto kPoll = 500ms;
constexpr auto kLookAgain = 35s;  // kube-proxy writes its rules anew every 30 s

struct Tool {
  const char* name;
  const char* family;  // as nft calls it
  // Lists the family's legacy tables; asking iptables-legacy itself would make them.
  const char* tables_file;
};
constexpr Tool kTools[] = {{"iptables-nft", "ip", nullptr},
                           {"ip6tables-nft", "ip6", nullptr},
                           {"iptables-legacy", "ip", "/proc/net/ip_tables_names"},
                           {"ip6tables-legacy", "ip6", "/proc/net/ip6_tables_names"}};

Result<int> clean(const Tool& tool) {
  if (tool.tables_file != nullptr) {
    const auto tables = read_file(tool.tables_file);
    if (!tables.ok() || tables->empty()) return 0;
  }
  const auto saved = run_command({std::string(tool.name) + "-save"});
  if (saved.status().code() == StatusCode::kNotFound) return 0;  // the tool is not installed
  RETURN_IF_ERROR(saved, "{}-save", tool.name);
  const auto cleanup = plan_cleanup(*saved);
  if (!cleanup) return 0;
  if (cleanup->keeps_forward)
    spdlog::warn("take over: FORWARD drops by default: KUBE-FORWARD stays, see docs/FOREIGN.md");
  RETURN_IF_ERROR(keep_translation(tool.family));
  const auto restored =
      run_command({std::string(tool.name) + "-restore", "--noflush", "--wait=5"}, cleanup->script);
  RETURN_IF_ERROR(restored, "{}-restore", tool.name);
  return cleanup->chains;
}

// kube-proxy's nftables mode has a table of its own a family.
Result<int> clean_nftables() {
  ASSIGN_OR_RETURN(const std::string tables, list_nft_tables());
  int removed = 0;
  for (const char* family : kNftFamilies) {
    if (!has_nft_table(tables, family, "kube-proxy")) continue;
    RETURN_IF_ERROR(keep_translation(family));
    RETURN_IF_ERROR(run_command({"nft", "delete", "table", family, "kube-proxy"}),
                    "nft delete table");
    ++removed;
  }
  return removed;
}

}  // namespace

Result<int> remove_rules() {
  int removed = 0;
  for (const Tool& tool : kTools) {
    ASSIGN_OR_RETURN(const int chains, clean(tool));
    removed += chains;
  }
  ASSIGN_OR_RETURN(const int tables, clean_nftables());
  return removed + tables;
}

awaitable<void> take_over(asio::thread_pool& pool, std::function<bool()> ready) {
  while (!ready()) co_await sleep_for(kPoll);
  for (bool again = false;; again = true) {
    const Result<int> removed = co_await offload(pool, [] { return remove_rules(); });
    if (!removed.ok()) {
      spdlog::warn("take over from kube-proxy: {}, retrying", message(removed.status()));
    } else if (*removed == 0) {
      if (!again) spdlog::info("take over: no rules of kube-proxy's here");
      co_return;
    } else if (again) {
      spdlog::warn("take over: kube-proxy's rules came back, removed again: is one still running?");
    } else {
      spdlog::info("took over from kube-proxy: {} chains and tables removed", *removed);
    }
    co_await sleep_for(kLookAgain);
  }
}

}  // namespace skiff::kube_proxy
