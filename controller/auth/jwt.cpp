// SPDX-License-Identifier: Apache-2.0
#include "controller/auth/jwt.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <array>

namespace skiff::auth {
namespace {

constexpr size_t kCoordinate = 32;  // bytes of a P-256 coordinate
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

Result<std::string> coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
    return invalid_argument("not an elliptic curve key");
  const Number owned(number);
  std::string bytes(kCoordinate, '\0');
  if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kCoordinate) < 0)
    return invalid_argument("not a P-256 key");
  return bytes;
}

// The ASN.1 signature that OpenSSL speaks, to the 64 bytes of JOSE and back.
Result<std::string> to_jose(const std::string& der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const Signature signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())));
  std::string bytes(2 * kCoordinate, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kCoordinate) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kCoordinate, kCoordinate) < 0)
    return internal_error("sign token: unexpected signature");
  return bytes;
}

Result<std::string> to_der(const std::string& jose) {
  if (jose.size() != 2 * kCoordinate) return unauthenticated("token: bad signature");
  const auto* bytes = reinterpret_cast<const unsigned char*>(jose.data());
  const Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes, kCoordinate, nullptr);
  BIGNUM* s = BN_bin2bn(bytes + kCoordinate, kCoordinate, nullptr);
  if (ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return unauthenticated("token: bad signature");
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size < 0) return unauthenticated("token: bad signature");
  std::string text(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

// A part of a token.
Result<std::string> decode_part(std::string_view text) {
  auto bytes = base64url_decode(text);
  if (!bytes.ok()) return unauthenticated("token: {}", message(bytes.status()));
  return bytes;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string out;
  uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = buffer << 8 | static_cast<uint8_t>(byte);
    for (bits += 8; bits >= 6; bits -= 6) out += kAlphabet[buffer >> (bits - 6) & 0x3f];
  }
  if (bits > 0) out += kAlphabet[buffer << (6 - bits) & 0x3f];
  return out;
}

Result<std::string> base64url_decode(std::string_view text) {
  std::string out;
  uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return invalid_argument("not base64url");
    buffer = buffer << 6 | static_cast<uint32_t>(value);
    if ((bits += 6) < 8) continue;
    bits -= 8;
    out += static_cast<char>(buffer >> bits & 0xff);
  }
  return out;
}

void JwtKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<JwtKey> JwtKey::load(std::string_view private_key) {
  const Bio bio(BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())));
  JwtKey key;
  key.key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key.key_) return invalid_argument("token key: not a PEM private key");
  ASSIGN_OR_RETURN(const std::string x, coordinate(key.key_.get(), OSSL_PKEY_PARAM_EC_PUB_X),
                   "token key");
  ASSIGN_OR_RETURN(const std::string y, coordinate(key.key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y),
                   "token key");
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const std::string point = x + y;
  SHA256(reinterpret_cast<const unsigned char*>(point.data()), point.size(), digest.data());
  key.id_ = base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
  key.jwks_ = fmt::format(
      R"({{"keys":[{{"use":"sig","kty":"EC","kid":"{}","crv":"P-256","alg":"ES256","x":"{}","y":"{}"}}]}})",
      key.id_, base64url(x), base64url(y));
  return key;
}

Result<std::string> JwtKey::sign(std::string_view claims) const {
  std::string token =
      base64url(fmt::format(R"({{"alg":"ES256","kid":"{}"}})", id_)) + "." + base64url(claims);
  const Context context(EVP_MD_CTX_new());
  const auto* text = reinterpret_cast<const unsigned char*>(token.data());
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, text, token.size()) != 1)
    return internal_error("sign token: OpenSSL refused");
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, text,
                     token.size()) != 1)
    return internal_error("sign token: OpenSSL refused");
  der.resize(size);
  ASSIGN_OR_RETURN(const std::string signature, to_jose(der));
  return token + "." + base64url(signature);
}

Result<std::string> JwtKey::verify(std::string_view token) const {
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return unauthenticated("token: not a JWT");
  ASSIGN_OR_RETURN(const std::string header, decode_part(token.substr(0, first)));
  // The one algorithm we sign with: a token must not choose how it is checked (RFC 8725
  // section 3.1).
  if (header.find("\"ES256\"") == std::string::npos)
    return unauthenticated("token: unexpected algorithm");
  ASSIGN_OR_RETURN(const std::string jose, decode_part(token.substr(second + 1)));
  ASSIGN_OR_RETURN(const std::string der, to_der(jose));
  const std::string_view text = token.substr(0, second);
  const Context context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(der.data()),
                       der.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) != 1)
    return unauthenticated("token: bad signature");
  return decode_part(token.substr(first + 1, second - first - 1));
}

}  // namespace skiff::auth
