// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/probe.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <array>
#include <vector>

#include "agent/datapath/programs.h"
#include "bpf/abi/overlay.h"

namespace skiff::datapath {
namespace {

// What programs write: a probe gets its own. All else it shares with the programs at the hooks.
constexpr std::array<std::string_view, 22> kWritten = {
    "flows",        "new_flows",        "aliases",       "new_aliases",      "affinity",
    "fragments",    "reasons",          "scratch",       "seen_flows",       "trace_events",
    "tap_events",   "trace_losses",     "taps",          "tap_scratch",      "own_drops",
    "policy_flows", "new_policy_flows", "trace_control", "service_counters", "bandwidth",
    "tap_filters",  "way_scratch"};
constexpr uint32_t kOwnEntries = 64;

bool is_own(bpf_map* map, std::string_view name) {
  if (std::ranges::find(kWritten, name) == kWritten.end()) return false;
  const bpf_map_type type = ::bpf_map__type(map);
  if (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH)
    ::bpf_map__set_max_entries(map, kOwnEntries);
  return true;
}

ProbeAnswer::Action action_of(uint32_t returned) {
  if (returned == TC_ACT_SHOT) return ProbeAnswer::Action::kDropped;
  if (returned == TC_ACT_REDIRECT) return ProbeAnswer::Action::kRedirected;
  return ProbeAnswer::Action::kPassed;
}

struct Reads {
  int program = -1;
  int reasons = -1;
};

template <class Skeleton, class Choose>
Result<Reads> load_copy(Skeleton& copy, const skiff_config& config, const std::string& pin_dir,
                        const Choose& choose) {
  const LogCapture log;
  using Type = std::remove_reference_t<decltype(*copy)>;
  copy.reset(Type::open(nullptr));
  if (!copy) return errno_status(errno, "open object");
  copy->rodata->config = config;
  copy->rodata->config.trace = 0;
  const bpf_program* chosen = choose(*copy);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, copy->obj)::bpf_program__set_autoload(program,
                                                                              program == chosen);
  RETURN_IF_ERROR(share_maps(copy->obj, pin_dir, is_own));
  if (const int failed = Type::load(copy.get()); failed != 0)
    return annotate(errno_status(-failed, log.tail()), "load");
  return Reads{.program = ::bpf_program__fd(chosen), .reasons = ::bpf_map__fd(copy->maps.reasons)};
}

// Packets counted for each reason, over all CPUs.
Result<std::vector<uint64_t>> read_counters(int map) {
  const int cpus = ::libbpf_num_possible_cpus();
  if (cpus < 0) return errno_status(-cpus, "count CPUs");
  std::vector<uint64_t> packets(SKIFF_REASON_COUNT);
  std::vector<skiff_reason_counter> slots(static_cast<size_t>(cpus));
  for (uint32_t reason = 0; reason < SKIFF_REASON_COUNT; ++reason) {
    if (::bpf_map_lookup_elem(map, &reason, slots.data()) < 0)
      return errno_status(errno, "read reasons");
    for (const skiff_reason_counter& slot : slots) packets[reason] += slot.packets;
  }
  return packets;
}

}  // namespace

struct PacketProbe::State {
  Skeleton<skiff_pod_skeleton> pod;
  Skeleton<skiff_host_skeleton> host;
  Reads reads;
};

PacketProbe::PacketProbe(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketProbe::~PacketProbe() = default;

ProbeSource Datapath::probe_source() const {
  return {.config = programs_->pod->rodata->config, .pin_dir = options_.pin_dir};
}

Result<std::unique_ptr<PacketProbe>> PacketProbe::open(const ProbeSource& source, ProbeAt at) {
  auto state = std::make_unique<State>();
  if (at == ProbeAt::kFromPod) {
    ASSIGN_OR_RETURN(state->reads,
                     load_copy(state->pod, source.config, source.pin_dir,
                               [](auto& copy) { return copy.progs.skiff_from_pod; }),
                     "probe");
  } else {
    ASSIGN_OR_RETURN(state->reads,
                     load_copy(state->host, source.config, source.pin_dir,
                               [](auto& copy) { return copy.progs.skiff_from_device; }),
                     "probe");
  }
  return std::unique_ptr<PacketProbe>(new PacketProbe(std::move(state)));
}

Result<ProbeAnswer> PacketProbe::run(std::string_view frame, uint32_t ifindex) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> before, read_counters(state_->reads.reasons));
  __sk_buff context = {};
  context.ifindex = ifindex;
  context.ingress_ifindex = ifindex;
  context.mark = SKIFF_PROBE_MARK;
  __sk_buff context_out = {};
  ProbeAnswer answer;
  answer.frame.resize(4096);
  DECLARE_LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(),
                      .data_out = answer.frame.data(),
                      .data_size_in = static_cast<uint32_t>(frame.size()),
                      .data_size_out = static_cast<uint32_t>(answer.frame.size()),
                      .ctx_in = &context, .ctx_out = &context_out, .ctx_size_in = sizeof(context),
                      .ctx_size_out = sizeof(context_out), .repeat = 1);
  if (::bpf_prog_test_run_opts(state_->reads.program, &options) < 0)
    return errno_status(errno, "run program");
  answer.frame.resize(options.data_size_out);
  answer.action = action_of(options.retval);
  answer.carried = context_out.mark == SKIFF_CARRIED_MARK;
  ASSIGN_OR_RETURN(const std::vector<uint64_t> after, read_counters(state_->reads.reasons));
  for (uint32_t reason = 0; reason < SKIFF_REASON_COUNT; ++reason) {
    if (after[reason] == before[reason]) continue;
    answer.reason = kReasons[reason].label;
    answer.reason_text = kReasons[reason].text;
  }
  return answer;
}

}  // namespace skiff::datapath
