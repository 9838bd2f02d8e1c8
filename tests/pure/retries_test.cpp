// When a request is tried again, how long that waits, and what a client does with any transport.
#include "support.hpp"

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace support;
using namespace std::chrono_literals;
using rtk::Delivery;
using rtk::Error;
using rtk::ErrorKind;
using rtk::HttpRequest;
using rtk::HttpResponse;
using rtk::RetryPolicy;
using rtk::livestreams::Create;
using rtk::livestreams::List;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

Error make_error(ErrorKind kind, Delivery delivery, int status = 0) {
  Error error;
  error.kind = kind;
  error.delivery = delivery;
  error.status = status;
  return error;
}

Error status_error(int status) { return make_error(ErrorKind::api, Delivery::answered, status); }

std::optional<milliseconds> delay_of(const RetryPolicy& policy, int attempt, double random01) {
  return rtk::retry_delay(policy, true, status_error(503), attempt, random01);
}

bool is_retried(bool idempotent, const Error& error) {
  return rtk::retry_delay(RetryPolicy{}, idempotent, error, 1, 0).has_value();
}

// A config whose waits are short.
rtk::Config quick() {
  auto quick = config();
  quick.retry.base = 1ms;
  quick.retry.cap = 2ms;
  return quick;
}

HttpResponse created() { return answer(201, fixture("create.json")); }
HttpResponse listed() { return answer(200, fixture("list_array.json")); }

milliseconds elapsed(steady_clock::time_point since) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - since);
}

}  // namespace

TEST_CASE("what is harmless to repeat is repeated after every failure that may pass") {
  for (const auto delivery : {Delivery::not_sent, Delivery::unknown}) {
    CHECK(is_retried(true, make_error(ErrorKind::transport, delivery)));
    CHECK(is_retried(true, make_error(ErrorKind::timeout, delivery)));
    CHECK_FALSE(is_retried(true, make_error(ErrorKind::canceled, delivery)));
    CHECK_FALSE(is_retried(true, make_error(ErrorKind::invalid_request, delivery)));
  }
  CHECK_FALSE(is_retried(true, make_error(ErrorKind::decode, Delivery::answered, 200)));
  for (int status = 200; status < 600; ++status) {
    CAPTURE(status);
    const bool passing = status == 408 || status == 429 || status == 500 || status == 502 ||
                         status == 503 || status == 504 || (status >= 520 && status <= 524);
    CHECK(is_retried(true, status_error(status)) == passing);
  }
}

TEST_CASE("what may do harm twice is repeated only if nothing has been done") {
  for (const auto kind : {ErrorKind::transport, ErrorKind::timeout}) {
    CHECK(is_retried(false, make_error(kind, Delivery::not_sent)));
    CHECK_FALSE(is_retried(false, make_error(kind, Delivery::unknown)));
    CHECK_FALSE(is_retried(false, make_error(kind, Delivery::answered)));
  }
  CHECK_FALSE(is_retried(false, make_error(ErrorKind::canceled, Delivery::not_sent)));
  CHECK_FALSE(is_retried(false, make_error(ErrorKind::invalid_request, Delivery::not_sent)));
  CHECK_FALSE(is_retried(false, make_error(ErrorKind::decode, Delivery::answered, 201)));
  for (int status = 200; status < 600; ++status) {
    CAPTURE(status);
    CHECK(is_retried(false, status_error(status)) == (status == 429));
  }
}

TEST_CASE("an error that time does not heal ends the call at its first attempt") {
  for (const bool idempotent : {true, false}) {
    for (const auto kind : {ErrorKind::transport, ErrorKind::timeout, ErrorKind::api}) {
      Error error = make_error(kind, Delivery::not_sent, kind == ErrorKind::api ? 429 : 0);
      CHECK(is_retried(idempotent, error));
      error.retry_after = 1s;
      error.permanent = true;
      CHECK_FALSE(is_retried(idempotent, error));
    }
  }
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) {
                            ++calls;
                            Error error = make_error(ErrorKind::transport, Delivery::not_sent);
                            error.message = "the proxy refuses " + token;
                            error.permanent = true;
                            return error;
                          }};
  const auto list = client.send(List{});
  CHECK(calls == 1);
  CHECK(list.error().attempts == 1);
  CHECK(list.error().permanent);
  CHECK(list.error().message == "the proxy refuses ***");
}

TEST_CASE("attempts end with the number of the policy") {
  RetryPolicy policy;
  CHECK(delay_of(policy, 1, 0).has_value());
  CHECK(delay_of(policy, 2, 0).has_value());
  CHECK_FALSE(delay_of(policy, 3, 0).has_value());
  CHECK_FALSE(delay_of(policy, 4, 0).has_value());
  for (const int none : {1, 0, -5}) {
    policy.max_attempts = none;
    CHECK_FALSE(delay_of(policy, 1, 0).has_value());
  }
}

