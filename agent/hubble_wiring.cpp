// SPDX-License-Identifier: Apache-2.0
// Hubble's API on this node: a socket for root, and a port for administrators, hubble-relay and the
// like where there are certificates.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "agent/hubble_port.h"

namespace skiff::agent {

// A node works without it: what fails is said and left out.
Status Daemon::open_hubble() {
  if (!trace_ || !config_.hubble) return absl::OkStatus();
  trace::hubble::ObserverOptions options{.node = config_.node_name,
                                         .unix_socket = (config_.run_dir / "hubble.sock").string()};
  std::string names;
  const auto port = hubble_port(config_);
  if (!port.ok()) {
    spdlog::warn("hubble: {}: served at the socket alone", message(port.status()));
  } else if (*port) {
    const HubblePort& found = **port;
    options.address = fmt::format("[::]:{}", kHubblePort);
    options.certificate_file = found.certificate_file;
    options.private_key_file = found.private_key_file;
    options.client_ca_file = found.client_ca_file;
    options.organization = found.organization;
    names = found.server_names;
  } else {
    spdlog::info("hubble: no certificates in {:?}: served at the socket alone",
                 config_.hubble_tls_dir.string());
  }
  hubble_peers_ = std::make_unique<trace::hubble::Peers>(executor_, stores_->nodes, kHubblePort,
                                                         std::move(names));
  options.peers = hubble_peers_.get();
  auto started =
      trace::hubble::Observer::start(executor_, std::move(options), trace_->hub(), clock_);
  if (started.ok()) {
    hubble_ = *std::move(started);
  } else {
    spdlog::warn("hubble: {}, ignoring", message(started.status()));
  }
  return absl::OkStatus();
}

}  // namespace skiff::agent
