// Creates a livestream and prints where to publish and where to watch.
//
//     create_livestream [NAME [SECONDS]]    NAME defaults to "launch". SECONDS: total_timeout
//
// Requires CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and REALTIMEKIT_APP_ID in the environment.
#include "realtimekit.hpp"

#include <cstdlib>
#include <iomanip>
#include <iostream>

namespace rtk = realtimekit;

// Returns what the user should do about an error.
static const char* advice(const rtk::Error& error) {
  if (error.kind == rtk::ErrorKind::invalid_request) {
    return "Nothing was sent: correct the value that the message names.";
  }
  if (error.status == 401 || error.status == 403 || error.code == 10000) {
    return "Check the API token: it needs the permission Realtime or Realtime Admin.";
  }
  if (error.status == 404) return "Check the account id and the app id.";
  if (error.status == 429) return "Wait a while, then try again: nothing was created.";
  if (error.permanent) {
    return error.message.find("certificate") != std::string::npos
               ? "Nothing was created. The server is not the one that it claims to be, or its "
                 "certificate is not trusted here: install the CA certificates, or set "
                 "SSL_CERT_FILE."
               : "Nothing was created, and trying again will not help.";
  }
  if (error.delivery == rtk::Delivery::not_sent) {
    return "Nothing was created: check the network and the address, then try again.";
  }
  if (error.status >= 400 && error.status < 500 && error.status != 408) {
    return "The server refused: correct what its message names.";
  }
  return "A livestream may exist now. It cannot be deleted, so list before you create again.";
}

static void print_table(const rtk::Livestream& live) {
  const std::pair<const char*, std::string> rows[] = {{"id", live.id},
                                                      {"name", live.name.value_or("")},
                                                      {"status", live.status.text()},
                                                      {"ingest server", live.ingest_server},
                                                      {"stream key", "***"},  // stream_key.reveal()
                                                      {"playback URL", live.playback_url}};
  for (const auto& [label, value] : rows) {
    std::cout << std::left << std::setw(15) << label << value << '\n';
  }
}

int main(int argc, char** argv) {
  auto config = rtk::Config::from_env();
  if (!config) {
    std::cerr << config.error() << '\n' << advice(config.error()) << '\n';
    return 1;
  }
  if (argc > 2) config->total_timeout = std::chrono::seconds(std::atoi(argv[2]));

  const rtk::Client client{*config};
  const auto live = client.send(rtk::livestreams::Create{argc > 1 ? argv[1] : "launch"});
  if (!live) {
    std::cerr << live.error() << '\n' << advice(live.error()) << '\n';
    return 1;
  }
  print_table(*live);
}
