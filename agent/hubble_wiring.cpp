// SPDX-License-Identifier: Apache-2.0
// Hubble's API on this node: a socket for root, and a port for administrators, hubble-relay and the
// like where there are certificates.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "base/file.h"
#include "base/pki.h"

namespace skiff::agent {
namespace {

constexpr uint16_t kHubblePort = 4244;

// The port's certificates; of a cluster of ours those of the node's API, for administrators. False:
// there are none, and the socket alone is served.
bool add_port(const Config& config, trace::hubble::ObserverOptions& options) {
  if (config.has(Role::kKubelet)) {
    options.certificate_file = config.tls_cert_file;
    options.private_key_file = config.tls_private_key_file;
    options.client_ca_file = config.client_ca_file;
  } else if (!config.hubble_tls_dir.empty()) {
    options.certificate_file = config.hubble_tls_dir / "tls.crt";
    options.private_key_file = config.hubble_tls_dir / "tls.key";
    options.client_ca_file = config.hubble_tls_dir / "ca.crt";
    options.organization.clear();  // its CA signs for nothing else
  }
  std::error_code ignored;
  if (!std::filesystem::exists(options.certificate_file, ignored)) return false;
  options.address = fmt::format("[::]:{}", kHubblePort);
  return true;
}

// By what name the other nodes prove themselves: on a cluster of ours by their own, else as this
// one does.
Result<std::string> server_names(const Config& config,
                                 const trace::hubble::ObserverOptions& options) {
  if (config.has(Role::kKubelet)) return "*";
  ASSIGN_OR_RETURN(const std::string pem, read_file(options.certificate_file));
  ASSIGN_OR_RETURN(const pki::Certificate certificate, pki::read_certificate(pem));
  if (certificate.dns_names.empty())
    return invalid_argument("{}: no DNS name", options.certificate_file);
  return certificate.dns_names.front();
}

}  // namespace

// A node works without it: what fails is said and left out.
Status Daemon::open_hubble() {
  if (!trace_ || !config_.hubble) return absl::OkStatus();
  trace::hubble::ObserverOptions options{.node = config_.node_name,
                                         .unix_socket = (config_.run_dir / "hubble.sock").string()};
  std::string names;
  if (add_port(config_, options)) {
    ASSIGN_OR_RETURN(names, server_names(config_, options), "hubble");
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
