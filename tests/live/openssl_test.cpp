// What the client does with OpenSSL that a program or a server can notice: the thread's errors,
// sessions, certificates read once, and what is said when TLS breaks.
#include "../faults/failing.hpp"
#include "names.hpp"
#include "proxies.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>
#include <functional>
#include <tuple>

namespace {

// ---- The errors of a thread

using QueuedError = std::tuple<unsigned long, std::string, int, std::string, std::string, int>;

std::vector<QueuedError> take_errors() {
  std::vector<QueuedError> all;
  const char *file = nullptr, *function = nullptr, *data = nullptr;
  int line = 0, flags = 0;
  while (const unsigned long code = ERR_get_error_all(&file, &line, &function, &data, &flags)) {
    all.emplace_back(code, file ? file : "", line, function ? function : "", data ? data : "",
                     flags & ERR_TXT_STRING);
  }
  return all;
}

void queue_errors(int count) {
  for (int i = 0; i < count; ++i) {
    if (i % 3 == 2) {
      ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
    } else {
      ERR_raise_data(ERR_LIB_USER, 40 + i, "the caller's error %d", i);
    }
  }
}

rtk::Client client_once(const std::string& url,
                        rtk::HttplibTransport::Options options = trusting()) {
  auto config = config_for(url + "/client/v4");
  config.retry.max_attempts = 1;
  return client_for(config, std::move(options));
}

// What a program does that may leave errors in OpenSSL's queue: a server, and calls to it.
struct Use {
  const char* what;
  lab::Options options;
  lab::Script script;
  std::function<void(const lab::Server&)> calls;
};

std::vector<Use> uses() {
  const auto fails = [](const lab::Server& server) {
    CHECK(!client_once(server.url()).send(Create{"launch"}));
  };
  const auto succeeds_twice = [](const lab::Server& server) {
    const auto client = client_once(server.url());
    CHECK(client.send(Create{"new connection"}));
    CHECK(client.send(Create{"kept connection"}));
  };
  const auto times_out = [](const lab::Server& server) {
    rtk::CallOptions options;
    options.total_timeout = 50ms * lab::slowness;
    CHECK(!client_once(server.url()).send(Create{"launch"}, options));
  };
  const auto cannot_read = [](const std::string& path) {
    return [path](const lab::Server& server) {
      const auto client = client_once(server.url(), trusting(path));
      for (int i = 0; i < 2; ++i) CHECK(!client.send(Create{"launch"}));
    };
  };
  const auto good = lab::answering(201, lab::created);
  const auto stall = [](lab::Peer& peer) { peer.stall(); };
  return {
      {"calls that succeed", {}, good, succeeds_twice},
      {"calls without TLS", lab::plain(), good, succeeds_twice},
      {"a CA file that is not there", {}, good, cannot_read("/nonexistent/ca.pem")},
      {"a CA file without a certificate",
       {},
       good,
       cannot_read(lab::directory().write("no-certificate.pem", "garbage\n"))},
      {"a certificate that is not trusted",
       lab::with(sandbox::self_signed({"localhost", {"localhost", "127.0.0.1"}})), good, fails},
      {"a server without TLS", lab::silent(),
       [](lab::Peer& peer) {
         peer.await(5);
         peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
         peer.close();
       },
       fails},
      {"a refused connection",
       {},
       good,
       [](const lab::Server&) {
         const auto url = "https://127.0.0.1:" + std::to_string(lab::closed_port());
         CHECK(!client_once(url).send(Create{"launch"}));
       }},
      {"a timeout in the handshake", lab::silent(), stall, times_out},
      {"a timeout after the request", {}, stall, times_out},
      {"a lost connection",
       {},
       [](lab::Peer& peer) {
         if (peer.read_request()) peer.reset();
       },
       fails},
      {"an answer that a FIN cuts off",
       {},
       [](lab::Peer& peer) {
         if (peer.read_request() && peer.send(lab::Peer::head(201, 4000))) peer.fin();
       },
       fails},
      {"a kept connection that the server closes",
       {},
       [](lab::Peer& peer) {
         if (peer.read_request()) peer.answer(201, lab::created);
         peer.close();
       },
       [](const lab::Server& server) {
         const auto client = client_once(server.url());
         CHECK(client.send(Create{"launch"}));
         CHECK(server.wait_for_open(0));
         CHECK(client.send(Create{"launch"}));
       }},
  };
}

// Whatever happens meanwhile, the errors that were there stay, and no others come.
void check_errors_stay(int count) {
  CAPTURE(count);
  for (const Use& use : uses()) {
    CAPTURE(std::string(use.what));
    const lab::Server server(use.script, use.options);
    ERR_clear_error();
    queue_errors(count);
    const auto before = take_errors();
    REQUIRE(before.size() == static_cast<std::size_t>(count));
    queue_errors(count);
    use.calls(server);
    const auto after = take_errors();
    CHECK(after.size() == before.size());
    CHECK((after == before));
  }
}

// ---- Sessions

lab::Options tls_up_to(int version) {
  lab::Options options;
  options.max_tls_version = version;
  return options;
}

// Calls a function with a handshake, for a server, that ends as no client certificate comes. It then
// reads on or not: what a server has not read makes a reset of its FIN.
template <class Function>
void with_wanted_certificate(const lab::Options& options, const Function& function) {
  const auto context = lab::detail::make_context(options);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  for (const bool reads_on : {true, false}) {
    CAPTURE(reads_on);
#ifdef _WIN32
    if (!reads_on) continue;  // Windows drops what has come before a reset
#endif
    function([&](lab::Peer& peer) {
      peer.start_tls(context.get());
      char buffer[1];
      while (reads_on && ::recv(peer.socket(), buffer, 1, 0) > 0) continue;
    });
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

TEST_CASE("the OpenSSL errors of the calling thread are after a call what they were before") {
  for (const int count : {0, 1, 3}) check_errors_stay(count);
}

TEST_CASE("a queue of OpenSSL errors that is full loses none") {
  check_errors_stay(15);  // OpenSSL drops the oldest of more
}

TEST_CASE("OpenSSL errors of the caller's are not taken for a call's own") {
  lab::Server server(lab::answering(201, lab::created));
  const auto client = client_for(server);
  for (int i = 0; i < 3; ++i) {
    queue_errors(2);
    CHECK(client.send(Create{"launch"}));
  }
  ERR_clear_error();
}

TEST_CASE("a CA file that cannot be read at first is read again by the next call") {
  lab::Server server(lab::answering(201, lab::created));
  const auto path = std::filesystem::path(lab::ca_file()).parent_path() / "late.pem";
  std::filesystem::remove(path);
  const auto client = client_for(config_for(server), trusting(path.string()));
  CHECK(client.send(Create{"launch"}).error().kind == ErrorKind::invalid_request);
  lab::directory().write("late.pem", "this is no certificate");
  CHECK(client.send(Create{"launch"}).error().kind == ErrorKind::invalid_request);
  lab::directory().write("late.pem", lab::authority().cert_pem());
  CHECK(client.send(Create{"launch"}));
}

TEST_CASE("certificates that SSL_CERT_FILE names too early are read by the next call") {
  lab::Server server(lab::answering(201, lab::created));
  const auto path = std::filesystem::path(lab::ca_file()).parent_path() / "late-default.pem";
  std::filesystem::remove(path);
  const Environment file("SSL_CERT_FILE", path.string().c_str());
  const Environment directory("SSL_CERT_DIR", nullptr);
  const auto client = client_once(server.url(), {});
  const auto first = client.send(Create{"launch"});
  REQUIRE(!first);
  CHECK(first.error().delivery == Delivery::not_sent);
  CHECK(contains(first.error().message, path.string()));
  lab::directory().write("late-default.pem", lab::authority().cert_pem());
  CHECK(client.send(Create{"launch"}));
  CHECK(server.request_count() == 1);
}

TEST_CASE("a CA file is read once") {
  lab::Server server(lab::answering(201, lab::created, "Connection: close\r\n"));
  const auto path = lab::directory().write("once.pem", lab::authority().cert_pem());
  const auto client = client_for(config_for(server), trusting(path));
  const auto copy = client;
  REQUIRE(client.send(Create{"launch"}));
  std::filesystem::remove(path);
  CHECK(client.send(Create{"launch"}));
  CHECK(copy.send(Create{"launch"}));
  CHECK(server.connection_count() == 3);
}

TEST_CASE("TLS sessions are resumed") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    std::atomic<int> resumed{0};
    lab::Server server(
        [&](lab::Peer& peer) {
          resumed += SSL_session_reused(peer.tls());
          if (peer.read_request()) peer.answer(201, lab::created, "Connection: close\r\n");
          peer.close();
        },
        tls_up_to(version));
    const auto client = client_for(server);
    for (int i = 0; i < 4; ++i) REQUIRE(client.send(Create{"launch"}));
    CHECK(server.connection_count() == 4);
    CHECK(resumed == 3);
  }
}

TEST_CASE("a session that the server does not know any more costs a handshake, not the call") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    lab::Server server(
        [&](lab::Peer& peer) {
          const auto context =
              lab::detail::make_context(tls_up_to(version));  // has keys of its own
          if (!peer.start_tls(context.get())) return;
          if (peer.read_request()) peer.answer(201, lab::created, "Connection: close\r\n");
          peer.close();
        },
        lab::silent());
    const auto client = client_for(server);
    for (int i = 0; i < 3; ++i) CHECK(client.send(Create{"launch"}));
    CHECK(server.connection_count() == 3);
  }
}

