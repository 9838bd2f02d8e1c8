// What a response is understood as, by rule: a value in its own place wins, nothing is understood
// by accident, known wrappers are unwrapped, and one bad value costs that value. models_test.cpp has
// the same over all operations; here are the smallest responses, and combinations of them.
#include "support.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace support;
using rtk::ErrorKind;

namespace {

// The model as it prints, or the kind of the error.
template <class Op> std::string read(const std::string& body, int status = 200) {
  const auto result = rtk::from_http<Op>(answer(status, body));
  if (result) return rtk::to_string(*result);
  CHECK_FALSE(result.error().message.empty());
  return result.error().kind == ErrorKind::decode ? "decode" : "api";
}

// The ids of a list, or the kind of the error.
std::string ids(const std::string& body) {
  const auto result = rtk::from_http<rtk::livestreams::List>(answer(200, body));
  if (!result) return result.error().kind == ErrorKind::decode ? "decode" : "api";
  std::string text;
  for (const auto& item : result->items) text += item.id + ',';
  return text;
}
std::string data_ids(const std::string& data) {
  return ids("{\"success\":true,\"data\":" + data + '}');
}

template <class Op> std::string unread(const std::string& body) {
  std::string text;
  for (const std::string& line : rtk::unread<Op>(answer(200, body))) text += line + '\n';
  return text;
}

struct Case {
  const char* body;
  const char* expected;
};

struct Inner {
  std::string label{};
  std::optional<std::int64_t> size{};
  REALTIMEKIT_FIELDS(label, size)
};
struct Thing {
  static constexpr std::string_view wrappers[] = {"thing"};
  std::string id{};
  rtk::Secret stream_key{};
  std::string status{};
  Inner inner{};
  std::vector<Inner> parts{};
  std::vector<std::string> tags{};
  std::optional<bool> disabled{};
  REALTIMEKIT_FIELDS(id, stream_key, status, inner, parts, tags, disabled)
};
struct GetThing {
  static constexpr auto route = rtk::Route::get("/thing");
  using Response = Thing;
  template <class Fields> static void fields(Fields&) {}
};
// Without an id: anything makes it usable.
struct Anything {
  Inner inner{};
  std::vector<std::string> tags{};
  rtk::Paging paging{};
  REALTIMEKIT_FIELDS(inner, tags, paging)
};
struct GetAnything {
  static constexpr auto route = rtk::Route::get("/anything");
  using Response = Anything;
  template <class Fields> static void fields(Fields&) {}
};

}  // namespace

TEST_CASE("a list is found in every wrapper, and around each item") {
  for (const char* data :
       {R"([{"id":"1"},{"id":"2"}])", R"({"livestreams":[{"id":"1"},{"id":"2"}]})",
        R"({"livestream":[{"id":"1"},{"id":"2"}]})", R"({"items":[{"id":"1"},{"id":"2"}]})",
        R"({"results":[{"id":"1"},{"id":"2"}]})", R"({"result":[{"id":"1"},{"id":"2"}]})",
        R"({"data":{"livestreams":[{"id":"1"},{"id":"2"}]}})",
        R"({"data":{"data":{"items":[{"id":"1"},{"id":"2"}]}}})",
        R"([{"livestream":{"id":"1"}},{"livestream":{"id":"2"}}])",
        R"([{"data":{"id":"1"}},{"id":"2"}])", R"([{"livestreams":[{"id":"1"}]},{"id":"2"}])",
        R"({"results":[{"data":{"livestream":{"id":"1"}}},{"livestreams":{"id":"2"}}]})",
        R"([null,{"id":1},{},{"id":2},{"name":null},{"livestream":{}}])",
        R"({"livestreams":[{"id":"1"},{"id":"2"}],"livestream":{"id":"3"}})",
        R"({"livestream":{},"livestreams":[{"id":"1"},{"id":"2"}]})",
        R"({"id":"3","livestreams":[{"id":"1"},{"id":"2"}]})",
        R"({"livestreams":[{"id":"1"},{"id":"2"}],"id":"3"})",
        R"({"livestreams":{"data":[{"id":"1"},{"id":"2"}]},"id":"3"})"}) {
    CAPTURE_TEXT(data);
    CHECK(data_ids(data) == "1,2,");
    CHECK(ids("{\"result\":" + std::string(data) + ",\"success\":true}") == "1,2,");
  }
  for (const char* data : {R"({"id":"1"})", R"({"livestream":{"id":"1"}})",
                           R"({"data":{"livestreams":{"id":"1","name":"n"}}})",
                           R"([{"name":"n","id":"1"}])", R"({"items":{"data":{"id":"1"}}})"}) {
    CAPTURE_TEXT(data);
    CHECK(data_ids(data) == "1,");
  }
}

