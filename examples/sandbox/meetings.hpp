// Meetings and their participants.
#pragma once

#include "presets.hpp"
#include "recordings.hpp"
#include "sessions.hpp"
#include "store.hpp"

namespace sandbox::meetings {

// ---- Parts.

inline const Json& form() {
  static const Json all = [] {
    Json whole = Json::parse(R"({
      "title": "string",
      "status": "ACTIVE|INACTIVE",
      "preferred_region": "ap-south-1|ap-southeast-1|us-east-1|eu-central-1",
      "record_on_start": "boolean",
      "live_stream_on_start": "boolean",
      "persist_chat": "boolean",
      "summarize_on_end": "boolean",
      "transcribe_on_end": "boolean",
      "session_keep_alive_time_in_secs": "number",
      "ai_config": {
        "summarization": {
          "summary_type": "general|team_meeting|sales_call|client_check_in|interview|)"
                             R"(daily_standup|one_on_one_meeting|lecture|code_review",
          "text_format": "plain_text|markdown",
          "word_limit": "number"
        },
        "transcription": {
          "keywords": ["string"],
          "language": "en-US|en-IN|de|hi|sv|ru|pl|el|fr|nl",
          "profanity_filter": "boolean"
        }
      }
    })");
    whole["recording_config"] = recordings::config_form();
    whole["recording_config"]["live_streaming_config"] = {{"rtmp_url", "uri"}};
    return whole;
  }();
  return all;
}

// The default values of a meeting.
inline const Json& defaults() {
  static const Json all = Json::parse(R"({
    "title": null,
    "status": "ACTIVE",
    "preferred_region": null,
    "record_on_start": false,
    "live_stream_on_start": false,
    "persist_chat": false,
    "summarize_on_end": false,
    "transcribe_on_end": false,
    "session_keep_alive_time_in_secs": 60,
    "ai_config": {
      "summarization": {"summary_type": "general", "text_format": "markdown", "word_limit": 500},
      "transcription": {"keywords": [], "language": "en-US", "profanity_filter": false}
    },
    "recording_config": {
      "audio_config": {"channel": "stereo", "codec": "AAC", "export_file": true},
      "file_name_prefix": "",
      "live_streaming_config": {"rtmp_url": null},
      "max_seconds": 86400,
      "realtimekit_bucket_config": {"enabled": true},
      "storage_config": null,
      "video_config": {
        "codec": "H264", "export_file": true, "height": 720, "width": 1280, "watermark": null
      }
    }
  })");
  return all;
}

inline Json body_in(const Call& call) {
  const Json body = object_in(call, form());
  recordings::check_max_seconds(body.value("recording_config", Json::object()));
  return body;
}

// Merges the body into the meeting, object by object.
inline void change(Json& meeting, const Json& body) {
  for (const auto& member : form().items()) {
    if (body.contains(member.key())) meeting[member.key()].merge_patch(body[member.key()]);
  }
  Json& config = meeting["recording_config"];
  config["storage_config"] = recordings::readable(config["storage_config"]);
  config["dyte_bucket_config"] = config["realtimekit_bucket_config"];  // its older name
  meeting["updated_at"] = iso_time_now();
}

inline Json& given(Store& store, const Call& call) {
  return existing(store.meetings, "meeting", call.path.at("meeting_id"));
}

// ---- Operations on meetings.

inline Answer list(Store& store, const Call& call) {
  const auto status = query_among(call, "status", {"ACTIVE", "INACTIVE"});
  const Period period = query_period(call);
  List found;
  for (const Json& meeting : store.meetings) {
    if (status && meeting["status"] != *status) continue;
    if (!period.has(meeting["created_at"])) continue;
    if (searched_for(call, meeting, {"id", "title"})) found.push_back(meeting);
  }
  put_in_order(call, found);
  const Json paging = cut_to_page(call, found);
  return success_with_paging(found, paging);
}

inline Answer create(Store& store, const Call& call) {
  Json meeting = defaults();
  change(meeting, body_in(call));
  meeting["id"] = random_uuid();
  meeting["created_at"] = meeting["updated_at"];
  store.meetings.push_back(meeting);
  return success(meeting, 201);
}

inline Answer get(Store& store, const Call& call) { return success(given(store, call)); }

