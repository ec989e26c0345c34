// SPDX-License-Identifier: Apache-2.0
// Takes a node over from kube-proxy. The order is what keeps connections: first everything new goes
// through the eBPF programs, then the rules go, and what the rules began lives on in the kernel's
// connection tracking (the programs leave such packets alone, bpf/lib/foreign.h). Belongs to the
// loop.
#pragma once

#include <functional>

#include "base/async.h"
#include "base/result.h"

namespace skiff::kube_proxy {

// Waits until `ready` (Services are in the maps, and nobody else has kube-proxy's health port),
// then removes kube-proxy's rules, iptables of both kinds and both families and its nftables
// tables, and looks again until they stay away. `pool` and what `ready` refers to must outlive it.
awaitable<void> take_over(asio::thread_pool& pool, std::function<bool()> ready);

// Once, blocking, in this thread's network namespace. The number of chains and tables removed.
Result<int> remove_rules();

}  // namespace skiff::kube_proxy
