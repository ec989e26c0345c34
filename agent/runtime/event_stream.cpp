// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/event_stream.h"

namespace skiff::runtime {

namespace events = containerd::services::events::v1;

namespace {
constexpr std::chrono::seconds kRetry{1};
}

std::optional<ContainerEvent> event_from(const events::Envelope& envelope) {
  // The payload's type URL is bare ("containerd.events.TaskExit"), so it is parsed by topic, not by
  // Any's own unpacking.
  if (envelope.topic() == "/tasks/exit") {
    events::TaskExit exit;
    if (!exit.ParseFromString(envelope.event().value())) return std::nullopt;
    if (exit.id() != exit.container_id()) return std::nullopt;  // an exec ended
    return ContainerEvent{ContainerEvent::Kind::Exited, exit.container_id()};
  }
  if (envelope.topic() == "/tasks/start") {
    events::TaskStart start;
    if (!start.ParseFromString(envelope.event().value())) return std::nullopt;
    return ContainerEvent{ContainerEvent::Kind::Started, start.container_id()};
  }
  return std::nullopt;
}

struct EventStream::Shared {
  Executor executor;
  std::unique_ptr<events::Events::Stub> stub;
  std::string namespace_;
  Callback on_event;
  bool closed = false;  // on the loop only
  Reader* reader = nullptr;
};

// One subscription. Deletes itself when gRPC is done with it; touches `shared_` on the loop only.
class EventStream::Reader final : public grpc::ClientReadReactor<events::Envelope> {
 public:
  static void start(const std::shared_ptr<Shared>& shared) {
    auto* reader = new Reader(shared);
    shared->reader = reader;
    shared->stub->async()->Subscribe(&reader->context_, &reader->request_, reader);
    reader->StartRead(&reader->envelope_);
    reader->StartCall();
  }
  void cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (auto event = event_from(envelope_)) {
      asio::post(shared_->executor, [shared = shared_, event = *event] {
        if (!shared->closed) shared->on_event(event);
      });
    }
    StartRead(&envelope_);
  }
  void OnDone(const grpc::Status&) override {
    asio::post(shared_->executor, [this, shared = shared_] {
      delete this;
      shared->reader = nullptr;
      if (!shared->closed) spawn(shared->executor, "containerd events", retry(shared));
    });
  }

 private:
  explicit Reader(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    request_.add_filters("topic==\"/tasks/exit\",namespace==\"" + shared_->namespace_ + "\"");
    request_.add_filters("topic==\"/tasks/start\",namespace==\"" + shared_->namespace_ + "\"");
    context_.AddMetadata("containerd-namespace", shared_->namespace_);
  }
  static awaitable<void> retry(std::shared_ptr<Shared> shared) {
    co_await sleep_for(kRetry);
    if (!shared->closed) start(shared);
  }

  std::shared_ptr<Shared> shared_;
  grpc::ClientContext context_;
  events::SubscribeRequest request_;
  events::Envelope envelope_;
};

EventStream::EventStream(const Executor& executor, std::shared_ptr<grpc::Channel> channel,
                         std::string namespace_, Callback on_event)
    : shared_(std::make_shared<Shared>(Shared{executor, events::Events::NewStub(channel),
                                              std::move(namespace_), std::move(on_event)})) {
  Reader::start(shared_);
}

EventStream::~EventStream() {
  shared_->closed = true;
  if (shared_->reader) shared_->reader->cancel();
}

}  // namespace skiff::runtime
