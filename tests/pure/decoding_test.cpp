// What a JSON value of each shape does to a field of each kind, one change at a time.
#include "../sample.hpp"
#include "support.hpp"

#include <cmath>
#include <limits>

using namespace support;

namespace {

struct Inner {
  std::string label{};
  std::optional<int> size{};
  template <class Fields> static void fields(Fields& field) {
    field("label", &Inner::label);
    field("size", &Inner::size);
  }
};

// The values that fields have before, so that it shows whether one was touched.
struct Sample {
  std::string text = "before";
  rtk::Secret secret{"before"};
  rtk::Timestamp time{"before"};
  rtk::LivestreamStatus status{std::string("before")};
  bool flag = true;
  bool off = false;
  int number = -77;
  std::int64_t big = -77;
  double real = -77.5;
  std::optional<std::string> maybe_text{};
  std::optional<int> maybe_number{};
  std::optional<bool> maybe_flag{};
  std::vector<std::string> names{};
  std::vector<int> numbers{};
  std::vector<Inner> items{};
  std::optional<std::vector<std::string>> maybe_names{};
  Inner inner{};
  std::optional<Inner> maybe_inner{};
  template <class Fields> static void fields(Fields& field) {
    field("text", &Sample::text);
    field("secret", &Sample::secret);
    field("time", &Sample::time);
    field("status", &Sample::status);
    field("flag", &Sample::flag);
    field("off", &Sample::off);
    field("number", &Sample::number);
    field("big", &Sample::big);
    field("real", &Sample::real);
    field("maybe_text", &Sample::maybe_text);
    field("maybe_number", &Sample::maybe_number);
    field("maybe_flag", &Sample::maybe_flag);
    field("names", &Sample::names);
    field("numbers", &Sample::numbers);
    field("items", &Sample::items);
    field("maybe_names", &Sample::maybe_names);
    field("inner", &Sample::inner);
    field("maybe_inner", &Sample::maybe_inner);
  }
};

struct GetSample {
  static constexpr rtk::Route route{rtk::Method::get, "/sample", rtk::Repeat::harmless};
  static constexpr rtk::NoPromises promises{};
  using Response = Sample;
  template <class Fields> static void fields(Fields&) {}
};

rtk::Result<Sample> decode_body(std::string body) {
  return rtk::from_http<GetSample>(answer(200, std::move(body)));
}

// A Sample from the members of its object.
Sample decode(const std::string& members) {
  const auto result = decode_body("{\"success\":true,\"data\":{" + members + "}}");
  CAPTURE_TEXT(members);
  CAPTURE_TEXT(result.error().message);
  CHECK(result.has_value());
  return result ? *result : Sample{};
}

// The sample after the field of that name got that value.
Sample with(const char* name, const std::string& value) {
  return decode('"' + std::string(name) + "\":" + value);
}

bool same(double a, double b) { return !(a < b) && !(a > b); }

std::string nested(std::size_t depth) {  // that many levels, the outer two of the answer included
  return "{\"data\":{\"unknown\":" + std::string(depth - 2, '[') + std::string(depth - 2, ']') +
         "}}";
}

}  // namespace

TEST_CASE("a field that is null or absent keeps its default") {
  const Sample defaults;
  Sample absent = decode("");
  CHECK(rtk::to_string(absent) == rtk::to_string(defaults));
  std::string nulls;
  for (const char* name : {"text", "secret", "time", "status", "flag", "number", "big", "real",
                           "maybe_text", "maybe_number", "maybe_flag", "names", "numbers", "items",
                           "maybe_names", "inner", "maybe_inner"}) {
    CHECK(rtk::to_string(with(name, "null")) == rtk::to_string(defaults));
    nulls += (nulls.empty() ? "\"" : ",\"") + std::string(name) + "\":null";
  }
  CHECK(rtk::to_string(decode(nulls)) == rtk::to_string(defaults));
}

