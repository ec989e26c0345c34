// SPDX-License-Identifier: Apache-2.0
#include "controller/store/record_codec.h"

#include <bit>
#include <cstring>

namespace skiff::store {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char kFormat = 1;
constexpr size_t kHeaderSize = 1 + 2 * sizeof(int64_t);

std::string encode_number(int64_t number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// `stored` has the bytes.
int64_t decode_number(std::string_view stored) {
  int64_t number = 0;
  std::memcpy(&number, stored.data(), sizeof number);
  return number;
}

}  // namespace

std::string encode_header(const Record& record) {
  return kFormat + encode_number(record.create_revision) + encode_number(record.mod_revision);
}

Result<RecordPtr> decode_record(std::string_view key, std::string_view stored) {
  if (stored.size() < kHeaderSize || stored[0] != kFormat) {
    return data_loss("{} is not stored in a format this version reads (1)", key);
  }
  auto record = std::make_shared<Record>();
  record->key = key;
  record->create_revision = decode_number(stored.substr(1));
  record->mod_revision = decode_number(stored.substr(1 + sizeof(int64_t)));
  record->value = std::make_shared<const std::string>(stored.substr(kHeaderSize));
  return record;
}

std::string encode_extent(const Extent& extent) {
  std::string bytes = encode_number(extent.revision);
  if (extent.records) bytes += encode_number(*extent.records);
  return bytes;
}

Result<Extent> decode_extent(std::string_view stored) {
  constexpr size_t kNumber = sizeof(int64_t);
  if (stored.size() != kNumber && stored.size() != 2 * kNumber)
    return data_loss("the store's extent has 8 or 16 bytes, not {}", stored.size());
  Extent extent{.revision = decode_number(stored)};
  if (stored.size() > kNumber) extent.records = decode_number(stored.substr(kNumber));
  return extent;
}

}  // namespace skiff::store
