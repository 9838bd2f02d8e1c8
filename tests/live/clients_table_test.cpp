// Fifteen situations in which other clients of this API were measured to fail, and what ours does.
#include "calls.hpp"

#include <sstream>

namespace {

// Answers with these, one after the other, over any number of connections.
class Answers {
 public:
  explicit Answers(std::vector<std::pair<int, std::string>> list, std::string headers = {})
      : list_(std::move(list)), headers_(std::move(headers)) {}

  void operator()(lab::Peer& peer) {
    while (peer.read_request()) {
      const auto& [status, body] = next();
      if (!peer.answer(status, body, headers_)) return;
    }
  }

 private:
  const std::pair<int, std::string>& next() {
    std::lock_guard<std::mutex> lock(mutex_);
    return list_[(std::min)(used_++, list_.size() - 1)];
  }

  std::mutex mutex_;
  std::size_t used_ = 0;
  const std::vector<std::pair<int, std::string>> list_;
  const std::string headers_;
};

const std::string created(lab::created);
const std::string failed = R"({"success":false,"error":{"code":404,"message":"No such app"}})";

}  // namespace

TEST_CASE("1. the server creates and drops the connection: one created, delivery unknown") {
  lab::Server server([](lab::Peer& peer) {
    if (peer.read_request()) peer.close();
  });
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::unknown);
  CHECK(server.request_count() == 1);
}

TEST_CASE("2. the server creates, then answers 502 twice, then 201: one created") {
  Answers answers({{502, "error code: 502"}, {502, "error code: 502"}, {201, created}});
  lab::Server server(std::ref(answers));
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::api);
  CHECK(result.error().status == 502);
  CHECK(server.request_count() == 1);
}

TEST_CASE("3. the backend's error has its code and message") {
  lab::Server server(lab::answering(404, failed));
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::api);
  CHECK(result.error().code == 404);
  CHECK(result.error().message == "No such app");
  REQUIRE(result.error().errors.size() == 1);
  CHECK(result.error().errors[0].code == 404);
}

TEST_CASE("4. a 200 that says success:false is an error with its message") {
  lab::Server server(lab::answering(200, failed));
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::api);
  CHECK(result.error().delivery == Delivery::answered);
  CHECK(result.error().status == 200);
  CHECK(result.error().message == "No such app");
}

TEST_CASE("5. a 200 with HTML is a decode error with status and body") {
  lab::Server server(lab::answering(200, "<html>Just a moment</html>"));
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::decode);
  CHECK(result.error().status == 200);
  CHECK(result.error().body == "<html>Just a moment</html>");
}

TEST_CASE("6. a body that stalls after the head ends at the timeout") {
  lab::Server server([](lab::Peer& peer) {
    if (peer.read_request()) peer.send(lab::Peer::head(201, created.size()));
    peer.stall();
  });
  auto config = config_for(server);
  config.timeout = 200ms * lab::slowness;
  const auto begin = Clock::now();
  const auto result = client_for(config).send(Create{"launch"});
  CHECK(since(begin) < 2s * lab::slowness);
  CHECK(result.error().kind == ErrorKind::timeout);
  CHECK(result.error().delivery == Delivery::unknown);
  CHECK(server.request_count() == 1);
}

TEST_CASE("7. a cancel during a wait of 4 s returns at once") {
  lab::Server server(lab::answering(503, failed, "Retry-After: 4\r\n"));
  const auto client = client_for(server);
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  Clock::time_point canceled_at;
  std::thread canceler([&] {
    server.wait_for_requests(1);
    std::this_thread::sleep_for(50ms);  // for the client to have read the answer and be waiting
    canceled_at = Clock::now();
    options.cancel.cancel();
  });
  const auto result = client.send(List{}, options);
  const auto end = Clock::now();
  canceler.join();
  CHECK(result.error().kind == ErrorKind::canceled);
  CHECK(end - canceled_at < 500ms);
  CHECK(server.request_count() == 1);
}

TEST_CASE("8. Retry-After: 86400 ends the call at once with the hint") {
  for (const int status : {429, 503}) {
    CAPTURE(status);
    lab::Server server(lab::answering(status, failed, "Retry-After: 86400\r\n"));
    const auto begin = Clock::now();
    const auto result = client_for(server).send(List{});
    CHECK(since(begin) < 2s);
    CHECK(result.error().retry_after == std::chrono::seconds(86400));
    CHECK(result.error().attempts == 1);
    CHECK(server.request_count() == 1);
  }
  lab::Server server(lab::answering(429, failed, "Retry-After: 86400\r\n"));
  CHECK(client_for(server).send(Create{}).error().retry_after == std::chrono::seconds(86400));
  CHECK(server.request_count() == 1);
}

