// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "agent/datapath/trace.h"
#include "base/unique_fd.h"

namespace skiff::datapath {

struct Ring::State {
  UniqueFd map;
  Callback callback;
  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> ring{nullptr, ::ring_buffer__free};

  static int deliver(void* self, void* data, size_t size) {
    static_cast<State*>(self)->callback({static_cast<const char*>(data), size});
    return 0;
  }
};

Ring::Ring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ring::~Ring() = default;

Result<std::unique_ptr<Ring>> Ring::open(const std::string& pin_dir, const std::string& name,
                                         Callback callback) {
  const std::string path = fmt::format("{}/maps/{}", pin_dir, name);
  auto state = std::make_unique<State>();
  state->map = UniqueFd(::bpf_obj_get(path.c_str()));
  if (!state->map) return errno_status(errno, fmt::format("open ring {}", path));
  state->callback = std::move(callback);
  state->ring.reset(
      ::ring_buffer__new(state->map.get(), State::deliver, state.get(), /*opts=*/nullptr));
  if (!state->ring) return errno_status(errno, fmt::format("map ring {}", path));
  return std::unique_ptr<Ring>(new Ring(std::move(state)));
}

int Ring::fd() const {
  return ::ring_buffer__epoll_fd(state_->ring.get());
}

Result<int> Ring::consume() {
  const int count = ::ring_buffer__consume(state_->ring.get());
  if (count < 0) return errno_status(-count, "read ring");
  return count;
}

}  // namespace skiff::datapath
