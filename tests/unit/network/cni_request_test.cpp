// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/network/cni_error.h"
#include "agent/network/cni_server.h"

namespace skiff::network {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CniCall call(const std::string& command, const std::string& input) {
  return {
      .environment = {{"CNI_COMMAND", command},
                      {"CNI_CONTAINERID", "c1"},
                      {"CNI_NETNS", "/run/netns/x"},
                      {"CNI_IFNAME", "eth0"},
                      {"CNI_PATH", "/opt/cni/bin"},
                      {"CNI_ARGS",
                       "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_UID=7"}},
      .input = input};
}
constexpr const char* kConfig = R"({"cniVersion":"1.0.0","name":"skiff","type":"skiff-cni"})";

TEST(CniRequest, ReadsAnAddAsContainerdCalls) {
  const auto request = parse_request(
      call("ADD", R"({"cniVersion":"1.0.0","name":"skiff","type":"skiff-cni","unknown":{"a":1},
        "runtimeConfig":{"portMappings":[
            {"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":""},
            {"hostPort":0,"containerPort":81}, {"hostPort":53,"containerPort":53,"protocol":"UDP"}],
          "bandwidth":{"ingressRate":1000,"ingressBurst":4294967295}}})"));
  ASSERT_TRUE(request.ok()) << message(request.status());
  EXPECT_EQ(request->command, CniCommand::kAdd);
  EXPECT_EQ(request->key(), "c1@eth0");
  EXPECT_EQ(request->netns, "/run/netns/x");
  EXPECT_EQ(request->argument("K8S_POD_NAMESPACE"), "shop");
  EXPECT_EQ(request->argument("K8S_POD_NAME"), "web");
  EXPECT_THAT(request->port_mappings,
              ElementsAre(PortMapping{8080, 80, "TCP", ""}, PortMapping{53, 53, "UDP", ""}));
  EXPECT_EQ(request->bandwidth.ingress_burst, 4294967295u);
  EXPECT_TRUE(request->previous_result.is_null());
}

// Its names have no JSON tags, and plugins written in Go do not mind.
TEST(CniRequest, ReadsRuntimeConfigAsContainerdWritesIt) {
  const auto request = parse_request(
      call("ADD", R"({"cniVersion":"1.0.0","name":"skiff","type":"skiff-cni","runtimeConfig":{
        "portMappings":[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"192.0.2.1"}],
        "bandwidth":{"IngressRate":1000,"IngressBurst":4294967295,"EgressRate":2000,"EgressBurst":0}}})"));
  ASSERT_TRUE(request.ok()) << message(request.status());
  EXPECT_THAT(request->port_mappings, ElementsAre(PortMapping{8080, 80, "TCP", "192.0.2.1"}));
  EXPECT_EQ(request->bandwidth.ingress_rate, 1000u);
  EXPECT_EQ(request->bandwidth.egress_rate, 2000u);
}

struct Refusal {
  const char* what;
  CniCall call;
  int code;
  const char* says;
};

std::vector<Refusal> refusals() {
  const auto without = [](const char* command, const char* variable) {
    CniCall changed = call(command, kConfig);
    changed.environment.erase(variable);
    return changed;
  };
  const auto with = [](const char* variable, const char* value) {
    CniCall changed = call("ADD", kConfig);
    changed.environment[variable] = value;
    return changed;
  };
  return {
      {"no command", without("ADD", "CNI_COMMAND"), 4, "CNI_COMMAND"},
      {"unknown command", call("FLY", kConfig), 4, "FLY"},
      {"no netns", without("ADD", "CNI_NETNS"), 4, "missing: CNI_NETNS"},
      {"no container", without("DEL", "CNI_CONTAINERID"), 4, "missing: CNI_CONTAINERID"},
      {"no interface", without("CHECK", "CNI_IFNAME"), 4, "missing: CNI_IFNAME"},
      {"path as container", with("CNI_CONTAINERID", "../c1"), 4, "CNI_CONTAINERID"},
      {"long container", with("CNI_CONTAINERID", std::string(300, 'a').c_str()), 4, "CONTAINERID"},
      {"long interface", with("CNI_IFNAME", "a234567890123456"), 4, "CNI_IFNAME"},
      {"path as interface", with("CNI_IFNAME", "a/b"), 4, "CNI_IFNAME"},
      {"dots as interface", with("CNI_IFNAME", ".."), 4, "CNI_IFNAME"},
      {"bad arguments", with("CNI_ARGS", "x"), 4, "CNI_ARGS"},
      {"not JSON", call("ADD", "{"), 6, "standard input"},
      {"not an object", call("ADD", "[1]"), 6, "object"},
      {"old version", call("ADD", R"({"cniVersion":"0.2.0","name":"x"})"), 1, "0.2.0"},
      {"no version", call("ADD", R"({"name":"x"})"), 1, "cniVersion"},
      {"newer version", call("ADD", R"({"cniVersion":"1.2.0","name":"x"})"), 1, "1.2.0"},
      {"check too early", call("CHECK", R"({"cniVersion":"0.3.1","name":"x"})"), 1, "0.4.0"},
      {"status too early", call("STATUS", kConfig), 1, "1.1.0"},
      {"no name", call("ADD", R"({"cniVersion":"1.0.0"})"), 7, "name"},
      {"check without result", call("CHECK", kConfig), 7, "prevResult"},
      {"collect without list", call("GC", R"({"cniVersion":"1.1.0","name":"x"})"), 7, "valid"},
      {"port out of range",
       call("ADD", R"({"cniVersion":"1.0.0","name":"x","runtimeConfig":{"portMappings":[
            {"hostPort":70000,"containerPort":80}]}})"),
       7, "65535"},
      {"ports not a list",
       call("ADD", R"({"cniVersion":"1.0.0","name":"x","runtimeConfig":{"portMappings":3}})"), 7,
       "list"},
  };
}