TEST_CASE("a list is empty only where an empty array stands in its place") {
  for (const char* data : {"[]", R"({"items":[]})", R"({"livestreams":[]})", R"({"data":[]})",
                           R"({"data":{"results":[]},"paging":{"total_count":0}})",
                           R"({"livestreams":[],"id":null})", R"({"id":null,"livestreams":[]})"}) {
    CAPTURE_TEXT(data);
    CHECK(data_ids(data) == "");
  }
  for (const char* data : {"null",
                           "true",
                           "1",
                           "\"OK\"",
                           "{}",
                           "[null]",
                           "[[]]",
                           "[1]",
                           "[\"x\"]",
                           "[{}]",
                           "[[{}]]",
                           R"([[{"id":"1"}]])",
                           R"({"livestreams":null})",
                           R"({"livestreams":{}})",
                           R"({"livestreams":"none"})",
                           R"({"data":{}})",
                           R"({"data":null})",
                           R"({"data":[{}]})",
                           R"({"streams":[{"id":"1"}]})",
                           R"({"id":null})",
                           R"({"id":{}})",
                           R"({"name":[]})",
                           R"({"paging":{"total_count":0}})",
                           R"([{"livestream":{}}])",
                           R"([{"not_known":1}])",
                           R"({"a":{"id":"1","name":"n"},"b":{"id":"2","name":"n"}})",
                           R"({"items":[null,{}]})"}) {
    CAPTURE_TEXT(data);
    CHECK(data_ids(data) == "decode");
  }
  for (const char* body : {"[]", "{}", "null", "\"OK\"", R"({"success":true})"}) {
    CAPTURE_TEXT(body);
    CHECK(ids(body) == "decode");
  }
  CHECK(ids(R"({"livestreams":[],"success":true})") == "");
  CHECK(ids(R"({"success":true,"data":[],"id":"x","livestreams":[{"id":"y"}]})") == "");
}

TEST_CASE("an empty first page of a list that has items is refused, a later one is not") {
  for (const char* body :
       {R"({"data":[],"paging":{"total_count":1}})", R"({"paging":{"total_count":"7"},"data":[]})",
        R"({"data":{"livestreams":[],"paging":{"total_count":1}}})",
        R"({"data":[],"paging":{"total_count":5,"start_offset":1}})"}) {
    CAPTURE_TEXT(body);
    CHECK(ids(body) == "decode");
  }
  CHECK(ids(R"({"data":[],"paging":{"total_count":5,"start_offset":6}})") == "");
  const rtk::BasicClient client{config(), [](const rtk::HttpRequest&) {
                                  return answer(200, R"({"data":[],"paging":{"total_count":5}})");
                                }};
  rtk::livestreams::List list;
  CHECK_FALSE(client.send(list));
  list.page_no = 1;
  CHECK_FALSE(client.send(list));
  list.page_no = 2;
  CHECK(client.send(list));
}

TEST_CASE("a value in its own place wins, whatever the order of the members") {
  const Case cases[] = {
      {R"("stream_key":"k","streamKey":"")", R"("stream_key":"***")"},
      {R"("status":"LIVE","Status":"x","statuses":"y")", R"("status":"LIVE")"},
      {R"("status":"","Status":"x")", R"("status":"")"},
      {R"("status":null,"Status":"x")", R"("status":"x")"},
      {R"("status":{},"sta_tus":"x")", R"("status":"x")"},
      {R"("status":"LIVE","thing":{"status":"x"},"data":{"status":"y"})", R"("status":"LIVE")"},
      {R"("thing":{"disabled":true},"disabled":false)", R"("disabled":false)"},
      {R"("disabled":"perhaps","thing":{"disabled":true})", R"("disabled":true)"},
      {R"("inner":{"label":"own"},"Inner":{"label":"x","size":1})", R"("inner":{"label":"own"})"},
      {R"("inner":[{"label":"own"}],"inners":{"label":"x"})", R"("inner":{"label":"own"})"},
      {R"("parts":[{"label":"own"}],"part":{"label":"x","size":1})",
       R"("parts":[{"label":"own"}])"},
      {R"("parts":[],"part":[{"label":"x"}])", ""},
      {R"("parts":"none","part":[{"label":"x"}])", R"("parts":[{"label":"x"}])"},
      {R"("tags":["own"],"Tags":["x","y"],"tag":"z")", R"("tags":["own"])"},
      {R"("tags":"own","tag":"z")", R"("tags":["own"])"}};
  for (const Case& one : cases) {
    std::vector<std::string> members;
    const auto whole = nlohmann::ordered_json::parse('{' + std::string(one.body) + '}');
    for (const auto& item : whole.items()) {
      members.push_back('"' + item.key() + "\":" + item.value().dump());
    }
    members.push_back(R"("id":"1")");
    std::sort(members.begin(), members.end());
    do {
      std::string body;
      for (const std::string& member : members) body += (body.empty() ? "" : ",") + member;
      CAPTURE_TEXT(body);
      const std::string found = read<GetThing>("{\"data\":{" + body + "},\"status\":\"beside\"}");
      CHECK(contains(found, one.expected));
      CHECK(contains(found, R"("id":"1")"));
      CHECK_FALSE(contains(found, "beside"));
      const std::string status = contains(one.expected, "status") ? "" : R"("status":"")";
      CHECK(contains(found, status));
      if (std::string(one.expected).empty()) CHECK_FALSE(contains(found, "parts"));
    } while (std::next_permutation(members.begin(), members.end()));
  }
}

