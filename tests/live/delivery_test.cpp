// One call, one request: whatever the server does after it has read a create, it is not sent again,
// and the error says truthfully whether it may have arrived.
#include "calls.hpp"

namespace {

using End = void (lab::Peer::*)();

// On the first connection: answers `before` requests, reads one more, and goes. Then on each
// further connection reads a request and goes.
lab::Script going_after(std::size_t before, End end) {
  return [=](lab::Peer& peer) {
    for (std::size_t i = 0; i < before && peer.number() == 0; ++i) {
      if (!peer.read_request() || !peer.answer(200, lab::created)) return;
    }
    if (peer.read_request()) (peer.*end)();
  };
}

template <class Op> void check_sent_once(const char* what, const Op& op, End end, bool reused) {
  CAPTURE(std::string(what));
  CAPTURE(reused);
  const std::size_t before = reused ? 1 : 0;
  lab::Server server(going_after(before, end));
  const auto client = client_for(server);
  if (reused) REQUIRE(client.send(Create{}));

  const auto result = client.send(op);
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::unknown);
  CHECK(result.error().attempts == 1);
  CHECK(result.error().status == 0);
  CHECK(server.request_count() == before + 1);
}

const std::pair<const char*, End> ends[] = {{"close_notify", &lab::Peer::close},
                                            {"FIN only", &lab::Peer::fin},
                                            {"reset", &lab::Peer::reset}};

}  // namespace

TEST_CASE("a create is sent once however the server goes away after reading it") {
  for (const auto& [what, end] : ends) {
    for (const bool reused : {false, true}) {
      check_sent_once(what, Create{"launch"}, end, reused);
      check_sent_once(what, Create{}, end, reused);
      check_sent_once(what, Create{std::string(5000, 'x')}, end, reused);
    }
  }
}

TEST_CASE("a request without a body is sent once however the server goes away after reading it") {
  for (const auto& [what, end] : ends) {
    for (const bool reused : {false, true}) {
      check_sent_once(what, Remove{}, end, reused);
      check_sent_once(what, Touch{}, end, reused);
    }
  }
}

TEST_CASE("over plain http, too, a create is sent once") {
  for (const auto& [what, end] : ends) {
    const std::string scenario = what;
    CAPTURE(scenario);
    lab::Server server(going_after(0, end), lab::plain());
    const auto result = client_for(server).send(Create{"launch"});
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::unknown);
    CHECK(server.request_count() == 1);
  }
}

TEST_CASE("a create that was read is never called unsent, though a second connection is refused") {
  for (const bool reused : {false, true}) {
    CAPTURE(reused);
    const std::size_t before = reused ? 1 : 0;
    lab::Server* running = nullptr;
    lab::Server server([&](lab::Peer& peer) {
      for (std::size_t i = 0; i < before; ++i) {
        if (!peer.read_request() || !peer.answer(201, lab::created)) return;
      }
      if (!peer.read_request()) return;
      running->stop_listening();
      peer.close();
    });
    running = &server;
    const auto client = client_for(server);
    if (reused) REQUIRE(client.send(Create{}));

    const auto result = client.send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == Delivery::unknown);
    CHECK(result.error().attempts == 1);
    CHECK(server.request_count() == before + 1);
  }
}

TEST_CASE("a create whose answer is cut off is not repeated") {
  const std::string whole = lab::Peer::head(201, lab::created.size()) + std::string(lab::created);
  const std::size_t lengths[] = {1, 20, whole.find("\r\n\r\n") + 4, whole.size() - 1};
  for (const std::size_t length : lengths) {
    for (const auto& [what, end] : ends) {
      CAPTURE(length);
      const std::string scenario = what;
      CAPTURE(scenario);
      lab::Server server([&, close_by = end](lab::Peer& peer) {
        if (peer.read_request() && peer.send(whole.substr(0, length))) (peer.*close_by)();
      });
      const auto result = client_for(server).send(Create{"launch"});
      REQUIRE(!result);
      CHECK(result.error().kind == ErrorKind::transport);
      CHECK(result.error().delivery == Delivery::unknown);
      CHECK(server.request_count() == 1);
    }
  }
}