TEST_CASE("9. a Retry-After that is bad or past leaves the normal backoff") {
  for (const char* bad : {"soon", "-1", "1.5", "", "Wed, 21 Oct 2015 07:28:00 GMT", "0x10"}) {
    CAPTURE(std::string(bad));
    Answers answers({{429, failed}, {200, std::string(lab::listed)}},
                    std::string("Retry-After: ") + bad + "\r\n");
    lab::Server server(std::ref(answers));
    auto config = config_for(server);
    config.retry.base = 40ms;  // of which at least 30 ms remain
    const auto begin = Clock::now();
    const auto result = client_for(config).send(List{});
    CHECK(result);
    CHECK(since(begin) >= 30ms);
    CHECK(since(begin) < 2s);
    CHECK(server.request_count() == 2);
  }
}

TEST_CASE("10. an id of ../../../../user/tokens stays below its route") {
  lab::Server server(lab::answering(404, failed));
  const auto client = client_for(server);
  CHECK(client.send(Get{"../../../../user/tokens"}).error().status == 404);
  CHECK(contains(server.last_request().line(),
                 "/livestreams/..%2F..%2F..%2F..%2Fuser%2Ftokens HTTP/1.1"));
  for (const char* id : {"..", ".", ""}) {
    CAPTURE(std::string(id));
    CHECK(client.send(Get{id}).error().kind == ErrorKind::invalid_request);
  }
  CHECK(server.request_count() == 1);
}

TEST_CASE("11. a 302 to a create is an error after one request") {
  lab::Server server(lab::answering(302, "", "Location: /client/v4/elsewhere\r\n"));
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::api);
  CHECK(result.error().status == 302);
  CHECK(contains(result.error().message, "/client/v4/elsewhere"));
  CHECK(server.request_count() == 1);
}

TEST_CASE("12. nothing that is printed shows the token or a stream key") {
  std::ostringstream log;
  {
    lab::Server server(lab::answering(201, lab::created));
    const auto live = client_for(server).send(Create{"launch"});
    REQUIRE(live);
    log << *live << rtk::to_string(*live) << live->stream_key;
  }
  // Failures that carry the answer, with the key and an echo of the token in it.
  const std::string echo = R"({"success":false,"errors":[{"code":1,"message":"bad token )" +
                           std::string(api_token) + R"("}],"data":{"stream_key":")" +
                           std::string(lab::stream_key) + R"("}})";
  const std::string cut = created.substr(0, created.size() - 2);
  const std::pair<int, std::string> answers[] = {
      {400, echo}, {200, echo}, {201, cut}, {500, created}, {502, std::string(api_token)}};
  for (const auto& [status, body] : answers) {
    lab::Server server(lab::answering(status, body));
    const auto live = client_for(server).send(Create{"launch"});
    REQUIRE(!live);
    log << live.error() << live.error().message << live.error().body;
    for (const auto& message : live.error().errors) log << message.message;
  }
  CHECK(contains(log.str(), "***"));
  CHECK(!contains(log.str(), api_token));
  CHECK(!contains(log.str(), lab::stream_key));
}

TEST_CASE("13. a token with a newline is refused and not echoed") {
  lab::Server server(lab::answering(201, lab::created));
  auto config = config_for(server);
  config.api_token = std::string(api_token) + "\n";
  const auto result = client_for(config).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::invalid_request);
  CHECK(result.error().attempts == 0);
  CHECK(contains(result.error().message, "api_token"));
  CHECK(!contains(result.error().to_string(), api_token));
  CHECK(server.connection_count() == 0);
}

TEST_CASE("14. a list that arrives as an array has its items and paging") {
  lab::Server server(lab::answering(200, lab::listed));
  const auto page = client_for(server).send(List{});
  REQUIRE(page);
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].id == "5e8f2a90");
  CHECK(page->items[0].status == rtk::LivestreamStatus::live);
  REQUIRE(page->paging.total_count);
  CHECK(page->paging.total_count == 7);
}

TEST_CASE("15. an answer of 300 MiB is cut at the cap") {
  std::size_t sent = 0;
  lab::Gate done;
  lab::Server server([&](lab::Peer& peer) {
    constexpr std::size_t size = 300u << 20;
    if (!peer.read_request() || !peer.send(lab::Peer::head(201, size))) return;
    const std::string piece(65536, ' ');
    while (sent < size && peer.send(piece)) sent += piece.size();
    done.open();
  });
  const auto result = client_for(server).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::decode);
  CHECK(result.error().delivery == Delivery::answered);
  CHECK(contains(result.error().message, std::to_string(8u << 20)));
  REQUIRE(done.wait());
  CHECK(sent < (64u << 20));  // the cap and what the sockets hold
  CHECK(server.request_count() == 1);
}
