// SPDX-License-Identifier: Apache-2.0
// Asking other name servers.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "agent/dns/message.h"
#include "base/async.h"

namespace skiff::dns {

// The `nameserver` lines of a resolv.conf, at most three as in libc, without `excluded` (ourselves:
// it would be a loop) and without what does not parse.
std::vector<IpAddress> parse_nameservers(std::string_view text,
                                         std::span<const IpAddress> excluded);

asio::ip::address to_asio(const IpAddress& address);
IpAddress from_asio(const asio::ip::address& address);

// By UDP, from a port of its own; by TCP if the answer is truncated. DeadlineExceeded, or
// Unavailable saying why.
awaitable<Result<Message>> exchange(IpAddress server, uint16_t port, Question question,
                                    std::chrono::milliseconds timeout);

}  // namespace skiff::dns
