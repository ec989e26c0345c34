// SPDX-License-Identifier: Apache-2.0
#include "agent/proxy/reserved_ports.h"

namespace skiff::proxy {

Status ReservedPorts::take(uint16_t port) {
  return ++users_[port] == 1 ? write(port) : absl::OkStatus();
}

Status ReservedPorts::give_back(uint16_t port) {
  const auto it = users_.find(port);
  if (it == users_.end() || --it->second > 0) return absl::OkStatus();
  users_.erase(it);
  return write(port);
}

Status ReservedPorts::forget_others() {
  std::vector<uint32_t> stale;
  RETURN_IF_ERROR(maps_.reserved_ports->for_each([&](uint32_t word, uint64_t bits) {
    if (bits != bits_of(word)) stale.push_back(word);
  }),
                  "read reserved ports");
  for (const uint32_t word : stale)
    RETURN_IF_ERROR(maps_.reserved_ports->put(word, bits_of(word)), "reserve port");
  return absl::OkStatus();
}

uint64_t ReservedPorts::bits_of(uint32_t word) const {
  uint64_t bits = 0;
  for (auto it = users_.lower_bound(static_cast<uint16_t>(word * 64));
       it != users_.end() && it->first / 64u == word; ++it)
    bits |= uint64_t{1} << (it->first % 64);
  return bits;
}

Status ReservedPorts::write(uint16_t port) {
  const uint32_t word = port / 64;
  return annotate(maps_.reserved_ports->put(word, bits_of(word)), "reserve port");
}

}  // namespace skiff::proxy
