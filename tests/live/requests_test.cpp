// What arrives at the server is what was meant, and what must not be sent is not.
#include "calls.hpp"

#include <nlohmann/json.hpp>

namespace {

// As a server decodes a path or a query.
std::string decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::string after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return at == text.npos ? std::string() : std::string(text.substr(at + mark.size()));
}

struct Search {
  static constexpr rtk::Route route{rtk::Method::get, "/things/{id}", rtk::Repeat::harmless};
  using Response = Nothing;
  std::string id = "1";
  std::string text{};
  template <class Fields> static void fields(Fields& field) {
    field("id", &Search::id);
    field("text", &Search::text);
  }
};

// A client and a server that nothing must reach.
struct Untouched {
  lab::Server server{lab::answering(201, lab::created)};

  template <class Op>
  void check_refused(const rtk::Config& config, const Op& op, std::string_view secret = {}) {
    const auto result = client_for(config).send(op);
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::invalid_request);
    CHECK(result.error().delivery == Delivery::not_sent);
    CHECK(result.error().attempts == 0);
    if (!secret.empty()) CHECK(!contains(result.error().to_string(), secret));
    CHECK(server.connection_count() == 0);
  }
};

const std::string controls[] = {"\r", "\n", "\r\n", std::string(1, '\0'), "\x7f"};

}  // namespace

TEST_CASE("a create arrives as documented") {
  lab::Server server(lab::answering(201, lab::created));
  auto config = config_for(server);
  config.headers = {{"X-Mine", "yes, mine"}};
  REQUIRE(client_for(config).send(Create{"launch"}));
  const auto request = server.last_request();
  CHECK(request.line() == "POST /client/v4/accounts/" + config.account_id + "/realtime/kit/" +
                              config.app_id + "/livestreams HTTP/1.1");
  CHECK(request.body == R"({"name":"launch"})");
  CHECK(request.header("Host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(request.header("Authorization") == "Bearer " + std::string(api_token));
  CHECK(request.header("Content-Type") == "application/json");
  CHECK(request.header("Content-Length") == std::to_string(request.body.size()));
  CHECK(request.header("Accept") == "application/json");
  CHECK(request.header("Accept-Encoding") == "identity");
  CHECK(contains(request.header("User-Agent"), "realtimekit.hpp/"));
  CHECK(request.header("X-Mine") == "yes, mine");
  CHECK(request.header("Expect").empty());

  REQUIRE(client_for(config).send(Create{}));
  CHECK(server.last_request().body == "{}");
}

TEST_CASE("a request without a body arrives as one") {
  lab::Server server(lab::answering(200, R"({"success":true,"data":{}})"));
  const auto client = client_for(server);
  CHECK(client.send(Remove{"7"}));
  CHECK(server.last_request().line() == "DELETE /client/v4/things/7 HTTP/1.1");
  CHECK(server.last_request().body.empty());
  CHECK(client.send(Touch{"8"}));
  CHECK(server.last_request().line() == "PUT /client/v4/things/8 HTTP/1.1");
  CHECK(server.last_request().body.empty());
  CHECK(client.send(Search{"9"}));
  CHECK(contains(server.last_request().line(), "GET /client/v4/things/9"));
}

TEST_CASE("ids and query values arrive as they were given") {
  lab::Server server(lab::answering(200, R"({"success":true,"data":{}})"));
  const auto client = client_for(server);
  const std::string texts[] = {"a b",
                               "a+b",
                               "a/b",
                               "50%",
                               "%2F",
                               "a&b=c",
                               "a#b",
                               "a;b",
                               "a?b",
                               "..a",
                               "\xc3\xbc\xe2\x82\xac\xf0\x9f\x8e\xa5",
                               "a\\b\"c'<d>|^`{}[]@:,$!*()",
                               "2026-11-23T19:35:36.000+02:00"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    Search op;
    op.id = op.text = text;
    REQUIRE(client.send(op));
    const std::string target = server.last_request().target();
    const std::string path = target.substr(0, target.find('?'));
    CHECK(decoded(after(path, "/things/"), false) == text);
    CHECK(!contains(after(path, "/things/"), "/"));
    CHECK(decoded(after(target, "?text="), true) == text);
    CHECK(!contains(after(target, "?text="), "&"));
    CHECK(!contains(target, " "));
  }
}

TEST_CASE("an offset of time zone survives in the query of a list") {
  lab::Server server(lab::answering(200, lab::listed));
  List list;
  list.start_time = "2026-11-23T19:35:36+02:00";
  REQUIRE(client_for(server).send(list));
  CHECK(decoded(after(server.last_request().target(), "start_time="), true) ==
        "2026-11-23T19:35:36+02:00");
}

TEST_CASE("names arrive as they were given, control characters included, as they are JSON") {
  lab::Server server(lab::answering(201, lab::created));
  const auto client = client_for(server);
  const std::string name = "a\"b\\c\r\n\t\x01\x7f\xc3\xbc\xf0\x9f\x8e\xa5";
  REQUIRE(client.send(Create{name}));
  const auto body = nlohmann::json::parse(server.last_request().body);
  CHECK(body.at("name").get<std::string>() == name);
}

TEST_CASE("a control character in a token, header or id is refused unsent and unseen") {
  Untouched lab;
  for (const std::string& control : controls) {
    auto config = config_for(lab.server);
    config.api_token = "tok3n" + control + "rest";
    lab.check_refused(config, Create{}, "tok3n");
    config.api_token = "tok3n" + control;
    lab.check_refused(config, Create{}, "tok3n");

    config = config_for(lab.server);
    config.headers = {{"X-Mine", "val" + control + "X-Evil: 1"}};
    lab.check_refused(config, Create{}, "X-Evil");
    config.headers = {{"X-Mine" + control, "value"}};
    lab.check_refused(config, Create{});

    config = config_for(lab.server);
    config.account_id += control;
    lab.check_refused(config, Create{});
    config = config_for(lab.server);
    config.base_url += control;
    lab.check_refused(config, Create{});
    lab.check_refused(config_for(lab.server), Get{"id" + control});
  }
}

TEST_CASE("an empty header whose name ends like another leaves the others whole") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(lab::answering(201, lab::created), tls ? lab::Options{} : lab::plain());
    auto config = config_for(server);
    REQUIRE(client_for(config).send(Create{"launch"}));
    const auto usual = server.last_request();
    for (const char* name : {"A-Expect", "X-Expect"}) {
      CAPTURE(std::string(name));
      config.headers = {{name, ""}};
      REQUIRE(client_for(config).send(Create{"launch"}));
      const auto request = server.last_request();
      std::string head = request.head;
      const std::string line = std::string("\r\n") + name + ": \r\n";
      const auto at = head.find(line);
      REQUIRE(at != head.npos);
      head.erase(at, line.size() - 2);
      CHECK(head == usual.head);
      CHECK(request.body == usual.body);
    }
  }
}

