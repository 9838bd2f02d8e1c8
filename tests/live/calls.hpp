// What the live tests share: clients of a lab::Server, operations of their own, measuring.
#pragma once

#include "lab.hpp"
#include "process.hpp"
#include "realtimekit.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace rtk = realtimekit;
using namespace std::chrono_literals;
using rtk::Delivery;
using rtk::ErrorKind;
using rtk::livestreams::Create;
using rtk::livestreams::Get;
using rtk::livestreams::List;

inline constexpr std::string_view api_token = "lab-token-3f9c0a1b77";

inline rtk::Config config_for(const std::string& base_url) {
  rtk::Config config;
  config.account_id = "023e105f4ecef8ad9ca31a8372d0c353";
  config.app_id = "0b7ee1b5-8d4a-4b0a-9c2e-5b1f6a1d9a77";
  config.api_token = std::string(api_token);
  config.base_url = base_url;
  config.timeout = 15s;  // far more than is needed: a test that meets it has failed
  config.total_timeout = 30s;
  config.retry.base = 1ms;
  return config;
}
inline rtk::Config config_for(const lab::Server& server) {
  return config_for(server.url() + "/client/v4");
}

inline rtk::HttplibTransport::Options trusting(const std::string& ca_file = lab::ca_file()) {
  rtk::HttplibTransport::Options options;
  options.ca_file = ca_file;
  return options;
}
inline rtk::Client client_for(rtk::Config config,
                              rtk::HttplibTransport::Options options = trusting()) {
  return rtk::Client{std::move(config), rtk::HttplibTransport{std::move(options)}};
}
inline rtk::Client client_for(const lab::Server& server) { return client_for(config_for(server)); }

// Operations that have no body, or an empty one, and must not be repeated.
struct Nothing {
  template <class Fields> static void fields(Fields&) {}
};
struct Remove {
  static constexpr rtk::Route route{rtk::Method::del, "/things/{id}", rtk::Repeat::harmful};
  using Response = Nothing;
  std::string id = "1";
  template <class Fields> static void fields(Fields& field) { field("id", &Remove::id); }
};
struct Touch {
  static constexpr rtk::Route route{rtk::Method::put, "/things/{id}", rtk::Repeat::harmful};
  using Response = Nothing;
  std::string id = "1";
  template <class Fields> static void fields(Fields& field) { field("id", &Touch::id); }
};

using Clock = std::chrono::steady_clock;
inline std::chrono::milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

template <class Condition> bool eventually(Condition condition) {
  for (const auto begin = Clock::now(); !condition(); std::this_thread::sleep_for(1ms)) {
    if (since(begin) > lab::patience) return false;
  }
  return true;
}
