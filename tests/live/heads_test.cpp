// Limits for what a server may say, the same on every way; how a request leaves; and what is not
// tried again, as it cannot change.
#include "proxies.hpp"

#include <atomic>

namespace {

enum class Way { plain, tls, tunnel };
constexpr Way all_ways[] = {Way::plain, Way::tls, Way::tunnel};
const char* name_of(Way way) {
  return way == Way::plain ? "plain" : way == Way::tls ? "TLS" : "CONNECT";
}

// The script begins after a CONNECT, if there is one.
struct Setup {
  Setup(Way way, lab::Script script)
      : server(way != Way::tunnel ? std::move(script)
                                  : lab::Script([then = std::move(script)](lab::Peer& peer) {
                                      if (!peer.read_request()) return;
                                      peer.send("HTTP/1.1 200 OK\r\n\r\n");
                                      if (peer.start_tls()) then(peer);
                                    }),
               way == Way::plain ? lab::plain()
               : way == Way::tls ? lab::Options{}
                                 : origin_behind_proxy()),
        config(config_for(way == Way::tunnel ? origin_url() : server.url() + "/client/v4")),
        options(way == Way::tunnel ? over(address(server)) : trusting()) {}

  const NoProxySettings clean;
  lab::Server server;
  rtk::Config config;
  rtk::HttplibTransport::Options options;

  std::size_t count(std::string_view method) const {
    std::size_t all = 0;
    for (const auto& request : server.requests()) {
      if (contains(request.line(), method)) ++all;
    }
    return all;
  }
};

// Reads a request, and then sends a text and after it the same piece again and again.
lab::Script pouring(std::string start, std::string piece) {
  return [=](lab::Peer& peer) {
    if (!peer.read_request() || !peer.send(start)) return;
    for (std::size_t sent = 0; sent < (256u << 20) && peer.send(piece); sent += piece.size())
      continue;
    peer.stall();
  };
}
lab::Script sending(std::string text) {
  return [=](lab::Peer& peer) {
    if (peer.read_request()) peer.send(text);
    peer.stall();
  };
}

void check_names_limit(const rtk::Error& error) {
  const std::string message = error.message;
  CAPTURE(message);
  CHECK(error.kind != ErrorKind::timeout);
  if (contains(message, "not valid HTTP")) return;  // which is seen before the limit
  CHECK(contains(message, "longer than"));
  CHECK(message.find_first_of("123456789") != message.npos);
}

// Headers of 1 kB, so many that the head has about that size.
std::string head_of(std::size_t size, std::size_t body) {
  std::string lines;
  for (int i = 0; lines.size() + 1000 < size; ++i) {
    std::string name = "X-" + std::to_string(i) + ": ";
    lines += name + std::string(998 - name.size(), 'x') + "\r\n";
  }
  return lab::Peer::head(201, body, lines);
}

const std::pair<const char*, std::string> endless[] = {
    {"a first line without an end", "HTTP/1.1 200 "},
    {"a first line that is no HTTP", "x"},
    {"a field without an end", "HTTP/1.1 200 OK\r\nX: "},
    {"a field's name without an end", "HTTP/1.1 200 OK\r\nX"},
};

}  // namespace

TEST_CASE("a head of up to 32 KiB is taken on every way, and a longer one refused") {
  for (const Way way : all_ways) {
    CAPTURE(std::string(name_of(way)));
    for (const std::size_t size : {1000u, 8000u, 16000u, 30000u}) {
      CAPTURE(size);
      Setup lab(way, sending(head_of(size, lab::created.size()) + std::string(lab::created)));
      CHECK(client_for(lab.config, lab.options).send(Create{}));
    }
    for (const std::size_t size : {33500u, 36000u, 40960u, 70000u, 300000u}) {
      CAPTURE(size);
      Setup lab(way, sending(head_of(size, lab::created.size()) + std::string(lab::created)));
      const auto result = client_for(lab.config, lab.options).send(Create{});
      REQUIRE(!result);
      check_names_limit(result.error());
      CHECK(result.error().delivery != Delivery::not_sent);
      CHECK(lab.count("POST ") == 1);
    }
  }
}

