// What a server can do to a call in time and in size: the deadline, a cancel and the cap hold at
// every stage, and odd answers give typed errors.
#include "calls.hpp"

#include <atomic>
#include <cstdint>

namespace {

// A stage at which the server keeps the client waiting. The script opens `there` when it is reached.
struct Stage {
  const char* what;
  lab::Options options;
  Delivery delivery;
  void (*script)(lab::Peer& peer, lab::Gate& there);
};

const Stage stages[] = {
    {"silent instead of a TLS handshake", lab::silent(), Delivery::not_sent,
     [](lab::Peer& peer, lab::Gate& there) {
       there.open();
       peer.stall();
     }},
    {"silent after the request",
     {},
     Delivery::unknown,
     [](lab::Peer& peer, lab::Gate& there) {
       if (peer.read_request()) there.open();
       peer.stall();
     }},
    {"drips the head",
     {},
     Delivery::unknown,
     [](lab::Peer& peer, lab::Gate& there) {
       if (!peer.read_request()) return;
       there.open();
       peer.drip("HTTP/1.1 201 Lab\r\nX-Long: " + std::string(4000, 'x'), 20ms);
     }},
    {"drips the body",
     {},
     Delivery::unknown,
     [](lab::Peer& peer, lab::Gate& there) {
       if (!peer.read_request() || !peer.send(lab::Peer::head(201, 4000))) return;
       there.open();
       peer.drip(std::string(4000, ' '), 20ms);
     }},
    {"drips a body in chunks",
     {},
     Delivery::unknown,
     [](lab::Peer& peer, lab::Gate& there) {
       if (!peer.read_request()) return;
       peer.send("HTTP/1.1 201 Lab\r\nTransfer-Encoding: chunked\r\n\r\nfa0\r\n");
       there.open();
       peer.drip(std::string(4000, ' '), 20ms);
     }},
    {"stops in the middle of the body",
     {},
     Delivery::unknown,
     [](lab::Peer& peer, lab::Gate& there) {
       if (!peer.read_request()) return;
       peer.send(lab::Peer::head(201, lab::created.size()));
       peer.send(lab::created.substr(0, lab::created.size() / 2));
       there.open();
       peer.stall();
     }},
};

lab::Script script_of(const Stage& stage, lab::Gate& there) {
  return [&](lab::Peer& peer) { stage.script(peer, there); };
}

// An answer whose head is given and whose body never ends.
lab::Script stall_after_request(lab::Gate& there) {
  return [&](lab::Peer& peer) {
    if (peer.read_request()) there.open();
    peer.stall();
  };
}

lab::Script pouring(std::string head) {
  return [head = std::move(head)](lab::Peer& peer) {
    if (!peer.read_request() || !peer.send(head)) return;
    const std::string piece(65536, ' ');
    for (int i = 0; i < 4800 && peer.send(piece); ++i) continue;  // 300 MiB
  };
}

// Writes bits as deflate wants them.
class Bits {
 public:
  void add(unsigned value, int count) {
    for (int i = 0; i < count; ++i, ++used_) {
      if (used_ % 8 == 0) bytes_ += '\0';
      if (value >> i & 1) bytes_.back() = static_cast<char>(bytes_.back() | 1 << used_ % 8);
    }
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  int used_ = 0;
};

// About 20 MB of zeros.
std::string gzip_bomb() {
  Bits bits;
  bits.add(3, 3);     // the last block, with fixed codes
  bits.add(0x0c, 8);  // literal 0: 00110000 from its highest bit on
  for (int i = 0; i < 80000; ++i) {
    bits.add(0xa3, 8);  // length 258: 11000101
    bits.add(0, 5);     // distance 1
  }
  return std::string(lab::gzip_head) + bits.bytes();
}

rtk::Result<rtk::Livestream> create_against(const std::string& answer) {
  lab::Server server([&](lab::Peer& peer) {
    if (peer.read_request()) peer.send(answer);
    peer.close();
  });
  auto result = client_for(server).send(Create{"launch"});
  CHECK(server.request_count() == 1);
  return result;
}

// A lost or unreadable answer to a create, as a typed error that says so.
void check_typed(const rtk::Result<rtk::Livestream>& result) {
  REQUIRE(!result);
  CHECK((result.error().kind == ErrorKind::transport || result.error().kind == ErrorKind::decode ||
         result.error().kind == ErrorKind::api));
  CHECK(result.error().delivery != Delivery::not_sent);
  CHECK(!result.error().message.empty());
}

}  // namespace

// How soon: tests/faults/limits_test.cpp measures that.
TEST_CASE("a call that its timeout ends says at whatever stage what became of it") {
  for (const Stage& stage : stages) {
    CAPTURE(std::string(stage.what));
    lab::Gate there;
    lab::Server server(script_of(stage, there), stage.options);
    auto config = config_for(server);
    config.timeout = 300ms * lab::slowness;
    config.retry.max_attempts = 1;
    const auto client = client_for(config);
    const auto result = client.send(Create{"launch"});
    CHECK(result.error().kind == ErrorKind::timeout);
    CHECK(result.error().delivery == stage.delivery);
    CHECK(contains(result.error().message, std::to_string(config.timeout.count()) + " ms"));
    // Without a body, too, what may have arrived is not called unsent.
    const auto page = client.send(List{});
    CHECK(page.error().kind == ErrorKind::timeout);
    if (stage.delivery == Delivery::unknown) CHECK(page.error().delivery == Delivery::unknown);
  }
}

TEST_CASE("the deadline of all attempts holds while the server keeps the last one waiting") {
  lab::Server server([](lab::Peer& peer) { peer.stall(); });
  auto config = config_for(server);
  config.timeout = 150ms * lab::slowness;
  config.total_timeout = 400ms * lab::slowness;
  config.retry.max_attempts = 100;
  const auto begin = Clock::now();
  const auto page = client_for(config).send(List{});
  CHECK(page.error().kind == ErrorKind::timeout);
  CHECK((page.error().attempts == 3 || page.error().attempts == 2));  // on a busy machine
  CHECK(since(begin) < 3s * lab::slowness);  // the client's destruction included
}

TEST_CASE("a cancel ends a call at whatever stage the server keeps it waiting") {
  for (const Stage& stage : stages) {
    CAPTURE(std::string(stage.what));
    lab::Gate there;
    lab::Server server(script_of(stage, there), stage.options);
    const auto client = client_for(server);
    rtk::CallOptions options;
    options.cancel = rtk::CancelToken::create();
    Clock::time_point canceled_at;
    std::thread canceler([&] {
      there.wait();
      canceled_at = Clock::now();
      options.cancel.cancel();
    });
    const auto result = client.send(Create{"launch"}, options);
    const auto end = Clock::now();
    canceler.join();
    CHECK(result.error().kind == ErrorKind::canceled);
    CHECK(result.error().delivery == stage.delivery);
    CHECK(end - canceled_at < 1s);
  }
}

TEST_CASE("a CancelCallback may wait for the calls that its token ends") {
  lab::Gate there, ended;
  lab::Server server(stall_after_request(there));
  const auto client = client_for(server);
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  std::atomic<bool> has_seen_end{false};
  rtk::CancelCallback callback(options.cancel,
                               [&] { has_seen_end = ended.wait(5s * lab::slowness); });
  std::thread caller([&] {
    CHECK(client.send(Create{"launch"}, options).error().kind == ErrorKind::canceled);
    ended.open();
  });
  there.wait();
  options.cancel.cancel();
  CHECK(has_seen_end);
  caller.join();
}

TEST_CASE("a CancelCallback that takes its time holds back no call") {
  lab::Gate there, begun, released;
  lab::Server server(stall_after_request(there));
  const auto client = client_for(server);
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  std::atomic<bool> was_released{false};
  rtk::CancelCallback callback(options.cancel, [&] {
    begun.open();
    was_released = released.wait(5s * lab::slowness);
  });
  std::thread canceler([&] {
    there.wait();
    options.cancel.cancel();
  });
  CHECK(client.send(Create{"launch"}, options).error().kind == ErrorKind::canceled);
  CHECK(begun.wait());
  CHECK(client.send(Create{"launch"}, options).error().kind == ErrorKind::canceled);
  released.open();
  canceler.join();
  CHECK(was_released);
}

TEST_CASE("the longest timeout that there is does not wrap around") {
  lab::Server server(lab::answering(201, lab::created));
  auto config = config_for(server);
  config.timeout = (std::chrono::milliseconds::max)();
  const auto request = rtk::to_http(config, Create{"launch"});
  REQUIRE(request);
  const auto answer = rtk::HttplibTransport{trusting()}(*request);
  REQUIRE(answer);
  CHECK(answer->status == 201);
}

TEST_CASE("a call that is canceled before it begins sends nothing") {
  lab::Server server(lab::answering(201, lab::created));
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  options.cancel.cancel();
  const auto result = client_for(server).send(Create{"launch"}, options);
  CHECK(result.error().kind == ErrorKind::canceled);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(result.error().attempts == 0);
  CHECK(server.connection_count() == 0);
}

TEST_CASE("a canceled or late call leaves the client usable") {
  lab::Server server(
      lab::in_turn({[](lab::Peer& peer) { peer.stall(); }, lab::answering(201, lab::created)}));
  auto config = config_for(server);
  config.timeout = 2s * lab::slowness;
  const auto client = client_for(config);
  rtk::CallOptions options;
  options.total_timeout = 100ms * lab::slowness;
  CHECK(client.send(Create{}, options).error().kind == ErrorKind::timeout);
  CHECK(client.send(Create{}));
}

TEST_CASE("a body longer than the cap is refused with little memory used") {
  const std::pair<const char*, std::string> heads[] = {
      {"8 TB announced", "HTTP/1.1 201 Lab\r\nContent-Length: 8000000000000\r\n\r\n"},
      {"300 MiB announced", lab::Peer::head(201, 300u << 20)},
      {"20 MB announced", lab::Peer::head(201, 20000000)},
      {"no length", "HTTP/1.1 201 Lab\r\nConnection: close\r\n\r\n"},
      {"one endless chunk", "HTTP/1.1 201 Lab\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n"}};
  for (const auto& [what, head] : heads) {
    const std::string scenario = what;
    CAPTURE(scenario);
    lab::Server server(pouring(head));
    auto config = config_for(server);
    config.max_response_bytes = 1u << 20;
    const auto client = client_for(config);
    const long before = peak_memory();
    const auto result = client.send(Create{"launch"});
    const long after = peak_memory();
    CHECK(result.error().kind == ErrorKind::decode);
    CHECK(result.error().delivery == Delivery::answered);
    CHECK(result.error().status == 201);
    CHECK(contains(result.error().message, "max_response_bytes"));
    CHECK(result.error().attempts == 1);
    CHECK(server.request_count() == 1);
    if (!lab::sanitized) CHECK(after - before < 32);
  }
}

TEST_CASE("a body of exactly the cap is taken and one byte more is refused") {
  lab::Server server(lab::answering(201, lab::created));
  auto config = config_for(server);
  config.max_response_bytes = lab::created.size();
  CHECK(client_for(config).send(Create{}));
  --config.max_response_bytes;
  CHECK(client_for(config).send(Create{}).error().kind == ErrorKind::decode);
}

TEST_CASE("a length that no memory can hold takes none before the body comes") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(
        [](lab::Peer& peer) {
          if (peer.read_request()) {
            peer.send("HTTP/1.1 201 Lab\r\nContent-Length: 100000000000000000\r\n\r\n{");
          }
          peer.close();
        },
        tls ? lab::Options{} : lab::plain());
    auto config = config_for(server);
    config.max_response_bytes = SIZE_MAX;
    const auto result = client_for(config).send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::unknown);
    const std::string message = result.error().message;
    CAPTURE(message);
    CHECK(contains(message, "closed before the response was complete"));
  }
}

