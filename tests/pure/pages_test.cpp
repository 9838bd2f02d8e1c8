// client.pages(): a list operation as one range over all its items.
#include "support.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

using namespace support;
using rtk::livestreams::List;

namespace {

// Answers the requests for page 1, 2, ... in turn; beyond the last with an empty page.
struct Script {
  std::vector<std::string> bodies;
  std::vector<std::string>& urls;
  rtk::Result<rtk::HttpResponse> operator()(const rtk::HttpRequest& request) {
    urls.push_back(request.url.substr(request.url.find("/livestreams")));
    const bool is_there = urls.size() <= bodies.size();
    return answer(200, is_there ? bodies[urls.size() - 1] : R"({"data":[]})");
  }
};

struct Outcome {
  std::vector<std::string> ids{};
  std::vector<rtk::Error> errors{};
  std::vector<std::string> urls{};
};

Outcome read(std::vector<std::string> bodies, List op = {}) {
  Outcome outcome;
  rtk::BasicClient client{config(), Script{std::move(bodies), outcome.urls}};
  for (auto& live : client.pages(std::move(op))) {
    if (live) {
      outcome.ids.push_back(live->id);
    } else {
      outcome.errors.push_back(live.error());
    }
  }
  return outcome;
}

std::string page(const std::vector<std::string>& ids, const std::string& paging = "") {
  std::string items;
  for (const auto& id : ids) items += (items.empty() ? "" : ",") + ("{\"id\":\"" + id + "\"}");
  return "{\"success\":true,\"data\":[" + items + "]" +
         (paging.empty() ? "" : ",\"paging\":{" + paging + "}") + "}";
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("pages() goes through all pages and asks no further than the server's count") {
  const auto outcome = read({page({"a", "b"}, R"("total_count":3,"start_offset":1,"end_offset":2)"),
                             page({"c"}, R"("total_count":3,"start_offset":3,"end_offset":3)")});
  CHECK(outcome.ids == Ids{"a", "b", "c"});
  CHECK(outcome.errors.empty());
  CHECK(outcome.urls == Ids{"/livestreams?page_no=1", "/livestreams?page_no=2"});
}

TEST_CASE("pages() keeps the parameters of the operation and starts at its page") {
  List op;
  op.page_no = 4;
  op.per_page = 2;
  op.exclude_meetings = true;
  const auto outcome = read({page({"g", "h"}, R"("total_count":9,"end_offset":8)"),
                             page({"i"}, R"("total_count":9,"end_offset":9)")},
                            op);
  CHECK(outcome.ids == Ids{"g", "h", "i"});
  CHECK(outcome.urls == Ids{"/livestreams?page_no=4&per_page=2&exclude_meetings=true",
                            "/livestreams?page_no=5&per_page=2&exclude_meetings=true"});
}

TEST_CASE("pages() of a server that does not count ends with the first empty page") {
  const auto outcome = read({page({"a", "b"}), page({"c"})});
  CHECK(outcome.ids == Ids{"a", "b", "c"});
  CHECK(outcome.errors.empty());
  CHECK(outcome.urls.size() == 3);
}

TEST_CASE("pages() of a list that has only one page, whatever is asked for, gives it once") {
  const auto all = page({"a", "b"});
  const auto outcome = read({all, all, all, all});
  CHECK(outcome.ids == Ids{"a", "b"});
  CHECK(outcome.errors.empty());
  CHECK(outcome.urls.size() == 2);
}

TEST_CASE("pages() of an empty list is empty") {
  for (const char* body : {R"({"data":[]})", R"({"data":[],"paging":{"total_count":0}})"}) {
    const auto outcome = read({body});
    CHECK(outcome.ids.empty());
    CHECK(outcome.errors.empty());
    CHECK(outcome.urls.size() == 1);
  }
}

TEST_CASE("an empty page of a list that has items is an error, but not after the first page") {
  const std::string empty = R"({"data":[],"paging":{"total_count":9}})";
  const auto at_once = read({empty});
  CHECK(at_once.ids.empty());
  REQUIRE(at_once.errors.size() == 1);
  CHECK(contains(at_once.errors[0].message, "an empty page of 9 items"));
  const auto later = read({page({"a", "b"}, R"("total_count":9)"), empty});
  CHECK(later.ids == Ids{"a", "b"});
  CHECK(later.errors.empty());
}

TEST_CASE("a server that repeats a page ends the range with an error, at once or after others") {
  const std::string count = R"("total_count":100)";
  const auto at_once = read({page({"a", "b"}, count), page({"a", "b"}, count)});
  CHECK(at_once.ids == Ids{"a", "b"});
  REQUIRE(at_once.errors.size() == 1);
  CHECK(at_once.errors[0].kind == rtk::ErrorKind::decode);
  CHECK(contains(at_once.errors[0].message, "page 2"));
  CHECK(at_once.urls.size() == 2);

  const auto later =
      read({page({"a"}, count), page({"b"}, count), page({"c"}, count), page({"b"}, count)});
  CHECK(later.ids == Ids{"a", "b", "c"});
  REQUIRE(later.errors.size() == 1);
  CHECK(contains(later.errors[0].message, "page 4"));
}

TEST_CASE("a failed request is the last element of the range") {
  const auto outcome = read({page({"a"}, R"("total_count":9)"),
                             R"({"success":false,"error":{"code":404,"message":"gone"}})"});
  CHECK(outcome.ids == Ids{"a"});
  REQUIRE(outcome.errors.size() == 1);
  CHECK(outcome.errors[0].kind == rtk::ErrorKind::api);
  CHECK(outcome.errors[0].message == "gone");
  CHECK(outcome.urls.size() == 2);
}

namespace {

// A list without end, each page of which takes some time.
struct Endless {
  std::chrono::milliseconds delay{0};
  int calls = 0;
  std::vector<std::chrono::milliseconds> timeouts{};
  rtk::Result<rtk::HttpResponse> operator()(const rtk::HttpRequest& request) {
    timeouts.push_back(request.timeout);
    rtk::CancelToken().wait_for((std::min)(delay, request.timeout));
    return answer(200, page({std::to_string(++calls)}));
  }
};

Outcome read_endless(Endless& server, const rtk::CallOptions& options) {
  Outcome outcome;
  const rtk::BasicClient client{config(), std::ref(server)};
  for (auto& live : client.pages(List{}, options)) {
    if (live) outcome.ids.push_back(live->id);
    if (!live) outcome.errors.push_back(live.error());
  }
  return outcome;
}

}  // namespace

TEST_CASE("a list without end is ended by max_pages, 1000 by default") {
  Endless server;
  const auto all = read_endless(server, {});
  CHECK(server.calls == 1000);
  CHECK(all.ids.size() == 1000);
  REQUIRE(all.errors.size() == 1);
  CHECK(all.errors[0].kind == rtk::ErrorKind::decode);
  CHECK(all.errors[0].message == "the list has more than 1000 pages (CallOptions::max_pages)");

  server.calls = 0;
  rtk::CallOptions options;
  options.max_pages = 2;
  CHECK(read_endless(server, options).ids == Ids{"1", "2"});
  CHECK(server.calls == 2);

  std::vector<std::string> urls;
  const std::string count = R"("total_count":2)";
  rtk::BasicClient client{config(), Script{{page({"a"}, count), page({"b"}, count)}, urls}};
  auto pages = client.pages(List{}, options);
  for (auto& live : pages) CHECK(live);  // no more than the limit
  CHECK(urls.size() == 2);
}

TEST_CASE("total_timeout of pages() is for all of its requests together") {
  Endless server{std::chrono::milliseconds(20)};
  rtk::CallOptions options;
  options.total_timeout = std::chrono::milliseconds(300);
  const auto outcome = read_endless(server, options);
  CHECK(server.calls <= 15);
  CHECK(outcome.ids.size() <= static_cast<std::size_t>(server.calls));
  REQUIRE(outcome.errors.size() == 1);
  CHECK(outcome.errors[0].kind == rtk::ErrorKind::timeout);
  CHECK(outcome.errors[0].message == "total_timeout, 300 ms, expired before the next request");
  for (std::size_t i = 1; i < server.timeouts.size(); ++i) {
    CHECK(server.timeouts[i] < server.timeouts[i - 1]);
  }
  // Told nothing, each request has what the Config says.
  server = {};
  options = {};
  options.max_pages = 3;
  read_endless(server, options);
  CHECK(server.timeouts == std::vector<std::chrono::milliseconds>(3, config().timeout));
}

TEST_CASE("pages() refuses a time limit that is none") {
  Endless server;
  rtk::CallOptions options;
  options.total_timeout = std::chrono::milliseconds(0);
  const auto outcome = read_endless(server, options);
  REQUIRE(outcome.errors.size() == 1);
  CHECK(outcome.errors[0].kind == rtk::ErrorKind::invalid_request);
  CHECK(server.calls == 0);
}

TEST_CASE("a page is fetched when its first item is asked for") {
  std::vector<std::string> urls;
  rtk::BasicClient client{config(), Script{{page({"a", "b"}), page({"c"})}, urls}};
  auto pages = client.pages(List{});
  CHECK(urls.empty());
  auto item = pages.begin();
  CHECK(urls.size() == 1);
  ++item;
  CHECK((*item)->id == "b");
  CHECK(urls.size() == 1);
  ++item;
  CHECK((*item)->id == "c");
  CHECK(urls.size() == 2);
  item++;
  CHECK(item == pages.end());
}

// An operation whose page is chosen in another way than that of pages().
struct OwnList {
  static constexpr rtk::Route route = rtk::Route::get("/livestreams");
  using Response = rtk::Page<rtk::Livestream>;
  int page_no = 7;
  REALTIMEKIT_FIELDS(page_no)
};

TEST_CASE("an operation may have a page that is no optional: pages() requests that one") {
  std::vector<std::string> urls;
  rtk::BasicClient client{config(), Script{{page({"a"}), page({"b"})}, urls}};
  CHECK(client.send(OwnList{}).has_value());
  auto pages = client.pages(OwnList{});
  CHECK(std::distance(pages.begin(), pages.end()) == 1);
  CHECK(urls == std::vector<std::string>(2, "/livestreams?page_no=7"));
}

TEST_CASE("pages() works with the algorithms of the standard library") {
  std::vector<std::string> urls;
  rtk::BasicClient client{config(), Script{{page({"a", "b"}), page({"c"})}, urls}};
  auto pages = client.pages(List{});
  CHECK(std::distance(pages.begin(), pages.end()) == 3);
}