TEST_CASE("the limits of a head do not depend on how it arrives") {
  const auto head_of_exactly = [](std::size_t size) {
    const std::string length = "Content-Length: " + std::to_string(lab::created.size());
    const std::string begin = "HTTP/1.1 201 Lab\r\n" + length + "\r\nX-Long: ", end = "\r\n\r\n";
    return begin + std::string(size - begin.size() - end.size(), 'x') + end;
  };
  const auto first_line_of = [](std::size_t size) {
    const std::string begin = "HTTP/1.1 201 ", end = "\r";
    return begin + std::string(size - begin.size() - end.size(), 'x') + end +
           "\nContent-Length: " + std::to_string(lab::created.size()) + "\r\n\r\n";
  };
  struct Case {
    std::string head;
    bool is_taken;
  };
  const Case cases[] = {{head_of_exactly(32768), true},
                        {head_of_exactly(32769), false},
                        {first_line_of(8192), true},
                        {first_line_of(8193), false}};
  for (const Way way : all_ways) {
    CAPTURE(std::string(name_of(way)));
    for (const Case& each : cases) {
      CAPTURE(each.head.size());
      CAPTURE(each.is_taken);
      const std::string answer = each.head + std::string(lab::created);
      for (const std::size_t piece : {std::size_t(100), std::size_t(4096), answer.size()}) {
        CAPTURE(piece);
        Setup lab(way, [=](lab::Peer& peer) {
          if (!peer.read_request()) return;
          for (std::size_t at = 0; at < answer.size(); at += piece) {
            if (!peer.send(std::string_view(answer).substr(at, piece))) return;
          }
          peer.stall();
        });
        const auto result = client_for(lab.config, lab.options).send(Create{});
        CHECK(result.has_value() == each.is_taken);
        if (!result) check_names_limit(result.error());
      }
    }
  }
}

TEST_CASE("a first line may be long, and has its limit") {
  for (const Way way : all_ways) {
    CAPTURE(std::string(name_of(way)));
    const auto answer = [](std::size_t size) {
      return "HTTP/1.1 201 " + std::string(size, 'x') +
             "\r\nContent-Length: " + std::to_string(lab::created.size()) + "\r\n\r\n" +
             std::string(lab::created);
    };
    for (const std::size_t size : {100u, 1000u}) {
      Setup lab(way, sending(answer(size)));
      CHECK(client_for(lab.config, lab.options).send(Create{}));
    }
    for (const std::size_t size : {9000u, 30000u, 40000u, 300000u, 3000000u}) {
      CAPTURE(size);
      Setup lab(way, sending(answer(size)));
      const auto result = client_for(lab.config, lab.options).send(Create{});
      REQUIRE(!result);
      check_names_limit(result.error());
      CHECK(result.error().delivery != Delivery::not_sent);
      CHECK(lab.count("POST ") == 1);
    }
  }
}

TEST_CASE("a head that never ends is refused on every way") {
  for (const Way way : all_ways) {
    for (const auto& [what, start] : endless) {
      CAPTURE(std::string(name_of(way)));
      const std::string scenario = what;
      CAPTURE(scenario);
      Setup lab(way, pouring(start, std::string(65536, 'x')));
      const auto result = client_for(lab.config, lab.options).send(Create{});
      REQUIRE(!result);
      check_names_limit(result.error());
      CHECK(result.error().delivery != Delivery::not_sent);
      CHECK(lab.count("POST ") == 1);
    }
    Setup lab(way, pouring("HTTP/1.1 200 OK\r\n", "X: y\r\n"));
    const auto result = client_for(lab.config, lab.options).send(Create{});
    REQUIRE(!result);
    check_names_limit(result.error());
  }
}

TEST_CASE("interim answers without an end do not outlast the call, nor take memory") {
  for (const Way way : all_ways) {
    CAPTURE(std::string(name_of(way)));
    Setup lab(way, pouring("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"));
    lab.config.timeout = 1s * lab::slowness;
    const auto begin = Clock::now();
    const auto result = client_for(lab.config, lab.options).send(Create{});
    REQUIRE(!result);
    CHECK(since(begin) < 10s * lab::slowness);
    CHECK(result.error().delivery != Delivery::not_sent);
    CHECK(lab.count("POST ") == 1);
  }
}

