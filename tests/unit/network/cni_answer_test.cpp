// SPDX-License-Identifier: Apache-2.0
// The text of every answer, per version.
#include "agent/network/cni_answer.h"

#include <gtest/gtest.h>

#include "agent/network/cni_error.h"

namespace skiff::network {
namespace {

Attachment example() {
  return {.container_id = "c1",
          .interface = "eth0",
          .netns = "/run/netns/x",
          .addresses = {*IpAddress::parse("10.244.1.2"), *IpAddress::parse("fd00::2")},
          .host_interface = "skiff0123456789",
          .host_mac = {2, 0, 0, 0, 0, 1},
          .pod_mac = {2, 0, 0, 0, 0, 2},
          .mtu = 1450};
}

std::string answer_in(const std::string& version) {
  CniRequest request;
  request.version = version;
  return added(example(), request).output;
}

constexpr const char* kRoutes =
    R"("routes":[{"dst":"0.0.0.0/0","gw":"169.254.1.1"},{"dst":"::/0","gw":"fe80::1"}],"dns":{}})";

TEST(CniAnswer, NamesTheFamilyBeforeVersionOne) {
  for (const std::string version : {"0.3.1", "0.4.0"})
    EXPECT_EQ(
        answer_in(version),
        R"({"cniVersion":")" + version +
            R"(","interfaces":[{"name":"skiff0123456789","mac":"02:00:00:00:00:01"},)"
            R"({"name":"eth0","mac":"02:00:00:00:00:02","sandbox":"/run/netns/x"}],)"
            R"("ips":[{"version":"4","interface":1,"address":"10.244.1.2/32","gateway":"169.254.1.1"},)"
            R"({"version":"6","interface":1,"address":"fd00::2/128","gateway":"fe80::1"}],)" +
            kRoutes + "\n");
}

TEST(CniAnswer, LeavesTheFamilyOutFromVersionOne) {
  EXPECT_EQ(
      answer_in("1.0.0"),
      std::string(
          R"({"cniVersion":"1.0.0","interfaces":[{"name":"skiff0123456789","mac":"02:00:00:00:00:01"},)"
          R"({"name":"eth0","mac":"02:00:00:00:00:02","sandbox":"/run/netns/x"}],)"
          R"("ips":[{"interface":1,"address":"10.244.1.2/32","gateway":"169.254.1.1"},)"
          R"({"interface":1,"address":"fd00::2/128","gateway":"fe80::1"}],)") +
          kRoutes + "\n");
}

TEST(CniAnswer, TellsTheMtuFromVersionOneDotOne) {
  EXPECT_EQ(
      answer_in("1.1.0"),
      std::string(
          R"({"cniVersion":"1.1.0","interfaces":[{"name":"skiff0123456789","mac":"02:00:00:00:00:01","mtu":1450},)"
          R"({"name":"eth0","mac":"02:00:00:00:00:02","mtu":1450,"sandbox":"/run/netns/x"}],)"
          R"("ips":[{"interface":1,"address":"10.244.1.2/32","gateway":"169.254.1.1"},)"
          R"({"interface":1,"address":"fd00::2/128","gateway":"fe80::1"}],)") +
          kRoutes + "\n");
}

TEST(CniAnswer, PassesAPreviousResultOn) {
  CniRequest request;
  request.version = "1.0.0";
  request.previous_result = boost::json::parse(
      R"({"cniVersion":"1.0.0","interfaces":[{"name":"first"}],"ips":[{"interface":0,"address":"1.2.3.4/24"}],
          "dns":{"nameservers":["9.9.9.9"]},"vendor":true})");
  const auto result = boost::json::parse(added(example(), request).output).as_object();
  EXPECT_EQ(result.at("interfaces").as_array().size(), 3u);
  EXPECT_EQ(result.at("interfaces").as_array()[0].at("name"), "first");
  EXPECT_EQ(result.at("ips").as_array()[1].at("interface").to_number<int>(), 2);
  EXPECT_EQ(result.at("dns").at("nameservers").as_array()[0], "9.9.9.9");
  EXPECT_EQ(result.at("vendor"), true);
}

TEST(CniAnswer, WritesErrorsInTheFormOfTheSpecification) {
  const CniAnswer answer = failed(cni_error(CniCode::kTryAgainLater, "not \"yet\""), "0.4.0");
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(answer.output, R"({"cniVersion":"0.4.0","code":11,"msg":"not \"yet\"","details":""})"
                           "\n");
}

TEST(CniAnswer, ListsItsVersions) {
  CniRequest request;
  EXPECT_EQ(versions(request).output,
            R"({"cniVersion":"1.1.0","supportedVersions":["0.3.1","0.4.0","1.0.0","1.1.0"]})"
            "\n");
}

}  // namespace
}  // namespace skiff::network
