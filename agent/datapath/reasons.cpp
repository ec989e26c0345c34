// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/reasons.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace skiff::datapath {

Result<std::vector<ReasonCount>> read_reasons(const std::string& pin_dir) {
  const UniqueFd map(::bpf_obj_get((pin_dir + "/maps/reasons").c_str()));
  if (!map) return errno_status(errno, fmt::format("open map {}/maps/reasons", pin_dir));
  const int cpus = ::libbpf_num_possible_cpus();
  if (cpus < 0) return errno_status(-cpus, "count CPUs");

  std::vector<ReasonCount> counts;
  std::vector<skiff_reason_counter> per_cpu(static_cast<size_t>(cpus));
  for (uint32_t reason = SKIFF_REASON_NONE + 1; reason < SKIFF_REASON_COUNT; ++reason) {
    if (::bpf_map_lookup_elem(map.get(), &reason, per_cpu.data()) < 0) {
      return errno_status(errno, "read reasons");
    }
    ReasonCount count = {.label = kReasons[reason].label, .text = kReasons[reason].text};
    for (const skiff_reason_counter& one : per_cpu) {
      count.packets += one.packets;
      count.bytes += one.bytes;
    }
    counts.push_back(std::move(count));
  }
  return counts;
}

}  // namespace skiff::datapath
