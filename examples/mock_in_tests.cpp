// Tests code that uses RealtimeKit without a server. A transport is any callable: here, lambdas
// that return prepared responses. Neither cpp-httplib nor OpenSSL is needed.
//
//     c++ -std=c++17 -I.. mock_in_tests.cpp && ./a.out
#define REALTIMEKIT_NO_HTTPLIB
#include "realtimekit.hpp"

#include <iostream>
#include <string>
#include <vector>

namespace rtk = realtimekit;

// ---- The program: a function that accepts any client.

/// Returns the line that a web page shows below a video.
template <class Client> std::string announce(const Client& client, const std::string& show) {
  const auto live = client.send(rtk::livestreams::Create{show});
  if (live) return "Watch " + show + " at " + live->playback_url;
  if (live.error().delivery == rtk::Delivery::not_sent) return "No connection, please try again";
  return "Something went wrong, we are looking into it";
}

// ---- Its tests.

static int failures = 0;

static void check_equal(const std::string& got, const std::string& wanted) {
  if (got == wanted) return;
  std::cerr << "wanted: " << wanted << "\ngot:    " << got << '\n';
  ++failures;
}

template <class Transport> std::string announce_over(Transport transport) {
  rtk::Config config;
  config.account_id = "account";
  config.app_id = "app";
  config.api_token = "token";
  config.retry.max_attempts = 1;  // no retries
  return announce(rtk::BasicClient<Transport>{config, transport}, "launch");
}

int main() {
  // A prepared response. The request is recorded.
  std::vector<rtk::HttpRequest> sent;
  const auto creates = [&](const rtk::HttpRequest& request) {
    sent.push_back(request);
    return rtk::HttpResponse{201, {}, R"({"success":true,"data":{"id":"78dd0b50",
        "ingest_server":"rtmps://live.example/live/","stream_key":"f2656628",
        "playback_url":"https://video.example/7de6a3fe.m3u8"}})"};
  };
  check_equal(announce_over(creates), "Watch launch at https://video.example/7de6a3fe.m3u8");
  check_equal(std::to_string(sent.size()), "1");
  check_equal(sent[0].body, R"({"name":"launch"})");

  // A server that rejects the token.
  const auto refuses = [](const rtk::HttpRequest&) {
    return rtk::HttpResponse{
        403, {}, R"({"success":false,"errors":[{"code":10000,"message":"Authentication error"}]})"};
  };
  check_equal(announce_over(refuses), "Something went wrong, we are looking into it");

  // A network that is down.
  const auto fails = [](const rtk::HttpRequest&) {
    rtk::Error error;
    error.delivery = rtk::Delivery::not_sent;
    error.message = "connection refused";
    return error;
  };
  check_equal(announce_over(fails), "No connection, please try again");

  std::cout << (failures == 0 ? "all good\n" : "failed\n");
  return failures == 0 ? 0 : 1;
}
