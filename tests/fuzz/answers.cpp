// from_http() of every operation, and printing what it has decoded.
// Input: a character each for the operation, the status and the content type; the body.
#define REALTIMEKIT_NO_HTTPLIB
#include "canary.hpp"
#include "fuzz.hpp"
#include "operations.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <vector>

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

// Writes a value with the members of each object in their order or the opposite one.
void write(const nlohmann::ordered_json& value, bool is_backwards, std::string& out) {
  if (!value.is_structured()) out += value.dump();
  if (!value.is_structured()) return;
  const bool is_object = value.is_object();
  out += is_object ? '{' : '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ',';
    if (is_object) {
      const auto at = is_backwards ? value.size() - 1 - i : i;
      const auto member = std::next(value.begin(), static_cast<std::ptrdiff_t>(at));
      out += nlohmann::json(member.key()).dump() + ':';
      write(member.value(), is_backwards, out);
    } else {
      write(value[i], is_backwards, out);
    }
  }
  out += is_object ? '}' : ']';
}

// The same response, written anew; empty if that means something else.
std::string rewritten(const std::string& body, bool is_backwards) {
  std::vector<std::set<std::string>> names;
  bool is_plain = true;  // no object has two members of one name, of which the last wins
  using Json = nlohmann::ordered_json;
  const auto see = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) {
      is_plain = names.back().insert(value.get<std::string>()).second && is_plain;
    }
    is_plain = is_plain && depth < 60;
    return true;
  };
  if (fuzz::contains(body, std::string_view("\0", 1))) return {};  // nlohmann takes it for the end
  const Json value = Json::parse(body, see, false);
  std::string text;
  if (!value.is_discarded() && is_plain) write(value, is_backwards, text);
  return text;
}

// Whether a model has free-form JSON that masking has broken. It is printed as a text, in the order
// that it came in, and more of it may be masked when that is decoded and printed again.
bool may_print_otherwise(const std::string& print) { return fuzz::contains(print, "\\\""); }

// A model without the order of what is free-form or a map in it.
nlohmann::json sorted(const std::string& print) { return nlohmann::json::parse(print); }

template <class Op> void run(const rtk::HttpResponse& answer, bool hides_canary) {
  const auto result = rtk::from_http<Op>(answer);
  rtk::unread<Op>(answer);
  rtk::HttpResponse one = answer, other = answer;
  one.body = rewritten(answer.body, false);  // numbers in the same form as in the other
  other.body = rewritten(answer.body, true);
  if (!other.body.empty()) {
    const auto forwards = rtk::from_http<Op>(one), backwards = rtk::from_http<Op>(other);
    check(forwards.has_value() == backwards.has_value(), "the order of members decides on success");
    const std::string print = forwards ? rtk::to_string(*forwards) : "";
    const std::string other_print = backwards ? rtk::to_string(*backwards) : "";
    const bool is_same =
        !forwards || may_print_otherwise(print) || sorted(print) == sorted(other_print);
    check(is_same, "the order of members changes the model");
  }
  if (!result) return check_error(result.error(), hides_canary);
  const std::string print = rtk::to_string(*result);
  check_print(print, hides_canary);
  const auto again = rtk::from_http<Op>({200, {}, R"({"success":true,"data":)" + print + '}'});
  if (!again && !fuzz::contains(print, "[")) return;  // empty lists are not printed
  check(again.has_value(), "the print does not decode");
  check(may_print_otherwise(print) || rtk::to_string(*again) == print,
        "what the print decodes to prints otherwise");
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
