// SPDX-License-Identifier: Apache-2.0
// What the datapath goes through while packets flow: maps that grow or change their layout, maps
// nobody can read, floods.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <gtest/gtest.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/bpf/live_network.h"

namespace skiff::testing {
namespace {

using namespace std::chrono_literals;
using datapath::Datapath;
using datapath::to_abi;

constexpr uint16_t kPort = 80, kTarget = 8080, kNodePort = 30080;
const IpAddress kVip = IpAddress::parse("10.96.0.1").value();

// Requests that never stop: on connections that stay, on UDP sockets, and on new connections.
class Load {
 public:
  explicit Load(const LiveNetwork& network) {
    const IpAddress node = network.node_address(true);
    for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
      start_steady(network.pod(0).netns, transport, kVip, kPort);
      start_steady(network.outside().netns, transport, node, kNodePort);
    }
    threads_.emplace_back([this, &network] {
      for (; !stop_; std::this_thread::sleep_for(2ms))
        note_new(ask(network.pod(0).netns, Transport::kTcp, kVip, kPort).status());
    });
    threads_.emplace_back([this, &network, node] {
      for (; !stop_; std::this_thread::sleep_for(2ms))
        note_new(ask(network.outside().netns, Transport::kTcp, node, kNodePort).status());
    });
  }
  ~Load() { (void)stop(); }

  // What went wrong first; OK if nothing did.
  Status stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    const std::lock_guard lock(mutex_);
    return first_;
  }
  uint64_t done() const { return done_; }
  // New connections that failed: one whose first packets fall between the last copy of its flow and
  // the switch of the programs may have to be made again.
  uint64_t not_made() const { return not_made_; }

 private:
  void start_steady(const net::Netns& from, Transport transport, const IpAddress& address,
                    uint16_t port) {
    auto client = Client::open(from, transport, address, port);
    note(client.status());
    if (!client.ok()) return;
    threads_.emplace_back([this, client = std::move(*client), transport]() mutable {
      if (transport == Transport::kTcp) note(client.receive().status());  // the greeting
      while (!stop_) {
        Status status = client.send("request\n");
        if (status.ok()) status = client.receive().status();
        note(annotate(status, transport == Transport::kTcp ? "steady TCP" : "steady UDP"));
      }
    });
  }
  void note(const Status& status) {
    if (status.ok()) {
      ++done_;
      return;
    }
    const std::lock_guard lock(mutex_);
    if (first_.ok()) first_ = status;
    stop_ = true;
  }

  std::atomic<bool> stop_ = false;
  void note_new(const Status& status) { ++(status.ok() ? done_ : not_made_); }

  std::atomic<uint64_t> done_ = 0, not_made_ = 0;
  std::mutex mutex_;
  Status first_;
  std::vector<std::thread> threads_;
};

class SurvivalTest : public ::testing::TestWithParam<datapath::TcHook> {
 protected:
  void SetUp() override {
    if (const auto reason = isolate_process()) GTEST_SKIP() << *reason;
    auto network = LiveNetwork::create();
    ASSERT_TRUE(network.ok()) << network.status();
    network_ = std::move(*network);
    options_.pin_dir = test_pin_dir("survival");
    options_.tc_hook = GetParam();
    options_.sizes = {.frontends = 256, .backends = 256, .flows = 1024, .new_flows = 1024};
    ASSERT_NO_FATAL_FAILURE(open());
    const Status attached = network_->attach(*datapath_);
    ASSERT_TRUE(attached.ok()) << attached;
    for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
      auto server = Server::start(network_->pod(1).netns, transport, kTarget, "pod1");
      ASSERT_TRUE(server.ok()) << server.status();
      servers_.push_back(std::move(*server));
    }
    ASSERT_NO_FATAL_FAILURE(expose());
  }
  void TearDown() override {
    datapath_.reset();
    if (network_) {
      EXPECT_TRUE(datapath::uninstall(options_.pin_dir).ok());
    }
  }
  void open() {
    datapath_.reset();
    auto opened = Datapath::open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    datapath_ = std::move(*opened);
  }
  void expose() {
    datapath::Maps& maps = datapath_->maps();
    ASSERT_TRUE(
        maps.backends
            ->put(3, {.address = to_abi(network_->pod(1).v4), .port = datapath::port_be(kTarget)})
            .ok());
    for (const uint8_t protocol : {6, 17}) {
      const datapath::Frontend frontend = {
          .service_id = protocol, .base = 3, .count = 1, .generation = 7};
      for (const auto& [address, port] :
           {std::pair(to_abi(kVip), kPort),
            std::pair(datapath::node_port_address(true), kNodePort)}) {
        ASSERT_TRUE(
            maps.frontends
                ->put({.address = address, .port = datapath::port_be(port), .protocol = protocol},
                      frontend)
                .ok());
      }
    }
  }
  size_t flows() {
    size_t count = 0;
    EXPECT_TRUE(datapath_->maps().flows->for_each([&](auto&, auto&) { ++count; }).ok());
    return count;
  }
  std::string pin(const char* name) const {
    return fmt::format("{}/maps/{}", options_.pin_dir, name);
  }

  std::unique_ptr<LiveNetwork> network_;
  std::vector<std::unique_ptr<Server>> servers_;
  datapath::DatapathOptions options_;
  std::unique_ptr<Datapath> datapath_;
};

