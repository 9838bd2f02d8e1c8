// from_http() of every operation, and printing what it has decoded.
// Input: a character each for the operation, the status and the content type; the body.
#define REALTIMEKIT_NO_HTTPLIB
#include "canary.hpp"
#include "fuzz.hpp"
#include "operations.hpp"

namespace {

using fuzz::check;

void check_error(const rtk::Error& error, bool hides_canary) {
  check(error.kind == rtk::ErrorKind::api || error.kind == rtk::ErrorKind::decode, "kind");
  check(error.delivery == rtk::Delivery::answered, "delivery");
  const std::string line = error.to_string();
  check(!fuzz::has_control_character(line), "a control character in the error's text");
  if (!hides_canary) return;
  check(!fuzz::contains(line, fuzz::canary), "a secret in the error's text");
  check(!fuzz::contains(error.body, fuzz::canary), "a secret in the error's body");
  for (const auto& message : error.errors) {
    check(!fuzz::contains(message.message, fuzz::canary), "a secret in an error's message");
  }
}

void check_print(const std::string& print, bool hides_canary) {
  check(nlohmann::json::accept(print), "the print is not JSON");
  check(!fuzz::contains(print, "\n"), "the print has more than one line");
  check(!hides_canary || !fuzz::contains(print, fuzz::canary), "a secret in the print");
}

template <class Op> void run(const rtk::HttpResponse& answer, bool hides_canary) {
  const auto result = rtk::from_http<Op>(answer);
  if (!result) return check_error(result.error(), hides_canary);
  const std::string print = rtk::to_string(*result);
  check_print(print, hides_canary);
  const auto again = rtk::from_http<Op>({200, {}, R"({"success":true,"data":)" + print + '}'});
  check(again.has_value(), "the print does not decode");
  check(rtk::to_string(*again) == print, "what the print decodes to prints otherwise");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int statuses[] = {200, 201, 204, 206, 299, 400, 401, 404, 409, 429,
                              500, 502, 503, 520, 302, 304, 100, 0,   -1,  999};
  constexpr const char* types[] = {"application/json", "text/html; charset=utf-8", "text/plain"};
  fuzz::Input input(data, size);
  const auto operation = input.choice(fuzz::operation_count);
  rtk::HttpResponse answer;
  answer.status = statuses[input.choice(std::size(statuses))];
  const auto type = input.choice(std::size(types) + 1);
  if (type < std::size(types)) answer.headers = {{"Content-Type", types[type]}};
  answer.body = input.rest();
  const bool hides_canary = fuzz::hides_canary(answer.body);
  fuzz::with_operation(
      operation, [&](auto* op) { run<std::remove_pointer_t<decltype(op)>>(answer, hides_canary); });
  return 0;
}
