// What answers mean: every published body of the livestream routes, and every kind of error.
#include "support.hpp"

using namespace support;
using rtk::Delivery;
using rtk::ErrorKind;
using rtk::livestreams::Create;
using rtk::livestreams::Get;
using rtk::livestreams::List;

namespace {

const std::string hls = "https://customer-a1b2c3.stream.example/5eed0001/manifest/video.m3u8";
const std::string rtmps = "rtmps://live.ingest.example:443/live/";
const std::string key = "ca11ab1e5eed4f00dbeefcafe0123456789rtkrtk9876543210";

// Routes that the header does not have.
struct ActiveSession {
  static constexpr rtk::Route route{
      rtk::Method::get,
      "/accounts/{account_id}/realtime/kit/{app_id}/livestreams/{id}/active-livestream-session",
      rtk::Repeat::harmless};
  using Response = rtk::LivestreamDetails;
  std::string id{};
  template <class Fields> static void fields(Fields& field) { field("id", &ActiveSession::id); }
};

struct MeetingLivestream {
  static constexpr rtk::Route route{
      rtk::Method::get,
      "/accounts/{account_id}/realtime/kit/{app_id}/meetings/{id}/active-livestream",
      rtk::Repeat::harmless};
  using Response = rtk::Livestream;
  std::string id{};
  template <class Fields> static void fields(Fields& field) { field("id", &MeetingLivestream::id); }
};

struct Session {
  static constexpr rtk::Route route{
      rtk::Method::get, "/accounts/{account_id}/realtime/kit/{app_id}/livestreams/sessions/{id}",
      rtk::Repeat::harmless};
  using Response = rtk::LivestreamSession;
  std::string id{};
  template <class Fields> static void fields(Fields& field) { field("id", &Session::id); }
};

struct Stopped {
  std::string message{};
  template <class Fields> static void fields(Fields& field) { field("message", &Stopped::message); }
};
struct Stop {
  static constexpr rtk::Route route{rtk::Method::post, "/stop", rtk::Repeat::harmful};
  using Response = Stopped;
  template <class Fields> static void fields(Fields&) {}
};

struct Nothing {
  template <class Fields> static void fields(Fields&) {}
};
struct Remove {
  static constexpr rtk::Route route{rtk::Method::del, "/thing", rtk::Repeat::harmless};
  using Response = Nothing;
  template <class Fields> static void fields(Fields&) {}
};

template <class Op> rtk::Error error_of(int status, std::string body, rtk::Headers headers = {}) {
  const auto result = rtk::from_http<Op>(answer(status, std::move(body), std::move(headers)));
  CHECK_FALSE(result.has_value());
  CHECK(result.response().status == status);
  CHECK(result.error().status == status);
  CHECK(result.error().delivery == Delivery::answered);
  const std::string line = result.error().to_string();
  CHECK(line.find_first_of("\r\n") == line.npos);
  return result.error();
}

std::string code_list(const rtk::Error& error) {
  std::string list;
  for (const auto& message : error.errors) list += std::to_string(message.code) + ' ';
  return list;
}

std::optional<long long> retry_after(rtk::Headers headers, int status = 429) {
  const auto after = error_of<Create>(status, "", std::move(headers)).retry_after;
  return after ? std::optional<long long>(after->count()) : std::nullopt;
}

}  // namespace

TEST_CASE("a created livestream is read whole") {
  for (const int status : {200, 201, 202, 299}) {
    const auto live = rtk::from_http<Create>(answer(status, fixture("create.json")));
    REQUIRE(live.has_value());
    CHECK(live->id == "1c0ffee0-0a11-4b22-8c33-5d44e55f6601");
    CHECK(live->name == "harbour-cam");
    CHECK(live->status == rtk::LivestreamStatus::invoked);
    CHECK(live->ingest_server == rtmps);
    CHECK(live->stream_key.reveal() == key);
    CHECK(live->playback_url == hls);
    CHECK_FALSE(live->meeting_id.has_value());
    CHECK_FALSE(live->disabled);
    CHECK(live.response().status == status);
    CHECK(contains(live.response().body, key));
    CHECK(live.error().message.empty());
  }
}

