// SPDX-License-Identifier: Apache-2.0
// The loaded objects of bpf/ and which program belongs at which hook. Private to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "agent/datapath/abi.h"  // the skeletons name its structs
#include "agent/datapath/datapath.h"
#include "agent/datapath/loader.h"
#include "host.skel.h"
#include "overlay.skel.h"
#include "pod.skel.h"
#include "socket.skel.h"
#include "sweep.skel.h"
#include "xdp.skel.h"

namespace skiff::datapath {

struct CgroupHook {
  const char* link;  // name of the pinned link
  int program_fd;
  uint32_t attach_type;
};

struct Datapath::Programs {
  Skeleton<skiff_socket_skeleton> socket;
  Skeleton<skiff_pod_skeleton> pod;
  Skeleton<skiff_host_skeleton> host;
  Skeleton<skiff_overlay_skeleton> overlay;
  Skeleton<skiff_sweep_skeleton> sweep;
  Skeleton<skiff_xdp_skeleton> xdp;  // null where nobody asked for it

  int from_pod() const { return ::bpf_program__fd(pod->progs.skiff_from_pod); }
  int to_pod() const { return ::bpf_program__fd(pod->progs.skiff_to_pod); }
  int from_device() const { return ::bpf_program__fd(host->progs.skiff_from_device); }
  int to_device() const { return ::bpf_program__fd(host->progs.skiff_to_device); }
  int from_overlay() const { return ::bpf_program__fd(overlay->progs.skiff_from_overlay); }
  int to_overlay() const { return ::bpf_program__fd(overlay->progs.skiff_to_overlay); }
  int express() const { return xdp ? ::bpf_program__fd(xdp->progs.skiff_xdp_device) : -1; }
  std::vector<CgroupHook> socket_hooks() const;
  // Which program a pinned link of this name holds; -1 for names that are not ours.
  int for_link(std::string_view name) const;
};

}  // namespace skiff::datapath
