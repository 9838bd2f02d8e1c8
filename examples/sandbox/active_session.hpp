// Operations on the session of a meeting while it is live.
#pragma once

#include "sessions.hpp"
#include "store.hpp"

namespace sandbox::active_session {

// ---- Parts.

inline Json& given(Store& store, const Call& call) {
  const std::string& meeting_id = call.path.at("meeting_id");
  if (Json* const found = sessions::active_of_meeting(store, meeting_id)) return *found;
  throw Refusal{404, "No active session found for meeting_id " + meeting_id};
}

// Returns the participants that the body names: by their id in the session or in the meeting, or by
// the custom id.
inline std::vector<Json*> chosen(Store& store, const Call& call) {
  static const Json form = {{"participant_ids", {"string"}},
                            {"custom_participant_ids", {"string"}}};
  const Json body = object_in(call, form);
  const auto present = sessions::live_peers_of(store, given(store, call));
  std::vector<Json*> found;
  const auto choose = [&](const char* list, std::initializer_list<const char*> members) {
    for (const Json& id : body.value(list, Json::array())) {
      const auto peer = std::find_if(present.begin(), present.end(), [&](const Json* one) {
        return std::any_of(members.begin(), members.end(),
                           [&](const char* member) { return (*one)[member] == id; });
      });
      if (peer == present.end()) throw Refusal{404, "No user found with id " + std::string(id)};
      if (std::find(found.begin(), found.end(), *peer) == found.end()) found.push_back(*peer);
    }
  };
  choose("participant_ids", {"id", "user_id"});
  choose("custom_participant_ids", {"custom_participant_id"});
  if (found.empty()) {
    refuse("value", "must contain at least one of [participant_ids, custom_participant_ids]");
  }
  return found;
}

inline Answer done(const char* action, const std::vector<Json*>& peers) {
  List participants;
  for (const Json* const peer : peers) {
    participants.push_back({{"id", (*peer)["user_id"]},
                            {"name", (*peer)["display_name"]},
                            {"email", nullptr},
                            {"picture", (*peer)["picture"]},
                            {"created_at", (*peer)["created_at"]},
                            {"updated_at", (*peer)["updated_at"]}});
  }
  return success({{"action", action}, {"participants", participants}});
}

// ---- Operations.

inline Answer get(Store& store, const Call& call) {
  return success(sessions::shown(store, given(store, call)));
}

inline Answer kick(Store& store, const Call& call) {
  const auto peers = chosen(store, call);
  sessions::leave(store, call, given(store, call), peers);
  return done("kicked", peers);
}

inline Answer kick_all(Store& store, const Call& call) {
  Json& session = given(store, call);
  const auto peers = sessions::live_peers_of(store, session);
  sessions::leave(store, call, session, peers);
  return success({{"action", "kicked"}, {"kicked_participants_count", peers.size()}});
}

// No operation returns who is muted: nothing is stored.
inline Answer mute(Store& store, const Call& call) { return done("muted", chosen(store, call)); }

inline Answer mute_all(Store& store, const Call& call) {
  object_in(call, {{"allow_unmute", "boolean"}});
  const auto peers = sessions::live_peers_of(store, given(store, call));
  return success({{"action", "muted"}, {"muted_participants_count", peers.size()}});
}

// No operation returns polls: none is stored.
inline Answer create_poll(Store& store, const Call& call) {
  static const Json form = {{"question!", "string"},
                            {"options!", {"string"}},
                            {"anonymous", "boolean"},
                            {"hide_votes", "boolean"}};
  const Json body = object_in(call, form);
  given(store, call);
  List options;
  for (const Json& text : body["options"]) {
    options.push_back({{"text", text}, {"count", 0}, {"votes", Json::array()}});
  }
  const Json poll = {{"id", random_uuid()},
                     {"question", body["question"]},
                     {"options", options},
                     {"anonymous", body.value("anonymous", false)},
                     {"hide_votes", body.value("hide_votes", false)},
                     {"created_by", call.path.at("app_id")},
                     {"voted", Json::array()}};
  return success({{"action", "created"}, {"poll", poll}}, 201);
}

}  // namespace sandbox::active_session