TEST_CASE("waits double up to the cap, less a quarter of them at most") {
  RetryPolicy policy;
  policy.max_attempts = 100;
  policy.base = 500ms;
  policy.cap = 8s;
  const milliseconds whole[] = {500ms, 1s, 2s, 4s, 8s, 8s, 8s};
  for (int attempt = 1; attempt <= 7; ++attempt) {
    CAPTURE(attempt);
    CHECK(delay_of(policy, attempt, 0) == whole[attempt - 1]);
    CHECK(delay_of(policy, attempt, 1) == whole[attempt - 1] * 3 / 4);
    const auto between = delay_of(policy, attempt, 0.5).value_or(0ms);
    CHECK(between < whole[attempt - 1]);
    CHECK(between > whole[attempt - 1] * 3 / 4);
  }
  CHECK(delay_of(policy, 99, 0) == 8s);
  policy.cap = 700ms;
  CHECK(delay_of(policy, 2, 0) == 700ms);
  policy.cap = 100ms;
  CHECK(delay_of(policy, 1, 0) == 100ms);
}

TEST_CASE("odd policies give waits in range") {
  RetryPolicy policy;
  policy.max_attempts = (std::numeric_limits<int>::max)();
  const milliseconds extremes[] = {
      (milliseconds::min)(), -1ms, 0ms, 1ms, (milliseconds::max)() / 2, (milliseconds::max)() - 1ms,
      (milliseconds::max)()};
  for (const auto base : extremes) {
    for (const auto cap : extremes) {
      policy.base = base;
      policy.cap = cap;
      for (const int attempt : {1, 2, 3, 63, 64, 65, 1000, 2000000000}) {
        for (const double random : {0.0, 0.5, 1.0}) {
          const auto delay = delay_of(policy, attempt, random);
          CHECK(delay.has_value());
          CHECK(delay.value_or(-1ms) >= 0ms);
        }
      }
    }
  }
  policy.base = policy.cap = (milliseconds::max)();
  CHECK(delay_of(policy, 1, 0).value_or(0ms) > std::chrono::hours(24 * 365));
}

TEST_CASE("attempts and random numbers out of their range give waits in range") {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (const auto wait : {500ms, (milliseconds::max)()}) {
    RetryPolicy policy;
    policy.max_attempts = (std::numeric_limits<int>::max)();
    policy.base = policy.cap = wait;
    for (const double random :
         {none, -infinite, -1e300, -1.0, 0.0, 0.5, 1.0, 2.0, 1e300, infinite}) {
      CAPTURE(random);
      for (const int attempt :
           {(std::numeric_limits<int>::min)(), -1, 0, 1, (std::numeric_limits<int>::max)() - 1}) {
        const auto delay = delay_of(policy, attempt, random);
        REQUIRE(delay.has_value());
        CHECK(*delay <= wait);
        CHECK(*delay >= wait / 4 * 3);
      }
      CHECK_FALSE(delay_of(policy, policy.max_attempts, random).has_value());
    }
    CHECK(delay_of(policy, 1, none) == wait);
    CHECK(delay_of(policy, 1, -5) == wait);
  }
  Error error = status_error(503);
  for (const auto limit : {(milliseconds::min)(), (milliseconds::max)()}) {
    RetryPolicy policy;
    policy.max_retry_after = limit;
    for (const auto wish :
         {(std::chrono::seconds::min)(), -1s, 0s, (std::chrono::seconds::max)()}) {
      error.retry_after = wish;
      const auto delay = rtk::retry_delay(policy, true, error, 1, 0);
      if (delay) CHECK(*delay >= 0ms);
    }
  }
}

TEST_CASE("the wish of the server replaces our wait, up to the limit of the policy") {
  RetryPolicy policy;
  Error error = status_error(429);
  for (const bool idempotent : {true, false}) {
    error.retry_after = 7s;
    CHECK(rtk::retry_delay(policy, idempotent, error, 1, 0) == 7s);
    CHECK(rtk::retry_delay(policy, idempotent, error, 2, 1) == 7s);
    CHECK_FALSE(rtk::retry_delay(policy, idempotent, error, 3, 0).has_value());
    error.retry_after = 0s;
    CHECK(rtk::retry_delay(policy, idempotent, error, 1, 0) == 0s);
    error.retry_after = 60s;
    CHECK(rtk::retry_delay(policy, idempotent, error, 1, 0) == 60s);
    error.retry_after = 61s;
    CHECK_FALSE(rtk::retry_delay(policy, idempotent, error, 1, 0).has_value());
    error.retry_after = (std::chrono::seconds::max)();
    CHECK_FALSE(rtk::retry_delay(policy, idempotent, error, 1, 0).has_value());
    error.retry_after = -5s;  // from a transport of the user's
    CHECK(rtk::retry_delay(policy, idempotent, error, 1, 0) == 500ms);
    error.retry_after = (std::chrono::seconds::min)();
    CHECK(rtk::retry_delay(policy, idempotent, error, 1, 0) == 500ms);
  }
  policy.max_retry_after = (milliseconds::max)();
  error.retry_after = 86400s;
  CHECK(rtk::retry_delay(policy, true, error, 1, 0) == 86400s);
  policy.max_retry_after = 0ms;
  CHECK_FALSE(rtk::retry_delay(policy, true, error, 1, 0).has_value());
}

