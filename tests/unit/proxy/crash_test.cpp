// SPDX-License-Identifier: Apache-2.0
// The agent dies after every single write of a sync: what packets find meanwhile, and what the next
// agent makes of it.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "agent/proxy/frontend_writer.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/mortal_maps.h"

namespace skiff::proxy {
namespace {

using testing::Lifetime;
using testing::mortal_service_maps;
using Services = std::map<std::string, std::vector<Frontend>>;
constexpr int kForever = 1 << 30;

Backend endpoint(int pod) {
  return {IpAddress::v4(0x0af40000u + static_cast<uint32_t>(pod)), 8080};
}

Frontend frontend(const char* address, uint16_t port, std::vector<Backend> backends) {
  Frontend made;
  made.key = {IpAddress::parse(address).value(), port, IPPROTO_UDP, Scope::kInternal};
  made.service = fmt::format("shop/{}-{}", address, port);
  made.backends = std::move(backends);
  return made;
}

Frontend node_port(uint16_t port, std::vector<Backend> backends) {
  Frontend made = frontend("0.0.0.0", port, std::move(backends));
  made.node_port = true;
  return made;
}

Frontend restricted(const char* address, const char* range) {
  Frontend made = frontend(address, 443, {endpoint(9)});
  made.restricted = true;
  made.source_ranges = {Cidr::parse(range).value()};
  return made;
}

const Services& before() {
  static const Services services = {
      {"shop/web",
       {frontend("10.96.0.1", 80, {endpoint(1), endpoint(2)}),
        node_port(30080, {endpoint(1), endpoint(2)})}},
      {"shop/old", {frontend("10.96.0.2", 80, {endpoint(3)}), node_port(30090, {endpoint(3)})}},
      {"shop/lb", {restricted("192.0.2.1", "198.51.100.0/24")}},
      {"shop/same", {frontend("10.96.0.4", 53, {endpoint(4), endpoint(5)})}}};
  return services;
}

// Backends come and go, a Service goes, one comes, another source range.
const Services& after() {
  static const Services services = {
      {"shop/web",
       {frontend("10.96.0.1", 80, {endpoint(2), endpoint(6)}),
        node_port(30080, {endpoint(2), endpoint(6)})}},
      {"shop/lb", {restricted("192.0.2.1", "203.0.113.0/24")}},
      {"shop/new", {frontend("10.96.0.5", 80, {endpoint(7)}), node_port(30100, {endpoint(7)})}},
      {"shop/same", {frontend("10.96.0.4", 53, {endpoint(4), endpoint(5)})}}};
  return services;
}

// A life of an agent: as Proxy::run() has it, prune only if all has been applied.
bool sync(datapath::Maps& maps, const Services& services, const Clock& clock) {
  FrontendWriter writer(maps, clock);
  if (!writer.restore().ok()) return false;
  bool complete = true;
  for (const auto& [owner, frontends] : services) complete &= writer.apply(owner, frontends).ok();
  return complete && writer.prune().ok();
}

// What packets find at each frontend: its backends, by address, without ids and places.
std::map<std::string, std::vector<std::string>> seen(const datapath::Maps& maps) {
  std::map<std::string, std::vector<std::string>> found;
  EXPECT_TRUE(maps.frontends
                  ->for_each([&](const auto& key, const auto& entry) {
                    std::vector<std::string> backends;
                    for (uint32_t i = 0; i < entry.count; ++i) {
                      const auto backend = maps.backends->get(entry.base + i).value();
                      backends.push_back(backend ? datapath::from_abi(backend->address).to_string()
                                                 : "nothing");
                    }
                    found[fmt::format("{} {}", datapath::from_abi(key.address).to_string(),
                                      datapath::port_of(key.port))] = backends;
                  })
                  .ok());
  return found;
}

std::vector<std::string> others(const datapath::Maps& maps) {
  std::vector<std::string> found;
  EXPECT_TRUE(maps.source_ranges
                  ->for_each([&](const auto& key, const auto&) {
                    found.push_back(datapath::from_abi(key.address).to_string());
                  })
                  .ok());
  EXPECT_TRUE(maps.reserved_ports
                  ->for_each([&](const uint32_t& word, const uint64_t& bits) {
                    if (bits != 0) found.push_back(fmt::format("{}: {:x}", word, bits));
                  })
                  .ok());
  return found;
}

class CrashTest : public ::testing::Test {
 protected:
  // The maps as a complete sync of `before()` leaves them; then one of `after()` that dies after
  // `writes`. True: it was done before that.
  bool die_after(int writes, datapath::Maps& maps) {
    EXPECT_TRUE(sync(maps, before(), clock_));
    const Lifetime lifetime = std::make_shared<int>(writes);
    datapath::Maps view = mortal_service_maps(maps, lifetime);
    (void)sync(view, after(), clock_);
    return *lifetime >= 0;
  }
  FakeClock clock_;
};

TEST_F(CrashTest, TheNextAgentConvergesWhereverTheLastOneDied) {
  datapath::Maps wanted = datapath::memory_maps();
  ASSERT_TRUE(sync(wanted, after(), clock_));
  int deaths = 0;
  for (int writes = 0;; ++writes) {
    SCOPED_TRACE(fmt::format("dead after {} writes", writes));
    datapath::Maps maps = datapath::memory_maps();
    if (die_after(writes, maps)) break;
    ++deaths;
    ASSERT_TRUE(sync(maps, after(), clock_));
    ASSERT_EQ(seen(maps), seen(wanted));
    ASSERT_EQ(others(maps), others(wanted));
  }
  EXPECT_GT(deaths, 10);
}

TEST_F(CrashTest, EveryFrontendIsWholeWhereverTheAgentDied) {
  datapath::Maps old = datapath::memory_maps(), wanted = datapath::memory_maps();
  ASSERT_TRUE(sync(old, before(), clock_));
  ASSERT_TRUE(sync(wanted, after(), clock_));
  const auto was = seen(old), will_be = seen(wanted);
  for (int writes = 0;; ++writes) {
    SCOPED_TRACE(fmt::format("dead after {} writes", writes));
    datapath::Maps maps = datapath::memory_maps();
    const bool done = die_after(writes, maps);
    const auto now = seen(maps);
    for (const auto& [key, backends] : now) {
      const auto old_entry = was.find(key), new_entry = will_be.find(key);
      EXPECT_TRUE((old_entry != was.end() && old_entry->second == backends) ||
                  (new_entry != will_be.end() && new_entry->second == backends))
          << key;
    }
    for (const auto& [key, backends] : was)
      EXPECT_TRUE(now.contains(key) || !will_be.contains(key)) << key << " went, and should stay";
    if (done) break;
  }
}

TEST_F(CrashTest, NothingGoesBeforeEveryServiceHasBeenSeen) {
  datapath::Maps maps = datapath::memory_maps();
  ASSERT_TRUE(sync(maps, before(), clock_));
  const auto was = seen(maps);
  FrontendWriter writer(maps, clock_);
  ASSERT_TRUE(writer.restore().ok());
  ASSERT_TRUE(writer.apply("shop/same", before().at("shop/same")).ok());
  EXPECT_EQ(seen(maps), was);
}

TEST_F(CrashTest, DyingAgainAndAgainConvergesToo) {
  datapath::Maps maps = datapath::memory_maps(), wanted = datapath::memory_maps();
  ASSERT_TRUE(sync(wanted, after(), clock_));
  ASSERT_TRUE(sync(maps, before(), clock_));
  for (int life = 0; life < 200; ++life) {
    const Lifetime lifetime = std::make_shared<int>(life % 7);
    datapath::Maps view = mortal_service_maps(maps, lifetime);
    (void)sync(view, life % 2 == 0 ? after() : before(), clock_);
  }
  const Lifetime lifetime = std::make_shared<int>(kForever);
  datapath::Maps view = mortal_service_maps(maps, lifetime);
  ASSERT_TRUE(sync(view, after(), clock_));
  EXPECT_EQ(seen(maps), seen(wanted));
  EXPECT_EQ(others(maps), others(wanted));
}

}  // namespace
}  // namespace skiff::proxy