TEST_CASE("an object is usable with its id, or with anything where it has none") {
  for (const char* data : {R"({"id":"a"})", R"({"thing":{"id":"a"}})", R"({"things":{"id":"a"}})",
                           R"({"data":{"thing":{"id":"a"}}})", R"([{"id":"a"},{"id":"b"}])",
                           R"({"things":[{"id":"a"}]})", R"({"results":[{"id":"a"}]})",
                           R"({"ID":"a"})", R"([{"thing":{"id":"a"}}])"}) {
    CAPTURE_TEXT(data);
    const auto result =
        rtk::from_http<GetThing>(answer(200, "{\"data\":" + std::string(data) + '}'));
    REQUIRE(result);
    CHECK(result->id == "a");
  }
  CHECK(contains(read<GetThing>(R"({"data":{"id":7}})"), R"("id":"7")"));
  for (const char* data : {"\"OK\"", "true", "1", "[]", "{}", "null", "[null]", "[[]]",
                           R"({"id":""})", R"({"id":null})", R"({"id":{}})", R"({"status":"LIVE"})",
                           R"({"thing":"a"})", R"({"other":{"id":"a"}})"}) {
    CAPTURE_TEXT(data);
    CHECK(read<GetThing>("{\"success\":true,\"data\":" + std::string(data) + ",\"id\":\"x\"}") ==
          "decode");
    if (!contains(data, "id") && !contains(data, "status")) {
      CHECK(read<GetAnything>("{\"data\":" + std::string(data) +
                              ",\"tags\":[\"x\"],\"paging\":{\"total_count\":1}}") == "decode");
    }
  }
  CHECK(read<GetAnything>(R"({"data":{"tags":[]}})") == "{}");
  CHECK(contains(read<GetAnything>(R"({"data":{"tags":"a"}})"), R"(["a"])"));
  CHECK(read<GetAnything>(R"({"data":{"paging":{"total_count":1}}})") == "decode");
}

TEST_CASE("a decode error says what was looked for and what was found") {
  const auto words = [](const char* body) {
    return rtk::from_http<rtk::meetings::Get>(answer(200, body)).error().message;
  };
  CHECK(words(R"({"data":"OK"})") == "the response is missing id: data is a text");
  CHECK(words(R"({"data":[]})") == "the response is missing id: data is an array");
  CHECK(words(R"({"data":null})") == "the response is missing id: data is null");
  CHECK(words(R"({"success":true})") == "the response is missing id: it has no data");
  CHECK(rtk::from_http<rtk::meetings::List>(answer(200, R"({"data":1})")).error().message ==
        "the response is missing the list: data is a number");
}

TEST_CASE("what promises nothing succeeds with nothing, but not where the server says it failed") {
  for (const char* body : {"", " \n", "{}", "null", R"({"success":true})", R"({"data":null})",
                           R"({"success":true,"data":"OK"})", R"({"success":true,"data":[]})",
                           R"({"success":true,"errors":[],"messages":[],"result":null})"}) {
    CAPTURE_TEXT(body);
    for (const int status : {200, 202, 204}) {
      CHECK(read<rtk::participants::Delete>(body, status)[0] == '{');
      CHECK(read<rtk::active_session::KickAll>(body, status)[0] == '{');
      CHECK(read<rtk::meetings::StopLivestream>(body, status)[0] == '{');
      CHECK(read<rtk::sessions::GenerateSummary>(body, status)[0] == '{');
    }
  }
  for (const char* body :
       {R"({"success":false})", R"({"success":"False","data":{}})",
        R"({"success":0,"data":{"id":"1"}})",
        R"({"data":null,"errors":[{"code":1,"message":"m"}]})", R"({"error":"m"})",
        R"({"error":{"message":"m"},"result":null})", R"({"success":"no"})",
        R"({"errors":[{"code":10000,"message":"Authentication error"}]})"}) {
    CAPTURE_TEXT(body);
    CHECK(read<rtk::participants::Delete>(body) == "api");
    CHECK(read<rtk::meetings::Get>(body) == "api");
    CHECK(ids(body) == "api");
  }
  for (const char* error : {"null", "[]", "{}", "\"\"", "false"}) {
    const std::string end = std::string(",\"error\":") + error + ",\"errors\":" + error + '}';
    CHECK(ids("{\"data\":[{\"id\":\"1\"}]" + end) == "1,");
    CHECK(read<rtk::participants::Delete>("{\"success\":true" + end)[0] == '{');
  }
  CHECK(read<rtk::participants::Delete>("<html>") == "decode");
}

