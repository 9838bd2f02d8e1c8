// Proxies. The lab's proxy answers the CONNECT and then is the server itself.
#include "proxies.hpp"

namespace {

// A call whose proxy is not used fails to find the origin.
bool reaches_proxy(const lab::Server& server, const rtk::HttplibTransport::Options& options) {
  const auto before = server.connection_count();
  auto config = config_for(origin_url());
  config.retry.max_attempts = 1;
  const auto result = client_for(config, options).send(Create{"launch"});
  if (!result) CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(result.has_value() == (server.connection_count() > before));
  return result.has_value();
}

// For a proxy that is given the request itself.
rtk::Config plain_config() {
  auto config = config_for(std::string("http://") + origin + "/client/v4");
  config.allow_plain_http = true;
  return config;
}

}  // namespace

TEST_CASE("a call goes through the proxy of the options, its host name unresolved") {
  const NoProxySettings clean;
  lab::Server server(proxy(), origin_behind_proxy());
  const auto client = client_for(config_for(origin_url()), over("http://" + address(server)));
  for (int i = 0; i < 3; ++i) CHECK(client.send(Create{"launch"}));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 4);
  CHECK(requests[0].line() == std::string("CONNECT ") + origin + ":443 HTTP/1.1");
  CHECK(requests[0].header("Proxy-Authorization").empty());
  CHECK(requests[0].header("Authorization").empty());
  CHECK(!contains(requests[0].head, api_token));
  CHECK(contains(requests[1].line(), "POST /client/v4/"));
  CHECK(requests[1].header("Authorization") == "Bearer " + std::string(api_token));
  CHECK(requests[1].header("Proxy-Authorization").empty());
  CHECK(server.connection_count() == 1);
}

TEST_CASE("a proxy's user and password are decoded and sent to the proxy alone") {
  const NoProxySettings clean;
  lab::Server server(proxy(), origin_behind_proxy());
  const auto client =
      client_for(config_for(origin_url()), over("http://user:p%40ss%3Aw@" + address(server)));
  CHECK(client.send(Create{"launch"}));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].header("Proxy-Authorization") == "Basic dXNlcjpwQHNzOnc=");
  CHECK(requests[1].header("Proxy-Authorization").empty());
}

TEST_CASE("a request over plain http goes to the proxy whole, with its user and password") {
  const NoProxySettings clean;
  lab::Server server(lab::answering(201, lab::created), lab::plain());
  auto config = config_for(std::string("http://") + origin + "/client/v4");
  config.allow_plain_http = true;
  const auto client = client_for(config, over("http://user:p%40ss%3Aw@" + address(server)));
  for (int i = 0; i < 2; ++i) CHECK(client.send(Create{"launch"}));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  for (const auto& request : requests) {
    CHECK(contains(request.line(), std::string("POST http://") + origin));
    CHECK(request.header("Proxy-Authorization") == "Basic dXNlcjpwQHNzOnc=");
  }
}

TEST_CASE("a proxy's password without a user is sent, too") {
  const NoProxySettings clean;
  lab::Server tunnel(proxy(), origin_behind_proxy());
  CHECK(client_for(config_for(origin_url()), over("http://:secret@" + address(tunnel)))
            .send(Create{"launch"}));
  lab::Server relay(lab::answering(201, lab::created), lab::plain());
  CHECK(client_for(plain_config(), over("http://:secret@" + address(relay))).send(Create{}));
  REQUIRE(tunnel.request_count() == 2);
  REQUIRE(relay.request_count() == 1);
  CHECK(tunnel.requests()[0].header("Proxy-Authorization") == "Basic OnNlY3JldA==");
  CHECK(tunnel.requests()[1].header("Proxy-Authorization").empty());
  CHECK(relay.requests()[0].header("Proxy-Authorization") == "Basic OnNlY3JldA==");
}

