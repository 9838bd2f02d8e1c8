// A local server with RealtimeKit's API. It keeps state and fails as the options say.
// c++ -std=c++17 sandbox.cpp $(pkg-config --cflags --libs cpp-httplib) -lssl -lcrypto -pthread
#include <iostream>

#include "sandbox/certificates.hpp"
#include "sandbox/deliveries.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/media.hpp"
#include "sandbox/routes.hpp"

const char* const usage = R"(usage: sandbox [option]...
  --port N              the port; 0 selects a free one (default 0)
  --host ADDRESS        the address to listen on (default 127.0.0.1)
  --tls                 serve https, with a new CA and certificate
  --dir DIR             where to keep them (default: a temporary directory)
  --token TOKEN         the API token to accept (default sandbox-token)
  --account ID          the account of this token (default sandbox-account)
  --app ID              the app of this account (default sandbox-app)
  --media               accept video for the livestreams with RTMP, and serve it with HLS, on
                        127.0.0.1: needs nginx with its RTMP module
  --media-port N        the same, with RTMP on port N and HLS on the next one (default: free ones)
  --fault NAME[:COUNT][@OPERATION]
                        a fault for the next COUNT requests (default: all) for the operation, such
                        as participants.add; may be repeated, for the requests after those. The
                        operation defaults to livestreams.create if NAME contains "create", and
                        otherwise to all
  --rate-limit COUNT/SECONDS
                        respond with 429 to more than COUNT requests in each period of SECONDS
  --help                print this text
A single request selects a fault with the header "X-Sandbox-Fault: NAME".
faults: )";

int main(int argc, char** argv) try {
  std::string host = "127.0.0.1", directory, token = "sandbox-token", shown_token = token;
  std::string account = "sandbox-account", app = "sandbox-app";
  int port = 0, i = 0;
  bool tls = false;
  std::optional<int> media_port;
  sandbox::FaultPlan faults;
  sandbox::RateLimit limit;
  const auto value = [&]() -> std::string {
    if (++i < argc) return argv[i];
    throw std::invalid_argument(std::string(argv[i - 1]) + " needs a value");
  };
  const std::map<std::string, std::function<void()>> options = {
      {"--port", [&] { port = sandbox::to_port(value()); }},
      {"--host", [&] { host = value(); }},
      {"--tls", [&] { tls = true; }},
      {"--dir", [&] { directory = value(); }},
      {"--token", [&] { token = value(), shown_token = "***"; }},
      {"--account", [&] { account = value(); }},
      {"--app", [&] { app = value(); }},
      {"--media", [&] { media_port = media_port.value_or(0); }},
      {"--media-port", [&] { media_port = sandbox::to_port(value()); }},
      {"--fault", [&] { faults.add(value()); }},
      {"--rate-limit", [&] { limit = sandbox::RateLimit(value()); }},
      {"--help", [] { std::cout << usage << sandbox::fault_names() << '\n', std::exit(0); }}};
  while (++i < argc) {
    const std::string name = argv[i], shown = name.substr(0, name.find('='));
    if (options.count(name) == 0) throw std::invalid_argument("unknown option " + shown);
    options.at(name)();
  }

  sandbox::block_signals();
  sandbox::Deliveries deliveries;
  sandbox::State state(account, app, [&](const auto& webhook, const auto& event) {
    deliveries.add(webhook, event);
  });
  std::optional<sandbox::Media> media;
  if (media_port) media.emplace(state, *media_port);
  sandbox::Gateway gateway("/client/v4", token, faults, limit);
  for (const sandbox::Route& route : sandbox::routes) {
    gateway.route(
        route.method, sandbox::below + std::string(route.path), route.operation,
        [&state, rule = route.rule](const auto& call) { return state.apply(rule, call); });
  }
  gateway.route("GET", "/user/tokens/verify", "tokens.verify", sandbox::verify_token);

  auto server = std::make_unique<httplib::Server>();
  std::optional<sandbox::ServerFiles> files;
  if (tls) {
    files.emplace(directory);
    server = std::make_unique<httplib::SSLServer>(files->cert.c_str(), files->key.c_str());
  }
  server->Get("/sandbox/stats", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(gateway.stats(state.livestreams()).dump(), "application/json");
  });
  server->Post("/sandbox/reset", [&](const httplib::Request&, httplib::Response&) {
    state.clear(), gateway.clear_stats();
  });
  server->Get("/.well-known/webhooks.json",
              [&](const httplib::Request&, httplib::Response& response) {
                response.set_content(deliveries.public_key().dump(), "application/json");
              });
  gateway.attach(*server);

  sandbox::serve(*server, tls, host, port, [&](const std::string& origin) {
    std::cout << "sandbox: listening on " << origin << '\n';
    std::cout << "sandbox: base URL " << origin << "/client/v4\n";
    if (files) std::cout << "sandbox: CA certificate " << files->ca << '\n';
    if (media) std::cout << "sandbox: RTMP server " << media->ingest_server << '\n';
    std::cout << "sandbox: token " << shown_token << std::endl;
  });
} catch (const std::invalid_argument& wrong) {
  std::cerr << "sandbox: " << wrong.what() << "\n" << usage << sandbox::fault_names() << '\n';
  return 2;
} catch (const std::exception& failure) {
  std::cerr << "sandbox: " << failure.what() << '\n';
  return 1;
}
