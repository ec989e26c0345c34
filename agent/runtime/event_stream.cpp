// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/event_stream.h"

namespace skiff::runtime {

namespace events = containerd::services::events::v1;

namespace {
constexpr std::chrono::seconds kRetry{1};

events::SubscribeRequest tasks_of(const std::string& namespace_) {
  events::SubscribeRequest request;
  for (const char* topic : {"/tasks/exit", "/tasks/start"})
    request.add_filters(fmt::format("topic==\"{}\",namespace==\"{}\"", topic, namespace_));
  return request;
}
}  // namespace

std::optional<ContainerEvent> event_from(const cri::ContainerEventResponse& event) {
  if (event.container_event_type() == cri::CONTAINER_STOPPED_EVENT)
    return ContainerEvent{ContainerEvent::Kind::Exited, event.container_id()};
  if (event.container_event_type() == cri::CONTAINER_STARTED_EVENT)
    return ContainerEvent{ContainerEvent::Kind::Started, event.container_id()};
  return std::nullopt;
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
  std::unique_ptr<cri::RuntimeService::Stub> cri;
  std::unique_ptr<events::Events::Stub> containerd;
  std::string namespace_;
  Callback on_event;
  // On the loop only:
  bool closed = false;
  grpc::ClientContext* call = nullptr;  // the subscription there is
};

// One subscription. Deletes itself when gRPC is done with it; touches `shared_` on the loop only.
template <class Message>
class EventStream::Reader final : public grpc::ClientReadReactor<Message> {
 public:
  // `begin(context, reactor)` names the call.
  template <class Begin>
  static void start(const std::shared_ptr<Shared>& shared, Begin begin) {
    auto* reader = new Reader(shared);
    shared->call = &reader->context_;
    begin(reader->context_, reader);
    reader->StartRead(&reader->message_);
    reader->StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (auto event = event_from(message_)) {
      asio::post(shared_->executor, [shared = shared_, event = *event] {
        if (!shared->closed) shared->on_event(event);
      });
    }
    this->StartRead(&message_);
  }
  void OnDone(const grpc::Status& status) override {
    const bool unknown = status.error_code() == grpc::StatusCode::UNIMPLEMENTED;
    asio::post(shared_->executor, [this, shared = shared_, unknown] {
      delete this;
      shared->call = nullptr;
      if (shared->closed) return;
      if (kByCri && unknown)
        subscribe(shared, false);
      else
        spawn(shared->executor, "container events", subscribe_later(shared));
    });
  }

 private:
  static constexpr bool kByCri = std::is_same_v<Message, cri::ContainerEventResponse>;
  explicit Reader(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::shared_ptr<Shared> shared_;
  grpc::ClientContext context_;
  Message message_;
};

void EventStream::subscribe(const std::shared_ptr<Shared>& shared, bool by_cri) {
  if (by_cri) {
    static const cri::GetEventsRequest request;
    Reader<cri::ContainerEventResponse>::start(shared, [&](auto& context, auto* reactor) {
      shared->cri->async()->GetContainerEvents(&context, &request, reactor);
    });
    return;
  }
  const events::SubscribeRequest request = tasks_of(shared->namespace_);
  Reader<events::Envelope>::start(shared, [&](auto& context, auto* reactor) {
    context.AddMetadata("containerd-namespace", shared->namespace_);
    shared->containerd->async()->Subscribe(&context, &request, reactor);
  });
}

// The runtime may have been replaced by a newer one meanwhile: CRI first again.
awaitable<void> EventStream::subscribe_later(std::shared_ptr<Shared> shared) {
  co_await sleep_for(kRetry);
  if (!shared->closed) subscribe(shared, true);
}

EventStream::EventStream(const Executor& executor, std::shared_ptr<grpc::Channel> channel,
                         std::string namespace_, Callback on_event)
    : shared_(std::make_shared<Shared>(Shared{.executor = executor,
                                              .cri = cri::RuntimeService::NewStub(channel),
                                              .containerd = events::Events::NewStub(channel),
                                              .namespace_ = std::move(namespace_),
                                              .on_event = std::move(on_event)})) {
  subscribe(shared_, true);
}

EventStream::~EventStream() {
  shared_->closed = true;
  if (shared_->call) shared_->call->TryCancel();
}

}  // namespace skiff::runtime
