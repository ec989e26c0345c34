// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni_server.h"

#include <sys/stat.h>

#include <array>

namespace skiff::network {
namespace {

namespace json = boost::json;
using asio::local::stream_protocol;

constexpr auto kCallTimeout = std::chrono::seconds(5);  // for the call to arrive, not for its work
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

uint32_t read_length(const std::array<uint8_t, 4>& bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

std::string frame_of(std::string_view body) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8)
    frame.push_back(static_cast<char>(body.size() >> shift));
  return frame.append(body);
}

// Empty if the peer went away, was too slow or announced too much.
awaitable<std::string> read_frame(std::shared_ptr<stream_protocol::socket> socket) {
  asio::steady_timer timeout(socket->get_executor(), kCallTimeout);
  timeout.async_wait([weak = std::weak_ptr(socket)](const boost::system::error_code& error) {
    if (const auto late = weak.lock(); late && !error) late->close();
  });
  std::array<uint8_t, 4> header{};
  boost::system::error_code error;
  co_await asio::async_read(*socket, asio::buffer(header),
                            asio::redirect_error(asio::use_awaitable, error));
  const uint32_t length = read_length(header);
  if (error || length > kMaxFrameBytes) co_return "";
  std::string body(length, '\0');
  co_await asio::async_read(*socket, asio::buffer(body),
                            asio::redirect_error(asio::use_awaitable, error));
  co_return error ? "" : body;
}

}  // namespace

Result<CniCall> decode_call(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* environment = object == nullptr ? nullptr : object->if_contains("env");
  const json::value* input = object == nullptr ? nullptr : object->if_contains("stdin");
  if (environment == nullptr || !environment->is_object() || input == nullptr ||
      !input->is_string())
    return invalid_argument("call: want {{\"env\": {{…}}, \"stdin\": \"…\"}}");
  CniCall call{.input = std::string(input->get_string())};
  for (const auto& [name, variable] : environment->get_object())
    if (variable.is_string()) call.environment.emplace(name, variable.get_string());
  return call;
}

std::string encode_answer(const CniAnswer& answer) {
  return json::serialize(json::object{{"exitCode", answer.exit_code}, {"stdout", answer.output}});
}

struct CniServer::State {
  State(const Executor& executor, std::filesystem::path path_, Handler handler_)
      : acceptor(executor), path(std::move(path_)), handler(std::move(handler_)) {}

  stream_protocol::acceptor acceptor;
  std::filesystem::path path;
  Handler handler;
};

CniServer::CniServer(Executor executor, std::filesystem::path socket, Handler handler)
    : state_(std::make_shared<State>(executor, std::move(socket), std::move(handler))) {}

CniServer::~CniServer() {
  stop();
}

Status CniServer::listen() {
  boost::system::error_code error;
  const std::string path = state_->path.string();
  (void)::unlink(path.c_str());
  stream_protocol::endpoint endpoint;
  try {
    endpoint = stream_protocol::endpoint(path);
  } catch (const boost::system::system_error&) {
    return invalid_argument("CNI socket {}: path too long", path);
  }
  state_->acceptor.open(endpoint.protocol(), error);
  if (!error) state_->acceptor.bind(endpoint, error);
  // Whoever may connect may rewire pods: root only, before the first connection can be made.
  if (!error && ::chmod(path.c_str(), 0600) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) state_->acceptor.listen(stream_protocol::acceptor::max_listen_connections, error);
  if (error) return errno_status(error.value(), fmt::format("CNI socket {}", path));
  return absl::OkStatus();
}

void CniServer::serve() {
  spawn(state_->acceptor.get_executor(), "cni accept", accept_loop(state_));
}

void CniServer::stop() {
  if (!state_->acceptor.is_open()) return;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->handler = nullptr;
}

awaitable<void> CniServer::accept_loop(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    boost::system::error_code error;
    auto socket = std::make_shared<stream_protocol::socket>(
        co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error)));
    if (!error)
      spawn(state->acceptor.get_executor(), "cni call", serve_one(state, std::move(socket)));
    else if (state->acceptor.is_open())
      co_await sleep_for(kAcceptPause);  // out of descriptors: others will be freed
  }
}

awaitable<void> CniServer::serve_one(std::shared_ptr<State> state,
                                     std::shared_ptr<stream_protocol::socket> socket) {
  const std::string body = co_await read_frame(socket);
  if (body.empty() || !state->handler) co_return;
  Result<CniCall> call = decode_call(body);
  CniAnswer answer;
  if (call.ok())
    answer = co_await state->handler(std::move(call).value());
  else
    answer = failed(call.status(), std::string(std::end(kCniVersions)[-1]));
  const std::string frame = frame_of(encode_answer(answer));
  boost::system::error_code ignored;
  co_await asio::async_write(*socket, asio::buffer(frame),
                             asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace skiff::network
