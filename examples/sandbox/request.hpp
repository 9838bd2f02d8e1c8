// Requests and responses as the sandbox's operations see them, and checks that operations share. No
// networking.
#pragma once

#include <openssl/rand.h>  // RAND_bytes
#include <time.h>          // gmtime_r, timegm

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

using Json = nlohmann::json;
using List = Json::array_t;

// A request: its path and query parameters by name, decoded, and its body.
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

inline Answer success(Json data, int status = 200) {
  return {status, {{"success", true}, {"data", std::move(data)}}};
}

inline Answer success_with_paging(Json data, Json paging) {
  return {200, {{"success", true}, {"data", std::move(data)}, {"paging", std::move(paging)}}};
}

// Thrown if a request is rejected.
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

// ---- Ids and times.

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

inline bool is_uuid(const std::string& text) {
  static const std::regex uuid("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  return std::regex_match(text, uuid);
}

using Moment = std::chrono::milliseconds;  // since 1970

inline Moment now() {
  return std::chrono::duration_cast<Moment>(std::chrono::system_clock::now().time_since_epoch());
}

// Returns a time such as 2023-07-15T11:48:34.753Z. Texts of this form sort by time.
inline std::string iso_time(Moment moment) {
  const std::time_t seconds = moment.count() / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return std::string(text) + "." + std::to_string(1000 + moment.count() % 1000).substr(1) + "Z";
}
inline std::string iso_time_now() { return iso_time(now()); }

inline std::optional<Moment> from_iso(const std::string& text) {
  static const std::regex iso(
      R"((\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)"
      R"((?:Z|([+-])(\d\d):(\d\d))?)?)");
  std::smatch parts;
  if (!std::regex_match(text, parts, iso)) return std::nullopt;
  const auto part = [&](std::size_t i) { return parts[i].matched ? std::stoi(parts[i]) : 0; };
  std::tm utc{};
  utc.tm_year = part(1) - 1900;
  utc.tm_mon = part(2) - 1;
  utc.tm_mday = part(3);
  utc.tm_hour = part(4);
  utc.tm_min = part(5);
  utc.tm_sec = part(6);
  const std::chrono::minutes offset((parts[8] == "-" ? -60 : 60) * part(9) +
                                    (parts[8] == "-" ? -1 : 1) * part(10));
  const int milliseconds = std::stoi((parts[7].str() + "000").substr(0, 3));
  return std::chrono::seconds(::timegm(&utc)) - offset + Moment(milliseconds);
}

// Both are from iso_time(); if `end` is null, it is now.
inline double seconds_between(const Json& begin, const Json& end) {
  const Moment last = end.is_string() ? *from_iso(end) : now();
  return static_cast<double>((last - *from_iso(begin)).count()) / 1000;
}
inline double minutes_between(const Json& begin, const Json& end) {
  return seconds_between(begin, end) / 60;
}

inline std::string iso_time_in_a_week() { return iso_time(now() + std::chrono::hours(24 * 7)); }

// ---- Bodies.

inline std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& one : texts) list += (list.empty() ? "" : ", ") + one;
  return list;
}

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

