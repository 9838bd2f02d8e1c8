// The values: what they hold, how they print, and that they hide what is secret.
#include "support.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <type_traits>

using namespace support;
using namespace std::chrono_literals;
using rtk::Delivery;
using rtk::Error;
using rtk::ErrorKind;
using rtk::Secret;
using rtk::Timestamp;

namespace {

const std::string key = "CanaryKey_sk-0123456789abcdefghijklmnopqrstuvwxyz";  // not a short string

Error sample_error() {
  Error error;
  error.kind = ErrorKind::api;
  error.delivery = Delivery::answered;
  error.status = 403;
  error.code = 10000;
  error.message = "Authentication error";
  error.errors = {{10000, "Authentication error"}, {9109, "more"}};
  error.request_id = "8f1e2d3c4b5a6978-FRA";
  error.retry_after = 30s;
  error.attempts = 2;
  error.body = "{}";
  return error;
}

// Seconds since 1970 and the rest in microseconds.
std::optional<std::pair<long long, long long>> parsed(const char* text) {
  const auto time = Timestamp(text).time();
  if (!time) return {};
  const auto since = time->time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return std::pair<long long, long long>(
      seconds.count(),
      std::chrono::duration_cast<std::chrono::microseconds>(since - seconds).count());
}

std::string body_of(std::string body, int status = 500) {
  return rtk::from_http<rtk::livestreams::Create>(answer(status, std::move(body))).error().body;
}

std::string message_of(std::string message) {
  std::string json;
  for (const char c : message)
    json += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
  const auto error = rtk::from_http<rtk::livestreams::Create>(
                         answer(500, "{\"errors\":[{\"code\":1,\"message\":\"" + json + "\"}]}"))
                         .error();
  CHECK_FALSE(contains(error.errors.at(0).message, "Canary"));
  CHECK_FALSE(contains(error.to_string(), "Canary"));
  return error.message;
}

struct WithSecrets {
  Secret one{};
  std::optional<Secret> two{};
  std::vector<Secret> three{};
  std::string text{};
  template <class Fields> static void fields(Fields& field) {
    field("one", &WithSecrets::one);
    field("two", &WithSecrets::two);
    field("three", &WithSecrets::three);
    field("text", &WithSecrets::text);
  }
};

}  // namespace

TEST_CASE("a secret prints as three stars and shows itself only when asked") {
  const Secret secret(key);
  CHECK(streamed(secret) == "***");
  CHECK(streamed(Secret{}) == "***");
  CHECK(secret.reveal() == key);
  CHECK_FALSE(secret.empty());
  CHECK(Secret{}.empty());
  CHECK(secret == Secret(key));
  CHECK(secret != Secret("other"));
}

TEST_CASE("a secret is copied, moved and assigned like a text") {
  Secret a(key);
  Secret b(a);
  CHECK(a == b);
  Secret c(std::move(a));
  CHECK(c == b);
  CHECK(a.empty());
  a = c;
  CHECK(a == c);
  a = std::move(c);
  CHECK(a == b);
  a = "short";
  CHECK(a.reveal() == "short");
  a = std::string("text");
  CHECK(a.reveal() == "text");
  Secret& self = a;
  a = self;
  CHECK(a.reveal() == "text");
  static_assert(std::is_nothrow_move_constructible_v<Secret>);
  static_assert(std::is_nothrow_move_assignable_v<Secret>);
}

TEST_CASE("the memory of a short secret is overwritten when it goes") {
  // A short text lies within its object, so what is left of it can be looked at.
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  const auto holds = [&](const char* text) {
    const std::string_view bytes(reinterpret_cast<const char*>(memory), sizeof memory);
    return contains(bytes, text);
  };
  auto* secret = new (memory) Secret("Canary1");
  const bool is_within = holds("anary1");
  secret->~Secret();
  CHECK_FALSE(holds("anary1"));

  secret = new (memory) Secret("Canary2");
  Secret moved(std::move(*secret));
  CHECK_FALSE(holds("anary2"));
  *secret = "Canary3";
  *secret = "x";
  CHECK_FALSE(holds("anary3"));
  secret->~Secret();
  CHECK(moved.reveal() == "Canary2");
  CHECK((is_within || sizeof(std::string) < 16));
}

