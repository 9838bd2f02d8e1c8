// Config::from_env().
// Input: lines for CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, REALTIMEKIT_APP_ID and
// CLOUDFLARE_BASE_URL, each ended by the byte 0x1f; "~": not set.
#define REALTIMEKIT_NO_HTTPLIB
#include "fuzz.hpp"
#include "realtimekit.hpp"

#include <unistd.h>

#include <array>

namespace rtk = realtimekit;

namespace {

using fuzz::check;

constexpr const char* names[] = {"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID",
                                 "REALTIMEKIT_APP_ID", "CLOUDFLARE_BASE_URL"};

// Another environment for as long as it lives. (setenv() keeps every text it was ever given.)
class Environment {
 public:
  explicit Environment(fuzz::Input& input) {
    char** end = entries_.data();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string text = input.text('\x1f');
      if (text == "~") continue;
      values[i] = text.c_str();  // up to its first null, as the system would have it
      lines_[i] = names[i] + ('=' + values[i]);
      *end++ = lines_[i].data();
    }
    before_ = std::exchange(environ, entries_.data());
  }
  ~Environment() { environ = before_; }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  std::array<std::string, 4> values{};

 private:
  std::array<std::string, 4> lines_{};
  std::array<char*, 5> entries_{};
  char** before_;
};

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n\"'") == text.npos; }

void check_value(const std::string& value, const std::string& given) {
  check(!value.empty() && fuzz::contains(given, value), "a value that was not given");
  constexpr std::string_view around = " \t\r\n\"'";
  check(!fuzz::contains(around, value.substr(0, 1)), "a blank or quote before a value");
  check(!fuzz::contains(around, value.substr(value.size() - 1)), "a blank or quote after a value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const Environment environment(input);
  const auto& given = environment.values;
  const auto config = rtk::Config::from_env();
  if (!config) {
    const rtk::Error& error = config.error();
    check(error.kind == rtk::ErrorKind::invalid_request, "kind");
    check(error.delivery == rtk::Delivery::not_sent, "delivery");
    check(!fuzz::has_control_character(error.to_string()), "a control character");
    bool one_is_missing = false;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool is_named = fuzz::contains(error.message, names[i]);
      check(is_named || !is_blank(given[i]), "a missing variable that is not named");
      one_is_missing = one_is_missing || is_named;
    }
    check(one_is_missing, "nothing is missing");
    return 0;
  }
  check_value(config->api_token.reveal(), given[0]);
  check_value(config->account_id, given[1]);
  check_value(config->app_id, given[2]);
  if (config->base_url != rtk::Config{}.base_url) check_value(config->base_url, given[3]);
  const auto request = rtk::to_http(*config, rtk::livestreams::List{});
  if (!request) {
    check(request.error().kind == rtk::ErrorKind::invalid_request, "kind of a refusal");
    return 0;
  }
  check(!fuzz::has_control_character(request->url), "a control character in the URL");
  for (const auto& header : request->headers) {
    check(!fuzz::has_control_character(header.second), "a control character in a header");
  }
  return 0;
}
