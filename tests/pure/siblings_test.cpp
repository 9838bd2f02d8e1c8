// Responses that are near to those that are understood: what they may and may not be taken for.
#include "support.hpp"

#include <algorithm>

namespace {

template <class Op>
rtk::Result<typename Op::Response> read(const std::string& body, int status = 200) {
  return rtk::from_http<Op>(rtk::HttpResponse{status, {}, body});
}

template <class Op> rtk::ErrorKind kind_of(const std::string& body, int status = 200) {
  const auto result = read<Op>(body, status);
  REQUIRE_FALSE(result);
  return result.error().kind;
}

using List = rtk::livestreams::List;
using rtk::ErrorKind;
using support::contains;

}  // namespace

TEST_CASE("no item is made of a member that only has the name of one of its fields") {
  for (const char* body :
       {R"({"success":true,"status":"ok"})", R"({"data":{"status":"ok"}})",
        R"({"data":{"name":"x"}})", R"({"data":{"id":""}})", R"({"data":{"disabled":false}})"}) {
    CAPTURE_TEXT(body);
    CHECK(kind_of<List>(body) == ErrorKind::decode);
  }
}

TEST_CASE("an item in its wrapper is not replaced by what stands beside it") {
  for (const std::string beside : {R"("status":"ok")", R"("status":{})", R"("status":[])",
                                   R"("id":[])", R"("created_at":null)", R"("id":"x")"}) {
    for (const std::string wrapper : {"livestream", "livestreams", "items", "live_streams"}) {
      const std::string item = "\"" + wrapper + R"(":{"id":"ls1","name":"show"})";
      for (const auto& body : {item + "," + beside, beside + "," + item}) {
        CAPTURE_TEXT(body);
        const auto page = read<List>("{\"data\":{" + body + "}}");
        REQUIRE(page);
        REQUIRE(page->items.size() == 1);
        CHECK(page->items[0].id == "ls1");
        CHECK(page->items[0].name == "show");
        CHECK(page->items[0].status.text().empty());
      }
    }
  }
}

TEST_CASE("an error beside data in which there is nothing is an error") {
  for (const char* data : {"{}", "[]", "\"\"", "null"}) {
    for (const char* error :
         {R"("errors":[{"code":7,"message":"m"}])", R"("error":{"code":7,"message":"m"})"}) {
      const std::string body = std::string("{\"data\":") + data + "," + error + "}";
      CAPTURE_TEXT(body);
      for (const auto& found : {read<List>(body).error(), read<rtk::meetings::Get>(body).error(),
                                read<rtk::participants::Delete>(body).error()}) {
        CHECK(found.kind == ErrorKind::api);
        CHECK(found.code == 7);
        CHECK(found.message == "m");
      }
    }
  }
  for (const char* none : {"0", "\"none\"", "\"null\"", "[null]", "[{}]", "\"\"", "false"}) {
    const std::string body = std::string(R"({"data":{"id":"a"},"errors":)") + none + "}";
    CAPTURE_TEXT(body);
    CHECK(read<rtk::meetings::Get>(body));
    CHECK(read<rtk::meetings::Get>(std::string(R"({"id":"a","error":)") + none + "}"));
  }
}

TEST_CASE("an empty first page is refused wherever the server says that there are items") {
  for (const char* body :
       {R"({"data":[],"total_count":1})", R"({"total_count":1,"data":[]})",
        R"({"data":{"livestreams":[],"total_count":1}})",
        R"({"result":[],"result_info":{"total_count":1}})",
        R"({"data":[],"pagination":{"total_count":2}})", R"({"data":[],"meta":{"totalCount":2}})",
        R"({"data":{"livestreams":[],"paging":{"total_count":2}}})"}) {
    CAPTURE_TEXT(body);
    CHECK(kind_of<List>(body) == ErrorKind::decode);
    List second;
    second.page_no = 2;
    CHECK(rtk::from_http<List>({200, {}, body}, {}, &second));
  }
  const List first;
  const std::string offset = R"({"data":[],"paging":{"total_count":5,"start_offset":11}})";
  CHECK(read<List>(offset));
  CHECK_FALSE(rtk::from_http<List>({200, {}, offset}, {}, &first));
  const auto page = read<List>(R"({"data":[{"id":"a"}],"result_info":{"total_count":7}})");
  REQUIRE(page);
  CHECK(page->paging.total_count == 7);
}

