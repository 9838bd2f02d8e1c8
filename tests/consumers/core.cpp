// A program with an HTTP stack of its own, which needs nlohmann/json alone.
#include <realtimekit.hpp>

#include <iostream>
#ifndef REALTIMEKIT_NO_HTTPLIB
#error "the default transport is not left out"
#endif
namespace rtk = realtimekit;

int main() {
  rtk::Config config;
  config.account_id = "account", config.app_id = "app", config.api_token = "token";
  const rtk::BasicClient client{config, [](const rtk::HttpRequest&) {
    rtk::HttpResponse response;
    response.status = 201;
    response.body = R"({"success":true,"data":{"id":"1","ingest_server":"rtmps://example.com/live/",
                        "stream_key":"key","playback_url":"https://example.com/1.m3u8"}})";
    return response;
  }};
  const auto live = client.send(rtk::livestreams::Create{"launch"});
  if (!live) return std::cerr << live.error() << '\n', 1;
  std::cout << live->playback_url << '\n';
}
