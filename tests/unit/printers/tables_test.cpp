// SPDX-License-Identifier: Apache-2.0
// One row a kind: the object as stored, the cells as `kubectl get -o wide` shows them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/apiserver/printers/printers.h"
#include "controller/apiserver/strategy.h"

namespace skiff::printers {
namespace {

constexpr const char* kMetadata =
    R"("metadata":{"name":"x","creationTimestamp":"2026-01-01T00:00:00Z"})";

class Tables : public testing::Test {
 protected:
  apiserver::Resource resource(const char* group, const char* kind) {
    const api::Kind* found = api::find_kind(group, "v1", kind);
    EXPECT_NE(found, nullptr) << kind;
    return {.kind = found};
  }
  // `object` without its metadata.
  apiserver::TableRow row(const char* group, const char* kind, const std::string& object) {
    const auto now = api::Time::parse("2026-01-01T00:01:00Z")->at;
    const std::string json =
        fmt::format("{{{}{}{}}}", kMetadata, object.empty() ? "" : ",", object);
    auto printed = printer_->row(resource(group, kind), json, now);
    EXPECT_TRUE(printed.ok()) << printed.status();
    return printed.ok() ? *printed : apiserver::TableRow{};
  }
  std::string cells(const char* group, const char* kind, const std::string& object) {
    return row(group, kind, object).cells;
  }

