// SPDX-License-Identifier: Apache-2.0
// Who tells the agent of exits: CRI's own stream, or containerd's where CRI has none.
#include "agent/runtime/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

namespace skiff::runtime {
namespace {

namespace events = containerd::services::events::v1;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Breaks the first streams, then sends what it is given and holds the stream until the client goes.
class CriService final : public cri::RuntimeService::Service {
 public:
  grpc::Status GetContainerEvents(grpc::ServerContext* context, const cri::GetEventsRequest*,
                                  grpc::ServerWriter<cri::ContainerEventResponse>* out) override {
    if (calls++ < breaks) return grpc::Status::OK;
    for (const auto& [id, type] : to_send) {
      cri::ContainerEventResponse event;
      event.set_container_id(id);
      event.set_container_event_type(type);
      out->Write(event);
    }
    while (!context->IsCancelled()) std::this_thread::sleep_for(milliseconds(5));
    return grpc::Status::OK;
  }

  std::vector<std::pair<std::string, cri::ContainerEventType>> to_send;
  std::atomic<int> calls = 0;
  int breaks = 0;
};

class ContainerdEvents final : public events::Events::Service {
 public:
  grpc::Status Subscribe(grpc::ServerContext* context, const events::SubscribeRequest* request,
                         grpc::ServerWriter<events::Envelope>* out) override {
    events::TaskExit exit;
    exit.set_container_id("by-containerd");
    exit.set_id("by-containerd");
    events::Envelope envelope;
    envelope.set_topic("/tasks/exit");
    envelope.mutable_event()->set_value(exit.SerializeAsString());
    out->Write(envelope);
    filter = request->filters(0);
    while (!context->IsCancelled()) std::this_thread::sleep_for(milliseconds(5));
    return grpc::Status::OK;
  }

  std::string filter;
};

class EventStreamTest : public ::testing::Test {
 protected:
  ~EventStreamTest() override {
    stream.reset();
    context.run_for(milliseconds(10));
    if (server) server->Shutdown(std::chrono::system_clock::now());
    std::filesystem::remove(socket);
  }
  // `cri_events` null: a runtime that has no GetContainerEvents.
  void serve(grpc::Service* cri_events, grpc::Service* task_events) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket, grpc::InsecureServerCredentials());
    if (cri_events) builder.RegisterService(cri_events);
    builder.RegisterService(task_events);
    server = builder.BuildAndStart();
    ASSERT_TRUE(server);
    const auto channel = grpc::CreateChannel("unix:" + socket, grpc::InsecureChannelCredentials());
    stream = std::make_unique<EventStream>(
        context.get_executor(), channel, "k8s.io",
        [this](const ContainerEvent& event) { seen.push_back(event.id); });
  }
  template <class Done>
  bool run_until(Done done) {
    const auto end = steady_clock::now() + std::chrono::seconds(20);
    while (!done() && steady_clock::now() < end) context.run_for(milliseconds(2));
    return done();
  }

  const std::string socket =
      std::filesystem::temp_directory_path() / fmt::format("skiff-events-{}", ::getpid());
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  CriService cri_service;
  ContainerdEvents containerd;
  std::unique_ptr<grpc::Server> server;
  std::vector<std::string> seen;
  std::unique_ptr<EventStream> stream;
};

TEST_F(EventStreamTest, AsksCriWhereTheRuntimeHasIt) {
  cri_service.to_send = {{"made", cri::CONTAINER_CREATED_EVENT},
                         {"started", cri::CONTAINER_STARTED_EVENT},
                         {"ended", cri::CONTAINER_STOPPED_EVENT},
                         {"gone", cri::CONTAINER_DELETED_EVENT}};
  serve(&cri_service, &containerd);
  ASSERT_TRUE(run_until([&] { return seen.size() == 2; }));
  EXPECT_THAT(seen, ::testing::ElementsAre("started", "ended"));
}

TEST_F(EventStreamTest, AsksContainerdWhereCriHasNoEvents) {
  serve(nullptr, &containerd);
  ASSERT_TRUE(run_until([&] { return !seen.empty(); }));
  EXPECT_THAT(seen, ::testing::ElementsAre("by-containerd"));
}

TEST_F(EventStreamTest, SubscribesAgainAfterABreak) {
  cri_service.breaks = 1;
  cri_service.to_send = {{"ended", cri::CONTAINER_STOPPED_EVENT}};
  serve(&cri_service, &containerd);
  ASSERT_TRUE(run_until([&] { return !seen.empty(); }));
  EXPECT_EQ(cri_service.calls, 2);
}

TEST(ContainerEvents, TellContainerExitsFromThoseOfExecs) {
  events::TaskExit exit;
  exit.set_container_id("c1");
  exit.set_id("c1");
  events::Envelope envelope;
  envelope.set_topic("/tasks/exit");
  envelope.mutable_event()->set_value(exit.SerializeAsString());
  const auto event = event_from(envelope);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, "c1");
  EXPECT_EQ(event->kind, ContainerEvent::Kind::Exited);

  exit.set_id("exec-1");
  envelope.mutable_event()->set_value(exit.SerializeAsString());
  EXPECT_FALSE(event_from(envelope));
  envelope.mutable_event()->set_value("\xff garbage");
  EXPECT_FALSE(event_from(envelope));
  envelope.set_topic("/images/create");
  EXPECT_FALSE(event_from(envelope));
}

}  // namespace
}  // namespace skiff::runtime
