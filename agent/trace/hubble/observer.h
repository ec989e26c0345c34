// SPDX-License-Identifier: Apache-2.0
// Hubble's observer and peer services over this node's hub, on a unix socket and, with
// certificates, over TCP. gRPC's threads only post; the loop does the work.
#pragma once

#include <memory>
#include <string>

#include "agent/trace/hub.h"
#include "agent/trace/hubble/peers.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"

namespace skiff::trace::hubble {

struct ObserverOptions {
  std::string node;
  std::string unix_socket;  // empty: none. Made with mode 0600
  std::string address;      // "[::]:4244"; empty: none. Needs what follows
  // PEM files, read again when they change.
  std::string certificate_file;
  std::string private_key_file;
  std::string client_ca_file;
  // Only certificates of this organization are let in; empty: whoever the CA has signed.
  std::string organization = "system:masters";
  Peers* peers = nullptr;  // null: Peer/Notify is not served
};

// Destroying it ends all calls; only while the loop does not run, or on it.
class Observer {
 public:
  // `hub`, `clock` and the peers outlive it.
  static Result<std::unique_ptr<Observer>> start(const Executor& executor, ObserverOptions options,
                                                 Hub& hub, const Clock& clock);
  ~Observer();
  int port() const;  // of the TCP address

 private:
  struct State;
  explicit Observer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace skiff::trace::hubble