TEST_CASE("a proxy's answer to CONNECT has the same limits, and the request is unsent") {
  const NoProxySettings clean;
  std::vector<std::pair<std::string, lab::Script>> scripts;
  for (const auto& [what, start] : endless) {
    scripts.emplace_back(what, pouring(start, std::string(65536, 'x')));
  }
  scripts.emplace_back("fields without an end", pouring("HTTP/1.1 200 OK\r\n", "X: y\r\n"));
  scripts.emplace_back("a first line of 300 kB",
                       sending("HTTP/1.1 200 " + std::string(300000, 'x') + "\r\n\r\n"));
  scripts.emplace_back("a refusal of 300 kB",
                       sending("HTTP/1.1 403 " + std::string(300000, 'x') + "\r\n\r\n"));
  scripts.emplace_back("a head of 40 kB", sending(head_of(40000, 0)));
  for (const auto& [what, script] : scripts) {
    const std::string scenario = what;
    CAPTURE(scenario);
    lab::Server server(script, origin_behind_proxy());
    auto config = config_for(origin_url());
    config.retry.max_attempts = 1;
    const auto result = client_for(config, over(address(server))).send(Create{});
    REQUIRE(!result);
    check_names_limit(result.error());
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::not_sent);
    CHECK(contains(result.error().message, "proxy"));
    CHECK(contains(result.error().message, address(server)));
  }
  // As long as an answer's head may be.
  lab::Server server(
      [](lab::Peer& peer) {
        if (!peer.read_request() || !peer.send(head_of(30000, 0)) || !peer.start_tls()) return;
        lab::answering(201, lab::created)(peer);
      },
      origin_behind_proxy());
  CHECK(client_for(config_for(origin_url()), over(address(server))).send(Create{}));
}

// ---- Content codings

TEST_CASE("an answer in a coding that nobody asked for is decoded, or refused as such, once") {
  const std::string compressed = lab::gzip(lab::created);
  for (const Way way : all_ways) {
    for (const std::string coding : {"gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress",
                                     "lab", "gzip, br", "identity, gzip"}) {
      for (const bool by_chunks : {false, true}) {
        CAPTURE(std::string(name_of(way)));
        CAPTURE(coding);
        CAPTURE(by_chunks);
        const std::string line = "Content-Encoding: " + coding + "\r\n";
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", compressed.size());
        const std::string answer = by_chunks
                                       ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" +
                                             line + "\r\n" + size + compressed + "\r\n0\r\n\r\n"
                                       : lab::Peer::head(200, compressed.size(), line) + compressed;
        Setup lab(way, [=](lab::Peer& peer) {
          while (peer.read_request() && peer.send(answer)) continue;
        });
        const auto client = client_for(lab.config, lab.options);
        const auto created = client.send(Create{});
        const auto got = client.send(Get{"5e8f2a90"});
        const bool is_gzip = coding == "gzip" || coding == "GZIP" || coding == "x-gzip";
        CHECK(lab.count("POST ") == 1);
        CHECK(lab.count("GET ") == 1);
        for (const auto* const error : {&created.error(), &got.error()}) {
          if (created) break;
          const std::string message = error->message;
          CAPTURE(message);
          CHECK(error->kind == ErrorKind::decode);
          CHECK(error->delivery == Delivery::answered);
          CHECK(error->status == 200);
          CHECK(error->attempts == 1);
          CHECK(contains(message, coding));
        }
        CHECK((!created || created->stream_key == std::string(lab::stream_key)));
        CHECK((!created || is_gzip || coding == "deflate"));  // zlib tells by itself
      }
    }
    Setup lab(way, lab::answering(201, lab::created, "Content-Encoding: identity\r\n"));
    CHECK(client_for(lab.config, lab.options).send(Create{}));
    CHECK(lab.server.last_request().header("Accept-Encoding") == "identity");
  }
}

TEST_CASE("a failure in an unknown coding is the failure that its status says") {
  for (const Way way : all_ways) {
    CAPTURE(std::string(name_of(way)));
    std::atomic<int> failures{0};
    const auto script = [&](lab::Peer& peer) {
      while (const auto request = peer.read_request()) {
        const bool fails = failures > 0 && failures-- > 0;
        if (fails) peer.answer(503, "abc", "Content-Encoding: lab\r\n");
        if (!fails) peer.answer(200, lab::created);
      }
    };
    Setup lab(way, script);
    const auto client = client_for(lab.config, lab.options);
    failures = 1;
    const auto created = client.send(Create{});
    CHECK(created.error().kind == ErrorKind::api);
    CHECK(created.error().status == 503);
    CHECK(created.error().delivery == Delivery::answered);
    failures = 1;
    CHECK(client.send(Get{"5e8f2a90"}));
    CHECK(failures == 0);
    CHECK(lab.count("GET ") == 2);
    CHECK(lab.count("POST ") == 1);
  }
}