TEST_CASE("one bad value costs that value only, wherever it stands") {
  for (const char* data :
       {R"([{"id":"1"},{"id":"2","name":"A\ud83d"}])",
        "[{\"id\":\"1\"},{\"id\":\"2\",\"x\":\"\xFF\"}]", R"([{"id":"1","x":1e999},{"id":"2"}])",
        "[{\"id\":\"1\",\"\xFF\":-1e999},{\"id\":\"2\"}]",
        R"({"livestreams":[{"id":"1"},{"id":"2","status":"\udc00"}]})"}) {
    CAPTURE_TEXT(data);
    CHECK(data_ids(data) == "1,2,");
  }
  // What stood before the bad value is not there twice.
  for (const char* bad : {"1e999", R"("\ud83d")"}) {
    CAPTURE_TEXT(bad);
    const std::string end = std::string(R"(,"unknown":)") + bad + "}}";
    CHECK(contains(read<GetThing>(R"({"data":{"id":"1","tags":"a","part":{"label":"p"})" + end),
                   R"("parts":[{"label":"p"}],"tags":["a"])"));
  }
}

TEST_CASE("unread() names what no field takes, where it stands") {
  using Get = GetThing;
  CHECK(unread<Get>(R"({"data":{"id":"1","status":null,"thing":{"tag":"a"}},"success":true})") ==
        "");
  CHECK(unread<Get>(R"({"data":{"id":"1","parts":[{"label":"a"},{"size":1,"new_thing":"x"}]}})") ==
        "data.parts[1].new_thing: text\n");
  CHECK(unread<Get>(R"({"data":{"id":"1","a":1,"b":{"c":1},"d":[1],"e":true,"f":null},"g":"x"})") ==
        "data.a: number\ndata.b: object\ndata.d: array\ndata.e: boolean\ndata.f: null\ng: text\n");
  CHECK(unread<Get>(R"({"data":{"id":"1","disabled":"perhaps"}})") == "data.disabled: text\n");
  CHECK(unread<Get>(R"({"data":[{"id":"1"},{"id":"2"}],"errors":[],"messages":["x"]})") ==
        "data[1]: object\n");
  CHECK(unread<Get>(R"({"id":"1","new_thing":{},"inner":{"new":1},"success":true,"errors":[]})") ==
        "new_thing: object\ninner.new: number\n");
  CHECK(unread<Get>("{\"data\":{\"id\":\"1\",\"x\":\"\xFF\",\"y\":1e999}}") ==
        "data.x: text\ndata.y: null\n");  // no double represents it
  CHECK(
      unread<rtk::livestreams::List>(
          R"({"data":[{"id":"1"},{"id":"2","recording":{"a":1}}],"paging":{"page":1},"id":"x"})") ==
      "data[1].recording: object\npaging.page: number\nid: text\n");
  CHECK(unread<rtk::participants::Delete>("") == "");
  CHECK(unread<Get>(R"({"data":{"id":"1","x":"null","status":"null"},"y":null})") ==
        "data.x: text\ny: null\n");
  // Which of two comes first makes no difference.
  using List = rtk::livestreams::List;
  CHECK(unread<Get>(R"({"data":{"id":"1","ID":"2"}})") == "data.ID: text\n");
  CHECK(unread<Get>(R"({"data":{"ID":"2","id":"1"}})") == "data.ID: text\n");
  CHECK(unread<List>(R"({"data":[{"id":"1"}],"result":[{"id":"2"}]})") == "result: array\n");
  CHECK(unread<List>(R"({"result":[{"id":"2"}],"data":[{"id":"1"}]})") == "result: array\n");
  CHECK(unread<List>(R"({"data":[{"name":"b","Name":"a","id":"1"},{"Name":"a","name":"b"}]})") ==
        "data[0].Name: text\ndata[1].Name: text\n");
}