#ifdef __linux__
TEST_CASE("the freed memory of a long secret does not hold it") {
  std::ifstream memory("/proc/self/mem", std::ios::binary);  // may read what is freed
  REQUIRE(memory.good());
  const std::string text = "Canary" + std::string(200, 'x') + "CanaryEnd";
  const auto holds = [&](std::uintptr_t place) {
    std::string bytes(text.size(), '\0');
    memory.seekg(static_cast<std::streamoff>(place));
    memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    memory.clear();  // the page may be gone
    return contains(bytes, "xxxxxxxx") || contains(bytes, "CanaryEnd");
  };
  const auto place_of = [](const Secret& secret) {
    return reinterpret_cast<std::uintptr_t>(secret.reveal().data());
  };
  std::uintptr_t destroyed, assigned, moved;
  {
    Secret one(text), two(text), three(text);
    destroyed = place_of(one);
    CHECK(holds(destroyed));
    assigned = place_of(two);
    two = "short";
    CHECK_FALSE(holds(assigned));
    moved = place_of(three);
    const Secret four(std::move(three));
    CHECK(holds(moved));
  }
  CHECK_FALSE(holds(destroyed));
  CHECK_FALSE(holds(moved));
}

TEST_CASE("a call leaves no copy of the token or of a secret in the heap") {
  // The texts that are looked for stand here with their bits turned, or they would be found.
  std::string turned[] = {"Canary-token-0123456789-0123456789", "Canary-secret-0123456789-0123456"};
  const auto turn = [](std::string text) {
    for (char& c : text) c = static_cast<char>(~c);
    return text;
  };
  for (std::string& text : turned) text = turn(text);
  const auto count = [&] {
    // None of what is read may stay in the heap, where a large buffer may be, too: it would be found.
    static char bytes[1 << 16];
    std::ifstream maps("/proc/self/maps"), memory;
    memory.rdbuf()->pubsetbuf(nullptr, 0);
    memory.open("/proc/self/mem", std::ios::binary);
    std::size_t found = 0;
    for (std::string line; std::getline(maps, line);) {
      if (!contains(line, "[heap]")) continue;
      const std::size_t begin = std::stoul(line, nullptr, 16);
      const std::size_t end = std::stoul(line.substr(line.find('-') + 1), nullptr, 16);
      for (const std::string& text : turned) {
        const auto is_turned = [](char a, char b) { return a == static_cast<char>(~b); };
        bool is_found = false;
        for (auto at = begin; at < end && !is_found; at += sizeof bytes - text.size()) {
          memory.seekg(static_cast<std::streamoff>(at));
          memory.read(bytes, static_cast<std::streamsize>((std::min)(sizeof bytes, end - at)));
          char* const last = bytes + memory.gcount();
          is_found = std::search(bytes, last, text.begin(), text.end(), is_turned) != last;
        }
        found += is_found ? 1u : 0u;
      }
    }
    return found;
  };
  rtk::Config secretive = config();
  secretive.api_token = turn(turned[0]);
  rtk::recordings::Start start{"meeting"};
  start.storage_config.secret = turn(turned[1]);
  start.url = std::string(3000, 'x');  // the body grows after the secret, too
  const std::size_t before = count();
  {
    const rtk::BasicClient client{secretive, [](const rtk::HttpRequest& request) {
                                    CHECK(contains(request.body, "storage_config"));
                                    return answer(200, R"({"data":{"id":"1"}})");
                                  }};
    CHECK(client.send(start));
  }
  secretive.api_token = "";
  start.storage_config.secret = "";
  CHECK((before == 2 || before == 0));  // 0: with a heap of another kind
  CHECK(count() == 0);
}
#endif

TEST_CASE("an open enum compares with its constants and keeps what it does not know") {
  rtk::LivestreamStatus status;
  CHECK(status.text().empty());
  CHECK(status != rtk::LivestreamStatus::live);
  status = rtk::LivestreamStatus::live;
  CHECK(status == rtk::LivestreamStatus::live);
  CHECK(rtk::LivestreamStatus::live == status);
  CHECK(status != rtk::LivestreamStatus::idle);
  CHECK(status.text() == "LIVE");
  CHECK(streamed(status) == "LIVE");
  const rtk::LivestreamStatus unknown(std::string("DREAMING"));
  CHECK(unknown.text() == "DREAMING");
  CHECK(unknown != status);
  CHECK(rtk::LivestreamStatus(rtk::LivestreamStatus::errored).text() == "ERRORED");
  CHECK(rtk::LivestreamStatus(rtk::LivestreamStatus::invoked).text() == "INVOKED");
  CHECK(rtk::LivestreamStatus(rtk::LivestreamStatus::offline).text() == "OFFLINE");
}

