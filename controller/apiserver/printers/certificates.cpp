// SPDX-License-Identifier: Apache-2.0
#include "api/certificates/types.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

std::string request_state(const api::CertificateSigningRequestStatus& status) {
  bool approved = false, denied = false, failed = false;
  for (const auto& condition : status.conditions) {
    approved = approved || condition.type == "Approved";
    denied = denied || condition.type == "Denied";
    failed = failed || condition.type == "Failed";
  }
  std::string text = denied ? "Denied" : approved ? "Approved" : "Pending";
  if (failed) text += ",Failed";
  if (!status.certificate.value.empty()) text += ",Issued";
  return text;
}

TableRow print_request(const api::CertificateSigningRequest& one, TimePoint now) {
  const auto& seconds = one.spec.expirationSeconds;
  Cells cells;
  cells.text(one.metadata.name);
  cells.text(age(one.metadata.creationTimestamp, now));
  cells.text(one.spec.signerName);
  cells.text(one.spec.username);
  cells.text(seconds ? human_duration(std::chrono::seconds(*seconds)) : std::string(kNone));
  cells.text(request_state(one.status));
  return {.cells = std::move(cells).finish()};
}

}  // namespace

std::vector<KindTable> certificates_tables() {
  return {table_of<api::CertificateSigningRequest, print_request>(
      {name_column(), age_column(), column("SignerName"), column("Requestor"),
       column("RequestedDuration"), column("Condition")})};
}

}  // namespace skiff::printers
