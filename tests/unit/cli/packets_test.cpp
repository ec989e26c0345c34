// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/packets/capture.h"
#include "cli/packets/filter.h"
#include "cli/packets/trace.h"
#include "cli/packets/walk_text.h"

namespace skiff::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

skiff_tuple tuple(const char* source, uint16_t source_port, const char* destination,
                  uint16_t destination_port) {
  return {.source = datapath::to_abi(ip(source)),
          .destination = datapath::to_abi(ip(destination)),
          .source_port = datapath::port_be(source_port),
          .destination_port = datapath::port_be(destination_port),
          .protocol = 6,
          .pad = {}};
}

Sighting seen(const std::string& node, uint8_t hook, std::chrono::microseconds at,
              const skiff_tuple& before, const skiff_tuple& after, int32_t verdict = 2) {
  Sighting sighting{.node = node, .place = {.number = hook, .interface = "eth0", .pod = ""}};
  if (hook == SKIFF_HOOK_FROM_POD)
    sighting.place = {.number = hook, .interface = "veth1", .pod = "shop/client"};
  sighting.packet.time = TimePoint(1h + at);
  skiff_tap_event& event = sighting.packet.event;
  event.header.hook = hook;
  event.header.length = 74;
  event.header.tcp_flags = 0x02;
  event.before = before;
  event.after = after;
  event.verdict = verdict;
  event.tcp_sequence = 1000;
  return sighting;
}

// At a point of the kernel, in the pod's own namespace unless `place` says otherwise.
Sighting at_point(const std::string& node, uint32_t point, std::chrono::microseconds at,
                  const skiff_tuple& before, const skiff_tuple& after, uint64_t packet = 1) {
  Sighting sighting = seen(node, SKIFF_HOOK_OTHER, at, before, after, 0);
  sighting.packet.event.point = point;
  sighting.packet.event.packet = packet;
  sighting.place = {.number = 50, .interface = "eth0", .pod = "shop/client", .inside = true};
  return sighting;
}

SocketSighting asked(std::chrono::microseconds at, const skiff_tuple& to, const skiff_tuple& given,
                     const char* why) {
  SocketSighting sighting{.node = "node-1"};
  sighting.socket = {
      .time = TimePoint(1h + at), .pod = "shop/client", .asked = to, .given = given, .why = why};
  sighting.socket.asked.source_port = sighting.socket.given.source_port = 0;
  return sighting;
}

ClusterObjects cluster() {
  ClusterObjects objects;
  const auto pod = [&](const char* name, const char* address) {
    api::Pod made;
    made.metadata.namespace_ = "shop";
    made.metadata.name = name;
    made.status.podIPs.emplace_back();
    made.status.podIPs.back().ip = address;
    objects.pods.push_back(made);
  };
  pod("client", "10.244.0.5");
  pod("web-1", "10.244.1.7");
  api::Service service;
  service.metadata.namespace_ = "shop";
  service.metadata.name = "web";
  service.spec.clusterIPs = {"10.96.0.7"};
  service.spec.ports.emplace_back();
  service.spec.ports.back().port = 80;
  objects.services.push_back(service);
  return objects;
}

const skiff_tuple kAsked = tuple("10.244.0.5", 40000, "10.96.0.7", 80);
const skiff_tuple kTranslated = tuple("10.244.0.5", 40000, "10.244.1.7", 8080);