TEST_CASE("a server that breaks off at a session offered again costs an attempt, not the call") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    std::atomic<bool> was_resumed{false};
    const auto answer = [](lab::Peer& peer) {
      if (peer.read_request()) peer.answer(201, lab::created, "Connection: close\r\n");
      peer.close();
    };
    auto options = tls_up_to(version);
    options.handshake = false;
    lab::Server server(
        lab::in_turn({[&](lab::Peer& peer) {
                        if (peer.start_tls()) answer(peer);
                      },
                      [](lab::Peer& peer) {
                        const std::string head = peer.read(5);
                        if (head.size() < 5) return;
                        peer.read(static_cast<unsigned char>(head[3]) * 256u +
                                  static_cast<unsigned char>(head[4]));
                        faults::send_raw(
                            peer, faults::alert_record(SSL3_AL_FATAL, SSL_AD_ILLEGAL_PARAMETER));
                      },
                      [&](lab::Peer& peer) {
                        if (!peer.start_tls()) return;
                        was_resumed = SSL_session_reused(peer.tls()) == 1;
                        answer(peer);
                      }}),
        options);
    const auto client = client_for(server);
    REQUIRE(client.send(Create{"launch"}));
    CHECK(client.send(Create{"launch"}));
    CHECK(server.connection_count() == 3);
    CHECK(server.request_count() == 2);
    CHECK(!was_resumed);
  }
}

