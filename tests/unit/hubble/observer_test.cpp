// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/hubble/observer.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/pki.h"
#include "proto/hubble_observer.grpc.pb.h"

namespace skiff::trace::hubble {
namespace {

class NoNames final : public Names {
 public:
  std::shared_ptr<const Identity> identity(const IpAddress&) override { return nullptr; }
  std::shared_ptr<const ServicePort> service(const IpAddress&, uint16_t, uint8_t) override {
    return nullptr;
  }
  Place place(uint64_t, uint32_t) override { return {}; }
  bool across_overlay(const IpAddress&) override { return false; }
  PolicyNames policies(const Peer&, const Peer&, uint8_t) override { return {}; }
  std::string kernel_reason(uint32_t) override { return ""; }
  std::string symbol(uint64_t) override { return ""; }
};

// A server on a socket of its own; the loop runs on a thread of the test.
class HubbleObserver : public ::testing::Test {
 protected:
  void SetUp() override {
    hub_ =
        std::make_unique<Hub>(loop_.get_executor(), Hub::Options{.node = "node-1"}, names_, clock_);
    ObserverOptions options{.node = "node-1", .unix_socket = socket_, .peers = &peers_};
    add_port(options);
    auto started = hubble::Observer::start(loop_.get_executor(), std::move(options), *hub_, clock_);
    ASSERT_TRUE(started.ok()) << message(started.status());
    observer_ = *std::move(started);
    thread_ = std::thread([this] { loop_.run(); });
    stub_ = ::observer::Observer::NewStub(
        grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials()));
  }
  void TearDown() override {
    observer_.reset();
    work_.reset();
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }
  virtual void add_port(ObserverOptions&) {}
  void put_node(const std::string& name, const std::string& address) {
    asio::post(loop_, [this, name, address] {
      auto node = std::make_shared<api::Node>();
      node->metadata.name = name;
      node->status.addresses = {{.type = "InternalIP", .address = address}};
      nodes_.put(std::move(node));
    });
  }
  void publish(uint16_t port) {
    FlowEvent event{};
    event.header.kind = SKIFF_TRACE_NEW;
    event.header.hook = SKIFF_HOOK_FROM_POD;
    event.original = {.source = datapath::to_abi(IpAddress::parse("10.244.0.5").value()),
                      .destination = datapath::to_abi(IpAddress::parse("10.244.0.6").value()),
                      .source_port = datapath::port_be(port),
                      .destination_port = datapath::port_be(80),
                      .protocol = 6,
                      .pad = {}};
    event.translated = event.original;
    asio::post(loop_, [this, event] { hub_->publish(event); });
  }
  std::vector<uint32_t> ports(const ::observer::GetFlowsRequest& request, size_t enough = 100) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    auto reader = stub_->GetFlows(&context, request);
    std::vector<uint32_t> found;
    ::observer::GetFlowsResponse response;
    while (found.size() < enough && reader->Read(&response))
      found.push_back(response.flow().l4().tcp().source_port());
    if (found.size() >= enough) context.TryCancel();
    while (reader->Read(&response)) {
    }
    last_ = reader->Finish();
    return found;
  }

  std::string socket_ = fmt::format("/tmp/skiff-hubble-{}.sock", ::getpid());
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  NoNames names_;
  SystemClock clock_;
  kube::Store<api::Node> nodes_{loop_.get_executor()};
  Peers peers_{loop_.get_executor(), nodes_, 4244, "*"};
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<hubble::Observer> observer_;
  std::unique_ptr<::observer::Observer::Stub> stub_;
  std::thread thread_;
  grpc::Status last_;
};

TEST_F(HubbleObserver, GivesTheLastOnesThatMatchOldestFirst) {
  for (uint16_t port = 1; port <= 5; ++port) publish(port);
  ::observer::GetFlowsRequest request;
  request.set_number(2);
  EXPECT_EQ(ports(request), (std::vector<uint32_t>{4, 5}));
  EXPECT_TRUE(last_.ok());
  request.set_first(true);
  EXPECT_EQ(ports(request), (std::vector<uint32_t>{1, 2}));
  request.Clear();
  request.set_number(10);
  request.add_whitelist()->add_source_port("3");
  EXPECT_EQ(ports(request), (std::vector<uint32_t>{3}));
}