// ---- How a request leaves

TEST_CASE("head and body leave in one write") {
  for (const Way way : all_ways) {
    for (const std::size_t size : {0u, 10u, 3000u, 12000u}) {
      CAPTURE(std::string(name_of(way)));
      CAPTURE(size);
      std::atomic<int> in_pieces{0}, whole{0};
      Setup lab(way, [&](lab::Peer& peer) {
        for (std::string request;;) {
          char buffer[65536];
          std::size_t got = 0;
          if (peer.tls()) {
            const bool is_read = SSL_read_ex(peer.tls(), buffer, sizeof buffer, &got) == 1;
            ERR_clear_error();
            if (!is_read) return;
          } else {
            const auto received = ::recv(peer.socket(), buffer, sizeof buffer, 0);
            if (received <= 0) return;
            got = static_cast<std::size_t>(received);
          }
          const bool is_first = request.empty();
          request.append(buffer, got);
          if (request.back() != '}') continue;
          ++(is_first ? whole : in_pieces);
          request.clear();
          peer.answer(201, lab::created);
        }
      });
      const auto client = client_for(lab.config, lab.options);
      for (int i = 0; i < 30; ++i) CHECK(client.send(Create{std::string(size, 'x')}));
      CHECK(whole.load() == 30);
      CHECK(in_pieces.load() == 0);
    }
  }
}

// ---- What is not tried again

TEST_CASE("a certificate that is not trusted is refused once, and one attempt is made") {
  const std::pair<const char*, sandbox::Certificate> certificates[] = {
      {"self-signed", sandbox::self_signed({"localhost", {"localhost"}})},
      {"unknown authority", sandbox::Authority("Unknown CA").issue({"localhost", {"localhost"}})},
      {"expired", lab::authority().issue({"localhost", {"localhost"}, -30, -1})},
      {"not yet valid", lab::authority().issue({"localhost", {"localhost"}, 2, 30})},
      {"another host's", lab::authority().issue({"other", {"other.example.invalid"}})},
  };
  for (const auto& [what, certificate] : certificates) {
    const std::string scenario = what;
    CAPTURE(scenario);
    lab::Server server(lab::answering(201, lab::created), lab::with(certificate));
    const auto client = client_for(config_for(server.url("localhost")));
    const auto created = client.send(Create{});
    CHECK(created.error().attempts == 1);
    CHECK(created.error().kind == ErrorKind::transport);
    CHECK(created.error().delivery == Delivery::not_sent);
    CHECK(contains(created.error().message, "certificate"));
    CHECK(contains(created.error().message, "localhost:" + std::to_string(server.port())));
    CHECK(client.send(List{}).error().attempts == 1);
    CHECK(server.connection_count() <= 2);
    CHECK(server.request_count() == 0);
  }
}

TEST_CASE("a server without a TLS version in common is asked once") {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    CAPTURE(version);
    lab::Options old;
    old.max_tls_version = version;
    lab::Server server(lab::answering(201, lab::created), old);
    const auto client = client_for(config_for(server));
    const auto created = client.send(Create{});
    REQUIRE(!created);
    const std::string message = created.error().message;
    CAPTURE(message);
    CHECK(created.error().attempts == 1);
    CHECK(created.error().kind == ErrorKind::transport);
    CHECK(created.error().delivery == Delivery::not_sent);
    CHECK(contains(message, "TLS"));
    CHECK((contains(message, "version") || contains(message, "protocol")));
    CHECK(client.send(List{}).error().attempts == 1);
    CHECK(server.connection_count() == 2);
    CHECK(server.request_count() == 0);
  }
}

TEST_CASE("a server that speaks no TLS is asked once") {
  const std::pair<const char*, std::string> greetings[] = {
      {"plain http", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"},
      {"a mail server", "220 mail.example ESMTP\r\n"}};
  for (const auto& [what, greeting] : greetings) {
    const std::string scenario = what;
    CAPTURE(scenario);
    lab::Server server(
        [text = greeting](lab::Peer& peer) {
          peer.await(5);
          peer.send(text);
          peer.stall();
        },
        lab::silent());
    const auto result = client_for(config_for(server)).send(Create{});
    REQUIRE(!result);
    CHECK(result.error().attempts == 1);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::not_sent);
    CHECK(contains(result.error().message, "TLS"));
    CHECK(server.connection_count() == 1);
  }
}
