// Sends a create: to a transport that answers by itself, and with the default one to where the
// environment says, or else to where nobody listens.
#include <realtimekit.hpp>

#include <iostream>
namespace rtk = realtimekit;

int main() {
  rtk::Config config;
  config.account_id = "account", config.app_id = "app", config.api_token = "token";
  rtk::BasicClient mocked{config, [](const rtk::HttpRequest&) {
    rtk::HttpResponse response;
    response.status = 201;
    response.body = R"({"success":true,"data":{"id":"1","ingest_server":"rtmps://example.com/live/",
                        "stream_key":"key","playback_url":"https://example.com/1.m3u8"}})";
    return response;
  }};
  const auto created = mocked.send(rtk::livestreams::Create{"launch"});
  if (!created) return std::cerr << created.error() << '\n', 1;
  std::cout << created->playback_url << '\n';

#ifndef REALTIMEKIT_NO_HTTPLIB
  const auto environment = rtk::Config::from_env();
  config.base_url = "https://localhost:1";
  const rtk::Client client{environment ? *environment : config};
  const auto live = client.send(rtk::livestreams::Create{"launch"});
  if (live) return std::cout << live->playback_url << '\n', 0;
  std::cerr << live.error() << '\n';
  if (environment || live.error().delivery != rtk::Delivery::not_sent) return 1;
#endif
}
