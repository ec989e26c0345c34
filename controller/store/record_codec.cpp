// SPDX-License-Identifier: Apache-2.0
#include "controller/store/record_codec.h"

#include <bit>
#include <cstring>

namespace skiff::store {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char kFormat = 1;
constexpr size_t kHeaderSize = 1 + 2 * sizeof(int64_t);

}  // namespace

std::string encode_header(const Record& record) {
  return kFormat + encode_revision(record.create_revision) + encode_revision(record.mod_revision);
}

Result<RecordPtr> decode_record(std::string_view key, std::string_view stored) {
  if (stored.size() < kHeaderSize || stored[0] != kFormat) {
    return data_loss("{} is not stored in a format this version reads (1)", key);
  }
  auto record = std::make_shared<Record>();
  record->key = key;
  ASSIGN_OR_RETURN(record->create_revision, decode_revision(stored.substr(1, sizeof(int64_t))));
  ASSIGN_OR_RETURN(record->mod_revision,
                   decode_revision(stored.substr(1 + sizeof(int64_t), sizeof(int64_t))));
  record->value = std::make_shared<const std::string>(stored.substr(kHeaderSize));
  return record;
}

std::string encode_revision(int64_t revision) {
  std::string bytes(sizeof revision, '\0');
  std::memcpy(bytes.data(), &revision, sizeof revision);
  return bytes;
}

Result<int64_t> decode_revision(std::string_view stored) {
  int64_t revision = 0;
  if (stored.size() != sizeof revision)
    return data_loss("a revision has 8 bytes, not {}", stored.size());
  std::memcpy(&revision, stored.data(), sizeof revision);
  return revision;
}

}  // namespace skiff::store
