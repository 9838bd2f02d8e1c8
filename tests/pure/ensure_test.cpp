// livestreams::ensure(): create or reuse, and never a second one.
#include "support.hpp"

#include <functional>

using namespace support;
using rtk::Delivery;
using rtk::ErrorKind;

namespace {

// A server with livestreams, four to a page, and what becomes of a create.
struct Server {
  struct Item {
    std::string id;
    std::string name;
    std::string meeting_id{};
  };
  enum class Create { answers, creates_and_drops, drops, creates_and_502, refuses, never_sends };
  std::vector<Item> items{};
  Create create = Create::answers;
  int fail_list_from = 1000;  // the number of the first list request that fails
  bool grows = false;         // another livestream comes first after each list request
  int lists = 0;
  int creates = 0;
  std::chrono::milliseconds delay{0}, create_delay{0};
  std::string no_meeting = "null";

  rtk::Result<rtk::HttpResponse> operator()(const rtk::HttpRequest& request) {
    return request.method == rtk::Method::get ? list(request) : add(request);
  }

  rtk::Result<rtk::HttpResponse> list(const rtk::HttpRequest& request) {
    CHECK(contains(request.url, "exclude_meetings=true"));
    rtk::CancelToken().wait_for(delay);
    if (++lists >= fail_list_from) return answer(403, R"({"message":"no lists today"})");
    const auto at = request.url.find("page_no=") + 8;
    const auto first = static_cast<std::size_t>(std::stoi(request.url.substr(at)) - 1) * 4;
    std::string data;
    for (std::size_t i = first; i < items.size() && i < first + 4; ++i) {
      data += (data.empty() ? "" : ",") + json(items[i]);
    }
    if (grows) items.insert(items.begin(), {"newer" + std::to_string(lists), "other"});
    return answer(200, "{\"data\":[" + data +
                           "],\"paging\":{\"total_count\":" + std::to_string(items.size()) + "}}");
  }

  rtk::Result<rtk::HttpResponse> add(const rtk::HttpRequest& request) {
    ++creates;
    rtk::CancelToken().wait_for(create_delay);
    rtk::Error error;
    error.message = "the connection was closed";
    error.delivery = create == Create::never_sends ? Delivery::not_sent : Delivery::unknown;
    if (create == Create::refuses) return answer(400, R"({"error":{"message":"bad name"}})");
    if (create == Create::drops || create == Create::never_sends) return error;
    const auto name = request.body.substr(9, request.body.size() - 11);  // of {"name":"..."}
    items.push_back({"new", name});
    if (create == Create::creates_and_drops) return error;
    if (create == Create::creates_and_502) return answer(502, "<html>");
    return answer(201, "{\"data\":" + json(items.back()) + "}");
  }

  std::string json(const Item& item) const {
    return "{\"id\":\"" + item.id + "\",\"name\":\"" + item.name + "\",\"meeting_id\":" +
           (item.meeting_id.empty() ? no_meeting : '"' + item.meeting_id + '"') +
           R"(,"ingest_server":"i","stream_key":"k","playback_url":"p"})";
  }
};

rtk::Result<rtk::Livestream> ensure(Server& server, const std::string& name = "launch",
                                    const rtk::CallOptions& options = {}) {
  auto patient = config();
  patient.retry.base = std::chrono::milliseconds(0);
  const rtk::BasicClient client{patient, std::ref(server)};
  return rtk::livestreams::ensure(client, name, options);
}

std::vector<Server::Item> others(std::size_t count) {
  std::vector<Server::Item> items;
  for (std::size_t i = 0; i < count; ++i) items.push_back({"id" + std::to_string(i), "other"});
  return items;
}

// A server that answers every list with the same, and creates nothing.
struct ForeignServer {
  std::string list;
  int creates = 0;

