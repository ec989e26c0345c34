// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/programs.h"

namespace skiff::datapath {

std::vector<CgroupHook> Datapath::Programs::socket_hooks() const {
  const auto& progs = socket->progs;
  const auto fd = [](const bpf_program* program) { return ::bpf_program__fd(program); };
  return {
      {"cgroup-getpeername4", fd(progs.skiff_getpeername4), BPF_CGROUP_INET4_GETPEERNAME},
      {"cgroup-getpeername6", fd(progs.skiff_getpeername6), BPF_CGROUP_INET6_GETPEERNAME},
      {"cgroup-recvmsg4", fd(progs.skiff_recvmsg4), BPF_CGROUP_UDP4_RECVMSG},
      {"cgroup-recvmsg6", fd(progs.skiff_recvmsg6), BPF_CGROUP_UDP6_RECVMSG},
      {"cgroup-post_bind4", fd(progs.skiff_post_bind4), BPF_CGROUP_INET4_POST_BIND},
      {"cgroup-post_bind6", fd(progs.skiff_post_bind6), BPF_CGROUP_INET6_POST_BIND},
      // Those that translate last: what they translate can be shown untranslated by now.
      {"cgroup-sendmsg4", fd(progs.skiff_sendmsg4), BPF_CGROUP_UDP4_SENDMSG},
      {"cgroup-sendmsg6", fd(progs.skiff_sendmsg6), BPF_CGROUP_UDP6_SENDMSG},
      {"cgroup-connect4", fd(progs.skiff_connect4), BPF_CGROUP_INET4_CONNECT},
      {"cgroup-connect6", fd(progs.skiff_connect6), BPF_CGROUP_INET6_CONNECT},
  };
}

int Datapath::Programs::for_link(std::string_view name) const {
  const bool ingress = name.ends_with("-ingress");
  if (name.starts_with("pod-")) return ingress ? from_pod() : to_pod();
  if (name.starts_with("device-")) return ingress ? from_device() : to_device();
  if (name.starts_with("overlay-")) return ingress ? from_overlay() : to_overlay();
  if (name.starts_with("xdp-")) return express();
  for (const CgroupHook& hook : socket_hooks()) {
    if (name == hook.link) return hook.program_fd;
  }
  return -1;
}

}  // namespace skiff::datapath
