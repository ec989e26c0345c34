// SPDX-License-Identifier: Apache-2.0
// The columns of `kubectl get`, for every kind served.
#pragma once

#include <memory>

#include "controller/apiserver/printer.h"

namespace skiff::printers {

// Name and Age for kinds that have no columns of their own.
std::unique_ptr<apiserver::TablePrinter> table_printer();

}  // namespace skiff::printers
