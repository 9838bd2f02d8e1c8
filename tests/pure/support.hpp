// What the tests of the pure half share.
#ifndef TESTS_PURE_SUPPORT_HPP
#define TESTS_PURE_SUPPORT_HPP

#ifndef REALTIMEKIT_NO_HTTPLIB
#define REALTIMEKIT_NO_HTTPLIB
#endif
#include "realtimekit.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtk = realtimekit;

// CAPTURE for text: older doctests show a const char* as an address.
#define CAPTURE_TEXT(text) INFO(#text " = " << std::string(text))

namespace support {

// Parts of it must not turn up in any text that is meant for people.
inline const std::string token = "CanaryToken-0123456789_abcdefABCDEF";

inline rtk::Config config() {
  rtk::Config config;
  config.account_id = "acc0001";
  config.app_id = "app0001";
  config.api_token = token;
  return config;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// The text of a file in tests/fixtures. A build that hides its paths defines FIXTURES_DIR.
inline std::string fixture(const std::string& name) {
#ifdef FIXTURES_DIR
  const std::string folder = FIXTURES_DIR;
#else
  const std::string here = __FILE__;
  const auto slash = here.find_last_of("/\\");
  const std::string folder =
      (slash == here.npos ? std::string(".") : here.substr(0, slash)) + "/../fixtures";
#endif
  std::ifstream file(folder + '/' + name, std::ios::binary);
  CHECK_MESSAGE(file.good(), "no fixture " << folder << '/' << name);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline rtk::HttpResponse answer(int status, std::string body, rtk::Headers headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

template <class T> std::string streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// Every kind of text that is not UTF-8.
struct BadText {
  const char* what;
  std::string bytes;
};
inline std::vector<BadText> not_utf8() {
  return {{"a lone continuation", "\x80"},        {"overlong, two bytes", "\xC0\xAF"},
          {"overlong, three", "\xE0\x80\xAF"},    {"overlong, four", "\xF0\x80\x80\xAF"},
          {"a surrogate", "\xED\xA0\x80"},        {"cut off after one byte", "\xE2"},
          {"cut off after two", "\xE2\x82"},      {"cut off after three", "\xF0\x9F\x98"},
          {"above U+10FFFF", "\xF4\x90\x80\x80"}, {"0xFF", "\xFF"}};
}

}  // namespace support

#endif
