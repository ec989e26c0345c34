// SPDX-License-Identifier: Apache-2.0
#include "agent/kube_proxy/kept_translation.h"

#include "base/command.h"

namespace skiff::kube_proxy {
namespace {

constexpr const char* kTable = "skiff-established";

// Only first packets of connections come to a nat chain, so it costs next to nothing.
std::string table_of(const char* family) {
  return fmt::format(
      "add table {0} {1} {{ comment \"what was translated before skiff-agent came stays so\"; }}\n"
      "add chain {0} {1} nat {{ type nat hook postrouting priority 100; policy accept; }}\n"
      "flush chain {0} {1} nat\n"
      "add rule {0} {1} nat ct state new accept\n",
      family, kTable);
}

}  // namespace

Result<std::string> list_nft_tables() {
  auto tables = run_command({"nft", "list", "tables"});
  if (tables.status().code() == StatusCode::kNotFound) return std::string();
  RETURN_IF_ERROR(tables, "nft list tables");
  return tables;
}

bool has_nft_table(const std::string& tables, const char* family, const char* name) {
  return tables.find(fmt::format("table {} {}\n", family, name)) != std::string::npos;
}

Status keep_translation(const char* family) {
  const auto added = run_command({"nft", "-f", "-"}, table_of(family));
  if (added.status().code() == StatusCode::kNotFound) return absl::OkStatus();
  return annotate(added.status(), fmt::format("nft: add table {} {}", family, kTable));
}

Status remove_kept_translation() {
  ASSIGN_OR_RETURN(const std::string tables, list_nft_tables());
  for (const char* family : kNftFamilies)
    if (has_nft_table(tables, family, kTable))
      RETURN_IF_ERROR(run_command({"nft", "delete", "table", family, kTable}), "nft delete table");
  return absl::OkStatus();
}

}  // namespace skiff::kube_proxy
