// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/link.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include <cerrno>

#include "agent/datapath/bpffs.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

namespace {

// Numbers of the kernel's ABI (6.6, commit e420bed02507) that the 6.1 headers do not name.
constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);
constexpr uint32_t kLinkTypeTcx = 11;

// Our place among the filters of a device.
constexpr uint32_t kFilterHandle = 0x5f1f;
constexpr uint32_t kFilterPriority = 1;

bpf_attach_type tcx_type(TcDirection direction) {
  return direction == TcDirection::kIngress ? kTcxIngress : kTcxEgress;
}

bpf_tc_attach_point clsact_point(TcDirection direction) {
  return direction == TcDirection::kIngress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

Result<bpf_link_info> link_info(int link_fd) {
  bpf_link_info info = {};
  uint32_t length = sizeof(info);
  if (::bpf_obj_get_info_by_fd(link_fd, &info, &length) < 0) {
    return errno_status(errno, "look at link");
  }
  return info;
}

// tcx has {ifindex, attach_type} where xdp has {ifindex}; both are 0 once the device is gone.
int tcx_ifindex(const bpf_link_info& info) {
  return info.type == kLinkTypeTcx ? static_cast<int>(info.xdp.ifindex) : 0;
}

Status create_pinned(const std::string& pin, int program_fd, int target, bpf_attach_type type,
                     uint32_t flags = 0) {
  DECLARE_LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
  UniqueFd link(::bpf_link_create(program_fd, target, type, &options));
  if (!link) return errno_status(errno, "create link");
  if (::bpf_obj_pin(link.get(), pin.c_str()) < 0) {
    return errno_status(errno, fmt::format("pin link at {}", pin));
  }
  return {};
}

}  // namespace

bool tcx_supported() {
  // Device 0 does not exist: a kernel with tcx says so before it looks at the program; one without
  // does not know the attach type.
  DECLARE_LIBBPF_OPTS(bpf_prog_load_opts, options);
  const bpf_insn pass[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  UniqueFd program(
      ::bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "skiff_probe", "GPL", pass, 2, &options));
  if (!program) return false;
  UniqueFd link(::bpf_link_create(program.get(), 0, kTcxIngress, nullptr));
  return link || errno == ENODEV;
}

Status attach_tcx(const std::string& pin, int program_fd, int ifindex, TcDirection direction) {
  if (const UniqueFd pinned(::bpf_obj_get(pin.c_str())); pinned) {
    ASSIGN_OR_RETURN(const bpf_link_info info, link_info(pinned.get()));
    if (tcx_ifindex(info) == ifindex) {
      if (::bpf_link_update(pinned.get(), program_fd, nullptr) < 0) {
        return errno_status(errno, fmt::format("replace program of {}", pin));
      }
      return {};
    }
    RETURN_IF_ERROR(remove_pin(pin));
  }
  return annotate(create_pinned(pin, program_fd, ifindex, tcx_type(direction)),
                  fmt::format("attach to device {}", ifindex));
}

Status attach_xdp(const std::string& pin, int program_fd, int ifindex) {
  if (const UniqueFd pinned(::bpf_obj_get(pin.c_str())); pinned) {
    ASSIGN_OR_RETURN(const bpf_link_info info, link_info(pinned.get()));
    if (static_cast<int>(info.xdp.ifindex) == ifindex)
      return update_pinned_link(pin, program_fd).status();
    RETURN_IF_ERROR(remove_pin(pin));
  }
  const Status made = create_pinned(pin, program_fd, ifindex, BPF_XDP, XDP_FLAGS_DRV_MODE);
  if (made.ok()) return made;
  return failed_precondition("device {} takes no native XDP program: {}", ifindex, message(made));
}

Status attach_cgroup(const std::string& pin, int program_fd, int cgroup_fd, uint32_t attach_type) {
  ASSIGN_OR_RETURN(const bool updated, update_pinned_link(pin, program_fd));
  if (updated) return {};
  return annotate(
      create_pinned(pin, program_fd, cgroup_fd, static_cast<bpf_attach_type>(attach_type)),
      "attach to cgroup");
}

Result<bool> update_pinned_link(const std::string& pin, int program_fd) {
  const UniqueFd pinned(::bpf_obj_get(pin.c_str()));
  if (!pinned) {
    if (errno == ENOENT) return false;
    return errno_status(errno, fmt::format("open link {}", pin));
  }
  if (::bpf_link_update(pinned.get(), program_fd, nullptr) == 0) return true;
  // ENOLINK: the device or the cgroup went away and left the link behind.
  if (errno != ENOLINK && errno != ENODEV) {
    return errno_status(errno, fmt::format("replace program of {}", pin));
  }
  RETURN_IF_ERROR(remove_pin(pin));
  return false;
}

Result<int> pinned_link_ifindex(const std::string& pin) {
  const UniqueFd pinned(::bpf_obj_get(pin.c_str()));
  if (!pinned) return errno_status(errno, fmt::format("open link {}", pin));
  ASSIGN_OR_RETURN(const bpf_link_info info, link_info(pinned.get()));
  return tcx_ifindex(info);
}

Status attach_clsact(int program_fd, int ifindex, TcDirection direction) {
  DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
                      .attach_point = clsact_point(direction));
  const int made = ::bpf_tc_hook_create(&hook);
  if (made < 0 && made != -EEXIST) {
    return errno_status(-made, fmt::format("make clsact on device {}", ifindex));
  }
  DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program_fd, .flags = BPF_TC_F_REPLACE,
                      .handle = kFilterHandle, .priority = kFilterPriority);
  const int attached = ::bpf_tc_attach(&hook, &options);
  if (attached < 0) {
    return errno_status(-attached, fmt::format("attach filter to device {}", ifindex));
  }
  return {};
}

bool has_clsact(int ifindex, TcDirection direction) {
  DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
                      .attach_point = clsact_point(direction));
  DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .handle = kFilterHandle, .priority = kFilterPriority);
  return ::bpf_tc_query(&hook, &options) == 0;
}

Status detach_clsact(int ifindex, TcDirection direction) {
  DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
                      .attach_point = clsact_point(direction));
  DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .handle = kFilterHandle, .priority = kFilterPriority);
  const int detached = ::bpf_tc_detach(&hook, &options);
  if (detached < 0 && detached != -ENOENT && detached != -ENODEV && detached != -EINVAL) {
    return errno_status(-detached, fmt::format("detach filter from device {}", ifindex));
  }
  return {};
}

}  // namespace skiff::datapath