inline bool has(const std::vector<std::string>& texts, const std::string& wanted) {
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

// `type`: string, boolean, number, object, uri, or the allowed texts, such as "stop|pause|resume".
inline void check_value(const Json& value, const std::string& type, const std::string& name) {
  static const std::regex uri(R"([A-Za-z][A-Za-z0-9+.-]*://[^\s/][^\s]*)");
  if (type == "boolean") {
    if (!value.is_boolean()) refuse(name, "must be a boolean");
  } else if (type == "number") {
    if (!value.is_number()) refuse(name, "must be a number");
  } else if (type == "object") {
    if (!value.is_object()) refuse(name, "must be of type object");
  } else if (!value.is_string()) {
    refuse(name, "must be a string");
  } else if (type == "uri") {
    if (!std::regex_match(value.get<std::string>(), uri)) refuse(name, "must be a valid uri");
  } else if (type != "string" && !has(split(type, '|'), value)) {
    refuse(name, "must be one of [" + joined(split(type, '|')) + "]");
  }
}

enum class Need { as_marked, nothing };  // nothing: for updates, in which any member may be absent

// Rejects a body that does not match `form`. A form is a JSON value with a type in place of each
// value, one item in each array, and "!" after the names of required members.
inline void check(const Json& given, const Json& form, Need need, const std::string& path = {}) {
  if (form.is_string()) return check_value(given, form, path);
  if (form.is_array()) {
    if (!given.is_array()) refuse(path, "must be an array");
    std::size_t i = 0;
    for (const Json& item : given) {
      check(item, form[0], need, path + "[" + std::to_string(i++) + "]");
    }
    return;
  }
  if (!given.is_object()) refuse(path, "must be of type object");
  for (const auto& member : form.items()) {
    std::string name = member.key();
    const bool marked = name.back() == '!';
    if (marked) name.pop_back();
    const std::string inner = path.empty() ? name : path + "." + name;
    if (given.contains(name)) {
      check(given[name], member.value(), need, inner);
    } else if (marked && need == Need::as_marked) {
      refuse(inner, "is required");
    }
  }
}

// Returns the body, a JSON object. Null members are rejected, as by RealtimeKit.
inline Json object_in(const Call& call) {
  Json body = Json::parse(call.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) refuse("body", "must be a JSON object");
  for (const auto& member : body.items()) {
    if (member.value().is_null()) refuse(member.key(), "must not be null");
  }
  return body;
}

inline Json object_in(const Call& call, const Json& form, Need need = Need::as_marked) {
  Json body = object_in(call);
  check(body, form, need);
  return body;
}

// ---- Queries.

inline std::optional<std::string> query(const Call& call, const std::string& name) {
  const auto found = call.query.find(name);
  if (found == call.query.end()) return std::nullopt;
  return found->second;
}

inline std::optional<std::string> query_among(const Call& call, const std::string& name,
                                              const std::vector<std::string>& allowed) {
  const auto value = query(call, name);
  if (value && !has(allowed, *value)) refuse(name, "must be one of [" + joined(allowed) + "]");
  return value;
}

inline std::optional<bool> query_flag(const Call& call, const std::string& name) {
  const auto value = query_among(call, name, {"true", "false"});
  if (!value) return std::nullopt;
  return *value == "true";
}

// Parses one to nine digits.
inline std::optional<std::size_t> to_number(const std::string& text) {
  static const std::regex digits("[0-9]{1,9}");
  if (!std::regex_match(text, digits)) return std::nullopt;
  return std::stoul(text);
}

inline std::size_t query_count(const Call& call, const std::string& name, std::size_t fallback) {
  const auto value = query(call, name);
  if (!value) return fallback;
  const std::size_t number = to_number(*value).value_or(0);
  if (number == 0) refuse(name, "must be a positive integer");
  return number;
}

// The range of times of a query, as texts of iso_time().
struct Period {
  std::optional<std::string> first, last;
  bool has(const std::string& time) const {
    return (!first || *first <= time) && (!last || time <= *last);
  }
};

inline Period query_period(const Call& call) {
  const auto time = [&](const char* name) -> std::optional<std::string> {
    const auto value = query(call, name);
    if (!value) return std::nullopt;
    const auto moment = from_iso(*value);
    if (!moment) refuse(name, "must be a valid ISO 8601 date");
    return iso_time(*moment);
  };
  return {time("start_time"), time("end_time")};
}

// Whether one of `members` contains the query's search text, or the query has none.
inline bool searched_for(const Call& call, const Json& item,
                         std::initializer_list<const char*> members) {
  const auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  const auto wanted = query(call, "search");
  return !wanted || std::any_of(members.begin(), members.end(), [&](const char* member) {
    const Json& value = item.at(member);
    return value.is_string() && lower(value).find(lower(*wanted)) != std::string::npos;
  });
}

// ---- Lists. Items are stored by time of creation.

// Sorts by the query's sort_order, which defaults to the newest first.
inline void put_in_order(const Call& call, List& items, const char* descending = "DESC") {
  const auto order = query_among(call, "sort_order", {"ASC", descending});
  if (order != "ASC") std::reverse(items.begin(), items.end());
}

inline void sort_by(List& items, const char* member) {
  std::stable_sort(items.begin(), items.end(), [&](const Json& left, const Json& right) {
    return left.at(member) < right.at(member);
  });
}

// Reduces `items` to the page that the query selects, and returns the paging object.
inline Json cut_to_page(const Call& call, List& items) {
  const std::size_t page = query_count(call, "page_no", 1);
  const std::size_t size = query_count(call, "per_page", 25);
  const std::size_t total = items.size();
  const std::size_t first = std::min(total, (page - 1) * size);
  const std::size_t last = std::min(total, first + size);
  items = List(items.begin() + static_cast<std::ptrdiff_t>(first),
               items.begin() + static_cast<std::ptrdiff_t>(last));
  return {{"total_count", total},
          {"start_offset", first < last ? first + 1 : 0},  // 1-based, inclusive
          {"end_offset", first < last ? last : 0}};
}

// Returns the first item whose `member` has that value, or null.
inline Json* find(List& items, const char* member, const std::string& value) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const Json& item) { return item.at(member) == value; });
  return found == items.end() ? nullptr : &*found;
}

inline Json& existing(List& items, const char* kind, const std::string& id) {
  if (Json* const found = find(items, "id", id)) return *found;
  throw Refusal{404, "No " + std::string(kind) + " found with id " + id};
}

// Removes an item from the list and returns it.
inline Json taken(List& items, const Json& item) {
  Json copy = item;
  items.erase(items.begin() + (&item - items.data()));
  return copy;
}

inline Json without(Json object, std::initializer_list<const char*> members) {
  for (const char* member : members) object.erase(member);
  return object;
}

}  // namespace sandbox