TEST_CASE("a wish of the server does not make a create repeatable") {
  Error error = status_error(503);
  error.retry_after = 1s;
  CHECK_FALSE(rtk::retry_delay(RetryPolicy{}, false, error, 1, 0).has_value());
}

TEST_CASE("a client tries a list again until it works") {
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) -> HttpResponse {
                            return ++calls < 3 ? answer(503, "") : listed();
                          }};
  const auto list = client.send(List{});
  CHECK(list.has_value());
  CHECK(calls == 3);
  CHECK(list.response().status == 200);
}

TEST_CASE("a client gives up after max_attempts, with the last error and its answer") {
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) {
                            ++calls;
                            return answer(calls == 3 ? 502 : 500,
                                          "{\"message\":\"try " + std::to_string(calls) + "\"}");
                          }};
  const auto list = client.send(List{});
  CHECK_FALSE(list.has_value());
  CHECK(calls == 3);
  CHECK(list.error().attempts == 3);
  CHECK(list.error().message == "try 3");
  CHECK(list.error().status == 502);
  CHECK(list.response().status == 502);
}

TEST_CASE("one call never creates twice after an answer, or none, that may mean a creation") {
  const std::function<rtk::Result<HttpResponse>()> failures[] = {
      [] { return make_error(ErrorKind::transport, Delivery::unknown); },
      [] { return make_error(ErrorKind::timeout, Delivery::unknown); },
      [] { return answer(500, ""); },
      [] { return answer(502, "error code: 502"); },
      [] {
        return answer(503, "", {{"Retry-After", "0"}});
      },
      [] { return answer(504, ""); },
      [] { return answer(520, ""); },
      [] { return answer(408, ""); },
      [] { return answer(409, ""); },
      [] { return answer(201, ""); },
      [] { return answer(201, "{\"data\":{\"id\":"); },
      [] {
        return answer(302, "", {{"Location", "/"}});
      }};
  for (const auto& failure : failures) {
    int calls = 0;
    rtk::BasicClient client{quick(), [&](const HttpRequest& request) {
                              CHECK_FALSE(request.idempotent);
                              ++calls;
                              return failure();
                            }};
    const auto live = client.send(Create{"launch"});
    CHECK_FALSE(live.has_value());
    CHECK(calls == 1);
    CHECK(live.error().attempts == 1);
    CHECK(live.error().delivery != Delivery::not_sent);
  }
}

TEST_CASE("a create is tried again where nothing can have been created") {
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) -> rtk::Result<HttpResponse> {
                            ++calls;
                            if (calls == 1) {
                              return make_error(ErrorKind::transport, Delivery::not_sent);
                            }
                            if (calls == 2) return answer(429, "", {{"Retry-After", "0"}});
                            return created();
                          }};
  CHECK(client.send(Create{"launch"}).has_value());
  CHECK(calls == 3);
}

TEST_CASE("what was decoded of a failed attempt is not left in the result") {
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) {
                            return ++calls == 1 ? answer(503, fixture("list_array.json"))
                                                : answer(200, R"({"data":[]})");
                          }};
  const auto list = client.send(List{});
  REQUIRE(list.has_value());
  CHECK(list->items.empty());
  CHECK_FALSE(list->paging.total_count.has_value());
}

TEST_CASE("a request that is refused never reaches the transport") {
  auto bad = quick();
  bad.api_token = "";
  int calls = 0;
  rtk::BasicClient client{bad, [&](const HttpRequest&) {
                            ++calls;
                            return created();
                          }};
  const auto live = client.send(Create{});
  CHECK(live.error().kind == ErrorKind::invalid_request);
  CHECK(live.error().attempts == 0);
  CHECK(live.response().status == 0);
  CHECK(calls == 0);
}

TEST_CASE("a client can be copied, moved and assigned to; one that was moved from refuses") {
  int calls = 0;
  const auto transport = [&calls](const HttpRequest& request) {
    ++calls;
    CHECK(contains(request.url, "/livestreams"));
    return HttpResponse{200, {}, R"({"data":[]})"};
  };
  using Client = rtk::BasicClient<std::function<HttpResponse(const HttpRequest&)>>;
  Client client{quick(), transport};
  Client copy = client;
  CHECK(copy.send(List{}));
  const Client moved = std::move(client);
  CHECK(moved.send(List{}));
  const auto refused = client.send(List{});
  CHECK(refused.error().kind == ErrorKind::invalid_request);
  CHECK(refused.error().delivery == Delivery::not_sent);
  client = copy;
  CHECK(client.send(List{}));
  copy = std::move(client);
  CHECK(copy.send(List{}));
  CHECK(calls == 4);
}

TEST_CASE("a call that has no time is refused") {
  for (const auto none : {0ms, -1ms, (milliseconds::min)()}) {
    int calls = 0;
    rtk::BasicClient client{quick(), [&](const HttpRequest&) {
                              ++calls;
                              return created();
                            }};
    rtk::CallOptions options;
    options.total_timeout = none;
    const auto live = client.send(Create{}, options);
    CHECK_FALSE(live.has_value());
    CHECK(live.error().delivery == Delivery::not_sent);
    CHECK(contains(live.error().message, "total_timeout"));
    CHECK(calls == 0);
  }
}