TEST_CASE("a time is read in every form of ISO 8601 that the API uses") {
  using Parts = std::pair<long long, long long>;
  const std::pair<const char*, Parts> times[] = {
      {"1970-01-01T00:00:00Z", {0, 0}},
      {"1970-01-01", {0, 0}},
      {"2024-03-09T07:08:26.634Z", {1709968106, 634000}},
      {"2024-03-09t07:08:26.634z", {1709968106, 634000}},
      {"2024-03-09 07:08:26", {1709968106, 0}},
      {"2024-03-09T07:08:26", {1709968106, 0}},
      {"2024-03-09", {1709942400, 0}},
      {"2024-03-09T07:08:26.1Z", {1709968106, 100000}},
      {"2024-03-09T07:08:26.123456Z", {1709968106, 123456}},
      {"2024-03-09T07:08:26.123456789Z", {1709968106, 123456}},
      {"2024-03-09T09:08:26+02:00", {1709968106, 0}},
      {"2024-03-09T09:08:26+0200", {1709968106, 0}},
      {"2024-03-09T01:38:26.5-05:30", {1709968106, 500000}},
      {"2024-02-29T00:00:00Z", {1709164800, 0}},
      {"2000-02-29T23:59:59Z", {951868799, 0}},
      {"1969-12-31T23:59:59.250Z", {-1, 250000}},
      {"1900-03-01T00:00:00Z", {-2203891200, 0}},
      {"2038-01-19T03:14:08Z", {2147483648, 0}},
      {"2106-02-07T06:28:16Z", {4294967296, 0}},
      {"2016-12-31T23:59:60Z", {1483228800, 0}},
      // As SQL, Go, Ruby, Python and others write it.
      {"2023-07-15 07:08:26.634+00", {1689404906, 634000}},
      {"2023-07-15 12:08:26.634+05", {1689404906, 634000}},
      {"2023-07-15 12:38:26.634+0530", {1689404906, 634000}},
      {"2023-07-15T03:08:26.634-04", {1689404906, 634000}},
      {"2023-07-15T07:08Z", {1689404880, 0}},
      {"2023-07-15 07:08", {1689404880, 0}},
      {"2023-07-15T09:08+02:00", {1689404880, 0}},
      {"2023-07-15 07:08:26.634 +0000 UTC", {1689404906, 634000}},
      {"2023-07-15 07:08:26.634 +0000 UTC m=+12.345", {1689404906, 634000}},
      {"2023-07-15 09:08:26.634987654 +0200 CEST", {1689404906, 634987}},
      {"2023-07-15 04:08:26.634 -0300 -03", {1689404906, 634000}},
      {"2023-07-15 07:08:26 UTC", {1689404906, 0}},
      {"2023-07-15 07:08:26 +0000", {1689404906, 0}},
      {"2023-07-15T07:08:26UTC", {1689404906, 0}},
      {"2023-07-15 07:08:26 GMT", {1689404906, 0}},
      {"2023-07-15T07:08:26,634Z", {1689404906, 634000}},
      {"2023-07-15T07:08:26.6340000000000000000000000001Z", {1689404906, 634000}},
      {"2023-07-15T07:08:26.634Z\"", {1689404906, 634000}},
      // Seconds and milliseconds since 1970.
      {"1689404906", {1689404906, 0}},
      {"1689404906634", {1689404906, 634000}},
      {"1689404906.634", {1689404906, 634000}},
      {"1689404906.6349876543", {1689404906, 634987}},
      {"1689404906634.5", {1689404906, 634500}},
      {"999999999", {999999999, 0}},
      {"4294967296", {4294967296, 0}},
      // The forms of HTTP.
      {"Sat, 15 Jul 2023 07:08:26 GMT", {1689404906, 0}},
      {"Saturday, 15-Jul-23 07:08:26 GMT", {1689404906, 0}},
      {"Sat Jul 15 07:08:26 2023", {1689404906, 0}}};
  for (const auto& entry : times) {
    const char* const text = entry.first;
    const Parts& parts = entry.second;
    CAPTURE_TEXT(text);
    const auto found = parsed(text);
    CHECK(found.has_value());
    if (!found) continue;
    CHECK(found->first == parts.first);
    CHECK(found->second == parts.second);
    CHECK(Timestamp(text).text() == text);
  }
}