TEST(PacketWalk, FollowsAPacketThroughTranslationAndOverNodes) {
  const auto walks =
      join({.packets = {seen("node-2", SKIFF_HOOK_FROM_DEVICE, 40us, kTranslated, kTranslated),
                        seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated),
                        seen("node-1", SKIFF_HOOK_TO_DEVICE, 9us, kTranslated, kTranslated, 1)}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_EQ(print(walks[0], ClusterNames(cluster(), "shop")),
            "01:00:00.000000 shop/client:40000 -> shop/web:80 TCP SYN len 74\n"
            "        +0.0us  node-1   from pod shop/client (veth1)             shop/web:80 becomes "
            "shop/web-1:8080; redirected\n"
            "        +9.0us  node-1   to device eth0                           goes on\n"
            "       +40.0us  node-2   from device eth0                         redirected\n");
}

TEST(PacketWalk, FollowsWhatIsCarriedAcrossAsItCame) {
  const skiff_tuple came = tuple("192.0.2.9", 40000, "10.96.0.7", 80);
  const skiff_tuple given = tuple("192.0.2.9", 40000, "10.244.1.7", 8080);
  Sighting carried = seen("node-1", SKIFF_HOOK_FROM_DEVICE, 0us, came, given);
  carried.packet.event.mark = SKIFF_CARRIED_MARK;
  const auto walks =
      join({.packets = {carried, seen("node-2", SKIFF_HOOK_FROM_DEVICE, 30us, came, given)}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_EQ(print(walks[0], ClusterNames(cluster(), "shop")),
            "01:00:00.000000 192.0.2.9:40000 -> shop/web:80 TCP SYN len 74\n"
            "        +0.0us  node-1   from device eth0                         for "
            "shop/web-1:8080; carried across as it came, to be answered there\n"
            "       +30.0us  node-2   from device eth0                         shop/web:80 becomes "
            "shop/web-1:8080; redirected\n");
}

TEST(PacketWalk, FollowsAPacketInsideTheOverlayOverNodes) {
  const skiff_tuple outer = tuple("10.89.0.2", 50000, "10.89.0.3", 4789);
  const auto wrapped = [&](const char* node, uint32_t point, std::chrono::microseconds at,
                           uint64_t packet) {
    Sighting sighting = at_point(node, point, at, kTranslated, outer, packet);
    sighting.packet.event.wrapped = 1;
    return sighting;
  };
  const auto walks =
      join({.packets = {seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated),
                        wrapped("node-1", SKIFF_POINT_DEVICE_SEND, 5us, 7),
                        wrapped("node-2", SKIFF_POINT_RECEIVED, 9us, 8),
                        seen("node-2", SKIFF_HOOK_FROM_DEVICE, 12us, kTranslated, kTranslated)}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_EQ(walks[0].steps.size(), 4U);
}

TEST(PacketWalk, TheSamePacketSentAgainIsAnother) {
  const auto walks =
      join({.packets = {seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated),
                        seen("node-1", SKIFF_HOOK_FROM_POD, 900us, kAsked, kTranslated)}});
  EXPECT_EQ(walks.size(), 2U);
}

TEST(PacketWalk, AnotherSequenceNumberIsAnotherPacket) {
  Sighting other = seen("node-2", SKIFF_HOOK_FROM_DEVICE, 5us, kTranslated, kTranslated);
  other.packet.event.tcp_sequence = 2000;
  EXPECT_EQ(
      join({.packets = {seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated), other}})
          .size(),
      2U);
}

TEST(PacketWalk, EndsWhereThePacketIsLost) {
  const auto walks =
      join({.packets = {seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kAsked,
                             -SKIFF_REASON_NO_ENDPOINTS),
                        seen("node-2", SKIFF_HOOK_FROM_DEVICE, 5us, kAsked, kAsked)}});
  ASSERT_EQ(walks.size(), 2U);
  EXPECT_THAT(print(walks[0], ClusterNames(cluster(), "shop")), HasSubstr("lost: no_endpoints"));
}

TEST(PacketWalk, AfterTheWindowItIsAnotherPacket) {
  EXPECT_EQ(
      join({.packets = {seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated),
                        seen("node-2", SKIFF_HOOK_FROM_DEVICE, 2s, kTranslated, kTranslated)}})
          .size(),
      2U);
}

TEST(PacketWalk, IsToldWhileOthersGoOn) {
  const std::chrono::steady_clock::time_point begun(1h);
  Sighting over = seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated);
  Sighting first = over,
           last = seen("node-2", SKIFF_HOOK_FROM_DEVICE, 5us, kTranslated, kTranslated);
  first.packet.event.tcp_sequence = last.packet.event.tcp_sequence = 2000;
  over.arrived = first.arrived = begun;
  last.arrived = begun + 1s;
  Sightings waiting{.packets = {over, first, last}};
  EXPECT_EQ(take_settled(waiting, begun).size(), 1U);
  EXPECT_EQ(waiting.packets.size(), 2U) << "the walk that goes on stays whole";
  const auto walks = take_settled(waiting, begun + 1s);
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_EQ(walks[0].steps.size(), 2U);
  EXPECT_TRUE(waiting.empty());
}

