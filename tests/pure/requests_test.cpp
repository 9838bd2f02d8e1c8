// What is sent, and what is refused before anything is sent.
#include "support.hpp"

#include <cmath>
#include <limits>

using namespace support;

namespace {

struct Nothing {
  template <class Fields> static void fields(Fields&) {}
};

struct Part {
  std::string title{};
  std::optional<int> size{};
  template <class Fields> static void fields(Fields& field) {
    field("title", &Part::title);
    field("size", &Part::size);
  }
};

struct PutEverything {
  static constexpr rtk::Route route{rtk::Method::put, "/things/{thing_id}/of/{account_id}",
                                    rtk::Repeat::harmless};
  using Response = Nothing;
  std::string thing_id{};
  int number = 7;
  std::int64_t big = 0;
  double share = 0.5;
  bool flag = false;
  rtk::Secret key{"k\"1"};
  rtk::LivestreamStatus status{};
  rtk::Timestamp at{};
  std::optional<std::string> note{};
  std::optional<bool> maybe{};
  std::vector<std::string> tags{};
  std::vector<Part> parts{};
  Part first{};
  std::optional<Part> last{};
  template <class Fields> static void fields(Fields& field) {
    field("thing_id", &PutEverything::thing_id);
    field("number", &PutEverything::number);
    field("big", &PutEverything::big);
    field("share", &PutEverything::share);
    field("flag", &PutEverything::flag);
    field("key", &PutEverything::key);
    field("status", &PutEverything::status);
    field("at", &PutEverything::at);
    field("note", &PutEverything::note);
    field("maybe", &PutEverything::maybe);
    field("tags", &PutEverything::tags);
    field("parts", &PutEverything::parts);
    field("first", &PutEverything::first);
    field("last", &PutEverything::last);
  }
};
struct Rename {
  static constexpr rtk::Route route{rtk::Method::patch, "/things/{number}", rtk::Repeat::harmful};
  using Response = Nothing;
  int number = 0;
  std::optional<std::string> name{};
  template <class Fields> static void fields(Fields& field) {
    field("number", &Rename::number);
    field("name", &Rename::name);
  }
};

struct Remove {
  static constexpr rtk::Route route{rtk::Method::del, "/things/{thing}", rtk::Repeat::harmless};
  using Response = Nothing;
  std::optional<std::string> thing{};
  std::vector<std::string> only{};
  std::vector<int> numbers{};
  std::optional<std::vector<std::string>> more{};
  std::string text{};
  double share = 1;
  template <class Fields> static void fields(Fields& field) {
    field("thing", &Remove::thing);
    field("only", &Remove::only);
    field("numbers", &Remove::numbers);
    field("more", &Remove::more);
    field("text", &Remove::text);
    field("share", &Remove::share);
  }
};

struct NestedQuery {
  static constexpr rtk::Route route{rtk::Method::get, "/things", rtk::Repeat::harmless};
  using Response = Nothing;
  Part part{};
  template <class Fields> static void fields(Fields& field) { field("part", &NestedQuery::part); }
};

struct ListInPath {
  static constexpr rtk::Route route{rtk::Method::get, "/things/{ids}", rtk::Repeat::harmless};
  using Response = Nothing;
  std::vector<std::string> ids{"a", "b"};
  template <class Fields> static void fields(Fields& field) { field("ids", &ListInPath::ids); }
};

const std::string base =
    "https://api.cloudflare.com/client/v4/accounts/acc0001/realtime/kit/app0001/livestreams";

std::string header(const rtk::HttpRequest& request, std::string_view name) {
  const std::string* value = rtk::find_header(request.headers, name);
  return value ? *value : "(none)";
}

// Reads what percent_encode wrote, by the definition of RFC 3986.
std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

template <class Op>
void refuses(const rtk::Config& config, const Op& op, const char* field, const char* rule) {
  const auto request = rtk::to_http(config, op);
  CAPTURE_TEXT(field);
  CAPTURE_TEXT(rule);
  CHECK_FALSE(request.has_value());
  CHECK(request.error().kind == rtk::ErrorKind::invalid_request);
  CHECK(request.error().delivery == rtk::Delivery::not_sent);
  CHECK(request.error().attempts == 0);
  CHECK(request.error().status == 0);
  const std::string line = request.error().to_string();
  CAPTURE_TEXT(line);
  CHECK(contains(line, field));
  CHECK(contains(line, rule));
  CHECK_FALSE(contains(line, "Canary"));
  CHECK(line.find('\n') == line.npos);
}

void refuses(const rtk::Config& config, const char* field, const char* rule) {
  refuses(config, rtk::livestreams::Create{"launch"}, field, rule);
}

const std::string below_app =
    "https://api.cloudflare.com/client/v4/accounts/acc0001/realtime/kit/app0001";

struct Base {
  int count = 0;
};

// Its fields are named by REALTIMEKIT_FIELDS, one of them in a base.
struct RenameRoom : Base {
  static constexpr auto route = rtk::Route::put("/rooms/{room}", rtk::Repeat::harmful);
  using Response = rtk::Confirmation;
  std::string room{};
  std::optional<std::string> fields_of{}, field{};
  REALTIMEKIT_FIELDS(count, room, fields_of, field)
};

constexpr rtk::Route routes[] = {rtk::Route::get("/a/{id}"), rtk::Route::post("/a/{id}"),
                                 rtk::Route::put("/a/{id}"), rtk::Route::patch("/a/{id}"),
                                 rtk::Route::del("/a/{id}")};

template <int verb> struct Routed {
  static constexpr rtk::Route route = routes[verb];
  using Response = rtk::Confirmation;
  std::string id = "x";
  REALTIMEKIT_FIELDS(id)
};

}  // namespace

