// SPDX-License-Identifier: Apache-2.0
// What `skiff why` says and what happens to the packet: Services and policies by chance, many
// questions each, asked of the probe, of the explanation, and of the program at the hook.
#include <linux/pkt_cls.h>

#include "agent/datapath/probe.h"
#include "agent/policy/in_force.h"
#include "tests/bpf/policy_packet_fixture.h"
#include "tests/bpf/world.h"
#include "tests/unit/policy/random_policies.h"

namespace skiff::testing {
namespace {

using datapath::ProbeAnswer;
using datapath::ProbeAt;
using policy::RandomPolicies;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

// Where a frame goes: its destination and the port there.
std::pair<IpAddress, uint16_t> goes_to(const Frame& frame) {
  const bool v4 = frame[12] == 0x08;
  std::array<uint8_t, 16> bytes{};
  if (v4) bytes[10] = bytes[11] = 0xff;
  std::copy_n(frame.begin() + (v4 ? 30 : 38), v4 ? 4 : 16, bytes.begin() + (v4 ? 12 : 0));
  const size_t l4 = v4 ? 34 : 54;
  return {IpAddress(bytes), static_cast<uint16_t>(frame[l4 + 2] << 8 | frame[l4 + 3])};
}

struct Outcome {
  ProbeAnswer::Action action = ProbeAnswer::Action::kPassed;
  std::string reason;
  Frame frame;

  bool is_policy() const { return reason.starts_with("policy"); }
  std::string text() const {
    return fmt::format("action {} reason \"{}\" {}", static_cast<int>(action), reason,
                       describe(frame));
  }
};

class WhyProperty : public PolicyPacketTest {
 protected:
  void build_world(const World& w, RandomPolicies& random) {
    ASSERT_TRUE(harness().reset().ok());
    // They keep the flows of their questions; the agent opens one for each.
    for (const ProbeAt at : {ProbeAt::kFromPod, ProbeAt::kFromDevice}) {
      auto probe = datapath::PacketProbe::open(harness().datapath().probe_source(), at);
      ASSERT_TRUE(probe.ok()) << probe.status();
      probes_[static_cast<size_t>(at)] = std::move(*probe);
    }
    const std::vector<std::string> endpoints = {w.pod, w.other_pod, w.remote_pod, w.endpoint};
    uint32_t base = 0;
    services_.clear();
    for (const uint16_t port : {80, 443}) {
      Harness::Service service{.address = w.vip, .port = port, .id = port, .base = base};
      for (size_t i = random.below(4); i > 0; --i)
        service.backends.emplace_back(random.any(endpoints),
                                      static_cast<uint16_t>(random.any(random.kPorts)));
      std::ranges::sort(service.backends, {}, [](const auto& one) {
        return std::pair(ip(one.first).bytes(), one.second);
      });
      const auto twice = std::ranges::unique(service.backends);
      service.backends.erase(twice.begin(), twice.end());
      base += 8;
      ASSERT_TRUE(harness().add_service(service).ok());
      services_.push_back(service);
    }
    cluster_ = std::make_unique<policy::Cluster>();
    cluster_->add_namespace("shop", {{"team", "a"}});
    cluster_->add_namespace("other", {{"team", "b"}});
    const std::string ports =
        "{containers: [{name: a, ports: [{name: http, containerPort: 8080}]}]}";
    for (const char* pod : {w.pod, w.other_pod, w.remote_pod}) {
      const std::string ns = random.one_in(4) ? "other" : "shop";
      const std::string name = fmt::format("pod-{}", pod);
      cluster_->add_pod(ns, name, pod, random.pod_labels(), random.one_in(2) ? ports : "{}");
      if (pod != w.remote_pod) cluster_->add_local(ns, name, pod);
    }
    const std::vector<std::string> blocks =
        w.v4 ? std::vector<std::string>{"0.0.0.0/0", "10.244.0.0/16", "203.0.113.0/24"}
             : std::vector<std::string>{"::/0", "fd00:10:244::/48", "2001:db8::/32"};
    for (size_t i = random.below(5); i > 0; --i)
      cluster_->add_policy(random.one_in(4) ? "other" : "shop", random.spec(blocks));
    ASSERT_TRUE(writer_->apply(cluster_->plan()).ok());
  }

