// What one would write without realtimekit.hpp: a struct, filled from nlohmann's DOM.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

namespace by_hand {

struct Livestream {
  std::string id;
  std::optional<std::string> name;
  std::string status, ingest_server, stream_key, playback_url;
  std::optional<std::string> meeting_id;
  bool disabled = false;
  std::optional<std::string> created_at, updated_at;
};

inline void read(const nlohmann::json& object, const char* key, std::optional<std::string>& value) {
  const auto member = object.find(key);
  if (member != object.end() && !member->is_null()) value = member->get_ref<const std::string&>();
}

inline Livestream livestream(const nlohmann::json& object) {
  Livestream live;
  object.at("id").get_to(live.id);
  read(object, "name", live.name);
  object.at("status").get_to(live.status);
  object.at("ingest_server").get_to(live.ingest_server);
  object.at("stream_key").get_to(live.stream_key);
  object.at("playback_url").get_to(live.playback_url);
  read(object, "meeting_id", live.meeting_id);
  object.at("disabled").get_to(live.disabled);
  read(object, "created_at", live.created_at);
  read(object, "updated_at", live.updated_at);
  return live;
}

inline std::string create_body(const std::string& name) {
  return nlohmann::json{{"name", name}}.dump();
}

inline Livestream created(long status, const std::string& body) {
  const auto json = nlohmann::json::parse(body);
  if (status / 100 != 2 || !json.value("success", true))
    throw std::runtime_error("HTTP " + std::to_string(status));
  return livestream(json.at("data"));
}

}  // namespace by_hand
