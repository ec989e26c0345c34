// SPDX-License-Identifier: Apache-2.0
#include "controller/daemon.h"

#include <spdlog/spdlog.h>

#include "base/file.h"
#include "controller/apiserver/bootstrap.h"
#include "controller/apiserver/discovery/discovery.h"
#include "controller/apiserver/event_sweep.h"
#include "controller/apiserver/local_transport.h"
#include "controller/apiserver/openapi/openapi.h"
#include "controller/apiserver/printers/printers.h"
#include "controller/apiserver/strategies.h"
#include "controller/auth/oidc_routes.h"
#include "controller/auth/service_account_tokens.h"
#include "controller/auth/x509_authenticator.h"
#include "controller/metrics_route.h"

namespace skiff::controller {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kApiServiceOffset = 1;   // 10.96.0.1
constexpr uint64_t kDnsServiceOffset = 10;  // 10.96.0.10

auth::PkiOptions pki_options(const Config& config) {
  auth::PkiOptions options{
      .directory = config.data_dir / "pki",
      .server_addresses = {"127.0.0.1", "::1"},
      .server_names = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                       "kubernetes.default.svc.cluster.local"}};
  for (const Cidr& range : config.service_ranges)
    options.server_addresses.push_back(range.base().plus(kApiServiceOffset).to_string());
  for (const IpAddress& address : config.advertise)
    options.server_addresses.push_back(address.to_string());
  for (const Listen& listen : config.listen)
    if (!listen.address.is_unspecified())
      options.server_addresses.push_back(listen.address.to_string());
  return options;
}

std::string url_of(const IpAddress& address, uint16_t port) {
  return address.is_v4() ? fmt::format("https://{}:{}", address.to_string(), port)
                         : fmt::format("https://[{}]:{}", address.to_string(), port);
}

}  // namespace