TEST_CASE("a created livestream in the form of the guide is read too") {
  const auto live = rtk::from_http<Create>(answer(201, fixture("create_offline.json")));
  REQUIRE(live.has_value());
  CHECK(live->status == rtk::LivestreamStatus::offline);
  CHECK(live->stream_key.reveal() == "sk_eu-north-9_FakeFakeFake_0aB1cD2eF3gH4");
  CHECK(live->ingest_server == "rtmps://7e57000001.global-ingest.example:443/app/");
}

TEST_CASE("a livestream started for a meeting has what a create promises") {
  const auto live = rtk::from_http<Create>(answer(201, fixture("start.json")));
  REQUIRE(live.has_value());
  CHECK_FALSE(live->name.has_value());
  CHECK(live->playback_url == hls);
}

TEST_CASE("a get is read in its three published shapes") {
  const auto flat = rtk::from_http<Get>(answer(200, fixture("get_flat.json")));
  REQUIRE(flat.has_value());
  CHECK(flat->livestream.id == "1c0ffee0-0a11-4b22-8c33-5d44e55f6603");
  CHECK(flat->livestream.stream_key.reveal() == key);
  CHECK(flat->livestream.ingest_seconds.has_value());
  CHECK(flat->sessions.empty());
  CHECK_FALSE(flat->paging.total_count.has_value());

  const auto one = rtk::from_http<Get>(answer(200, fixture("get_session.json")));
  REQUIRE(one.has_value());
  CHECK(one->livestream.id == "1c0ffee0-0a11-4b22-8c33-5d44e55f6604");
  CHECK_FALSE(one->livestream.name.has_value());
  CHECK(one->livestream.meeting_id == "bbbb0001-0a11-4b22-8c33-5d44e55f6600");
  CHECK(one->livestream.created_at.text() == "2024-03-09T07:08:26.634Z");
  REQUIRE(one->sessions.size() == 1);
  const auto& session = one->sessions.front();
  CHECK(session.id == "5e550001-0a11-4b22-8c33-5d44e55f6600");
  CHECK_FALSE(session.err_message.has_value());
  CHECK(session.invoked_time.text().empty());
  CHECK(session.stopped_time.text().empty());  // sent as "null"
  CHECK(session.started_time.text() == "2024-03-09T07:08:39.000Z");
  CHECK(session.updated_at.text() == "2024-03-09T07:08:40.742Z");  // sent with a stray quote
  CHECK(session.ingest_seconds.value_or(0) == doctest::Approx(60));
  CHECK(session.viewer_seconds.value_or(0) == doctest::Approx(116.11599994199997));

  const auto several = rtk::from_http<Get>(answer(200, fixture("get_sessions.json")));
  REQUIRE(several.has_value());
  CHECK(several->livestream.disabled);  // sent as "true"
  CHECK(several->livestream.status == rtk::LivestreamStatus::idle);
  REQUIRE(several->sessions.size() == 2);
  CHECK(several->sessions[0].ingest_seconds.value_or(0) == doctest::Approx(60));
  CHECK(several->sessions[0].viewer_seconds.value_or(0) == doctest::Approx(61.5));
  CHECK(several->sessions[1].err_message == "the encoder went away");
  REQUIRE(several->paging.total_count.has_value());
  CHECK(several->paging.total_count == 7);
  CHECK(several->paging.end_offset == 2);
}

TEST_CASE("the details of a livestream may come in an array of one") {
  const auto flat = rtk::from_http<Get>(answer(200, R"({"data":[{"id":"1","sessions":[{}]}]})"));
  CHECK(flat.has_value());
  const auto details = rtk::from_http<Get>(answer(
      200,
      R"({"data":[{"livestream":{"id":"1"},"sessions":[{"id":"s1"},{"id":"s2"}]},{"id":"2"}]})"));
  REQUIRE(details.has_value());
  CHECK(details->livestream.id == "1");
  CHECK(details->sessions.size() == 2);
}