TEST(PacketWalk, PointsOfTheKernelAreSaidByPlaceWithTheTimeInNetfilter) {
  const auto walks = join(
      {.packets = {at_point("node-1", SKIFF_POINT_NETFILTER_FIRST_OUTPUT, 0us, kTranslated,
                            kTranslated),
                   at_point("node-1", SKIFF_POINT_NETFILTER_LAST_OUTPUT, 20us, kTranslated,
                            kTranslated),
                   at_point("node-1", SKIFF_POINT_DEVICE_QUEUE, 22us, kTranslated, kTranslated),
                   seen("node-1", SKIFF_HOOK_FROM_POD, 30us, kTranslated, kTranslated)},
       .sockets = {asked(-9us, kAsked, kTranslated, "chosen")}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_EQ(print(walks[0], ClusterNames(cluster(), "shop")),
            "00:59:59.999991 shop/client:40000 -> shop/web-1:8080 TCP SYN len 74\n"
            "        +0.0us  node-1   socket of shop/client                    shop/web:80 becomes "
            "shop/web-1:8080 (chosen)\n"
            "        +9.0us  node-1   in shop/client eth0                      netfilter output "
            "20.0us, queued +22us\n"
            "       +39.0us  node-1   from pod shop/client (veth1)             redirected\n");
  EXPECT_THAT(print(walks[0], ClusterNames(cluster(), "shop"), WalkDetail::kPoints),
              HasSubstr("+31.0us  node-1   in shop/client eth0                      queued\n"));
}

// A segment with bytes in it at the last point before its reader.
Sighting arrived(uint32_t sequence, std::chrono::microseconds at, uint64_t packet) {
  Sighting segment =
      at_point("node-1", SKIFF_POINT_NETFILTER_LAST_INPUT, at, kTranslated, kTranslated, packet);
  segment.packet.event.tcp_sequence = sequence;
  segment.packet.event.ip_identification = static_cast<uint32_t>(packet);
  segment.packet.event.header.payload = 1;
  return segment;
}

Sighting read_of(const Sighting& segment, uint32_t bytes, std::chrono::microseconds at) {
  Sighting read = segment;
  read.packet.time = TimePoint(1h + at);
  read.packet.event.point = SKIFF_POINT_READ;
  read.packet.event.reason = bytes;
  return read;
}

bool was_read(const Walk& walk) {
  return walk.steps.back().packet.event.point == SKIFF_POINT_READ;
}

TEST(PacketWalk, SegmentsThatBecameOneInTheirQueueWereAllRead) {
  const Sighting first = arrived(1000, 0us, 1);
  Sighting acknowledgement = arrived(1010, 5us, 2);
  acknowledgement.packet.event.header.payload = 0;
  const auto walks = join({.packets = {first, acknowledgement, arrived(1010, 10us, 3),
                                       arrived(1020, 20us, 4), read_of(first, 20, 30us)}});
  ASSERT_EQ(walks.size(), 4U);
  EXPECT_TRUE(was_read(walks[0]));
  EXPECT_FALSE(was_read(walks[1])) << "it has nothing to read";
  EXPECT_TRUE(was_read(walks[2]));
  EXPECT_THAT(print(walks[2], ClusterNames(cluster(), "shop")),
              HasSubstr("read: together with a segment before it +20us"));
  EXPECT_FALSE(was_read(walks[3])) << "the reader has not come so far";
}

TEST(PacketWalk, AReaderThatTakesAPacketByPiecesIsToldOfOnce) {
  const Sighting first = arrived(1000, 0us, 1);
  const auto walks = join({.packets = {first, arrived(1010, 10us, 2), read_of(first, 6, 30us),
                                       read_of(first, 4, 40us), read_of(first, 4, 50us)}});
  ASSERT_EQ(walks.size(), 2U);
  EXPECT_EQ(walks[0].steps.size(), 2U);
  ASSERT_EQ(walks[1].steps.size(), 2U);
  EXPECT_EQ(walks[1].steps.back().packet.time, TimePoint(1h + 50us));
}

TEST(PacketWalk, AReadThatIsSharedIsToldOnceHoweverOftenItsWalkIsLookedAt) {
  const auto then = std::chrono::steady_clock::now();
  Sighting first = arrived(1000, 0us, 1), second = arrived(1010, 10us, 2);
  Sighting read = read_of(first, 20, 30us);
  first.arrived = read.arrived = then;
  second.arrived = then + 1s;
  Sightings waiting{.packets = {first, second, read}};
  EXPECT_EQ(take_settled(waiting, then - 1s).size(), 0U);
  EXPECT_EQ(take_settled(waiting, then).size(), 1U);
  const auto rest = take_settled(waiting, then + 1s);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_TRUE(was_read(rest[0]));
  EXPECT_TRUE(waiting.empty());
}

TEST(PacketWalk, IsFollowedThroughATranslationOfOthers) {
  Sighting dropped = at_point("node-1", SKIFF_POINT_DROPPED, 9us, kTranslated, kTranslated);
  dropped.packet.event.verdict = SKIFF_VERDICT_KERNEL;
  dropped.packet.note = "NETFILTER_DROP at nft_do_chain+0x3e8";
  const auto walks = join(
      {.packets = {
           at_point("node-1", SKIFF_POINT_NETFILTER_FIRST_PREROUTING, 0us, kAsked, kAsked),
           at_point("node-1", SKIFF_POINT_NETFILTER_LAST_PREROUTING, 5us, kAsked, kTranslated),
           at_point("node-1", SKIFF_POINT_NETFILTER_FIRST_FORWARD, 6us, kTranslated, kTranslated),
           dropped}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_THAT(
      print(walks[0], ClusterNames(cluster(), "shop")),
      HasSubstr("netfilter prerouting 5.0us: shop/web:80 becomes shop/web-1:8080, netfilter "
                "forward begins +6us, dropped: NETFILTER_DROP at nft_do_chain+0x3e8 +9us"));
}

TEST(PacketWalk, ARefusedSocketIsAWalkWithoutPackets) {
  const auto walks = join({.packets = {}, .sockets = {asked(0us, kAsked, {}, "no_endpoints")}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_THAT(print(walks[0], ClusterNames(cluster(), "shop")), HasSubstr("refused: no_endpoints"));
}

TEST(PacketWalk, ASegmentSentAgainBeginsWithTheTimer) {
  Sighting again = at_point("node-1", SKIFF_POINT_RETRANSMIT, 0us, kTranslated, kTranslated, 1);
  Sighting sent = at_point("node-1", SKIFF_POINT_DEVICE_QUEUE, 3us, kTranslated, kTranslated, 2);
  sent.packet.event.ip_identification = 77;
  const auto walks = join({.packets = {again, sent}});
  ASSERT_EQ(walks.size(), 1U);
  EXPECT_THAT(print(walks[0], ClusterNames(cluster(), "shop")), HasSubstr("sent again, queued"));
}

TEST(PacketWalk, WhatTheProgramLostIsNotLostByTheKernelAsWell) {
  const auto walks =
      join({.packets = {seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kTranslated, kTranslated,
                             -SKIFF_REASON_POLICY_EGRESS),
                        at_point("node-1", SKIFF_POINT_DROPPED, 1us, kTranslated, kTranslated)}});
  EXPECT_EQ(walks.front().steps.size(), 1U);
}

TEST(ClusterNames, AFilterMayBeThePodAlone) {
  const ClusterNames names(cluster(), "shop");
  EXPECT_EQ(to_string(names.filter("client").value()), "net 10.244.0.5/32");
  EXPECT_EQ(to_string(names.filter("shop/web-1").value()), "net 10.244.1.7/32");
  EXPECT_EQ(to_string(names.filter("dst svc web").value()),
            "(dst net 10.96.0.7/32 and dst port 80)");
  EXPECT_FALSE(names.filter("pod nobody").ok());
  EXPECT_FALSE(names.filter("nobody").ok());
}

TEST(PacketFilter, IsOursWhereOurWordsSufficeAndTcpdumpsElse) {
  const ClusterNames names(cluster(), "shop");
  trace::TapRequest ours, theirs;
  ASSERT_TRUE(set_filter("pod client and tcp port 80", names, ours).ok());
  EXPECT_TRUE(ours.pcap.empty());
  EXPECT_EQ(to_string(ours.expression), "(net 10.244.0.5/32 and tcp and port 80)");
  const Status set = set_filter("pod client and tcp[tcpflags] & tcp-syn != 0", names, theirs);
  ASSERT_TRUE(set.ok()) << message(set);
  EXPECT_GT(theirs.pcap.instructions.size(), 5U);
  EXPECT_EQ(to_string(theirs.expression), "");
}

TEST(PacketFilter, NamesStandForTheirAddresses) {
  const ClusterNames names(cluster(), "shop");
  EXPECT_EQ(in_words_of_tcpdump("(src pod client or dst svc web) and less 100", names).value(),
            "( (src host 10.244.0.5) or ((dst host 10.96.0.7 and dst port 80)) ) and less 100");
  EXPECT_EQ(in_words_of_tcpdump("!pod client and tcp[13]!=0 and ip[8] != 1", names).value(),
            "! (host 10.244.0.5) and tcp[13]!=0 and ip[8] != 1");
  EXPECT_FALSE(in_words_of_tcpdump("pod nobody and less 100", names).ok());
}

TEST(PacketFilter, OneWordThatIsNoFilterIsAPodThatThereIsNot) {
  trace::TapRequest request;
  const ClusterNames names(cluster(), "shop");
  EXPECT_THAT(std::string(message(set_filter("web-9", names, request))),
              HasSubstr("there is no pod shop/web-9"));
  EXPECT_THAT(std::string(message(set_filter("other/web-9", names, request))),
              HasSubstr("there is no pod other/web-9"));
  EXPECT_TRUE(set_filter("arp", names, request).ok());
}

TEST(TraceTo, IsAPodOrAServiceThatThereIs) {
  const ClusterNames names(cluster(), "shop");
  for (const char* to : {"", "web", "web-1", "shop/web"})
    EXPECT_TRUE(check_end(to, names, cluster()).ok()) << to;
  EXPECT_THAT(std::string(message(check_end("wbe", names, cluster()))),
              HasSubstr("neither a pod (with an address) nor a Service shop/wbe"));
}

TEST(TraceTo, WithoutItAFilterIsAskedFor) {
  EXPECT_THAT(std::string(message(trace_packets({}))), HasSubstr("of which packets?"));
}

TEST(PacketFilter, WhatNobodyCanReadIsSaidByBoth) {
  const ClusterNames names(cluster(), "shop");
  trace::TapRequest request;
  const Status set = set_filter("hots 10.0.0.1", names, request);
  EXPECT_THAT(std::string(message(set)), HasSubstr("\"hots\": want host, net, port"));
  EXPECT_THAT(std::string(message(set)), HasSubstr("tcpdump's grammar"));
}

TEST(CaptureFile, HasAnInterfaceForEachPlaceAndSaysWhatWasDone) {
  const ClusterNames names(cluster(), "shop");
  CaptureWriter writer(names, 128);
  Sighting sighting = seen("node-1", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated);
  sighting.packet.place = 4;
  EXPECT_EQ(writer.take("node-1", sighting.packet), "") << "before its place is known";
  const std::string interface = writer.take(
      "node-1", trace::TapPlace{.number = 4, .interface = "veth1", .pod = "shop/client"});
  EXPECT_THAT(interface, HasSubstr("node-1/shop/client:veth1"));
  EXPECT_EQ(writer.take("node-1", sighting.packet), "") << "no bytes were copied";
  sighting.packet.bytes = std::string(60, 'x');
  EXPECT_THAT(writer.take("node-1", sighting.packet),
              HasSubstr("from pod: shop/client:40000 -> shop/web-1:8080; redirected; came as "
                        "shop/client:40000 -> shop/web:80"));
  EXPECT_EQ(writer.packets(), 1U);
  EXPECT_EQ(writer.take("node-1", trace::TapTally{.packets = 1, .lost = 3, .reason = ""}), "");
  EXPECT_EQ(writer.lost(), 3U) << "also of a capture that is interrupted";
  (void)writer.take("node-1", trace::TapTally{.packets = 1, .lost = 4, .reason = "over"});
  EXPECT_EQ(writer.lost(), 4U) << "a tally counts from the beginning";
  EXPECT_THAT(writer.end(), HasSubstr(std::string("\x05\0\x08\0\x04\0\0\0", 8)));  // isb_ifdrop
}

TEST(CaptureFile, HasAsManyPacketsAsAskedForWhateverTheNodesSend) {
  const ClusterNames names(cluster(), "shop");
  CaptureWriter writer(names, 128, 3);
  Sighting sighting = seen("", SKIFF_HOOK_FROM_POD, 0us, kAsked, kTranslated);
  sighting.packet.place = 4;
  sighting.packet.bytes = std::string(60, 'x');
  for (const char* node : {"node-1", "node-2"}) {
    (void)writer.take(node, trace::TapPlace{.number = 4, .interface = "veth1", .pod = ""});
    for (int i = 0; i < 3; ++i) {
      const bool fits = !writer.full();
      EXPECT_EQ(writer.take(node, sighting.packet).empty(), !fits);
    }
  }
  EXPECT_EQ(writer.packets(), 3U);
  (void)writer.take("node-2", trace::TapTally{.packets = 3, .lost = 2, .reason = ""});
  EXPECT_EQ(writer.lost(), 2U) << "losses are told to the end";
}

TEST(CaptureFile, TellsTheLossesOfANodeOnce) {
  const ClusterNames names(cluster(), "shop");
  CaptureWriter writer(names, 128);
  for (const uint32_t place : {4, 5})
    (void)writer.take("node-1", trace::TapPlace{.number = place, .interface = "eth0", .pod = ""});
  (void)writer.take("node-1", trace::TapTally{.packets = 1, .lost = 3, .reason = ""});
  const std::string end = writer.end();
  const auto count = [&](char lost) {
    size_t found = 0;
    const std::string option = std::string("\x05\0\x08\0", 4) + lost + std::string(7, '\0');
    for (size_t at = end.find(option); at != std::string::npos; at = end.find(option, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count(3), 1U);
  EXPECT_EQ(count(0), 1U);
}

TEST(TraceFilter, WithoutAFilterItIsOfWhateverGoesThere) {
  const ClusterObjects objects = cluster();
  const ClusterNames names(objects, "shop");
  TraceOptions options{.tap = {.namespace_ = "shop"}, .to = "web"};
  trace::TapRequest request;
  const std::string text = filter_between(options, names, objects);
  ASSERT_TRUE(set_filter(text, names, request).ok()) << text;
  EXPECT_TRUE(request.pcap.empty()) << text;
  options.to = "web-1";
  options.one_way = true;
  EXPECT_EQ(filter_between(options, names, objects), "dst pod shop/web-1");
  options.tap.filter = "client";
  EXPECT_EQ(filter_between(options, names, objects), "src pod client and dst pod shop/web-1");
}

TEST(TraceFilter, AHeadlessServiceIsItsPods) {
  ClusterObjects objects = cluster();
  objects.services.front().spec.clusterIPs = {"None"};
  objects.services.front().spec.selector = {{"app", "web"}};
  objects.pods.back().metadata.labels = {{"app", "web"}};
  const ClusterNames names(objects, "shop");
  const TraceOptions options{.tap = {.namespace_ = "shop", .filter = "client"}, .to = "web"};
  EXPECT_EQ(filter_between(options, names, objects), "pod client and (pod shop/web-1)");
  objects.pods.pop_back();
  trace::TapRequest request;
  const Status none = set_filter(filter_between(options, names, objects), names, request);
  EXPECT_THAT(std::string(message(none)), HasSubstr("no Service shop/web with an address"));
}

}  // namespace
}  // namespace skiff::cli
