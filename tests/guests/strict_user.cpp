// A program of the kind that users write, to be compiled with warnings that few people turn on.
#include <functional>
#include <iostream>

#include "realtimekit.hpp"

namespace rtk = realtimekit;

namespace {

struct Poll {
  std::string question{};
  std::vector<std::string> options{};
  std::optional<double> weight{};
  REALTIMEKIT_FIELDS(question, options, weight)
};

struct GetPoll {
  static constexpr rtk::Route route = rtk::Route::get("/polls/{poll_id}");
  static constexpr std::string_view promises[] = {"question"};
  using Response = Poll;
  std::string poll_id{};
  REALTIMEKIT_FIELDS(poll_id)
};

struct AddPoll {
  static constexpr rtk::Route route = rtk::Route::post("/polls");
  static constexpr std::string_view required[] = {"question"};
  using Response = Poll;
  std::string question{};
  REALTIMEKIT_FIELDS(question)
};

template <class Client> int use(const Client& client) {
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  const rtk::CancelCallback callback(options.cancel, [] { std::cerr << "canceled\n"; });
  const auto live = client.send(rtk::livestreams::Create{"launch"}, options);
  std::cout << live << '\n';
  if (!live) return live.error().status;
  if (live->status == "LIVE" || live->status != rtk::LivestreamStatus::idle) std::cout << *live;
  if (const auto time = live->created_at.time()) std::cout << live->created_at << '\n';
  for (auto& item : client.pages(rtk::livestreams::List{})) {
    if (!item) return 1;
    std::cout << item->id << ' ' << item->stream_key << '\n';
  }
  const auto show = rtk::livestreams::ensure(client, "show");
  const auto poll = client.send(GetPoll{"1"});
  if (!client.send(AddPoll{"Tea?"})) return 2;
  rtk::participants::Add add{};
  add.meeting_id = "1";
  const auto request = rtk::to_http(rtk::Config{}, add);
  const auto added = rtk::from_http<rtk::participants::Add>(rtk::HttpResponse{});
  const auto wait = rtk::retry_delay(rtk::RetryPolicy{}, false, added.error(), 1, 0.5);
  return show && poll && request && wait ? static_cast<int>(poll->options.size()) : 3;
}

}  // namespace

int main() {
  const auto config = rtk::Config::from_env();
  if (!config) return 1;
  const rtk::BasicClient mocked{*config, [](const rtk::HttpRequest&) { return rtk::Error{}; }};
  const std::function<rtk::HttpResponse(const rtk::HttpRequest&)> function =
      [](const rtk::HttpRequest&) { return rtk::HttpResponse{}; };
  const rtk::BasicClient functional{*config, function};
#ifndef REALTIMEKIT_NO_HTTPLIB
  rtk::HttplibTransport::Options options;
  options.connect_timeout = std::chrono::seconds(2);
  const rtk::Client client{*config, rtk::HttplibTransport{options}};
  if (use(client) != 0) return 2;
#endif
  return use(mocked) + use(functional);
}