TEST_CASE("a list is read as an array, and what its items lack is left empty") {
  const auto list = rtk::from_http<List>(answer(200, fixture("list_array.json")));
  REQUIRE(list.has_value());
  REQUIRE(list->items.size() == 2);
  CHECK(list->items[0].status == rtk::LivestreamStatus::idle);
  CHECK(list->items[0].stream_key.reveal() == key);
  CHECK(list->items[1].status.text() == "PAUSED");  // not one of the known ones
  CHECK(list->items[1].disabled);
  CHECK(list->items[1].stream_key.empty());
  REQUIRE(list->paging.total_count.has_value());
  CHECK(list->paging.total_count == 9);
}

TEST_CASE("a list that arrives as one object is a list of one") {
  const auto list = rtk::from_http<List>(answer(200, fixture("list_one_object.json")));
  REQUIRE(list.has_value());
  REQUIRE(list->items.size() == 1);
  CHECK(list->items[0].id == "1c0ffee0-0a11-4b22-8c33-5d44e55f6606");
  CHECK(list->items[0].updated_at.text() == "2024-03-09T11:48:34.753Z");
  CHECK_FALSE(list->items[0].disabled);  // "disabled" is neither true nor false
  REQUIRE(list->paging.total_count.has_value());
  CHECK(list->paging.total_count == 1);
}

TEST_CASE("a list with its data doubled and its paging inside is read") {
  const auto list = rtk::from_http<List>(answer(200, fixture("list_paging_inside.json")));
  REQUIRE(list.has_value());
  REQUIRE(list->items.size() == 2);
  CHECK(list->items[1].status == rtk::LivestreamStatus::idle);
  REQUIRE(list->paging.total_count.has_value());
  CHECK(list->paging.total_count == 2);
  CHECK(list->paging.start_offset == 1);
}

TEST_CASE("an empty list is a list") {
  const auto list = rtk::from_http<List>(answer(200, R"({"success":true,"data":[]})"));
  REQUIRE(list.has_value());
  CHECK(list->items.empty());
}

TEST_CASE("an operation of one's own reads the models of the header") {
  for (const char* name : {"get_session.json", "active_session.json"}) {
    CAPTURE_TEXT(name);
    const auto details = rtk::from_http<ActiveSession>(answer(200, fixture(name)));
    REQUIRE(details.has_value());
    CHECK(details->livestream.status == rtk::LivestreamStatus::live);
    CHECK(details->sessions.size() == 1);
  }
  const auto odd = rtk::from_http<ActiveSession>(answer(200, fixture("active_session.json")));
  CHECK(odd->livestream.stream_key.reveal() == "stream_key");
  CHECK_FALSE(odd->sessions.front().ingest_seconds.has_value());  // sent as a word

  const auto live =
      rtk::from_http<MeetingLivestream>(answer(200, fixture("meeting_livestream.json")));
  REQUIRE(live.has_value());
  CHECK(live->ingest_server.empty());
  CHECK(live->playback_url == hls);

  const auto session = rtk::from_http<Session>(answer(200, fixture("session.json")));
  REQUIRE(session.has_value());
  CHECK(session->livestream_id == "1c0ffee0-0a11-4b22-8c33-5d44e55f6610");

  const auto stopped = rtk::from_http<Stop>(answer(200, fixture("stop.json")));
  REQUIRE(stopped.has_value());
  CHECK(stopped->message == "Stopped live stream successfully");
}

TEST_CASE("an operation that expects nothing takes any success, but no web page for one") {
  CHECK(rtk::from_http<Remove>(answer(204, "")).has_value());
  CHECK(rtk::from_http<Remove>(answer(200, "")).has_value());
  CHECK(rtk::from_http<Remove>(answer(200, R"({"success":true})")).has_value());
  CHECK(rtk::from_http<Remove>(answer(200, R"({"success":true,"data":{"x":1}})")).has_value());
  CHECK_FALSE(rtk::from_http<Remove>(answer(200, R"({"success":false})")).has_value());
  CHECK_FALSE(rtk::from_http<Remove>(answer(404, "")).has_value());
  CHECK(error_of<Remove>(200, "<html>").kind == ErrorKind::decode);
}

TEST_CASE("a 204 where data was promised is not a success") {
  const auto error = error_of<Create>(204, "");
  CHECK(error.kind == ErrorKind::decode);
}