TEST_CASE("a session is resumed for its own host only, or a certificate would not be checked") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    lab::Server server(lab::answering(201, lab::created, "Connection: close\r\n"),
                       tls_up_to(version));
    const lab::Name other("other.example.invalid", {"127.0.0.1"});
    const rtk::HttplibTransport transport{trusting()};
    auto config = config_for(server.url("localhost"));
    config.retry.max_attempts = 1;
    const rtk::Client client{config, transport};
    for (int i = 0; i < 2; ++i) REQUIRE(client.send(Create{"launch"}));
    config.base_url = server.url("other.example.invalid");
    const auto refused = rtk::Client{config, transport}.send(Create{"launch"});
    CHECK(refused.error().delivery == Delivery::not_sent);
    CHECK(contains(refused.error().message,
                   X509_verify_cert_error_string(X509_V_ERR_HOSTNAME_MISMATCH)));
    CHECK(server.request_count() == 2);
  }
}

TEST_CASE("a host name's case and last dot do not matter to its certificate") {
  std::mutex mutex;
  std::string sni;
  lab::Server server([&](lab::Peer& peer) {
    {
      const char* const name = SSL_get_servername(peer.tls(), TLSEXT_NAMETYPE_host_name);
      const std::lock_guard<std::mutex> lock(mutex);
      sni = name ? name : "";
    }
    while (peer.read_request() && peer.answer(201, lab::created)) continue;
  });
  const lab::Name with_dot("localhost.", {"127.0.0.1"});  // not every system knows it
  for (const char* host : {"localhost", "LOCALHOST", "localhost.", "LocalHost."}) {
    CAPTURE(std::string(host));
    CHECK(client_once(server.url(host)).send(Create{"launch"}));
    const std::lock_guard<std::mutex> lock(mutex);
    CHECK(lower(sni) == "localhost");  // RFC 6066: without the dot
  }
}