inline Answer update(Store& store, const Call& call) {
  Json& meeting = given(store, call);
  change(meeting, body_in(call));
  return success(meeting);
}

inline Answer replace(Store& store, const Call& call) {
  Json& meeting = given(store, call);
  Json replacement = defaults();
  for (const char* kept : {"id", "created_at", "status"}) replacement[kept] = meeting[kept];
  change(replacement, body_in(call));
  meeting = replacement;
  return success(meeting);
}

}  // namespace sandbox::meetings

namespace sandbox::participants {

// ---- Parts.

// Has the form of a JWT, but gives access to nothing.
inline std::string made_token() {
  return random_hex(36) + "." + random_hex(120) + "." + random_hex(86);
}

inline Json& given(Store& store, const Call& call) {
  const std::string& id = call.path.at("participant_id");
  const std::string meeting_id = meetings::given(store, call)["id"];
  Json& found = existing(store.participants, "participant", id);
  if (found["meeting_id"] == meeting_id) return found;
  throw Refusal{404, "No participant found with id " + id};
}

inline Json with_token(const Json& participant) {
  return without(participant, {"meeting_id", "preset_id"});
}

inline Json shown(const Json& participant) { return without(with_token(participant), {"token"}); }

// ---- Operations on participants.

inline Answer list(Store& store, const Call& call) {
  const std::string meeting_id = meetings::given(store, call)["id"];
  List found;
  for (const Json& participant : store.participants) {
    if (participant["meeting_id"] == meeting_id) found.push_back(shown(participant));
  }
  const Json paging = cut_to_page(call, found);
  return success_with_paging(found, paging);
}

inline Answer add(Store& store, const Call& call) {
  static const Json form = {{"custom_participant_id!", "string"},
                            {"preset_name!", "string"},
                            {"name", "string"},
                            {"picture", "uri"}};
  const Json& meeting = meetings::given(store, call);
  const Json body = object_in(call, form);
  const Json& preset = presets::named(store, body["preset_name"]);
  const std::string time = iso_time_now();
  store.participants.push_back({{"id", random_uuid()},
                                {"name", body.value("name", Json())},
                                {"picture", body.value("picture", Json())},
                                {"custom_participant_id", body["custom_participant_id"]},
                                {"preset_name", preset["name"]},
                                {"created_at", time},
                                {"updated_at", time},
                                {"token", made_token()},
                                {"meeting_id", meeting["id"]},
                                {"preset_id", preset["id"]}});
  const Json& participant = store.participants.back();
  if (meeting["status"] == "ACTIVE") sessions::join(store, call, meeting, participant);
  return success(with_token(participant), 201);
}

inline Answer get(Store& store, const Call& call) { return success(shown(given(store, call))); }

inline Answer edit(Store& store, const Call& call) {
  static const Json form = {{"name", "string"}, {"picture", "uri"}, {"preset_name", "string"}};
  Json& participant = given(store, call);
  const Json body = object_in(call, form);
  const Json preset_name = body.value("preset_name", participant["preset_name"]);
  const Json& preset = presets::named(store, preset_name);
  participant["preset_name"] = preset["name"];
  participant["preset_id"] = preset["id"];
  for (const char* member : {"name", "picture"}) {
    if (body.contains(member)) participant[member] = body[member];
  }
  participant["updated_at"] = iso_time_now();
  return success(with_token(participant));
}

inline Answer remove(Store& store, const Call& call) {
  const Json participant = taken(store.participants, given(store, call));
  if (Json* const session = sessions::active_of_meeting(store, participant["meeting_id"])) {
    std::vector<Json*> own;
    for (Json* const peer : sessions::live_peers_of(store, *session)) {
      if ((*peer)["user_id"] == participant["id"]) own.push_back(peer);
    }
    sessions::leave(store, call, *session, own);
  }
  return success({{"custom_participant_id", participant["custom_participant_id"]},
                  {"preset_id", participant["preset_id"]},
                  {"created_at", participant["created_at"]},
                  {"updated_at", participant["updated_at"]}});
}

inline Answer refresh_token(Store& store, const Call& call) {
  Json& participant = given(store, call);
  participant["token"] = made_token();
  return success({{"token", participant["token"]}});
}

}  // namespace sandbox::participants