TEST_CASE("a request made by hand is checked for control characters too") {
  Untouched lab;
  const rtk::HttplibTransport transport{trusting()};
  for (const std::string& control : controls) {
    rtk::HttpRequest request;
    request.url = lab.server.url() + "/x";
    request.headers = {{"X-Mine", "a" + control + "b"}};
    CHECK(transport(request).error().kind == ErrorKind::invalid_request);
    request.headers = {{"X" + control, "a"}};
    CHECK(transport(request).error().kind == ErrorKind::invalid_request);
    request.headers.clear();
    request.url += control;
    CHECK(transport(request).error().kind == ErrorKind::invalid_request);
  }
  CHECK(lab.server.connection_count() == 0);
}

TEST_CASE("a control character in a query value arrives encoded") {
  lab::Server server(lab::answering(200, R"({"success":true,"data":{}})"));
  Search op;
  op.text = "a\r\nX-Evil: 1";
  REQUIRE(client_for(server).send(op));
  CHECK(server.last_request().header("X-Evil").empty());
  CHECK(decoded(after(server.last_request().target(), "?text="), true) == op.text);
}

TEST_CASE("a redirect is an error that says where to, and is not followed") {
  lab::Server target(lab::answering(201, lab::created));
  for (const int status : {301, 302, 303, 307, 308}) {
    CAPTURE(status);
    const std::string location = target.url() + "/elsewhere";
    lab::Server server(lab::answering(status, "", "Location: " + location + "\r\n"));
    const auto client = client_for(server);
    const auto live = client.send(Create{"launch"});
    CHECK(live.error().kind == ErrorKind::api);
    CHECK(live.error().status == status);
    CHECK(live.error().attempts == 1);
    CHECK(contains(live.error().message, location));
    CHECK(client.send(List{}).error().status == status);
    CHECK(server.request_count() == 2);
  }
  CHECK(target.connection_count() == 0);
}

