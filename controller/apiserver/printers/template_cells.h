// SPDX-License-Identifier: Apache-2.0
// The wide columns of everything that has a pod template.
#pragma once

#include "api/core/pod.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {

// Containers and Images.
void print_containers(Cells& cells, const api::PodTemplateSpec& pods);
// The same and Selector.
void print_template(Cells& cells, const api::PodTemplateSpec& pods,
                    const api::Box<api::LabelSelector>& selector);

}  // namespace skiff::printers
