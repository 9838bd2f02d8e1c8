// Sends a request over a transport of its own, in whichever mode it is compiled. PART: the name of
// its function.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

namespace {
struct Thing {
  std::vector<std::string> names{};
  rtk::Secret secret{};
  template <class Fields> static void fields(Fields& field) {
    field("names", &Thing::names);
    field("secret", &Thing::secret);
  }
};
struct GetThing {
  static constexpr rtk::Route route{rtk::Method::get, "/things/{id}", rtk::Repeat::harmless};
  using Response = Thing;
  std::string id{};
  std::optional<std::int64_t> number{};
  template <class Fields> static void fields(Fields& field) {
    field("id", &GetThing::id);
    field("number", &GetThing::number);
  }
};
}  // namespace

rtk::Result<rtk::Livestream> PART(const rtk::Config& config, const rtk::CallOptions& options);

rtk::Result<rtk::Livestream> PART(const rtk::Config& config, const rtk::CallOptions& options) {
#ifndef REALTIMEKIT_NO_HTTPLIB
  const rtk::Client refused{rtk::Config{}, rtk::HttplibTransport{{}}};
  if (refused.send(rtk::livestreams::List{})) return rtk::Error{};
#endif
  rtk::BasicClient things{config, [](const rtk::HttpRequest& request) {
                            const bool fine = request.url.find("/things/a%2Fb?number=7") > 0;
                            return rtk::HttpResponse{fine ? 200 : 500, {}, R"({"data":{
                                "names":["a","b"],"secret":"s"}})"};
                          }};
  const auto thing = things.send(GetThing{"a/b", 7});
  if (!thing || thing->names.size() != 2 || rtk::to_string(*thing).find("***") == std::string::npos)
    return thing.error();

  rtk::BasicClient client{config, [](const rtk::HttpRequest& request) {
                            const bool fine = rtk::find_header(request.headers, "accept") &&
                                              !request.cancel.canceled();
                            return rtk::HttpResponse{fine ? 201 : 500, {{"cf-ray", "ray"}}, R"({
                                "success":true,"data":{"id":"1","ingest_server":"rtmps://i/",
                                "stream_key":"key","playback_url":"https://p/","status":"LIVE",
                                "created_at":"2024-03-09T07:08:26.634Z"}})"};
                          }};
  return client.send(rtk::livestreams::Create{"launch"}, options);
}
