// SPDX-License-Identifier: Apache-2.0
#include "base/pki.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/ip.h"

namespace skiff::pki {
namespace {

constexpr auto kBackdate = std::chrono::minutes(5);

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freer<Free>>;

void free_names(GENERAL_NAMES* names) {
  sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
}

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Cert = Owned<X509, X509_free>;
using Csr = Owned<X509_REQ, X509_REQ_free>;
using Bio = Owned<BIO, BIO_vfree>;
using Names = Owned<GENERAL_NAMES, free_names>;

Status failure(std::string_view what) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return invalid_argument("{}: {}", what, reason == nullptr ? "malformed" : reason);
}

Bio memory(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// What `write` puts into a memory BIO.
template <class Write>
Result<std::string> pem_text(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || write(bio.get()) != 1) return failure("write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

Result<Key> new_key() {
  Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return failure("make key");
  return key;
}

Result<Key> parse_key(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return failure("private key");
  return key;
}

Result<Cert> parse_certificate(std::string_view pem) {
  Cert certificate(PEM_read_bio_X509(memory(pem).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return failure("certificate");
  return certificate;
}

Result<Csr> parse_request(std::string_view pem) {
  Csr request(PEM_read_bio_X509_REQ(memory(pem).get(), nullptr, nullptr, nullptr));
  if (request == nullptr) return failure("certificate request");
  if (X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) != 1) {
    return failure("certificate request signature");
  }
  return request;
}

Result<std::string> key_pem(EVP_PKEY* key) {
  return pem_text([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Result<std::string> certificate_pem(X509* certificate) {
  return pem_text([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

bool add_name(X509_NAME* name, const char* field, const std::string& value) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

Status fill_name(X509_NAME* name, const Subject& subject) {
  for (const std::string& organization : subject.organizations) {
    if (!add_name(name, "O", organization)) return failure("organization");
  }
  if (!add_name(name, "CN", subject.common_name)) return failure("common name");
  return absl::OkStatus();
}

Subject subject_of(const X509_NAME* name) {
  Subject subject;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (length < 0) continue;
    std::string value(reinterpret_cast<char*>(utf8), static_cast<size_t>(length));
    OPENSSL_free(utf8);
    const int field = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (field == NID_commonName) subject.common_name = std::move(value);
    if (field == NID_organizationName) subject.organizations.push_back(std::move(value));
  }
  return subject;
}

Status extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return failure(fmt::format("certificate extension {:?}", value));
  }
  return absl::OkStatus();
}

// 127 random bits, so that the number is positive.
Status set_random_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return failure("random serial");
  bytes[0] &= 0x7f;
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  return absl::OkStatus();
}

Result<Cert> blank(const Subject& subject, EVP_PKEY* key, TimePoint now,
                   std::chrono::hours validity) {
  Cert certificate(X509_new());
  if (certificate == nullptr) return failure("make certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  RETURN_IF_ERROR(set_random_serial(certificate.get()));
  RETURN_IF_ERROR(fill_name(X509_get_subject_name(certificate.get()), subject));
  using Clock = std::chrono::system_clock;
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), Clock::to_time_t(now - kBackdate));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), Clock::to_time_t(now + validity));
  if (X509_set_pubkey(certificate.get(), key) != 1) return failure("public key");
  return certificate;
}

// The subjectAltName in OpenSSL's own notation. Names are checked, because a comma in one would
// start another entry.
Result<std::string> alternative_names(const LeafOptions& options) {
  std::string text;
  for (const std::string& name : options.dns_names) {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-._*") != std::string::npos) {
      return invalid_argument("DNS name {:?}: letters, digits, '-', '_', '.' and '*' only", name);
    }
    text += (text.empty() ? "DNS:" : ",DNS:") + name;
  }
  for (const std::string& address : options.addresses) {
    RETURN_IF_ERROR(IpAddress::parse(address));
    text += (text.empty() ? "IP:" : ",IP:") + address;
  }
  return text;
}

Result<std::string> sign(const Pair& ca, const LeafOptions& options, EVP_PKEY* public_half,
                         TimePoint now) {
  ASSIGN_OR_RETURN(const Cert issuer, parse_certificate(ca.certificate), "CA");
  ASSIGN_OR_RETURN(const Key issuer_key, parse_key(ca.private_key), "CA");
  ASSIGN_OR_RETURN(const Cert leaf, blank(options.subject, public_half, now, options.validity));
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer.get()));
  const auto add = [&](int nid, const std::string& value) {
    return extend(leaf.get(), issuer.get(), nid, value);
  };
  RETURN_IF_ERROR(add(NID_basic_constraints, "critical,CA:FALSE"));
  RETURN_IF_ERROR(add(NID_key_usage, "critical,digitalSignature"));
  RETURN_IF_ERROR(add(NID_authority_key_identifier, "keyid"));
  if (options.server || options.client) {
    const std::string both = options.server && options.client ? "," : "";
    RETURN_IF_ERROR(add(NID_ext_key_usage, (options.server ? "serverAuth" : "") + both +
                                               (options.client ? "clientAuth" : "")));
  }
  ASSIGN_OR_RETURN(const std::string names, alternative_names(options));
  if (!names.empty()) RETURN_IF_ERROR(add(NID_subject_alt_name, names));
  if (X509_sign(leaf.get(), issuer_key.get(), EVP_sha256()) == 0) return failure("sign");
  return certificate_pem(leaf.get());
}

