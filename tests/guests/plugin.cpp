// A part of a program, with a version of the library of its own: NAME is its function, which says
// what became of a livestream. REGION: this version has one more field.
#include <sstream>

#include "realtimekit.hpp"

namespace rtk = realtimekit;

namespace {
const char* const body = R"({"success":true,"data":{"id":"the-id","region":"weur","name":"launch",
    "ingest_server":"rtmps://live/","stream_key":"the-key","playback_url":"https://play/",
    "status":"LIVE","meeting_id":"the-meeting"}})";

std::string livestream() {
  rtk::Config config;
  config.account_id = config.app_id = "here";
  config.api_token = "token";
  const rtk::BasicClient client{config, [](const rtk::HttpRequest& request) {
                                  const bool creates = request.method == rtk::Method::post;
                                  return rtk::HttpResponse{creates ? 201 : 400, {}, body};
                                }};
  const auto live = client.send(rtk::livestreams::Create{"launch"});
  std::ostringstream out;
  if (!live) return live.error().to_string();
  out << *live << '\n'
      << live->id << ' ' << live->name.value_or("") << ' ' << live->ingest_server << ' '
      << live->stream_key.reveal() << ' ' << live->playback_url << ' ' << live->status << ' '
      << live->meeting_id.value_or("");
#ifdef REGION
  out << ' ' << live->region.value_or("");
#endif
  return out.str();
}
}  // namespace

extern "C" const char* NAME();

extern "C"
#ifdef __GNUC__
    __attribute__((visibility("default")))
#endif
    const char*
    NAME() {
  static std::string text;
  text = livestream();
  return text.c_str();
}
