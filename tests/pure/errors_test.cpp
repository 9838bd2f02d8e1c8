// The server's words in errors: every form in which they come, with every kind of status, and what
// must not be seen of the request in them.
#include "support.hpp"

#include <algorithm>
#include <cstdint>

using namespace support;
using rtk::ErrorKind;
using rtk::livestreams::Create;

namespace {

// A body is an object of these members, or the first one as it is where that has no name.
struct Form {
  const char* what;
  std::vector<std::string> members;
  std::int64_t code;
  std::string message;
  bool is_sure = true;  // also a 2xx without "success" means a failure
};

std::vector<Form> forms() {
  const std::string sentence = "Invalid request headers";
  return {
      {"of RealtimeKit",
       {R"("error":{"code":404,"message":"no such meeting"})"},
       404,
       "no such meeting"},
      {"an empty list beside it",
       {R"("error":{"code":400,"message":"m"})", R"("errors":[])"},
       400,
       "m"},
      {"null beside it", {R"("error":null)", R"("errors":[{"code":400,"message":"m"}])"}, 400, "m"},
      {"empty texts beside it", {R"("error":"")", R"("message":"")", R"("errors":["m"])"}, 0, "m"},
      {"an empty object beside it",
       {R"("error":{})", R"("errors":{"code":7,"message":"m"})"},
       7,
       "m"},
      {"of Cloudflare's gateway",
       {R"("errors":[{"code":10000,"message":"Authentication error"}])", R"("messages":[])",
        R"("result":null)"},
       10000,
       "Authentication error"},
      {"with causes",
       {R"("errors":[{"code":6003,"message":"m","error_chain":[{"code":6103,"message":"n"}]}])"},
       6003,
       "m; n"},
      {"both, with different words",
       {R"("error":{"code":1,"message":"m"})", R"("errors":[{"code":2,"message":"n"}])"},
       1,
       "m; n"},
      {"flat", {R"("code":971)", R"("message":"wait")"}, 971, "wait", false},
      {"flat, a text",
       {R"("code":1007)", R"("error":"auth.key_not_in_claims")"},
       1007,
       "auth.key_not_in_claims"},
      {"a text", {R"("error":"m")"}, 0, "m"},
      {"texts", {R"("errors":["a","b"])"}, 0, "a; b"},
      {"by field", {R"("errors":{"name":["is required"]})"}, 0, "name: is required"},
      {"by field, several",
       {R"("errors":{"name":["is required","is bad"],"size":"is 0"})"},
       0,
       "name: is required; name: is bad; size: is 0"},
      {"by field, nested",
       {R"("errors":{"address":{"street":["is bad"]}})"},
       0,
       "address.street: is bad"},
      {"by field, an object",
       {R"("errors":{"name":{"code":3,"message":"is bad"}})"},
       3,
       "name: is bad"},
      {"by field, of a name that else is words",
       {R"("errors":{"title":["is blank"]})"},
       0,
       "title: is blank"},
      {"a field in each",
       {R"("errors":[{"field":"name","message":"is required"}])"},
       0,
       "name: is required"},
      {"a headline and fields",
       {R"("message":"invalid")", R"("errors":{"email":["is bad"]})"},
       0,
       "invalid; email: is bad"},
      {"RFC 9457",
       {R"("type":"https://x.example/e")", R"("title":"Forbidden area")", R"("status":403)",
        R"("detail":"no way in")", R"("instance":"/x")"},
       0,
       "Forbidden area: no way in",
       false},
      {"RFC 9457 of Cloudflare's edge",
       {R"("title":"Error 1015: You are being rate limited")", R"("error_code":1015)",
        R"("detail":"Slow down.")", R"("retry_after":30)", R"("cloudflare_error":true)"},
       1015,
       "Error 1015: You are being rate limited: Slow down.",
       false},
      {"RFC 9457 with errors",
       {R"("title":"Invalid")", R"("errors":[{"detail":"must be above 0","pointer":"#/age"}])"},
       0,
       "Invalid; #/age: must be above 0"},
      {"of NestJS",
       {R"("statusCode":404)", R"("message":"Cannot GET /x")", R"("error":"Not Found")"},
       404,
       "Cannot GET /x"},
      {"of NestJS, a list",
       {R"("statusCode":400)", R"("message":["a","b"])", R"("error":"Bad Request")"},
       400,
       "a; b"},
      {"a reason phrase alone", {R"("error":"Not Found")"}, 0, "Not Found"},
      {"of Spring",
       {R"("timestamp":"2024-03-09")", R"("status":404)", R"("error":"Not Found")",
        R"("message":"none")", R"("path":"/x")"},
       0,
       "none"},
      {"of OAuth",
       {R"("error":"invalid_token")", R"("error_description":"it expired")"},
       0,
       "invalid_token: it expired"},
      {"errors in error", {R"("error":{"errors":[{"code":1000,"message":"m"}]})"}, 1000, "m"},
      {"messages only",
       {R"("errors":[])", R"("messages":[{"code":1,"message":"hint"}])"},
       0,
       "hint",
       false},
      {"a detail", {R"("detail":"Not authenticated")"}, 0, "Not authenticated", false},
      {"of FastAPI",
       {R"("detail":[{"loc":["body","name"],"msg":"field required","type":"missing"}])"},
       0,
       "body.name: field required",
       false},
      {"of JSON:API",
       {R"("errors":[{"status":"422","source":{"pointer":"/n"},"title":"T","detail":"d"}])"},
       0,
       "/n: T: d"},
      {"a title", {R"("title":"m")"}, 0, "m", false},
      {"a reason", {R"("reason":"m")"}, 0, "m", false},
      {"a description", {R"("description":"m")"}, 0, "m", false},
      {"a message", {R"("message":"m")"}, 0, "m", false},
      {"in camelCase", {R"("ErrorCode":12)", R"("ErrorMessage":"m")"}, 12, "m", false},
      {"under a name of its own", {R"("fieldErrors":{"name":"is bad"})"}, 0, "name: is bad", false},
      {"true", {R"("error":true)", R"("message":"m")"}, 0, "m"},
      {"a number", {R"("error":404)", R"("message":"m")"}, 404, "m"},
      {"a code that is a numeric text", {R"("error":{"code":"77","message":"m"})"}, 77, "m"},
      {"a code that is a fraction", {R"("error":{"code":77.0,"message":"m"})"}, 77, "m"},
      {"a code that is a word", {R"("error":{"code":"ERR_NAME","message":"m"})"}, 0, "ERR_NAME: m"},
      {"a word and no message", {R"("error":{"code":"ERR_NAME"})"}, 0, "ERR_NAME"},
      {"a code above int", {R"("error":{"code":5000000000,"message":"m"})"}, 5000000000, "m"},
      {"a code above 64 bits",
       {R"("error":{"code":99999999999999999999,"message":"m"})"},
       0,
       "99999999999999999999: m"},
      {"a code beside the text", {R"("error":{"message":"m"})", R"("code":8)"}, 8, "m"},
      {"the same words twice", {R"("error":{"code":9,"message":"m"})", R"("message":"m")"}, 9, "m"},
      {"half a surrogate pair", {R"("error":"A\ud83d!")"}, 0, "A\xEF\xBF\xBD!"},
      {"an escaped text", {R"("error":"\u00e9\ud83d\ude00\/")"}, 0, "\xC3\xA9\xF0\x9F\x98\x80/"},
      {"what is unknown beside it",
       {R"("error":{"message":"m","docs":"x"})", R"("request":"r")",
        R"("x":{"message":"not this"})"},
       0,
       "m"},
      {"a code around one",
       {R"("error":{"code":400,"errors":[{"code":1000,"message":"m"}]})"},
       1000,
       "m"},
      {"hints and a code",
       {R"("code":5)", R"("messages":["x",{"code":1,"message":"y"}])"},
       5,
       "x; y",
       false},
      {"with the name of each field",
       {R"("title":"T")", R"("invalid_params":[{"name":"age","reason":"is 0"}])"},
       0,
       "T; age: is 0",
       false},
      {"of Fastify",
       {R"("statusCode":400)", R"("code":"FST_ERR")", R"("error":"Bad Request")",
        R"("message":"m")"},
       400,
       "FST_ERR: m"},
      {"issues",
       {R"("error":{"issues":[{"code":"too_small","path":["a",0],"message":"is short"}]})"},
       0,
       "a.0: too_small: is short"},
      {"a field whose name else is a code",
       {R"("errors":{"code":["is bad"],"zip_code":"is bad"})"},
       0,
       "code: is bad; zip_code: is bad"},
      {"a negative code",
       {R"("jsonrpc":"2.0")", R"("error":{"code":-32602,"message":"m"})"},
       -32602,
       "m"},
      {"a bare text", {R"("Unauthorized")"}, 0, "Unauthorized", false},
      {"a bare list", {R"([{"code":5,"message":"m"}])"}, 5, "m", false}};
}

// The bodies of a form with its members in each order.
std::vector<std::string> bodies_of(const Form& form, const char* more = nullptr) {
  std::vector<std::string> members = form.members;
  if (members[0].find("\":") == std::string::npos || members[0][0] == '[') return {members[0]};
  if (more) members.push_back(more);
  std::sort(members.begin(), members.end());
  std::vector<std::string> bodies;
  do {
    std::string body;
    for (const std::string& member : members) body += (body.empty() ? "{" : ",") + member;
    bodies.push_back(body + '}');
  } while (std::next_permutation(members.begin(), members.end()));
  return bodies;
}

void check_words(const Form& form, int status, const std::string& body) {
  CAPTURE_TEXT(form.what);
  CAPTURE_TEXT(body);
  CAPTURE(status);
  const auto error = rtk::from_http<Create>(answer(status, body), token).error();
  CHECK(error.kind == ErrorKind::api);
  CHECK(error.code == form.code);
  CHECK(error.message == form.message);
  CHECK(error.delivery == rtk::Delivery::answered);
}

rtk::Error error_of(int status, std::string body, rtk::Headers headers = {}) {
  const auto result =
      rtk::from_http<Create>(answer(status, std::move(body), std::move(headers)), token);
  CHECK_FALSE(result.has_value());
  return result.error();
}

std::string visible(const rtk::Error& error) {
  std::string all = error.to_string() + '\n' + error.body + '\n' + error.request_id;
  for (const auto& message : error.errors) all += '\n' + message.message;
  return all;
}

}  // namespace

TEST_CASE("the server's words are found in every form, with every status, in every order") {
  for (const Form& form : forms()) {
    for (const std::string& body : bodies_of(form)) {
      for (const int status : {400, 401, 404, 422, 429, 500, 503, 530}) {
        check_words(form, status, body);
      }
      for (const int status : {200, 201}) {
        if (form.is_sure) check_words(form, status, body);
      }
    }
  }
}

TEST_CASE("a success that says it is none is an error, in every form and spelling") {
  for (const Form& form : forms()) {
    if (form.members[0][0] == '[' || form.members[0].find("\":") == std::string::npos) continue;
    for (const char* no : {"false", "\"False\"", "\"false\"", "0", "\"0\"", "\"no\"", "\"NO\""}) {
      const std::string success = "\"success\":" + std::string(no);
      for (const std::string& body : bodies_of(form, success.c_str())) check_words(form, 200, body);
    }
  }
  const std::string data =
      R"("data":{"id":"1","ingest_server":"i","stream_key":"kkkk","playback_url":"p"})";
  for (const char* no : {"false", "\"False\"", "\"FALSE\"", "0", "0.0", "\"no\"", "\"off\""}) {
    CAPTURE_TEXT(no);
    const auto error = error_of(200, "{" + data + ",\"success\":" + no + "}");
    CHECK(error.kind == ErrorKind::api);
    CHECK_FALSE(contains(visible(error), "kkkk"));
  }
}

TEST_CASE("a success that has its data is one, whatever is said beside it") {
  const std::string data =
      R"("data":{"id":"1","ingest_server":"i","stream_key":"k","playback_url":"p"})";
  for (const char* beside :
       {R"("errors":[])", R"("error":null)", R"("messages":[{"code":10000,"message":"fine"}])",
        R"("message":"created")", R"("code":200)",
        R"("errors":[{"code":1,"message":"old name"}])"}) {
    CAPTURE_TEXT(beside);
    CHECK(rtk::from_http<Create>(answer(201, "{" + data + ',' + beside + '}')).has_value());
    CHECK(rtk::from_http<Create>(answer(201, "{" + std::string(beside) + ',' + data + '}')));
  }
}

TEST_CASE("where the server has no words, the message is the start of the body, masked") {
  for (const char* body : {"{}", "null", "7", "[]", R"({"success":false})", R"({"error":{"x":[]}})",
                           R"({"request":"r"})", "error code: 502", "\"x\" is no JSON"}) {
    CHECK(error_of(400, body).message == body);
    CHECK(error_of(503, body).message == body);
  }
  CHECK(error_of(400, R"({"error":{"code":409}})").code == 409);
  CHECK(error_of(400, R"({"stream_key":"CanaryKey","x":1})").message ==
        R"({"stream_key":"***","x":1})");
  CHECK(error_of(400, std::string(5000, 'x')).message == std::string(200, 'x'));
  CHECK(error_of(400, "\x7f\x7f").message == "the response has no error message");
  CHECK(error_of(400, R"({"error":"          m"})").message == "m");
}

TEST_CASE("what is no JSON is said in words") {
  const std::string page = "<!DOCTYPE html><html><head><title>\n Sign in\t&gt; go</title></head>";
  const std::pair<std::string, const char*> bodies[] = {
      {"", "the response is empty"},
      {" \r\n", "the response is empty"},
      {std::string("\x1f\x8b\x08\x00zz", 6), "the response is compressed (gzip)"},
      {page, "the response is an HTML page: Sign in &gt; go"},
      {"<HTML><p>x</p>", "the response is an HTML page"},
      {R"({"success":true,"data":{"id":"Canary)",
       "the response ends in the middle of its JSON, "
       "after 36 bytes"},
      {R"({"data":[1,tr)", "the response ends in the middle of its JSON, after 13 bytes"},
      {"[{", "the response ends in the middle of its JSON, after 2 bytes"}};
  for (const auto& entry : bodies) {
    CAPTURE_TEXT(entry.first);
    for (const int status : {400, 502}) {
      const auto error = error_of(status, entry.first);
      CHECK(error.kind == ErrorKind::api);
      CHECK(error.message.substr(0, std::string(entry.second).size()) == entry.second);
    }
    const auto error = error_of(200, entry.first);
    CHECK(error.kind == ErrorKind::decode);
    CHECK(error.message == entry.second);
    CHECK_FALSE(contains(visible(error), "Canary"));
  }
  CHECK(error_of(400, "<p>x</p>", {{"content-type", "text/html"}}).message == "<p>x</p>");
}

