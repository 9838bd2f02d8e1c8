// Presets: what participants may do and what they see.
#pragma once

#include "store.hpp"

namespace sandbox::presets {

// ---- Parts.

inline const Json& form() {
  static const Json all = Json::parse(R"({
    "name!": "string",
    "config!": {
      "view_type!": "GROUP_CALL|WEBINAR|AUDIO_ROOM|LIVESTREAM",
      "max_screenshare_count!": "number",
      "max_video_streams!": {"desktop!": "number", "mobile!": "number"},
      "media!": {
        "audio": {"enable_high_bitrate": "boolean", "enable_stereo": "boolean"},
        "screenshare!": {"frame_rate!": "number", "quality!": "hd|vga|qvga|fhd|uhd"},
        "video!": {
          "frame_rate!": "number", "quality!": "hd|vga|qvga|fhd|uhd", "simulcast": "boolean"
        }
      },
      "livestream_viewer_qualities": ["number"]
    },
    "permissions!": {
      "accept_stage_requests": "boolean",
      "accept_waiting_requests!": "boolean",
      "can_accept_production_requests!": "boolean",
      "can_change_participant_permissions!": "boolean",
      "can_edit_display_name!": "boolean",
      "can_livestream!": "boolean",
      "can_record!": "boolean",
      "can_spotlight!": "boolean",
      "chat!": {
        "private!": {
          "can_receive!": "boolean", "can_send!": "boolean", "files!": "boolean", "text!": "boolean"
        },
        "public!": {"can_send!": "boolean", "files!": "boolean", "text!": "boolean"}
      },
      "connected_meetings!": {
        "can_alter_connected_meetings!": "boolean",
        "can_switch_connected_meetings!": "boolean",
        "can_switch_to_parent_meeting!": "boolean"
      },
      "disable_participant_audio!": "boolean",
      "disable_participant_screensharing!": "boolean",
      "disable_participant_video!": "boolean",
      "hidden_participant!": "boolean",
      "is_recorder": "boolean",
      "kick_participant!": "boolean",
      "media!": {
        "audio!": {"can_produce!": "ALLOWED|NOT_ALLOWED|CAN_REQUEST"},
        "screenshare!": {"can_produce!": "ALLOWED|NOT_ALLOWED|CAN_REQUEST"},
        "video!": {"can_produce!": "ALLOWED|NOT_ALLOWED|CAN_REQUEST"}
      },
      "pin_participant!": "boolean",
      "plugins!": {
        "can_close!": "boolean", "can_edit_config!": "boolean", "can_start!": "boolean",
        "config!": "object"
      },
      "polls!": {"can_create!": "boolean", "can_view!": "boolean", "can_vote!": "boolean"},
      "recorder_type!": "NONE|RECORDER|LIVESTREAMER",
      "show_participant_list!": "boolean",
      "stage_access": "ALLOWED|NOT_ALLOWED|CAN_REQUEST",
      "stage_enabled": "boolean",
      "transcription_enabled": "boolean",
      "waiting_room_type!": "SKIP|ON_PRIVILEGED_USER_ENTRY|SKIP_ON_ACCEPT"
    },
    "ui!": {
      "design_tokens!": {
        "border_radius!": "sharp|rounded|extra-rounded|circular",
        "border_width!": "none|thin|fat",
        "colors!": {
          "background!": {
            "600!": "string", "700!": "string", "800!": "string", "900!": "string",
            "1000!": "string"
          },
          "brand!": {
            "300!": "string", "400!": "string", "500!": "string", "600!": "string",
            "700!": "string"
          },
          "danger!": "string", "success!": "string", "text!": "string",
          "text_on_brand!": "string", "video_bg!": "string", "warning!": "string"
        },
        "font_family": "string",
        "google_font": "string",
        "logo": "string",
        "spacing_base!": "number",
        "theme!": "darkest|dark|light"
      },
      "config_diff": "object"
    }
  })");
  return all;
}

