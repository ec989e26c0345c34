// SPDX-License-Identifier: Apache-2.0
// Datagrams that a former kube-proxy's rules sent on their way: the kernel's connection tracking
// goes on translating them for as long as they come, also to an endpoint that serves no more.
// kube-proxy deletes such entries when it changes its rules; in its place so do we. A connected
// socket sends its datagrams past the programs at sockets, and what the node's stack forwards meets
// no program on another CNI's veth: such sockets are ended as well, so that their programs connect
// anew.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "agent/datapath/maps.h"
#include "agent/net/conntrack.h"
#include "base/async.h"

namespace skiff::kube_proxy {

// Frontends that kept flows lead to, and their generation: it changes when a backend leaves.
using WatchedFrontends = std::map<datapath::FrontendKey, uint32_t, datapath::BytesLess>;

struct KeptDatagrams {
  std::vector<net::TranslatedFlow> stale;  // their Service or their endpoint is gone
  WatchedFrontends watched;                // of those that stay
};

// Pure but for the look-ups. What leads to no Service, and led to none before (`watched`), is
// somebody else's.
Result<KeptDatagrams> plan_kept(const std::vector<net::TranslatedFlow>& flows,
                                const datapath::Maps& maps, const WatchedFrontends& watched);

// Has a backend left one of them since?
bool have_changed(const WatchedFrontends& watched, const datapath::Maps& maps);

// Ends sockets, each only while its peer is what its key names; how many. Blocks.
using AbortSockets = std::function<Result<int>(std::vector<datapath::StaleSocket>)>;

// From `ready` on, until there are none any more. `pool` and `maps` must outlive it.
awaitable<void> tend_kept_datagrams(asio::thread_pool& pool, const datapath::Maps& maps,
                                    std::function<bool()> ready, AbortSockets abort);

}  // namespace skiff::kube_proxy
