// Under -Ofast the compiler takes every number for finite.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

int main() {
  rtk::Config config;
  config.account_id = config.app_id = "id";
  config.api_token = "token";
  rtk::recordings::Start start{"meeting"};
  start.max_seconds = 90.5;
  const bool is_sent = rtk::to_http(config, start)->body.find(":90.5") != std::string::npos;

  std::uint64_t bits[] = {0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000};
  bool is_refused = true;
  for (const volatile std::uint64_t& number : bits) {  // infinite, and none
    const std::uint64_t value = number;
    std::memcpy(&*start.max_seconds, &value, sizeof value);
    is_refused = is_refused && !rtk::to_http(config, start) &&
                 to_string(start) == R"({"meeting_id":"meeting","max_seconds":null})";
  }

  const auto recording =
      rtk::from_http<rtk::recordings::Get>({200, {}, R"({"id":"1","recording_duration":"1e999"})"});
  return is_sent && is_refused && recording && !recording->recording_duration ? 0 : 1;
}