TEST_CASE("a list of 100,000 items is taken under a cap that was raised for it") {
  std::string body = R"({"success":true,"data":[)";
  for (int i = 0; i < 100000; ++i) {
    body += R"({"id":")" + std::to_string(i) + R"(","name":")" + std::string(80, 'x') + "\"},";
  }
  body.back() = ']';
  body += '}';
  lab::Server server(lab::answering(200, body));
  auto config = config_for(server);
  REQUIRE(body.size() > config.max_response_bytes);
  CHECK(client_for(config).send(List{}).error().kind == ErrorKind::decode);
  config.max_response_bytes = 16u << 20;
  const auto page = client_for(config).send(List{});
  REQUIRE(page);
  REQUIRE(page->items.size() == 100000);
  CHECK(page->items.front().id == "0");
  CHECK(page->items.back().id == "99999");
}

TEST_CASE("gzip that nobody asked for is decoded or refused") {
  const std::string body = lab::gzip(lab::created);
  const auto result =
      create_against(lab::Peer::head(201, body.size(), "Content-Encoding: gzip\r\n") + body);
  if (!result) return check_typed(result);
  CHECK(result->stream_key == std::string(lab::stream_key));
}

TEST_CASE("a gzip bomb is refused with little memory used") {
  const std::string body = gzip_bomb();
  const long before = peak_memory();
  const auto result =
      create_against(lab::Peer::head(201, body.size(), "Content-Encoding: gzip\r\n") + body);
  check_typed(result);
#ifdef CPPHTTPLIB_ZLIB_SUPPORT  // else cpp-httplib refuses what it cannot inflate
  CHECK(result.error().kind == ErrorKind::decode);
  CHECK(result.error().delivery == Delivery::answered);
#endif
  if (!lab::sanitized) CHECK(peak_memory() - before < 32);
}