TEST_CASE("a create is a POST of its name, with the headers that the API needs") {
  const auto request = rtk::to_http(config(), rtk::livestreams::Create{"launch"});
  REQUIRE(request.has_value());
  CHECK(request->method == rtk::Method::post);
  CHECK(request->url == base);
  CHECK(request->body == R"({"name":"launch"})");
  CHECK_FALSE(request->idempotent);
  CHECK(request->timeout == std::chrono::seconds(30));
  CHECK(request->max_response_bytes == 8u << 20);
  CHECK(header(*request, "Authorization") == "Bearer " + token);
  CHECK(header(*request, "Accept") == "application/json");
  CHECK(header(*request, "Content-Type") == "application/json");
  CHECK(contains(header(*request, "User-Agent"), "realtimekit.hpp/0."));
  CHECK(request->headers.size() == 4);
}

TEST_CASE("a time limit without end is a long one") {
  auto patient = config();
  patient.timeout = (std::chrono::milliseconds::max)();
  const auto request = rtk::to_http(patient, rtk::livestreams::Create{});
  REQUIRE(request.has_value());
  CHECK(request->timeout >= std::chrono::hours(24 * 365));
  // What a transport adds to the time of its clock is a time of that clock.
  CHECK(std::chrono::steady_clock::now() + request->timeout > std::chrono::steady_clock::now());
}

TEST_CASE("a create without a name still has a body") {
  const auto request = rtk::to_http(config(), rtk::livestreams::Create{});
  REQUIRE(request.has_value());
  CHECK(request->body == "{}");
  CHECK(header(*request, "Content-Type") == "application/json");
}

TEST_CASE("an empty name is sent, as it is not an absent one") {
  CHECK(rtk::to_http(config(), rtk::livestreams::Create{""})->body == R"({"name":""})");
}

TEST_CASE("a name reaches the body as JSON, whatever is in it") {
  const std::string name = "a\"b\\c/d\n\t\x01 \xC3\xA9 \xF0\x9F\x98\x80";
  CHECK(rtk::to_http(config(), rtk::livestreams::Create{name})->body ==
        "{\"name\":\"a\\\"b\\\\c/d\\u000a\\u0009\\u0001 \xC3\xA9 \xF0\x9F\x98\x80\"}");
}

TEST_CASE("a get names its livestream in the path and has no body") {
  rtk::livestreams::Get get;
  get.livestream_id = "live-1";
  const auto plain = rtk::to_http(config(), get);
  REQUIRE(plain.has_value());
  CHECK(plain->method == rtk::Method::get);
  CHECK(plain->url == base + "/live-1");
  CHECK(plain->body.empty());
  CHECK(plain->idempotent);
  CHECK(header(*plain, "Content-Type") == "(none)");
  CHECK(header(*plain, "Accept") == "application/json");

  get.page_no = 2;
  get.per_page = 25;
  CHECK(rtk::to_http(config(), get)->url == base + "/live-1?page_no=2&per_page=25");
}

TEST_CASE("a list without parameters has no query") {
  CHECK(rtk::to_http(config(), rtk::livestreams::List{})->url == base);
}

TEST_CASE("a list sends every parameter that is set") {
  rtk::livestreams::List list;
  list.page_no = 1;
  list.per_page = 100;
  list.status = rtk::LivestreamStatus::live;
  list.exclude_meetings = true;
  list.sort_order = rtk::livestreams::SortOrder::descending;
  list.start_time = "2024-03-09T07:08:26+02:00";
  list.end_time = rtk::Timestamp::time_point(std::chrono::seconds(1709968106));
  const auto request = rtk::to_http(config(), list);
  REQUIRE(request.has_value());
  CHECK(request->url == base +
                            "?page_no=1&per_page=100&status=LIVE&exclude_meetings=true"
                            "&sort_order=DSC&start_time=2024-03-09T07%3A08%3A26%2B02%3A00"
                            "&end_time=2024-03-09T07%3A08%3A26.000Z");
  list = {};
  list.exclude_meetings = false;
  list.sort_order = rtk::livestreams::SortOrder::ascending;
  CHECK(rtk::to_http(config(), list)->url == base + "?exclude_meetings=false&sort_order=ASC");
}

