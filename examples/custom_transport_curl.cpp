// libcurl as the transport. A transport is any callable: here, a function replaces cpp-httplib.
//     c++ -std=c++17 -I.. custom_transport_curl.cpp -lcurl && ./a.out [NAME [TIMEOUT_SECONDS]]
#define REALTIMEKIT_NO_HTTPLIB
#include "curl_loop.hpp"
#include <iostream>

namespace rtk = realtimekit;

static rtk::Result<rtk::HttpResponse> curl_transport(const rtk::HttpRequest& request) {
  std::optional<CurlLoop::Received> received;
  CurlLoop loop;  // unlike curl_easy_perform(), it can be interrupted
  loop.start(request, [&](CurlLoop::Received got) { received = std::move(got); });
  const rtk::CancelCallback wake(request.cancel, [&] { loop.wake(); });
  while (!received) request.cancel.canceled() ? loop.cancel() : loop.turn(1000);
  return *std::move(received);
}

int main(int argc, char** argv) {
  auto config = rtk::Config::from_env();
  if (!config) return std::cerr << config.error() << '\n', 1;
  if (argc > 2) config->total_timeout = std::chrono::seconds(std::atoi(argv[2]));
  const rtk::BasicClient client{*config, curl_transport};
  const auto live = client.send(rtk::livestreams::Create{argc > 1 ? argv[1] : "launch"});
  if (!live) return std::cerr << live.error() << '\n', 1;
  std::cout << *live << '\n';
}