// A preset that permits nothing. Other members have the first allowed value of the form.
inline Json plainest(const Json& form) {
  if (form.is_array()) return Json::array();
  if (form.is_object()) {
    Json all;
    for (const auto& member : form.items()) {
      all[member.key().substr(0, member.key().find('!'))] = plainest(member.value());
    }
    return all;
  }
  if (form == "string") return "";
  if (form == "number") return 4;
  if (form == "boolean") return false;
  if (form == "object") return Json::object();
  return split(form, '|').front();
}

// Merges the body into the preset, object by object.
inline void change(Json& preset, const Json& body) {
  for (const char* member : {"name", "config", "permissions", "ui"}) {
    if (body.contains(member)) preset[member].merge_patch(body[member]);
  }
  preset["updated_at"] = iso_time_now();
}

inline Json made(const Json& body) {
  Json preset = plainest(form());
  change(preset, body);
  preset["id"] = random_uuid();
  preset["created_at"] = preset["updated_at"];
  return preset;
}

// The presets of a new app.
inline List defaults() {
  const Json speak = {{"can_produce", "ALLOWED"}};
  const Json may = {{"chat", {{"public", {{"can_send", true}, {"text", true}, {"files", true}}}}},
                    {"media", {{"audio", speak}, {"screenshare", speak}, {"video", speak}}},
                    {"polls", {{"can_vote", true}, {"can_view", true}}},
                    {"show_participant_list", true}};
  const Json host_may = {{"accept_waiting_requests", true},
                         {"can_livestream", true},
                         {"can_record", true},
                         {"disable_participant_audio", true},
                         {"disable_participant_video", true},
                         {"kick_participant", true},
                         {"polls", {{"can_create", true}}}};
  Json host = made({{"name", "group_call_host"}, {"permissions", may}});
  change(host, {{"permissions", host_may}});
  return {host, made({{"name", "group_call_participant"}, {"permissions", may}})};
}

inline Json& given(Store& store, const Call& call) {
  return existing(store.presets, "preset", call.path.at("preset_id"));
}

// For operations that add or change participants.
inline const Json& named(Store& store, const Json& name) {
  if (const Json* const found = find(store.presets, "name", name)) return *found;
  throw Refusal{404, "No preset found with name " + name.get<std::string>()};
}

inline void check_is_free(Store& store, const Json& name, const Json& own_id) {
  const Json* const found = find(store.presets, "name", name);
  if (found && (*found)["id"] != own_id) {
    throw Refusal{409, "A preset with the name " + name.get<std::string>() + " already exists"};
  }
}

// ---- Operations.

inline Answer list(Store& store, const Call& call) {
  List found;
  for (const Json& preset : store.presets) {
    if (!searched_for(call, preset, {"name"})) continue;
    found.push_back(without(preset, {"config", "permissions", "ui"}));
  }
  put_in_order(call, found);
  const Json paging = cut_to_page(call, found);
  return success_with_paging(found, paging);
}

inline Answer create(Store& store, const Call& call) {
  const Json body = object_in(call, form());
  check_is_free(store, body["name"], nullptr);
  store.presets.push_back(made(body));
  return success(store.presets.back());
}

inline Answer get(Store& store, const Call& call) { return success(given(store, call)); }

inline Answer update(Store& store, const Call& call) {
  Json& preset = given(store, call);
  const Json body = object_in(call, form(), Need::nothing);
  check_is_free(store, body.value("name", preset["name"]), preset["id"]);
  change(preset, body);
  return success(preset);
}

inline Answer replace(Store& store, const Call& call) {
  Json& preset = given(store, call);
  const Json body = object_in(call, form());
  check_is_free(store, body["name"], preset["id"]);
  Json replacement = made(body);
  for (const char* kept : {"id", "created_at"}) replacement[kept] = preset[kept];
  preset = replacement;
  return success(preset);
}

inline Answer remove(Store& store, const Call& call) {
  return success(taken(store.presets, given(store, call)));
}

}  // namespace sandbox::presets