TEST(CniRequest, RefusesWithTheCodeOfTheSpecification) {
  for (const Refusal& refusal : refusals()) {
    const auto request = parse_request(refusal.call);
    ASSERT_FALSE(request.ok()) << refusal.what;
    EXPECT_EQ(static_cast<int>(cni_code(request.status())), refusal.code) << refusal.what;
    EXPECT_THAT(std::string(message(request.status())), HasSubstr(refusal.says)) << refusal.what;
  }
}

TEST(CniRequest, DeletesWithoutNetnsAndWithoutPreviousResult) {
  CniCall later = call("DEL", kConfig);
  later.environment["CNI_NETNS"] = "";
  EXPECT_TRUE(parse_request(later).ok());
}

TEST(CniRequest, ReadsBothFormsOfValidAttachments) {
  for (const char* name : {"cni.dev/valid-attachments", "cni.dev/attachments"}) {
    const auto request = parse_request(call("GC", fmt::format(R"({{"cniVersion":"1.1.0","name":"x",
                               "{}":[{{"containerID":"a","ifname":"eth0"}}]}})",
                                                              name)));
    ASSERT_TRUE(request.ok());
    EXPECT_THAT(request->valid_attachments, ElementsAre("a@eth0"));
  }
}

TEST(CniError, KeepsItsCodeThroughAnnotations) {
  const Status status = annotate(cni_error(CniCode::kTryAgainLater, "wait"), "add pod a/b");
  EXPECT_EQ(cni_code(status), CniCode::kTryAgainLater);
  EXPECT_EQ(message(status), "add pod a/b: wait");
  EXPECT_EQ(cni_code(resource_exhausted("full")), CniCode::kTryAgainLater);
  EXPECT_EQ(cni_code(internal_error("x")), CniCode::kFailed);
}

TEST(CniFrame, CarriesTheCall) {
  const auto decoded =
      decode_call(R"({"env":{"CNI_COMMAND":"ADD","X":1},"stdin":"{\"a\":\"b\"}"})");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->environment, (std::map<std::string, std::string>{{"CNI_COMMAND", "ADD"}}));
  EXPECT_EQ(decoded->input, R"({"a":"b"})");
  for (const char* garbage : {"", "{", "[]", "{}", R"({"env":{}})", R"({"env":[],"stdin":""})",
                              R"({"env":{},"stdin":1})", "\xff\xfe"})
    EXPECT_FALSE(decode_call(garbage).ok()) << garbage;
  EXPECT_EQ(encode_answer({.exit_code = 1, .output = "{\"a\"}\n"}),
            R"({"exitCode":1,"stdout":"{\"a\"}\n"})");
}

TEST(CniRequest, RefusesBandwidthByTheNameOfWhatIsWrong) {
  const auto parse = [](const std::string& limits) {
    return parse_request({.environment = {{"CNI_COMMAND", "ADD"},
                                          {"CNI_CONTAINERID", "c1"},
                                          {"CNI_NETNS", "/run/netns/x"},
                                          {"CNI_IFNAME", "eth0"}},
                          .input = R"({"cniVersion":"1.0.0","name":"skiff","runtimeConfig":)"
                                   R"({"bandwidth":)" +
                                   limits + "}}"});
  };
  for (const char* wrong : {R"({"ingressRate":-1})", R"({"ingressRate":999})",
                            R"({"ingressRate":"10M"})", R"({"ingressRate":1000000000000001})"}) {
    const auto request = parse(wrong);
    ASSERT_FALSE(request.ok()) << wrong;
    EXPECT_EQ(cni_code(request.status()), CniCode::kBadConfig);
    EXPECT_THAT(std::string(message(request.status())),
                ::testing::HasSubstr("runtimeConfig.bandwidth.ingressRate"));
  }
  EXPECT_FALSE(parse("[]").ok());
  const auto limited = parse(R"({"egressRate":1000,"egressBurst":18446744073709551615})");
  ASSERT_TRUE(limited.ok());
  EXPECT_EQ(limited->bandwidth.egress_rate, 1000u);
  EXPECT_EQ(limited->bandwidth.egress_burst, UINT64_MAX);
}

}  // namespace
}  // namespace skiff::network
