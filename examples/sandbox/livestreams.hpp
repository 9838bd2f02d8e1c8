// Livestreams, independent ones and those of meetings. Nobody can publish to them.
#pragma once

#include "store.hpp"

namespace sandbox::livestreams {

// ---- Parts.

inline void check_name(const Json& name) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  if (name.is_null()) return;
  if (name.get<std::string>().find_first_not_of(allowed) != std::string::npos) {
    refuse("name", "fails to match the required pattern: /^[a-zA-Z0-9-_]*$/");
  }
}

inline Json made(const Json& name, const Json& meeting_id) {
  const std::string time = iso_time_now();
  return {{"id", random_uuid()},
          {"name", name},
          {"status", "INVOKED"},
          {"meeting_id", meeting_id},
          {"disabled", false},
          {"ingest_server", "rtmps://live.cloudflare.com:443/live/"},
          {"stream_key", random_hex(64)},
          {"playback_url", "https://customer-sandbox.cloudflarestream.com/" + random_hex(32) +
                               "/manifest/video.m3u8"},
          {"created_at", time},
          {"updated_at", time}};
}

inline Json made_session(const Json& livestream) {
  const std::string time = iso_time_now();
  return {{"id", random_uuid()},    {"livestream_id", livestream["id"]},
          {"err_message", nullptr}, {"invoked_time", time},
          {"started_time", time},   {"stopped_time", nullptr},
          {"ingest_seconds", 60},   {"viewer_seconds", 60},  // RealtimeKit's estimate while live
          {"created_at", time},     {"updated_at", time}};
}

inline Json& given(Store& store, const Call& call) {
  return existing(store.livestreams, "livestream", call.path.at("livestream_id"));
}

inline Json& meeting_given(Store& store, const Call& call) {
  return existing(store.meetings, "meeting", call.path.at("meeting_id"));
}

inline Json* active_of_meeting(Store& store, const std::string& meeting_id) {
  for (Json& livestream : store.livestreams) {
    if (livestream["meeting_id"] == meeting_id && livestream["status"] == "LIVE") {
      return &livestream;
    }
  }
  return nullptr;
}

inline Json& active_given(Store& store, const Call& call) {
  const std::string& meeting_id = call.path.at("meeting_id");
  if (Json* const found = active_of_meeting(store, meeting_id)) return *found;
  throw Refusal{404, "No active livestream found for meeting_id " + meeting_id};
}

inline List sessions_of(const Store& store, const Json& livestream) {
  List found;
  for (const Json& session : store.livestream_sessions) {
    if (session["livestream_id"] == livestream["id"]) found.push_back(session);
  }
  return found;
}

inline List all_of_meeting(const Store& store, const std::string& meeting_id) {
  List found;
  for (const Json& livestream : store.livestreams) {
    if (livestream["meeting_id"] == meeting_id) found.push_back(livestream);
  }
  return found;
}

inline List sessions_of_meeting(const Store& store, const std::string& meeting_id) {
  List found;
  for (const Json& livestream : all_of_meeting(store, meeting_id)) {
    for (Json& session : sessions_of(store, livestream)) found.push_back(std::move(session));
  }
  return found;
}

// Stops the active livestream of a meeting, if any.
inline void stop(Store& store, const std::string& meeting_id) {
  Json* const livestream = active_of_meeting(store, meeting_id);
  if (!livestream) return;
  const std::string time = iso_time_now();
  (*livestream)["status"] = "IDLE";
  (*livestream)["updated_at"] = time;
  for (Json& session : store.livestream_sessions) {
    if (session["livestream_id"] != (*livestream)["id"]) continue;
    session["stopped_time"] = session["updated_at"] = time;
    session["ingest_seconds"] = seconds_between(session["started_time"], time);
    session["viewer_seconds"] = session["ingest_seconds"];  // as if there was one viewer
  }
}

inline Answer with_organization(const Call& call, Json livestream) {
  livestream["org_id"] = call.path.at("app_id");
  return success(std::move(livestream));
}

inline Answer disabled(Store& store, const Call& call, bool value) {
  Json& livestream = given(store, call);
  livestream["disabled"] = value;
  livestream["updated_at"] = iso_time_now();
  return with_organization(call, livestream);
}

// ---- Operations.

inline Answer create(Store& store, const Call& call) {
  static const Json form = {{"name", "string"}};
  const Json name = object_in(call, form).value("name", Json());  // null if absent
  check_name(name);
  store.livestreams.push_back(made(name, nullptr));
  return success(without(store.livestreams.back(), {"created_at", "updated_at"}), 201);
}

