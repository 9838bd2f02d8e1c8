// The call with realtimekit.hpp, for any transport.
#pragma once

#include "create.hpp"
#include "realtimekit.hpp"

template <class Transport> class Ours {
 public:
  explicit Ours(Transport transport = {}) : client_(config(), std::move(transport)) {}

  void create() {
    const auto live = client_.send(realtimekit::livestreams::Create{"launch"});
    if (!live) throw std::runtime_error(live.error().to_string());
    bench::check(!live->stream_key.reveal().empty(), "create");
  }

 private:
  static realtimekit::Config config() {
    realtimekit::Config config;
    config.account_id = "bench-account";
    config.app_id = "bench-app";
    config.api_token = bench::token;
    config.base_url =
        std::string("https://") + bench::host + ':' + std::to_string(bench::port()) + "/client/v4";
    return config;
  }

  const realtimekit::BasicClient<Transport> client_;
};
