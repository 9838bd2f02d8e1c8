// Which of a host's addresses a call connects to, in which order and when (RFC 8305).
#include "names.hpp"

#include "calls.hpp"
#include "connecting.hpp"

#include <list>

namespace {

constexpr const char* host = "several.example.invalid";

lab::Options options_for_host() {
  static const auto certificate = lab::authority().issue({host, {host}});
  return lab::with(certificate);
}
rtk::Client client_of(const lab::Server& server) {
  return client_for(config_for(server.url(host) + "/client/v4"));
}

// Addresses that let nobody in and refuse nobody, at the port of a server.
std::list<lab::FullPort> dead(const std::vector<std::string>& addresses, int port) {
  std::list<lab::FullPort> ports;
  for (const std::string& address : addresses) ports.emplace_back(address, port);
  return ports;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}
std::string addresses_of(const std::vector<lab::Attempts::Attempt>& attempts) {
  std::vector<std::string> addresses;
  for (const auto& attempt : attempts) addresses.push_back(attempt.ip);
  return joined(addresses);
}

const std::vector<std::string> six_dead{"127.0.0.2", "127.0.0.3", "127.0.0.4",
                                        "127.0.0.5", "127.0.0.6", "127.0.0.7"};

}  // namespace

TEST_CASE("six dead addresses before a good one do not keep a call for long") {
  lab::Server server(lab::answering(201, lab::created, "Connection: close\r\n"),
                     options_for_host());
  const auto full = dead(six_dead, server.port());
  auto addresses = six_dead;
  addresses.push_back("127.0.0.1");
  const lab::Name name(host, addresses);
  const std::size_t before = connecting_to(server.port());
  const auto client = client_of(server);

  lab::Attempts attempts;
  auto begin = Clock::now();
  REQUIRE(client.send(Create{"launch"}));
  CHECK(since(begin) < 2s + 1s * (lab::slowness - 1));
  CHECK(addresses_of(attempts.to(server.port())) == joined(addresses));
  // Those that have lost are given up.
  CHECK(eventually([&] { return connecting_to(server.port()) <= before; }));

  // The next connection begins with the address that was good.
  attempts.clear();
  begin = Clock::now();
  REQUIRE(client.send(Create{"launch"}));
  CHECK(since(begin) < 200ms * lab::slowness);
  CHECK(addresses_of(attempts.to(server.port())) == "127.0.0.1");
  CHECK(server.connection_count() == 2);
}

TEST_CASE("an address that has just failed goes last in the next connection") {
  lab::Server server(lab::answering(201, lab::created, "Connection: close\r\n"),
                     options_for_host());
  const lab::Name name(host, {"127.0.0.2", "127.0.0.1"});  // nobody listens at the first
  const auto client = client_of(server);
  const lab::Attempts attempts;
  for (int i = 0; i < 3; ++i) REQUIRE(client.send(Create{}));
  CHECK(addresses_of(attempts.to(server.port())) == "127.0.0.2 127.0.0.1 127.0.0.1 127.0.0.1");
}

TEST_CASE("a dead IPv6 address keeps a call for a quarter of a second") {
  REQUIRE(lab::has_ipv6());
  lab::Server server(lab::answering(201, lab::created), options_for_host());
  const lab::FullPort full("::1", server.port());
  const lab::Name name(host, {"::1", "127.0.0.1"});
  const std::size_t before = connecting_to(server.port());
  const lab::Attempts attempts;
  const auto begin = Clock::now();
  const auto client = client_of(server);
  REQUIRE(client.send(Create{"launch"}));
  CHECK(since(begin) < 1s * lab::slowness);  // connect_timeout is 5 s
  const auto seen = attempts.to(server.port());
  REQUIRE(addresses_of(seen) == "::1 127.0.0.1");
  CHECK(seen[1].time - seen[0].time >= 200ms);
  CHECK(eventually([&] { return connecting_to(server.port()) <= before; }));
}

TEST_CASE("an address that answers within a quarter of a second has no rival") {
  lab::Server server(lab::answering(201, lab::created), options_for_host());
  const lab::Name name(host, {"127.0.0.1", "127.0.0.2"});
  const lab::Attempts attempts;
  REQUIRE(client_of(server).send(Create{"launch"}));
  CHECK(addresses_of(attempts.to(server.port())) == "127.0.0.1");
}

TEST_CASE("after a refused address the next one is tried at once") {
  lab::Server server(lab::answering(201, lab::created), options_for_host());
  const lab::Name name(host, {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1"});
  const lab::Attempts attempts;
  REQUIRE(client_of(server).send(Create{"launch"}));
  const auto seen = attempts.to(server.port());
  REQUIRE(addresses_of(seen) == "127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.1");
  CHECK(seen.back().time - seen.front().time < 200ms * lab::slowness);
}

TEST_CASE("families take turns, whatever the order in which DNS lists them") {
  REQUIRE(lab::has_ipv6());
  lab::Server server(lab::answering(201, lab::created), options_for_host());
  {  // "::1" is listed first and stands for IPv6; nothing listens but at the last
    const lab::Name name(host, {"::1", "::ffff:127.0.0.9", "127.0.0.2", "127.0.0.1"});
    const lab::Attempts attempts;
    REQUIRE(client_of(server).send(Create{}));
    CHECK(addresses_of(attempts.to(server.port())) == "::1 127.0.0.2 ::ffff:127.0.0.9 127.0.0.1");
  }
  {
    const lab::Name name(host, {"127.0.0.2", "127.0.0.3", "127.0.0.1", "::1"});
    const lab::Attempts attempts;
    REQUIRE(client_of(server).send(Create{}));
    CHECK(addresses_of(attempts.to(server.port())) == "127.0.0.2 ::1 127.0.0.3 127.0.0.1");
  }
}

TEST_CASE("a host none of whose addresses can be reached is an unsent request") {
  const int port = lab::closed_port();
  const lab::Name name(host, {"127.0.0.2", "127.0.0.1"});
  auto config = config_for("https://" + std::string(host) + ':' + std::to_string(port));
  config.retry.max_attempts = 1;
  const lab::Attempts attempts;
  const auto result = client_for(config).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(contains(result.error().message, "refused"));
  CHECK(attempts.to(port).size() == 2);

  const auto full = dead(six_dead, port);
  const lab::Name all_dead("dead.example.invalid", six_dead);
  config = config_for("https://dead.example.invalid:" + std::to_string(port));
  config.retry.max_attempts = 1;
  auto options = trusting();
  options.connect_timeout = 400ms * lab::slowness;
  const auto begin = Clock::now();
  const auto timed_out = client_for(config, options).send(Create{"launch"});
  CHECK(timed_out.error().kind == ErrorKind::timeout);
  CHECK(timed_out.error().delivery == Delivery::not_sent);
  // connect_timeout is counted for each address, and they begin 250 ms apart.
  CHECK(since(begin) < 6 * 250ms + 2s * lab::slowness);
}
