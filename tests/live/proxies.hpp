// What the tests of proxies share. The lab's proxy answers the CONNECT and then is the server itself.
#pragma once

#include "calls.hpp"

#include <string>
#include <string_view>

inline constexpr const char* origin = "api.example.invalid";  // known to the proxy only

inline lab::Options origin_behind_proxy() {
  lab::Options options = lab::with(lab::authority().issue({origin, {origin}}));
  options.tls = false;  // until the CONNECT is answered
  return options;
}

inline lab::Script proxy() {
  return [](lab::Peer& peer) {
    if (!peer.read_request() || !peer.send("HTTP/1.1 200 Connected\r\n\r\n")) return;
    if (peer.start_tls()) lab::answering(201, lab::created)(peer);
  };
}

inline std::string origin_url() { return std::string("https://") + origin + "/client/v4"; }

inline rtk::HttplibTransport::Options over(const std::string& proxy) {
  auto options = trusting();
  options.proxy = proxy;
  return options;
}
inline std::string address(const lab::Server& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// The environment without any proxy settings.
struct NoProxySettings {
  Environment a{"HTTPS_PROXY", nullptr}, b{"https_proxy", nullptr}, c{"NO_PROXY", nullptr},
      d{"no_proxy", nullptr};
};
