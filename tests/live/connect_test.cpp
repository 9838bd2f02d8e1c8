// What a proxy may answer to CONNECT, what it refuses, which hosts are exempt from it, and that its
// failures are told from the origin's.
#include "proxies.hpp"

namespace {

enum class Then { open, close, reset };  // what the proxy does after its answer

void then(Then what, lab::Peer& peer) {
  if (what == Then::close) peer.close();
  if (what == Then::reset) peer.reset();
  if (what == Then::open) peer.stall();
}

// Sends a text to whoever connects with CONNECT.
lab::Script refusing(std::string reply, Then what, bool by_letter = false) {
  return [=](lab::Peer& peer) {
    if (!peer.read_request()) return;
    if (!by_letter) peer.send(reply);
    for (std::size_t i = 0; by_letter && i < reply.size(); ++i) {
      if (!peer.send(std::string_view(reply).substr(i, 1))) return;
    }
    then(what, peer);
  };
}

std::size_t creates(const lab::Server& server) {
  std::size_t count = 0;
  for (const auto& request : server.requests()) {
    if (contains(request.line(), "POST ")) ++count;
  }
  return count;
}

// One call, and what became of it and of its client.
struct Refusal {
  rtk::Error error;
  std::chrono::milliseconds took;  // the client's destruction included
};
Refusal refusal(const lab::Server& server, rtk::Config config, rtk::HttplibTransport::Options way) {
  Refusal all;
  const auto begin = Clock::now();
  {
    const auto client = client_for(std::move(config), std::move(way));
    const auto result = client.send(Create{"launch"});
    REQUIRE(!result);
    all.error = result.error();
  }
  all.took = since(begin);
  CHECK(all.error.kind == ErrorKind::transport);
  CHECK(all.error.delivery == Delivery::not_sent);
  CHECK(all.took < 5s * lab::slowness);
  CHECK(contains(all.error.message, "proxy"));
  CHECK(contains(all.error.message, address(server)));
  CHECK(creates(server) == 0);
  return all;
}

}  // namespace

TEST_CASE("every legal answer of a proxy that opens the tunnel is taken") {
  const NoProxySettings clean;
  std::vector<std::string> replies;
  for (const char* line :
       {"HTTP/1.1 200 OK", "HTTP/1.1 200 Connection established", "HTTP/1.0 200 OK",
        "HTTP/1.0 200 Connection Established", "HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.0 200",
        "HTTP/1.1 200 403 Forbidden", "HTTP/1.1 200 \xff (x)", "HTTP/1.1 201 Created",
        "HTTP/1.1 202 Accepted", "HTTP/1.1 204 No Content", "HTTP/1.0 204 No Content",
        "HTTP/1.1 206 Partial", "HTTP/1.1 226 IM Used", "HTTP/1.1 299 Odd"}) {
    replies.push_back(std::string(line) + "\r\n\r\n");
  }
  for (const char* lines :
       {"Connection: close\r\n", "connection: CLOSE\r\n", "Proxy-Connection: close\r\n",
        "Proxy-Connection: keep-alive\r\nConnection: keep-alive\r\n", "Content-Length: 0\r\n",
        "Content-Length: 5\r\n", "Content-Length: 5, 6\r\n", "Content-Length: x\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\nContent-Length: 10\r\n",
        "Content-Encoding: gzip\r\n", "Content-Type: text/html\r\nContent-Length: 1000000\r\n",
        "Proxy-Agent: lab/1.0\r\nVia: 1.1 lab\r\nDate: x\r\nX-Empty:\r\nX: a\r\nX: b\r\n",
        "Proxy-Authenticate: Basic\r\n", "X-Folded: a\r\n b\r\n"}) {
    replies.push_back("HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n");
    replies.push_back("HTTP/1.0 200 OK\r\n" + std::string(lines) + "\r\n");
    replies.push_back("HTTP/1.1 204 None\r\n" + std::string(lines) + "\r\n");
  }
  const std::string established = "HTTP/1.1 200 OK\r\n\r\n";
  replies.push_back("HTTP/1.1 100 Continue\r\n\r\n" + established);
  replies.push_back("HTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 103 Early\r\n\r\n" +
                    established);
  for (const std::string& reply : replies) {
    for (const bool by_letter : {false, true}) {
      CAPTURE(reply);
      CAPTURE(by_letter);
      lab::Server server(
          [&](lab::Peer& peer) {
            if (!peer.read_request()) return;
            if (!by_letter) peer.send(reply);
            for (std::size_t i = 0; by_letter && i < reply.size(); ++i) {
              peer.send(std::string_view(reply).substr(i, 1));
            }
            if (peer.start_tls()) lab::answering(201, lab::created)(peer);
          },
          origin_behind_proxy());
      auto config = config_for(origin_url());
      config.timeout = 3s * lab::slowness;
      config.retry.max_attempts = 1;
      const auto client = client_for(config, over(address(server)));
      for (int i = 0; i < 2; ++i) {
        const auto live = client.send(Create{"launch"});
        CHECK_MESSAGE(live, live.error().message);
        if (live) CHECK(live->stream_key == std::string(lab::stream_key));
      }
      CHECK(creates(server) == 2);
    }
  }
}