  rtk::Result<rtk::Livestream> ensure() {
    const rtk::BasicClient client{config(), [this](const rtk::HttpRequest& request) {
                                    if (request.method == rtk::Method::get)
                                      return answer(200, list);
                                    ++creates;
                                    return answer(403, R"({"message":"no creates today"})");
                                  }};
    return rtk::livestreams::ensure(client, "launch");
  }
};

}  // namespace

TEST_CASE("ensure() returns the livestream of that name, on whatever page it is") {
  for (const std::size_t before : {0u, 3u, 4u, 9u}) {
    Server server{others(before)};
    server.items.push_back({"found", "launch"});
    server.items.push_back({"last", "other"});
    const auto live = ensure(server);
    REQUIRE(live);
    CHECK(live->id == "found");
    CHECK(live->stream_key.reveal() == "k");
    CHECK(server.creates == 0);
  }
}

TEST_CASE("ensure() creates where there is none of exactly that name") {
  Server server{others(5)};
  for (const char* name : {"Launch", "launch2", "launc", ""}) server.items.push_back({"x", name});
  server.items.push_back({"of a meeting", "launch", "meeting"});
  const auto live = ensure(server);
  REQUIRE(live);
  CHECK(live->id == "new");
  CHECK(server.creates == 1);
  CHECK(ensure(server)->id == "new");
  CHECK(server.creates == 1);
}

TEST_CASE("ensure() refuses to choose between several, and names them") {
  Server server{others(3)};
  server.items.push_back({"first", "launch"});
  server.items.push_back({"second", "launch"});
  const auto live = ensure(server);
  REQUIRE_FALSE(live);
  CHECK(live.error().kind == ErrorKind::invalid_request);
  CHECK(live.error().delivery == Delivery::not_sent);
  CHECK(live.error().message == "2 livestreams have the name launch: first second");
  CHECK(server.creates == 0);
}

TEST_CASE("ensure() takes a livestream that moves on to the next page for one, not for two") {
  Server server{others(3)};
  server.items.push_back({"found", "launch"});
  server.items.push_back({"last", "other"});
  server.grows = true;
  const auto live = ensure(server);
  REQUIRE(live);
  CHECK(live->id == "found");
}

TEST_CASE("ensure() finds what an ambiguous create has left, and never creates a second one") {
  for (const auto create : {Server::Create::creates_and_drops, Server::Create::creates_and_502}) {
    Server server{others(2), create};
    const auto live = ensure(server);
    REQUIRE(live);
    CHECK(live->id == "new");
    CHECK(server.creates == 1);
    CHECK(server.items.size() == 3);
  }
}

TEST_CASE("ensure() returns the error of a create that left nothing to be found") {
  Server server{{}, Server::Create::drops};
  const auto live = ensure(server);
  REQUIRE_FALSE(live);
  CHECK(live.error().kind == ErrorKind::transport);
  CHECK(live.error().delivery == Delivery::unknown);
  CHECK(live.error().message == "the connection was closed");
  CHECK(server.creates == 1);
  CHECK(server.lists == 2);
}

TEST_CASE("ensure() does not look again after a create that cannot have acted") {
  Server refusing{{}, Server::Create::refuses};
  CHECK(ensure(refusing).error().message == "bad name");
  CHECK(refusing.lists == 1);
  Server unreachable{{}, Server::Create::never_sends};
  CHECK(ensure(unreachable).error().delivery == Delivery::not_sent);
  CHECK(unreachable.lists == 1);
}

TEST_CASE("ensure() creates nothing when it could not see the whole list") {
  for (const int from : {1, 2}) {
    Server server{others(6)};
    server.fail_list_from = from;
    const auto live = ensure(server);
    REQUIRE_FALSE(live);
    CHECK(live.error().message == "no lists today");
    CHECK(server.creates == 0);
  }
  Server server{others(6), Server::Create::creates_and_drops};
  server.fail_list_from = 3;  // the second look
  const auto live = ensure(server);
  REQUIRE_FALSE(live);
  CHECK(live.error().message == "the connection was closed");
  CHECK(live.error().delivery == Delivery::unknown);
  CHECK(server.creates == 1);
}

