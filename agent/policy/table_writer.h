// SPDX-License-Identifier: Apache-2.0
// Writes plans into the datapath's maps so that no packet ever sees half a policy: ports, then
// tables, then the pods that name them, then what nobody names any more goes, then the generation,
// by which open flows are asked again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "agent/datapath/maps.h"
#include "agent/policy/compile.h"

namespace skiff::policy {

class TableWriter {
 public:
  // `maps` must outlive the writer.
  explicit TableWriter(datapath::Maps& maps) : maps_(maps) {}

  // Takes over from an earlier agent: its rules stay in force until the first apply(). Once.
  Status restore();

  // Makes the maps equal to `plan`. Idempotent; after a failure they hold the old or the new state
  // of each pod, and the call may be repeated.
  Status apply(const Plan& plan);
  // Adds the pods of `plan` to what is there, removing nothing: for a pod that is about to start.
  Status add(const Plan& plan);

  size_t pods() const { return pods_.size(); }
  size_t tables() const { return tables_.size(); }
  size_t peers() const { return peers_; }

 private:
  struct Written {
    uint32_t id = 0;
    uint32_t others = 0;  // a port set's id, as those below
    std::map<IpAddress, uint32_t> peers;
    std::map<Cidr, uint32_t> ranges;
  };
  using PodPolicies = std::map<IpAddress, datapath::PodPolicy>;

  Status write_ports(const Plan& plan);
  Status write_tables(const Plan& plan);
  Status write_table(const Plan& plan, const Table& table, Written& written);
  Status write_pods(const Plan& plan);
  Status erase_pods(const Plan& plan);
  Status erase_from_tables(const Plan& plan);
  Status erase_ports(const Plan& plan);
  Status erase_foreign();
  Status publish();
  uint32_t set_id(const Plan& plan, uint32_t set) const;
  datapath::PodPolicy entry_of(const Plan& plan, const std::array<Side, 2>& sides) const;

  datapath::Maps& maps_;
  std::map<std::string, Written> tables_;  // by the plan's key
  std::map<Ports, uint32_t> sets_;
  PodPolicies pods_;
  uint32_t last_table_ = 0;
  uint32_t last_set_ = SKIFF_PORTS_FIRST - 1;
  uint32_t generation_ = 0;
  size_t peers_ = 0;
  bool foreign_ = true;   // the maps may hold an earlier agent's entries
  bool changed_ = false;  // since the generation was last written
};

}  // namespace skiff::policy
