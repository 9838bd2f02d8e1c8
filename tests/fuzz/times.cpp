// Retry-After, HTTP dates and timestamps.
// Input: 'r', Retry-After, newline, Date; or 'b' and the bytes of a number, as a time; or else,
// behind any character, the text of a timestamp.
#define REALTIMEKIT_NO_HTTPLIB
#undef REALTIMEKIT_SEPARATE_COMPILATION  // what only the second half declares is called
#include "fuzz.hpp"
#include "realtimekit.hpp"

#include <time.h>

#include <chrono>
#include <cstring>
#include <optional>

namespace rtk = realtimekit;

namespace {

using fuzz::check;
using Time = rtk::Timestamp::time_point;

// The C library's opinion of a date.
std::optional<std::int64_t> parsed_by_libc(const std::string& text, const char* format) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), format, &parts);
  if (!end || end != text.c_str() + text.size()) return {};
  return timegm(&parts);
}

void run_retry_after(const std::string& value, const std::string& date) {
  rtk::HttpResponse answer{503, {{"Retry-After", value}}, {}};
  if (!date.empty()) answer.headers.emplace_back("date", date);
  const auto result = rtk::from_http<rtk::livestreams::List>(answer);
  check(!result, "a 503 that is no error");
  const auto wait = result.error().retry_after;
  if (wait) check(wait->count() >= 0, "a negative wait");

  const bool is_number = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  if (is_number) {
    check(wait.has_value(), "a number that is not taken");
    if (value.size() <= 9) check(std::to_string(wait->count()).size() <= value.size(), "more");
    return;
  }
  const auto parsed = [](const std::string& text) {
    const auto moment = parsed_by_libc(text, "%a, %d %b %Y %H:%M:%S GMT");
    return moment ? moment : parsed_by_libc(text, "%a %b %e %H:%M:%S %Y");
  };
  const auto until = parsed(value), now = parsed(date);
  const auto ours = rtk::detail::parse_http_date(value);
  if (until && ours) check(*until == *ours, "another moment than the C library's");
  if (ours && now && rtk::detail::parse_http_date(date)) {
    check(wait ? wait->count() == *ours - *now : *ours < *now, "another wait than the difference");
  }
}

void run_time(Time time) {
  using namespace std::chrono;
  const rtk::Timestamp stamp(time);
  check(stamp.text().size() == 24, "the text of a time has another length");
  const auto back = stamp.time();
  // The clock's first and last second do not come back.
  if (time <= (Time::min)() + seconds(2) || time >= (Time::max)() - seconds(2)) return;
  check(back.has_value(), "the text of a time is not a time");
  check(*back == floor<milliseconds>(time), "a time comes back as another");
}

void run_timestamp(const std::string& text) {
  const rtk::Timestamp stamp(text);
  check(stamp.text() == text, "another text");
  const auto time = stamp.time();
  if (!time) return;
  run_time(*time);
  if (text.size() < 5 || text[4] != '-') return;  // not ISO 8601
  const auto date = parsed_by_libc(text.substr(0, 10), "%Y-%m-%d");
  check(date.has_value(), "not a date to the C library");
  const auto apart =
      std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count() - *date;
  check(apart >= -86400 && apart <= 2 * 86400, "not on the day that it says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const unsigned kind = input.byte();
  if (kind == 'r') {
    const std::string value = input.text('\n');
    run_retry_after(value, input.rest());
  } else if (kind == 'b') {
    std::string bytes = input.rest();
    bytes.resize(sizeof(std::int64_t));
    std::int64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    run_time(Time(Time::duration(number)));
  } else {
    run_timestamp(input.rest());
  }
  return 0;
}
