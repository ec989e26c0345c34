// SPDX-License-Identifier: Apache-2.0
// Makes and reads X.509 certificates: ECDSA P-256 keys, PEM in and out, over OpenSSL 3.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace skiff::pki {

// PEM texts that belong together.
struct Pair {
  std::string certificate;
  std::string private_key;
};

// What a certificate says. Also what is read back from one.
struct Subject {
  std::string common_name;
  std::vector<std::string> organizations;
};

struct LeafOptions {
  Subject subject;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  // IPv4 or IPv6, as text
  bool server = false;                 // extended key usages
  bool client = false;
  std::chrono::hours validity{24 * 365};
};

struct Certificate {
  Subject subject;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
  TimePoint not_before;
  TimePoint not_after;
  bool is_ca = false;
};

// `now` is backdated by five minutes in what is made, for clocks that run behind.
Result<Pair> make_ca(const std::string& common_name, TimePoint now,
                     std::chrono::hours validity = std::chrono::hours(24 * 3650));
Result<Pair> make_leaf(const Pair& ca, const LeafOptions& options, TimePoint now);

// A key alone, and the public half of one (service account tokens).
Result<std::string> make_private_key();
Result<std::string> public_key(std::string_view private_key);

// A certificate request for a new key, and its signing (bootstrap of a node). The signer says what
// goes into the certificate; of the request it takes the public key, after checking its signature.
Result<Pair> make_request(const Subject& subject);  // `certificate` is the request
Result<Subject> read_request(std::string_view request);
Result<std::string> sign_request(const Pair& ca, std::string_view request,
                                 const LeafOptions& options, TimePoint now);

// The first certificate in `pem`.
Result<Certificate> read_certificate(std::string_view pem);

}  // namespace skiff::pki