TEST_CASE("a list of which no item is understood is not an empty list, beside other lists either") {
  using Get = rtk::meetings::GetLivestreams;  // livestreams and sessions
  const std::string paging = R"("paging":{"total_count":0})";
  for (const char* list : {R"([{"i":"1"}])", "[{}]", "[null]", "[1]", R"(["x"])", R"({"i":"1"})"}) {
    CAPTURE_TEXT(list);
    const std::string lists = std::string(R"("livestreams":)") + list;
    CHECK(kind_of<Get>("{\"data\":{" + lists + "}}") == ErrorKind::decode);
    CHECK(kind_of<Get>("{\"data\":{" + lists + ',' + paging + "}}") == ErrorKind::decode);
    CHECK(kind_of<Get>("{\"data\":{" + paging + ',' + lists + "}}") == ErrorKind::decode);
    CHECK(read<Get>("{\"data\":{" + lists + R"(,"sessions":[]}})"));
  }
  CHECK(read<Get>(R"({"data":{"livestreams":[]}})"));
  const auto found =
      read<Get>(R"({"data":{"Livestreams":[{"i":"1"}],"livestreams":[{"id":"a"}]}})");
  REQUIRE(found);
  CHECK(found->livestreams.size() == 1);
}

TEST_CASE("no item is made of members that are not understood") {
  using Get = rtk::analytics::GetDaywise;
  const std::string stats = R"("session_stats":{"sessions_count":7})";
  for (const char* member : {R"("date":[{"x":1}])", R"("date":{})", R"("sessions_count":"x")"}) {
    CAPTURE_TEXT(member);
    for (const std::string& body : {stats + ',' + member, member + ("," + stats)}) {
      const auto found = read<Get>("{\"data\":{" + body + "}}");
      REQUIRE(found);
      CHECK(found->days.empty());
    }
  }
}

TEST_CASE("what is empty leaves its place to a value") {
  const std::string rest = R"("id":"a","ingest_server":"s","playback_url":"p",)";
  for (const char* keys :
       {R"("stream_key":"","streamKey":"k")", R"("streamKey":"k","stream_key":"")",
        R"("stream_key":"k","streamKey":"")"}) {
    const auto live =
        read<rtk::livestreams::Create>(std::string("{\"data\":{") + rest + keys + "}}");
    REQUIRE(live);
    CHECK(live->stream_key.reveal() == "k");
  }
  const auto meeting = read<rtk::meetings::Get>(
      R"({"data":{"id":"a","recording_config":{},"recordingConfig":{"max_seconds":99}}})");
  REQUIRE(meeting);
  CHECK(meeting->recording_config.max_seconds == 99);
}

TEST_CASE("an object in its own place replaces another whole, and not if it is empty") {
  const auto config = [](const std::string& own, const std::string& other) {
    const std::string id = "{\"data\":{\"id\":\"a\",", rest = "\"ai_config\":" + own;
    const std::string alias = "\"aiConfig\":" + other;
    const auto first = read<rtk::meetings::Get>(id + rest + "," + alias + "}}");
    const auto second = read<rtk::meetings::Get>(id + alias + "," + rest + "}}");
    REQUIRE(first);
    REQUIRE(second);
    CHECK(rtk::to_string(*first) == rtk::to_string(*second));
    return rtk::to_string(first->ai_config);
  };
  const std::string full = R"({"transcription":{"language":"de","keywords":["a"]}})";
  for (const char* empty : {"{}", R"({"transcription":{}})", R"({"transcription":null})",
                            R"({"transcription":[{"language":null}],"not_known":1})"}) {
    CAPTURE_TEXT(empty);
    CHECK(config(empty, full) == full);
  }
  CHECK(config(R"({"transcription":{"language":"en"}})", full) ==
        R"({"transcription":{"language":"en"}})");
  CHECK(config(R"([{"transcription":[{"language":"en"}]}])", full) ==
        R"({"transcription":{"language":"en"}})");
  CHECK(config(R"({"summarization":{"word_limit":200}})", full) ==
        R"({"summarization":{"word_limit":200}})");
  using Get = rtk::meetings::Get;
  const std::string before = "{\"data\":{\"id\":\"a\",\"aiConfig\":" + full;
  CHECK(rtk::unread<Get>({200, {}, before + R"(,"ai_config":{}}})"}).empty());
  CHECK(rtk::unread<Get>({200, {}, before + R"(,"ai_config":)" + full + "}}"}) ==
        std::vector<std::string>{"data.aiConfig: object"});
}