TimePoint time_point(const ASN1_TIME* time) {
  tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

void read_names(const X509* leaf, Certificate& certificate) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    const auto* string = static_cast<const ASN1_STRING*>(value);
    if (type == GEN_DNS) {
      certificate.dns_names.emplace_back(
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<size_t>(ASN1_STRING_length(string)));
    } else if (type == GEN_IPADD) {
      char text[INET6_ADDRSTRLEN];
      const int family = ASN1_STRING_length(string) == 4 ? AF_INET : AF_INET6;
      if (inet_ntop(family, ASN1_STRING_get0_data(string), text, sizeof text) != nullptr) {
        certificate.addresses.emplace_back(text);
      }
    }
  }
}

}  // namespace

Result<Pair> make_ca(const std::string& common_name, TimePoint now, std::chrono::hours validity) {
  ASSIGN_OR_RETURN(const Key key, new_key());
  ASSIGN_OR_RETURN(const Cert ca, blank({common_name, {}}, key.get(), now, validity));
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  const auto add = [&](int nid, const std::string& value) {
    return extend(ca.get(), ca.get(), nid, value);
  };
  RETURN_IF_ERROR(add(NID_basic_constraints, "critical,CA:TRUE"));
  RETURN_IF_ERROR(add(NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature"));
  RETURN_IF_ERROR(add(NID_subject_key_identifier, "hash"));
  if (X509_sign(ca.get(), key.get(), EVP_sha256()) == 0) return failure("sign CA");
  Pair pair;
  ASSIGN_OR_RETURN(pair.certificate, certificate_pem(ca.get()));
  ASSIGN_OR_RETURN(pair.private_key, key_pem(key.get()));
  return pair;
}

Result<Pair> make_leaf(const Pair& ca, const LeafOptions& options, TimePoint now) {
  ASSIGN_OR_RETURN(const Key key, new_key());
  Pair pair;
  ASSIGN_OR_RETURN(pair.certificate, sign(ca, options, key.get(), now));
  ASSIGN_OR_RETURN(pair.private_key, key_pem(key.get()));
  return pair;
}

Result<std::string> make_private_key() {
  ASSIGN_OR_RETURN(const Key key, new_key());
  return key_pem(key.get());
}

Result<std::string> public_key(std::string_view private_key) {
  ASSIGN_OR_RETURN(const Key key, parse_key(private_key));
  return pem_text([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key.get()); });
}

Result<Pair> make_request(const Subject& subject) {
  ASSIGN_OR_RETURN(const Key key, new_key());
  const Csr request(X509_REQ_new());
  if (request == nullptr) return failure("make certificate request");
  RETURN_IF_ERROR(fill_name(X509_REQ_get_subject_name(request.get()), subject));
  X509_REQ_set_pubkey(request.get(), key.get());
  if (X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0) return failure("sign request");
  Pair pair;
  ASSIGN_OR_RETURN(pair.certificate,
                   pem_text([&](BIO* bio) { return PEM_write_bio_X509_REQ(bio, request.get()); }));
  ASSIGN_OR_RETURN(pair.private_key, key_pem(key.get()));
  return pair;
}

Result<Subject> read_request(std::string_view request) {
  ASSIGN_OR_RETURN(const Csr parsed, parse_request(request));
  return subject_of(X509_REQ_get_subject_name(parsed.get()));
}

Result<std::string> sign_request(const Pair& ca, std::string_view request,
                                 const LeafOptions& options, TimePoint now) {
  ASSIGN_OR_RETURN(const Csr parsed, parse_request(request));
  return sign(ca, options, X509_REQ_get0_pubkey(parsed.get()), now);
}

Result<Certificate> read_certificate(std::string_view pem) {
  ASSIGN_OR_RETURN(const Cert parsed, parse_certificate(pem));
  Certificate certificate;
  certificate.subject = subject_of(X509_get_subject_name(parsed.get()));
  certificate.not_before = time_point(X509_get0_notBefore(parsed.get()));
  certificate.not_after = time_point(X509_get0_notAfter(parsed.get()));
  certificate.is_ca = X509_check_ca(parsed.get()) == 1;
  read_names(parsed.get(), certificate);
  return certificate;
}

}  // namespace skiff::pki
