// SPDX-License-Identifier: Apache-2.0
// A netlink socket of one network namespace. Used by one thread at a time; cheap enough to
// open per task.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "agent/net/netns.h"
#include "base/result.h"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace skiff::net {

class Message;

class Netlink {
 public:
  // In the namespace of the calling thread.
  static Result<Netlink> open();              // routes, links, addresses
  static Result<Netlink> open(int protocol);  // NETLINK_*
  static Result<Netlink> open_in(const Netns& netns);

  // Sends `message` and waits for the kernel's verdict. The error carries errno's code and the
  // kernel's explanation.
  Status request(Message& message);
  // Like request; calls `each` for every object of the answer.
  Status query(Message& message, const std::function<void(nlmsghdr*)>& each);

 private:
  struct Close {
    void operator()(nl_sock* socket) const;
  };
  explicit Netlink(nl_sock* socket) : socket_(socket) {}

  std::unique_ptr<nl_sock, Close> socket_;
};

}  // namespace skiff::net
