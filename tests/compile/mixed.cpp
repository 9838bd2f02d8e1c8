// Uses parts that were compiled with other macros than itself: all must mean the same types.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

#define DECLARE(part) \
  rtk::Result<rtk::Livestream> part(const rtk::Config& config, const rtk::CallOptions& options)
DECLARE(part_1);
DECLARE(part_2);
DECLARE(part_3);

int main() {
  rtk::Config config;
  config.account_id = "account";
  config.app_id = "app";
  config.api_token = "token";
  config.headers = {{"X-Mine", "1"}};
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  int good = 0;
  for (auto* part : {part_1, part_2, part_3}) {
    const rtk::Result<rtk::Livestream> live = part(config, options);
    if (live && live->status == rtk::LivestreamStatus::live && live->stream_key.reveal() == "key" &&
        live->created_at.time() && live.response().headers.size() == 1) {
      ++good;
    }
    config.app_id += "x";
  }
  options.cancel.cancel();
  const auto canceled = part_1(config, options);
  config.api_token = "";
  const auto refused = part_2(config, {});
  return good == 3 && canceled.error().kind == rtk::ErrorKind::canceled &&
                 refused.error().kind == rtk::ErrorKind::invalid_request
             ? 0
             : 1;
}
