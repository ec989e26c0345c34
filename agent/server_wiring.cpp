// SPDX-License-Identifier: Apache-2.0
// The node's own API among the agent's other parts: its port, on a cluster of ours and on others,
// and its socket.
#include <spdlog/spdlog.h>

#include "agent/daemon.h"
#include "agent/datapath/flow_gc.h"
#include "agent/datapath/service_dump.h"
#include "agent/server/certificate_guard.h"
#include "agent/server/token_guard.h"
#include "base/file.h"
#include "base/pki.h"

namespace skiff::agent {
namespace {

// Nobody can verify it, and nobody has to: what is shown here is of no use elsewhere.
Result<http::ServerTlsOptions> self_signed(const Config& config, TimePoint now) {
  pki::LeafOptions leaf{.subject = {.common_name = config.node_name, .organizations = {}},
                        .server = true};
  for (const IpAddress& ip : config.node_ips) leaf.addresses.push_back(ip.to_string());
  ASSIGN_OR_RETURN(const pki::Pair ca, pki::make_ca("skiff-agent " + config.node_name, now));
  ASSIGN_OR_RETURN(const pki::Pair pair, pki::make_leaf(ca, leaf, now));
  return http::ServerTlsOptions{
      .certificate_chain = pair.certificate, .private_key = pair.private_key, .client_ca = {}};
}

// In kube-proxy's place: alive as long as changes of Services are not stuck.
class ProxyLivez final : public http::Handler {
 public:
  explicit ProxyLivez(std::function<kube_proxy::HealthAnswer()> ask) : ask_(std::move(ask)) {}
  awaitable<void> serve(http::Request, http::ResponseWriter& writer) override {
    const kube_proxy::HealthAnswer answer = ask_();
    (void)co_await writer.respond(
        http::Response::text(answer.status, answer.body, "application/json"));
  }

 private:
  std::function<kube_proxy::HealthAnswer()> ask_;
};

std::string pod_list(const kube::Store<api::Pod>& pods) {
  std::string json = R"({"kind":"PodList","apiVersion":"v1","metadata":{},"items":[)";
  bool first = true;
  for (const auto& pod : pods.list()) {
    if (!std::exchange(first, false)) json += ',';
    json += api::encode_json(*pod);
  }
  return json + "]}";
}

}  // namespace

Status Daemon::open_server() {
  const bool ours = config_.has(Role::kKubelet);
  if (!ours && !trace_) return absl::OkStatus();
  server::Parts parts{.runtime = runtime_.get(),
                      .pods = {},
                      .pod_uid = {},
                      .metrics = [this] { return metrics_text(); },
                      .services = {},
                      .not_ready_because = [this] { return not_ready_because(); },
                      .others = make_node_handlers()};
  if (ours) {
    parts.pods = [this] { return pod_list(stores_->pods); };
    parts.pod_uid = [this](const std::string& ns, const std::string& name) {
      const auto pod = stores_->pods.get({ns, name});
      return pod ? pod->metadata.uid : "";
    };
  }
  if (!ours && proxy_) {
    livez_ = std::make_unique<ProxyLivez>(
        [this] { return kube_proxy::livez(proxy_health(), clock_.now()); });
    parts.others.emplace("livez", livez_.get());
  }
  if (datapath_) parts.services = [this] { return services_json(); };
  node_server_ = std::make_unique<server::NodeServer>(std::move(parts), clock_);
  open_socket();
  if (ours) return open_node_port();
  if (config_.server_port != 0) open_foreign_port();
  return absl::OkStatus();
}

Status Daemon::open_node_port() {
  http::ServerTlsOptions tls_options;
  ASSIGN_OR_RETURN(tls_options.certificate_chain, read_file(config_.tls_cert_file),
                   "--tls-cert-file");
  ASSIGN_OR_RETURN(tls_options.private_key, read_file(config_.tls_private_key_file),
                   "--tls-private-key-file");
  ASSIGN_OR_RETURN(tls_options.client_ca, read_file(config_.client_ca_file), "--client-ca-file");
  ASSIGN_OR_RETURN(const auto tls, http::ServerTls::make(tls_options));
  guard_ = std::make_unique<server::CertificateGuard>(*node_server_);
  ASSIGN_OR_RETURN(
      listener_,
      http::Server::listen(executor_, {.address = "::", .port = config_.port}, tls, *guard_),
      "--port {}", config_.port);
  return absl::OkStatus();
}

// A node is served without it: what fails is said and left out.
void Daemon::open_foreign_port() {
  guard_ = std::make_unique<server::TokenGuard>(*client_, config_.node_name, *node_server_, clock_);
  const auto listen = [this]() -> Status {
    ASSIGN_OR_RETURN(const auto options, self_signed(config_, clock_.now()));
    ASSIGN_OR_RETURN(const auto tls, http::ServerTls::make(options));
    ASSIGN_OR_RETURN(listener_,
                     http::Server::listen(executor_, {.address = "::", .port = config_.server_port},
                                          tls, *guard_));
    return absl::OkStatus();
  };
  if (const Status status = listen(); !status.ok())
    spdlog::warn("--server-port {}: {}, ignoring", config_.server_port, message(status));
}

void Daemon::open_socket() {
  const std::string path = (config_.run_dir / "agent.sock").string();
  auto listening =
      http::Server::listen(executor_, {.address = "unix:" + path}, nullptr, *node_server_);
  if (listening.ok()) {
    socket_ = *std::move(listening);
  } else {
    spdlog::warn("node API: {}, ignoring", message(listening.status()));
  }
}

awaitable<Result<std::string>> Daemon::services_json() {
  const datapath::Maps* maps = &datapath_->maps();
  co_return co_await offload(
      pool_, [maps] { return datapath::encode_services(*maps, datapath::monotonic_now()); });
}

}  // namespace skiff::agent
