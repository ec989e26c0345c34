// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/printers/template_cells.h"

#include "api/selector.h"

namespace skiff::printers {

void print_containers(Cells& cells, const api::PodTemplateSpec& pods) {
  std::vector<std::string> names, images;
  for (const api::Container& container : pods.spec.containers) {
    names.push_back(container.name);
    images.push_back(container.image);
  }
  cells.text(join(names));
  cells.text(join(images));
}

void print_template(Cells& cells, const api::PodTemplateSpec& pods,
                    const api::Box<api::LabelSelector>& selector) {
  print_containers(cells, pods);
  const auto parsed = selector ? api::Selector::from(*selector) : api::Selector::everything();
  cells.text(!parsed.ok() || parsed->is_everything() ? std::string(kNone) : parsed->to_string());
}

}  // namespace skiff::printers