TEST_CASE("each attempt gets its own limit, within what is left of the whole") {
  auto slow = quick();
  slow.timeout = 100ms;
  slow.total_timeout = 250ms;
  slow.retry.max_attempts = 100;
  std::vector<milliseconds> limits;
  rtk::BasicClient client{slow, [&](const HttpRequest& request) {
                            limits.push_back(request.timeout);
                            std::this_thread::sleep_for(request.timeout);
                            return make_error(ErrorKind::timeout, Delivery::unknown);
                          }};
  const auto begin = steady_clock::now();
  const auto list = client.send(List{});
  CHECK(elapsed(begin) < 2s);
  CHECK(list.error().kind == ErrorKind::timeout);
  REQUIRE_FALSE(limits.empty());
  CHECK(limits.front() == 100ms);
  for (const auto limit : limits) {
    CHECK(limit >= 1ms);
    CHECK(limit <= 100ms);
  }
  CHECK(list.error().attempts == static_cast<int>(limits.size()));
  CHECK(limits.size() <= 4);
}

TEST_CASE("a timeout says when total_timeout was the limit") {
  const auto slow = [](const HttpRequest& request) {
    std::this_thread::sleep_for(request.timeout);
    Error error = make_error(ErrorKind::timeout, Delivery::unknown);
    error.message = "took longer than " + std::to_string(request.timeout.count()) + " ms";
    return error;
  };
  auto hasty = quick();
  hasty.timeout = 20ms;
  hasty.total_timeout = 30ms;
  hasty.retry.max_attempts = 100;
  const auto list = rtk::BasicClient{hasty, slow}.send(List{});
  CHECK(list.error().attempts >= 1);
  if (list.error().attempts > 1) {
    CHECK(contains(list.error().message, "ms (the rest of total_timeout, 30 ms)"));
  }
  hasty.timeout = 1h;
  const auto live = rtk::BasicClient{hasty, slow}.send(Create{});
  CHECK(contains(live.error().message, "took longer than "));
  CHECK(contains(live.error().message, " ms (the rest of total_timeout, 30 ms)"));
  rtk::CallOptions options;
  options.total_timeout = 7ms;
  const auto short_one = rtk::BasicClient{hasty, slow}.send(Create{}, options);
  CHECK(contains(short_one.error().message, "(the rest of total_timeout, 7 ms)"));

  // Not where the attempt had all of its own time, nor where the transport gave up before.
  hasty.timeout = 1ms;
  hasty.total_timeout = 1h;
  CHECK(rtk::BasicClient{hasty, slow}.send(Create{}).error().message == "took longer than 1 ms");
  hasty.timeout = 2h;
  const auto early = [](const HttpRequest&) {
    Error error = make_error(ErrorKind::timeout, Delivery::not_sent);
    error.message = "no connection in 5000 ms";
    return error;
  };
  CHECK(rtk::BasicClient{hasty, early}.send(Create{}).error().message ==
        "no connection in 5000 ms");
}

TEST_CASE("times without end and before all beginning are limits like others") {
  for (const auto time : {(milliseconds::min)(), (milliseconds::max)()}) {
    auto odd = quick();
    odd.timeout = odd.total_timeout = time;
    odd.retry.base = odd.retry.cap = odd.retry.max_retry_after = time;
    rtk::BasicClient client{odd, [&](const HttpRequest& request) {
                              CHECK(request.timeout > 0ms);
                              CHECK(steady_clock::now() + request.timeout > steady_clock::now());
                              return answer(201, fixture("create.json"));
                            }};
    CHECK(client.send(Create{}).has_value() == (time > 0ms));
    rtk::CallOptions options;
    options.total_timeout = time;
    CHECK(client.send(Create{}, options).has_value() == (time > 0ms));
  }
}

TEST_CASE("what is wrong with the config of a client is said by each call, also of its copies") {
  auto bad = quick();
  bad.base_url = "http://far.example";
  const auto transport = [](const HttpRequest&) { return created(); };
  rtk::BasicClient client{bad, transport};
  bad.base_url = "https://fine.example";  // the client has its own
  const auto copy = client;
  for (int i = 0; i < 2; ++i) {
    CHECK(contains(client.send(Create{}).error().message, "base_url must be https"));
    CHECK(contains(copy.send(List{}).error().message, "base_url must be https"));
  }
  CHECK(rtk::BasicClient{bad, transport}.send(Create{}).has_value());
}

TEST_CASE("the options of a call shorten or lengthen the whole") {
  std::vector<milliseconds> limits;
  auto all = quick();
  all.timeout = 1h;
  rtk::BasicClient client{all, [&](const HttpRequest& request) {
                            limits.push_back(request.timeout);
                            return created();
                          }};
  rtk::CallOptions options;
  options.total_timeout = 50ms;
  CHECK(client.send(Create{}, options).has_value());
  options.total_timeout = 2h;
  CHECK(client.send(Create{}, options).has_value());
  options.total_timeout = (milliseconds::max)();
  CHECK(client.send(Create{}, options).has_value());
  CHECK(client.send(Create{}).has_value());
  REQUIRE(limits.size() == 4);
  CHECK(limits[0] <= 50ms);
  CHECK(limits[1] == 1h);
  CHECK(limits[2] == 1h);
  CHECK(limits[3] <= 60s);
  CHECK(limits[3] > 50s);
}

