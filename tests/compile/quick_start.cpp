// A program of the kind that users write, with all that the header offers them.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

int main() {
  auto config = rtk::Config::from_env();
  if (!config) return 1;
  config->retry.max_attempts = 2;
  config->timeout = std::chrono::seconds(5);
#ifdef REALTIMEKIT_NO_HTTPLIB
  rtk::BasicClient client{*config, [](const rtk::HttpRequest&) { return rtk::Error{}; }};
#else
  rtk::HttplibTransport::Options options;
  options.connect_timeout = std::chrono::seconds(2);
  rtk::Client client{*config, rtk::HttplibTransport{options}};
#endif
#if __cplusplus >= 202002L
  auto live = client.send(rtk::livestreams::Create{.name = "launch"});
  auto one = client.send(rtk::livestreams::Get{.livestream_id = "1", .per_page = 5});
#else
  auto live = client.send(rtk::livestreams::Create{"launch"});
  auto one = client.send(rtk::livestreams::Get{"1", 2});
#endif
  rtk::livestreams::List list;
  list.status = rtk::LivestreamStatus::live;
  list.start_time = std::chrono::system_clock::now();
  rtk::CallOptions call;
  call.cancel = rtk::CancelToken::create();
  rtk::CancelCallback callback(call.cancel, [] {});
  auto all = client.send(list, call);
  if (!live || !one || !all) return live.error().to_string().empty() ? 1 : 2;
  for (const rtk::Livestream& entry : all->items) {
    if (entry.status != rtk::LivestreamStatus::idle && entry.name) return 3;
  }
  return rtk::to_string(*live).empty() || one->sessions.empty() ? 4 : 0;
}
