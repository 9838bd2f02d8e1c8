// What one would write without realtimekit.hpp, for speed.sh to compare.
#include <httplib.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

int main() {
  const char* token = std::getenv("CLOUDFLARE_API_TOKEN");
  const char* account = std::getenv("CLOUDFLARE_ACCOUNT_ID");
  const char* app = std::getenv("REALTIMEKIT_APP_ID");
  if (!token || !account || !app) return 1;
  httplib::Client client("https://api.cloudflare.com");
  client.set_read_timeout(30);
  const nlohmann::json body = {{"name", "launch"}};
  const auto answer = client.Post(
      std::string("/client/v4/accounts/") + account + "/realtime/kit/" + app + "/livestreams",
      {{"Authorization", std::string("Bearer ") + token}}, body.dump(), "application/json");
  if (!answer) {
    std::cerr << httplib::to_string(answer.error()) << '\n';
    return 1;
  }
  const auto json = nlohmann::json::parse(answer->body, nullptr, false);
  if (answer->status != 201 || !json.is_object() || !json.contains("data")) {
    std::cerr << answer->status << ' ' << answer->body << '\n';
    return 1;
  }
  std::cout << json["data"]["ingest_server"].get<std::string>() << '\n'
            << json["data"]["playback_url"].get<std::string>() << '\n';
}
