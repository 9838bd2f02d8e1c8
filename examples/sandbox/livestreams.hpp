// The livestreams of the sandbox: what RealtimeKit's API accepts, keeps and answers. No networking.
#pragma once

#include <openssl/rand.h>  // RAND_bytes

#include <algorithm>
#include <chrono>
#include <ctime>
#include <initializer_list>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

using Json = nlohmann::json;

// One request as the rules see it: its path and query parameters by name, decoded, and its body.
struct Call {
  std::map<std::string, std::string> path;
  std::multimap<std::string, std::string> query;
  std::string body;
};

struct Answer {
  int status = 200;
  Json body;
  std::string text() const { return body.dump(-1, ' ', false, Json::error_handler_t::replace); }
};

// Thrown by a rule that the request breaks.
struct Refusal {
  int status;
  std::string message;
  Answer answer() const {
    return {status, {{"success", false}, {"error", {{"code", status}, {"message", message}}}}};
  }
};

[[noreturn]] inline void refuse(const std::string& parameter, const std::string& rule) {
  throw Refusal{400, "BAD_REQUEST \"" + parameter + "\" " + rule};
}

inline std::string random_hex(std::size_t digits) {
  std::vector<unsigned char> bytes(digits);
  if (RAND_bytes(bytes.data(), static_cast<int>(digits)) != 1) throw std::runtime_error("random");
  std::string text;
  for (const unsigned char byte : bytes) text += "0123456789abcdef"[byte % 16];
  return text;
}

inline std::string random_uuid() {  // version 4
  std::string text = random_hex(32);
  text[12] = '4';
  text[16] = "89ab"[random_hex(1)[0] % 4];
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, "-");
  return text;
}

inline std::string iso_time_now() {  // such as 2023-07-15T11:48:34.753Z
  using namespace std::chrono;
  const auto since_epoch = system_clock::now().time_since_epoch();
  const auto milliseconds = duration_cast<std::chrono::milliseconds>(since_epoch).count();
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return std::string(text) + "." + std::to_string(1000 + milliseconds % 1000).substr(1) + "Z";
}

// The number that `text` is: digits only, at most nine.
inline std::optional<std::size_t> to_number(const std::string& text) {
  static const std::regex digits("[0-9]{1,9}");
  if (!std::regex_match(text, digits)) return std::nullopt;
  return std::stoul(text);
}

// The body as a JSON object. RealtimeKit answers members that are null with 400.
inline Json object_in(const Call& call) {
  Json body = Json::parse(call.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) refuse("body", "must be a JSON object");
  for (const auto& member : body.items()) {
    if (member.value().is_null()) refuse(member.key(), "must not be null");
  }
  return body;
}

inline std::optional<std::string> query(const Call& call, const std::string& name) {
  const auto found = call.query.find(name);
  if (found == call.query.end()) return std::nullopt;
  return found->second;
}

inline std::optional<std::string> query_among(const Call& call, const std::string& name,
                                              std::initializer_list<const char*> allowed) {
  const auto value = query(call, name);
  if (value && std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
    std::string list;
    for (const char* one : allowed) list += (list.empty() ? "" : ", ") + std::string(one);
    refuse(name, "must be one of [" + list + "]");
  }
  return value;
}

inline std::size_t query_count(const Call& call, const std::string& name, std::size_t fallback) {
  const auto value = query(call, name);
  if (!value) return fallback;
  const std::size_t number = to_number(*value).value_or(0);
  if (number == 0) refuse(name, "must be a positive integer");
  return number;
}

// Only the form is checked: everything in a sandbox was made a moment ago.
inline void check_query_time(const Call& call, const std::string& name) {
  static const std::regex iso(
      R"(\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)");
  const auto value = query(call, name);
  if (value && !std::regex_match(*value, iso)) refuse(name, "must be a valid ISO 8601 date");
}

