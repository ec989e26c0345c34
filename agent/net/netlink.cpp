// SPDX-License-Identifier: Apache-2.0
#include "agent/net/netlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "agent/net/message.h"

namespace skiff::net {
namespace {

// What one request has heard so far.
struct Exchange {
  const std::function<void(nlmsghdr*)>* each = nullptr;
  bool done = false;
  int error = 0;
  std::string explanation;
};

struct FreeCallbacks {
  void operator()(nl_cb* callbacks) const { nl_cb_put(callbacks); }
};

// The kernel's sentence behind an error (extended acknowledgement), if it sent one.
std::string explanation_of(const nlmsgerr* failure) {
  const auto* header = reinterpret_cast<const nlmsghdr*>(failure) - 1;
  if (!(header->nlmsg_flags & NLM_F_ACK_TLVS)) return "";
  size_t used = sizeof(nlmsghdr) + sizeof(nlmsgerr);
  if (!(header->nlmsg_flags & NLM_F_CAPPED)) used += failure->msg.nlmsg_len - sizeof(nlmsghdr);
  used = NLMSG_ALIGN(used);
  if (used >= header->nlmsg_len) return "";
  const auto* attributes =
      reinterpret_cast<const nlattr*>(reinterpret_cast<const char*>(header) + used);
  const nlattr* text =
      nla_find(attributes, static_cast<int>(header->nlmsg_len - used), NLMSGERR_ATTR_MSG);
  if (text == nullptr || nla_len(text) < 1) return "";
  const auto* data = static_cast<const char*>(nla_data(text));
  return std::string(data, ::strnlen(data, static_cast<size_t>(nla_len(text))));
}

int on_error(sockaddr_nl*, nlmsgerr* failure, void* argument) {
  auto* exchange = static_cast<Exchange*>(argument);
  exchange->done = true;
  exchange->error = -failure->error;
  exchange->explanation = explanation_of(failure);
  return NL_STOP;
}

int on_end(nl_msg*, void* argument) {
  static_cast<Exchange*>(argument)->done = true;
  return NL_STOP;
}

int on_object(nl_msg* message, void* argument) {
  const auto* exchange = static_cast<Exchange*>(argument);
  if (exchange->each != nullptr) (*exchange->each)(nlmsg_hdr(message));
  return NL_OK;
}

std::unique_ptr<nl_cb, FreeCallbacks> callbacks_for(Exchange& exchange) {
  std::unique_ptr<nl_cb, FreeCallbacks> callbacks(nl_cb_alloc(NL_CB_DEFAULT));
  CHECK(callbacks != nullptr);
  nl_cb_err(callbacks.get(), NL_CB_CUSTOM, on_error, &exchange);
  nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, on_end, &exchange);
  nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_end, &exchange);
  nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, on_object, &exchange);
  return callbacks;
}

StatusCode code_of(int error) {
  switch (error) {
    case EEXIST:
      return StatusCode::kAlreadyExists;
    case ENODEV:         // link
    case ESRCH:          // route
    case EADDRNOTAVAIL:  // address
    case ENOENT:         // neighbour
      return StatusCode::kNotFound;
    default:
      return errno_status(error, "").code();
  }
}

Status status_of(const Exchange& exchange) {
  if (exchange.error == 0) return absl::OkStatus();
  std::string text = std::strerror(exchange.error);
  if (!exchange.explanation.empty()) text += " (" + exchange.explanation + ")";
  return Status(code_of(exchange.error), text);
}

}  // namespace

void Netlink::Close::operator()(nl_sock* socket) const {
  nl_socket_free(socket);
}

Result<Netlink> Netlink::open() {
  return open(NETLINK_ROUTE);
}

Result<Netlink> Netlink::open(int protocol) {
  nl_sock* socket = nl_socket_alloc();
  if (socket == nullptr) return resource_exhausted("netlink socket: out of memory");
  Netlink netlink(socket);
  if (const int error = nl_connect(socket, protocol); error < 0)
    return unavailable("netlink socket: {}", nl_geterror(error));
  const int on = 1;
  // Both only improve messages; kernels since 4.12 have them.
  (void)::setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  (void)::setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  // Filters of a dump in the kernel (table, protocol) instead of a copy of every route.
  (void)::setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  return netlink;
}

Result<Netlink> Netlink::open_in(const Netns& netns) {
  return netns.run([] { return open(); });
}

Status Netlink::request(Message& message) {
  return query(message, {});
}

Status Netlink::query(Message& message, const std::function<void(nlmsghdr*)>& each) {
  if (nl_send_auto(socket_.get(), message.get()) < 0) return errno_status(errno, "netlink send");
  Exchange exchange;
  if (each) exchange.each = &each;
  const auto callbacks = callbacks_for(exchange);
  bool interrupted = false;
  while (!exchange.done) {
    const int error = nl_recvmsgs(socket_.get(), callbacks.get());
    // The objects changed under a dump; the rest of the answer is still to be read.
    if (error == -NLE_DUMP_INTR) interrupted = true;
    // Once done, an error is the kernel's verdict again, in libnl's words.
    if (exchange.done || error == -NLE_INTR || error == -NLE_DUMP_INTR) continue;
    if (error < 0) return unavailable("netlink receive: {}", nl_geterror(-error));
  }
  RETURN_IF_ERROR(status_of(exchange));
  return interrupted ? aborted("netlink dump interrupted") : absl::OkStatus();
}

}  // namespace skiff::net