TEST_CASE("what is no time has none, and keeps its text") {
  for (const char* text : {"",
                           "null",
                           "soon",
                           "2024",
                           "2024-03",
                           "2024-3-9",
                           "09.03.2024",
                           "2024-13-01",
                           "2024-00-01",
                           "2024-01-00",
                           "2024-01-32",
                           "2024-02-30",
                           "2023-02-29",
                           "1900-02-29",
                           "2024-04-31",
                           "2024-03-09T",
                           "2024-03-09T24:00:01Z",
                           "2024-03-09T07:60:00Z",
                           "2024-03-09T07:08:61Z",
                           "2024-03-09T07:08:26X",
                           "2024-03-09T07:08:26+",
                           "2024-03-09T07:08:26+2",
                           "2024-03-09T07:08:26Z and more",
                           "2024-03-09X07:08:26Z",
                           " 2024-03-09",
                           "+202-03-09",
                           " 202-03-09",
                           "2024- 3- 9",
                           "2024--3-09",
                           "2024-03-09T 7: 8: 9Z",
                           "-024-03-09",
                           "2024-03-09T07:08:26+99:99",
                           "2024-03-09T07:08:26+-1:00",
                           "2024-03-09T25:08:26Z",
                           "2024-03-09T07:08:26.Z",
                           "2024-03-09T07:08:26 ",
                           "2024-03-09T07:08:26+02:",
                           "2024-03-09T07:08:26+02:0",
                           "2024-03-09T07:08:26+24",
                           "2024-03-09T07:08:26 +0000 UTC and more",
                           "2024-03-09T07:08:26 +0000 ",
                           "2024-03-09T07:08:26 CEST",
                           "2024-03-09T07",
                           "2024-03-09T07:",
                           "2024-03-09T07:08:",
                           "0",
                           "20240309",
                           "-1710000000",
                           "1710000000.",
                           "1710000000Z",
                           "1710000000 ",
                           "1.71e9",
                           "171000000012345",
                           "171000000012345678901234567890",
                           "Sat, 32 Jul 2023 07:08:26 GMT",
                           "Sat, 15 Jul 2023 25:08:26 GMT",
                           "Sat, 15 Jul 2023 07:08:26 GMT and more",
                           "\"",
                           "true"}) {
    CAPTURE_TEXT(text);
    CHECK_FALSE(Timestamp(text).time().has_value());
    CHECK(Timestamp(text).text() == text);
  }
  CHECK_FALSE(Timestamp(std::string("2024-03-09\0x", 12)).time().has_value());
}

TEST_CASE("a time that the clock of this system cannot hold has none") {
  using Clock = std::chrono::system_clock;
  const bool has_all_years =
      std::chrono::duration_cast<std::chrono::hours>(Clock::duration::max()).count() / 8766 > 10000;
  for (const char* text : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0000-01-01"}) {
    CAPTURE_TEXT(text);
    CHECK(Timestamp(text).time().has_value() == has_all_years);
  }
  const Timestamp last{Clock::time_point::max()};
  const Timestamp first{Clock::time_point::min()};
  CHECK_FALSE(last.text().empty());
  CHECK_FALSE(first.text().empty());
}

TEST_CASE("a time is written in UTC with milliseconds, and read back") {
  const std::pair<long long, const char*> times[] = {{0, "1970-01-01T00:00:00.000Z"},
                                                     {1709968106634, "2024-03-09T07:08:26.634Z"},
                                                     {951868799001, "2000-02-29T23:59:59.001Z"},
                                                     {951868800000, "2000-03-01T00:00:00.000Z"},
                                                     {-1, "1969-12-31T23:59:59.999Z"},
                                                     {-86400000, "1969-12-31T00:00:00.000Z"},
                                                     {-2203891200000, "1900-03-01T00:00:00.000Z"},
                                                     {4107542400000, "2100-03-01T00:00:00.000Z"}};
  for (const auto& [ms, text] : times) {
    const Timestamp::time_point point{
        std::chrono::duration_cast<Timestamp::time_point::duration>(std::chrono::milliseconds(ms))};
    CHECK(Timestamp(point).text() == text);
    CHECK(Timestamp(point).time() == point);
    CHECK(streamed(Timestamp(point)) == text);
  }
  for (long long day = -40000; day < 80000; day += 13) {
    const Timestamp::time_point point{std::chrono::hours(24) * day + 12h + 34min + 56s};
    const bool same = Timestamp(point).time() == point;
    if (!same) CHECK_MESSAGE(same, "day " << day << ": " << Timestamp(point).text());
  }
  CHECK(Timestamp("a") == Timestamp("a"));
  CHECK(Timestamp("a") != Timestamp("b"));
}

TEST_CASE("a result is a value or an error") {
  rtk::Result<std::string> good = std::string("value");
  CHECK(good.has_value());
  CHECK(static_cast<bool>(good));
  CHECK(*good == "value");
  CHECK(good->size() == 5);
  CHECK(good.value() == "value");
  CHECK(good.error().message.empty());
  CHECK(good.response().status == 0);
  *good += "!";
  CHECK(*std::move(good) == "value!");

  const rtk::Result<std::string> bad = sample_error();
  CHECK_FALSE(bad.has_value());
  CHECK_FALSE(static_cast<bool>(bad));
  CHECK(bad.error().code == 10000);
  CHECK(rtk::Result<int>(sample_error()).error().status == 403);
  static_assert(!std::is_convertible_v<rtk::Result<int>, bool>);
  static_assert(!std::is_convertible_v<rtk::Result<int>, int>);

  rtk::Result<std::unique_ptr<int>> only_moved = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = *std::move(only_moved);
  CHECK(*taken == 5);
}