TEST_CASE("a status that this header does not know can be asked for") {
  rtk::livestreams::List list;
  list.status = rtk::LivestreamStatus("ON HOLD");
  CHECK(rtk::to_http(config(), list)->url == base + "?status=ON%20HOLD");
}

TEST_CASE("a PUT of one's own sends all kinds of fields as JSON, without those in the path") {
  PutEverything op;
  op.thing_id = "a b";
  op.big = -9007199254740993;
  op.share = 0.1;
  op.maybe = false;
  op.tags = {"x", "y\"z"};
  op.parts = {Part{"p", 1}, Part{}};
  op.first.title = "f";
  auto request = rtk::to_http(config(), op);
  REQUIRE(request.has_value());
  CHECK(request->method == rtk::Method::put);
  CHECK(request->idempotent);
  CHECK(request->url == "https://api.cloudflare.com/client/v4/things/a%20b/of/acc0001");
  CHECK(request->body ==
        R"({"number":7,"big":-9007199254740993,"share":0.1,"flag":false,"key":"k\"1",)"
        R"("maybe":false,"tags":["x","y\"z"],"parts":[{"title":"p","size":1},{"title":""}],)"
        R"("first":{"title":"f"}})");

  op.status = rtk::LivestreamStatus::idle;
  op.at = "2024-03-09";
  op.note = "";
  op.last = Part{"l", {}};
  request = rtk::to_http(config(), op);
  CHECK(contains(request->body, R"("status":"IDLE","at":"2024-03-09","note":"")"));
  CHECK(contains(request->body, R"("last":{"title":"l"}})"));
}

TEST_CASE("a number is sent in digits that give the same number back") {
  PutEverything op;
  op.thing_id = "x";
  op.share = 1.0 / 3;
  CHECK(contains(rtk::to_http(config(), op)->body, "\"share\":0.3333333333333333,"));
  op.share = 116.11599994199997;
  CHECK(contains(rtk::to_http(config(), op)->body, "\"share\":116.11599994199997,"));
  op.share = -1e300;
  CHECK(contains(rtk::to_http(config(), op)->body, "\"share\":-1e+300,"));
  op.big = (std::numeric_limits<std::int64_t>::min)();
  CHECK(contains(rtk::to_http(config(), op)->body, "\"big\":-9223372036854775808,"));
}

TEST_CASE("a PATCH has a number in its path, and no body when there is nothing to say") {
  auto request = rtk::to_http(config(), Rename{-12, "n"});
  REQUIRE(request.has_value());
  CHECK(request->method == rtk::Method::patch);
  CHECK(request->url == "https://api.cloudflare.com/client/v4/things/-12");
  CHECK(request->body == R"({"name":"n"})");
  CHECK_FALSE(request->idempotent);
  request = rtk::to_http(config(), Rename{3, {}});
  CHECK(request->body.empty());
  CHECK(header(*request, "Content-Type") == "(none)");
}

TEST_CASE("a DELETE sends a list as one query parameter for each item") {
  Remove op;
  op.thing = "t";
  op.only = {"a b", "c&d=e", ""};
  op.numbers = {1, -2};
  op.more = std::vector<std::string>{"m"};
  const auto request = rtk::to_http(config(), op);
  REQUIRE(request.has_value());
  CHECK(request->method == rtk::Method::del);
  CHECK(request->body.empty());
  CHECK(request->url ==
        "https://api.cloudflare.com/client/v4/things/t?only=a%20b&only=c%26d%3De&only="
        "&numbers=1&numbers=-2&more=m&text=&share=1");
}