TEST_CASE("words that came before the end of a cut body are shown") {
  const std::string whole =
      R"({"errors":[{"code":6003,"message":"first"},{"code":7,"message":"x"}]})";
  for (std::size_t size = whole.find("},"); size < whole.size(); ++size) {
    const auto error = error_of(400, whole.substr(0, size));
    CHECK(error.code == 6003);
    CHECK(error.message.substr(0, 5) == "first");
  }
}

TEST_CASE("text that is not UTF-8 becomes U+FFFD in all that an error shows") {
  for (const auto& bad : not_utf8()) {
    CAPTURE_TEXT(bad.what);
    for (const std::string& body :
         {"{\"error\":\"a " + bad.bytes + " b\"}", "a " + bad.bytes + " b"}) {
      const auto error = error_of(400, body, {{"cf-ray", "r" + bad.bytes}});
      CHECK(error.message.substr(0, 5) == "a \xEF\xBF\xBD");
      CHECK(error.message.substr(error.message.size() - 2) == " b");
      CHECK_FALSE(contains(visible(error), bad.bytes));
    }
  }
}

TEST_CASE("retry_after in the body counts where no header says when") {
  const auto after = [](const std::string& body, rtk::Headers headers = {}) {
    const auto wait = error_of(429, body, std::move(headers)).retry_after;
    return wait ? static_cast<long long>(wait->count()) : -1;
  };
  CHECK(after(R"({"title":"t","retry_after":30})") == 30);
  CHECK(after(R"({"title":"t","retry_after":"30"})") == 30);
  CHECK(after(R"({"retryAfter":0.2,"title":"t"})") == 1);
  CHECK(after(R"({"error":{"message":"m","retry_after":7}})") == 7);
  CHECK(after(R"({"retry_after":99999999999999})") == 999999999);
  CHECK(after(R"({"retry_after":30})", {{"Retry-After", "4"}}) == 4);
  CHECK(after(R"({"retry_after":30})", {{"Retry-After", "soon"}}) == 30);
  for (const char* none : {"-1", "null", "\"\"", "\"soon\"", "[]", "{}", "true", "\"1.\""}) {
    CHECK(after("{\"retry_after\":" + std::string(none) + "}") == -1);
  }
}

