// SPDX-License-Identifier: Apache-2.0
// Building and reading route netlink messages; private to agent/net.
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <memory>
#include <string>
#include <vector>

#include "agent/net/netlink.h"
#include "base/check.h"
#include "base/ip.h"

namespace skiff::net {

// One request under construction. Running out of memory dies.
class Message {
 public:
  template <class Header>
  Message(int type, int flags, const Header& header) : message_(nlmsg_alloc_simple(type, flags)) {
    CHECK(message_ != nullptr);
    CHECK(nlmsg_append(get(), const_cast<Header*>(&header), sizeof header, NLMSG_ALIGNTO) == 0);
  }

  nl_msg* get() const { return message_.get(); }

  void put(int attribute, const void* data, size_t size) {
    CHECK(nla_put(get(), attribute, static_cast<int>(size), data) == 0);
  }
  void put_u8(int attribute, uint8_t value) { put(attribute, &value, sizeof value); }
  void put_u32(int attribute, uint32_t value) { put(attribute, &value, sizeof value); }
  void put_string(int attribute, const std::string& value) {
    put(attribute, value.c_str(), value.size() + 1);
  }
  // The 4 or 16 bytes the kernel knows the address by.
  void put_ip(int attribute, const IpAddress& ip) {
    const uint8_t* bytes = ip.bytes().data();
    ip.is_v4() ? put(attribute, bytes + 12, 4) : put(attribute, bytes, 16);
  }
  // Fixed struct in the middle of nested attributes (VETH_INFO_PEER).
  template <class Header>
  void append(const Header& header) {
    CHECK(nlmsg_append(get(), const_cast<Header*>(&header), sizeof header, NLMSG_ALIGNTO) == 0);
  }
  nlattr* begin_nest(int attribute) {
    nlattr* nest = nla_nest_start(get(), attribute);
    CHECK(nest != nullptr);
    return nest;
  }
  void end_nest(nlattr* nest) { CHECK(nla_nest_end(get(), nest) == 0); }

 private:
  struct Free {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
  };
  std::unique_ptr<nl_msg, Free> message_;
};

// The address in `attribute`, or :: if it is absent or of another size.
inline IpAddress read_ip(const nlattr* attribute) {
  std::array<uint8_t, 16> bytes{};
  if (attribute == nullptr) return IpAddress();
  const auto* data = static_cast<const uint8_t*>(nla_data(attribute));
  if (nla_len(attribute) == 4)
    return IpAddress::v4(uint32_t{data[0]} << 24 | uint32_t{data[1]} << 16 |
                         uint32_t{data[2]} << 8 | data[3]);
  if (nla_len(attribute) != 16) return IpAddress();
  std::copy_n(data, 16, bytes.begin());
  return IpAddress(bytes);
}

inline uint8_t family_of(const IpAddress& ip) {
  return static_cast<uint8_t>(ip.is_v4() ? AF_INET : AF_INET6);
}

// Every object of a dump, as `parse` (nlmsghdr* -> std::optional<T>) reads it; empty ones are left
// out. Asks again when the objects change meanwhile.
template <class T, class Header, class Parse>
Result<std::vector<T>> dump(Netlink& netlink, int type, const Header& header, Parse parse) {
  constexpr int kAttempts = 5;
  Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<T> found;
    Message message(type, NLM_F_DUMP, header);
    status = netlink.query(message, [&](nlmsghdr* object) {
      if (auto parsed = parse(object)) found.push_back(std::move(*parsed));
    });
    if (status.ok()) return found;
    if (status.code() != StatusCode::kAborted) break;
  }
  return status;
}

}  // namespace skiff::net