TEST_CASE("errors of RealtimeKit itself have their code and message") {
  auto error = error_of<Get>(404, fixture("error_backend.json"));
  CHECK(error.kind == ErrorKind::api);
  CHECK(error.code == 404);
  CHECK(error.message == "No active session found for meeting_id bbbb0001-0a11-4b22");
  CHECK(error.errors.size() == 1);
  CHECK(contains(error.body, "No active session"));
  error = error_of<Create>(400, fixture("error_backend_quotes.json"));
  CHECK(error.message == "BAD_REQUEST: \"name\" is required");
}

TEST_CASE("errors of the gateway have all their codes, causes after their effect") {
  auto error = error_of<Create>(401, fixture("error_gateway.json"));
  CHECK(error.kind == ErrorKind::api);
  CHECK(error.code == 10000);
  CHECK(error.message == "Authentication error");

  error = error_of<Create>(400, fixture("error_gateway_chain.json"));
  CHECK(error.code == 6003);
  CHECK(code_list(error) == "6003 6111 6112 9109 ");
  CHECK(contains(error.message, "Invalid request headers"));
  CHECK(contains(error.message, "Invalid token format"));

  error = error_of<List>(404, fixture("error_gateway_route.json"));
  CHECK(code_list(error) == "7003 7000 ");
  CHECK(contains(error.message, "No route for that URI"));

  error = error_of<List>(400, fixture("error_gateway_short.json"));
  CHECK(code_list(error) == "9106 ");
  CHECK(error.message == "Missing Authorization headers");
}

TEST_CASE("errors without a list have their code and message too") {
  auto error = error_of<Create>(429, fixture("error_flat.json"));
  CHECK(error.code == 971);
  CHECK(error.message == "Please wait and consider throttling your request speed");

  error = error_of<Create>(403, fixture("error_text.json"));
  CHECK(error.code == 1007);
  CHECK(error.message == "auth.key_not_in_claims");

  error = error_of<Create>(401, fixture("error_message.json"));
  CHECK(error.code == 0);
  CHECK(error.message == "Unauthorized");
}

TEST_CASE("odd forms of an error list still give their messages") {
  const char* with_message[] = {R"({"success":false,"errors":{"code":"77","message":"m"}})",
                                R"({"success":false,"errors":["m",{"code":78}]})",
                                R"({"success":false,"errors":"m"})",
                                R"({"success":false,"error":[{"code":77.0,"message":"m"}]})",
                                R"({"success":false,"errors":null,"error":null,"message":"m"})",
                                R"({"success":false,"errors":[],"message":"m"})",
                                R"({"success":"false","error":{"code":"none","message":"m"}})",
                                R"({"error":{"code":null,"message":"m"}})",
                                R"({"errors":[null,{"message":"m"}],"x":{"message":"not this"}})"};
  for (const char* body : with_message) {
    CAPTURE_TEXT(body);
    const auto error = error_of<Create>(400, body);
    CHECK(error.kind == ErrorKind::api);
    CHECK(error.message.substr(0, 1) == "m");
    CHECK_FALSE(contains(error.message, "not this"));
  }
  CHECK(code_list(error_of<Create>(400, with_message[0])) == "77 ");
  CHECK(code_list(error_of<Create>(400, with_message[1])) == "0 78 ");
  CHECK(code_list(error_of<Create>(400, with_message[3])) == "77 ");
}

TEST_CASE("an error that says nothing of use is an error all the same") {
  for (const char* body :
       {"", " ", "{}", "[]", "null", "7", "{", "\"text\"", "[{\"message\":\"m\"}]", "\xFF",
        R"({"success":0,"error":{"code":1e400}})", R"({"error":{"message":{"text":"m"}}})",
        R"({"errors":{"name":["is bad"]}})", R"({"success":false,"data":{"id":"1"}})"}) {
    CAPTURE_TEXT(body);
    const auto error = error_of<Create>(400, body);
    CHECK(error.kind == ErrorKind::api);
    CHECK(error.code == 0);
    CHECK_FALSE(error.message.empty());
  }
}