TEST_CASE("every kind of field takes the value that its schema says") {
  const Sample s = decode(
      R"("text":"t","secret":"k","time":"2024-03-09","status":"LIVE","flag":false,"number":5,)"
      R"("big":9007199254740993,"real":2.5,"maybe_text":"","maybe_number":0,"maybe_flag":false,)"
      R"("names":["a","b"],"numbers":[1,2],"items":[{"label":"x","size":1},{"label":"y"}],"maybe_names":[],)"
      R"("inner":{"label":"i"},"maybe_inner":{})");
  CHECK(s.text == "t");
  CHECK(s.secret.reveal() == "k");
  CHECK(s.time.text() == "2024-03-09");
  CHECK(s.status == rtk::LivestreamStatus::live);
  CHECK_FALSE(s.flag);
  CHECK(s.number == 5);
  CHECK(s.big == 9007199254740993);
  CHECK(same(s.real, 2.5));
  CHECK(s.maybe_text == "");
  CHECK(s.maybe_number == 0);
  CHECK(s.maybe_flag == false);
  CHECK(s.names == std::vector<std::string>{"a", "b"});
  CHECK(s.numbers == std::vector<int>{1, 2});
  REQUIRE(s.items.size() == 2);
  CHECK(s.items[0].size == 1);
  CHECK_FALSE(s.items[1].size.has_value());
  CHECK(s.maybe_names.has_value());
  CHECK(s.inner.label == "i");
  CHECK(s.maybe_inner.has_value());
}

TEST_CASE("a field of text takes a number or a boolean as its text") {
  CHECK(with("text", "5").text == "5");
  CHECK(with("text", "-5.50").text == "-5.50");
  CHECK(with("text", "18446744073709551615").text == "18446744073709551615");
  CHECK(with("text", "true").text == "true");
  CHECK(with("secret", "123").secret.reveal() == "123");
  CHECK(with("status", "1").status.text() == "1");
  CHECK(with("maybe_text", "7").maybe_text == "7");
  CHECK(with("names", "[1,\"b\",false]").names == std::vector<std::string>{"1", "b", "false"});
}

TEST_CASE("a boolean takes true and false, also as a word or 0 or 1, and nothing else") {
  for (const char* yes : {"true", "\"true\"", "1", "1.0", "\"1\"", "1e0", "\"TRUE\"", "\"True\"",
                          "\"yes\"", "\"Yes\"", "\"on\"", "\"ON\"", "\"y\"", "\"T\"", "\"1.0\""}) {
    CAPTURE_TEXT(yes);
    CHECK(with("maybe_flag", yes).maybe_flag == true);
    CHECK(with("off", yes).off);
  }
  for (const char* no : {"false", "\"false\"", "0", "0.0", "\"0\"", "-0", "\"FALSE\"", "\"False\"",
                         "\"no\"", "\"No\"", "\"off\"", "\"Off\"", "\"N\"", "\"f\""}) {
    CAPTURE_TEXT(no);
    CHECK(with("maybe_flag", no).maybe_flag == false);
    CHECK_FALSE(with("flag", no).flag);
  }
  for (const char* neither : {"2", "-1", "0.5", "\"\"", "\"2\"", "\"disabled\"", "\"null\"",
                              "\"truex\"", "\" true\"", "\"yes!\"", "[]", "{}", "null"}) {
    CAPTURE_TEXT(neither);
    CHECK_FALSE(with("maybe_flag", neither).maybe_flag.has_value());
    CHECK(with("flag", neither).flag);
    CHECK_FALSE(with("off", neither).off);
  }
  CHECK(with("number", "\"yes\"").number == -77);  // only a boolean is a word
}

TEST_CASE("a whole number is taken in every notation, and only where it fits") {
  for (const char* five : {"5", "5.0", "5e0", "0.5e1", "50e-1", "\"5\"", "\"5.0\"", "\"5e0\""}) {
    CAPTURE_TEXT(five);
    CHECK(with("number", five).number == 5);
    CHECK(with("big", five).big == 5);
    CHECK(same(with("real", five).real, 5));
    CHECK(with("maybe_number", five).maybe_number == 5);
  }
  for (const char* zero : {"0", "-0", "-0.0", "0e9", "\"-0\""}) {
    CAPTURE_TEXT(zero);
    CHECK(with("number", zero).number == 0);
    CHECK(with("big", zero).big == 0);
  }
  CHECK(with("number", "true").number == 1);
  CHECK(with("number", "2147483647").number == 2147483647);
  CHECK(with("number", "-2147483648").number == (std::numeric_limits<int>::min)());
  for (const char* other : {"2147483648",
                            "-2147483649",
                            "4294967296",
                            "9223372036854775808",
                            "18446744073709551616",
                            "1e300",
                            "5.5",
                            "116.11599994199997",
                            "\"\"",
                            "\"five\"",

                            "\" 5\"",
                            "\"5x\"",
                            "\"0x5\"",
                            "\"+5\"",
                            "\"05\"",
                            "\"5,0\"",
                            "\"NaN\"",
                            "{}",
                            "\"1e309\"",
                            "\"[5]\""}) {
    CAPTURE_TEXT(other);
    CHECK(with("number", other).number == -77);
    CHECK_FALSE(with("maybe_number", other).maybe_number.has_value());
  }
}

