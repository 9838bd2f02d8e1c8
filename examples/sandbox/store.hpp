// What the sandbox keeps. Each item is the object that the API answers; some have further members,
// which the API does not show.
#pragma once

#include "request.hpp"

namespace sandbox {

// All that one app has.
struct Store {
  List apps;  // an account's, which belong to none of its apps
  List livestreams;
  List livestream_sessions;
  List meetings;
  List participants;  // of all meetings; also: meeting_id, preset_id, token
  List sessions;
  List peers;       // who took part in them; also: session_id, picture, peer_events
  List recordings;  // also: meeting_id, is_track, to_bucket
  List presets;
  List webhooks;
};

// The account's id and the app's, which is empty for what has no app.
using App = std::pair<std::string, std::string>;

inline App app_of(const Call& call) {
  const auto app = call.path.find("app_id");
  return {call.path.at("account_id"), app == call.path.end() ? "" : app->second};
}

using Rule = Answer (*)(Store&, const Call&);

}  // namespace sandbox
