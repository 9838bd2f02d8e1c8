// A secret that inputs hold, to see where it turns up.
#pragma once

#include "fuzz.hpp"

#include <nlohmann/json.hpp>

namespace fuzz {

inline constexpr std::string_view canary = "C4naryS3cretValue";

inline std::size_t count_canaries(std::string_view text) {
  std::size_t count = 0;
  for (auto at = text.find(canary); at != text.npos; at = text.find(canary, at + 1)) ++count;
  return count;
}

// How many members with the name of a secret have the canary as their value.
inline std::size_t count_hidden_canaries(const nlohmann::json& json) {
  std::size_t count = 0;
  for (const auto& [name, value] : json.items()) {
    if (value.is_structured()) {
      count += count_hidden_canaries(value);
    } else if (json.is_object() && value.is_string()) {
      for (const char* secret :
           {"stream_key", "token", "access_key", "secret", "password", "private_key", "rtmp_url"}) {
        if (name == secret && value.get_ref<const std::string&>() == canary) ++count;
      }
    }
  }
  return count;
}

// Whether a body has the canary, and only where it must not be shown: then a print of what was
// decoded must not have it. A name that is written with \u is not looked for in an answer's text.
inline bool hides_canary(const std::string& body) {
  const auto count = count_canaries(body);
  if (count == 0 || contains(body, "\\u")) return false;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  return json.is_structured() && count_hidden_canaries(json) == count;
}

}  // namespace fuzz