TEST_CASE("answers from the edge that are no JSON give the status and some words") {
  auto error = error_of<Create>(520, fixture("error_520.html"), {{"content-type", "text/html"}});
  CHECK(error.kind == ErrorKind::api);
  CHECK(error.code == 0);
  CHECK(contains(error.message, "HTML"));
  CHECK(contains(error.body, "520: Web server"));
  CHECK_FALSE(contains(error.message, "DOCTYPE"));

  error = error_of<Create>(502, "error code: 502\n", {{"content-type", "text/plain"}});
  CHECK(error.message == "error code: 502");
  error = error_of<Create>(504, "error code: 504");
  CHECK(error.message == "error code: 504");
  error = error_of<Create>(429, "", {{"retry-after", "4"}, {"server", "envoy"}});
  CHECK_FALSE(error.message.empty());
  CHECK(error.body.empty());
  CHECK(error.retry_after == std::chrono::seconds(4));
}

TEST_CASE("a success that says it is none is an error") {
  const auto error =
      error_of<Create>(200, R"({"success":false,"error":{"code":409,"message":"taken"}})");
  CHECK(error.kind == ErrorKind::api);
  CHECK(error.code == 409);
  CHECK(error.message == "taken");
  for (const char* no : {"false", "\"false\"", "0"}) {
    const std::string body =
        "{\"data\":{\"id\":\"1\",\"ingest_server\":\"i\",\"stream_key\":"
        "\"k\",\"playback_url\":\"p\"},\"success\":" +
        std::string(no) + '}';
    CAPTURE_TEXT(body);
    CHECK(error_of<Create>(201, body).kind == ErrorKind::api);
  }
}

TEST_CASE("a code in messages is no error") {
  CHECK(rtk::from_http<Remove>(answer(200, fixture("verified_token.json"))).has_value());
  const auto list =
      rtk::from_http<List>(answer(200, R"({"success":true,"errors":[],"data":[],)"
                                       R"("messages":[{"code":10000,"message":"fine"}]})"));
  CHECK(list.has_value());
  const auto error = error_of<List>(
      400, R"({"success":false,"errors":[],"messages":[{"code":10000,"message":"fine"}]})");
  CHECK(error.code == 0);
  CHECK(error.message == "fine");  // there are no other words
}

TEST_CASE("a success without what was promised is not usable, and its answer is kept") {
  const std::string full =
      R"({"success":true,"data":{"id":"1","ingest_server":"i","stream_key":"k","playback_url":"p"}})";
  CHECK(rtk::from_http<Create>(answer(201, full)).has_value());
  for (const char* name : {"id", "ingest_server", "stream_key", "playback_url"}) {
    CAPTURE_TEXT(name);
    const auto at = full.find('"' + std::string(name) + "\":\"") + std::string(name).size() + 3;
    const auto end = full.find('"', at + 1) + 1;
    for (const char* instead : {"\"\"", "null", "{}", "[]"}) {
      CAPTURE_TEXT(instead);
      const std::string body = full.substr(0, at) + instead + full.substr(end);
      const auto error = error_of<Create>(201, body);
      CHECK(error.kind == ErrorKind::decode);
      CHECK(contains(error.message, name));
      CHECK(rtk::from_http<Create>(answer(201, body)).response().body == body);
    }
    std::string renamed = full;
    renamed.replace(renamed.find('"' + std::string(name)), 2, "\"_");
    CHECK(error_of<Create>(201, renamed).kind == ErrorKind::decode);
  }
  CHECK(contains(error_of<Get>(200, R"({"data":{"sessions":[]}})").message, "livestream.id"));
}

