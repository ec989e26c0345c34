// SPDX-License-Identifier: Apache-2.0
#include "api/compare.h"
#include "api/events/event.h"
#include "api/groups.h"
#include "api/names.h"
#include "api/rules.h"
#include "api/text.h"

namespace skiff::api::events {
namespace {

using rules::at;
using rules::name_at;

constexpr size_t kMaxWord = 128, kMaxNote = 1024;

void word(std::string_view name, const std::string& text, FieldErrors& errors) {
  const auto field = errors.at(name);
  if (text.empty()) errors.required();
  if (text.size() > kMaxWord)
    errors.invalid("", fmt::format("can have at most {} characters", kMaxWord));
}

// Those of the old form have a first time, a source and a count instead.
bool is_old(const EventV1& event) {
  return event.eventTime.is_zero() && event.deprecatedFirstTimestamp;
}

void event(const EventV1& event, FieldErrors& errors) {
  if (is_old(event)) return;
  if (event.eventTime.is_zero()) at(errors, "eventTime", [&] { errors.required(); });
  if (event.reportingController.empty())
    at(errors, "reportingController", [&] { errors.required(); });
  name_at(errors, "reportingController", event.reportingController, check_qualified_name);
  word("reportingInstance", event.reportingInstance, errors);
  word("action", event.action, errors);
  word("reason", event.reason, errors);
  if (event.note.size() > kMaxNote)
    at(errors, "message",
       [&] { errors.invalid("", fmt::format("can have at most {} characters", kMaxNote)); });
  if (!is_one_of(event.type, "Normal,Warning"))
    at(errors, "type", [&] { errors.invalid("", "has invalid value: " + event.type); });
  if (event.series && event.series->count < 2)
    at(errors, "series.count", [&] { errors.invalid("", "should be at least 2"); });
  const std::string& about = event.regarding.namespace_;
  if (about == event.metadata.namespace_ ||
      (about.empty() && is_one_of(event.metadata.namespace_, "default,kube-system")))
    return;
  const auto object = errors.at("involvedObject");
  at(errors, "namespace", [&] { errors.invalid(about, "does not match event.namespace"); });
}

// All but the series stays as it was.
void event_update(const EventV1& now, const EventV1& old, FieldErrors& errors) {
  for (const FieldInfo& field : type_of<EventV1>().fields) {
    if (field.name == "metadata" || field.name == "series" ||
        equal(*field.type, member(&now, field), member(&old, field)))
      continue;
    std::string json;
    encode(*field.type, member(&now, field), json);
    at(errors, field.name, [&] { errors.invalid_json(json, "field is immutable"); });
  }
}

constexpr Rule kRules[] = {
    rule<event>(),
};

constexpr UpdateRule kUpdates[] = {
    update_rule<event_update>(),
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

std::span<const UpdateRule> updates() {
  return kUpdates;
}

}  // namespace skiff::api::events