TEST_CASE("a response that has what it is about, and not only something") {
  CHECK(kind_of<rtk::livestreams::GetActiveSession>(R"({"data":{"status":"ok"}})") ==
        ErrorKind::decode);
  CHECK(kind_of<rtk::active_session::CreatePoll>(R"({"data":{"action":"x"}})") ==
        ErrorKind::decode);
  CHECK(kind_of<rtk::sessions::GetChat>(R"({"data":{"chat_download_url":""}})") ==
        ErrorKind::decode);
  CHECK(kind_of<rtk::sessions::GetSummary>(R"({"data":{"session_id":"a"}})") == ErrorKind::decode);
  CHECK(read<rtk::livestreams::GetSession>(R"({"data":{"livestream_session":{"id":"a"}}})"));
  CHECK(read<rtk::sessions::ListLivestreamSessions>(
      R"({"data":{"livestreamSessions":[{"id":"a"}]}})"));
}

TEST_CASE("a secret of several lines is masked as JSON writes it") {
  rtk::recordings::Start op;
  const std::string key = "-----BEGIN KEY-----\nMIIabc\tdef\n-----END KEY-----";
  rtk::StorageConfig storage;
  storage.private_key = rtk::Secret(key);
  op.storage_config = storage;
  for (const std::string quoted : {R"(-----BEGIN KEY-----\nMIIabc\tdef\n-----END KEY-----)",
                                   R"(-----BEGIN KEY-----\\nMIIabc\\tdef\\n-----END KEY-----)"}) {
    const auto result = rtk::from_http<rtk::recordings::Start>(
        {400, {}, "{\"error\":{\"message\":\"bad key " + quoted + "\"}}"}, {}, &op);
    REQUIRE_FALSE(result);
    CHECK_FALSE(contains(result.error().body, "MII"));
    CHECK_FALSE(contains(result.error().message, "MII"));
  }
}

TEST_CASE("of a URL that was sent the password and the keys are masked alone, too") {
  const auto body_of = [](const char* url, const std::string& quoted) {
    rtk::recordings::Start op;
    op.rtmp_out_config = rtk::RtmpConfig{rtk::Secret(url)};
    const auto result = rtk::from_http<rtk::recordings::Start>(
        {400, {}, "{\"error\":\"cannot use " + quoted + "\"}"}, {}, &op);
    return result.error().to_string() + result.error().body;
  };
  CHECK_FALSE(contains(body_of("rtmp://h/app/key-0123456/", "key-0123456"), "key-"));
  CHECK_FALSE(contains(body_of("rtmp://h/app/key-0123456?x=1", "key-0123456"), "key-"));
  CHECK_FALSE(contains(body_of("rtmp://me:passw0rd@h/app/k", "passw0rd"), "passw"));
  CHECK_FALSE(contains(body_of("srt://h:99?passphrase=passw0rd", "passw0rd"), "passw"));
  CHECK(contains(body_of("rtmp://live.example.com/app/key-0123456", "live.example.com"),
                 "live.example.com"));
}

