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

// Name, replicas wanted, there and ready, and age: of a ReplicaSet and of what came before it.
template <class T>
void print_replicas(Cells& cells, const T& one, TimePoint now) {
  cells.text(one.metadata.name);
  cells.number(one.spec.replicas.value_or(1));
  cells.number(one.status.replicas);
  cells.number(one.status.readyReplicas);
  cells.text(age(one.metadata.creationTimestamp, now));
}

}  // namespace skiff::printers