// Reduces `items` to the page that the query asks for, and returns the paging object beside it.
inline Json cut_to_page(const Call& call, Json::array_t& items) {
  const std::size_t page = query_count(call, "page_no", 1);
  const std::size_t size = query_count(call, "per_page", 25);
  const std::size_t total = items.size();
  const std::size_t first = std::min(total, (page - 1) * size);
  const std::size_t last = std::min(total, first + size);
  items = Json::array_t(items.begin() + static_cast<std::ptrdiff_t>(first),
                        items.begin() + static_cast<std::ptrdiff_t>(last));
  return {{"total_count", total},
          {"start_offset", first < last ? first + 1 : 0},  // counted from 1, both included
          {"end_offset", first < last ? last : 0}};
}

class Livestreams {
 public:
  Answer create(const Call& call) {
    const Json name = object_in(call).value("name", Json());  // null where there is none
    check_name(name);
    Json livestream = {{"id", random_uuid()},
                       {"name", name},
                       {"status", "INVOKED"},
                       {"meeting_id", nullptr},
                       {"disabled", false},
                       {"ingest_server", "rtmps://live.cloudflare.com:443/live/"},
                       {"stream_key", random_hex(64)},
                       {"playback_url", "https://customer-sandbox.cloudflarestream.com/" +
                                            random_hex(32) + "/manifest/video.m3u8"}};
    const Answer answer{201, {{"success", true}, {"data", livestream}}};
    livestream["created_at"] = livestream["updated_at"] = iso_time_now();
    const std::lock_guard<std::mutex> lock(mutex_);
    by_app_[app_of(call)].push_back(std::move(livestream));
    return answer;
  }

  Answer list(const Call& call) const {
    const auto order = query_among(call, "sort_order", {"ASC", "DSC"});  // sic, and newest first
    const auto status = query_among(call, "status", {"LIVE", "IDLE", "ERRORED", "INVOKED"});
    const auto exclude_meetings = query_among(call, "exclude_meetings", {"true", "false"});
    check_query_time(call, "start_time");
    check_query_time(call, "end_time");
    Json::array_t found;
    for (const Json& livestream : all_of(call)) {
      if (status && livestream["status"] != *status) continue;
      if (exclude_meetings == "true" && !livestream["meeting_id"].is_null()) continue;
      found.push_back(livestream);
    }
    if (order != "ASC") std::reverse(found.begin(), found.end());
    const Json paging = cut_to_page(call, found);
    return {200, {{"success", true}, {"data", found}, {"paging", paging}}};
  }

  Answer get(const Call& call) const {
    const std::string& id = call.path.at("id");
    for (const Json& livestream : all_of(call)) {
      if (livestream["id"] != id) continue;
      Json::array_t sessions;  // nobody can publish to a sandbox
      const Json paging = cut_to_page(call, sessions);
      const Json data = {{"livestream", livestream}, {"sessions", sessions}};
      return {200, {{"success", true}, {"data", data}, {"paging", paging}}};
    }
    throw Refusal{404, "No livestream found with id " + id};
  }

  std::size_t count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [app, livestreams] : by_app_) sum += livestreams.size();
    return sum;
  }

  void clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    by_app_.clear();
  }

 private:
  using App = std::pair<std::string, std::string>;  // account id and app id

  static void check_name(const Json& name) {
    if (name.is_null()) return;
    if (!name.is_string()) refuse("name", "must be a string");
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (name.get<std::string>().find_first_not_of(allowed) != std::string::npos) {
      refuse("name", "fails to match the required pattern: /^[a-zA-Z0-9-_]*$/");
    }
  }

  static App app_of(const Call& call) {
    return {call.path.at("account_id"), call.path.at("app_id")};
  }

  Json::array_t all_of(const Call& call) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = by_app_.find(app_of(call));
    return found == by_app_.end() ? Json::array_t() : found->second;
  }

  mutable std::mutex mutex_;
  std::map<App, Json::array_t> by_app_;  // in the order of their creation
};

}  // namespace sandbox
