// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/probe.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <array>
#include <vector>

#include "agent/datapath/programs.h"
#include "base/unique_fd.h"

namespace skiff::datapath {
namespace {

// What programs write: a probe gets its own. All else it shares with the programs at the hooks.
constexpr std::array<std::string_view, 18> kWritten = {
    "flows",   "new_flows",   "aliases",    "new_aliases",  "affinity",         "fragments",
    "reasons", "scratch",     "seen_flows", "trace_events", "tap_events",       "trace_losses",
    "taps",    "tap_scratch", "own_drops",  "policy_flows", "new_policy_flows", "trace_control"};
constexpr uint32_t kOwnEntries = 64;

bool is_sized_by_us(const bpf_map* map) {
  const bpf_map_type type = ::bpf_map__type(map);
  return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

Status share_maps(bpf_object* object, const std::string& pin_dir) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (::bpf_map__is_internal(map)) continue;
    const std::string_view name = ::bpf_map__name(map);
    if (std::ranges::find(kWritten, name) != kWritten.end()) {
      if (is_sized_by_us(map)) ::bpf_map__set_max_entries(map, kOwnEntries);
      continue;
    }
    const std::string path = fmt::format("{}/maps/{}", pin_dir, name);
    const UniqueFd pinned(::bpf_obj_get(path.c_str()));
    if (!pinned) return errno_status(errno, fmt::format("open map {}", path));
    if (const int failed = ::bpf_map__reuse_fd(map, pinned.get()); failed != 0)
      return errno_status(-failed, fmt::format("share map {}", name));
  }
  return {};
}

struct ReasonName {
  const char* label;
  const char* text;
};
#define SKIFF_REASON_NAME(id, label, text) {label, text},
constexpr ReasonName kReasons[] = {SKIFF_REASONS(SKIFF_REASON_NAME)};
#undef SKIFF_REASON_NAME

ProbeAnswer::Action action_of(uint32_t returned) {
  if (returned == TC_ACT_SHOT) return ProbeAnswer::Action::kDropped;
  if (returned == TC_ACT_REDIRECT) return ProbeAnswer::Action::kRedirected;
  return ProbeAnswer::Action::kPassed;
}

}  // namespace

struct PacketProbe::State {
  Skeleton<skiff_pod_skeleton> pod;

  // Packets counted for each reason, over all CPUs.
  Result<std::vector<uint64_t>> reasons() const {
    const int cpus = ::libbpf_num_possible_cpus();
    if (cpus < 0) return errno_status(-cpus, "count CPUs");
    std::vector<uint64_t> packets(SKIFF_REASON_COUNT);
    std::vector<skiff_reason_counter> slots(static_cast<size_t>(cpus));
    for (uint32_t reason = 0; reason < SKIFF_REASON_COUNT; ++reason) {
      if (::bpf_map_lookup_elem(::bpf_map__fd(pod->maps.reasons), &reason, slots.data()) < 0)
        return errno_status(errno, "read reasons");
      for (const skiff_reason_counter& slot : slots) packets[reason] += slot.packets;
    }
    return packets;
  }
};

PacketProbe::PacketProbe(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketProbe::~PacketProbe() = default;

Result<std::unique_ptr<PacketProbe>> Datapath::open_probe() const {
  const LogCapture log;
  auto state = std::make_unique<PacketProbe::State>();
  state->pod.reset(skiff_pod_skeleton::open(nullptr));
  if (!state->pod) return errno_status(errno, "open object pod");
  state->pod->rodata->config = programs_->pod->rodata->config;
  state->pod->rodata->config.trace = 0;
  ::bpf_program__set_autoload(state->pod->progs.skiff_to_pod, false);
  RETURN_IF_ERROR(share_maps(state->pod->obj, options_.pin_dir), "probe");
  if (const int failed = skiff_pod_skeleton::load(state->pod.get()); failed != 0)
    return annotate(errno_status(-failed, log.tail()), "load probe");
  return std::unique_ptr<PacketProbe>(new PacketProbe(std::move(state)));
}

Result<ProbeAnswer> PacketProbe::run(std::string_view frame, uint32_t ifindex) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> before, state_->reasons());
  __sk_buff context = {};
  context.ifindex = ifindex;
  context.ingress_ifindex = ifindex;
  context.mark = SKIFF_PROBE_MARK;
  ProbeAnswer answer;
  answer.frame.resize(4096);
  DECLARE_LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(),
                      .data_out = answer.frame.data(),
                      .data_size_in = static_cast<uint32_t>(frame.size()),
                      .data_size_out = static_cast<uint32_t>(answer.frame.size()),
                      .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);
  const int program = ::bpf_program__fd(state_->pod->progs.skiff_from_pod);
  if (::bpf_prog_test_run_opts(program, &options) < 0) return errno_status(errno, "run program");
  answer.frame.resize(options.data_size_out);
  answer.action = action_of(options.retval);
  ASSIGN_OR_RETURN(const std::vector<uint64_t> after, state_->reasons());
  for (uint32_t reason = 0; reason < SKIFF_REASON_COUNT; ++reason) {
    if (after[reason] == before[reason]) continue;
    answer.reason = kReasons[reason].label;
    answer.reason_text = kReasons[reason].text;
  }
  return answer;
}

}  // namespace skiff::datapath
