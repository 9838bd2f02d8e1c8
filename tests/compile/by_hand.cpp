// What one would write without realtimekit.hpp to the same effect as its quick start, for speed.sh to
// compare: the same variables, the server's own message on a failure, and nothing secret printed.
#include <httplib.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

struct Livestream {
  std::string id, ingest_server, stream_key, playback_url;
};

std::string required(const char* name) {
  const char* value = std::getenv(name);
  if (!value) std::cerr << name << " is not set\n", std::exit(1);
  return value;
}

// {"error":{"code":404,"message":"..."}} or {"errors":[{"code":10000,"message":"..."}]}
std::string message_of(const nlohmann::json& answer) {
  const nlohmann::json error = answer.contains("errors") && !answer["errors"].empty()
                                   ? answer["errors"][0]
                                   : answer.value("error", nlohmann::json::object());
  return error.value("message", "no message") + " (" + std::to_string(error.value("code", 0)) + ")";
}

int main() {
  const std::string token = required("CLOUDFLARE_API_TOKEN");
  const std::string account = required("CLOUDFLARE_ACCOUNT_ID");
  const std::string app = required("REALTIMEKIT_APP_ID");
  httplib::Client client("https://api.cloudflare.com");
  client.set_connection_timeout(5);
  client.set_read_timeout(30);
  const nlohmann::json body = {{"name", "launch"}};
  const auto answer =
      client.Post("/client/v4/accounts/" + account + "/realtime/kit/" + app + "/livestreams",
                  {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}},
                  body.dump(), "application/json");
  if (!answer) {
    std::cerr << httplib::to_string(answer.error()) << '\n';
    return 1;
  }
  try {
    const auto json = nlohmann::json::parse(answer->body);
    if (answer->status / 100 != 2 || !json.value("success", true)) {
      std::cerr << "HTTP " << answer->status << ": " << message_of(json) << '\n';
      return 1;
    }
    const auto& data = json.at("data");
    Livestream live;
    data.at("id").get_to(live.id);
    data.at("ingest_server").get_to(live.ingest_server);
    data.at("stream_key").get_to(live.stream_key);
    data.at("playback_url").get_to(live.playback_url);
    std::cout << live.ingest_server << '\n' << live.playback_url << '\n';
  } catch (const nlohmann::json::exception& error) {
    std::cerr << "HTTP " << answer->status << ": not what was promised (" << error.id << ")\n";
    return 1;
  }
}