TEST_CASE("a copy of a result keeps all of it") {
  using rtk::livestreams::Create;
  const auto good = rtk::from_http<Create>(answer(201, fixture("create.json"), {{"A", "b"}}));
  auto copy = good;
  CHECK(copy->stream_key == good->stream_key);
  CHECK(copy.response().body == good.response().body);
  CHECK(copy.response().headers == good.response().headers);
  const auto bad = rtk::from_http<Create>(
      answer(403, fixture("error_gateway_chain.json"), {{"cf-ray", "r"}, {"Retry-After", "7"}}));
  copy = bad;
  CHECK_FALSE(copy.has_value());
  CHECK(copy.error().to_string() == bad.error().to_string());
  CHECK(copy.error().errors.size() == 4);
  CHECK(copy.error().body == bad.error().body);
  CHECK(copy.error().retry_after == 7s);
  CHECK(copy.response().status == 403);
  const auto moved = std::move(copy);
  CHECK(moved.error().request_id == "r");
  CHECK(moved.response().status == 403);
}

#ifdef __cpp_exceptions
TEST_CASE("asking an error for its value throws what the error says") {
  rtk::Result<std::string> bad = sample_error();
  const auto& constant = bad;
  int caught = 0;
  const auto expect = [&](auto ask) {
    try {
      ask();
    } catch (const rtk::Exception& exception) {
      ++caught;
      CHECK(exception.what() == sample_error().to_string());
      CHECK(exception.error().errors.size() == 2);
      CHECK(exception.error().retry_after == 30s);
      const rtk::Exception copy = exception;
      CHECK(copy.error().request_id == exception.error().request_id);
      CHECK(std::strcmp(copy.what(), exception.what()) == 0);
    }
  };
  expect([&] { bad.value(); });
  expect([&] { constant.value(); });
  expect([&] { std::move(bad).value(); });
  expect([&] { *bad; });
  expect([&] { *constant; });
  expect([&] { static_cast<void>(bad->size()); });
  expect([&] { static_cast<void>(constant->size()); });
  CHECK(caught == 7);
  static_assert(std::is_base_of_v<std::runtime_error, rtk::Exception>);
}
#endif

TEST_CASE("an error is one line with all that a log needs") {
  const std::string line = sample_error().to_string();
  for (const char* part :
       {"API error", "HTTP 403", "Authentication error", "code 10000", "answered", "2 attempts",
        "retry after 30 s", "cf-ray 8f1e2d3c4b5a6978-FRA"}) {
    CAPTURE_TEXT(part);
    CHECK(contains(line, part));
  }
  CHECK(line.find('\n') == line.npos);
  CHECK(streamed(sample_error()) == line);
  CHECK_FALSE(Error{}.to_string().empty());
}