TEST_CASE("ensure() keeps to total_timeout as a whole, and creates nothing after it") {
  Server server{others(200)};
  server.delay = std::chrono::milliseconds(20);
  rtk::CallOptions options;
  options.total_timeout = std::chrono::milliseconds(200);
  const auto live = ensure(server, "launch", options);
  REQUIRE_FALSE(live);
  CHECK(live.error().kind == ErrorKind::timeout);
  CHECK(server.lists <= 10);
  CHECK(server.creates == 0);
}

TEST_CASE("ensure() with its time used up by the create says what became of that") {
  Server server{{}, Server::Create::drops};
  server.create_delay = std::chrono::milliseconds(1100);
  rtk::CallOptions options;
  options.total_timeout = std::chrono::milliseconds(1000);
  const auto live = ensure(server, "launch", options);
  REQUIRE_FALSE(live);
  CHECK(live.error().delivery == Delivery::unknown);
  CHECK(live.error().message == "the connection was closed");
  CHECK(server.lists == 1);
}

TEST_CASE("ensure() creates nothing where the list has more pages than it may read") {
  Server server{others(9)};
  rtk::CallOptions options;
  options.max_pages = 2;
  const auto live = ensure(server, "launch", options);
  REQUIRE_FALSE(live);
  CHECK(live.error().message == "the list has more than 2 pages (CallOptions::max_pages)");
  CHECK(server.creates == 0);
  options.max_pages = 3;
  CHECK(ensure(server, "launch", options));
}

TEST_CASE("ensure() takes a livestream for independent whose meeting_id is empty or \"null\"") {
  for (const char* none :
       {"\"\"", "\"null\"", "null", "0", "\"00000000-0000-0000-0000-000000000000\""}) {
    Server server{others(1)};
    server.items.push_back({"found", "launch"});
    server.no_meeting = none;
    const auto live = ensure(server);
    REQUIRE(live);
    CHECK(live->id == "found");
    CHECK(server.creates == 0);
  }
}

TEST_CASE("ensure() finds the livestream in every form of a list") {
  const std::string it = Server().json({"found", "launch"});
  for (const std::string& data : {"{\"livestreams\":[" + it + "]}", "{\"livestream\":" + it + "}",
                                  it, "[{\"livestream\":" + it + "}]", "{\"data\":[" + it + "]}",
                                  "{\"items\":[{\"data\":" + it + "}]}"}) {
    CAPTURE_TEXT(data);
    ForeignServer server{"{\"success\":true,\"data\":" + data + '}'};
    const auto live = server.ensure();
    REQUIRE(live);
    CHECK(live->id == "found");
    CHECK(server.creates == 0);
  }
}

TEST_CASE("ensure() creates nothing when it does not understand the list") {
  for (const char* body :
       {R"({"success":true,"data":"OK"})", R"({"success":true,"data":{}})", R"({"success":true})",
        R"({"success":true,"data":[],"paging":{"total_count":1}})",
        R"({"success":true,"data":[{}]})",
        R"({"success":true,"data":{"streams":[{"id":"found","name":"launch"}]}})", "{}", "[1]"}) {
    CAPTURE_TEXT(body);
    ForeignServer server{body};
    const auto live = server.ensure();
    REQUIRE_FALSE(live);
    CHECK(live.error().kind == ErrorKind::decode);
    CHECK(server.creates == 0);
  }
  ForeignServer empty{R"({"success":true,"data":[],"id":"found","name":"launch"})"};
  CHECK(empty.ensure().error().message == "no creates today");
  CHECK(empty.creates == 1);
}

TEST_CASE("ensure() wants a name, and ends when it is canceled") {
  Server server;
  CHECK(ensure(server, "").error().message == "name is empty");
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  options.cancel.cancel();
  CHECK(ensure(server, "launch", options).error().kind == ErrorKind::canceled);
  CHECK(server.lists + server.creates == 0);
}