// About maps alone: however the programs are attached, it is the same.
class MapSurvivalTest : public SurvivalTest {};

TEST_P(MapSurvivalTest, MapsGrowUnderTraffic) {
  Load load(*network_);
  for (uint32_t size = 2048; size <= 16384; size *= 2) {
    std::this_thread::sleep_for(100ms);
    const size_t before = flows();
    const Status grown =
        datapath_->grow({{"flows", size}, {"aliases", size}, {"frontends", size / 4}});
    ASSERT_TRUE(grown.ok()) << grown;
    EXPECT_EQ(datapath_->maps().flows->capacity(), size);
    EXPECT_GE(flows() + 8, before) << "connections end meanwhile, but hardly any";
  }
  std::this_thread::sleep_for(100ms);
  const Status status = load.stop();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_GT(load.done(), 100u);
  EXPECT_LE(load.not_made(), 2u);
  EXPECT_TRUE(datapath_->recreated_maps().empty());
}

TEST_P(MapSurvivalTest, ProbesAreOpenedInOtherThreadsWhileMapsGrow) {
  std::atomic<bool> grown = false;
  std::atomic<int> opened = 0;
  const datapath::ProbeSource source = datapath_->probe_source();
  std::thread asker([&] {
    while (!grown) {
      const auto probe = datapath::PacketProbe::open(source);
      EXPECT_TRUE(probe.ok()) << probe.status();
      ++opened;
    }
  });
  for (const uint32_t size : {2048U, 4096U, 8192U, 16384U}) {
    const int before = opened;
    const Status status = datapath_->grow({{"flows", size}});
    EXPECT_TRUE(status.ok()) << status;
    while (opened == before) std::this_thread::sleep_for(1ms);
  }
  grown = true;
  asker.join();
}

TEST_P(SurvivalTest, AnUpgradeToLargerMapsCostsNoPacket) {
  Load load(*network_);
  std::this_thread::sleep_for(200ms);
  options_.sizes.flows = 4096;
  options_.sizes.new_flows = 4096;
  options_.sizes.backends = 512;
  ASSERT_NO_FATAL_FAILURE(open());
  std::this_thread::sleep_for(200ms);
  const Status status = load.stop();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_GT(load.done(), 100u);
  EXPECT_LE(load.not_made(), 2u);
  EXPECT_EQ(datapath_->maps().backends->capacity(), 512u);
}

TEST_P(SurvivalTest, AnInterruptedUpgradeIsGoneOnWith) {
  Load load(*network_);
  options_.sizes.flows = 4096;
  std::this_thread::sleep_for(100ms);
  {
    // As a crash between the switch of programs and the rename leaves it: both maps pinned, the new
    // one read by programs.
    ASSERT_NO_FATAL_FAILURE(open());
    const std::string next = fmt::format("{}/next/flows", options_.pin_dir);
    ASSERT_EQ(::rename(pin("flows").c_str(), next.c_str()), 0);
    const UniqueFd old(::bpf_map_create(BPF_MAP_TYPE_HASH, "flows", sizeof(datapath::Tuple),
                                        sizeof(datapath::Flow), 64, nullptr));
    ASSERT_TRUE(old);
    ASSERT_EQ(::bpf_obj_pin(old.get(), pin("flows").c_str()), 0);
  }
  ASSERT_NO_FATAL_FAILURE(open());
  EXPECT_GT(flows(), 0u) << "what programs had written to the new map";
  EXPECT_EQ(datapath_->maps().flows->capacity(), 4096u);
  std::this_thread::sleep_for(100ms);
  const Status status = load.stop();
  EXPECT_TRUE(status.ok()) << status;
}