TEST_CASE("the server's words are found inside data, and in a bare map of fields") {
  const auto message = [](const std::string& body) {
    const auto result = read<rtk::meetings::Get>(body, 400);
    return std::to_string(result.error().code) + " " + result.error().message;
  };
  CHECK(message(R"({"success":false,"data":{"error":{"code":4001,"message":"inner"}}})") ==
        "4001 inner");
  CHECK(message(R"({"success":false,"result":{"errors":[{"code":8,"message":"m"}]}})") == "8 m");
  CHECK(message(R"({"success":false,"data":{"message":"m"}})") == "0 m");
  CHECK(message(R"({"success":false,"data":"words"})") == "0 words");
  CHECK(message(R"({"success":false,"error":{"code":1,"message":"m"},"data":{"message":"n"}})") ==
        "1 m");
  CHECK(message(R"({"name":["This field is required."]})") == "0 name: This field is required.");
  CHECK(message(R"({"recording_config":{"max_seconds":["too large"]}})") ==
        "0 recording_config.max_seconds: too large");
}

TEST_CASE("no array makes a response usable that has nothing of what was asked for") {
  using Daywise = rtk::analytics::GetDaywise;
  for (const char* body : {"[]", "[1]", R"(["x"])", R"([{"x":1}])", R"({"data":{"items":["x"]}})",
                           R"({"data":{"results":[{"x":1}]}})", R"({"data":{"days":[null]}})"}) {
    CAPTURE_TEXT(body);
    CHECK(kind_of<Daywise>(body) == ErrorKind::decode);
  }
  CHECK(read<Daywise>(R"({"data":{"days":[]}})"));
  CHECK(read<Daywise>(R"({"data":[]})"));
  const auto days = read<Daywise>(R"({"data":{"days":[{"date":"2024-03-09"}]},"errors":["x"]})");
  REQUIRE(days);
  CHECK(days->days.size() == 1);
}

TEST_CASE("a list that replaces something leaves the paging beside it") {
  std::vector<std::string> members = {R"("status":"ok")", R"("paging":{"total_count":7})",
                                      R"("livestreams":[{"id":"1"}])"};
  std::sort(members.begin(), members.end());
  do {
    const std::string body = members[0] + "," + members[1] + "," + members[2];
    CAPTURE_TEXT(body);
    const auto page = read<List>("{\"data\":{" + body + "}}");
    REQUIRE(page);
    CHECK(page->items.size() == 1);
    CHECK(page->paging.total_count == 7);
  } while (std::next_permutation(members.begin(), members.end()));
  for (const char* body :
       {R"({"data":{"date":7,"day":[null]}})", R"({"data":{"day":[null],"date":7}})"}) {
    CHECK(kind_of<rtk::analytics::GetDaywise>(body) == ErrorKind::decode);
  }
}

TEST_CASE("an id that is the text null is none") {
  CHECK(kind_of<rtk::meetings::Get>(R"({"data":{"id":"null","title":"t"}})") == ErrorKind::decode);
  CHECK(kind_of<rtk::livestreams::Create>(
            R"({"data":{"id":"a","ingest_server":"s","stream_key":"null","playback_url":"p"}})") ==
        ErrorKind::decode);
}

TEST_CASE("where to download something stands in its own wrapper, too") {
  for (const std::string end : {"", "s"}) {
    CHECK(read<rtk::sessions::GetChat>("{\"data\":{\"chat" + end +
                                       R"(":{"chat_download_url":"u"}}})"));
    CHECK(read<rtk::sessions::GetTranscript>("{\"data\":{\"transcript" + end +
                                             R"(":{"transcript_download_url":"u"}}})"));
  }
  CHECK(read<rtk::sessions::GetSummary>(R"({"data":{"summary":{"summary_download_url":"u"}}})"));
}

TEST_CASE("unread() names each member of which an item was made that another replaces") {
  const auto unread = [](const std::string& body) {
    auto paths = rtk::unread<List>({200, {}, body});
    std::sort(paths.begin(), paths.end());
    std::string text;
    for (const std::string& path : paths) text += path + '\n';
    return text;
  };
  const std::string strays = R"("id":"x","name":"y","status":"z")";
  const std::string list = R"("livestreams":[{"id":"1"}])";
  const std::string expected = "data.id: text\ndata.name: text\ndata.status: text\n";
  CHECK(unread("{\"data\":{" + strays + "," + list + "}}") == expected);
  CHECK(unread("{\"data\":{" + list + "," + strays + "}}") == expected);
  CHECK(unread("{\"data\":{" + strays + R"(},"result":[{"id":"1"}]})") == expected);
  CHECK(unread(R"({"data":{"status":"ok","livestreams":[{"id":"1"}]}})") == "data.status: text\n");
}

