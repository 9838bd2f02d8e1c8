// Sessions. A session lasts from when the first participant joins a meeting until the last leaves.
// In the sandbox, participants join when they are added and leave when they are kicked or deleted.
#pragma once

#include "livestreams.hpp"
#include "peer_report.hpp"
#include "recordings.hpp"
#include "store.hpp"

namespace sandbox::sessions {

// ---- Parts.

inline Json* active_of_meeting(Store& store, const std::string& meeting_id) {
  for (Json& session : store.sessions) {
    if (session["associated_id"] == meeting_id && session["status"] == "LIVE") return &session;
  }
  return nullptr;
}

inline std::vector<Json*> peers_of(Store& store, const Json& session) {
  std::vector<Json*> found;
  for (Json& peer : store.peers) {
    if (peer["session_id"] == session["id"]) found.push_back(&peer);
  }
  return found;
}

inline std::vector<Json*> live_peers_of(Store& store, const Json& session) {
  std::vector<Json*> found;
  for (Json* const peer : peers_of(store, session)) {
    if ((*peer)["left_at"].is_null()) found.push_back(peer);
  }
  return found;
}

inline Json made(const Call& call, const Json& meeting) {
  const std::string time = iso_time_now();
  return {{"id", random_uuid()},
          {"associated_id", meeting["id"]},
          {"meeting_display_name", meeting["title"].is_null() ? "" : meeting["title"]},
          {"type", "meeting"},
          {"status", "LIVE"},
          {"max_concurrent_participants", 0},
          {"organization_id", call.path.at("app_id")},
          {"started_at", time},
          {"ended_at", nullptr},
          {"created_at", time},
          {"updated_at", time},
          {"meta", Json::object()},
          {"breakout_rooms", Json::array()}};
}

inline void add_event(Store& store, Json& peer, const char* name) {
  const Json* const preset = find(store.presets, "name", peer["preset_name"]);
  const std::string time = iso_time_now();
  peer["peer_events"].push_back(
      {{"id", random_uuid()},
       {"event_name", name},
       {"minutes_consumed", minutes_between(peer["joined_at"], time)},
       {"participant_id", peer["user_id"]},
       {"peer_id", peer["id"]},
       {"preset_view_type", preset ? (*preset)["config"]["view_type"] : Json()},
       {"session_id", peer["session_id"]},
       {"socket_session_id", nullptr},
       {"created_at", time},
       {"updated_at", time}});
}

// For the webhooks.
inline Json event(const char* name, const Json& session) {
  return {{"event", name},
          {"meeting",
           {{"id", session["associated_id"]},
            {"sessionId", session["id"]},
            {"title", session["meeting_display_name"]},
            {"status", "LIVE"},  // also at the end
            {"createdAt", session["created_at"]},
            {"startedAt", session["started_at"]},
            {"organizedBy", {{"id", session["organization_id"]}, {"name", "sandbox"}}}}}};
}

inline Json event(const char* name, const Json& session, const Json& peer) {
  Json all = event(name, session);
  Json& participant = all["participant"];
  participant = {{"peerId", peer["id"]},
                 {"userDisplayName", peer["display_name"]},
                 {"customParticipantId", peer["custom_participant_id"]},
                 {"joinedAt", peer["joined_at"]}};
  if (!peer["left_at"].is_null()) participant["leftAt"] = peer["left_at"];
  return all;
}

inline void join(Store& store, const Call& call, const Json& meeting, const Json& participant) {
  Json* session = active_of_meeting(store, meeting["id"]);
  if (!session) {
    session = &store.sessions.emplace_back(made(call, meeting));
    store.events.push_back(event("meeting.started", *session));
  }
  const std::string time = iso_time_now();
  Json peer = {{"id", random_uuid()},
               {"user_id", participant["id"]},
               {"custom_participant_id", participant["custom_participant_id"]},
               {"display_name", participant["name"]},
               {"preset_name", participant["preset_name"]},
               {"joined_at", time},
               {"left_at", nullptr},
               {"created_at", time},
               {"updated_at", time},
               {"session_id", (*session)["id"]},
               {"picture", participant["picture"]},
               {"peer_events", Json::array()}};
  add_event(store, peer, "PEER_CREATED");
  add_event(store, peer, "PEER_JOINING");
  store.events.push_back(event("meeting.participantJoined", *session, peer));
  store.peers.push_back(std::move(peer));
  const std::size_t present = live_peers_of(store, *session).size();
  Json& most = (*session)["max_concurrent_participants"];
  most = std::max(most.get<std::size_t>(), present);
  (*session)["updated_at"] = time;
}

// Ends a session with its recordings and livestream.
inline void end(Store& store, const Call& call, Json& session) {
  session["status"] = "ENDED";
  session["ended_at"] = session["updated_at"] = iso_time_now();
  for (Json& recording : store.recordings) {
    const bool is_its = recording["session_id"] == session["id"];
    if (!is_its || !recordings::is_active(recording)) continue;
    recordings::stop(recording, recordings::reason(call, "ALL_PEERS_LEFT"));
  }
  livestreams::stop_of_meeting(store, session["associated_id"]);
  Json ended = event("meeting.ended", session);
  ended["meeting"]["endedAt"] = session["ended_at"];
  ended["reason"] = "ALL_PARTICIPANTS_LEFT";
  store.events.push_back(std::move(ended));
}

inline void leave(Store& store, const Call& call, Json& session, const std::vector<Json*>& peers) {
  for (Json* const peer : peers) {
    (*peer)["left_at"] = (*peer)["updated_at"] = iso_time_now();
    add_event(store, *peer, "PEER_LEAVING");
    store.events.push_back(event("meeting.participantLeft", session, *peer));
  }
  if (live_peers_of(store, session).empty()) end(store, call, session);
}

inline Json shown(Store& store, const Json& session) {
  Json view = session;
  double minutes = 0;
  for (const Json* const peer : peers_of(store, session)) {
    minutes += minutes_between((*peer)["joined_at"], (*peer)["left_at"]);
  }
  view["minutes_consumed"] = minutes;
  view["live_participants"] = live_peers_of(store, session).size();
  return view;
}

inline Json shown_peer(const Call& call, const Json& peer) {
  Json view = without(peer, {"session_id", "picture"});
  view["duration"] = minutes_between(peer["joined_at"], peer["left_at"]);
  if (query_flag(call, "include_peer_events") != true) view.erase("peer_events");
  return view;
}

inline Json& given(Store& store, const Call& call) {
  return existing(store.sessions, "session", call.path.at("session_id"));
}

inline std::string download_url(const Json& session, const std::string& file) {
  return "https://downloads.sandbox.example/" + session["id"].get<std::string>() + "/" + file;
}

// ---- Operations.

// The query parameter "participants" is ignored: its meaning is not documented.
inline Answer list(Store& store, const Call& call) {
  const auto associated_id = query(call, "associated_id");
  const auto status = query_among(call, "status", {"LIVE", "ENDED"});
  const auto by = query_among(call, "sort_by", {"minutesConsumed", "createdAt"});
  const Period period = query_period(call);
  List found;
  for (const Json& session : store.sessions) {
    if (associated_id && session["associated_id"] != *associated_id) continue;
    if (status && session["status"] != *status) continue;
    if (!period.has(session["started_at"])) continue;
    if (!searched_for(call, session, {"id", "associated_id", "meeting_display_name"})) continue;
    found.push_back(shown(store, session));
  }
  if (by == "minutesConsumed") sort_by(found, "minutes_consumed");
  put_in_order(call, found);
  const Json paging = cut_to_page(call, found);
  return success_with_paging({{"sessions", found}}, paging);
}

inline Answer get(Store& store, const Call& call) {
  query_flag(call, "include_breakout_rooms");  // there are none
  return success({{"session", shown(store, given(store, call))}});
}

inline Answer list_participants(Store& store, const Call& call) {
  const auto by = query_among(call, "sort_by", {"joinedAt", "duration"});
  query_among(call, "view", {"raw", "consolidated"});  // equal without breakout rooms
  List found;
  for (const Json* const peer : peers_of(store, given(store, call))) {
    const auto searched = {"id", "custom_participant_id", "display_name"};
    if (searched_for(call, *peer, searched)) found.push_back(shown_peer(call, *peer));
  }
  if (by == "duration") sort_by(found, "duration");
  put_in_order(call, found);
  const Json paging = cut_to_page(call, found);
  return success({{"participants", found}, {"paging", paging}});  // sic: inside
}

// Finds a participant by the id in the session or in the meeting.
inline Answer get_participant(Store& store, const Call& call) {
  const std::string& id = call.path.at("participant_id");
  for (const Json* const peer : peers_of(store, given(store, call))) {
    if ((*peer)["id"] != id && (*peer)["user_id"] != id) continue;
    Json view = shown_peer(call, *peer);
    view["peer_stats"] = peer_stats(*peer);
    view["quality_stats"] = Json::array({quality_stats(*peer)});
    return success({{"participant", view}});
  }
  throw Refusal{404, "No participant found with id " + id};
}

inline Answer get_peer_report(Store& store, const Call& call) {
  const auto filter = query_among(
      call, "filters",
      {"device_info", "ip_information", "precall_network_information", "events", "quality_stats"});
  const Json& peer = existing(store.peers, "peer", call.path.at("peer_id"));
  Json view = without(shown_peer(call, peer), {"preset_name"});
  view["role"] = peer["preset_name"];
  view["session_id"] = peer["session_id"];
  view["peer_stats"] = peer_stats(peer);
  view["quality_stats"] = quality_stats(peer);  // sic: one here, a list for a participant
  view["peer_report"] = peer_report(peer);
  if (filter == "quality_stats") {
    view.erase("peer_stats");
  } else if (filter) {
    view.erase("quality_stats");
    view["peer_stats"] = {{*filter, Json(view["peer_stats"][*filter])}};
  }
  return success({{"participant", view}});
}

inline Answer get_chat(Store& store, const Call& call) {
  return success({{"chat_download_url", download_url(given(store, call), "chat.csv")},
                  {"chat_download_url_expiry", iso_time_in_a_week()}});
}

inline Answer get_transcript(Store& store, const Call& call) {
  static const std::map<std::string, std::string> files = {{"SRT", "transcript.srt"},
                                                           {"VTT", "transcript.vtt"},
                                                           {"JSON", "transcript.json"},
                                                           {"CSV", "transcript.csv"}};
  const auto format = query_among(call, "format", {"SRT", "VTT", "JSON", "CSV"});
  const Json& session = given(store, call);
  return success(
      {{"sessionId", session["id"]},  // sic
       {"transcript_download_url", download_url(session, files.at(format.value_or("CSV")))},
       {"transcript_download_url_expiry", iso_time_in_a_week()}});
}

inline Answer get_summary(Store& store, const Call& call) {
  const Json& session = given(store, call);
  return success({{"sessionId", session["id"]},
                  {"summaryDownloadUrl", download_url(session, "summary.txt")},
                  {"summaryDownloadUrlExpiry", iso_time_in_a_week()}});
}

// A summary always exists: nothing is generated. The response has the members of both published
// forms.
inline Answer make_summary(Store& store, const Call& call) {
  return success({{"success", true},
                  {"message", "Success"},
                  {"session_id", given(store, call)["id"]},
                  {"status", "SUCCESS"}});
}

}  // namespace sandbox::sessions