TEST_CASE("answers that break the rules give a typed error") {
  const std::string head = "HTTP/1.1 201 Lab\r\n";
  const std::string created(lab::created);
  const std::pair<const char*, std::string> answers[] = {
      {"nothing", ""},
      {"garbage", "what is this?\r\n\r\n" + created},
      {"binary garbage", std::string(3000, '\0')},
      {"a status that is no number", "HTTP/1.1 abc Lab\r\n\r\n" + created},
      {"another version of HTTP", "HTTP/9.9 201 Lab\r\n\r\n" + created},
      {"no end of the head", head + "X-A: b\r\n"},
      {"too short for its length", lab::Peer::head(201, created.size() + 1) + created},
      {"a negative length", head + "Content-Length: -5\r\n\r\n" + created.substr(0, 9)},
      {"a chunk cut off", head + "Transfer-Encoding: chunked\r\n\r\n1000\r\n" + created},
      {"chunks without an end", head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n"},
      {"a chunk size that is none", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + created},
      {"an informational answer only", "HTTP/1.1 103 Early\r\n\r\n"},
      {"an unknown encoding", lab::Peer::head(201, 7, "Content-Encoding: lab\r\n") + "abcdefg"},
      {"broken brotli", lab::Peer::head(201, 7, "Content-Encoding: br\r\n") + "abcdefg"},
      {"broken gzip", lab::Peer::head(201, 7, "Content-Encoding: gzip\r\n") + "abcdefg"},
      {"a header of 10 kB cut off", head + "X-Long: " + std::string(10000, 'x')}};
  for (const auto& [what, answer] : answers) {
    const std::string scenario = what;
    CAPTURE(scenario);
    const auto result = create_against(answer);
    check_typed(result);
  }
}

TEST_CASE("a line between the chunks of a body has its limit, as the head has") {
  const std::string chunk = "HTTP/1.1 201 Lab\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
  for (const std::string& line : {std::string("0"), std::string("0\r\nX: ")}) {
    lab::Server server(pouring(chunk + line));
    const auto result = client_for(server).send(Create{"launch"});
    check_typed(result);  // not a timeout: some versions have a limit of their own
    CHECK(server.request_count() == 1);
  }
}

TEST_CASE("an answer without a length that is cut off by a FIN is no success") {
  // Some versions take it for complete: the promise of a create is what catches it.
  lab::Server server([](lab::Peer& peer) {
    if (!peer.read_request()) return;
    peer.send("HTTP/1.1 201 Lab\r\n\r\n");
    peer.send(lab::created.substr(0, lab::created.size() / 2));
    peer.fin();
  });
  const auto result = client_for(server).send(Create{"launch"});
  check_typed(result);
  CHECK(server.request_count() == 1);
}

TEST_CASE("an answer in chunks is put together") {
  const auto result =
      create_against("HTTP/1.1 201 Lab\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" +
                     std::string(lab::created.substr(0, 5)) + "\r\n" + [] {
                       char size[16];
                       std::snprintf(size, sizeof size, "%zx\r\n", lab::created.size() - 5);
                       return size + std::string(lab::created.substr(5)) + "\r\n0\r\n\r\n";
                     }());
  REQUIRE(result);
  CHECK(result->stream_key == std::string(lab::stream_key));
}
