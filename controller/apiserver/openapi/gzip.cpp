// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/openapi/gzip.h"

#include <zlib.h>

#include "base/check.h"

namespace skiff::openapi {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB, with the gzip header
constexpr int kMemoryLevel = 8;
constexpr size_t kPiece = 65536;

Bytef* input(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

// Runs `step` (deflate or inflate) over all of `from`.
template <class Step>
std::string run(z_stream& stream, std::string_view from, Step step) {
  stream.next_in = input(from);
  stream.avail_in = static_cast<uInt>(from.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    const size_t filled = out.size();
    out.resize(filled + kPiece);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = kPiece;
    result = step(&stream, Z_FINISH);
    if (result == Z_BUF_ERROR && stream.avail_out == 0) result = Z_OK;
    out.resize(out.size() - stream.avail_out);
  }
  CHECK(result == Z_STREAM_END);
  out.shrink_to_fit();
  return out;
}

}  // namespace

std::string gzip(std::string_view plain) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out = run(stream, plain, deflate);
  deflateEnd(&stream);
  return out;
}

std::string gunzip(std::string_view compressed) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
  std::string out = run(stream, compressed, inflate);
  inflateEnd(&stream);
  return out;
}

}  // namespace skiff::openapi