TEST_CASE("names of secrets count in every spelling, and so do lists and objects of them") {
  for (const char* name :
       {"streamKey",     "stream-key",  "stream_key", "StreamKey",       "STREAM_KEY",
        "stream key",    "stream_keys", "accessKey",  "secretAccessKey", "secret-key",
        "privateKey",    "rtmpUrl",     "rtmp_urls",  "authToken",       "tokens",
        "Authorization", "apiKey",      "X-Auth-Key", "passphrase",      "clientSecret"}) {
    for (const char* value :
         {R"("Canary1")", R"("Bearer Canary1")", R"(["Canary1","Canary2"])",
          R"([["Canary1"],["Canary2"]])", R"({"a":["Canary]1"],"b":"Canary}2"})",
          R"([{"value":"Canary1"},{"value":"Canary2"}])"}) {
      const std::string body =
          "{\"a\":{\"" + std::string(name) + "\":" + value + "},\"rest\":\"shown\"}";
      CAPTURE_TEXT(body);
      for (const std::string& shown :
           {error_of(400, body).body, error_of(400, body).message, error_of(201, body).body}) {
        CHECK_FALSE(contains(shown, "Canary"));
        CHECK(contains(shown, "rest"));
      }
      CHECK(contains(error_of(400, body).body, "shown"));
    }
    const std::string line = "bad " + std::string(name) + ": Canary1234, sorry";
    CHECK(error_of(400, line).message == "bad " + std::string(name) + ": ***, sorry");
  }
  // By field, words are shown and values are not.
  CHECK(error_of(400, R"({"errors":{"stream_key":["is required"],"token":"Canary1"}})").message ==
        "stream_key: is required; token: ***");
}

