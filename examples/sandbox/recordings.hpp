// Recordings of meetings. Nothing is recorded: the download URLs lead nowhere.
#pragma once

#include "store.hpp"

namespace sandbox::recordings {

// ---- Parts.

// The members that a meeting's recording_config and a request to record have in common.
inline Json config_form() {
  return Json::parse(R"({
    "audio_config": {"channel": "mono|stereo", "codec": "MP3|AAC", "export_file": "boolean"},
    "file_name_prefix": "string",
    "max_seconds": "number",
    "realtimekit_bucket_config": {"enabled!": "boolean"},
    "storage_config": {
      "type": "aws|azure|cloudflare|digitalocean|gcs|sftp", "access_key": "string",
      "secret": "string",
      "bucket": "string", "region": "string", "path": "string", "auth_method": "KEY|PASSWORD",
      "username": "string", "password": "string", "host": "string", "port": "number",
      "private_key": "string"
    },
    "video_config": {
      "codec": "H264|VP8|VP9", "export_file": "boolean", "height": "number", "width": "number",
      "watermark": {
        "position": "left top|right top|left bottom|right bottom", "url": "uri",
        "size": {"height": "number", "width": "number"}
      }
    }
  })");
}

inline void check_max_seconds(const Json& config) {
  const double seconds = config.value("max_seconds", 60.0);
  if (seconds < 60) refuse("max_seconds", "must be greater than or equal to 60");
  if (seconds > 86400) refuse("max_seconds", "must be less than or equal to 86400");
}

// The secrets of the storage are never returned.
inline Json readable(const Json& storage) {
  return storage.is_object() ? without(storage, {"access_key", "secret", "password", "private_key"})
                             : storage;
}

inline Json reason(const Call& call, const char* name) {
  const std::string& app_id = call.path.at("app_id");
  return {{"reason", name},
          {"caller", {{"type", "ORGANIZATION"}, {"user_Id", app_id}, {"name", app_id}}}};
}

inline Json made(Store& store, const Call& call, const Json& body, const std::string& extension) {
  const std::string meeting_id = body["meeting_id"], time = iso_time_now();
  Json session_id;
  for (const Json& session : store.sessions) {
    const bool is_on = session["associated_id"] == meeting_id && session["status"] == "LIVE";
    if (is_on) session_id = session["id"];
  }
  const Json bucket = body.value("realtimekit_bucket_config", Json{{"enabled", true}});
  return {{"id", random_uuid()},
          {"download_url", nullptr},
          {"download_url_expiry", nullptr},
          {"audio_download_url", nullptr},
          {"file_size", nullptr},
          {"session_id", session_id},
          {"output_file_name",
           body.value("file_name_prefix", meeting_id) + "_" + random_hex(8) + extension},
          {"status", "INVOKED"},
          {"invoked_time", time},
          {"started_time", nullptr},
          {"stopped_time", nullptr},
          {"recording_duration", 0},
          {"storage_config", readable(body.value("storage_config", Json()))},
          {"start_reason", reason(call, "API_CALL")},
          {"stop_reason", nullptr},
          {"meeting_id", meeting_id},
          {"is_track", false},
          {"to_bucket", bucket["enabled"]}};
}

// In RealtimeKit, some seconds after INVOKED.
inline Json running(Json recording) {
  recording["status"] = "RECORDING";
  recording["started_time"] = iso_time_now();
  return recording;
}

inline bool is_active(const Json& recording) {
  return recording["status"] == "RECORDING" || recording["status"] == "PAUSED";
}

inline const Json* active_of_meeting(const Store& store, const std::string& meeting_id) {
  for (const Json& recording : store.recordings) {
    const bool is_its = recording["meeting_id"] == meeting_id && recording["is_track"] == false;
    if (is_its && is_active(recording)) return &recording;
  }
  return nullptr;
}

inline void stop(Json& recording, const Json& stop_reason) {
  const std::string name = recording["output_file_name"];
  const std::string url = "https://recordings.sandbox.example/" + random_hex(16) + "/";
  const double seconds = seconds_between(recording["started_time"], nullptr);
  recording["stopped_time"] = iso_time_now();
  recording["stop_reason"] = stop_reason;
  recording["recording_duration"] = static_cast<int>(seconds);
  recording["file_size"] = 1 << 20;
  if (recording["to_bucket"] == true) {
    recording["download_url"] = url + name;
    recording["audio_download_url"] = url + name.substr(0, name.rfind('.')) + ".mp3";
    recording["download_url_expiry"] = iso_time_in_a_week();
  }
  recording["status"] = "UPLOADED";
}

inline Json shown(const Json& recording) {
  return without(recording, {"meeting_id", "is_track", "to_bucket"});
}

inline Json& given(Store& store, const Call& call) {
  return existing(store.recordings, "recording", call.path.at("recording_id"));
}