TEST_CASE("successes that are no usable JSON are decode errors") {
  const std::string full = fixture("create.json");
  const std::pair<std::string, const char*> bodies[] = {
      {"", "the response is empty"},
      {"<!DOCTYPE html><html>captive portal</html>", "the response is an HTML page"},
      {full.substr(0, full.size() / 2), "in the middle of its JSON"},
      {full.substr(0, full.size() - 3), "in the middle of its JSON"},
      {full + "x", "not JSON"},
      {"{\"success\":true}", "missing"},
      {"{\"success\":true,\"data\":null}", "missing"},
      {"{\"success\":true,\"data\":\"text\"}", "missing"},
      {"{\"success\":true,\"data\":5}", "missing"},
      {"{\"success\":true,\"data\":[]}", "missing"},
      {"{\"success\":true,\"data\":{}}", "missing"},
      {"null", "missing"},
      {"\"text\"", "missing"},
      {"[]", "missing"},
      {"7", "missing"},
      {"{}", "missing"}};
  for (const auto& entry : bodies) {
    const std::string& body = entry.first;
    const char* const problem = entry.second;
    CAPTURE_TEXT(body);
    const auto error = error_of<Create>(201, body, {{"content-type", "text/html"}});
    CHECK(error.kind == ErrorKind::decode);
    CAPTURE_TEXT(error.message);
    CHECK(contains(error.message, problem));
    CHECK_FALSE(contains(error.message, "captive"));
    CHECK_FALSE(error.retry_after.has_value());
  }
  for (const char* body : {"", "{}", "{\"success\":true}", "{\"success\":true,\"data\":null}",
                           "<p>", "{\"success\":true,\"data\":[{\"id\":\"1\"}", "[]", "null"}) {
    CAPTURE_TEXT(body);
    CHECK(error_of<List>(200, body).kind == ErrorKind::decode);
    CHECK(error_of<MeetingLivestream>(200, body).kind == ErrorKind::decode);
  }
}

TEST_CASE("a decode error says at which byte, and shows none of them") {
  const auto error = error_of<Create>(201, R"({"data":{"name":"CanaryName","x": CanaryValue)");
  CHECK(error.kind == ErrorKind::decode);
  CHECK(contains(error.message, "byte"));
  CHECK_FALSE(contains(error.message, "Canary"));
}

TEST_CASE("from_http() masks the token that it is told") {
  const auto page = answer(403, "<p>The token " + token + " may not do this.</p>");
  const auto error = rtk::from_http<Create>(page, token).error();
  CHECK(error.body == "<p>The token *** may not do this.</p>");
  CHECK_FALSE(contains(error.to_string(), token));
  const auto text = rtk::from_http<Create>(answer(403, "no " + token + " here"), token).error();
  CHECK(text.message == "no *** here");
}

TEST_CASE("a redirect is an error that says where to") {
  for (const int status : {301, 302, 303, 307, 308}) {
    const auto error =
        error_of<Create>(status, "<a href='/elsewhere'>",
                         {{"LOCATION", "https://elsewhere.example/?token=CanaryCanary"}});
    CHECK(error.kind == ErrorKind::api);
    CHECK(contains(error.message, "https://elsewhere.example/"));
    CHECK_FALSE(contains(error.message, "Canary"));
  }
  CHECK_FALSE(error_of<Create>(304, "").message.empty());
  CHECK_FALSE(contains(error_of<Create>(404, "", {{"Location", "/x"}}).message, "redirect"));
}

TEST_CASE("cf-ray is the request id, in any case") {
  CHECK(error_of<Create>(500, "", {{"cf-ray", "8f1e2d3c4b5a6978-FRA"}}).request_id ==
        "8f1e2d3c4b5a6978-FRA");
  CHECK(error_of<Create>(201, "", {{"CF-RAY", "ray"}}).request_id == "ray");
  CHECK(error_of<Create>(201, "").request_id.empty());
  CHECK(error_of<Create>(500, "", {{"cf-ray", std::string(5000, 'x')}}).request_id.size() <= 64);
}

