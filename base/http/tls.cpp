// SPDX-License-Identifier: Apache-2.0
#include "base/http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <string_view>

namespace skiff::http {
namespace {

constexpr std::string_view kServerProtocols("\x02h2\x08http/1.1", 12);

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Status openssl_status(std::string_view what) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return invalid_argument("{}: {}", what, reason == nullptr ? "malformed PEM" : reason);
}

BioPtr memory(std::string_view pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// Calls `add` for each certificate in `pem`; at least one is required.
template <class Add>
Status each_certificate(std::string_view pem, std::string_view what, Add add) {
  const BioPtr bio = memory(pem);
  int count = 0;
  for (;; ++count) {
    const CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                     &X509_free);
    if (certificate == nullptr) break;
    if (!add(certificate.get(), count)) return openssl_status(what);
  }
  if (count == 0) return openssl_status(what);
  ERR_clear_error();  // the end of the text is reported as "no start line"
  return absl::OkStatus();
}

Status use_certificate(SSL_CTX* context, std::string_view chain, std::string_view private_key) {
  RETURN_IF_ERROR(each_certificate(chain, "certificate", [&](X509* certificate, int index) {
    return index == 0 ? SSL_CTX_use_certificate(context, certificate) == 1
                      : SSL_CTX_add1_chain_cert(context, certificate) == 1;
  }));
  const BioPtr bio = memory(private_key);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return openssl_status("private key");
  }
  return absl::OkStatus();
}

Status trust(SSL_CTX* context, std::string_view ca) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  return each_certificate(ca, "certificate authority", [&](X509* certificate, int) {
    return X509_STORE_add_cert(store, certificate) == 1;
  });
}

Result<ContextPtr> make_context(const SSL_METHOD* method) {
  ContextPtr context(SSL_CTX_new(method));
  if (context == nullptr) return openssl_status("TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Buffers are given back while a connection idles: thousands of watches do.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // No resumption: our connections live long, and a rotated CA must count for every new one.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* in, unsigned int in_length, void*) {
  unsigned char* chosen = nullptr;
  const int result = SSL_select_next_proto(
      &chosen, out_length, reinterpret_cast<const unsigned char*>(kServerProtocols.data()),
      static_cast<unsigned>(kServerProtocols.size()), in, in_length);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Result<ContextPtr> make_server_context(const ServerTlsOptions& options) {
  ASSIGN_OR_RETURN(ContextPtr context, make_context(TLS_server_method()));
  RETURN_IF_ERROR(use_certificate(context.get(), options.certificate_chain, options.private_key));
  SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, nullptr);
  if (options.client_ca.empty()) return context;
  RETURN_IF_ERROR(trust(context.get(), options.client_ca), "client CA");
  // The names of the accepted authorities let a client with several certificates choose.
  RETURN_IF_ERROR(each_certificate(options.client_ca, "client CA", [&](X509* certificate, int) {
    return SSL_CTX_add_client_CA(context.get(), certificate) == 1;
  }));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace

Result<std::shared_ptr<ServerTls>> ServerTls::make(const ServerTlsOptions& options) {
  std::shared_ptr<ServerTls> tls(new ServerTls);
  RETURN_IF_ERROR(tls->reload(options));
  return tls;
}

ServerTls::~ServerTls() {
  SSL_CTX_free(context_);
}

Status ServerTls::reload(const ServerTlsOptions& options) {
  ASSIGN_OR_RETURN(ContextPtr fresh, make_server_context(options), "server TLS");
  SSL_CTX_free(context_);  // connections hold references of their own
  context_ = fresh.release();
  return absl::OkStatus();
}

Result<std::shared_ptr<ClientTls>> ClientTls::make(const ClientTlsOptions& options) {
  ASSIGN_OR_RETURN(ContextPtr context, make_context(TLS_client_method()), "client TLS");
  if (options.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    RETURN_IF_ERROR(trust(context.get(), options.ca), "client TLS");
  }
  if (!options.certificate_chain.empty()) {
    RETURN_IF_ERROR(use_certificate(context.get(), options.certificate_chain, options.private_key),
                    "client TLS");
  }
  SSL_CTX_set_verify(context.get(),
                     options.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  std::shared_ptr<ClientTls> tls(new ClientTls);
  tls->context_ = context.release();
  tls->options_ = options;
  return tls;
}

ClientTls::~ClientTls() {
  SSL_CTX_free(context_);
}

}  // namespace skiff::http
