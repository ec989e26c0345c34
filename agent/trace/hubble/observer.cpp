// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/observer.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "agent/trace/hubble/flow_of.h"
#include "agent/trace/hubble/flow_stream.h"
#include "base/pki.h"

namespace skiff::trace::hubble {
namespace {

constexpr const char* kVersion = "skiff 0.1.0";
constexpr unsigned kLookAgainSeconds = 60;                     // for new certificates
constexpr const char* kHealthName = "hubble.server.Observer";  // what `hubble status` asks for

// Ends at once.
template <class Response>
class Refused final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Refused(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

// Of the certificate itself: as text, a name may hold what looks like another organization.
bool has_organization(std::string_view pem, const std::string& organization) {
  const auto certificate = pki::read_certificate(pem);
  if (!certificate.ok()) return false;
  const std::vector<std::string>& all = certificate->subject.organizations;
  return std::ranges::find(all, organization) != all.end();
}

// The unix socket is for root alone, by its mode.
bool is_allowed(const grpc::CallbackServerContext& context, const ObserverOptions& options) {
  if (options.organization.empty() || context.peer().starts_with("unix:")) return true;
  const auto auth = context.auth_context();
  if (!auth) return false;
  return std::ranges::any_of(
      auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME), [&](const grpc::string_ref& pem) {
        return has_organization({pem.data(), pem.size()}, options.organization);
      });
}

grpc::Status forbidden(const ObserverOptions& options) {
  return {grpc::StatusCode::PERMISSION_DENIED,
          "show a client certificate of organization " + options.organization};
}

class PeerService final : public peer::Peer::CallbackService {
 public:
  PeerService(const Executor& executor, const ObserverOptions& options)
      : executor_(executor), options_(options) {}

  grpc::ServerWriteReactor<peer::ChangeNotification>* Notify(grpc::CallbackServerContext* context,
                                                             const peer::NotifyRequest*) override {
    if (!is_allowed(*context, options_))
      return new Refused<peer::ChangeNotification>(forbidden(options_));
    auto stream = std::make_shared<PeerStream>(executor_, *options_.peers);
    stream->begin();
    return stream.get();
  }

 private:
  Executor executor_;
  ObserverOptions options_;
};

class Service final : public observer::Observer::CallbackService {
 public:
  Service(const Executor& executor, const ObserverOptions& options, Hub& hub, const Clock& clock)
      : executor_(executor), options_(options), hub_(hub), clock_(clock) {}

  grpc::ServerWriteReactor<observer::GetFlowsResponse>* GetFlows(
      grpc::CallbackServerContext* context, const observer::GetFlowsRequest* request) override {
    if (!is_allowed(*context, options_))
      return new Refused<observer::GetFlowsResponse>(forbidden(options_));
    auto stream = std::make_shared<FlowStream>(executor_, hub_, *request);
    stream->begin();
    return stream.get();
  }

  grpc::ServerUnaryReactor* ServerStatus(grpc::CallbackServerContext* context,
                                         const observer::ServerStatusRequest*,
                                         observer::ServerStatusResponse* response) override {
    return answer(*context, [this, response] {
      const HubStatistics now = hub_.statistics();
      response->set_num_flows(now.kept);
      response->set_max_flows(now.capacity);
      response->set_seen_flows(now.seen);
      response->set_uptime_ns(uptime(now));
      response->mutable_num_connected_nodes()->set_value(1);
      response->mutable_num_unavailable_nodes()->set_value(0);
      response->set_version(kVersion);
      const double seconds = static_cast<double>(uptime(now)) / 1e9;
      if (seconds > 0) response->set_flows_rate(static_cast<double>(now.seen) / seconds);
    });
  }

  grpc::ServerUnaryReactor* GetNodes(grpc::CallbackServerContext* context,
                                     const observer::GetNodesRequest*,
                                     observer::GetNodesResponse* response) override {
    return answer(*context, [this, response] {
      const HubStatistics now = hub_.statistics();
      observer::Node& node = *response->add_nodes();
      node.set_name(options_.node);
      node.set_version(kVersion);
      node.set_address(options_.address);
      node.set_state(::relay::NODE_CONNECTED);
      node.mutable_tls()->set_enabled(!options_.address.empty());
      node.set_uptime_ns(uptime(now));
      node.set_num_flows(now.kept);
      node.set_max_flows(now.capacity);
      node.set_seen_flows(now.seen);
    });
  }

