// SPDX-License-Identifier: Apache-2.0
// A record as the database holds it: key -> format byte, create and mod revision (8 bytes each,
// little endian), value.
#pragma once

#include "controller/store/store.h"

namespace skiff::store {

std::string encode_header(const Record& record);
Result<RecordPtr> decode_record(std::string_view key, std::string_view stored);

// Written with every batch: the last revision, and how many records there are since, so that a
// database that has lost some without noticing is found out.
struct Extent {
  int64_t revision = 0;
  std::optional<int64_t> records;  // absent: written by an earlier version
};
std::string encode_extent(const Extent& extent);
Result<Extent> decode_extent(std::string_view stored);

}  // namespace skiff::store