TEST_CASE("a certificate whose common name alone is right is refused") {
  static const auto certificates = {lab::authority().issue({"localhost", {}}),
                                    lab::authority().issue({"localhost", {"127.0.0.2"}}),
                                    lab::authority().issue({"127.0.0.1", {}})};
  for (const auto& certificate : certificates) {
    lab::Server server(lab::answering(201, lab::created), lab::with(certificate));
    for (const char* host : {"localhost", "LOCALHOST.", "127.0.0.1"}) {
      CAPTURE(std::string(host));
      const auto result = client_once(server.url(host)).send(Create{"launch"});
      CHECK(result.error().kind == ErrorKind::transport);
      CHECK(result.error().delivery == Delivery::not_sent);
    }
    CHECK(server.request_count() == 0);
  }
}

TEST_CASE("a complete answer does not wait for the peer to close") {
  for (const std::string& head :
       {lab::Peer::head(201, lab::created.size(), "Connection: close\r\n"),
        "HTTP/1.0" + lab::Peer::head(201, lab::created.size()).substr(8)}) {
    lab::Server server([&](lab::Peer& peer) {
      if (peer.read_request()) peer.send(std::string(head).append(lab::created));
      peer.stall();
    });
    auto config = config_for(server);
    config.timeout = 5s;
    const auto client = client_for(config);
    const auto begin = Clock::now();
    CHECK(client.send(Create{"launch"}));
    CHECK(client.send(Get{"1"}));
    CHECK(since(begin) < 4s);
    CHECK(server.request_count() == 2);
    CHECK(server.connection_count() == 2);
    CHECK(server.wait_for_open(0));  // the client has closed them
  }
}

TEST_CASE("a server that wants a certificate is quoted") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    with_wanted_certificate(tls_up_to(version), [&](const lab::Script& handshake) {
      lab::Server server(handshake, lab::silent());
      for (const std::size_t size : {std::size_t(1), std::size_t(2) << 20}) {
        CAPTURE(size);
        const auto result = client_once(server.url()).send(Create{std::string(size, 'x')});
        CHECK(result.error().kind == ErrorKind::transport);
        CAPTURE(result.error().message);
        // What TLS 1.2 has for this: RFC 5246 7.4.6.
        const char* const alert =
            version == TLS1_3_VERSION ? "certificate required" : "handshake failure";
        CHECK(contains(result.error().message, alert));
      }
      CHECK(server.request_count() == 0);
    });
  }
}

TEST_CASE("a server behind a proxy that wants a certificate is quoted, and asked once") {
  const NoProxySettings clean;
  with_wanted_certificate(origin_behind_proxy(), [&](const lab::Script& handshake) {
    lab::Server server(
        [&](lab::Peer& peer) {
          if (!peer.read_request()) return;
          if (peer.send("HTTP/1.1 200 Connected\r\n\r\n")) handshake(peer);
        },
        origin_behind_proxy());
    const auto client = client_for(config_for(origin_url()), over(address(server)));
    for (const std::size_t size : {std::size_t(1), std::size_t(2) << 20}) {
      CAPTURE(size);
      for (int i = 0; i < 10; ++i) {  // the alert and the request cross in many ways
        const auto before = server.connection_count();
        const auto result = client.send(Create{std::string(size, 'x')});
        REQUIRE(!result);
        const std::string message = result.error().message;
        CAPTURE(message);
        CHECK(contains(message, "certificate required"));
        CHECK(result.error().permanent);
        CHECK(result.error().attempts == 1);
        CHECK(server.connection_count() == before + 1);
      }
    }
    for (const auto& request : server.requests()) CHECK(contains(request.line(), "CONNECT "));
  });
}

TEST_CASE("an alert does not complete an answer without a length") {
  lab::Server server([](lab::Peer& peer) {
    if (!peer.read_request() || !peer.send("HTTP/1.1 201 Lab\r\n\r\n")) return;
    peer.send(lab::created);
    faults::send_alert(peer);
    peer.stall();
  });
  const auto result = client_once(server.url()).send(Create{"launch"});
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::unknown);
}

TEST_CASE("a connection that breaks while a body is written was lost, and nobody canceled") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(
        [](lab::Peer& peer) {
          peer.await(1u << 16);
          peer.reset();
        },
        tls ? lab::Options{} : lab::plain());
    const auto result = client_once(server.url()).send(Create{std::string(16u << 20, 'x')});
    CHECK(result.error().kind == ErrorKind::transport);
    const std::string message = lower(result.error().message);
    CAPTURE(message);
    CHECK(!contains(message, "cancel"));
    CHECK((contains(message, "lost") || contains(message, "reset") ||
           contains(message, "broken pipe") || contains(message, "closed")));
    CHECK(server.request_count() == 0);
  }
}