  std::unique_ptr<apiserver::TablePrinter> printer_ = table_printer();
};

TEST_F(Tables, PodsSayWhereTheyRun) {
  EXPECT_EQ(
      cells("", "Pod", R"("spec":{"containers":[{"name":"c"}]},"status":{"phase":"Pending"})"),
      R"(["x","0/1","Pending","0","60s","<none>","<none>","<none>","<none>"])");
  EXPECT_EQ(
      cells("", "Pod",
            R"("spec":{"nodeName":"n1","containers":[{"name":"c"}],)"
            R"("readinessGates":[{"conditionType":"g"}]},)"
            R"("status":{"phase":"Running","podIPs":[{"ip":"10.1.2.3"}],)"
            R"("containerStatuses":[{"name":"c","ready":true,)"
            R"("restartCount":2,"state":{"running":{}},"lastState":{"terminated":{"exitCode":1,)"
            R"("finishedAt":"2026-01-01T00:00:30Z"}}}]})"),
      R"_(["x","1/1","Running","2 (30s ago)","60s","10.1.2.3","n1","<none>","0/1"])_");
}

TEST_F(Tables, FinishedPodsAreMarked) {
  EXPECT_NE(row("", "Pod", R"("status":{"phase":"Succeeded"})").conditions.find("Completed"),
            std::string::npos);
  EXPECT_EQ(row("", "Pod", R"("status":{"phase":"Running"})").conditions, "");
}

TEST_F(Tables, WorkloadsCountTheirPods) {
  const std::string pods =
      R"("selector":{"matchLabels":{"app":"x"}},"template":{"spec":{"containers":[{"name":"a",)"
      R"("image":"i"},{"name":"b","image":"j"}]}})";
  EXPECT_EQ(
      cells("apps", "Deployment",
            R"("spec":{"replicas":3,)" + pods +
                R"(},"status":{"readyReplicas":1,"updatedReplicas":2,"availableReplicas":1})"),
      R"(["x","1/3",2,1,"60s","a,b","i,j","app=x"])");
  EXPECT_EQ(
      cells("apps", "ReplicaSet",
            R"("spec":{"replicas":3,)" + pods + R"(},"status":{"replicas":2,"readyReplicas":1})"),
      R"(["x",3,2,1,"60s","a,b","i,j","app=x"])");
}

TEST_F(Tables, ServicesShowPortsAndAddresses) {
  EXPECT_EQ(
      cells("", "Service",
            R"("spec":{"type":"NodePort","clusterIPs":["10.96.0.9"],"selector":{"b":"2","a":"1"},)"
            R"("ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,)"
            R"("protocol":"UDP"}]})"),
      R"(["x","NodePort","10.96.0.9","<none>","80:30080/TCP,53/UDP","60s","a=1,b=2"])");
  EXPECT_EQ(cells("", "Service", R"("spec":{"type":"ExternalName","externalName":"example.com"})"),
            R"(["x","ExternalName","<none>","example.com","<none>","60s","<none>"])");
  EXPECT_EQ(cells("", "Service", R"("spec":{"type":"LoadBalancer","clusterIPs":["None"]})"),
            R"(["x","LoadBalancer","None","<pending>","<none>","60s","<none>"])");
  EXPECT_EQ(cells("", "Service",
                  R"("spec":{"type":"LoadBalancer","externalIPs":["1.2.3.4"]},)"
                  R"("status":{"loadBalancer":{"ingress":[{"ip":"5.6.7.8"}]}})"),
            R"(["x","LoadBalancer","<none>","5.6.7.8,1.2.3.4","<none>","60s","<none>"])");
}

TEST_F(Tables, EndpointsAreCutShort) {
  EXPECT_EQ(cells("", "Endpoints", ""), R"(["x","<none>","60s"])");
  EXPECT_EQ(
      cells("", "Endpoints",
            R"("subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"ports":[{"port":80},)"
            R"({"port":443}]}])"),
      R"(["x","10.0.0.1:80,[fd00::1]:80,10.0.0.1:443 + 1 more...","60s"])");
  EXPECT_EQ(
      cells(
          "discovery.k8s.io", "EndpointSlice",
          R"("addressType":"IPv4","ports":[{"port":80}],"endpoints":[{"addresses":["10.0.0.1"]}])"),
      R"(["x","IPv4","80","10.0.0.1","60s"])");
  EXPECT_EQ(cells("discovery.k8s.io", "EndpointSlice", R"("addressType":"IPv4")"),
            R"(["x","IPv4","<unset>","<unset>","60s"])");
}

TEST_F(Tables, NodesSayWhetherTheyTakePods) {
  EXPECT_EQ(
      cells("", "Node", ""),
      R"(["x","Unknown","<none>","60s","","<none>","<none>","<unknown>","<unknown>","<unknown>"])");
  EXPECT_EQ(
      cells("", "Node",
            R"("spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready",)"
            R"("status":"True"}],)"
            R"("addresses":[{"type":"InternalIP","address":"10.89.0.2"}],)"
            R"("nodeInfo":{"kubeletVersion":"v1.34.0",)"
            R"("osImage":"Debian","kernelVersion":"6.1",)"
            R"("containerRuntimeVersion":"containerd://1.6"}})"),
      R"(["x","Ready,SchedulingDisabled","<none>","60s","v1.34.0","10.89.0.2","<none>","Debian",)"
      R"("6.1","containerd://1.6"])");
}

TEST_F(Tables, NodeRolesComeFromLabels) {
  const auto printed =
      printer_->row(resource("", "Node"),
                    R"({"metadata":{"name":"n","labels":{"node-role.kubernetes.io/worker":"",)"
                    R"("node-role.kubernetes.io/control-plane":""}}})",
                    TimePoint());
  ASSERT_TRUE(printed.ok());
  EXPECT_NE(printed->cells.find(R"("control-plane,worker")"), std::string::npos);
}

TEST_F(Tables, EventsSayWhatHappenedToWhat) {
  EXPECT_EQ(
      cells("", "Event",
            R"("involvedObject":{"kind":"Pod","name":"p","fieldPath":"spec.containers{c}"},)"
            R"("reason":"Pulled",)"
            R"("message":" done\n","source":{"component":"kubelet","host":"n1"},"type":"Normal",)"
            R"("count":3,)"
            R"("firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:50Z")"),
      R"(["10s","Normal","Pulled","pod/p","spec.containers{c}","kubelet, n1","done","60s",3,"x"])");
  EXPECT_EQ(cells("", "Event",
                  R"("involvedObject":{"kind":"Node","name":"n"},"type":"Warning",)"
                  R"("eventTime":"2026-01-01T00:00:00.000000Z",)"
                  R"("series":{"count":9,"lastObservedTime":"2026-01-01T00:00:59.000000Z"},)"
                  R"("reportingComponent":"c")"),
            R"(["1s","Warning","","node/n","","c","","60s",9,"x"])");
}

TEST_F(Tables, ConfigurationIsCounted) {
  EXPECT_EQ(cells("", "ConfigMap", R"("data":{"a":"1"},"binaryData":{"b":"AA=="})"),
            R"(["x",2,"60s"])");
  EXPECT_EQ(cells("", "Secret", R"("type":"Opaque","data":{"a":"AA=="})"),
            R"(["x","Opaque",1,"60s"])");
  EXPECT_EQ(cells("", "ServiceAccount", ""), R"(["x",0,"60s"])");
  EXPECT_EQ(cells("", "Namespace", R"("status":{"phase":"Active"})"), R"(["x","Active","60s"])");
  EXPECT_EQ(cells("coordination.k8s.io", "Lease", R"("spec":{"holderIdentity":"n1"})"),
            R"(["x","n1","60s"])");
  EXPECT_EQ(cells("node.k8s.io", "RuntimeClass", R"("handler":"kata")"), R"(["x","kata","60s"])");
}

TEST_F(Tables, NetworkPoliciesNameTheirPods) {
  EXPECT_EQ(cells("networking.k8s.io", "NetworkPolicy", R"("spec":{"podSelector":{}})"),
            R"(["x","<none>","60s"])");
  EXPECT_EQ(cells("networking.k8s.io", "NetworkPolicy",
                  R"("spec":{"podSelector":{"matchLabels":{"app":"web","tier":"a"}}})"),
            R"(["x","app=web,tier=a","60s"])");
}

TEST_F(Tables, OtherKindsHaveANameAndAnAge) {
  EXPECT_EQ(cells("", "LimitRange", ""), R"(["x","60s"])");
  EXPECT_EQ(printer_->columns(resource("", "LimitRange")).size(), 2U);
}

TEST_F(Tables, EveryColumnHasACell) {
  for (const api::Kind* each : api::all_kinds()) {
    const api::Kind& kind = *each;
    if (kind.serving != api::Serving::kStored) continue;
    const apiserver::Resource stored{.kind = &kind};
    const auto printed = printer_->row(stored, R"({"metadata":{"name":"x"}})", TimePoint());
    ASSERT_TRUE(printed.ok()) << kind.kind;
    const auto& columns = printer_->columns(stored);
    size_t quoted_or_number = 1;  // no cell of an empty object has a comma
    for (const char c : printed->cells) quoted_or_number += c == ',' ? 1 : 0;
    EXPECT_EQ(quoted_or_number, columns.size()) << kind.kind;
  }
}

}  // namespace
}  // namespace skiff::printers
