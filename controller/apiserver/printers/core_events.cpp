// SPDX-License-Identifier: Apache-2.0
#include <cctype>

#include "api/events/core_event.h"
#include "controller/apiserver/printers/tables.h"

namespace skiff::printers {
namespace {

// `pod/web-1`.
std::string object_text(const api::ObjectReference& object) {
  std::string out;
  for (const char c : object.kind)
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return object.name.empty() ? out : out + "/" + object.name;
}

// `kubelet, node-1`.
std::string source_text(const api::Event& event) {
  std::string out(text_or(event.source.component, event.reportingComponent));
  const auto instance = text_or(event.source.host, event.reportingInstance);
  if (!instance.empty()) out.append(", ").append(instance);
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

TableRow print_event(const api::Event& one, TimePoint now) {
  const std::string first =
      one.firstTimestamp ? age(one.firstTimestamp, now) : age(one.eventTime, now);
  std::string last = one.lastTimestamp ? age(one.lastTimestamp, now) : first;
  int32_t count = one.count == 0 ? 1 : one.count;
  if (one.series) {
    last = age(one.series->lastObservedTime, now);
    count = one.series->count;
  }
  Cells cells;
  cells.text(last);
  cells.text(one.type);
  cells.text(one.reason);
  cells.text(object_text(one.involvedObject));
  cells.text(one.involvedObject.fieldPath);
  cells.text(source_text(one));
  cells.text(trim(one.message));
  cells.text(first);
  cells.number(count);
  cells.text(one.metadata.name);
  return {.cells = std::move(cells).finish()};
}

TableRow print_event_v1(const api::EventV1& one, TimePoint now) {
  return print_event(api::to_core(one), now);
}

std::vector<TableColumn> event_columns() {
  TableColumn name = name_column();
  name.priority = 1;
  return {column("Last Seen"),
          column("Type"),
          column("Reason"),
          column("Object"),
          wide_column("Subobject"),
          wide_column("Source"),
          column("Message"),
          wide_column("First Seen"),
          wide_column("Count", "integer"),
          std::move(name)};
}

}  // namespace

std::vector<KindTable> event_tables() {
  return {table_of<api::Event, print_event>(event_columns())};
}

std::vector<KindTable> events_tables() {
  return {table_of<api::EventV1, print_event_v1>(event_columns())};
}

}  // namespace skiff::printers