TEST_CASE("a number of 64 bits is exact to its limits, and never wraps around") {
  CHECK(with("big", "2147483648").big == 2147483648);
  CHECK(with("big", "9223372036854775807").big == (std::numeric_limits<std::int64_t>::max)());
  CHECK(with("big", "-9223372036854775808").big == (std::numeric_limits<std::int64_t>::min)());
  CHECK(with("big", "\"9223372036854775807\"").big == (std::numeric_limits<std::int64_t>::max)());
  CHECK(with("big", "9007199254740992.0").big == 9007199254740992);
  for (const char* other :
       {"9223372036854775808", "18446744073709551615", "18446744073709551616",
        "-9223372036854775809", "9223372036854775807.0", "1e19", "-1e19", "1e308", "0.1",
        "\"18446744073709551615\"", "\"99999999999999999999999999999999999\""}) {
    CAPTURE_TEXT(other);
    CHECK(with("big", other).big == -77);
  }
}

TEST_CASE("a real number takes fractions, numbers of any size and their texts") {
  CHECK(same(with("real", "116.11599994199997").real, 116.11599994199997));
  CHECK(same(with("real", "\"116.11599994199997\"").real, 116.11599994199997));
  CHECK(same(with("real", "18446744073709551616").real, 18446744073709551616.0));
  CHECK(same(with("real", "18446744073709551615").real, 18446744073709551615.0));
  CHECK(same(with("real", "1e308").real, 1e308));
  CHECK(same(with("real", "-1e-400").real, 0));
  CHECK(same(with("real", "\"1e309\"").real, -77.5));
  CHECK(same(with("real", "\"ingest_seconds\"").real, -77.5));
  CHECK(same(with("real", "\"nan\"").real, -77.5));
  CHECK(same(with("real", "\"inf\"").real, -77.5));
}

TEST_CASE("a number that no double can hold is absent, and the rest of the answer stands") {
  const std::string digits(400, '9');
  for (const std::string& huge :
       std::vector<std::string>{"1e309", "-1e309", "1.5E+999", digits, '-' + digits + ".5"}) {
    CAPTURE_TEXT(huge);
    for (const char* name : {"real", "number", "big", "text", "unknown", "maybe_number"}) {
      CAPTURE_TEXT(name);
      Sample sample = decode('"' + std::string(name) + "\":" + huge + ",\"names\":[\"1e999\"]");
      CHECK(sample.names == std::vector<std::string>{"1e999"});
      sample.names.clear();
      CHECK(rtk::to_string(sample) == rtk::to_string(Sample{}));
    }
  }
}

TEST_CASE("a field of one value ignores an object, and an array that has no such value first") {
  const std::string defaults = rtk::to_string(Sample{});
  for (const char* name : {"text", "secret", "time", "status", "flag", "number", "big", "real",
                           "maybe_text", "maybe_number", "maybe_flag"}) {
    for (const char* value :
         {"[]", "{}", "[[]]", "[{}]", "[{},5]", "[null]", "{\"x\":1}", "[{\"text\":\"x\"}]",
          "{\"text\":\"x\",\"number\":1}", "{\"data\":\"x\"}"}) {
      CAPTURE_TEXT(name);
      CAPTURE_TEXT(value);
      const Sample sample = decode('"' + std::string(name) + "\":" + value + ",\"names\":[\"z\"]");
      CHECK(sample.names.size() == 1);  // what follows is in its place
      Sample rest = sample;
      rest.names.clear();
      CHECK(rtk::to_string(rest) == defaults);
    }
  }
  for (const char* name : {"flag", "number", "big", "real", "maybe_number", "maybe_flag"}) {
    CHECK(rtk::to_string(with(name, "[\"x\",1]")) == defaults);
  }
}

