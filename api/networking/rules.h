// SPDX-License-Identifier: Apache-2.0
// The rules of networking's types; the path of `errors` is the struct itself.
#pragma once

#include "api/networking/ingress.h"
#include "api/networking/service_cidr.h"
#include "api/rules.h"

namespace skiff::api::networking {

void ingress(const Ingress& ingress, FieldErrors& errors);
void ingress_class_spec(const IngressClassSpec& spec, FieldErrors& errors);
void service_cidr_spec(const ServiceCIDRSpec& spec, FieldErrors& errors);
void service_cidr_update(const ServiceCIDR& now, const ServiceCIDR& old, FieldErrors& errors);

}  // namespace skiff::api::networking