  std::map<std::string, uint64_t> reasons() {
    std::map<std::string, uint64_t> counts;
    const auto all = harness().datapath().reasons();
    EXPECT_TRUE(all.ok()) << all.status();
    for (const auto& one : *all) counts[one.label] = one.packets;
    return counts;
  }
  Outcome really(Program program, const Frame& frame) {
    const auto before = reasons();
    const RunResult result = run(program, frame);
    Outcome outcome{.frame = result.frame};
    if (result.action == TC_ACT_SHOT) outcome.action = ProbeAnswer::Action::kDropped;
    if (result.action == TC_ACT_REDIRECT) outcome.action = ProbeAnswer::Action::kRedirected;
    for (const auto& [label, count] : reasons())
      if (count != before.at(label)) outcome.reason = label;
    return outcome;
  }
  Outcome probed(ProbeAt at, const Frame& frame, uint32_t ifindex) {
    const auto answer = probes_[static_cast<size_t>(at)]->run(
        {reinterpret_cast<const char*>(frame.data()), frame.size()}, ifindex);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return {.action = answer->action,
            .reason = answer->reason,
            .frame = Frame(answer->frame.begin(), answer->frame.end())};
  }
  uint32_t device() {
    uint32_t found = 0;
    EXPECT_TRUE(harness()
                    .maps()
                    .devices->for_each([&](uint32_t ifindex, const auto&) { found = ifindex; })
                    .ok());
    return found;
  }
  // Whether the policies of both ends let the flow pass, as `skiff why` explains them.
  bool explained(const IpAddress& source, const std::pair<IpAddress, uint16_t>& to,
                 uint8_t protocol) {
    const policy::Explainer explainer(cluster_->inputs());
    const policy::Question question{
        .source = source, .destination = to.first, .protocol = protocol, .port = to.second};
    for (const policy::Direction direction : policy::kDirections) {
      const auto judgement = explainer.explain(direction, question);
      if (!judgement) continue;
      const auto tables = policy::in_force(harness().maps(), direction, question);
      EXPECT_TRUE(tables.ok() && tables->allowed == judgement->allowed);
      if (!judgement->allowed &&
          policy::exemption(harness().maps(), direction, question).value().empty())
        return false;
    }
    return true;
  }
  // Chance chooses among several backends: the answers may differ in whom they name.
  size_t choices(const std::pair<IpAddress, uint16_t>& asked) const {
    for (const auto& service : services_)
      if (ip(service.address) == asked.first && service.port == asked.second)
        return service.backends.size();
    return 1;
  }
  std::unique_ptr<datapath::PacketProbe> probes_[2];
  std::unique_ptr<policy::Cluster> cluster_;
  std::vector<Harness::Service> services_;
};

TEST_F(WhyProperty, WhatItSaysIsWhatHappens) {
  size_t denied = 0, refused = 0, delivered = 0;
  for (uint32_t seed = 1; seed <= 30; ++seed) {
    for (const World& w : kWorlds) {
      RandomPolicies random(seed);
      ASSERT_NO_FATAL_FAILURE(build_world(w, random));
      for (uint16_t i = 0; i < 24; ++i) {
        const bool from_pod = random.below(3) != 0;
        const char* source = from_pod ? w.pod : random.one_in(2) ? w.remote_pod : w.outside;
        const std::vector<const char*> targets =
            from_pod ? std::vector<const char*>{w.vip,     w.vip,  w.other_pod, w.remote_pod,
                                                w.outside, w.node, w.pod}
                     : std::vector<const char*>{w.pod, w.other_pod};
        const char* target = random.any(targets);
        const auto port = static_cast<uint16_t>(random.any(random.kPorts));
        PacketBuilder builder(source, static_cast<uint16_t>(40000 + i), target, port);
        const bool tcp = !random.one_in(3);
        const Frame frame = tcp ? builder.tcp(kSyn).build() : builder.udp().build();
        if (std::string_view(source) == target) continue;
        const auto pod = harness().maps().pods->get(datapath::to_abi(ip(w.pod))).value();
        const Outcome said = probed(from_pod ? ProbeAt::kFromPod : ProbeAt::kFromDevice, frame,
                                    from_pod ? pod->ifindex : device());
        const Outcome real = really(from_pod ? kFromPod : kFromDevice, frame);
        const bool one_choice = choices({ip(target), port}) <= 1;
        const std::string question =
            fmt::format("seed {}: {}, {} choices\n  said {}\n  real {}", seed, describe(frame),
                        choices({ip(target), port}), said.text(), real.text());
        if (one_choice) {
          EXPECT_EQ(said.action, real.action) << question;
          EXPECT_EQ(said.reason, real.reason) << question;
          EXPECT_EQ(said.frame, real.frame) << question;
        }
        for (const Outcome& outcome : {said, real}) {
          const uint8_t protocol = tcp ? 6 : 17;
          if (outcome.is_policy() || outcome.reason.empty())
            EXPECT_EQ(explained(ip(source), goes_to(outcome.frame), protocol), !outcome.is_policy())
                << question;
        }
        denied += real.is_policy();
        refused += !real.reason.empty() && !real.is_policy();
        delivered += real.reason.empty();
      }
    }
  }
  EXPECT_GT(denied, 75U);
  EXPECT_GT(refused, 75U);
  EXPECT_GT(delivered, 250U);
}

}  // namespace
}  // namespace skiff::testing