  grpc::ServerUnaryReactor* GetNamespaces(grpc::CallbackServerContext* context,
                                          const observer::GetNamespacesRequest*,
                                          observer::GetNamespacesResponse* response) override {
    return answer(*context, [this, response] {
      for (const std::string& name : seen_namespaces())
        response->add_namespaces()->set_namespace_(name);
    });
  }

 private:
  // Runs `fill` on the loop, then answers.
  grpc::ServerUnaryReactor* answer(grpc::CallbackServerContext& context,
                                   std::function<void()> fill) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    if (!is_allowed(context, options_)) {
      reactor->Finish(forbidden(options_));
      return reactor;
    }
    asio::post(executor_, [reactor, fill = std::move(fill)] {
      fill();
      reactor->Finish(grpc::Status::OK);
    });
    return reactor;
  }

  uint64_t uptime(const HubStatistics& statistics) const {
    return static_cast<uint64_t>(
        std::chrono::nanoseconds(clock_.now() - statistics.started).count());
  }

  std::set<std::string> seen_namespaces() {
    std::set<std::string> names;
    const auto collect = [&](const FlowRecord& record) {
      for (const Peer* peer : {&record.client, &record.backend})
        if (peer->who && !peer->who->namespace_.empty()) names.insert(peer->who->namespace_);
      return false;
    };
    (void)hub_.subscribe(collect, {.last = 1, .follow = false});
    return names;
  }

  Executor executor_;
  ObserverOptions options_;
  Hub& hub_;
  const Clock& clock_;
};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const ObserverOptions& options) {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions credentials(
      std::make_shared<tls::FileWatcherCertificateProvider>(
          options.private_key_file, options.certificate_file, options.client_ca_file,
          kLookAgainSeconds));
  credentials.watch_root_certs();
  credentials.watch_identity_key_cert_pairs();
  credentials.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(credentials);
}

}  // namespace

struct Observer::State {
  std::unique_ptr<Service> service;
  std::unique_ptr<PeerService> peers;
  std::unique_ptr<grpc::Server> server;
  std::string unix_socket;
  int port = 0;
};

Observer::Observer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Observer::~Observer() {
  if (!state_->server) return;
  state_->server->Shutdown(std::chrono::system_clock::now());
  if (!state_->unix_socket.empty()) ::unlink(state_->unix_socket.c_str());
}

int Observer::port() const {
  return state_->port;
}

Result<std::unique_ptr<Observer>> Observer::start(const Executor& executor, ObserverOptions options,
                                                  Hub& hub, const Clock& clock) {
  grpc::EnableDefaultHealthCheckService(true);
  auto state = std::make_unique<State>();
  state->service = std::make_unique<Service>(executor, options, hub, clock);
  state->unix_socket = options.unix_socket;
  grpc::ServerBuilder builder;
  builder.RegisterService(state->service.get());
  if (options.peers != nullptr) {
    state->peers = std::make_unique<PeerService>(executor, options);
    builder.RegisterService(state->peers.get());
  }
  int unix_bound = 1;
  const mode_t previous = ::umask(0177);
  if (!options.unix_socket.empty()) {
    ::unlink(options.unix_socket.c_str());
    builder.AddListeningPort("unix:" + options.unix_socket, grpc::InsecureServerCredentials(),
                             &unix_bound);
  }
  int bound = 0;
  if (!options.address.empty())
    builder.AddListeningPort(options.address, credentials_of(options), &bound);
  state->server = builder.BuildAndStart();
  ::umask(previous);
  if (!state->server || unix_bound == 0 || (!options.address.empty() && bound == 0))
    return unavailable("cannot serve on {} {}: is it taken?", options.unix_socket, options.address);
  state->port = bound;
  state->server->GetHealthCheckService()->SetServingStatus(kHealthName, true);
  return std::unique_ptr<Observer>(new Observer(std::move(state)));
}

}  // namespace skiff::trace::hubble