inline Answer list(Store& store, const Call& call) {
  const auto status = query_among(call, "status", {"LIVE", "IDLE", "ERRORED", "INVOKED"});
  const auto exclude_meetings = query_flag(call, "exclude_meetings");
  const Period period = query_period(call);
  List found;
  for (const Json& livestream : store.livestreams) {
    if (status && livestream["status"] != *status) continue;
    if (exclude_meetings == true && !livestream["meeting_id"].is_null()) continue;
    if (period.has(livestream["created_at"])) found.push_back(livestream);
  }
  put_in_order(call, found, "DSC");  // sic
  const Json paging = cut_to_page(call, found);
  return success_with_paging(found, paging);
}

inline Answer get(Store& store, const Call& call) {
  const Json& livestream = given(store, call);
  List sessions = sessions_of(store, livestream);
  const Json paging = cut_to_page(call, sessions);
  return success_with_paging({{"livestream", livestream}, {"sessions", sessions}}, paging);
}

inline Answer get_session(Store& store, const Call& call) {
  const std::string& id = call.path.at("livestream_session_id");
  return success(existing(store.livestream_sessions, "livestream session", id));
}

inline Answer get_active_session(Store& store, const Call& call) {
  const Json& livestream = given(store, call);
  for (const Json& session : sessions_of(store, livestream)) {
    if (!session["stopped_time"].is_null()) continue;
    return success({{"livestream", livestream}, {"session", session}});
  }
  const std::string& id = call.path.at("livestream_id");
  throw Refusal{404, "No active livestream session found for livestream_id " + id};
}

inline Answer enable(Store& store, const Call& call) { return disabled(store, call, false); }

inline Answer disable(Store& store, const Call& call) { return disabled(store, call, true); }

inline Answer reset_stream_key(Store& store, const Call& call) {
  Json& livestream = given(store, call);
  livestream["stream_key"] = random_hex(64);
  livestream["updated_at"] = iso_time_now();
  return success(livestream);
}

// ---- Operations on the livestreams of a meeting.

inline Answer start(Store& store, const Call& call) {
  static const Json form = {{"name", "string"},
                            {"video_config", {{"height", "number"}, {"width", "number"}}}};
  const std::string meeting_id = meeting_given(store, call)["id"];
  const Json body = object_in(call, form);
  if (active_of_meeting(store, meeting_id)) {
    throw Refusal{400, "BAD_REQUEST the meeting's livestream has not stopped yet"};
  }
  Json livestream = made(body.value("name", Json()), meeting_id);
  const Json answer = without(livestream, {"created_at", "updated_at", "disabled"});
  livestream["status"] = "LIVE";  // in RealtimeKit, seconds after INVOKED
  store.livestream_sessions.push_back(made_session(livestream));
  store.livestreams.push_back(std::move(livestream));
  return success(answer, 201);
}

inline Answer get_active(Store& store, const Call& call) {
  return success(active_given(store, call));
}

inline Answer stop_active(Store& store, const Call& call) {
  const std::string meeting_id = active_given(store, call)["meeting_id"];
  stop(store, meeting_id);
  return success({{"message", "Stopped live stream successfully"}});
}

inline Answer list_of_meeting(Store& store, const Call& call) {
  const std::string meeting_id = meeting_given(store, call)["id"];
  const List livestreams = all_of_meeting(store, meeting_id);
  if (livestreams.empty()) {
    throw Refusal{404, "No livestream found for meeting_id " + meeting_id};
  }
  List sessions = sessions_of_meeting(store, meeting_id);
  const Json paging = cut_to_page(call, sessions);
  const Json data = {
      {"livestream", livestreams.back()}, {"livestreams", livestreams}, {"sessions", sessions}};
  return success_with_paging(data, paging);
}

// Lists the broadcasts of the meeting during the session.
inline Answer list_of_session(Store& store, const Call& call) {
  const Json& session = existing(store.sessions, "session", call.path.at("session_id"));
  const Json &begin = session["started_at"], &end = session["ended_at"];
  List found;
  for (const Json& streamed : sessions_of_meeting(store, session["associated_id"])) {
    if (end.is_string() && streamed["started_time"] > end) continue;
    if (streamed["stopped_time"].is_string() && streamed["stopped_time"] < begin) continue;
    found.push_back(streamed);
  }
  const Json paging = cut_to_page(call, found);
  return success({{"data", found}, {"paging", paging}});  // sic: data.data, and paging inside
}

}  // namespace sandbox::livestreams
