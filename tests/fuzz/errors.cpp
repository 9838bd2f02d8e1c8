// Answers that mean an error, with their headers: what from_http() and a client make of them.
// Input: a character for the status; headers as lines "name:value" up to an empty line; the body.
#define REALTIMEKIT_NO_HTTPLIB
#include "canary.hpp"
#include "fuzz.hpp"
#include "realtimekit.hpp"

namespace rtk = realtimekit;

namespace {

using fuzz::check;

constexpr std::string_view token = "T0kenOfTheClient-0123456789abcdef";

void check_error(const rtk::Error& error, const rtk::HttpResponse& answer) {
  check(error.kind == rtk::ErrorKind::api || error.kind == rtk::ErrorKind::decode, "kind");
  check(error.delivery == rtk::Delivery::answered, "delivery");
  check(error.status == answer.status, "status");
  check(!error.message.empty(), "no message");
  check(!error.retry_after || error.retry_after->count() >= 0, "retry_after is negative");
  check(!fuzz::has_control_character(error.to_string()), "a control character in the text");
  check(!fuzz::has_control_character(error.request_id), "a control character in the request id");
  std::int64_t code = 0;
  for (const auto& listed : error.errors) code = code ? code : listed.code;
  check(error.code == code, "code");
  // "***" may be longer than what it hides.
  check(error.request_id.size() <= 2 * 64, "a long request id");
  check(error.body.size() <= 2 * 4096, "a long body");
}

void check_delays(const rtk::Error& error) {
  const rtk::RetryPolicy policy;
  for (const bool idempotent : {false, true}) {
    for (int attempt = 1; attempt <= 3; ++attempt) {
      const auto delay = rtk::retry_delay(policy, idempotent, error, attempt, 0.5);
      if (!delay) continue;
      check(attempt < policy.max_attempts, "one attempt too many");
      check(delay->count() >= 0, "a negative delay");
      check(*delay <= (error.retry_after ? policy.max_retry_after : policy.cap), "a long delay");
    }
  }
}

// The parts of an error that people see.
std::string visible(const rtk::Error& error) {
  std::string all = error.to_string() + '\n' + error.body + '\n' + error.request_id;
  for (const auto& message : error.errors) all += '\n' + message.message;
  return all;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Whether what begins like the token is all of it, so that no part of it may be seen.
bool has_whole_tokens_only(const rtk::HttpResponse& answer) {
  std::string all = answer.body;
  for (const auto& header : answer.headers) all += '\n' + header.second;
  return count(all, token.substr(0, 12)) == count(all, token);
}

// A client whose server gives the current answer.
const rtk::HttpResponse* current = nullptr;

rtk::Config config() {
  rtk::Config config;
  config.account_id = "account";
  config.app_id = "app";
  config.api_token = std::string(token);
  config.retry.max_attempts = 1;
  return config;
}

void run(const rtk::HttpResponse& answer) {
  const auto result = rtk::from_http<rtk::livestreams::Create>(answer);
  const bool hides_canary = fuzz::hides_canary(answer.body);
  if (!result) {
    check_error(result.error(), answer);
    check_delays(result.error());
    check(!hides_canary || !fuzz::contains(visible(result.error()), fuzz::canary), "a secret");
  }

  static const rtk::BasicClient client(config(), [](const rtk::HttpRequest&) { return *current; });
  current = &answer;
  const auto sent = client.send(rtk::livestreams::Create{"a"});
  check(sent.has_value() == result.has_value(), "a client and from_http() do not agree");
  if (sent) return;
  check_error(sent.error(), answer);
  check(sent.error().message.size() <= 4096, "a long message");
  const std::string seen = visible(sent.error());
  check(!fuzz::contains(seen, token), "the API token");
  check(!has_whole_tokens_only(answer) || !fuzz::contains(seen, token.substr(0, 12)),
        "a part of the API token");
  check(!hides_canary || !fuzz::contains(seen, fuzz::canary), "a secret");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int statuses[] = {400, 401, 403, 404, 408, 409, 422, 429, 500, 502,
                              503, 504, 520, 524, 200, 201, 301, 302, 307, 0};
  fuzz::Input input(data, size);
  rtk::HttpResponse answer;
  answer.status = statuses[input.choice(std::size(statuses))];
  while (!input.empty()) {
    const std::string line = input.text('\n');
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  answer.body = input.rest();
  run(answer);
  return 0;
}