TEST_CASE("ids and query values come through percent-encoding unchanged") {
  const std::string texts[] = {"a b",  "a/b",      "a+b", "a%b",          "a%2Fb",
                               "a&b",  "a#b",      "a;b", "a=b",          "a?b",
                               "a\\b", "a\"b'<>`", "a:@", "a|b^{}[]",     "...",
                               "~-._", ".hidden",  "..a", "+02:00",       "\xC3\xA9",
                               "%",    "%00",      "%zz", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  for (const std::string& text : texts) {
    CAPTURE_TEXT(text);
    rtk::livestreams::Get get;
    get.livestream_id = text;
    const auto in_path = rtk::to_http(config(), get);
    CHECK(in_path.has_value());
    if (!in_path) continue;
    const std::string segment = in_path->url.substr(base.size() + 1);
    CHECK(segment.find_first_of("/?#&+; \\") == segment.npos);
    CHECK(decoded(segment) == text);

    Remove op;
    op.thing = "t";
    op.only = {text};
    const std::string url = rtk::to_http(config(), op)->url;
    const auto begin = url.find("only=") + 5;
    const std::string value = url.substr(begin, url.find("&text=") - begin);
    CHECK(value.find_first_of("/?#&+; \\=") == value.npos);
    CHECK(decoded(value) == text);
  }
}

TEST_CASE("account and app ids stay in their segments too") {
  auto odd = config();
  odd.account_id = "a/b?c";
  odd.app_id = "../x";
  CHECK(rtk::to_http(odd, rtk::livestreams::Create{})->url ==
        "https://api.cloudflare.com/client/v4/accounts/a%2Fb%3Fc/realtime/kit/..%2Fx/livestreams");
}

TEST_CASE("an id cannot leave its segment of the path") {
  rtk::livestreams::Get get;
  get.livestream_id = "../../../../user/tokens";
  CHECK(rtk::to_http(config(), get)->url == base + "/..%2F..%2F..%2F..%2Fuser%2Ftokens");
}

TEST_CASE("an id of a mebibyte is encoded like any other") {
  rtk::livestreams::Get get;
  get.livestream_id = std::string(1u << 20, '/');
  const auto request = rtk::to_http(config(), get);
  REQUIRE(request.has_value());
  CHECK(request->url.size() == base.size() + 1 + (3u << 20));
}

TEST_CASE(
    "a value that an operation needs in its path is refused where it is empty or changes it") {
  rtk::livestreams::Get get;
  refuses(config(), get, "livestream_id", "is empty");
  get.livestream_id = ".";
  refuses(config(), get, "livestream_id", "changes the path");
  get.livestream_id = "..";
  refuses(config(), get, "livestream_id", "changes the path");
  refuses(config(), Remove{}, "thing", "is empty");
  for (const char* bad : {"a\rb", "a\nb", "a\r\nb", "a\x7f", "\t", "\x1b[31m"}) {
    get.livestream_id = bad;
    refuses(config(), get, "livestream_id", "control character");
  }
  get.livestream_id = std::string("a\0b", 3);
  refuses(config(), get, "livestream_id", "control character");
}

TEST_CASE("what is not UTF-8 is refused in a body, a path and a query") {
  for (const BadText& bad : not_utf8()) {
    CAPTURE_TEXT(bad.what);
    for (const std::string& text : {bad.bytes, "ab" + bad.bytes, bad.bytes + "cd"}) {
      refuses(config(), rtk::livestreams::Create{text}, "name", "not valid UTF-8");
      rtk::livestreams::Get get;
      get.livestream_id = text;
      refuses(config(), get, "livestream_id", "not valid UTF-8");
      rtk::livestreams::List list;
      list.status = rtk::LivestreamStatus(text);
      refuses(config(), list, "status", "not valid UTF-8");
      list = {};
      list.start_time = text;
      refuses(config(), list, "start_time", "not valid UTF-8");
      PutEverything op;
      op.thing_id = "x";
      op.tags = {"fine", text};
      refuses(config(), op, "tags", "not valid UTF-8");
      op.tags.clear();
      op.parts = {Part{}, Part{text, {}}};
      refuses(config(), op, "parts", "not valid UTF-8");
      op.parts.clear();
      op.key = "Canary" + text;
      refuses(config(), op, "key", "not valid UTF-8");
      auto odd = config();
      odd.account_id = text;
      refuses(odd, "account_id", "not valid UTF-8");
    }
  }
}

TEST_CASE("a number that JSON cannot write is refused") {
  PutEverything op;
  op.thing_id = "x";
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    op.share = bad;
    refuses(config(), op, "share", "finite");
  }
}

TEST_CASE("a struct cannot be sent in a query, nor a list in a path") {
  refuses(config(), NestedQuery{}, "part", "query");
  refuses(config(), ListInPath{}, "ids", "path");
}

TEST_CASE("an empty account id, app id or token is refused by its name") {
  auto bad = config();
  bad.account_id = "";
  refuses(bad, "account_id", "is empty");
  bad = config();
  bad.app_id = "";
  refuses(bad, "app_id", "is empty");
  bad = config();
  bad.api_token = "";
  refuses(bad, "api_token", "is empty");
}

TEST_CASE("account and app ids that are dots or hold control characters are refused") {
  for (const char* text : {".", "..", "a\nb", "a\x7f"}) {
    auto bad = config();
    bad.account_id = text;
    refuses(bad, "account_id", "");
    bad = config();
    bad.app_id = text;
    refuses(bad, "app_id", "");
  }
}

TEST_CASE("a token with a character that no token has is refused without being shown") {
  const std::string bad_tokens[] = {token + "\n",
                                    token + "\r\n",
                                    "\n" + token,
                                    token + "\r\nX-Evil: 1",
                                    token + " x",
                                    token + "\t",
                                    token + std::string("\0", 1),
                                    token + "\x7f",
                                    token + "\xC3\xA9",
                                    token + "\xFF"};
  for (const std::string& text : bad_tokens) {
    auto bad = config();
    bad.api_token = text;
    refuses(bad, "api_token", "character");
  }
}