TEST_CASE("a field of one value takes the first element of an array") {
  CHECK(with("text", "[\"a\",\"b\"]").text == "a");
  CHECK(with("secret", "[\"a\"]").secret.reveal() == "a");
  CHECK(with("number", "[5,6]").number == 5);
  CHECK(with("maybe_number", "[\"5\"]").maybe_number == 5);
  CHECK(with("maybe_text", "[[\"a\"],\"b\"]").maybe_text == "a");
}

TEST_CASE("a list takes one value in place of an array") {
  CHECK(with("names", "\"a\"").names == std::vector<std::string>{"a"});
  CHECK(with("numbers", "\"5\"").numbers == std::vector<int>{5});
  CHECK(with("maybe_names", "\"a\"").maybe_names.value_or(std::vector<std::string>{}).size() == 1);
  const Sample one = with("items", "{\"label\":\"x\",\"size\":\"3\"}");
  REQUIRE(one.items.size() == 1);
  CHECK(one.items[0].label == "x");
  CHECK(one.items[0].size == 3);
}

TEST_CASE("a list leaves out what cannot be an item of it") {
  CHECK(with("names", "[\"a\",null,{\"x\":1},[\"y\"],\"b\"]").names ==
        std::vector<std::string>{"a", "b"});
  CHECK(with("numbers", "[1,\"two\",3.5,2147483648,{},4]").numbers == std::vector<int>{1, 4});
  CHECK(with("items", "[1,\"x\",null,{\"label\":\"x\"}]").items.size() == 1);
  CHECK(with("names", "{}").names.empty());
  CHECK_FALSE(with("maybe_names", "{}").maybe_names.has_value());
}

TEST_CASE("an object takes the first element of an array") {
  const Sample sample = with("inner", "[{\"label\":\"one\"},{\"label\":\"two\",\"size\":2}]");
  CHECK(sample.inner.label == "one");
  CHECK_FALSE(sample.inner.size.has_value());
  CHECK(with("maybe_inner", "[{\"label\":\"one\"}]").maybe_inner.value_or(Inner{}).label == "one");
  CHECK(with("inner", "[]").inner.label.empty());
  CHECK_FALSE(with("maybe_inner", "[]").maybe_inner.has_value());
  CHECK_FALSE(with("maybe_inner", "[5]").maybe_inner.has_value());
  CHECK(with("inner", "\"text\"").inner.label.empty());
  CHECK_FALSE(with("maybe_inner", "5").maybe_inner.has_value());
}

TEST_CASE(
    "a list of objects or an object is found under the other grammatical number of its name") {
  CHECK(with("item", "{\"label\":\"x\"}").items.size() == 1);
  CHECK(with("inners", "[{\"label\":\"x\"}]").inner.label == "x");
  CHECK(with("inners", "{\"label\":\"x\"}").inner.label == "x");
  CHECK(with("name", "\"x\"").names == std::vector<std::string>{"x"});
  CHECK(with("texts", "\"x\"").text == "before");  // but not plain values
  CHECK(with("number", "5").numbers.empty());      // nor where the name is another field's
}

TEST_CASE("data that is wrapped twice is found") {
  const std::string inside = R"({"text":"t","names":["a"]})";
  for (const std::string& body :
       {"{\"data\":" + inside + "}", "{\"data\":{\"data\":" + inside + "}}",
        "{\"success\":true,\"data\":[" + inside + "]}",
        "{\"data\":{\"data\":[" + inside + "]},\"success\":true}"}) {
    CAPTURE_TEXT(body);
    const auto result = decode_body(body);
    CHECK(result.has_value());
    if (result) CHECK(result->text == "t");
    if (result) CHECK(result->names.size() == 1);
  }
}

TEST_CASE("unknown fields of any shape are passed over") {
  const char* values[] = {"null",
                          "1",
                          "\"x\"",
                          "[]",
                          "{}",
                          "[[{\"text\":\"x\"}]]",
                          "{\"text\":\"x\",\"data\":{\"text\":\"y\"},\"names\":[\"y\"]}"};
  for (const char* value : values) {
    CAPTURE_TEXT(value);
    const Sample sample = decode("\"unknown\":" + std::string(value) +
                                 ",\"names\":[\"a\"],\"\":" + value + ",\"Textual\":" + value);
    CHECK(sample.text == "before");
    CHECK(sample.names == std::vector<std::string>{"a"});
  }
}

