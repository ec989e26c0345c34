// SPDX-License-Identifier: Apache-2.0
#include "agent/datapath/socket_abort.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "abort.skel.h"
#include "agent/datapath/loader.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

namespace {

using Link = std::unique_ptr<bpf_link, int (*)(bpf_link*)>;

Link attach(const bpf_program* iterator) {
  return {::bpf_program__attach_iter(iterator, nullptr), ::bpf_link__destroy};
}

// The kernel walks the sockets while somebody reads; the programs write nothing.
Status walk(const bpf_link* iterator) {
  const UniqueFd walk(::bpf_iter_create(::bpf_link__fd(iterator)));
  if (!walk) return errno_status(errno, "walk sockets");
  char nothing[64];
  for (;;) {
    const ssize_t got = ::read(walk.get(), nothing, sizeof(nothing));
    if (got == 0) return {};
    if (got < 0 && errno != EAGAIN && errno != EINTR) return errno_status(errno, "walk sockets");
  }
}

}  // namespace

struct SocketAborter::State {
  Skeleton<skiff_abort_skeleton> skeleton;
  Link tcp{nullptr, ::bpf_link__destroy};
  Link udp{nullptr, ::bpf_link__destroy};
};

SocketAborter::SocketAborter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SocketAborter::~SocketAborter() = default;

Result<std::unique_ptr<SocketAborter>> SocketAborter::load(std::span<const StaleSocket> stale) {
  const LogCapture log;
  auto state = std::make_unique<State>();
  state->skeleton.reset(skiff_abort_skeleton::open(nullptr));
  if (!state->skeleton) return errno_status(errno, "open object abort");
  bpf_map* const map = state->skeleton->maps.stale_sockets;
  ::bpf_map__set_max_entries(map, std::max<uint32_t>(1, static_cast<uint32_t>(stale.size())));
  if (skiff_abort_skeleton::load(state->skeleton.get()) != 0)
    return unimplemented("this kernel ends no sockets by iterators: {}", log.tail(2));
  for (const StaleSocket& key : stale) {
    const uint32_t none = 0;
    if (::bpf_map_update_elem(::bpf_map__fd(map), &key, &none, BPF_ANY) < 0)
      return errno_status(errno, "name a socket");
  }
  state->tcp = attach(state->skeleton->progs.skiff_abort_tcp);
  state->udp = attach(state->skeleton->progs.skiff_abort_udp);
  if (!state->tcp || !state->udp) return errno_status(errno, "attach to sockets");
  return std::unique_ptr<SocketAborter>(new SocketAborter(std::move(state)));
}

Status SocketAborter::run() const {
  RETURN_IF_ERROR(walk(state_->tcp.get()), "TCP");
  return annotate(walk(state_->udp.get()), "UDP");
}

Result<int> SocketAborter::aborted() const {
  const int map = ::bpf_map__fd(state_->skeleton->maps.stale_sockets);
  StaleSocket key = {}, next = {};
  const void* from = nullptr;
  uint32_t sum = 0;
  while (::bpf_map_get_next_key(map, from, &next) == 0) {
    uint32_t ended = 0;
    if (::bpf_map_lookup_elem(map, &next, &ended) == 0) sum += ended;
    key = next;
    from = &key;
  }
  if (errno != ENOENT) return errno_status(errno, "count ended sockets");
  return static_cast<int>(sum);
}

}  // namespace skiff::datapath
