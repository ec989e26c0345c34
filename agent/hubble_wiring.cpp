// SPDX-License-Identifier: Apache-2.0
// Hubble's API on this node: a socket for root, and a port for administrators where there are
// certificates.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "base/file.h"

namespace skiff::agent {
namespace {

constexpr uint16_t kHubblePort = 4244;

// Without certificates the socket alone is served.
Status add_port(const Config& config, trace::hubble::ObserverOptions& options) {
  if (!config.has(Role::kKubelet)) return absl::OkStatus();
  ASSIGN_OR_RETURN(options.certificate, read_file(config.tls_cert_file), "--tls-cert-file");
  ASSIGN_OR_RETURN(options.private_key, read_file(config.tls_private_key_file),
                   "--tls-private-key-file");
  ASSIGN_OR_RETURN(options.client_ca, read_file(config.client_ca_file), "--client-ca-file");
  options.address = fmt::format("[::]:{}", kHubblePort);
  return absl::OkStatus();
}

}  // namespace

// A node works without it: what fails is said and left out.
Status Daemon::open_hubble() {
  if (!trace_ || !config_.hubble) return absl::OkStatus();
  trace::hubble::ObserverOptions options{.node = config_.node_name,
                                         .unix_socket = (config_.run_dir / "hubble.sock").string()};
  RETURN_IF_ERROR(add_port(config_, options));
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