TEST_CASE(
    "a proxy's refusal ends the call at once, however it is put, and names proxy and status") {
  const NoProxySettings clean;
  for (const int status : {300, 302, 400, 401, 403, 404, 405, 407, 451, 500, 501, 502, 503, 504}) {
    const std::string code = std::to_string(status);
    const std::pair<std::string, Then> replies[] = {
        {"HTTP/1.1 " + code + " No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Then::open},
        {"HTTP/1.1 " + code + " No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Then::close},
        {"HTTP/1.0 " + code + " No\r\n\r\n<html>no</html>", Then::close},
        {"HTTP/1.0 " + code + " No\r\nProxy-Connection: close\r\n\r\n", Then::open},
        {"HTTP/1.1 " + code + "\r\nContent-Length: 2\r\n\r\nno", Then::open},
        {"HTTP/1.1 " + code + " \r\n\r\n", Then::open},
        {"HTTP/1.1 " + code + " No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
         Then::open},
        {"HTTP/1.1 " + code + " No\r\nContent-Length: 100000\r\n\r\nno", Then::open},
        {"HTTP/1.1 " + code + " 200 OK\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
         Then::open},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 " + code + " No\r\n\r\n", Then::open},
    };
    for (const auto& [text, what] : replies) {
      for (const bool by_letter : {false, true}) {
        const std::string reply = text;
        CAPTURE(reply);
        CAPTURE(by_letter);
        lab::Server server(refusing(reply, what, by_letter), origin_behind_proxy());
        auto config = config_for(origin_url());
        config.retry.max_attempts = 1;
        const auto all = refusal(server, config, over("http://user:secretword@" + address(server)));
        CHECK(contains(all.error.message, code));
        CHECK(!contains(all.error.to_string(), "secretword"));
        CHECK(server.connection_count() == 1);
      }
    }
  }
}

TEST_CASE("what a proxy refuses for good is asked once, and what may pass again") {
  const NoProxySettings clean;
  for (const auto& [code, attempts] : {std::pair(400, 1),
                                       {401, 1},
                                       {403, 1},
                                       {404, 1},
                                       {405, 1},
                                       {407, 1},
                                       {451, 1},
                                       {502, 3},
                                       {503, 3},
                                       {504, 3}}) {
    for (const Then what : {Then::open, Then::close}) {
      const int status = code;
      CAPTURE(status);
      lab::Server server(
          refusing("HTTP/1.1 " + std::to_string(status) + " No\r\nContent-Length: 0\r\n\r\n", what),
          origin_behind_proxy());
      const auto all = refusal(server, config_for(origin_url()), over(address(server)));
      CHECK(all.error.attempts == attempts);
      CHECK(server.request_count() == static_cast<std::size_t>(attempts));
      // A GET is no different.
      const auto page = client_for(config_for(origin_url()), over(address(server))).send(List{});
      CHECK(page.error().attempts == attempts);
      CHECK(server.request_count() == static_cast<std::size_t>(2 * attempts));
    }
  }
}

TEST_CASE("a proxy that answers CONNECT with something else ends the call at once") {
  const NoProxySettings clean;
  const std::pair<std::string, Then> replies[] = {
      {"", Then::close},
      {"", Then::reset},
      {"HTTP/1.1 20", Then::close},
      {"HTTP/1.1 200 OK\r\nX: y\r\n", Then::close},
      {"HTTP/1.1 200 OK\r\nX: y\r\n", Then::reset},
      {"HTTP/1.1 100 Continue\r\n\r\n", Then::close},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: lab\r\n\r\n", Then::close},
      {"HTTP/1.1 abc OK\r\n\r\n", Then::open},
      {"HTTP/1.1 20 OK\r\n\r\n", Then::open},
      {"HTTP/1.1 2000 OK\r\n\r\n", Then::open},
      {"HTTP/2 200\r\n\r\n", Then::open},
      {"ICY 200 OK\r\n\r\n", Then::open},
      {"SSH-2.0-OpenSSH_9.2\r\n", Then::close},
      {"SSH-2.0-OpenSSH_9.2\r\n", Then::open},
      {std::string("\x15\x03\x01\0\2\2\x28", 7), Then::close},
      {"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", Then::open},
  };
  for (const auto& [text, what] : replies) {
    const std::string reply = text;
    CAPTURE(reply);
    lab::Server server(refusing(reply, what), origin_behind_proxy());
    auto config = config_for(origin_url());
    config.timeout = 10s * lab::slowness;
    config.retry.max_attempts = 1;
    refusal(server, config, over(address(server)));
  }
}

TEST_CASE("what the origin says through the tunnel is not the proxy's refusal") {
  const NoProxySettings clean;
  for (const int status : {400, 401, 403, 404, 405, 407, 409, 500, 502, 503}) {
    for (const std::string lines : {"", "Proxy-Authenticate: Basic\r\n", "Connection: close\r\n"}) {
      CAPTURE(status);
      CAPTURE(lines);
      const auto answer = [=](lab::Peer& peer) {
        while (peer.read_request() && peer.answer(status, R"({"success":false})", lines)) continue;
      };
      lab::Server tunnel(
          [&](lab::Peer& peer) {
            if (!peer.read_request() || !peer.send("HTTP/1.1 200 OK\r\n\r\n")) return;
            if (peer.start_tls()) answer(peer);
          },
          origin_behind_proxy());
      const auto through = client_for(config_for(origin_url()), over(address(tunnel)));

      lab::Server relay(answer, lab::plain());
      auto config = config_for(std::string("http://") + origin + "/client/v4");
      config.allow_plain_http = true;
      const auto plain = client_for(config, over(address(relay)));

      for (const auto& [server, client] : {std::pair(&tunnel, &through), {&relay, &plain}}) {
        const auto result = client->send(Create{"launch"});
        REQUIRE(!result);
        CHECK(result.error().kind == ErrorKind::api);
        CHECK(result.error().delivery == Delivery::answered);
        CHECK(result.error().status == status);
        CHECK(result.error().attempts == 1);
        CHECK(creates(*server) == 1);
        if (status >= 500) continue;
        const auto page = client->send(List{});
        CHECK(page.error().kind == ErrorKind::api);
        CHECK(page.error().attempts == 1);
      }
    }
  }
}

TEST_CASE("a proxy that cannot be reached is named, whoever has named it") {
  const NoProxySettings clean;
  const std::string down = "127.0.0.1:" + std::to_string(lab::closed_port());
  const std::string missing = "relay.example.invalid";
  const auto check = [](const rtk::HttplibTransport::Options& options, const std::string& place) {
    CAPTURE(place);
    auto config = config_for(origin_url());
    config.retry.max_attempts = 1;
    const auto result = client_for(config, options).send(Create{"launch"});
    REQUIRE(!result);
    const std::string message = result.error().message;
    CAPTURE(message);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::not_sent);
    CHECK(contains(message, "proxy"));
    CHECK(contains(message, place));
    CHECK(!contains(message, origin));
    CHECK(!contains(message, "secretword"));
  };
  for (const std::string& place : {down, missing}) {
    check(over(place), place);
    check(over("http://user:secretword@" + place), place);
    for (const char* name : {"HTTPS_PROXY", "https_proxy"}) {
      const Environment setting(name, ("http://user:secretword@" + place).c_str());
      check(trusting(), place);
    }
  }
  // The same over plain http.
  auto config = config_for(std::string("http://") + origin);
  config.allow_plain_http = true;
  config.retry.max_attempts = 1;
  const auto result = client_for(config, over(down)).send(Create{"launch"});
  REQUIRE(!result);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(contains(result.error().message, "proxy"));
  CHECK(contains(result.error().message, down));
}

TEST_CASE("a certificate that the origin shows through a proxy is refused once") {
  const NoProxySettings clean;
  auto options = origin_behind_proxy();
  options.certificate = sandbox::Authority("Unknown CA").issue({origin, {origin}});
  lab::Server server(proxy(), options);
  const auto result = client_for(config_for(origin_url()), over(address(server))).send(Create{});
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(result.error().attempts == 1);
  CHECK(contains(result.error().message, "certificate"));
  CHECK(server.connection_count() == 1);
}

TEST_CASE("the scheme of a proxy's URL is read in any case") {
  const NoProxySettings clean;
  for (const char* scheme : {"http://", "HTTP://", "Http://", "hTTp://", ""}) {
    CAPTURE(std::string(scheme));
    lab::Server server(proxy(), origin_behind_proxy());
    CHECK(client_for(config_for(origin_url()), over(scheme + address(server))).send(Create{}));
    const Environment setting("HTTPS_PROXY", (scheme + ("u:p@" + address(server))).c_str());
    CHECK(client_for(config_for(origin_url())).send(Create{}));
    CHECK(server.connection_count() == 2);
  }
}

// ---- NO_PROXY

namespace {

struct Exemption {
  const char* host;  // of the origin, with its port
  const char* list;  // NO_PROXY
  bool is_exempt;
};

}  // namespace

TEST_CASE("NO_PROXY is read as curl reads it") {
  const NoProxySettings clean;
  const Exemption table[] = {
      // Names: whole, or a suffix that begins at a dot.
      {"api.example.invalid", "*", true},
      {"api.example.invalid", "api.example.invalid", true},
      {"api.example.invalid", "API.Example.INVALID", true},
      {"API.EXAMPLE.INVALID", "api.example.invalid", true},
      {"api.example.invalid", "example.invalid", true},
      {"api.example.invalid", ".example.invalid", true},
      {"api.example.invalid", "*.example.invalid", true},
      {"a.b.example.invalid", "*.example.invalid", true},
      {"api.example.invalid", ".invalid", true},
      {"api.example.invalid", "invalid", true},
      {"api.example.invalid", "example.invalid.", true},
      {"api.example.invalid.", "example.invalid", true},
      {"example.invalid", ".example.invalid", true},
      {"api.example.invalid", "pi.example.invalid", false},
      {"api.example.invalid", "*pi.example.invalid", false},
      {"badexample.invalid", "example.invalid", false},
      {"badexample.invalid", ".example.invalid", false},
      {"badexample.invalid", "*.example.invalid", false},
      {"example.invalid", "api.example.invalid", false},
      {"api.example.invalid", "api.example", false},
      {"api.example.invalid", "api.*", false},
      {"api.example.invalid", "a*.example.invalid", false},
      {"api.example.invalid", "*.other.invalid", false},
      {"api.example.invalid", ".", false},
      {"api.example.invalid", "", false},
      // Lists.
      {"api.example.invalid", "a.b,api.example.invalid", true},
      {"api.example.invalid", "a.b, example.invalid , c.d", true},
      {"api.example.invalid", "a.b example.invalid c.d", true},
      {"api.example.invalid", ",,example.invalid,", true},
      {"api.example.invalid", "a.b,c.d", false},
      {"api.example.invalid", ",", false},
      // Ports.
      {"api.example.invalid:8443", "api.example.invalid:8443", true},
      {"api.example.invalid:8443", "example.invalid:8443", true},
      {"api.example.invalid:8443", ".example.invalid:8443", true},
      {"api.example.invalid:8443", "api.example.invalid", true},
      {"api.example.invalid", "api.example.invalid:443", true},
      {"api.example.invalid", "api.example.invalid:8443", false},
      {"api.example.invalid:8443", "api.example.invalid:443", false},
      {"api.example.invalid:8443", "api.example.invalid:844", false},
      {"api.example.invalid", "*:443", true},
      {"api.example.invalid:8443", "*:443", false},
      {"192.0.2.1:8443", "*:8443", true},
      {"api.example.invalid", "api.example.invalid:0443", true},
      {"api.example.invalid", "api.example.invalid:4430", false},
      {"api.example.invalid", "api.example.invalid:x443", false},
      {"api.example.invalid", "api.example.invalid:", false},
      {"192.0.2.1:8443", "192.0.2.1:8443", true},
      {"192.0.2.1:8443", "192.0.2.1:443", false},
      {"[2001:db8::1]:8443", "[2001:db8::1]:8443", true},
      {"[2001:db8::1]:8443", "[2001:db8::1]:443", false},
      // Addresses are numbers, not text.
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1.", "192.0.2.1", true},
      {"192.0.2.1.", "192.0.2.0/24", true},
      {"192.0.2.11", "192.0.2.1", false},
      {"192.0.2.1", "2.1", false},
      {"192.0.2.1", ".2.1", false},
      {"192.0.2.1", "*.2.1", false},
      {"[2001:db8::1]", "2001:db8::1", true},
      {"[2001:db8::1]", "[2001:db8::1]", true},
      {"[2001:db8::1]", "2001:DB8:0:0:0:0:0:1", true},
      {"[2001:DB8:0:0::1]", "2001:db8::1", true},
      {"[2001:db8::1]", "2001:0db8::0001", true},
      {"[2001:db8::1]", "2001:db8::11", false},
      {"[2001:db8::11]", "2001:db8::1", false},
      {"[2001:db8::1]", "::1", false},
      // Networks.
      {"192.0.2.1", "192.0.2.0/24", true},
      {"192.0.2.200", "10.0.0.0/8,192.0.2.128/25", true},
      {"192.0.2.1", "192.0.2.1/32", true},
      {"192.0.2.2", "192.0.2.1/32", false},
      {"192.0.2.1", "192.0.2.128/25", false},
      {"192.0.2.1", "192.0.3.0/24", false},
      {"192.0.2.1", "192.0.2.0/33", false},
      {"192.0.2.1", "192.0.2.0/x", false},
      {"192.0.2.1", "192.0.2.0/-1", false},
      {"192.0.2.1", "192.0.2/24", false},
      {"[2001:db8::1]", "2001:db8::/32", true},
      {"[2001:db8::1]", "2001:db8::/126", true},
      {"[2001:db8::4]", "2001:db8::/126", false},
      {"[2001:db9::1]", "2001:db8::/32", false},
      {"[2001:db8::1]", "2001:db8::/129", false},
      {"[2001:db8::1]", "192.0.2.0/24", false},
      {"192.0.2.1", "2001:db8::/32", false},
      {"api.example.invalid", "0.0.0.0/1", false},
      {"api.example.invalid", "example.invalid/8", false},
      {"api.example.invalid", "api.example.invalid/32", false},
  };
  for (const Exemption& each : table) {
    CAPTURE(std::string(each.host));
    CAPTURE(std::string(each.list));
    for (const char* name : {"NO_PROXY", "no_proxy"}) {
      lab::Server server(refusing("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", Then::close),
                         origin_behind_proxy());
      const Environment setting("HTTPS_PROXY", ("http://" + address(server)).c_str());
      const Environment list(name, each.list);
      auto options = trusting();
      options.connect_timeout = 20ms;  // the addresses belong to nobody
      auto config = config_for("https://" + std::string(each.host) + "/client/v4");
      config.timeout = 3s * lab::slowness;
      config.retry.max_attempts = 1;
      if (!each.is_exempt) options.connect_timeout = 5s;
      const auto result = client_for(config, options).send(Create{});
      REQUIRE(!result);
      CHECK(result.error().delivery == Delivery::not_sent);
      CHECK((server.connection_count() == 0) == each.is_exempt);
    }
  }
}

TEST_CASE("NO_PROXY does not exempt from the proxy of the options") {
  const NoProxySettings clean;
  lab::Server server(proxy(), origin_behind_proxy());
  for (const char* list : {"*", origin, "example.invalid", "*.invalid"}) {
    const Environment setting("NO_PROXY", list);
    CHECK(client_for(config_for(origin_url()), over(address(server))).send(Create{}));
  }
}
