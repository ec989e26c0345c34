// SPDX-License-Identifier: Apache-2.0
// The connections of a client, and which of them a request goes to.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/http/client.h"
#include "base/http/h1_client.h"
#include "base/http/h2_client.h"

namespace skiff::http {

struct ClientCore {
  ClientCore(const Executor& loop, ClientOptions chosen);

  std::string where() const;      // "host:port"
  std::string authority() const;  // what the Host header says where the request does not
  void shut_down();
  // An HTTP/1.1 connection that waits for its next request, or an empty link.
  H1Link take_idle();
  void put_idle(const std::weak_ptr<ClientCore>& self, H1Link link);

  const Executor executor;
  const ClientOptions options;
  bool closed = false;
  std::shared_ptr<H2ClientSession> session;  // null or unusable: none
  bool speaks_h1 = false;                    // the server chose HTTP/1.1 when dialled last
  bool dialling = false;                     // others wait for the outcome: one connection for all
  Status dial_failure;
  Event dialled;
  std::list<H1Link> idle;
};

// Sends `request` over a new or an existing connection and waits for the head of the answer.
// `begun` (or null) sees the exchange before that; it may cancel it. What the server has surely not
// looked at is sent again.
awaitable<Result<std::shared_ptr<Exchange>>> begin(
    std::shared_ptr<ClientCore> core, std::shared_ptr<const Request> request,
    std::function<void(const std::shared_ptr<Exchange>&)> begun);

}  // namespace skiff::http
