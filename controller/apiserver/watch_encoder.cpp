// SPDX-License-Identifier: Apache-2.0
#include "controller/apiserver/watch_encoder.h"

#include "controller/apiserver/errors.h"
#include "controller/apiserver/json_text.h"
#include "controller/apiserver/render.h"
#include "controller/apiserver/view.h"

namespace skiff::apiserver {
namespace {

Line shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

Line WatchEncoder::line(std::string_view type, const store::RecordPtr& record) {
  const bool as_stored = call_.output.form == Form::kObject && !call_.resource->view;
  return as_stored ? backend_.frames.line(type, record) : transformed(type, record->value);
}

Line WatchEncoder::transformed(std::string_view type, const store::Bytes& stored) {
  const auto shown = bytes_to_show(*call_.resource, stored);
  if (!shown.ok()) return error(shown.status());
  const std::string_view object = **shown;
  if (call_.output.form == Form::kObject) return shared(watch_line(type, object));
  if (call_.output.form == Form::kMetadata)
    return shared(watch_line(type, partial_metadata(call_.output, object)));
  const auto row = table_row(backend_, call_, object);
  if (!row.ok()) return error(row.status());
  // Columns come once: later events repeat none.
  const std::string columns = columns_sent_ ? "" : table_columns(backend_, *call_.resource);
  columns_sent_ = true;
  return shared(watch_line(type, table_document(call_.output, "{}", columns, "[" + *row + "]")));
}

Line WatchEncoder::encode(const store::Event& event) {
  const Resource& resource = *call_.resource;
  AttributeCache& cache = backend_.attributes;
  switch (event.type) {
    case store::EventType::kCreate:
      return initial(event.record);
    case store::EventType::kDelete: {
      const store::RecordPtr& last = event.previous ? event.previous : event.record;
      return selection_.matches(cache, resource, last) ? line("DELETED", event.record) : nullptr;
    }
    case store::EventType::kUpdate:
      break;
  }
  const bool before = !event.previous || selection_.matches(cache, resource, event.previous);
  const bool after = selection_.matches(cache, resource, event.record);
  if (before && after) return line("MODIFIED", event.record);
  if (after) return line("ADDED", event.record);
  if (!before) return nullptr;
  // It left the selection: the last state that was in it, as of now.
  return transformed("DELETED", std::make_shared<const std::string>(store::with_revision(
                                    *event.previous->value, event.revision())));
}

Line WatchEncoder::initial(const store::RecordPtr& record) {
  return selection_.matches(backend_.attributes, *call_.resource, record) ? line("ADDED", record)
                                                                          : nullptr;
}

Line WatchEncoder::bookmark(int64_t revision, bool initial_end) {
  std::string metadata = "{";
  append_member(metadata, "resourceVersion", std::to_string(revision));
  append_raw_member(metadata, "creationTimestamp", "null");
  if (initial_end)
    append_raw_member(metadata, "annotations", R"({"k8s.io/initial-events-end":"true"})");
  metadata += "}";
  std::string object = "{";
  append_member(object, "kind", call_.resource->kind->kind);
  append_member(object, "apiVersion", call_.resource->kind->api_version());
  append_raw_member(object, "metadata", metadata);
  object += "}";
  if (call_.output.form == Form::kTable) {
    // A row without cells whose object carries the annotation.
    const std::string row =
        R"([{"cells":[],"object":)" + partial_metadata(call_.output, object) + "}]";
    object = table_document(call_.output, metadata, "", row);
  } else if (call_.output.form == Form::kMetadata) {
    object = partial_metadata(call_.output, object);
  }
  return shared(watch_line("BOOKMARK", object));
}

Line WatchEncoder::error(const Status& status) const {
  return shared(watch_line("ERROR", status_document(status)));
}

}  // namespace skiff::apiserver
