// SPDX-License-Identifier: Apache-2.0
// TLS settings of our servers and clients, over OpenSSL 3.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace skiff::http {

// PEM texts, not file names.
struct ServerTlsOptions {
  std::string certificate_chain;
  std::string private_key;
  std::string client_ca;  // empty: client certificates are not asked for; else asked for, verified
                          // when shown
};

class ServerTls {
 public:
  static Result<std::shared_ptr<ServerTls>> make(const ServerTlsOptions& options);
  ~ServerTls();
  // Replaces certificate and key for new connections (rotation).
  Status reload(const ServerTlsOptions& options);
  ssl_ctx_st* context() const { return context_; }

 private:
  ServerTls() = default;
  ssl_ctx_st* context_ = nullptr;
};

struct ClientTlsOptions {
  std::string ca;                 // PEM; empty: the system's roots
  std::string certificate_chain;  // empty: no client certificate
  std::string private_key;
  std::string server_name;  // overrides the host for verification and SNI
  bool insecure_skip_verify = false;
};

class ClientTls {
 public:
  static Result<std::shared_ptr<ClientTls>> make(const ClientTlsOptions& options);
  ~ClientTls();
  ssl_ctx_st* context() const { return context_; }
  const ClientTlsOptions& options() const { return options_; }

 private:
  ClientTls() = default;
  ssl_ctx_st* context_ = nullptr;
  ClientTlsOptions options_;
};

}  // namespace skiff::http