TEST_CASE("of two equal names the last wins") {
  const Sample sample =
      decode(R"("text":"a","text":"b","number":1,"number":2,"names":["a","b"],"names":["c"],)"
             R"("maybe_text":"a","maybe_text":"b","inner":{"label":"a"},"inner":{"label":"b"},)"
             R"("maybe_names":["a"],"maybe_names":["b","c"],"items":[{}],"items":[])");
  CHECK(sample.text == "b");
  CHECK(sample.number == 2);
  CHECK(sample.names == std::vector<std::string>{"c"});
  CHECK(sample.maybe_text == "b");
  CHECK(sample.inner.label == "b");
  CHECK(sample.maybe_names.value_or(std::vector<std::string>{}).size() == 2);
  CHECK(sample.items.empty());
  const auto twice = decode_body(R"({"success":true,"success":false,"data":{}})");
  CHECK_FALSE(twice.has_value());
  CHECK(decode_body(R"({"success":false,"success":true,"data":{}})").has_value());
}

TEST_CASE("an unknown value of an enum keeps its text") {
  CHECK(with("status", "\"SLEEPING\"").status.text() == "SLEEPING");
  CHECK(with("status", "\"live\"").status != rtk::LivestreamStatus::live);
  CHECK(with("status", "\"\"").status.text().empty());
}

TEST_CASE("a time loses a stray quote, and is absent where it says null") {
  CHECK(with("time", R"("2024-03-09T07:08:40.742Z\"")").time.text() == "2024-03-09T07:08:40.742Z");
  CHECK(with("time", "\"null\"").time.text() == "before");
  CHECK(with("text", "\"null\"").text == "null");  // only times do that
  CHECK(with("time", "\"\"").time.text().empty());
}

TEST_CASE("a time that comes as a number keeps its digits, and a boolean is no time") {
  CHECK(with("time", "1689404906634").time.text() == "1689404906634");
  CHECK(with("time", "1689404906.634").time.text() == "1689404906.634");
  CHECK(with("time", "1689404906.634").time.time() == with("time", "1689404906634").time.time());
  CHECK(with("time", "true").time.text() == "before");
}

TEST_CASE("JSON is taken to a depth of 64 and refused beyond it") {
  CHECK(decode_body(nested(63)).has_value());
  CHECK(decode_body(nested(64)).has_value());
  for (const std::size_t depth : {65u, 66u, 5000u, 100000u}) {
    const auto result = decode_body(nested(depth));
    CHECK_FALSE(result.has_value());
    CHECK(result.error().kind == rtk::ErrorKind::decode);
    CHECK(contains(result.error().message, "64"));
  }
  std::string known = "{\"label\":\"x\",\"size\":1}";
  for (int i = 0; i < 62; ++i) known = "{\"data\":" + known + '}';
  CHECK(rtk::from_http<GetSample>(answer(200, known)).has_value());
}

TEST_CASE("five million open brackets do not crash, whatever the status") {
  for (const char bracket : {'[', '{'}) {
    const std::string deep(5000000 / one_in(1, 50), bracket);
    CHECK(decode_body(deep).error().kind == rtk::ErrorKind::decode);
    CHECK(decode_body("{\"data\":{\"text\":" + deep).error().kind == rtk::ErrorKind::decode);
    const auto failed = rtk::from_http<GetSample>(answer(500, "{\"errors\":" + deep));
    CHECK(failed.error().kind == rtk::ErrorKind::api);
  }
}

TEST_CASE("millions of empty items do not fill the memory") {
  std::string empty = "{}";
  while (empty.size() < 600000) empty += ",{}";
  const auto full =
      rtk::from_http<rtk::livestreams::List>(answer(200, "{\"data\":[" + empty + "]}"));
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().kind == rtk::ErrorKind::decode);
  CHECK(contains(full.error().message, "memory"));
}

