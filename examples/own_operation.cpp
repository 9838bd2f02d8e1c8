// Declares an operation that realtimekit.hpp lacks, and sends it like those of the header. It is one
// of Cloudflare's API outside RealtimeKit, which returns whether an API token is valid.
//
// c++ -std=c++17 -I.. own_operation.cpp -pthread $(pkg-config --cflags --libs cpp-httplib openssl)
#include "realtimekit.hpp"

#include <iostream>

namespace rtk = realtimekit;

/// The state of an API token.
struct TokenStatus {
  static constexpr std::string_view wrappers[] = {"result"};  // RealtimeKit's routes: "data"

  std::string id{};
  std::string status{};         ///< "active", "disabled", "expired"
  rtk::Timestamp expires_on{};  ///< empty: does not expire

  REALTIMEKIT_FIELDS(id, status, expires_on)
};

/// GET /user/tokens/verify
struct VerifyToken {
  static constexpr rtk::Route route{rtk::Method::get, "/user/tokens/verify", rtk::Repeat::harmless};
  static constexpr std::string_view promises[] = {"status"};  // a response without it is an error
  using Response = TokenStatus;

  REALTIMEKIT_FIELDS()  // no parameters
};

int main() {
  auto config = rtk::Config::from_env();
  if (!config) {
    std::cerr << config.error() << '\n';
    return 1;
  }
  const rtk::Client client{*config};
  const auto token = client.send(VerifyToken{});
  if (!token) {
    std::cerr << token.error() << '\n';
    return 1;
  }
  std::cout << "The API token is " << token->status << ".\n" << rtk::to_string(*token) << '\n';
}
