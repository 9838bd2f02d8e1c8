// Receives webhook events: verifies each delivery, ignores repetitions and prints the event.
//
//     ./webhook_server [--port N] [--key FILE]
//
// --port: the port to listen on, on 127.0.0.1, for a reverse proxy with TLS. 0, the default, selects
// a free one. --key: a file with the server's public key, instead of fetching it.
// Prints one line for each event, without its secrets, and why a delivery was refused.
#include "realtimekit.hpp"

#include <httplib.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <set>
#include <string>

namespace rtk = realtimekit;

namespace {

std::string read_file(const std::string& name) {
  std::ifstream file(name);
  if (!file) std::cerr << name << " cannot be read\n", std::exit(1);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The deliveries since the start. A real program keeps them in its database, for a month.
class Seen {
 public:
  bool is_new(const std::string& key) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return keys_.insert(key).second;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> keys_;
};

// Prints one line at a time, although the server has several threads.
template <class... Parts> void print(std::ostream& out, const Parts&... parts) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  (out << ... << parts) << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  std::string key_file;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc || (name != "--port" && name != "--key")) {
      std::cerr << "usage: webhook_server [--port N] [--key FILE]\n";
      return 2;
    }
    if (name == "--port") port = std::atoi(argv[i + 1]);
    if (name == "--key") key_file = argv[i + 1];
  }
  const auto verifier =
      key_file.empty() ? rtk::webhooks::Verifier{} : rtk::webhooks::Verifier{read_file(key_file)};
  Seen seen;
  httplib::Server server;
  server.set_payload_max_length(1u << 20);
  server.Post("/webhooks", [&](const httplib::Request& request, httplib::Response& response) {
    const rtk::Headers headers(request.headers.begin(), request.headers.end());
    const auto verified = verifier.verify(headers, request.body);
    if (!verified) {
      response.status = 503;  // the server retries: it may have a new key
      return print(std::cerr, "refused: ", verified.error().message);
    }
    response.status = 204;
    const auto event = rtk::webhooks::parse_event(request.body);
    if (!event) return print(std::cerr, "not understood: ", event.error().message);
    // A status update contains no time: it is the same for each broadcast of a livestream.
    const bool is_status = std::holds_alternative<rtk::webhooks::LivestreamingStatusUpdate>(*event);
    if (!seen.is_new(verified->deduplication_key) && !is_status) {
      return print(std::cout, "repeated");
    }
    std::visit([](const auto& one) { print(std::cout, one.event.text(), ": ", one); }, *event);
  });

  if (port == 0)
    port = server.bind_to_any_port("127.0.0.1");
  else if (!server.bind_to_port("127.0.0.1", port))
    port = -1;
  if (port < 0) return std::cerr << "the port is in use\n", 1;
  print(std::cout, "http://127.0.0.1:", port, "/webhooks");
  return server.listen_after_bind() ? 0 : 1;
}