TEST_CASE("what is no text costs that text only") {
  const std::string unknown = "\xEF\xBF\xBD";
  for (const BadText& bad : not_utf8()) {
    CAPTURE_TEXT(bad.what);
    std::string replaced = "a";
    for (std::size_t i = 0; i < bad.bytes.size(); ++i) replaced += unknown;
    const Sample sample = decode("\"text\":\"a" + bad.bytes + "b\",\"names\":[\"" + bad.bytes +
                                 "\",\"\xC3\xA9\"],\"unknown\":\"" + bad.bytes + "\",\"" +
                                 bad.bytes + "\":1,\"number\":5");
    CHECK(sample.text == replaced + 'b');
    REQUIRE(sample.names.size() == 2);
    CHECK(sample.names[1] == "\xC3\xA9");
    CHECK(sample.number == 5);
    const auto error =
        rtk::from_http<GetSample>(answer(500, "{\"message\":\"" + bad.bytes + "\"}")).error();
    CHECK(error.kind == rtk::ErrorKind::api);
    CHECK_FALSE(error.message.empty());
  }
  const std::pair<const char*, std::string> halves[] = {
      {"\\ud800", unknown},
      {"\\uDFFF", unknown},
      {"A\\ud83d", 'A' + unknown},
      {"\\ud800x", unknown + 'x'},
      {"\\ud800\\u0041", unknown + 'A'},
      {"\\ude00\\ud83d", unknown + unknown},
      {"\\ud83d\\ud83d\\ude00", unknown + "\xF0\x9F\x98\x80"},
      {"\\ud83d\\\\ude00", unknown + "\\ude00"},
      {"\\\\ud83d\\ud83d\\\"", "\\ud83d" + unknown + '"'}};
  for (const auto& one : halves) {
    const auto& half = one.first;
    const auto& text = one.second;
    CAPTURE_TEXT(half);
    const Sample sample =
        decode("\"text\":\"" + std::string(half) + "\",\"unknown\":\"" + half + "\",\"number\":5");
    CHECK(sample.text == text);
    CHECK(sample.number == 5);
  }
  for (const char* broken : {"\\u12", "\\x", "\\ud83", "\\ud800\n", "\xFF\\x"}) {
    CAPTURE_TEXT(broken);
    CHECK_FALSE(decode_body("{\"data\":{\"text\":\"" + std::string(broken) + "\"}}").has_value());
  }
}

TEST_CASE("texts keep every character, escaped or not") {
  CHECK(with("text", R"("\u0000a\u00e9\ud83d\ude00\n\/\"\\")").text ==
        std::string("\0a\xC3\xA9\xF0\x9F\x98\x80\n/\"\\", 12));
  CHECK(with("text", "\"\xC3\xA9\xF0\x9F\x98\x80\x7f\"").text == "\xC3\xA9\xF0\x9F\x98\x80\x7f");
  CHECK(with("status", R"("A\u0000B")").status.text() == std::string("A\0B", 3));
  const std::string megabyte(1u << 20, 'x');
  CHECK(with("text", '"' + megabyte + '"').text == megabyte);
  CHECK(with("number", "\"" + megabyte + "\"").number == -77);
}

TEST_CASE("blanks and a byte order mark around an answer do no harm, other text does") {
  const std::string body = R"({"data":{"text":"t"}})";
  for (const std::string& fine : {"\xEF\xBB\xBF" + body, " \r\n\t" + body + "\n\n"}) {
    CHECK(decode_body(fine).has_value());
  }
  for (const std::string& bad :
       {body + "}", body + body, body + "x", "\xEF\xBB" + body, ")]}'\n" + body, body.substr(1),
        "'" + body + "'", "//c\n" + body}) {
    CAPTURE_TEXT(bad);
    CHECK_FALSE(decode_body(bad).has_value());
  }
}

TEST_CASE("JSON that is nearly JSON is refused without showing any of it") {
  for (const char* value :
       {"CanaryA", "\"CanaryA", "\"CanaryA\n\"", "[\"CanaryA\",]", "{\"CanaryA\":}", "{CanaryA:1}",
        "'CanaryA'", "01", "+1", ".5", "5.", "NaN", "Infinity", "\"CanaryA\" \"x\"", "1e309x",
        "-1e", "\"CanaryA\\q\"", "/*CanaryA*/1", "tru"}) {
    CAPTURE_TEXT(value);
    const auto result = decode_body("{\"data\":{\"text\":\"CanaryB\",\"x\":" + std::string(value) +
                                    ",\"CanaryC\":1}}");
    CHECK_FALSE(result.has_value());
    CHECK(result.error().kind == rtk::ErrorKind::decode);
    CHECK_FALSE(contains(result.error().message, "Canary"));
    CHECK_FALSE(contains(result.error().to_string(), "Canary"));
    CHECK(result.error().message.size() < 100);
  }
}

