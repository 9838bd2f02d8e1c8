// Webhooks. The sandbox calls those on this machine, for livestreaming.statusUpdate and the start,
// end and participants of a meeting.
#pragma once

#include "store.hpp"

namespace sandbox::webhooks {

// ---- Parts.

inline const std::vector<std::string>& events() {
  static const std::vector<std::string> all = {"meeting.started",
                                               "meeting.ended",
                                               "meeting.participantJoined",
                                               "meeting.participantLeft",
                                               "meeting.chatSynced",
                                               "recording.statusUpdate",
                                               "livestreaming.statusUpdate",
                                               "meeting.transcript",
                                               "meeting.summary"};
  return all;
}

inline Json body_in(const Call& call, Need need) {
  static const Json form = {
      {"name!", "string"}, {"url!", "uri"}, {"events!", {"string"}}, {"enabled", "boolean"}};
  Json body = object_in(call, form, need);
  std::size_t i = 0;
  for (const Json& event : body.value("events", Json::array())) {
    const std::string name = "events[" + std::to_string(i++) + "]";
    if (!has(events(), event)) refuse(name, "must be one of [" + joined(events()) + "]");
  }
  return body;
}

inline Json& given(Store& store, const Call& call) {
  const std::string& id = call.path.at("webhook_id");
  if (!is_uuid(id)) refuse("id", "must be a valid GUID");
  return existing(store.webhooks, "webhook", id);
}

inline void check_is_free(Store& store, const Json& url, const Json& own_id) {
  const Json* const found = find(store.webhooks, "url", url);
  if (found && (*found)["id"] != own_id) {
    throw Refusal{409, "A webhook with the url " + url.get<std::string>() + " already exists"};
  }
}

inline Answer changed(Store& store, const Call& call, Need need) {
  Json& webhook = given(store, call);
  const Json body = body_in(call, need);
  check_is_free(store, body.value("url", webhook["url"]), webhook["id"]);
  for (const char* member : {"name", "url", "events", "enabled"}) {
    if (body.contains(member)) webhook[member] = body[member];
  }
  webhook["updated_at"] = iso_time_now();
  return success(webhook);
}

// ---- Operations.

inline Answer list(Store& store, const Call&) { return success(store.webhooks); }

inline Answer create(Store& store, const Call& call) {
  const Json body = body_in(call, Need::as_marked);
  check_is_free(store, body["url"], nullptr);
  const std::string time = iso_time_now();
  store.webhooks.push_back({{"id", random_uuid()},
                            {"name", body["name"]},
                            {"url", body["url"]},
                            {"events", body["events"]},
                            {"enabled", body.value("enabled", true)},
                            {"organization_id", call.path.at("app_id")},
                            {"created_at", time},
                            {"updated_at", time}});
  return success(store.webhooks.back(), 201);
}

inline Answer list_events(Store&, const Call&) { return success(events()); }

inline Answer get(Store& store, const Call& call) { return success(given(store, call)); }

inline Answer edit(Store& store, const Call& call) { return changed(store, call, Need::nothing); }

inline Answer replace(Store& store, const Call& call) {
  return changed(store, call, Need::as_marked);
}

inline Answer remove(Store& store, const Call& call) {
  return success(taken(store.webhooks, given(store, call)));
}

}  // namespace sandbox::webhooks
