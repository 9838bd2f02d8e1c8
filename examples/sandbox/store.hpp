// The state of the sandbox. An item is the JSON object of the API's responses; some have additional
// members, which responses omit.
#pragma once

#include "request.hpp"

namespace sandbox {

// Where livestreams are published to and played from. By default, nobody listens there.
struct MediaServer {
  std::string ingest_server = "rtmps://live.cloudflare.com:443/live/";
  std::string playback = "https://customer-sandbox.cloudflarestream.com/";
};

// The state of one app.
struct Store {
  MediaServer media;
  List apps;  // of an account, not of an app
  List livestreams;
  List livestream_sessions;
  List meetings;
  List participants;  // of all meetings; additional: meeting_id, preset_id, token
  List sessions;
  List peers;       // participants of sessions; additional: session_id, picture, peer_events
  List recordings;  // additional: meeting_id, is_track, to_bucket
  List presets;
  List webhooks;
  List events;  // for the webhooks; empty between operations
};

// The ids of an account and an app; the latter is empty for operations of an account.
using App = std::pair<std::string, std::string>;

inline App app_of(const Call& call) {
  const auto app = call.path.find("app_id");
  return {call.path.at("account_id"), app == call.path.end() ? "" : app->second};
}

using Rule = Answer (*)(Store&, const Call&);

}  // namespace sandbox