// The layout of frontends in the first release, 24 bytes, with its BTF.
Result<UniqueFd> first_frontends() {
  const std::unique_ptr<btf, void (*)(btf*)> types(::btf__new_empty(), ::btf__free);
  const int u32 = ::btf__add_int(types.get(), "unsigned int", 4, 0);
  const int u16 = ::btf__add_int(types.get(), "unsigned short", 2, 0);
  const int u8 = ::btf__add_int(types.get(), "unsigned char", 1, 0);
  const int be32 = ::btf__add_typedef(types.get(), "__be32", u32);
  const int be16 = ::btf__add_typedef(types.get(), "__be16", u16);
  const int words = ::btf__add_array(types.get(), u32, be32, 4);
  const int address = ::btf__add_struct(types.get(), "skiff_address", 16);
  ::btf__add_field(types.get(), "word", words, 0, 0);
  const int key = ::btf__add_struct(types.get(), "skiff_frontend_key", 20);
  ::btf__add_field(types.get(), "address", address, 0, 0);
  ::btf__add_field(types.get(), "port", be16, 128, 0);
  ::btf__add_field(types.get(), "protocol", u8, 144, 0);
  ::btf__add_field(types.get(), "scope", u8, 152, 0);
  const int value = ::btf__add_struct(types.get(), "skiff_frontend", 24);
  uint32_t bit = 0;
  for (const char* name :
       {"service_id", "base", "count", "generation", "affinity_seconds", "flags"}) {
    ::btf__add_field(types.get(), name, u32, bit, 0);
    bit += 32;
  }
  if (const int failed = ::btf__load_into_kernel(types.get()); failed < 0) {
    return errno_status(-failed, "load BTF");
  }
  DECLARE_LIBBPF_OPTS(bpf_map_create_opts, create, .btf_fd = (uint32_t)::btf__fd(types.get()),
                      .btf_key_type_id = (uint32_t)key, .btf_value_type_id = (uint32_t)value,
                      .map_flags = BPF_F_NO_PREALLOC);
  UniqueFd map(::bpf_map_create(BPF_MAP_TYPE_HASH, "frontends", 20, 24, 128, &create));
  if (!map) return errno_status(errno, "create map");
  return map;
}

TEST_P(MapSurvivalTest, FrontendsOfTheFirstReleaseAreBroughtOver) {
  auto old = first_frontends();
  ASSERT_TRUE(old.ok()) << old.status();
  std::vector<datapath::FrontendKey> keys;
  ASSERT_TRUE(datapath_->maps()
                  .frontends
                  ->for_each([&](const datapath::FrontendKey& key, const datapath::Frontend& now) {
                    const uint32_t value[6] = {now.service_id, now.base, now.count,
                                               now.generation, 60,       now.flags};
                    EXPECT_EQ(::bpf_map_update_elem(old->get(), &key, value, BPF_ANY), 0);
                    keys.push_back(key);
                  })
                  .ok());
  Load load(*network_);
  std::this_thread::sleep_for(100ms);
  ASSERT_EQ(::unlink(pin("frontends").c_str()), 0);
  ASSERT_EQ(::bpf_obj_pin(old->get(), pin("frontends").c_str()), 0);
  ASSERT_NO_FATAL_FAILURE(open());
  std::this_thread::sleep_for(100ms);
  const Status status = load.stop();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_FALSE(datapath_->waiting());
  for (const datapath::FrontendKey& key : keys) {
    const auto now = datapath_->maps().frontends->get(key);
    ASSERT_TRUE(now.ok() && now->has_value());
    EXPECT_EQ((*now)->service_id, key.protocol);
    EXPECT_EQ((*now)->base, 3u);
    EXPECT_EQ((*now)->generation, 7u);
    EXPECT_EQ((*now)->affinity_seconds, 60u);
    EXPECT_EQ((*now)->draining, 0u);
  }
}

