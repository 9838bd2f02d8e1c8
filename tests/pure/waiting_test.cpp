// Waiting until a livestream is live or idle.
#include "support.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <thread>

using namespace support;
using rtk::ErrorKind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
namespace livestreams = rtk::livestreams;

namespace {

// The answers to the requests for a livestream, of which the last one is repeated.
struct Server {
  std::vector<rtk::Result<rtk::HttpResponse>> answers{};
  rtk::HttpResponse session = answer(404, R"({"success":false,"error":{"message":"none"}})");
  std::size_t polls = 0;

  rtk::Result<rtk::HttpResponse> operator()(const rtk::HttpRequest& request) {
    CHECK(request.method == rtk::Method::get);
    if (contains(request.url, "/livestreams/live1/active-livestream-session")) return session;
    CHECK(request.url.substr(request.url.size() - 18) == "/livestreams/live1");
    return answers.at((std::min)(polls++, answers.size() - 1));
  }
};

rtk::HttpResponse with_status(const std::string& status, const std::string& more = "") {
  return answer(200,
                R"({"success":true,"data":{"livestream":{"id":"live1","stream_key":"SomeKey123",)"
                R"("playback_url":"https://h/p.m3u8","status":")" +
                    status + "\"" + more + "}}}");
}

rtk::HttpResponse broadcast(const std::string& id,
                            const std::string& reason = "codec not supported") {
  return answer(200, R"({"success":true,"data":{"livestream":{"id":"live1"},"session":{"id":")" +
                         id + R"(","err_message":")" + reason + "\"}}}");
}

rtk::Error lost(rtk::Delivery delivery = rtk::Delivery::unknown) {
  rtk::Error error;
  error.message = "connection reset";
  error.delivery = delivery;
  return error;
}

// A wait that does not take long between two requests.
livestreams::WaitOptions quick() {
  livestreams::WaitOptions options;
  options.first_delay = milliseconds(1);
  options.timeout = seconds(60);
  return options;
}

template <class Server> auto client_of(Server& server) {
  return rtk::BasicClient{config(), std::ref(server)};
}

}  // namespace

TEST_CASE("a wait ends when the livestream is live, and shows each response") {
  Server server{{with_status("OFFLINE"), with_status("INVOKED"), with_status("SOMETHING_NEW"),
                 with_status("LIVE")}};
  std::string seen;
  const auto live = livestreams::wait_until_live(
      client_of(server), "live1", quick(),
      [&](const rtk::Livestream& livestream) { seen += livestream.status.text() + ' '; });
  REQUIRE_MESSAGE(live.has_value(), live.error());
  CHECK(live->playback_url == "https://h/p.m3u8");
  CHECK(seen == "OFFLINE INVOKED SOMETHING_NEW LIVE ");
  CHECK(server.polls == 4);
}

TEST_CASE("a wait for idle ends with IDLE or OFFLINE") {
  for (const std::string end : {"IDLE", "OFFLINE"}) {
    Server server{
        {with_status("LIVE"), with_status("INVOKED", R"(,"disabled":true)"), with_status(end)}};
    const auto idle = livestreams::wait_until_idle(client_of(server), "live1", quick());
    REQUIRE_MESSAGE(idle.has_value(), idle.error());
    CHECK(idle->status == end);
    CHECK(server.polls == 3);
  }
}

TEST_CASE("a broadcast that fails ends the wait with its reason, without the key") {
  Server server{{with_status("INVOKED"), with_status("ERRORED")},
                broadcast("b2", "bad codec in SomeKey123")};
  for (int from = 0; from < 2; ++from) {
    if (from == 1) {  // the livestream tells more than its current broadcast
      server.session = answer(404, "{}");
      server.answers.back() = answer(
          200,
          R"({"data":{"livestream":{"id":"live1","status":"ERRORED","stream_key":"SomeKey123"},)"
          R"("sessions":[{"id":"b1","created_at":"2026-03-04T09:00:00Z","err_message":"old"},)"
          R"({"id":"b2","created_at":"2026-03-04T10:00:00Z","err_message":"bad codec in SomeKey123"},)"
          R"({"id":"b0","created_at":"2026-03-03T09:00:00Z","err_message":"older"}]}})");
    }
    server.polls = 0;
    const auto live = livestreams::wait_until_live(client_of(server), "live1", quick());
    REQUIRE_FALSE(live.has_value());
    CHECK(live.error().kind == ErrorKind::api);
    CHECK(contains(live.error().message, "bad codec in ***"));
    CHECK(server.polls == 2);
  }
}