TEST_CASE("an error says which field it is about, whatever the server calls that") {
  const auto message = [](const std::string& body) {
    return read<rtk::meetings::Get>(body, 400).error().message;
  };
  for (const char* name : {"field", "fieldName", "parameter", "propertyName", "propertyPath",
                           "instancePath", "attribute", "location", "argument"}) {
    CAPTURE_TEXT(name);
    const std::string place = "\"" + std::string(name) + "\":\"title\"";
    CHECK(message(R"({"errors":[{"message":"m",)" + place + "}]}") == "title: m");
  }
  CHECK(message(R"({"errors":[{"source":"body","field":"title","message":"m"}]})") == "title: m");
  CHECK(message(R"({"errors":[{"name":"ValidationError","path":"a","message":"m"}]})") == "a: m");
  CHECK(message(R"({"title":["is short"],"preset_name":["is unknown"],"code":["is odd"]})") ==
        "title: is short; preset_name: is unknown; code: is odd");
  CHECK(message(R"({"Message":"m","ModelState":{"user.Name":["n"]}})") == "m; user.Name: n");
  CHECK(message(R"({"message":"m","validation":{"body":{"message":"n"}}})") == "m; body: n");
  CHECK(message(R"({"message":"m","fields":{"title":["n"]}})") == "m; title: n");
  CHECK(message(R"({"message":"m","failures":[{"field":"title","message":"n"}]})") ==
        "m; title: n");
}

TEST_CASE("an empty response is called so, and a page also after a byte order mark") {
  const auto message = [](const std::string& body) {
    return read<rtk::meetings::Get>(body, 502).error().message;
  };
  CHECK(message("") == "the response is empty");
  CHECK(message("\xEF\xBB\xBF<!DOCTYPE html><title>Sorry</title>") ==
        "the response is an HTML page: Sorry");
}

TEST_CASE("of a secret that is cut within an escape nothing is shown") {
  rtk::recordings::Start op;
  op.rtmp_out_config = rtk::RtmpConfig{rtk::Secret("key/+ \"Canary\"& much more")};
  for (const std::string escaped :
       {"key%2F%2B%20%22Canary%22%26%20much%20more", "key/+ &quot;Canary&quot;&amp; much more",
        R"(key\u002f\u002b\u0020\u0022Canary\u0022\u0026 much more)",
        "key&#47;&#43;&#32;&#34;Canary&#34;&#38; much more"}) {
    for (std::size_t shown = escaped.find("Canary"); shown < escaped.size(); ++shown) {
      const std::string body = std::string(4096 - shown, '.') + escaped;
      const auto result = rtk::from_http<rtk::recordings::Start>({500, {}, body}, {}, &op);
      CHECK_FALSE(contains(result.error().body, "key"));
    }
  }
}

TEST_CASE("what stands inside an object with the name of a secret is masked in messages, too") {
  for (const char* body : {R"({"errors":{"credentials":{"user":{"key":"Canary01"}}}})",
                           R"({"x":{"stream-key":{"old":["Canary01"]}}})",
                           R"({"message":"got {:streamKey=>\"Canary01\", :a=>1}"})"}) {
    CAPTURE_TEXT(body);
    const auto result = read<rtk::meetings::Get>(body, 400);
    CHECK_FALSE(contains(result.error().to_string() + result.error().body, "Canary"));
  }
}

TEST_CASE("a secret of any script is masked as HTML writes it in numbers") {
  rtk::recordings::Start op;
  op.rtmp_out_config = rtk::RtmpConfig{rtk::Secret("\xD0\xBA\xD0\xBB\xF0\x9F\x94\x91-Canary")};
  const auto result = rtk::from_http<rtk::recordings::Start>(
      {400, {}, R"({"error":"bad &#1082;&#1083;&#128273;-Canary here"})"}, {}, &op);
  CHECK(result.error().message == "bad *** here");
}