TEST_CASE("a wait that would pass the deadline is not begun") {
  auto patient = quick();
  patient.total_timeout = 5s;
  int calls = 0;
  rtk::BasicClient client{patient, [&](const HttpRequest&) {
                            ++calls;
                            return answer(429, "", {{"Retry-After", "30"}});
                          }};
  const auto begin = steady_clock::now();
  const auto live = client.send(Create{});
  CHECK(elapsed(begin) < 1s);
  CHECK(calls == 1);
  CHECK(live.error().kind == ErrorKind::api);
  CHECK(live.error().retry_after == 30s);
}

TEST_CASE("a Retry-After above the limit ends the call at once, with the hint") {
  auto patient = quick();
  patient.total_timeout = 240h;
  int calls = 0;
  rtk::BasicClient client{patient, [&](const HttpRequest&) {
                            ++calls;
                            return answer(429, "", {{"Retry-After", "86400"}});
                          }};
  const auto begin = steady_clock::now();
  CHECK(client.send(List{}).error().retry_after == 86400s);
  CHECK(elapsed(begin) < 1s);
  CHECK(calls == 1);
}

TEST_CASE("waits as long as a policy can say end the call instead of wrapping around") {
  auto odd = quick();
  odd.retry.base = odd.retry.cap = odd.retry.max_retry_after = (milliseconds::max)();
  int calls = 0;
  rtk::BasicClient client{odd, [&](const HttpRequest&) {
                            ++calls;
                            return make_error(ErrorKind::transport, Delivery::not_sent);
                          }};
  const auto begin = steady_clock::now();
  CHECK_FALSE(client.send(List{}).has_value());
  CHECK(elapsed(begin) < 1s);
  CHECK(calls == 1);

  rtk::BasicClient later{odd, [&](const HttpRequest&) {
                           ++calls;
                           Error error = make_error(ErrorKind::transport, Delivery::not_sent);
                           error.retry_after = (std::chrono::seconds::max)();
                           return error;
                         }};
  CHECK_FALSE(later.send(List{}).has_value());
  CHECK(calls == 2);
}

TEST_CASE("a call that is canceled before it begins sends nothing") {
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) {
                            ++calls;
                            return created();
                          }};
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  options.cancel.cancel();
  const auto live = client.send(Create{}, options);
  CHECK(live.error().kind == ErrorKind::canceled);
  CHECK(live.error().delivery == Delivery::not_sent);
  CHECK(live.error().attempts == 0);
  CHECK(calls == 0);
}

TEST_CASE("a cancel from another thread ends a wait of half a minute at once") {
  auto slow = config();
  slow.retry.base = slow.retry.cap = 30s;
  std::atomic<int> calls{0};
  rtk::BasicClient client{slow, [&](const HttpRequest&) {
                            ++calls;
                            return answer(503, "{\"message\":\"busy\"}");
                          }};
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  const auto begin = steady_clock::now();
  std::thread other([&] {
    while (calls == 0) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(20ms);
    options.cancel.cancel();
  });
  const auto list = client.send(List{}, options);
  other.join();
  CHECK(elapsed(begin) < 1s);
  CHECK(calls == 1);
  CHECK(list.error().kind == ErrorKind::canceled);
  CHECK(list.error().delivery == Delivery::answered);
  CHECK(list.error().status == 503);
  CHECK(list.error().attempts == 1);
  CHECK(contains(list.error().message, "busy"));
}

TEST_CASE("not_sent is said of a call only if no attempt can have arrived") {
  int calls = 0;
  const auto delivery_after = [&](const auto& first, const auto& operation) {
    calls = 0;
    rtk::BasicClient client{quick(), [&](const HttpRequest&) -> rtk::Result<HttpResponse> {
                              if (++calls == 1) return first;
                              return make_error(ErrorKind::transport, Delivery::not_sent);
                            }};
    return client.send(operation).error().delivery;
  };
  const auto lost = make_error(ErrorKind::transport, Delivery::unknown);
  CHECK(delivery_after(lost, List{}) == Delivery::unknown);
  CHECK(calls == 3);
  CHECK(delivery_after(answer(503, ""), List{}) == Delivery::unknown);
  CHECK(delivery_after(make_error(ErrorKind::transport, Delivery::not_sent), Create{}) ==
        Delivery::not_sent);
  CHECK(delivery_after(answer(429, ""), Create{}) == Delivery::not_sent);
  CHECK(calls == 3);
}