// Returns the values of a parameter, which may be repeated or separated by commas.
inline std::vector<std::string> statuses_asked(const Call& call) {
  static const std::vector<std::string> allowed = {"INVOKED",  "RECORDING", "UPLOADING",
                                                   "UPLOADED", "ERRORED",   "PAUSED"};
  std::vector<std::string> statuses;
  for (const auto& [name, value] : call.query) {
    if (name != "status" && name != "status[]") continue;
    for (const std::string& status : split(value, ',')) {
      if (!has(allowed, status)) refuse("status", "must be one of [" + joined(allowed) + "]");
      statuses.push_back(status);
    }
  }
  return statuses;
}

// ---- Operations.

inline Answer list(Store& store, const Call& call) {
  const auto statuses = statuses_asked(call);
  const auto meeting_id = query(call, "meeting_id");
  const auto expired = query_flag(call, "expired");
  const Period period = query_period(call);
  query_among(call, "sort_by", {"invokedTime"});
  List found;
  for (const Json& recording : store.recordings) {
    const Json* const meeting = find(store.meetings, "id", recording["meeting_id"]);
    if (!statuses.empty() && !has(statuses, recording["status"])) continue;
    if (meeting_id && recording["meeting_id"] != *meeting_id) continue;
    if (expired == true) continue;  // none expires
    if (!period.has(recording["invoked_time"])) continue;
    if (!searched_for(call, *meeting, {"id", "title"})) continue;
    found.push_back(without(shown(recording), {"start_reason", "stop_reason"}));
    found.back()["meeting"] = *meeting;
  }
  put_in_order(call, found);
  const Json paging = cut_to_page(call, found);
  return success_with_paging(found, paging);
}

inline Answer start(Store& store, const Call& call) {
  static const Json form = [] {
    Json whole = config_form();
    whole.update(Json::parse(R"({
      "meeting_id!": "string",
      "allow_multiple_recordings": "boolean",
      "interactive_config": {"type": "ID3"},
      "rtmp_out_config": {"rtmp_url": "uri"},
      "url": "uri"
    })"));
    return whole;
  }();
  const Json body = object_in(call, form);
  check_max_seconds(body);
  const std::string meeting_id = existing(store.meetings, "meeting", body["meeting_id"])["id"];
  const bool alone = !body.value("allow_multiple_recordings", false);
  if (alone && active_of_meeting(store, meeting_id)) {
    throw Refusal{409, "A recording is already active for meeting_id " + meeting_id};
  }
  const Json recording = made(store, call, body, ".mp4");
  store.recordings.push_back(running(recording));
  return success(shown(recording));
}

inline Answer start_track(Store& store, const Call& call) {
  static const Json form = {
      {"meeting_id!", "string"}, {"layers", "object"}, {"user_ids", {"string"}}};
  static const Json layer_form = {{"file_name_prefix", "string"}, {"media_kind", "audio"}};
  Json body = object_in(call, form);
  const Json layers = body.value("layers", Json::object());
  for (const auto& layer : layers.items()) {
    check(layer.value(), layer_form, Need::nothing, "layers." + layer.key());
    body.update(layer.value());  // for the prefix of the only file
  }
  existing(store.meetings, "meeting", body["meeting_id"]);
  Json recording = made(store, call, body, ".webm");
  recording["is_track"] = true;
  store.recordings.push_back(running(recording));
  return success({{"recording", shown(recording)}});
}

inline Answer get(Store& store, const Call& call) { return success(shown(given(store, call))); }

inline Answer get_active(Store& store, const Call& call) {
  const std::string& meeting_id = call.path.at("meeting_id");
  if (const Json* const found = active_of_meeting(store, meeting_id)) {
    return success(without(shown(*found), {"storage_config", "start_reason", "stop_reason"}));
  }
  throw Refusal{404, "No active recording found for meeting_id " + meeting_id};
}

inline Answer control(Store& store, const Call& call) {
  static const Json form = {{"action!", "stop|pause|resume"}};
  Json& recording = given(store, call);
  const std::string action = object_in(call, form)["action"], status = recording["status"];
  const bool possible = action == "pause"    ? status == "RECORDING"
                        : action == "resume" ? status == "PAUSED"
                                             : is_active(recording);
  if (!possible) refuse("action", "cannot be " + action + " while the recording is " + status);
  if (action == "stop") {
    stop(recording, reason(call, "API_CALL"));
    Json answer = shown(recording);
    answer["status"] = "UPLOADING";  // in RealtimeKit, UPLOADED follows after seconds
    for (const char* later : {"download_url", "download_url_expiry", "audio_download_url"}) {
      answer[later] = nullptr;
    }
    return success(answer);
  }
  recording["status"] = action == "pause" ? "PAUSED" : "RECORDING";
  return success(shown(recording));
}

}  // namespace sandbox::recordings