TEST_CASE("a success that cannot be decoded shows the names of its members, and no texts") {
  const auto error = error_of(
      201, R"({"data":{"id":"","name":"CanaryName","n":[1.5,true,null,"Canary"]}, "x":"C\"y"})");
  CHECK(error.kind == ErrorKind::decode);
  CHECK(error.body == R"({"data":{"id":"***","name":"***","n":[1.5,true,null,"***"]},"x":"***"})");
  std::string numbers = "\"Canary\"";
  while (numbers.size() < 8000) numbers += ",1";
  const std::string long_body = "{\"data\":[" + numbers + "]}";
  CHECK(error_of(201, long_body).body.size() == 4096);
  CHECK(error_of(201, "Canary is no JSON").body.empty());
}

namespace {

const std::string url = "rtmps://live.example:443/app/CanaryKey-\"x\"/y&z%20+\\ 1";

std::string escaped(const std::string& text) {
  std::string json;
  for (const char c : text)
    json += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return json;
}

// Every way in which a server may write a text.
std::vector<std::string> spellings(const std::string& text) {
  std::string slashes, twice, codes, percent, form, html;
  for (const char c : text) {
    const char hex[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    const bool is_word = std::isalnum(byte) != 0;
    const std::string self(1, c);
    slashes += c == '"' || c == '\\' || c == '/' ? '\\' + self : self;
    twice += c == '"' || c == '\\' || c == '/' ? "\\\\\\" + self : self;
    codes += is_word ? self : std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
    percent += is_word ? self : std::string("%") + upper[byte >> 4] + upper[byte & 15];
    form += c == ' ' ? "+" : is_word ? self : std::string("%") + hex[byte >> 4] + hex[byte & 15];
    html += c == '"' ? "&quot;" : c == '&' ? "&amp;" : c == '/' ? "&#x2F;" : self;
  }
  return {text, escaped(text), slashes, twice, codes, percent, form, html};
}

// An operation with a Secret at each place that there is.
struct Storage {
  rtk::Secret secret{};
  rtk::Secret password{};
  template <class Fields> static void fields(Fields& field) {
    field("secret", &Storage::secret);
    field("password", &Storage::password);
  }
};
struct Started {
  std::string id{};
  template <class Fields> static void fields(Fields& field) { field("id", &Started::id); }
};
struct Start {
  static constexpr rtk::Route route{rtk::Method::post, "/start", rtk::Repeat::harmful};
  using Response = Started;
  std::optional<rtk::Secret> rtmp_url{};
  std::vector<Storage> storages{};
  std::vector<std::pair<std::string, rtk::Secret>> keys{};
  template <class Fields> static void fields(Fields& field) {
    field("rtmp_url", &Start::rtmp_url);
    field("storages", &Start::storages);
    field("keys", &Start::keys);
  }
};

Start recording() {
  Start start;
  start.rtmp_url = url;
  start.storages.push_back({"CanarySecretOfStorage", "pw1"});  // too short to be looked for
  start.keys.push_back({"a", "CanaryKeyInMap"});
  return start;
}

}  // namespace

TEST_CASE("whatever Secret was sent is masked, wherever and however the server quotes it") {
  const auto start = recording();
  for (const std::string& secret :
       {url, std::string("CanarySecretOfStorage"), std::string("CanaryKeyInMap"), token}) {
    for (const std::string& text : spellings(secret)) {
      const std::string in_json = escaped(text);
      const std::string bodies[] = {
          "cannot use " + text + " now",
          R"({"error":{"code":400,"message":"cannot use )" + in_json + R"( now"}})",
          R"({"errors":{"field":["cannot use )" + in_json + R"( now"]}})",
          "<html><title>cannot use " + text + " now</title>"};
      for (const std::string& body : bodies) {
        CAPTURE_TEXT(body);
        for (const int status : {400, 500, 200}) {
          const auto told = rtk::from_http(answer(status, body, {{"cf-ray", text}}), token, &start);
          CHECK_FALSE(contains(visible(told.error()), "Canary"));
          const rtk::BasicClient client(
              [] {
                auto once = config();
                once.retry.max_attempts = 1;
                return once;
              }(),
              [&](const rtk::HttpRequest&) {
                return answer(status, body, {{"cf-ray", text}});
              });
          const auto sent = client.send(start);
          CHECK_FALSE(contains(visible(sent.error()), "Canary"));
          if (status == 400) CHECK(contains(sent.error().message, "cannot use"));
        }
      }
    }
  }
  const auto part = rtk::from_http(
      answer(400, R"({"error":"the key CanaryKey-\"x\"/y&z%20+\\ 1 of pw1 is bad, use rtmp"})"),
      token, &start);
  CHECK(contains(part.error().message, "of pw1 is bad, use rtmp"));
}

TEST_CASE("a transport's error shows no Secret that was sent either") {
  rtk::Error failure;
  failure.message = "cannot send {\"rtmp_url\":\"x\"} to " + url;
  failure.body = "CanarySecretOfStorage";
  failure.permanent = true;
  const rtk::BasicClient client(config(), [&](const rtk::HttpRequest&) { return failure; });
  const auto result = client.send(recording());
  CHECK_FALSE(contains(visible(result.error()), "Canary"));
  CHECK(contains(result.error().message, "cannot send"));
}

TEST_CASE("U+FFFD in place of bytes that are not UTF-8 makes no text too long") {
  const std::string bytes(9000, '\xA2');
  const auto error = error_of(400, bytes, {{"cf-ray", bytes}});
  CHECK(error.request_id.size() <= 64);
  CHECK(error.message.size() <= 4096);
  CHECK(error.body.size() <= 4096);
}