TEST_CASE(
    "a deletion that meets its own 404 is a success, if an earlier attempt may have arrived") {
  int calls = 0;
  const auto gone = answer(404, R"({"success":false,"error":{"code":404,"message":"gone"}})");
  const auto send = [&](const rtk::Result<HttpResponse>& first, const auto& operation) {
    calls = 0;
    rtk::BasicClient client{quick(), [&](const HttpRequest&) -> rtk::Result<HttpResponse> {
                              if (++calls == 1) return first;
                              return gone;
                            }};
    return client.send(operation);
  };
  const rtk::presets::Delete deletion{"preset"};
  const rtk::Result<HttpResponse> lost[] = {make_error(ErrorKind::transport, Delivery::unknown),
                                            make_error(ErrorKind::timeout, Delivery::unknown),
                                            answer(503, ""), answer(502, "<html>")};
  for (const auto& first : lost) {
    const auto deleted = send(first, deletion);
    REQUIRE(deleted);
    CHECK(calls == 2);
    CHECK(deleted->id.empty());
    CHECK(deleted.error().attempts == 2);
    CHECK(deleted.error().message.empty());
    CHECK(deleted.response().status == 404);
    CHECK_FALSE(send(first, rtk::presets::Get{"preset"}));
  }
  CHECK(send(lost[0], rtk::webhooks::Delete{"w"}));
  CHECK(send(lost[0], rtk::participants::Delete{"m", "p"}));

  // Nothing has arrived before: there was none.
  const rtk::Result<HttpResponse> none[] = {
      gone, make_error(ErrorKind::transport, Delivery::not_sent), answer(429, "")};
  for (const auto& first : none) {
    const auto deleted = send(first, deletion);
    REQUIRE_FALSE(deleted);
    CHECK(deleted.error().message == "gone");
  }
}

TEST_CASE("a success says how many attempts it took, and nothing of those that failed") {
  int calls = 0;
  rtk::BasicClient client{
      quick(), [&](const HttpRequest&) { return ++calls < 3 ? answer(503, "busy") : listed(); }};
  const auto list = client.send(List{});
  REQUIRE(list);
  CHECK(list.error().attempts == 3);
  CHECK(list.error().message.empty());
  CHECK(list.error().status == 0);
}

TEST_CASE("the transport is given the token of the call") {
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  rtk::BasicClient client{quick(), [&](const HttpRequest& request) {
                            options.cancel.cancel();
                            CHECK(request.cancel.canceled());
                            return make_error(ErrorKind::canceled, Delivery::unknown);
                          }};
  const auto list = client.send(List{}, options);
  CHECK(list.error().kind == ErrorKind::canceled);
  CHECK(list.error().delivery == Delivery::unknown);
  CHECK(list.error().attempts == 1);
}

TEST_CASE("a failure of a call that was canceled meanwhile is not tried again") {
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  int calls = 0;
  rtk::BasicClient client{config(), [&](const HttpRequest&) {
                            ++calls;
                            options.cancel.cancel();
                            return answer(503, "");
                          }};
  CHECK(client.send(List{}, options).error().kind == ErrorKind::canceled);
  CHECK(calls == 1);
}

#ifdef __cpp_exceptions
TEST_CASE("what a transport throws becomes an error, without repeating a create") {
  int calls = 0;
  rtk::BasicClient client{quick(), [&](const HttpRequest&) -> HttpResponse {
                            ++calls;
                            throw std::runtime_error("socket on fire, " + token);
                          }};
  const auto live = client.send(Create{});
  CHECK(live.error().kind == ErrorKind::transport);
  CHECK(live.error().delivery == Delivery::unknown);
  CHECK(contains(live.error().message, "socket on fire"));
  CHECK_FALSE(contains(live.error().to_string(), token));
  CHECK(calls == 1);

  rtk::BasicClient odd{quick(), [](const HttpRequest&) -> HttpResponse { throw 5; }};
  CHECK(odd.send(Create{}).error().kind == ErrorKind::transport);
  CHECK(odd.send(List{}).error().attempts == 3);
}
#endif

TEST_CASE("an error of a transport is one line without the token") {
  rtk::BasicClient client{quick(), [](const HttpRequest& request) {
                            Error error = make_error(ErrorKind::transport, Delivery::unknown);
                            error.message =
                                "sent:\r\n" + *rtk::find_header(request.headers, "Authorization");
                            error.errors = {{1, "a " + token}};
                            error.body = "b " + token + token;
                            error.request_id = token;
                            return error;
                          }};
  const auto live = client.send(Create{});
  CHECK_FALSE(contains(live.error().to_string(), "Canary"));
  CHECK(live.error().to_string().find_first_of("\r\n") == std::string::npos);
  CHECK_FALSE(contains(live.error().errors.at(0).message, "Canary"));
  CHECK_FALSE(contains(live.error().body, "Canary"));
}