TEST_F(HubbleObserver, FollowsUntilTheClientGoes) {
  ::observer::GetFlowsRequest request;
  request.set_follow(true);
  std::thread later([this] {
    for (uint16_t port = 1; port <= 100; ++port) {
      publish(port);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_EQ(ports(request, 3).size(), 3U);
  later.join();
}

TEST_F(HubbleObserver, RefusesAFilterItCannotAnswer) {
  ::observer::GetFlowsRequest request;
  request.add_whitelist()->add_http_method("GET");
  EXPECT_TRUE(ports(request).empty());
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(HubbleObserver, TellsItsStatusAndItsNode) {
  publish(1);
  grpc::ClientContext context, again;
  ::observer::ServerStatusResponse status;
  ASSERT_TRUE(stub_->ServerStatus(&context, {}, &status).ok());
  EXPECT_EQ(status.num_connected_nodes().value(), 1U);
  EXPECT_GT(status.max_flows(), 0U);
  ::observer::GetNodesResponse nodes;
  ASSERT_TRUE(stub_->GetNodes(&again, {}, &nodes).ok());
  EXPECT_EQ(nodes.nodes(0).name(), "node-1");
}

TEST_F(HubbleObserver, TheSocketIsForItsOwnerAlone) {
  struct stat status{};
  ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(HubbleObserver, TellsARelayOfTheNodesAndOfWhatChanges) {
  put_node("node-1", "10.0.0.1");
  const auto stub = ::peer::Peer::NewStub(
      grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const auto reader = stub->Notify(&context, {});
  ::peer::ChangeNotification change;
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.name(), "node-1");
  EXPECT_EQ(change.address(), "10.0.0.1:4244");
  EXPECT_EQ(change.type(), ::peer::PEER_ADDED);
  EXPECT_EQ(change.tls().server_name(), "node-1");
  put_node("node-2", "10.0.0.2");
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.name(), "node-2");
  put_node("node-1", "10.0.0.9");
  ASSERT_TRUE(reader->Read(&change));
  EXPECT_EQ(change.type(), ::peer::PEER_UPDATED);
  context.TryCancel();
  while (reader->Read(&change)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// Over TCP, with certificates of both sides.
class HubblePort : public HubbleObserver {
 protected:
  void add_port(ObserverOptions& options) override {
    directory_ = fmt::format("{}skiff-hubble-tls-{}", testing::TempDir(), ::getpid());
    std::filesystem::create_directories(directory_);
    ca_ = *pki::make_ca("test", clock_.now());
    const pki::Pair server = *pki::make_leaf(
        ca_, {.subject = {"node-1", {}}, .dns_names = {"node-1"}, .server = true}, clock_.now());
    ASSERT_TRUE(write_file_atomic(directory_ / "tls.crt", server.certificate).ok());
    ASSERT_TRUE(write_file_atomic(directory_ / "tls.key", server.private_key).ok());
    ASSERT_TRUE(write_file_atomic(directory_ / "ca.crt", ca_.certificate).ok());
    options.address = "127.0.0.1:0";
    options.certificate_file = directory_ / "tls.crt";
    options.private_key_file = directory_ / "tls.key";
    options.client_ca_file = directory_ / "ca.crt";
    options.organization = organization_;
  }
  void TearDown() override {
    HubbleObserver::TearDown();
    std::filesystem::remove_all(directory_);
  }
  // The status of a question to the port; `certificate` null: shows none.
  grpc::StatusCode ask(const pki::Pair* certificate) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = ca_.certificate;
    if (certificate != nullptr) {
      tls.pem_cert_chain = certificate->certificate;
      tls.pem_private_key = certificate->private_key;
    }
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("node-1");
    const auto stub = ::observer::Observer::NewStub(grpc::CreateCustomChannel(
        fmt::format("127.0.0.1:{}", observer_->port()), grpc::SslCredentials(tls), arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    ::observer::ServerStatusResponse status;
    return stub->ServerStatus(&context, {}, &status).error_code();
  }
  pki::Pair client(const pki::Pair& ca, std::vector<std::string> organizations) {
    return *pki::make_leaf(ca, {.subject = {"relay", std::move(organizations)}, .client = true},
                           clock_.now());
  }

  std::string organization_ = "system:masters";
  std::filesystem::path directory_;
  pki::Pair ca_;
};

TEST_F(HubblePort, LetsInCertificatesOfItsOrganization) {
  const pki::Pair master = client(ca_, {"system:masters"}), node = client(ca_, {"system:nodes"});
  EXPECT_EQ(ask(&master), grpc::StatusCode::OK);
  EXPECT_EQ(ask(&node), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(HubblePort, AnOrganizationThatHoldsItsNameIsAnother) {
  for (const char* other :
       {"system:masters-x", "x,O=system:masters", "x, O = system:masters", "x/O=system:masters"}) {
    const pki::Pair certificate = client(ca_, {other});
    EXPECT_EQ(ask(&certificate), grpc::StatusCode::PERMISSION_DENIED) << other;
  }
  const pki::Pair one_of_two = client(ca_, {"dev", "system:masters"});
  EXPECT_EQ(ask(&one_of_two), grpc::StatusCode::OK);
}

TEST_F(HubblePort, WantsACertificateOfItsOwnAuthority) {
  const pki::Pair other = client(*pki::make_ca("other", clock_.now()), {"system:masters"});
  EXPECT_EQ(ask(nullptr), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ask(&other), grpc::StatusCode::UNAVAILABLE);
}

class HubblePortOfARelay : public HubblePort {
 protected:
  HubblePortOfARelay() { organization_.clear(); }
};

TEST_F(HubblePortOfARelay, LetsInWhoeverItsAuthorityHasSigned) {
  const pki::Pair anybody = client(ca_, {});
  EXPECT_EQ(ask(&anybody), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace skiff::trace::hubble