TEST_CASE("a livestream whose last broadcast failed ends the wait at once") {
  Server server{{with_status("ERRORED"), with_status("LIVE")}, broadcast("b1")};
  const auto live = livestreams::wait_until_live(client_of(server), "live1", quick());
  CHECK(contains(live.error().message, "codec not supported"));
  CHECK(server.polls == 1);
  server.polls = 0;
  const auto idle = livestreams::wait_until_idle(client_of(server), "live1", quick());
  CHECK(contains(idle.error().message, "codec not supported"));
  CHECK(server.polls == 1);
}

TEST_CASE("what cannot change soon ends the wait at once") {
  rtk::Error untrusted = lost();
  untrusted.permanent = true;
  for (const rtk::Result<rtk::HttpResponse>& first :
       {rtk::Result<rtk::HttpResponse>(with_status("INVOKED", R"(,"disabled":true)")),
        rtk::Result<rtk::HttpResponse>(answer(404, R"({"error":{"message":"no such"}})")),
        rtk::Result<rtk::HttpResponse>(answer(401, R"({"error":{"message":"bad token"}})")),
        rtk::Result<rtk::HttpResponse>(answer(200, "<html>")),
        rtk::Result<rtk::HttpResponse>(untrusted)}) {
    Server server{{first, with_status("LIVE")}};
    const auto live = livestreams::wait_until_live(client_of(server), "live1", quick());
    CHECK_FALSE(live.has_value());
    CAPTURE_TEXT(live.error().to_string());
    CHECK(server.polls == 1);
  }
  Server server{{with_status("LIVE")}};
  auto options = quick();
  options.timeout = milliseconds(0);
  auto restless = quick();
  restless.first_delay = milliseconds(0);
  for (const auto& live : {livestreams::wait_until_live(client_of(server), "..", quick()),
                           livestreams::wait_until_live(client_of(server), "", quick()),
                           livestreams::wait_until_live(client_of(server), "live1", options),
                           livestreams::wait_until_live(client_of(server), "live1", restless)}) {
    CHECK(live.error().kind == ErrorKind::invalid_request);
  }
  CHECK(server.polls == 0);
}

TEST_CASE("what may pass does not end the wait, and is asked for once at a time") {
  Server server{
      {lost(), answer(502, "<html>"), lost(rtk::Delivery::not_sent), with_status("LIVE")}};
  const auto live = livestreams::wait_until_live(client_of(server), "live1", quick());
  CHECK_MESSAGE(live.has_value(), live.error());
  CHECK(server.polls == 4);
  // Each request is an attempt of the wait, not one of several attempts of a call.
  server = Server{{lost(), answer(404, R"({"error":{"message":"no such"}})")}};
  CHECK(livestreams::wait_until_live(client_of(server), "live1", quick()).error().attempts == 2);
  CHECK(livestreams::wait_until_live(client_of(server), "", quick()).error().attempts == 0);
}

TEST_CASE("Retry-After replaces the delay; beyond the deadline it ends the wait") {
  auto options = quick();
  options.first_delay = hours(1);
  options.timeout = hours(2);
  Server server{{answer(429, "{}", {{"Retry-After", "1"}}), with_status("LIVE")}};
  CHECK(livestreams::wait_until_live(client_of(server), "live1", options).has_value());
  auto brief = quick();
  brief.first_delay = hours(1);
  brief.timeout = milliseconds(50);
  server = Server{{answer(429, "{}", {{"Retry-After", "0"}})}};
  CHECK_FALSE(livestreams::wait_until_live(client_of(server), "live1", brief).has_value());
  CHECK(server.polls <= 2);  // it is no invitation to a loop
  server = Server{{answer(429, "{}", {{"Retry-After", "7300"}}), with_status("LIVE")}};
  const auto live = livestreams::wait_until_live(client_of(server), "live1", options);
  CHECK(live.error().status == 429);
  CHECK(live.error().retry_after == seconds(7300));
  CHECK(server.polls == 1);
}

TEST_CASE("at the deadline, the wait ends with the last status or failure") {
  auto options = quick();
  options.timeout = milliseconds(30);
  options.first_delay = hours(1);
  for (const auto& [answers, last] :
       std::vector<std::pair<rtk::Result<rtk::HttpResponse>, std::string>>{
           {with_status("INVOKED"), "last status: INVOKED"},
           {lost(), "last status: none; connection reset"}}) {
    Server server{{answers}};
    const auto begin = steady_clock::now();
    const auto live = livestreams::wait_until_live(client_of(server), "live1", options);
    CHECK(steady_clock::now() - begin >= milliseconds(30));
    CHECK(live.error().kind == ErrorKind::timeout);
    CHECK_MESSAGE(contains(live.error().message, last), live.error());
    CHECK_MESSAGE(contains(live.error().message, "is not LIVE after 30 ms"), live.error());
  }
  // What the server sent is shown on one line, without secrets.
  Server odd{{with_status("SomeKey123\\u001b\\n")}};
  const auto text = livestreams::wait_until_live(client_of(odd), "live1", options).error();
  CHECK(contains(text.message, "last status: ***"));
  CHECK_FALSE(contains(text.message, "\x1b"));
  CHECK_FALSE(contains(text.message, "\n"));
  // No request may take longer than what is left.
  milliseconds longest{0};
  const rtk::BasicClient client{config(), [&](const rtk::HttpRequest& request) {
                                  longest = (std::max)(longest, request.timeout);
                                  return with_status("INVOKED");
                                }};
  CHECK_FALSE(livestreams::wait_until_live(client, "live1", options).has_value());
  CHECK(longest <= milliseconds(30));
}