namespace {

struct Extra {
  rtk::RawJson raw{};
  std::vector<rtk::RawJson> raws{};
  std::vector<std::pair<std::string, Inner>> shelves{};
  std::optional<std::vector<std::pair<std::string, int>>> counts{};
  std::string user_id{};
  std::vector<std::string> tags{};
  static constexpr std::string_view wrappers[] = {"extra", "extras", "ExtraBase"};
  template <class Fields> static void fields(Fields& field) {
    field("raw", &Extra::raw);
    field("raws", &Extra::raws);
    field("shelves", &Extra::shelves);
    field("counts", &Extra::counts);
    field("user_id", &Extra::user_id);
    field("tags", &Extra::tags);
  }
};

struct GetExtra {
  static constexpr rtk::Route route{rtk::Method::get, "/extra", rtk::Repeat::harmless};
  static constexpr rtk::NoPromises promises{};
  using Response = Extra;
  template <class Fields> static void fields(Fields&) {}
};

struct ListExtras {
  static constexpr rtk::Route route{rtk::Method::get, "/extras", rtk::Repeat::harmless};
  using Response = rtk::Page<Extra>;
  template <class Fields> static void fields(Fields&) {}
};

Extra extra(const std::string& members) {
  CAPTURE_TEXT(members);
  const auto result = rtk::from_http<GetExtra>(answer(200, "{\"data\":{" + members + "}}"));
  CAPTURE_TEXT(result.error().message);
  CHECK(result.has_value());
  return result ? *result : Extra{};
}

}  // namespace

