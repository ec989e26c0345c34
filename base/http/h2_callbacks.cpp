// SPDX-License-Identifier: Apache-2.0
// nghttp2's side of H2Session: C functions that find their session and stream.
#include <array>

#include "base/check.h"
#include "base/http/h2_session.h"

namespace skiff::http {
namespace {

// One write to the connection: enough for many small events, small enough to stay fair.
constexpr size_t kBatchBytes = 128 * 1024;

// What waits for room in a stream's queue is woken below this.
constexpr size_t kLowBytes = 32 * 1024;

std::string_view text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

struct H2Callbacks {
  static H2Session& self(void* user_data) { return *static_cast<H2Session*>(user_data); }

  static ssize_t on_send(nghttp2_session*, const uint8_t* data, size_t length, int,
                         void* user_data) {
    std::string& out = *self(user_data).filling_;
    if (out.size() >= kBatchBytes) return NGHTTP2_ERR_WOULDBLOCK;
    out.append(text(data, length));
    return static_cast<ssize_t>(length);
  }

  static ssize_t read_body(nghttp2_session*, int32_t, uint8_t*, size_t length, uint32_t* flags,
                           nghttp2_data_source* source, void*) {
    H2Stream& stream = *static_cast<H2Stream*>(source->ptr);
    const size_t queued = stream.outgoing.bytes();
    if (queued == 0 && !stream.ended) {
      stream.deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    const size_t count = std::min(queued, length);
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (count == queued && stream.ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static int send_body(nghttp2_session*, nghttp2_frame*, const uint8_t* frame_head, size_t length,
                       nghttp2_data_source* source, void* user_data) {
    constexpr size_t kFrameHeadBytes = 9;
    std::string& out = *self(user_data).filling_;
    if (out.size() >= kBatchBytes) return NGHTTP2_ERR_WOULDBLOCK;
    H2Stream& stream = *static_cast<H2Stream*>(source->ptr);
    const bool was_high = stream.outgoing.bytes() >= kLowBytes;
    out.append(text(frame_head, kFrameHeadBytes));
    stream.outgoing.take(length, out);
    if (was_high && stream.outgoing.bytes() < kLowBytes) stream.room.notify();
    return 0;
  }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                              void* user_data) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    if (const auto stream = self(user_data).accept()) {
      self(user_data).adopt(frame->hd.stream_id, stream);
    } else {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                NGHTTP2_REFUSED_STREAM);
    }
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                       size_t name_length, const uint8_t* value, size_t value_length, uint8_t,
                       void* user_data) {
    if (H2Stream* stream = self(user_data).find(frame->hd.stream_id)) {
      stream->on_header(text(name, name_length), text(value, value_length));
    }
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type == NGHTTP2_GOAWAY) self(user_data).on_go_away();
    if (frame->hd.type == NGHTTP2_SETTINGS) self(user_data).on_settings();
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    H2Stream* stream = self(user_data).find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS) stream->on_head();
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) stream->on_end();
    return 0;
  }

  static int on_data(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data,
                     size_t length, void* user_data) {
    // A stream that is not read holds up itself, by its own window, never the connection.
    nghttp2_session_consume_connection(session, length);
    if (H2Stream* stream = self(user_data).find(id)) stream->on_data(text(data, length));
    return 0;
  }

  static int on_stream_close(nghttp2_session*, int32_t id, uint32_t error, void* user_data) {
    self(user_data).drop(id, error);
    return 0;
  }

  // A request that never left (the peer said GOAWAY, the numbers ran out).
  static int on_not_sent(nghttp2_session*, const nghttp2_frame* frame, int error, void* user_data) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      const bool elsewhere = error == NGHTTP2_ERR_START_STREAM_NOT_ALLOWED ||
                             error == NGHTTP2_ERR_SESSION_CLOSING ||
                             error == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE;
      self(user_data).drop(frame->hd.stream_id,
                           elsewhere ? NGHTTP2_REFUSED_STREAM : NGHTTP2_INTERNAL_ERROR);
    }
    return 0;
  }
};

const nghttp2_session_callbacks* h2_callbacks() {
  static const nghttp2_session_callbacks* const callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    CHECK(nghttp2_session_callbacks_new(&made) == 0);
    nghttp2_session_callbacks_set_send_callback(made, &H2Callbacks::on_send);
    nghttp2_session_callbacks_set_send_data_callback(made, &H2Callbacks::send_body);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, &H2Callbacks::on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, &H2Callbacks::on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, &H2Callbacks::on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &H2Callbacks::on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, &H2Callbacks::on_stream_close);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(made, &H2Callbacks::on_not_sent);
    return made;
  }();
  return callbacks;
}

nghttp2_data_provider H2Session::body_of(H2Stream& stream) {
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = &H2Callbacks::read_body;
  return provider;
}

void H2Fields::add(std::string_view name, std::string_view value) {
  // nghttp2 takes mutable pointers but copies what they point to.
  auto* const name_bytes = reinterpret_cast<uint8_t*>(const_cast<char*>(name.data()));
  auto* const value_bytes = reinterpret_cast<uint8_t*>(const_cast<char*>(value.data()));
  fields_.push_back({name_bytes, value_bytes, name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
}

void H2Fields::add(const Headers& headers) {
  constexpr std::array<std::string_view, 6> kForbidden = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"};
  for (const auto& [name, value] : headers.fields()) {
    if (std::find(kForbidden.begin(), kForbidden.end(), name) == kForbidden.end()) {
      add(name, value);
    }
  }
}

}  // namespace skiff::http