TEST_CASE("a proxy that repeats its password over plain http shows it to nobody") {
  const NoProxySettings clean;
  const std::string password = "Canary-4f0d1c9b", credentials = "dXNlcjpDYW5hcnktNGYwZDFjOWI=";
  for (const std::string& echo : {"no: " + password + " in " + credentials,
                                  "{\"errors\":[{\"code\":7,\"message\":\"no: " + password +
                                      " in " + credentials + "\"}]}"}) {
    CAPTURE(echo);
    lab::Server server(lab::answering(407, echo, "Proxy-Authenticate: Basic\r\n"), lab::plain());
    const auto result =
        client_for(plain_config(), over("http://user:" + password + "@" + address(server)))
            .send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().status == 407);
    CHECK(server.last_request().header("Proxy-Authorization") == "Basic " + credentials);
    for (const std::string& text :
         {result.error().message, result.error().body, result.error().to_string()}) {
      CAPTURE(text);
      CHECK(contains(text, "no: "));  // the rest is there
      CHECK(!contains(text, password));
      CHECK(!contains(text, credentials));
    }
  }
}

TEST_CASE("a proxy for plain http that closes or says no HTTP is named") {
  const NoProxySettings clean;
  for (const std::string bytes :
       {"", "HTTP/1.1 201 Created\r\nContent-Le", "this is no HTTP\r\n\r\n", "SSH-2.0-x\r\n"}) {
    CAPTURE(bytes);
    lab::Server server(
        [=](lab::Peer& peer) {
          if (peer.read_request()) peer.send(bytes);
          peer.close();
        },
        lab::plain());
    const auto result = client_for(plain_config(), over(address(server))).send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(contains(result.error().message, "the proxy " + address(server)));
  }
}

TEST_CASE("a proxy that refuses is a transport error and the request unsent") {
  const NoProxySettings clean;
  for (const int status : {403, 407, 502}) {
    CAPTURE(status);
    lab::Server server(
        [=](lab::Peer& peer) {
          if (peer.read_request()) peer.answer(status, "no", "Proxy-Authenticate: Basic\r\n");
          peer.close();
        },
        origin_behind_proxy());
    auto config = config_for(origin_url());
    config.retry.max_attempts = 2;
    const auto result =
        client_for(config, over("http://u:secretword@" + address(server))).send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::not_sent);
    CHECK(!contains(result.error().to_string(), "secretword"));
    for (const auto& request : server.requests()) CHECK(contains(request.line(), "CONNECT"));
  }
}

TEST_CASE("a connection that a proxy has refused, and left open, is not used again") {
  const NoProxySettings clean;
  for (const int status : {403, 407, 502}) {
    CAPTURE(status);
    lab::Server server(
        [=](lab::Peer& peer) {
          while (peer.read_request()) peer.answer(status, "no", "Proxy-Authenticate: Basic\r\n");
        },
        origin_behind_proxy());
    auto config = config_for(origin_url());
    config.retry.max_attempts = 2;
    const auto client = client_for(config, over(address(server)));
    for (int i = 0; i < 2; ++i) {
      const auto result = client.send(Create{"launch"});
      REQUIRE(!result);
      CHECK(result.error().kind == ErrorKind::transport);
      CHECK(result.error().delivery == Delivery::not_sent);
    }
    for (const auto& request : server.requests()) CHECK(contains(request.line(), "CONNECT"));
  }
}

TEST_CASE("a proxy that goes away or cannot be reached leaves the request unsent") {
  const NoProxySettings clean;
  lab::Server server([](lab::Peer& peer) { peer.read_request(); }, origin_behind_proxy());
  auto config = config_for(origin_url());
  config.retry.max_attempts = 1;
  const std::string nobody = "http://127.0.0.1:" + std::to_string(lab::closed_port());
  const std::string missing = "http://proxy.example.invalid:3128";
  for (const std::string& proxy : {"http://" + address(server), nobody, missing}) {
    CAPTURE(proxy);
    const auto result = client_for(config, over(proxy)).send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::not_sent);
  }
}

