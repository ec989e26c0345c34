// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/path.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/netfilter.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "agent/datapath/abi.h"
#include "agent/datapath/loader.h"
#include "agent/datapath/trace.h"
#include "base/unique_fd.h"
#include "path.skel.h"

namespace skiff::datapath {
namespace {

// Numbers of the kernel's ABI (6.4, commit 84601d6ee68a) that the 6.1 headers do not name.
constexpr uint32_t kAttachNetfilter = 45;
struct NetfilterLinkAttributes {
  uint32_t program_fd;
  uint32_t target_fd;
  uint32_t attach_type;
  uint32_t flags;
  uint32_t family;
  uint32_t hook;
  int32_t priority;
  uint32_t netfilter_flags;
};

constexpr uint32_t kRooms = 8;  // a processor: PATH_ROOMS of bpf/path.bpf.c
constexpr int kPriorities = 8;  // tried, from the outermost, where others are there already

Result<UniqueFd> link_netfilter(int program, uint32_t family, uint32_t hook, bool first) {
  constexpr int64_t kOutermost = std::numeric_limits<int32_t>::max();
  for (int i = 1; i <= kPriorities; ++i) {
    // The two ends of the range are the kernel's own.
    const int64_t distance = kOutermost - i;
    const NetfilterLinkAttributes attributes = {
        .program_fd = static_cast<uint32_t>(program),
        .target_fd = 0,
        .attach_type = kAttachNetfilter,
        .flags = 0,
        .family = family,
        .hook = hook,
        .priority = static_cast<int32_t>(first ? -distance : distance),
        .netfilter_flags = 0};
    const long fd = ::syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EBUSY) break;
  }
  return errno_status(errno, "attach to netfilter");
}

// Makes the rooms that programs put their events together in; of others' maps it takes the pins.
bool is_own_map(bpf_map* map, std::string_view name) {
  if (name == "tap_scratch" || name == "path_rooms") {
    ::bpf_map__set_type(map, BPF_MAP_TYPE_ARRAY);
    ::bpf_map__set_max_entries(map, kRooms * static_cast<uint32_t>(::libbpf_num_possible_cpus()));
    return true;
  }
  return name == "tracked";
}

}  // namespace

struct PathPoints::State {
  Skeleton<skiff_path_skeleton> skeleton;
  std::vector<std::unique_ptr<bpf_link, int (*)(bpf_link*)>> tracepoints;
  std::vector<UniqueFd> netfilter;
  PathCoverage coverage;

  Status attach_tracepoints() {
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj) {
      const std::string_view section = ::bpf_program__section_name(program);
      if (!section.starts_with("tp_btf/") || !::bpf_program__autoload(program)) continue;
      bpf_link* link = ::bpf_program__attach(program);
      if (link == nullptr) return errno_status(errno, fmt::format("attach to {}", section));
      tracepoints.emplace_back(link, ::bpf_link__destroy);
    }
    coverage.tracepoints = tracepoints.size();
    return {};
  }

  // Both ends of all hooks of both families, in the namespace of the calling thread.
  Status attach_netfilter() {
    const int first = ::bpf_program__fd(skeleton->progs.skiff_path_netfilter_first);
    const int last = ::bpf_program__fd(skeleton->progs.skiff_path_netfilter_last);
    for (const uint32_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
      for (uint32_t hook = 0; hook < SKIFF_NETFILTER_HOOKS; ++hook) {
        for (const bool outer : {true, false}) {
          auto link = link_netfilter(outer ? first : last, family, hook, outer);
          if (!link.ok() && family == NFPROTO_IPV6) return {};  // the kernel may lack the family
          RETURN_IF_ERROR(link.status());
          netfilter.push_back(*std::move(link));
        }
      }
    }
    return {};
  }
};

PathPoints::PathPoints(std::unique_ptr<State> state) : state_(std::move(state)) {}
PathPoints::~PathPoints() = default;

const PathCoverage& PathPoints::coverage() const {
  return state_->coverage;
}

Result<std::unique_ptr<PathPoints>> PathPoints::attach(const std::string& pin_dir,
                                                       std::span<const Enter> pods) {
  const LogCapture log;
  auto state = std::make_unique<State>();
  state->skeleton.reset(skiff_path_skeleton::open(nullptr));
  if (!state->skeleton) return errno_status(errno, "open object path");
  ASSIGN_OR_RETURN(state->skeleton->rodata->config.node_netns_cookie, netns_cookie());
  state->skeleton->rodata->config.trace = 1;
  for (std::string& name : leave_out_unknown(state->skeleton->obj)) {
    if (name == "netfilter")
      state->coverage.netfilter_problem = "netfilter needs kernel 6.4";
    else
      state->coverage.missing.push_back(std::move(name));
  }
  RETURN_IF_ERROR(share_maps(state->skeleton->obj, pin_dir, is_own_map), "points of the kernel");
  if (const int failed = skiff_path_skeleton::load(state->skeleton.get()); failed != 0)
    return annotate(errno_status(-failed, log.tail()), "load object path");
  RETURN_IF_ERROR(state->attach_tracepoints());
  if (!state->coverage.netfilter_problem.empty())
    return std::unique_ptr<PathPoints>(new PathPoints(std::move(state)));
  const auto attach = [&state] { return state->attach_netfilter(); };
  const auto note = [&state](const Status& done) {
    if (done.ok())
      ++state->coverage.netfilter_namespaces;
    else
      state->coverage.netfilter_problem = message(done);
  };
  note(attach());
  for (const Enter& enter : pods) note(enter(attach));
  return std::unique_ptr<PathPoints>(new PathPoints(std::move(state)));
}

std::vector<uint32_t> loaded_programs(const std::string& prefix) {
  std::vector<uint32_t> found;
  for (uint32_t id = 0; ::bpf_prog_get_next_id(id, &id) == 0;) {
    const UniqueFd program(::bpf_prog_get_fd_by_id(id));
    bpf_prog_info info = {};
    uint32_t length = sizeof(info);
    if (program && ::bpf_obj_get_info_by_fd(program.get(), &info, &length) == 0 &&
        std::string_view(info.name).starts_with(prefix))
      found.push_back(id);
  }
  return found;
}

}  // namespace skiff::datapath