TEST_CASE("headers of the user are sent, but not with a bad name or value") {
  auto more = config();
  more.headers = {{"User-Agent", "mine/1"}, {"X-Trace", "a\xC3\xA9 b"}, {"X-Empty", ""}};
  const auto request = rtk::to_http(more, rtk::livestreams::Create{});
  REQUIRE(request.has_value());
  CHECK(header(*request, "user-agent") == "mine/1");
  CHECK(header(*request, "x-trace") == "a\xC3\xA9 b");
  CHECK(header(*request, "X-EMPTY").empty());
  CHECK(request->headers.size() == 6);

  const std::string names[] = {"",     "X Y",   "X:Y", "X\r\nY", "X\n", std::string("X\0", 2),
                               "\xC3", "X\x7f", "(x)"};
  for (const std::string& name : names) {
    auto bad = config();
    bad.headers = {{"X-Fine", "1"}, {name, "1"}};
    refuses(bad, "headers", "name");
  }
  const std::string values[] = {"CanaryA\rB", "CanaryA\nB", "CanaryA\r\nX-Evil: 1",
                                std::string("CanaryA\0", 8), "CanaryA\x7f"};
  for (const std::string& value : values) {
    auto bad = config();
    bad.headers = {{"X-Mine", value}};
    refuses(bad, "X-Mine", "control character");
  }
}

namespace {
struct Named {
  std::string name{};
};
struct RenameThing : Named {
  static constexpr rtk::Route route{rtk::Method::put, "/thing", rtk::Repeat::harmless};
  using Response = rtk::Livestream;
  template <class Fields> static void fields(Fields& field) { field("name", &RenameThing::name); }
};
}  // namespace

TEST_CASE("a struct can list the fields of its base") {
  RenameThing rename;
  rename.name = "b";
  CHECK(rtk::to_http(config(), rename)->body == R"({"name":"b"})");
}

TEST_CASE("headers that the client or the transport must set cannot be replaced") {
  for (const char* name :
       {"Authorization", "authorization", "Accept", "Accept-Encoding", "content-type", "HOST",
        "Content-Length", "Transfer-Encoding", "Connection", "Expect"}) {
    auto bad = config();
    bad.headers = {{name, "Canary"}};
    refuses(bad, name, "cannot be set");
  }
}

TEST_CASE("base URLs that can be used are used as they are") {
  const std::pair<const char*, const char*> urls[] = {
      {"https://api.example.com", "https://api.example.com"},
      {"https://api.example.com/", "https://api.example.com"},
      {"https://api.example.com/v4///", "https://api.example.com/v4"},
      {"HTTPS://API.example.com:8443/v4", "HTTPS://API.example.com:8443/v4"},
      {"https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
      {"https://[::ffff:192.0.2.1]", "https://[::ffff:192.0.2.1]"},
      {"https://192.0.2.1:1", "https://192.0.2.1:1"},
      {"https://a_b.example.com:65535", "https://a_b.example.com:65535"},
      {"http://localhost:8080", "http://localhost:8080"},
      {"http://LOCALHOST", "http://LOCALHOST"},
      {"http://api.localhost:1/v4", "http://api.localhost:1/v4"},
      {"http://127.0.0.1:8080/v4", "http://127.0.0.1:8080/v4"},
      {"http://127.8.9.10", "http://127.8.9.10"},
      {"http://[::1]:8080", "http://[::1]:8080"}};
  for (const auto& entry : urls) {
    const char* const given = entry.first;
    const char* const used = entry.second;
    CAPTURE_TEXT(given);
    auto other = config();
    other.base_url = given;
    const auto request = rtk::to_http(other, rtk::livestreams::Create{});
    CHECK(request.has_value());
    if (!request) continue;
    CHECK(request->url == std::string(used) + "/accounts/acc0001/realtime/kit/app0001/livestreams");
  }
}

TEST_CASE("a host is labels between dots, or an IPv6 address in brackets") {
  const std::string label(63, 'a');
  std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  for (const std::string& host :
       {std::string("a.b."), std::string("a"), std::string("a-b.c_d"), label + ".example", longest,
        longest + '.', std::string("1.2.3.4.5"), std::string("256.1.1.1"), std::string("[::]"),
        std::string("[1::]"), std::string("[::1:2]"), std::string("[1:2:3:4:5:6:7:8]"),
        std::string("[1:2:3:4:5:6:7::]"), std::string("[::2:3:4:5:6:7:8]"),
        std::string("[ABCD:ef01::2345]"), std::string("[1:2:3:4:5:6:255.255.255.255]"),
        std::string("[64:ff9b::192.0.2.33]")}) {
    CAPTURE_TEXT(host);
    auto other = config();
    other.base_url = "https://" + host + ":8443/v4";
    CHECK(rtk::to_http(other, rtk::livestreams::Create{}).has_value());
  }
  for (const std::string& host : {std::string("."),
                                  std::string(".."),
                                  std::string("a..b"),
                                  std::string(".a.b"),
                                  std::string("a.b.."),
                                  std::string(".a"),
                                  label + "a.example",
                                  longest + 'b',
                                  std::string("[]"),
                                  std::string("[:]"),
                                  std::string("[:::]"),
                                  std::string("[1]"),
                                  std::string("[1:2]"),
                                  std::string("[1:2:3:4:5:6:7]"),
                                  std::string("[1:2:3:4:5:6:7:8:9]"),
                                  std::string("[1:2:3:4:5:6:7:8::]"),
                                  std::string("[::1:2:3:4:5:6:7:8]"),
                                  std::string("[1::2::3]"),
                                  std::string("[1:2:3:4:5:6:7:]"),
                                  std::string("[:2:3:4:5:6:7:8]"),
                                  std::string("[12345::]"),
                                  std::string("[::g]"),
                                  std::string("[....]"),
                                  std::string("[::1.2.3]"),
                                  std::string("[::1.2.3.4.5]"),
                                  std::string("[::1.2.3.256]"),
                                  std::string("[::1.2.3.4:5]"),
                                  std::string("[1:2:3:4:5:6:7:1.2.3.4]"),
                                  std::string("[127.0.0.1]"),
                                  std::string("[fe80::1%25eth0]"),
                                  std::string("[::1"),
                                  std::string("[::1]]"),
                                  std::string("[::1]x")}) {
    CAPTURE_TEXT(host);
    auto bad = config();
    bad.allow_plain_http = true;
    for (const char* scheme : {"https://", "http://"}) {
      bad.base_url = scheme + host + "/v4";
      refuses(bad, "base_url", "https://host");
    }
  }
}

TEST_CASE("plain http goes to this machine only, whatever a name looks like") {
  for (const char* host :
       {"127.0.0.1", "127.255.255.255", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0.0.0.1]",
        "localhost", "localhost.", "LocalHost", "a.localhost", "a.b.localhost."}) {
    CAPTURE_TEXT(host);
    auto near = config();
    near.base_url = "http://" + std::string(host) + ":8080/v4";
    CHECK(rtk::to_http(near, rtk::livestreams::Create{}).has_value());
  }
  for (const char* host : {"127.000.000.001", "127.0.0.09", "127.08.0.1",
                           "127.0.0.256",     "127.1",      "127",
                           "127.0.0",         "127.0.0.1.", "127.0.0.1.1",
                           "127.0.0.0001",    "0127.0.0.1", "127.0.0.1.example.com",
                           "127.0.0.x",       "128.0.0.1",  "0.0.0.0",
                           "0177.0.0.1",      "2130706433", "[::]",
                           "[::2]",           "[1::1]",     "[::ffff:127.0.0.1]",
                           "[::1:0]",         "xlocalhost", "localhost.example.com",
                           "local-host",      "localhos"}) {
    CAPTURE_TEXT(host);
    auto far = config();
    far.base_url = "http://" + std::string(host) + ":8080/v4";
    refuses(far, "base_url", "not a loopback host");
    far.allow_plain_http = true;
    CHECK(rtk::to_http(far, rtk::livestreams::Create{}).has_value());
  }
}