TEST_CASE("a create that the server never answers is not repeated") {
  lab::Server server([](lab::Peer& peer) { peer.stall(); });
  auto config = config_for(server);
  config.timeout = 200ms * lab::slowness;
  const auto result = client_for(config).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::timeout);
  CHECK(result.error().delivery == Delivery::unknown);
  CHECK(result.error().attempts == 1);
  CHECK(server.request_count() == 1);
}

TEST_CASE("a create that the server answers with a failure is not repeated") {
  for (const int status : {400, 401, 403, 404, 408, 409, 500, 501, 502, 503, 504, 520, 524}) {
    CAPTURE(status);
    lab::Server server(lab::answering(status, "<html>edge</html>", "cf-ray: 8f1e\r\n"));
    const auto result = client_for(server).send(Create{"launch"});
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::api);
    CHECK(result.error().delivery == Delivery::answered);
    CHECK(result.error().status == status);
    CHECK(result.error().request_id == "8f1e");
    CHECK(result.error().attempts == 1);
    CHECK(server.request_count() == 1);
  }
}

TEST_CASE("a create that was throttled is sent again and succeeds") {
  lab::Server server([](lab::Peer& peer) {
    if (peer.read_request()) peer.answer(429, R"({"success":false})");
    if (peer.read_request()) peer.answer(201, lab::created);
    peer.stall();
  });
  const auto live = client_for(server).send(Create{"launch"});
  REQUIRE(live);
  CHECK(live->stream_key == std::string(lab::stream_key));
  CHECK(server.request_count() == 2);
}

TEST_CASE("a create that finds nobody listening was not sent and is tried again") {
  const std::string nobody = "https://127.0.0.1:" + std::to_string(lab::closed_port());
  const auto result = client_for(config_for(nobody)).send(Create{"launch"});
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(result.error().attempts == 3);
}

TEST_CASE("a get is repeated after each kind of loss and succeeds when the server does") {
  using Reaction = void (*)(lab::Peer&);
  const std::pair<const char*, Reaction> losses[] = {
      {"close_notify", [](lab::Peer& peer) { peer.close(); }},
      {"FIN only", [](lab::Peer& peer) { peer.fin(); }},
      {"reset", [](lab::Peer& peer) { peer.reset(); }},
      {"half an answer",
       [](lab::Peer& peer) {
         peer.send(lab::Peer::head(200, 5000) + "{");
         peer.close();
       }},
      {"silence", [](lab::Peer& peer) { peer.stall(); }},
      {"408", [](lab::Peer& peer) { peer.answer(408, "{}"); }},
      {"500", [](lab::Peer& peer) { peer.answer(500, "{}"); }},
      {"502", [](lab::Peer& peer) { peer.answer(502, "error code: 502"); }},
      {"503", [](lab::Peer& peer) { peer.answer(503, "{}"); }},
      {"504", [](lab::Peer& peer) { peer.answer(504, "error code: 504"); }},
      {"520", [](lab::Peer& peer) { peer.answer(520, "<html>"); }}};
  for (const auto& [what, loss] : losses) {
    const std::string scenario = what;
    CAPTURE(scenario);
    lab::Server server([lose = loss](lab::Peer& peer) {
      if (peer.number() == 0 && peer.read_request()) lose(peer);
      lab::answering(200, lab::listed)(peer);
    });
    auto config = config_for(server);
    config.timeout = 500ms * lab::slowness;
    const auto page = client_for(config).send(List{});
    REQUIRE(page);
    CHECK(page->items.size() == 1);
    CHECK(server.request_count() == 2);
  }
}

TEST_CASE("a get that keeps failing is tried as often as the policy says") {
  lab::Server server(lab::answering(503, "{}"));
  auto config = config_for(server);
  config.retry.max_attempts = 4;
  const auto page = client_for(config).send(List{});
  CHECK(page.error().kind == ErrorKind::api);
  CHECK(page.error().attempts == 4);
  CHECK(server.request_count() == 4);
}