TEST_CASE("a wait ends when it is canceled") {
  auto options = quick();
  options.timeout = hours(2);
  options.first_delay = hours(1);
  options.cancel = rtk::CancelToken::create();
  Server server{{with_status("INVOKED")}};
  const auto begin = steady_clock::now();
  SUBCASE("while it waits") {
    std::thread other;
    const auto live = livestreams::wait_until_live(client_of(server), "live1", options,
                                                   [&](const rtk::Livestream&) {
                                                     other = std::thread([token = options.cancel] {
                                                       token.wait_for(milliseconds(5));
                                                       token.cancel();
                                                     });
                                                   });
    other.join();
    CHECK(live.error().kind == ErrorKind::canceled);
    CHECK(server.polls == 1);
  }
  SUBCASE("before it begins") {
    options.cancel.cancel();
    const auto live = livestreams::wait_until_live(client_of(server), "live1", options);
    CHECK(live.error().kind == ErrorKind::canceled);
    CHECK(server.polls == 0);
  }
  SUBCASE("by its own progress") {
    const auto live =
        livestreams::wait_until_live(client_of(server), "live1", options,
                                     [&](const rtk::Livestream&) { options.cancel.cancel(); });
    CHECK(live.error().kind == ErrorKind::canceled);
    CHECK(server.polls == 1);
  }
  CHECK(steady_clock::now() - begin < seconds(10));
}

TEST_CASE("a thousand waits stay within 1,200 requests in 5 minutes, and each has its turn") {
  using rtk::detail::Pace;
  const Pace::Time start{hours(1)};
  Pace pace;
  std::vector<char> waiters(1000);
  std::multimap<Pace::Time, const char*> asks;  // who asks next for a turn, and when
  for (const char& waiter : waiters) asks.emplace(start, &waiter);
  std::vector<Pace::Time> sent;
  std::map<const char*, int> turns;
  while (asks.begin()->first < start + std::chrono::minutes(20)) {
    const auto [now, waiter] = *asks.begin();
    asks.erase(asks.begin());
    const auto turn = pace.take_turn(waiter, now);
    if (!turn) {
      sent.push_back(now);
      ++turns[waiter];
    }
    asks.emplace(turn.value_or(now + seconds(8)), waiter);
  }
  std::size_t most = 0, first = 0;
  for (std::size_t last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= std::chrono::minutes(5)) ++first;
    most = (std::max)(most, last - first + 1);
  }
  CHECK(most <= 1100);
  CHECK(sent.size() >= 4000);  // no slot of the 20 minutes is wasted
  CHECK(turns.size() == 1000);
  for (const auto& [waiter, count] : turns) CHECK(count >= 3);
}

TEST_CASE("those who give up make room for the others") {
  using rtk::detail::Pace;
  const Pace::Time now{hours(1)};
  Pace pace;
  std::vector<char> waiters(1000);
  for (const char& waiter : waiters) pace.take_turn(&waiter, now);
  CHECK(pace.take_turn(&waiters.back(), now) == now + 900 * Pace::spacing);
  for (std::size_t i = 0; i < 999; ++i) pace.leave(&waiters[i]);
  CHECK(pace.take_turn(&waiters.back(), now) == now + Pace::spacing);
}

// The last one, since it uses up the requests that may be sent at once.
TEST_CASE("waits on many threads share one pace") {
  std::atomic<int> requests{0};
  const rtk::BasicClient client{config(), [&](const rtk::HttpRequest&) {
                                  ++requests;
                                  return with_status("INVOKED");
                                }};
  auto options = quick();
  options.timeout = milliseconds(600);
  const auto begin = steady_clock::now();
  std::vector<std::thread> threads;
  std::atomic<int> timeouts{0};
  for (int i = 0; i < 120; ++i) {
    threads.emplace_back([&] {
      const auto live = livestreams::wait_until_live(client, "live1", options);
      if (live.error().kind == ErrorKind::timeout) ++timeouts;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto most =
      rtk::detail::Pace::burst + (steady_clock::now() - begin) / rtk::detail::Pace::spacing + 1;
  CHECK(requests <= most);
  CHECK(timeouts == 120);
}