TEST_CASE("what the server says with line breaks and escapes stays on one line") {
  const auto error =
      rtk::from_http<rtk::livestreams::Create>(
          answer(400, R"({"error":{"code":1,"message":"a\r\nb\u0000c\u001b[31md\u007fe"}})",
                 {{"cf-ray", "x\ny"}}))
          .error();
  const std::string line = error.to_string();
  for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK(contains(line, "a b"));
}

TEST_CASE("names of kinds, deliveries and methods are words") {
  CHECK(rtk::to_string(ErrorKind::invalid_request) == "invalid request");
  CHECK(rtk::to_string(ErrorKind::decode) == "unusable response");
  CHECK(rtk::to_string(Delivery::unknown) == "delivery unknown");
  CHECK(rtk::to_string(rtk::Method::del) == "DELETE");
  CHECK(rtk::to_string(rtk::Method::patch) == "PATCH");
}

TEST_CASE("secrets are masked in the body of an error, whatever form it has") {
  const std::string bodies[] = {
      R"({"stream_key":")" + key + R"(","rest":1})",
      R"({"stream_key" : ")" + key + R"(","rest":1})",
      R"({"data":{"streamKey":")" + key + R"("}} rest)",
      R"({"token":")" + key + R"(","rest":1})",
      R"({"api_token":")" + key + R"(","rest":1})",
      R"({"apiToken":")" + key + R"(","rest":1})",
      R"({"Authorization":"Bearer )" + key + R"(","rest":1})",
      R"({"text":"{\"stream_key\":\")" + key + R"(\",\"rest\":1}"})",
      R"({"text":"{\\\"stream_key\\\":\\\")" + key + R"(\\\",\\\"rest\\\":1}"})",
      R"(rest {"stream_key":")" + key,
      R"(rest {"stream_key":")" + key.substr(0, 12),
      "<p>stream_key=" + key + "</p><p>rest</p>",
      "<p>token: " + key + "</p>rest",
      "<i>stream_key</i>: <b class=\"k\">" + key + "</b> rest",
      "<td>stream_key</td><td>rest</td> stream_key='" + key + "'",
      "https://x.example/?token=" + key + "&rest=1",
      "{\"stream_key\":\n\t\"" + key + "\"} rest",
      R"({"stream_key":"Some\/)" + key + R"(","rest":1})",
      R"({"stream_key":"Some\")" + key + R"(","rest":1})",
      R"({"stream_key":"Some, )" + key + R"(","rest":1})",
      R"({"stream_key":[")" + key + R"("],"rest":1})",
      R"({"stream_key":{"value":")" + key + R"("},"rest":1})",
      "<pre>{&quot;stream_key&quot;: &quot;" + key + "&quot;,&quot;rest&quot;:1}</pre>",
      "<pre>{&#34;stream_key&#34;:&#34;Some, " + key + "&#34;,&#34;rest&#34;:1}</pre>",
      "<pre>{&#39;stream_key&#39;:&#39;" + key + "&#39;,&#39;rest&#39;:1}</pre>",
      "<pre>{\\&quot;stream_key\\&quot;:\\&quot;" + key + "\\&quot;,rest}</pre>",
      "stream_key: &quot;" + key + "&quot; rest",
      R"({"text":"{\u0022stream_key\u0022:\u0022Some, )" + key + R"(\u0022,\u0022rest\u0022:1}"})"};
  for (const std::string& body : bodies) {
    CAPTURE_TEXT(body);
    const std::string shown = body_of(body, 400);
    CAPTURE_TEXT(shown);
    CHECK_FALSE(contains(shown, "Canary"));
    CHECK(contains(shown, "rest"));
    CHECK(contains(shown, "***"));
    CHECK_FALSE(contains(body_of(body, 201), "Canary"));
  }
}

TEST_CASE("a body without secrets is shown as it is") {
  for (const char* body : {R"({"success":false,"error":{"code":404,"message":"no such stream"}})",
                           "error code: 502", R"({"stream_key":null,"rest":1})",
                           R"({"a":"token","b":"secret"})", "the token is wrong", ""}) {
    CHECK(body_of(body) == body);
  }
}

TEST_CASE("secrets are masked in messages of the server too") {
  CHECK(contains(message_of("invalid stream_key=" + key), "invalid"));
  CHECK(contains(message_of(R"(cannot use {"stream_key":")" + key + R"("} now)"), "cannot use"));
  CHECK(contains(message_of("header was Authorization: Bearer " + key), "header was"));
  CHECK(message_of("no such livestream") == "no such livestream");
}

TEST_CASE("masking takes no longer than the text is long") {
  const auto time = [](std::string_view piece, std::size_t size) {  // of the processor, the best
    std::string text = "x";
    while (text.size() < size) text += piece;
    auto best = (std::numeric_limits<std::clock_t>::max)();
    for (int i = 0; i < 3; ++i) {
      const auto begin = std::clock();
      CHECK(message_of(text).substr(0, 1) == "x");
      best = (std::min)(best, std::clock() - begin);
    }
    return static_cast<double>(best) / CLOCKS_PER_SEC;
  };
  for (const char* piece : {"x ", "<token <b>", "token", "token: ", "token\\\\", "token='",
                            "token=&quot;", "\"token\":{", "token <i> <b>", "<a>", "\"", "&#39;"}) {
    CAPTURE_TEXT(piece);
    CHECK(time(piece, 160000) < 30 * time(piece, 20000) + 0.01);  // if squared: 64 times as long
  }
}

