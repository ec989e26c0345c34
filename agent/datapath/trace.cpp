// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/trace.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "agent/datapath/abi.h"
#include "agent/datapath/kernel_map.h"
#include "agent/datapath/loader.h"
#include "agent/datapath/memory_map.h"
#include "trace.skel.h"

namespace skiff::datapath {

namespace {

constexpr int kNetnsCookieOption = 71;  // SO_NETNS_COOKIE

template <class Make>
Status each_table(TraceMaps& maps, const Make& make) {
  RETURN_IF_ERROR(make("taps", maps.taps));
  RETURN_IF_ERROR(make("tap_filters", maps.tap_filters));
  RETURN_IF_ERROR(make("trace_control", maps.control));
  RETURN_IF_ERROR(make("seen_flows", maps.seen_flows));
  RETURN_IF_ERROR(make("kernel_drops", maps.kernel_drops));
  return make("pod_namespaces", maps.pod_namespaces);
}

}  // namespace

Result<uint64_t> netns_cookie() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return errno_status(errno, "open a socket");
  uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  if (::getsockopt(socket.get(), SOL_SOCKET, kNetnsCookieOption, &cookie, &length) < 0) {
    return errno_status(errno, "read the cookie of the network namespace");
  }
  return cookie;
}

Result<TraceMaps> open_trace_maps(const std::string& pin_dir) {
  TraceMaps maps;
  RETURN_IF_ERROR(each_table(
      maps, [&]<class K, class V>(const char* name, std::unique_ptr<Map<K, V>>& table) -> Status {
        ASSIGN_OR_RETURN(table, (KernelMap<K, V>::open_pinned(pin_dir + "/maps/" + name)));
        return {};
      }));
  return maps;
}

TraceMaps memory_trace_maps() {
  TraceMaps maps;
  (void)each_table(maps, []<class K, class V>(const char*, std::unique_ptr<Map<K, V>>& table) {
    table = std::make_unique<MemoryMap<K, V>>();
    return Status();
  });
  return maps;
}

Result<TraceLosses> read_trace_losses(const std::string& pin_dir) {
  const UniqueFd map(::bpf_obj_get((pin_dir + "/maps/trace_losses").c_str()));
  if (!map) return errno_status(errno, fmt::format("open map {}/maps/trace_losses", pin_dir));
  const int cpus = ::libbpf_num_possible_cpus();
  if (cpus < 0) return errno_status(-cpus, "count CPUs");
  std::vector<skiff_trace_loss> per_cpu(static_cast<size_t>(cpus));
  TraceLosses losses;
  for (uint32_t index = 0; index < SKIFF_TRACE_CLASSES; ++index) {
    if (::bpf_map_lookup_elem(map.get(), &index, per_cpu.data()) < 0) {
      return errno_status(errno, "read trace losses");
    }
    TraceLosses::Class* const classes[] = {&losses.flow, &losses.drop, &losses.kernel, &losses.tap};
    for (const skiff_trace_loss& one : per_cpu) {
      classes[index]->ring_full += one.ring_full;
      classes[index]->limited += one.limited;
    }
  }
  return losses;
}

struct KernelDropProbe::State {
  Skeleton<skiff_trace_skeleton> skeleton;
  std::unique_ptr<bpf_link, int (*)(bpf_link*)> link{nullptr, ::bpf_link__destroy};
};

KernelDropProbe::KernelDropProbe(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelDropProbe::~KernelDropProbe() = default;

Result<std::unique_ptr<KernelDropProbe>> KernelDropProbe::attach(const DatapathOptions& options) {
  ASSIGN_OR_RETURN(const uint64_t cookie, netns_cookie());
  const std::map<uint32_t, std::string> reasons = kernel_drop_reasons();
  std::vector<std::string> recreated;
  auto state = std::make_unique<State>();
  ASSIGN_OR_RETURN(state->skeleton, load_skeleton<skiff_trace_skeleton>(
                                        "trace", options,
                                        [&](auto& s) {
                                          s.rodata->config.node_netns_cookie = cookie;
                                          s.rodata->config.trace = 1;
                                          for (const auto& [number, name] : reasons) {
                                            if (name == "QUEUE_PURGE")
                                              s.rodata->purge_reason = number;
                                            if (name == "NOT_SPECIFIED")
                                              s.rodata->unspecified_reason = number;
                                          }
                                        },
                                        recreated));
  state->link.reset(::bpf_program__attach(state->skeleton->progs.skiff_kfree_skb));
  if (!state->link) return errno_status(errno, "attach to kfree_skb");
  return std::unique_ptr<KernelDropProbe>(new KernelDropProbe(std::move(state)));
}

std::map<uint32_t, std::string> kernel_drop_reasons() {
  constexpr std::string_view kPrefix = "SKB_DROP_REASON_";
  std::map<uint32_t, std::string> names;
  const LogCapture quiet;
  const std::unique_ptr<btf, void (*)(btf*)> kernel(::btf__load_vmlinux_btf(), ::btf__free);
  if (!kernel) return names;
  const int id = ::btf__find_by_name_kind(kernel.get(), "skb_drop_reason", BTF_KIND_ENUM);
  if (id < 0) return names;
  const btf_type* type = ::btf__type_by_id(kernel.get(), static_cast<uint32_t>(id));
  const struct btf_enum* values = ::btf_enum(type);
  for (uint16_t i = 0; i < ::btf_vlen(type); ++i) {
    std::string_view name = ::btf__name_by_offset(kernel.get(), values[i].name_off);
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
    names.emplace(static_cast<uint32_t>(values[i].val), name);
  }
  return names;
}

}  // namespace skiff::datapath