TEST_CASE("base URLs that cannot be used are refused") {
  const std::string urls[] = {"",
                              " ",
                              "https",
                              "https:",
                              "https://",
                              "https:///v4",
                              "api.example.com",
                              "//api.example.com",
                              "ftp://api.example.com",
                              "file:///etc/passwd",
                              "httpss://api.example.com",
                              "https://api.example.com:0",
                              "https://api.example.com:99999",
                              "https://api.example.com:65536",
                              "https://api.example.com:text",
                              "https://api.example.com:",
                              "https://api.example.com:-1",
                              "https://api.example.com:4 43",
                              "https://api.example.com:443:443",
                              "https://:443",
                              "https://user@api.example.com",
                              "https://user:Canary@api.example.com",
                              "https://api.example.com/v4?key=Canary",
                              "https://api.example.com?x",
                              "https://api.example.com/v4#top",
                              "https://api.example.com#top",
                              " https://api.example.com",
                              "https://api.example.com ",
                              "https://api.example.com\n",
                              "https://api.example.com/v4\r\nX-Evil: 1",
                              "https://api.exa mple.com",
                              "https://api.example.com/a b",
                              "https://api.example.com\\v4",
                              "https://api.\xC3\xA9xample.com",
                              std::string("https://api.example.com\0", 24),
                              "https://api.example.com/\x7f",
                              "https://[::1",
                              "https://::1",
                              "https://[]",
                              "https://[::1]x",
                              "https://[::1]:",
                              "https://[::1]:0",
                              "https://[fe80::1%25eth0]",
                              "https://[gggg::1]",
                              "https://x[::1]"};
  for (const std::string& url : urls) {
    CAPTURE_TEXT(url);
    auto bad = config();
    bad.base_url = url;
    refuses(bad, "base_url", "must be https");
    bad.allow_plain_http = true;
    refuses(bad, "base_url", "must be https");
  }
}

TEST_CASE("plain http to a host that is not loopback needs to be allowed by name") {
  for (const char* url :
       {"http://api.example.com", "http://192.0.2.1:8080", "http://[2001:db8::1]",
        "http://localhost.example.com", "http://127.example.com", "http://127.0.0.1.example.com",
        "http://notlocalhost", "http://0.0.0.0", "http://[::2]", "HTTP://api.example.com"}) {
    CAPTURE_TEXT(url);
    auto plain = config();
    plain.base_url = url;
    refuses(plain, "base_url", "allow_plain_http");
    plain.allow_plain_http = true;
    CHECK(rtk::to_http(plain, rtk::livestreams::Create{}).has_value());
  }
}