TEST_CASE("Retry-After is taken in seconds and as a date") {
  CHECK(retry_after({{"Retry-After", "4"}}) == 4);
  CHECK(retry_after({{"retry-after", "0"}}) == 0);
  CHECK(retry_after({{"RETRY-AFTER", "86400"}}) == 86400);
  CHECK(retry_after({{"Retry-After", "007"}}) == 7);
  CHECK(retry_after({{"Retry-After", "5"}}, 503) == 5);
  CHECK(retry_after({{"Retry-After", "5"}, {"Retry-After", "9"}}) == 5);
  CHECK(retry_after({{"Date", "Fri, 08 Mar 2024 23:59:50 GMT"},
                     {"Retry-After", "Sat, 09 Mar 2024 00:00:20 GMT"}}) == 30);
  CHECK(retry_after({{"date", "Wed, 28 Feb 2024 12:00:00 GMT"},
                     {"Retry-After", "Fri, 01 Mar 2024 12:00:00 GMT"}}) == 2 * 86400);
  CHECK(retry_after({{"Date", "Sat, 09 Mar 2024 00:00:20 GMT"},
                     {"Retry-After", "Sat, 09 Mar 2024 00:00:20 GMT"}}) == 0);
  // Without the server's clock by our own, which is past 2024 and before 9999.
  CHECK(retry_after({{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}).value_or(0) > 86400);
  CHECK(retry_after({{"Date", "soon"}, {"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}})
            .value_or(0) > 86400);
}

TEST_CASE("the two old forms of dates are understood in Retry-After and Date") {
  const char* const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                               "Sun Nov  6 08:49:37 1994", "Sun Nov 06 08:49:37 1994"};
  for (const char* date : forms) {
    for (const char* until : forms) {
      CAPTURE_TEXT(date);
      CAPTURE_TEXT(until);
      CHECK(retry_after({{"Date", date}, {"Retry-After", until}}) == 0);
    }
    CHECK(retry_after({{"Date", date}, {"Retry-After", "Mon, 07 Nov 1994 08:49:38 GMT"}}) == 86401);
  }
  CHECK(retry_after({{"Date", "Wed, 28 Feb 2024 23:59:59 GMT"},
                     {"Retry-After", "Thu Feb 29 00:00:00 2024"}}) == 1);
  CHECK(retry_after({{"Date", "Sat Dec 31 23:59:59 2016"},
                     {"Retry-After", "Saturday, 31-Dec-16 23:59:60 GMT"}}) == 1);
  // Two digits are a year of this century, but the past where that is more than 50 years ahead.
  CHECK(retry_after({{"Date", "Thu, 01 Jan 2060 00:00:00 GMT"},
                     {"Retry-After", "Thursday, 01-Jan-60 00:00:05 GMT"}}) == 5);
  CHECK(retry_after({{"Date", "Thu, 01 Jan 1998 00:00:00 GMT"},
                     {"Retry-After", "Thursday, 01-Jan-98 00:00:05 GMT"}}) == 5);
}

TEST_CASE("what is not exactly a date is none") {
  for (const char* value : {"Sat, 09 J 9999 00:00:20 GMT",
                            "Sat, 09 Ma 9999 00:00:20 GMT",
                            "Sat, +9 Mar 9999 00:00:20 GMT",
                            "Sat, 9 Mar 9999 00:00:20 GMT",
                            "Sat,  9 Mar 9999 00:00:20 GMT",
                            "Sat, 09 Mar +999 00:00:20 GMT",
                            "Sat, 09 Mar 9999 0:00:20 GMT",
                            "Sat, 09 Mar 9999 00:00:2 GMT",
                            "Sat, 09 Mar 9999  0:00:20 GMT",
                            "Sat, 09 Mar 9999 00:00:+1 GMT",
                            "Foo, 09 Mar 9999 00:00:20 GMT",
                            "SAT, 09 Mar 9999 00:00:20 GMT",
                            "Sat, 09 mar 9999 00:00:20 GMT",
                            "sat, 09 Mar 9999 00:00:20 gmt",
                            "Sat, 09 Mar 9999 00:00:20 UTC",
                            "Sat, 09 Mar 9999 00:00:20 +0000",
                            "Sat 09 Mar 9999 00:00:20 GMT",
                            "Sat,09 Mar 9999 00:00:20 GMT",
                            ", 09 Mar 9999 00:00:20 GMT",
                            "09 Mar 9999 00:00:20 GMT",
                            "Sat, 31 Feb 9999 00:00:20 GMT",
                            "Sat, 29 Feb 9999 00:00:20 GMT",
                            "Sat, 31 Apr 9999 00:00:20 GMT",
                            "Sat, 00 Mar 9999 00:00:20 GMT",
                            "Sat, 09 Mar 9999 24:00:00 GMT",
                            "Sat, 09 Mar 9999 00:60:00 GMT",
                            "Sat, 09 Mar 9999 00:00:61 GMT",
                            "Sat, 09 Mar 9999 00:00:20 GMT ",
                            " Sat, 09 Mar 9999 00:00:20 GMT",
                            "Saturday, 09 Mar 9999 00:00:20 GMT",
                            "Sat, 09-Mar-60 00:00:20 GMT",
                            "Saturday, 09-Mar-9999 00:00:20 GMT",
                            "Saturday, 09-Mar-60 00:00:20",
                            "Saturd, 09-Mar-60 00:00:20 GMT",
                            "Sat Mar 9 00:00:20 9999",
                            "Sat Mar  9 00:00:20 99999",
                            "Sat Mar  9 00:00:20 9999 GMT",
                            "Sat Mar  0 00:00:20 9999",
                            "Sat Mar    00:00:20 9999",
                            "Saturday Mar  9 00:00:20 9999",
                            "Sat",
                            "S",
                            ","}) {
    CAPTURE_TEXT(value);
    CHECK_FALSE(retry_after({{"Retry-After", value}}).has_value());
    // Nor is it the server's clock: a date that is past by our own stays past.
    CHECK_FALSE(retry_after({{"Date", value}, {"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}})
                    .has_value());
  }
}

TEST_CASE("a huge Retry-After stays huge instead of wrapping around") {
  CHECK(retry_after({{"Retry-After", "99999999999999999999999999"}}).value_or(0) > 86400 * 365);
  CHECK(retry_after({{"Retry-After", "4294967297"}}).value_or(0) > 86400 * 365);
}

TEST_CASE("a Retry-After that is past, negative or no time is ignored") {
  for (const char* value : {"", " ", "-1", "+5", "1.5", "soon", "5s", "0x10", "1e3",
                            "Sat, 09 Mar 2024 00:00:20 GMT", "Sat, 09 Mar 2024 00:00:20",
                            "Sat, 99 Mar 9999 00:00:20 GMT", "Sat, 09 Foo 9999 00:00:20 GMT",
                            "Sat, 09 anF 9999 00:00:20 GMT", "Sat, 09 Mar 9999 24:00:20 GMT",
                            "Sat, 09 Mar 9999 00:00:20 GMT and more", "2999-01-01T00:00:00Z"}) {
    CAPTURE_TEXT(value);
    CHECK_FALSE(retry_after({{"Retry-After", value}}).has_value());
  }
  CHECK_FALSE(retry_after({{"Date", "Sat, 09 Mar 2024 00:00:20 GMT"},
                           {"Retry-After", "Sat, 09 Mar 2024 00:00:19 GMT"}})
                  .has_value());
  CHECK_FALSE(retry_after({}).has_value());
}

TEST_CASE("statuses outside of HTTP are errors and not a success") {
  for (const int status : {0, -1, 100, 199, 300, 418, 499, 599, 999}) {
    CAPTURE(status);
    CHECK(error_of<Create>(status, fixture("create.json")).kind == ErrorKind::api);
  }
}

TEST_CASE("the body in an error is cut and masked") {
  const auto error = error_of<Create>(500, std::string(5u << 20, 'x'));
  CHECK(error.body.size() <= 4096);
  CHECK(error.message.size() <= 1024);
  const auto with_key = error_of<Create>(500, fixture("create.json"));
  CHECK_FALSE(contains(with_key.body, key));
  CHECK(contains(with_key.body, "harbour-cam"));
  const auto unusable = error_of<Create>(201, fixture("create.json") + "x");
  CHECK_FALSE(contains(unusable.body, key));
}

TEST_CASE("the message in an error is cut, what the server listed is not") {
  const std::string entry = ",{\"code\":7,\"message\":\"" + std::string(2000, 'x') + "\"}";
  std::string list = "{\"code\":7,\"message\":\"first\"}";
  for (int i = 0; i < 9; ++i) list += entry;
  const auto error = error_of<Create>(400, "{\"errors\":[" + list + "]}");
  CHECK(error.message.substr(0, 10) == "first; xxx");
  CHECK(error.message.size() == 4096);
  REQUIRE(error.errors.size() == 10);
  CHECK(error.errors.back().message.size() == 2000);
}
