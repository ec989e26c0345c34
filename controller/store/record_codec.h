// SPDX-License-Identifier: Apache-2.0
// A record as the database holds it: key -> format byte, create and mod revision (8 bytes each,
// little endian), value.
#pragma once

#include "controller/store/store.h"

namespace skiff::store {

std::string encode_header(const Record& record);
Result<RecordPtr> decode_record(std::string_view key, std::string_view stored);

std::string encode_revision(int64_t revision);
Result<int64_t> decode_revision(std::string_view stored);

}  // namespace skiff::store