TEST_CASE("timeouts that leave no time are refused") {
  for (const int bad : {0, -1, -1000000}) {
    auto none = config();
    none.timeout = std::chrono::milliseconds(bad);
    refuses(none, "timeout", "more than 0");
    none = config();
    none.total_timeout = std::chrono::milliseconds(bad);
    refuses(none, "total_timeout", "more than 0");
  }
}

TEST_CASE("timeout and size limit of the Config reach the transport") {
  auto other = config();
  other.timeout = std::chrono::milliseconds(1234);
  other.max_response_bytes = 99;
  const auto request = rtk::to_http(other, rtk::livestreams::List{});
  CHECK(request->timeout == std::chrono::milliseconds(1234));
  CHECK(request->max_response_bytes == 99);
}

namespace {

struct Layer {
  std::optional<std::string> prefix{};
  std::vector<std::string> outputs{};
  template <class Fields> static void fields(Fields& field) {
    field("prefix", &Layer::prefix);
    field("outputs", &Layer::outputs);
  }
};

struct PostNested {
  static constexpr rtk::Route route{rtk::Method::post, "/nested", rtk::Repeat::harmful};
  using Response = rtk::Livestream;
  rtk::RawJson raw{};
  Layer layer{};
  std::optional<Layer> asked_for{};
  std::vector<std::pair<std::string, Layer>> layers{};
  std::optional<std::vector<std::pair<std::string, rtk::Secret>>> secrets{};
  template <class Fields> static void fields(Fields& field) {
    field("raw", &PostNested::raw);
    field("layer", &PostNested::layer);
    field("asked_for", &PostNested::asked_for);
    field("layers", &PostNested::layers);
    field("secrets", &PostNested::secrets);
  }
};

std::string body_of(const PostNested& op) {
  const auto request = rtk::to_http(config(), op);
  return request ? request->body : request.error().message;
}

}  // namespace

TEST_CASE("a struct or list in which nothing is present is not sent, unless it is asked for") {
  PostNested op;
  CHECK(body_of(op) == "{}");
  op.asked_for.emplace();
  CHECK(body_of(op) == R"({"asked_for":{}})");
  op.layer.outputs = {"a"};
  CHECK(body_of(op) == R"({"layer":{"outputs":["a"]},"asked_for":{}})");
}

struct PatchAll {
  static constexpr rtk::Route route{rtk::Method::patch, "/all", rtk::Repeat::harmful};
  using Response = Layer;
  std::optional<rtk::Secret> secret{};
  std::optional<std::string> text{};
  std::optional<rtk::Timestamp> time{};
  std::optional<rtk::LivestreamStatus> status{};
  std::optional<std::vector<std::string>> list{};
  std::optional<std::vector<std::pair<std::string, bool>>> map{};
  std::optional<Layer> object{};
  std::optional<rtk::RawJson> raw{};
  std::optional<bool> flag{};
  std::optional<std::int64_t> number{};
  template <class Fields> static void fields(Fields& field) {
    field("secret", &PatchAll::secret);
    field("text", &PatchAll::text);
    field("time", &PatchAll::time);
    field("status", &PatchAll::status);
    field("list", &PatchAll::list);
    field("map", &PatchAll::map);
    field("object", &PatchAll::object);
    field("raw", &PatchAll::raw);
    field("flag", &PatchAll::flag);
    field("number", &PatchAll::number);
  }
};

struct DeleteAll : PatchAll {
  static constexpr rtk::Route route{rtk::Method::del, "/all", rtk::Repeat::harmless};
  template <class Fields> static void fields(Fields& field) {
    field("secret", &PatchAll::secret);
    field("text", &PatchAll::text);
    field("status", &PatchAll::status);
    field("list", &PatchAll::list);
  }
};

TEST_CASE("an optional that has a value is sent, whatever the value is") {
  const auto sent = [](const PatchAll& op) {
    const auto request = rtk::to_http(config(), op);
    return request ? request->body : request.error().message;
  };
  PatchAll op;
  CHECK(sent(op).empty());
  op.secret.emplace();
  CHECK(sent(op) == R"({"secret":""})");
  CHECK(rtk::to_string(op) == R"({"secret":"***"})");
  op.secret.reset();
  op.text.emplace();
  op.time.emplace();
  op.status.emplace();
  op.list.emplace();
  op.map.emplace();
  op.object.emplace();
  op.flag.emplace();
  op.number.emplace();
  CHECK(sent(op) == R"({"text":"","time":"","status":"","list":[],"map":{},"object":{},)"
                    R"("flag":false,"number":0})");
  op.raw.emplace();
  CHECK(sent(op) == "raw is not valid JSON");

  DeleteAll query;
  query.secret.emplace();
  query.text.emplace();
  query.status.emplace();
  query.list.emplace();  // has no items, so no parameters
  const auto request = rtk::to_http(config(), query);
  REQUIRE(request);
  CHECK(request->url.substr(request->url.find("/all")) == "/all?secret=&text=&status=");
}