TEST_CASE("a proxy that falls silent does not outlast the timeout") {
  const NoProxySettings clean;
  lab::Server server([](lab::Peer& peer) { peer.stall(); }, origin_behind_proxy());
  auto config = config_for(origin_url());
  config.timeout = 200ms;
  config.retry.max_attempts = 1;
  const auto begin = Clock::now();
  const auto result = client_for(config, over(address(server))).send(Create{"launch"});
  CHECK(since(begin) < 5s);
  CHECK(result.error().kind == ErrorKind::timeout);
  CHECK(result.error().delivery == Delivery::not_sent);
}

TEST_CASE("the certificate is the origin's, whatever the proxy") {
  const NoProxySettings clean;
  auto options = origin_behind_proxy();
  options.certificate = lab::certificate();  // for 127.0.0.1, where the proxy is
  lab::Server server(proxy(), options);
  const auto client = client_for(config_for(origin_url()), over(address(server)));
  const auto result = client.send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(contains(result.error().message, "certificate"));
}

TEST_CASE("a create through a proxy is sent once when the answer is lost") {
  const NoProxySettings clean;
  lab::Server server(
      [](lab::Peer& peer) {
        if (!peer.read_request() || !peer.send("HTTP/1.1 200 Connected\r\n\r\n")) return;
        if (peer.start_tls() && peer.read_request()) peer.close();
      },
      origin_behind_proxy());
  const auto result = client_for(config_for(origin_url()), over(address(server))).send(Create{});
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::unknown);
  CHECK(server.request_count() == 2);  // the CONNECT and the create
}

TEST_CASE("HTTPS_PROXY is used, NO_PROXY exempts from it, and the options come before both") {
  const NoProxySettings clean;
  lab::Server server(proxy(), origin_behind_proxy());
  const std::string url = "http://" + address(server);
  CHECK(!reaches_proxy(server, trusting()));
  {
    const Environment lower("https_proxy", url.c_str());
    CHECK(reaches_proxy(server, trusting()));
  }
  const Environment upper("HTTPS_PROXY", url.c_str());
  CHECK(reaches_proxy(server, trusting()));
  CHECK(!reaches_proxy(server, over("direct")));
  for (const char* exempting : {"*", origin, ".example.invalid", "example.invalid",
                                "a.b, API.EXAMPLE.INVALID", "invalid."}) {
    CAPTURE(std::string(exempting));
    const Environment list("NO_PROXY", exempting);
    CHECK(!reaches_proxy(server, trusting()));
    CHECK(reaches_proxy(server, over(url)));
  }
  for (const char* other : {"", "example.com", "pi.example.invalid", "x*"}) {
    CAPTURE(std::string(other));
    const Environment list("NO_PROXY", other);
    CHECK(reaches_proxy(server, trusting()));
  }
}

TEST_CASE("HTTPS_PROXY is not used for loopback hosts or plain http") {
  const NoProxySettings clean;
  const std::string nobody = "http://127.0.0.1:" + std::to_string(lab::closed_port());
  const Environment proxy("HTTPS_PROXY", nobody.c_str());
  lab::Server tls(lab::answering(201, lab::created));
  CHECK(client_for(config_for(tls.url("127.0.0.1"))).send(Create{}));
  CHECK(client_for(config_for(tls.url("localhost"))).send(Create{}));
  lab::Server plain(lab::answering(201, lab::created), lab::plain());
  CHECK(client_for(plain).send(Create{}));
}

TEST_CASE("a proxy that is no URL of one is an invalid request") {
  const NoProxySettings clean;
  for (const char* bad : {"https://proxy:1", "socks5://proxy:1", "http://proxy:0", "http://",
                          "http://proxy:1/path", "http://us\ner:x@proxy:1", "a b"}) {
    CAPTURE(std::string(bad));
    const auto result = client_for(config_for(origin_url()), over(bad)).send(Create{});
    CHECK(result.error().kind == ErrorKind::invalid_request);
    CHECK(result.error().delivery == Delivery::not_sent);
    CHECK(contains(result.error().message, "Options::proxy"));
  }
}
