// Livestreams, independent ones and those of meetings.
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

inline Json made(const Store& store, const Json& name, const Json& meeting_id) {
  const std::string time = iso_time_now();
  return {{"id", random_uuid()},
          {"name", name},
          {"status", "INVOKED"},
          {"meeting_id", meeting_id},
          {"disabled", false},
          {"ingest_server", store.media.ingest_server},
          {"stream_key", random_hex(64)},
          {"playback_url", store.media.playback + random_hex(32) + "/manifest/video.m3u8"},
          {"created_at", time},
          {"updated_at", time}};
}

// A session that was requested, but has not started.
inline Json made_session(const Json& livestream) {
  const std::string time = iso_time_now();
  return {{"id", random_uuid()},     {"livestream_id", livestream["id"]},
          {"err_message", nullptr},  {"invoked_time", time},
          {"started_time", nullptr}, {"stopped_time", nullptr},
          {"ingest_seconds", 0},     {"viewer_seconds", 0},
          {"created_at", time},      {"updated_at", time}};
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

// Returns the session that has not stopped, or null.
inline Json* active_session_of(Store& store, const Json& livestream) {
  for (Json& session : store.livestream_sessions) {
    const bool is_its = session["livestream_id"] == livestream["id"];
    if (is_its && session["stopped_time"].is_null()) return &session;
  }
  return nullptr;
}

inline Json status_event(Store& store, const Json& livestream) {
  Json event = {{"event", "livestreaming.statusUpdate"},
                {"streamId", livestream["id"]},
                {"status", livestream["status"]},
                {"manualIngest", livestream["meeting_id"].is_null()},
                {"playbackUrl", livestream["playback_url"]},
                {"ingestServer", livestream["ingest_server"]},
                {"streamKey", livestream["stream_key"]}};
  if (livestream["meeting_id"].is_null()) return event;
  if (const Json* const meeting = find(store.meetings, "id", livestream["meeting_id"])) {
    event["meeting"] = {{"id", (*meeting)["id"]},
                        {"title", (*meeting)["title"]},
                        {"createdAt", (*meeting)["created_at"]},
                        {"status", livestream["status"]}};
  }
  return event;
}

inline void set_status(Store& store, Json& livestream, const char* status) {
  livestream["status"] = status;
  livestream["updated_at"] = iso_time_now();
  store.events.push_back(status_event(store, livestream));
}

inline void set_seconds(Json& session, const Json& seconds) {
  session["ingest_seconds"] = session["viewer_seconds"] = seconds;  // as if there was one viewer
  session["updated_at"] = iso_time_now();
}

// Begins or continues a session with video.
inline void go_on(Store& store, Json& livestream, Json& session) {
  if (session["started_time"].is_null()) {
    session["started_time"] = iso_time_now();
    set_status(store, livestream, "LIVE");
  }
  const int seconds = static_cast<int>(seconds_between(session["started_time"], nullptr));
  set_seconds(session, std::max(60, seconds));  // RealtimeKit's estimate in the first minute
}

// Ends the session that is active, if any.
inline void stop(Store& store, Json& livestream) {
  Json* const session = active_session_of(store, livestream);
  if (!session) return;
  const Json& started = (*session)["started_time"];
  (*session)["stopped_time"] = iso_time_now();
  set_seconds(*session,
              started.is_null() ? 0.0 : seconds_between(started, (*session)["stopped_time"]));
  set_status(store, livestream, "IDLE");
}

inline void stop_of_meeting(Store& store, const std::string& meeting_id) {
  if (Json* const livestream = active_of_meeting(store, meeting_id)) stop(store, *livestream);
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
  store.livestreams.push_back(made(store, name, nullptr));
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
  if (const Json* const session = active_session_of(store, livestream)) {
    return success({{"livestream", livestream}, {"session", *session}});
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

// ---- Publishing. The media server asks about a stream key; false: to be refused, or ended.

// Meetings publish to their livestreams themselves.
inline bool may_publish(const Json& livestream) {
  return livestream["disabled"] == false && livestream["meeting_id"].is_null();
}

inline bool begin_publishing(Store& store, Json& livestream) {
  if (!may_publish(livestream) || active_session_of(store, livestream)) return false;
  store.livestream_sessions.push_back(made_session(livestream));
  return true;
}

inline bool go_on_publishing(Store& store, Json& livestream, bool can_be_played) {
  Json* const session = active_session_of(store, livestream);
  if (!may_publish(livestream) || !session) return false;
  if (can_be_played) go_on(store, livestream, *session);
  return true;
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
  Json& livestream =
      store.livestreams.emplace_back(made(store, body.value("name", Json()), meeting_id));
  const Json answer = without(livestream, {"created_at", "updated_at", "disabled"});
  Json& session = store.livestream_sessions.emplace_back(made_session(livestream));
  go_on(store, livestream, session);  // in RealtimeKit, seconds later
  return success(answer, 201);
}

inline Answer get_active(Store& store, const Call& call) {
  return success(active_given(store, call));
}

inline Answer stop_active(Store& store, const Call& call) {
  stop(store, active_given(store, call));
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