TEST_CASE("a struct that holds an optional with an empty value is sent") {
  rtk::meetings::Update update{"m"};
  update.recording_config.file_name_prefix = "";
  CHECK(rtk::to_http(config(), update)->body == R"({"recording_config":{"file_name_prefix":""}})");
}

TEST_CASE("storage in R2 and Azure, and lists that are emptied, can be sent") {
  rtk::recordings::Start start{"m"};
  start.storage_config.type = rtk::StorageType::cloudflare;
  start.storage_config.access_key = "a";
  start.storage_config.secret = std::string("s");
  CHECK(
      rtk::to_http(config(), start)->body ==
      R"({"meeting_id":"m","storage_config":{"type":"cloudflare","access_key":"a","secret":"s"}})");
  start.storage_config.type = rtk::StorageType::azure;
  start.storage_config.secret = "";
  CHECK(contains(rtk::to_http(config(), start)->body, R"("access_key":"a","secret":""})"));
  CHECK(contains(rtk::to_string(start), R"("access_key":"***","secret":"***"})"));

  rtk::meetings::Update meeting{"m"};
  meeting.ai_config.transcription.keywords.emplace();
  CHECK(rtk::to_http(config(), meeting)->body ==
        R"({"ai_config":{"transcription":{"keywords":[]}}})");
  meeting.ai_config.transcription.keywords = {"a", "b"};
  CHECK(contains(rtk::to_http(config(), meeting)->body, R"("keywords":["a","b"])"));
  rtk::webhooks::Update webhook{"w"};
  webhook.events.emplace();
  CHECK(rtk::to_http(config(), webhook)->body == R"({"events":[]})");
  rtk::webhooks::Replace whole{"w", "name", "https://example.com"};
  whole.events.emplace();
  CHECK(contains(rtk::to_http(config(), whole)->body, R"("events":[])"));
  rtk::presets::Update preset{"p"};
  preset.config.livestream_viewer_qualities.emplace();
  CHECK(rtk::to_http(config(), preset)->body == R"({"config":{"livestream_viewer_qualities":[]}})");
}

TEST_CASE("a list of pairs is sent as an object") {
  PostNested op;
  op.layers = {{"default", {"x", {}}}, {"a\"b", {}}};
  CHECK(body_of(op) == R"({"layers":{"default":{"prefix":"x"},"a\"b":{}}})");
  op.layers[0].first = "\xFF";
  CHECK(contains(body_of(op), "layers has a name that is not valid UTF-8"));
  op.layers = {{"default", {std::string("\xFF"), {}}}};
  CHECK(contains(body_of(op), "not valid UTF-8"));
}

TEST_CASE("free-form JSON is sent as it is, if it is JSON") {
  PostNested op;
  op.raw = R"({"a":[1, 2.50]})";
  CHECK(body_of(op) == R"({"raw":{"a":[1, 2.50]}})");
  for (const char* bad : {"{", "{} {}", "x", "{\"a\":\"\xFF\"}", " ", "{\"a\":1},\"b\":2"}) {
    op.raw = bad;
    CAPTURE_TEXT(bad);
    CHECK(body_of(op) == "raw is not valid JSON");
  }
}

TEST_CASE("printing masks what is secret in maps and in free-form JSON") {
  PostNested op;
  op.raw = R"({"stream_key":"Canary1","deep":[{"password":"Canary2"}]})";
  op.secrets = {{{"a", "Canary3"}}};
  const std::string text = rtk::to_string(op);
  CHECK_FALSE(contains(text, "Canary"));
  CHECK(contains(text, R"("secrets":{"a":"***"})"));
  CHECK_FALSE(contains(streamed(op.raw), "Canary"));
}

TEST_CASE("REALTIMEKIT_FIELDS names the members as they are called") {
  RenameRoom op;
  op.room = "a b";
  op.count = 3;
  op.fields_of = "x";
  op.field = "y";
  const auto request = rtk::to_http(config(), op);
  REQUIRE(request);
  CHECK(request->body == R"({"count":3,"fields_of":"x","field":"y"})");
  CHECK(request->url == below_app + "/rooms/a%20b");
  CHECK_FALSE(request->idempotent);
}

TEST_CASE("a route says by its verb whether it may be repeated") {
  const auto check = [](const auto& op, rtk::Method method, bool is_idempotent) {
    const auto request = rtk::to_http(config(), op);
    REQUIRE(request);
    CHECK(request->method == method);
    CHECK(request->url == below_app + "/a/x");
    CHECK(request->idempotent == is_idempotent);
  };
  check(Routed<0>{}, rtk::Method::get, true);
  check(Routed<1>{}, rtk::Method::post, false);
  check(Routed<2>{}, rtk::Method::put, true);
  check(Routed<3>{}, rtk::Method::patch, false);
  check(Routed<4>{}, rtk::Method::del, true);
}