TEST_CASE("printed models are one line of JSON with the key masked") {
  rtk::Livestream live;
  live.id = "1";
  live.name = "a\"b\n";
  live.status = rtk::LivestreamStatus::live;
  live.stream_key = key;
  live.created_at = "2024-03-09";
  live.ingest_seconds = 0.5;
  const std::string text = rtk::to_string(live);
  CHECK(text ==
        R"({"id":"1","name":"a\"b\u000a","status":"LIVE","ingest_server":"","stream_key":"***",)"
        R"("playback_url":"","disabled":false,"created_at":"2024-03-09","ingest_seconds":0.5})");
  CHECK(streamed(live) == text);

  rtk::Page<rtk::Livestream> page;
  page.items = {live, live};
  page.paging = rtk::Paging{2, 1, 2};
  CHECK_FALSE(contains(streamed(page), "Canary"));
  CHECK(contains(streamed(page), R"("paging":{"total_count":2,"start_offset":1,"end_offset":2})"));

  rtk::LivestreamDetails details;
  details.livestream = live;
  details.sessions.emplace_back();
  CHECK_FALSE(contains(streamed(details), "Canary"));
  CHECK(contains(streamed(details), "\"sessions\":[{"));
}

TEST_CASE("printed structs of one's own and operations mask their secrets as well") {
  WithSecrets mine;
  mine.one = key;
  mine.two = Secret(key);
  mine.three = {Secret(key), Secret()};
  mine.text = "t";
  CHECK(rtk::to_string(mine) == R"({"one":"***","two":"***","three":["***",null],"text":"t"})");
  CHECK(rtk::to_string(rtk::livestreams::Create{"launch"}) == R"({"name":"launch"})");
  CHECK(streamed(rtk::livestreams::Create{}) == "{}");
  rtk::livestreams::List list;
  list.page_no = 2;
  list.sort_order = rtk::livestreams::SortOrder::descending;
  CHECK(streamed(list) == R"({"page_no":2,"sort_order":"DSC"})");
}

TEST_CASE("a default token is never canceled") {
  const rtk::CancelToken never;
  never.cancel();
  CHECK_FALSE(never.canceled());
  CHECK_FALSE(never.wait_for(1ms));
  bool called = false;
  {
    rtk::CancelCallback callback(never, [&] { called = true; });
  }
  CHECK_FALSE(called);
}

TEST_CASE("a wait of any length ends when its token is canceled") {
  const auto token_1 = rtk::CancelToken::create();
  std::thread other([&] { token_1.cancel(); });
  CHECK(token_1.wait_for((std::chrono::milliseconds::max)()));
  other.join();
}

TEST_CASE("a wait for no time, or less, ends at once") {
  const auto token_1 = rtk::CancelToken::create();
  for (const auto none : {(std::chrono::milliseconds::min)(), -1ms, 0ms}) {
    CHECK_FALSE(token_1.wait_for(none));
    CHECK_FALSE(rtk::CancelToken().wait_for(none));
  }
  token_1.cancel();
  CHECK(token_1.wait_for((std::chrono::milliseconds::min)()));
}

TEST_CASE("every copy of a token is the same token") {
  const auto token_1 = rtk::CancelToken::create();
  rtk::CancelToken token_2;
  token_2 = token_1;
  const rtk::CancelToken other = rtk::CancelToken::create();
  CHECK_FALSE(token_2.canceled());
  token_1.cancel();
  CHECK(token_2.canceled());
  CHECK_FALSE(other.canceled());
  CHECK(token_2.wait_for(1h));
  CHECK_FALSE(other.wait_for(1ms));
  CHECK_FALSE(other.wait_for(-1ms));
  token_2.cancel();
}

TEST_CASE("a callback runs once when its token is canceled, and at once if it is already") {
  const auto cancel = rtk::CancelToken::create();
  int calls = 0;
  rtk::CancelCallback first(cancel, [&] { ++calls; });
  {
    rtk::CancelCallback gone(cancel, [&] { calls += 100; });
  }
  rtk::CancelCallback second(cancel, [&] { ++calls; });
  CHECK(calls == 0);
  cancel.cancel();
  CHECK(calls == 2);
  cancel.cancel();
  CHECK(calls == 2);
  rtk::CancelCallback late(cancel, [&] { calls += 10; });
  CHECK(calls == 12);
}

TEST_CASE("a callback may destroy itself and others, and may cancel again") {
  const auto cancel = rtk::CancelToken::create();
  int calls = 0;
  struct Holder {
    std::function<void()> function;
    void operator()() { function(); }
  };
  std::unique_ptr<rtk::CancelCallback<Holder>> self, other;
  other = std::make_unique<rtk::CancelCallback<Holder>>(cancel, Holder{[&] { ++calls; }});
  self = std::make_unique<rtk::CancelCallback<Holder>>(cancel, Holder{[&] {
                                                         ++calls;
                                                         cancel.cancel();
                                                         auto* mine = self.release();
                                                         other.reset();
                                                         self.reset(mine);
                                                       }});
  cancel.cancel();
  CHECK(calls >= 1);
  CHECK(calls <= 2);
  self.reset();

  const auto again = rtk::CancelToken::create();
  std::optional<rtk::CancelCallback<Holder>> itself;
  itself.emplace(again, Holder{[&] {
                   ++calls;
                   const auto keep = &itself;  // what was captured is gone after the next line
                   keep->reset();
                 }});
  calls = 0;
  again.cancel();
  CHECK(calls == 1);
  CHECK_FALSE(itself.has_value());
}