TEST_CASE("a server that echoes the token does not get it into the error") {
  rtk::BasicClient client{quick(), [](const HttpRequest&) {
                            return answer(400, "{\"message\":\"bad \\\"" + token +
                                                   "\\\" given\",\"you\":\"" + token + "\"}");
                          }};
  const auto live = client.send(Create{});
  CHECK_FALSE(contains(live.error().to_string(), "Canary"));
  CHECK_FALSE(contains(live.error().body, "Canary"));
  CHECK(contains(live.error().message, "given"));

  // At the place where the body is cut, the start of a token is a part of a secret too.
  rtk::BasicClient cut{quick(), [](const HttpRequest&) {
                         return answer(400, std::string(4096 - 20, ' ') + token + token);
                       }};
  CHECK_FALSE(contains(cut.send(Create{}).error().body, "Canary"));
  rtk::BasicClient redirected{
      quick(), [](const HttpRequest&) {
        return answer(302, "", {{"Location", "/?t=" + token}, {"cf-ray", token}});
      }};
  CHECK_FALSE(contains(redirected.send(Create{}).error().to_string(), "Canary"));
}

namespace {

rtk::Result<HttpResponse> plain_function(const HttpRequest&) { return created(); }
HttpResponse noexcept_function(const HttpRequest&) noexcept { return created(); }

struct Mock {
  int calls = 0;
  HttpResponse operator()(const HttpRequest&) {
    ++calls;
    return created();
  }
};

struct MoveOnly {
  std::unique_ptr<std::string> body = std::make_unique<std::string>(fixture("create.json"));
  HttpResponse operator()(const HttpRequest&) const { return answer(201, *body); }
};

struct Overloaded {
  HttpResponse operator()(const HttpRequest&) const { return created(); }
  int operator()(int) const { return 0; }
};

template <class Client> void creates(const Client& client) {
  const auto live = client.send(Create{"launch"});
  CHECK(live.has_value());
  CHECK(live.response().status == 201);
}

}  // namespace

TEST_CASE("anything that can be called with a request is a transport") {
  creates(rtk::BasicClient{config(), [](const HttpRequest&) { return created(); }});
  creates(rtk::BasicClient{
      config(), [](const HttpRequest&) -> rtk::Result<HttpResponse> { return created(); }});
  creates(rtk::BasicClient{config(), [](HttpRequest) { return created(); }});
  creates(rtk::BasicClient{config(), [](const auto&) { return created(); }});
  creates(rtk::BasicClient{config(), [calls = 0](const HttpRequest&) mutable {
                             return ++calls > 0 ? created() : HttpResponse{};
                           }});
  creates(rtk::BasicClient{config(), &plain_function});
  creates(rtk::BasicClient{config(), plain_function});
  creates(rtk::BasicClient{config(), noexcept_function});
  creates(rtk::BasicClient{config(), [](const HttpRequest&) noexcept { return created(); }});
  creates(rtk::BasicClient{
      config(), std::function<rtk::Result<HttpResponse>(const HttpRequest&)>(plain_function)});
  creates(rtk::BasicClient<std::function<HttpResponse(const HttpRequest&)>>{
      config(), [](const HttpRequest&) { return created(); }});
  creates(rtk::BasicClient{config(), MoveOnly{}});
  creates(rtk::BasicClient<MoveOnly>{config()});
  creates(rtk::BasicClient{config(), Overloaded{}});
  Mock mock;
  creates(rtk::BasicClient{config(), std::ref(mock)});
  CHECK(mock.calls == 1);
  const rtk::BasicClient constant{config(), Mock{}};
  creates(constant);

  const auto failed = rtk::BasicClient{
      config(), [](const HttpRequest&) {
        return make_error(ErrorKind::transport, Delivery::unknown);
      }}.send(Create{});
  CHECK(failed.error().kind == ErrorKind::transport);
}

TEST_CASE("middleware is a transport around a transport") {
  std::string log;
  const auto logged = [&log](auto next) {
    return [&log, next](const HttpRequest& request) -> rtk::Result<HttpResponse> {
      log += std::string(rtk::to_string(request.method)) + ' ';
      rtk::Result<HttpResponse> response = next(request);
      log += response ? std::to_string(response->status) : "failed";
      log += ' ';
      return response;
    };
  };
  const auto tagged = [](auto next) {
    return [next](HttpRequest request) {
      request.headers.emplace_back("X-Tag", "1");
      return next(request);
    };
  };
  int calls = 0;
  const auto innermost = [&calls](const HttpRequest& request) {
    CHECK(rtk::find_header(request.headers, "x-tag") != nullptr);
    return ++calls == 1 ? answer(503, "") : listed();
  };
  rtk::BasicClient client{quick(), logged(tagged(innermost))};
  CHECK(client.send(List{}).has_value());
  CHECK(log == "GET 503 GET 200 ");
}

TEST_CASE("a client of a transport without state serves many threads") {
  std::atomic<int> calls{0};
  const rtk::BasicClient client{quick(), [&](const HttpRequest& request) {
                                  ++calls;
                                  return request.idempotent ? listed() : created();
                                }};
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n) {
        if (client.send(Create{"x"}).has_value() && client.send(List{}).has_value()) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 100);
  CHECK(calls == 200);
}