TEST_P(MapSurvivalTest, FrontendsNobodyCanReadServeUntilTheFirstSync) {
  Load load(*network_);
  std::this_thread::sleep_for(100ms);
  {
    const UniqueFd old(
        ::bpf_map_create(BPF_MAP_TYPE_HASH, "frontends", 12, 8, 128, nullptr));  // no BTF
    ASSERT_TRUE(old);
    ASSERT_EQ(::unlink(pin("frontends").c_str()), 0);
    ASSERT_EQ(::bpf_obj_pin(old.get(), pin("frontends").c_str()), 0);
  }
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(datapath_->waiting());
  ASSERT_EQ(datapath_->recreated_maps().size(), 1u);
  const Status attached = network_->attach(*datapath_);  // as the agent does at its start
  ASSERT_TRUE(attached.ok()) << attached;
  std::this_thread::sleep_for(200ms);  // the old programs serve
  ASSERT_NO_FATAL_FAILURE(open());     // and a crash meanwhile changes nothing
  ASSERT_TRUE(datapath_->waiting());
  ASSERT_NO_FATAL_FAILURE(expose());
  const Status finished = datapath_->finish_upgrade();
  ASSERT_TRUE(finished.ok()) << finished;
  EXPECT_FALSE(datapath_->waiting());
  std::this_thread::sleep_for(200ms);
  const Status status = load.stop();
  EXPECT_TRUE(status.ok()) << status;
  ASSERT_NO_FATAL_FAILURE(open());
  EXPECT_FALSE(datapath_->waiting());
}

struct [[gnu::packed]] Syn {
  iphdr ip;
  tcphdr tcp;
};

uint16_t checksum(const void* data, size_t size, uint32_t sum) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i + 1 < size; i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<uint16_t>(~sum));
}

Syn make_syn(uint32_t source, uint32_t destination, uint16_t source_port, uint16_t port) {
  Syn syn = {};
  syn.ip.version = 4;
  syn.ip.ihl = 5;
  syn.ip.ttl = 64;
  syn.ip.protocol = IPPROTO_TCP;
  syn.ip.tot_len = htons(sizeof(syn));
  syn.ip.saddr = source;
  syn.ip.daddr = destination;
  syn.tcp.source = htons(source_port);
  syn.tcp.dest = htons(port);
  syn.tcp.doff = 5;
  syn.tcp.syn = 1;
  syn.tcp.window = htons(65535);
  uint32_t pseudo = IPPROTO_TCP + sizeof(syn.tcp);
  for (const uint32_t address : {ntohl(source), ntohl(destination)})
    pseudo += (address >> 16) + (address & 0xffff);
  syn.tcp.check = checksum(&syn.tcp, sizeof(syn.tcp), pseudo);
  return syn;
}

TEST_P(MapSurvivalTest, AFloodOfSynsEvictsNoEstablishedFlow) {
  Load load(*network_);
  std::this_thread::sleep_for(100ms);
  UniqueFd raw;
  ASSERT_TRUE(network_->outside()
                  .netns
                  .run([&]() -> Status {
                    raw.reset(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
                    return raw ? Status() : errno_status(errno, "raw socket");
                  })
                  .ok());
  const auto node = network_->node_address(true).bytes();
  sockaddr_in to = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
  std::memcpy(&to.sin_addr, node.data() + 12, 4);
  int sent = 0;
  for (uint32_t i = 0; i < 65536; ++i) {
    // 198.18.0.0/15 is for benchmarks: nobody is there to answer the answer.
    const Syn syn = make_syn(htonl(0xc6120000 + i % 8192), to.sin_addr.s_addr,
                             static_cast<uint16_t>(1024 + i / 8), kNodePort);
    sent += ::sendto(raw.get(), &syn, sizeof(syn), 0, reinterpret_cast<sockaddr*>(&to),
                     sizeof(to)) == sizeof(syn);
  }
  EXPECT_GT(sent, 60000);
  std::this_thread::sleep_for(100ms);
  const Status status = load.stop();
  EXPECT_TRUE(status.ok()) << status;
  size_t foreign = 0;
  EXPECT_TRUE(datapath_->maps()
                  .flows
                  ->for_each([&](const datapath::Tuple&, const datapath::Flow& flow) {
                    foreign +=
                        datapath::from_abi(flow.original.source).to_string().starts_with("198.");
                  })
                  .ok());
  EXPECT_EQ(foreign, 0u) << "a SYN nobody answers the answer of is not established";
}

std::string hook_name(const ::testing::TestParamInfo<datapath::TcHook>& info) {
  return info.param == datapath::TcHook::kClsact ? "Clsact" : "Automatic";
}

INSTANTIATE_TEST_SUITE_P(, SurvivalTest,
                         ::testing::Values(datapath::TcHook::kAutomatic, datapath::TcHook::kClsact),
                         hook_name);
INSTANTIATE_TEST_SUITE_P(, MapSurvivalTest, ::testing::Values(datapath::TcHook::kAutomatic),
                         hook_name);

}  // namespace
}  // namespace skiff::testing