TEST_CASE("free-form JSON is kept as text, whatever it is") {
  for (const char* json :
       {"{}", "[]", "\"\"", "\"a\\\"b\\\\\"", "0", "-1.50e3", "12345678901234567890123", "true",
        "false", R"({"a":{"b":[1,{"c":null},[]],"d":"x,y:[{"},"e":[null,null],"f":{}})",
        "[[[[1],2],3],4]", R"(["a","b",{"k":"v"},["c"]])", R"({"":""})", "[1.0,2.50,1e5,null]"}) {
    CAPTURE_TEXT(json);
    CHECK(extra("\"raw\":" + std::string(json)).raw.text() == json);
    const auto list = extra("\"raws\":[1," + std::string(json) + ",2]").raws;
    REQUIRE(list.size() == 3);
    CHECK(list[1].text() == json);
    CHECK(list[2].text() == "2");
  }
  CHECK(extra("\"raw\" : [ 1 , { \"a\" : 2 } ] ,\"user_id\":\"u\"").raw.text() == "[1,{\"a\":2}]");
  CHECK(extra("\"raw\":[{\"user_id\":\"no\"}],\"user_id\":\"u\"").user_id == "u");
  CHECK(extra("\"raw\":\"\\u00e9\\n\"").raw.text() == "\"\xC3\xA9\\u000a\"");
  CHECK(extra("\"raw\":null").raw.text().empty());
  CHECK(extra("\"raw\":[1],\"raw\":{\"a\":1}").raw.text() == "{\"a\":1}");  // the last wins
  const std::string deep = std::string(61, '[') + std::string(61, ']');
  CHECK(extra("\"raw\":" + deep).raw.text() == deep);
  CHECK_FALSE(rtk::from_http<GetExtra>(
      answer(200, "{\"data\":{\"raw\":" + std::string(63, '[') + std::string(63, ']') + "}}")));
}

TEST_CASE("an object whose names are free is a list of pairs") {
  const auto shelves =
      extra(R"("shelves":{"a b":{"label":"x","size":"3"},"":{},"c":null})").shelves;
  REQUIRE(shelves.size() == 3);
  CHECK(shelves[0].first == "a b");
  CHECK(shelves[0].second.label == "x");
  CHECK(shelves[0].second.size == 3);
  CHECK(shelves[2].first == "c");
  const auto counts = extra(R"("counts":{"one":1,"two":"2"})").counts;
  REQUIRE(counts);
  CHECK(*counts == std::vector<std::pair<std::string, int>>{{"one", 1}, {"two", 2}});
  CHECK(extra(R"("shelves":[1],"user_id":"u")").shelves.empty());
  CHECK(extra(R"("shelves":"x","user_id":"u")").user_id == "u");
}

TEST_CASE("names are found in camelCase, snake_case and the other grammatical number") {
  for (const char* name : {"user_id", "userId", "user_Id", "UserID", "userid"}) {
    CHECK(extra('"' + std::string(name) + "\":\"u\"").user_id == "u");
  }
  CHECK(extra(R"("user_ids":"u")").user_id.empty());
  CHECK(extra(R"("tag":"t")").tags == std::vector<std::string>{"t"});
  CHECK(extra(R"("tag":["t","u"])").tags == std::vector<std::string>{"t", "u"});
  CHECK(extra(R"("count":{"one":1})").counts.has_value());
}

TEST_CASE("what the server wraps once more under its name is found") {
  const std::string inner = R"({"user_id":"u","tags":["t"]})";
  for (const std::string& body : std::vector<std::string>{
           "{\"data\":" + inner + "}", "{\"data\":{\"extra\":" + inner + "}}",
           "{\"data\":{\"data\":" + inner + "}}", "{\"success\":true,\"ExtraBase\":" + inner + "}",
           "{\"data\":{\"data\":{\"ExtraBase\":" + inner + "}}}"}) {
    CAPTURE_TEXT(body);
    const auto result = rtk::from_http<GetExtra>(answer(200, body));
    CAPTURE_TEXT(result.error().message);
    REQUIRE(result);
    CHECK(result->user_id == "u");
    CHECK(result->tags.size() == 1);
  }
  const std::string two = "[" + inner + ",{\"user_id\":\"v\"}]";
  const std::string paging = R"("paging":{"total_count":7})";
  for (const std::string& body :
       std::vector<std::string>{"{\"data\":" + two + "," + paging + "}",
                                "{\"data\":{\"extras\":" + two + "}," + paging + "}",
                                "{\"data\":{\"extras\":" + two + "," + paging + "}}",
                                "{\"data\":{\"data\":" + two + "," + paging + "}}",
                                "{\"data\":{" + paging + ",\"data\":{\"extras\":" + two + "}}}"}) {
    CAPTURE_TEXT(body);
    const auto result = rtk::from_http<ListExtras>(answer(200, body));
    REQUIRE(result);
    REQUIRE(result->items.size() == 2);
    CHECK(result->items[1].user_id == "v");
    REQUIRE(result->paging.total_count);
    CHECK(result->paging.total_count == 7);
  }
  const auto one = rtk::from_http<ListExtras>(answer(200, "{\"data\":{\"extra\":" + inner + "}}"));
  REQUIRE(one);
  REQUIRE(one->items.size() == 1);
  CHECK(one->items[0].user_id == "u");
}

TEST_CASE("of two fields of one name each takes the values that fit it") {
  const auto get = [](const std::string& url) {
    const auto recording = rtk::from_http<rtk::recordings::Get>(
        answer(200, R"({"data":{"id":"1","download_url":)" + url + R"(,"status":"UPLOADED"}})"));
    REQUIRE(recording);
    CHECK(recording->status == rtk::RecordingStatus::uploaded);
    return *recording;
  };
  for (const char* text : {R"("https://a")", R"(["https://a"])"}) {
    CHECK(get(text).download_url == "https://a");
    CHECK(get(text).track_downloads.empty());
  }
  for (const char* none : {"null", "[]", "[null]"}) {
    CHECK_FALSE(get(none).download_url);
    CHECK(get(none).track_downloads.empty());
  }
  const std::string layer =
      R"({"layer_name":"default","download_urls":{"f.webm":{"download_url":"https://f"},"g.webm":"https://g"}})";
  for (const std::string& layers : {layer, '[' + layer + ']', '[' + layer + ',' + layer + ']'}) {
    const auto recording = get(layers);
    CHECK_FALSE(recording.download_url);
    REQUIRE(recording.track_downloads.size() == (contains(layers, "},{\"layer") ? 2 : 1));
    const auto& download = recording.track_downloads.back();
    CHECK(download.layer_name == "default");
    REQUIRE(download.download_urls.size() == 2);
    CHECK(download.download_urls[0].first == "f.webm");
    CHECK(download.download_urls[0].second.download_url == "https://f");
    CHECK(download.download_urls[1].second.download_url == "https://g");
  }
}