TEST_CASE("the destructor of a callback waits for it to end on another thread") {
  const auto cancel = rtk::CancelToken::create();
  std::atomic<bool> begun{false}, ended{false};
  std::thread other;
  {
    rtk::CancelCallback callback(cancel, [&] {
      begun = true;
      std::this_thread::sleep_for(50ms);
      ended = true;
    });
    other = std::thread([&] { cancel.cancel(); });
    while (!begun) std::this_thread::yield();
  }
  CHECK(ended);
  other.join();
}

TEST_CASE("the destructor of a callback does not wait for the others") {
  const auto cancel = rtk::CancelToken::create();
  std::atomic<bool> begun{false}, released{false}, ended{false};
  std::atomic<int> calls{0};
  std::thread other;
  {
    const auto count = [&] { ++calls; };
    std::optional<rtk::CancelCallback<decltype(count)>> waiting(std::in_place, cancel, count);
    rtk::CancelCallback slow(cancel, [&] {  // runs before it
      begun = true;
      const auto limit = std::chrono::steady_clock::now() + 5s;
      while (!released && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
      ended = true;
    });
    other = std::thread([&] { cancel.cancel(); });
    while (!begun) std::this_thread::yield();
    waiting.reset();
    CHECK_FALSE(ended);
    rtk::CancelCallback late(cancel, [&] { calls += 10; });  // runs at once
    CHECK_FALSE(ended);
    CHECK(calls == 10);
    cancel.cancel();
    CHECK(cancel.canceled());
    CHECK_FALSE(ended);
    released = true;
  }
  other.join();
  CHECK(ended);
  CHECK(calls == 10);
}

TEST_CASE("a callback runs once, however many threads cancel") {
  for (int i = 0; i < 50; ++i) {
    const auto cancel = rtk::CancelToken::create();
    std::atomic<int> calls{0};
    rtk::CancelCallback callback(cancel, [&] { ++calls; });
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) threads.emplace_back([&] { cancel.cancel(); });
    for (std::thread& thread : threads) thread.join();
    CHECK(calls == 1);
  }
}

TEST_CASE("a callback may destroy itself and the last of its tokens") {
  auto cancel = std::make_unique<rtk::CancelToken>(rtk::CancelToken::create());
  int calls = 0;
  std::function<void()> end;
  struct Call {
    std::function<void()>* function;
    void operator()() const { (*function)(); }
  };
  auto callback = std::make_unique<rtk::CancelCallback<Call>>(*cancel, Call{&end});
  end = [&] {
    ++calls;
    callback.reset();
    cancel.reset();
  };
  cancel->cancel();
  CHECK(calls == 1);
}

TEST_CASE("callbacks may come and go while other threads cancel") {
  for (int i = 0; i < 200; ++i) {
    const auto cancel = rtk::CancelToken::create();
    std::atomic<int> calls{0};
    std::thread other([&] { cancel.cancel(); });
    {
      rtk::CancelCallback a(cancel, [&] { ++calls; });
      rtk::CancelCallback b(cancel, [&] { ++calls; });
    }
    other.join();
    CHECK(calls <= 2);
  }
}

TEST_CASE("a header is found by its name in any case, the first of several") {
  const rtk::Headers headers = {{"Content-Type", "a"}, {"X-Y", "1"}, {"x-y", "2"}, {"", "3"}};
  REQUIRE(rtk::find_header(headers, "content-TYPE") != nullptr);
  CHECK(*rtk::find_header(headers, "content-TYPE") == "a");
  CHECK(*rtk::find_header(headers, "X-Y") == "1");
  CHECK(*rtk::find_header(headers, "") == "3");
  CHECK(rtk::find_header(headers, "Content-Typ") == nullptr);
  CHECK(rtk::find_header(headers, "Content_Type") == nullptr);
  CHECK(rtk::find_header({}, "a") == nullptr);
}

TEST_CASE("version macros are numbers") {
#if REALTIMEKIT_VERSION < 0 || REALTIMEKIT_VERSION_MAJOR < 0
  CHECK(false);
#endif
  CHECK(REALTIMEKIT_VERSION == REALTIMEKIT_VERSION_MAJOR * 10000 + REALTIMEKIT_VERSION_MINOR * 100 +
                                   REALTIMEKIT_VERSION_PATCH);
}