Daemon::Daemon(const Executor& executor, Config config)
    : executor_(executor), config_(std::move(config)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::open(const Executor& executor, Config config) {
  std::unique_ptr<Daemon> daemon(new Daemon(executor, std::move(config)));
  RETURN_IF_ERROR(make_directories(daemon->config_.data_dir, 0700), "--data-dir");
  ASSIGN_OR_RETURN(daemon->pki_, auth::open_pki(pki_options(daemon->config_), daemon->clock_.now()),
                   "certificates");
  RETURN_IF_ERROR(daemon->open_store_and_server());
  RETURN_IF_ERROR(daemon->listen());
  RETURN_IF_ERROR(daemon->write_kubeconfigs());
  return daemon;
}

Status Daemon::open_store_and_server() {
  ASSIGN_OR_RETURN(
      store_,
      store::open_rocks_store(executor_, {.directory = (config_.data_dir / "store").string(),
                                          .metrics = &registry_,
                                          .history = {}}),
      "store");
  backend_ = std::make_unique<apiserver::Backend>(apiserver::Backend{.executor = executor_,
                                                                     .store = *store_,
                                                                     .clock = clock_,
                                                                     .registry = {},
                                                                     .printer = {},
                                                                     .nodes = {},
                                                                     .tokens = {},
                                                                     .metrics = &registry_});
  ASSIGN_OR_RETURN(backend_->registry,
                   apiserver::builtin_resources(*store_, {.service_ranges = config_.service_ranges,
                                                          .node_ports = config_.node_ports}),
                   "resources");
  backend_->printer = printers::table_printer();
  ASSIGN_OR_RETURN(auto kubelet_tls,  // verifies each node by its name, see NodeAddress
                   http::ClientTls::make({.ca = pki_.ca.certificate,
                                          .certificate_chain = pki_.kubelet_client.certificate,
                                          .private_key = pki_.kubelet_client.private_key,
                                          .server_name = ""}));
  backend_->nodes = apiserver::https_node_tunnel(executor_, std::move(kubelet_tls));
  ASSIGN_OR_RETURN(auth::JwtKey key, auth::JwtKey::load(pki_.token_key), "service account key");
  const auto token_key = std::make_shared<const auth::JwtKey>(std::move(key));
  backend_->tokens = auth::token_issuer(token_key, {});

  std::vector<std::unique_ptr<apiserver::Authenticator>> authenticators;
  authenticators.push_back(auth::x509_authenticator());
  authenticators.push_back(auth::token_authenticator(token_key, {}, *store_, clock_));
  server_ = std::make_unique<apiserver::Server>(*backend_, std::move(authenticators),
                                                apiserver::simple_authorizer());
  discovery::add_routes(*server_, backend_->registry);
  openapi::add_routes(*server_, backend_->registry);
  auth::add_oidc_routes(*server_, token_key, {});
  server_->add_route("/metrics", metrics_route(registry_, *backend_));
  return absl::OkStatus();
}

Status Daemon::listen() {
  ASSIGN_OR_RETURN(
      const auto tls,
      http::ServerTls::make({.certificate_chain = pki_.server.certificate + pki_.ca.certificate,
                             .private_key = pki_.server.private_key,
                             .client_ca = pki_.ca.certificate}));
  for (const Listen& where : config_.listen) {
    ASSIGN_OR_RETURN(
        auto listener,
        http::Server::listen(executor_, {.address = where.address.to_string(), .port = where.port},
                             tls, *server_),
        "--listen {}", url_of(where.address, where.port));
    spdlog::info("API on {}", url_of(where.address, listener->port()));
    listeners_.push_back(std::move(listener));
  }
  return absl::OkStatus();
}

Status Daemon::write_kubeconfigs() {
  const uint16_t port = config_.listen.front().port;
  if (!config_.admin_kubeconfig.empty()) {
    const std::string text = auth::kubeconfig(url_of(config_.listen.front().address, port),
                                              pki_.ca.certificate, "kubernetes-admin", pki_.admin);
    RETURN_IF_ERROR(write_file_atomic(config_.admin_kubeconfig, text, 0600), "--admin-kubeconfig");
  }
  for (const auth::NodeIdentity& node : config_.nodes)
    RETURN_IF_ERROR(auth::write_node_files(config_.node_kubeconfig_dir, pki_, node,
                                           url_of(config_.advertise.front(), port), clock_.now()),
                    "--node-kubeconfig-dir");
  return absl::OkStatus();
}

kube::Client Daemon::client(const std::string& user) {
  return kube::Client(std::make_shared<apiserver::LocalTransport>(executor_, *server_,
                                                                  apiserver::system_user(user)));
}

void Daemon::start() {
  stores_ = std::make_unique<controllers::Stores>(executor_);
  controllers_ = std::make_unique<controllers::Controllers>(
      executor_,
      controllers::Options{.cluster_ranges = config_.cluster_ranges,
                           .root_ca = pki_.ca.certificate,
                           .node_grace = config_.node_monitor_grace_period,
                           .metrics = &registry_},
      client("system:kube-controller-manager"), *stores_, clock_);
  const kube::Client scheduler_client = client("system:kube-scheduler");
  scheduler_events_ = std::make_unique<kube::EventRecorder>(
      executor_, scheduler_client, kube::EventSource{"default-scheduler", ""}, clock_);
  scheduler_ = std::make_unique<scheduler::Scheduler>(executor_, scheduler::Scheduler::Options{},
                                                      scheduler_client, stores_->pods,
                                                      stores_->nodes, *scheduler_events_, clock_);
  spawn(executor_, "daemon", run());
}

// Until it succeeds: nothing works without.
awaitable<void> Daemon::make_basics() {
  apiserver::BootstrapOptions options{
      .advertise = config_.advertise,
      .port = config_.listen.front().port,
      .api_service = config_.service_ranges.front().base().plus(kApiServiceOffset),
      .dns_service = {}};
  for (const Cidr& range : config_.service_ranges)
    options.dns_service.push_back(range.base().plus(kDnsServiceOffset));
  for (;;) {
    const Status done = co_await apiserver::bootstrap(client("system:apiserver"), options);
    if (done.ok()) co_return;
    spdlog::warn("bootstrap: {}, retrying in 1s", message(done));
    co_await sleep_for(1s);
  }
}

// Makes again what somebody deleted: without their Services pods find neither the API nor names.
awaitable<void> Daemon::keep_basics() {
  co_await stores_->services.wait_synced();
  bool lost = false;
  Event changed(executor_);
  const auto on_loss = [&](const auto& before, const auto& after) {
    if (after != nullptr || before == nullptr || !apiserver::is_bootstrapped(kube::key_of(*before)))
      return;
    lost = true;
    changed.notify();
  };
  stores_->services.subscribe(on_loss);
  stores_->endpoint_slices.subscribe(on_loss);
  stores_->endpoints.subscribe(on_loss);
  for (;;) {
    if (!std::exchange(lost, false)) {
      co_await changed.wait();
      continue;
    }
    co_await make_basics();
  }
}

awaitable<void> Daemon::run() {
  co_await make_basics();
  stores_->start(executor_, client("system:kube-controller-manager").shared_transport());
  controllers_->start();
  scheduler_->start();
  spawn(executor_, "basics", keep_basics());
  spawn(executor_, "event sweep", apiserver::sweep_events(*backend_));
}

}  // namespace skiff::controller