TEST_CASE("the headers of an answer are found in any case and one of two Retry-Afters is taken") {
  lab::Server server(
      lab::answering(429, "{}", "RETRY-AFTER: 700\r\nretry-after: 800\r\nCF-RAY: 8f1e-FRA\r\n"));
  const auto result = client_for(server).send(Create{});
  CHECK(result.error().request_id == "8f1e-FRA");
  REQUIRE(result.error().retry_after);
  CHECK((*result.error().retry_after == 700s || *result.error().retry_after == 800s));
  CHECK(result.error().attempts == 1);
  const std::string* found = rtk::find_header(result.response().headers, "Cf-Ray");
  REQUIRE(found != nullptr);
  CHECK(*found == "8f1e-FRA");
}

TEST_CASE("base URLs that are none are refused") {
  Untouched lab;
  const std::string port = std::to_string(lab.server.port());
  const std::string bad[] = {"",
                             "https://",
                             "127.0.0.1",
                             "ftp://127.0.0.1:" + port,
                             "https://127.0.0.1:0",
                             "https://127.0.0.1:99999",
                             "https://127.0.0.1:text",
                             "https://127.0.0.1:",
                             "https://127.0.0.1:" + port + "x",
                             "https://127.0.0.1:-" + port,
                             "https://:" + port,
                             " https://127.0.0.1:" + port,
                             "https://127.0.0.1:" + port + " ",
                             "https://127.0.0.1:" + port + "/a b",
                             "https://127.0.0.1:" + port + "?a=b",
                             "https://127.0.0.1:" + port + "/#a",
                             "https://user:password@127.0.0.1:" + port,
                             "https://example.com@127.0.0.1:" + port,
                             "https://[::1",
                             "https://::1:" + port,
                             "https:/127.0.0.1:" + port};
  for (const std::string& url : bad) {
    CAPTURE(url);
    lab.check_refused(config_for(url), Create{});
  }
  lab.check_refused(config_for("http://example.com"), Create{});
}

TEST_CASE("base URLs of all good forms are understood") {
  lab::Server server(lab::answering(201, lab::created));
  const std::string port = std::to_string(server.port());
  for (const std::string& url : {"https://127.0.0.1:" + port, "https://127.0.0.1:" + port + "/",
                                 "HTTPS://LocalHost:" + port, "https://localhost:" + port + "//"}) {
    CAPTURE(url);
    CHECK(client_for(config_for(url)).send(Create{}));
    CHECK(contains(server.last_request().line(), "POST /accounts/"));
  }
  CHECK(client_for(config_for("https://127.0.0.1:" + port + "/a/b%20c/")).send(Create{}));
  CHECK(contains(server.last_request().line(), "POST /a/b%20c/accounts/"));
}

TEST_CASE("plain http goes to loopback hosts, and elsewhere only if that is asked for") {
  lab::Server server(lab::answering(201, lab::created), lab::plain());
  CHECK(client_for(server).send(Create{}));
  CHECK(client_for(config_for(server.url("localhost"))).send(Create{}));
  auto config = config_for("http://somewhere.invalid");
  CHECK(client_for(config).send(Create{}).error().kind == ErrorKind::invalid_request);
  config.allow_plain_http = true;
  CHECK(client_for(config).send(Create{}).error().kind != ErrorKind::invalid_request);
}

TEST_CASE("an IPv6 address is a good host") {
  if (!lab::has_ipv6()) return;
  lab::Options options;
  options.ipv6 = true;
  // No IPv4 address beside it: cpp-httplib 0.11 would read past the end of one.
  options.certificate = lab::authority().issue({"localhost", {"localhost", "::1"}});
  lab::Server server(lab::answering(201, lab::created), options);
  const auto client = client_for(server);
  CHECK(client.send(Create{"launch"}));
  CHECK(client.send(Create{"launch"}));
  CHECK(server.connection_count() == 1);
  CHECK(server.last_request().header("Host") == "[::1]:" + std::to_string(server.port()));
}