TEST_CASE("a token at the place where a long message is cut is masked") {
  const std::string secret = config().api_token.reveal();
  for (std::size_t before = 1024 - secret.size(); before <= 1024; ++before) {
    const std::string message = std::string(before, 'x') + secret + "y";
    const rtk::BasicClient client{config(), [&](const rtk::HttpRequest&) {
                                    return answer(400, "{\"errors\":[{\"message\":\"" + message +
                                                           "\"},{\"message\":\"z\"}]}");
                                  }};
    const auto result = client.send(rtk::livestreams::Create{"launch"});
    CHECK_FALSE(contains(result.error().message, secret.substr(0, 4)));
  }
}

namespace {

// The attempts of a call, at times that the test chooses.
struct Trial {
  using Time = steady_clock::time_point;
  explicit Trial(const rtk::HttpRequest& request, const rtk::Config& settings = config())
      : attempts(settings, request, std::nullopt, Time{}) {}

  // Returns the delay after an attempt that received this.
  template <class Op>
  std::optional<milliseconds> next(rtk::Result<HttpResponse> received, milliseconds now = 0ms) {
    auto result = rtk::from_http<Op>(std::move(received), token);
    const auto delay = attempts.next(result, Time{now}, 0);
    succeeded = result.has_value();
    error = result.error();
    return delay;
  }

  rtk::Attempts attempts;
  bool succeeded = false;
  Error error;
};

rtk::HttpRequest list_request() { return rtk::to_http(config(), List{}).value(); }
rtk::HttpRequest create_request() { return rtk::to_http(config(), Create{}).value(); }

}  // namespace

TEST_CASE("Attempts counts, and ends with max_attempts or a success") {
  Trial failing(list_request());
  CHECK(failing.next<List>(answer(503, "")) == 500ms);
  CHECK(failing.error.attempts == 1);
  CHECK(failing.next<List>(make_error(ErrorKind::timeout, Delivery::unknown)) == 1000ms);
  CHECK_FALSE(failing.next<List>(answer(503, "")));
  CHECK(failing.error.attempts == 3);
  CHECK(failing.error.status == 503);

  Trial passing(list_request());
  CHECK(passing.next<List>(answer(503, "")));
  CHECK_FALSE(passing.next<List>(listed()));
  CHECK(passing.succeeded);
  CHECK(passing.error.attempts == 2);
  CHECK(passing.error.status == 0);
}

TEST_CASE("Attempts never repeats a create that may have succeeded") {
  CHECK_FALSE(Trial(create_request()).next<Create>(answer(503, "")));
  const auto lost = make_error(ErrorKind::transport, Delivery::unknown);
  CHECK_FALSE(Trial(create_request()).next<Create>(lost));
  const auto refused = make_error(ErrorKind::transport, Delivery::not_sent);
  CHECK(Trial(create_request()).next<Create>(refused) == 500ms);
  const auto throttled = answer(429, "", {{"Retry-After", "7"}});
  CHECK(Trial(create_request()).next<Create>(throttled) == 7000ms);
}

TEST_CASE("Attempts limits each attempt and all of them together") {
  auto settings = config();
  settings.timeout = 4s;
  settings.total_timeout = 10s;
  Trial trial(list_request(), settings);
  const auto at = [](milliseconds time) { return Trial::Time{time}; };
  CHECK(trial.attempts.timeout(at(0ms)) == 4s);
  CHECK(trial.attempts.timeout(at(6s)) == 4s);
  CHECK(trial.attempts.timeout(at(9s)) == 1s);
  CHECK(trial.attempts.timeout(at(20s)) == 1ms);
  CHECK(trial.next<List>(answer(503, ""), 9499ms) == 500ms);
  CHECK_FALSE(trial.next<List>(answer(503, ""), 9000ms));  // the delay would be 1 s

  rtk::Attempts shorter(settings, list_request(), 3s, at(1s));
  CHECK(shorter.timeout(at(1s)) == 3s);
  CHECK(shorter.timeout(at(2s)) == 2s);
}

TEST_CASE("Attempts reports the delivery of all attempts") {
  Trial trial(list_request());
  CHECK(trial.next<List>(make_error(ErrorKind::transport, Delivery::unknown)));
  CHECK(trial.next<List>(make_error(ErrorKind::transport, Delivery::not_sent)));
  CHECK(trial.error.delivery == Delivery::unknown);

  using rtk::participants::Delete;
  const auto deletion = rtk::to_http(config(), Delete{"1", "2"}).value();
  Trial deleting(deletion);
  CHECK(deleting.next<Delete>(answer(503, "")));
  CHECK_FALSE(deleting.next<Delete>(answer(404, "")));
  CHECK(deleting.succeeded);
  Trial absent(deletion);
  CHECK_FALSE(absent.next<Delete>(answer(404, "")));
  CHECK_FALSE(absent.succeeded);
}

TEST_CASE("from_http() takes the error of a transport, and masks it") {
  Error error = make_error(ErrorKind::timeout, Delivery::not_sent);
  error.message = "no route for " + token;
  const auto live = rtk::from_http<Create>(error, token);
  CHECK(live.error().kind == ErrorKind::timeout);
  CHECK(live.error().delivery == Delivery::not_sent);
  CHECK(live.error().message == "no route for ***");
  CHECK(live.response().status == 0);
  CHECK(rtk::from_http<Create>(rtk::Result<HttpResponse>(created()), token));
}
