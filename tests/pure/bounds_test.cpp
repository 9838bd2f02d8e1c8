// What an answer costs, whatever is in it: how many texts are kept, memory, time, allocations.
#include "../sample.hpp"
#include "support.hpp"

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <new>

using namespace support;
using rtk::livestreams::Create;
using rtk::livestreams::List;

// Of this program: what is allocated now, the most that was, and how often something was.
namespace {
std::atomic<std::size_t> allocated{0}, most_allocated{0}, allocations{0};
constexpr std::size_t header_size = alignof(std::max_align_t);  // holds the size
}  // namespace

void* operator new(std::size_t size) {
  auto* block = static_cast<std::size_t*>(std::malloc(size + header_size));
  if (!block) std::abort();
  *block = size;
  const std::size_t now = allocated += size;
  if (now > most_allocated) most_allocated = now;
  ++allocations;
  return reinterpret_cast<char*>(block) + header_size;
}
void operator delete(void* memory) noexcept {
  if (!memory) return;
  void* block = static_cast<char*>(memory) - header_size;
  allocated -= *static_cast<std::size_t*>(block);
  std::free(block);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace {

constexpr std::size_t body_size = 8u << 20;

// So many bytes of one piece after the other.
std::string body_of(const std::string& begin, const std::string& piece, const std::string& end,
                    std::size_t size = body_size) {
  std::string body = begin;
  body.reserve(size + piece.size() + end.size());
  while (body.size() + piece.size() + end.size() < size) body += piece;
  return body + end;
}

std::string list_of(const std::string& begin, const std::string& item, const std::string& end) {
  return body_of(begin + item, ',' + item, end);
}

// Decodes a large body. CHECKs that it takes no more memory beside it than four times its size (ten
// times while a list grows), and little processor time: 0.3 s with optimization.
template <class Op> rtk::Result<typename Op::Response> decode(int status, const std::string& body) {
  rtk::HttpResponse response = answer(status, body);
  const std::size_t before = allocated;
  most_allocated = before;
  const auto begin = std::clock();
  auto result = rtk::from_http<Op>(std::move(response), token);
  const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CAPTURE_TEXT(body.substr(0, 60));
  CHECK(most_allocated - before <= (status == 200 ? 10 : 4) * body.size() + 65536);
  CHECK(seconds < 20);
  CHECK(result.error().errors.size() <= 100);
  CHECK(result.error().message.size() <= 4096);
  for (const auto& message : result.error().errors) CHECK(message.message.size() <= 2 * 4096);
  return result;
}

// Of one in so many bodies.
template <class Op> void check_bounds(int status, const std::string& body) {
  static std::size_t count = 0;
  if (count++ % one_in(4, 1) != 0) return;
  const auto result = decode<Op>(status, body);
  if (!result) CHECK_FALSE(result.error().message.empty());
}

struct Lists {
  std::vector<int> numbers{};
  std::vector<std::string> texts{};
  std::vector<std::vector<int>> lists{};
  std::vector<std::pair<std::string, int>> map{};
  rtk::RawJson raw{};
  std::string text{};
  template <class Fields> static void fields(Fields& field) {
    field("numbers", &Lists::numbers);
    field("texts", &Lists::texts);
    field("lists", &Lists::lists);
    field("map", &Lists::map);
    field("raw", &Lists::raw);
    field("text", &Lists::text);
  }
};
struct GetLists {
  static constexpr rtk::Route route{rtk::Method::get, "/lists", rtk::Repeat::harmless};
  using Response = Lists;
  template <class Fields> static void fields(Fields&) {}
};

}  // namespace

TEST_CASE("of the errors that a server lists, the first hundred are kept") {
  const std::string chain = R"({"code":1,"error_chain":[{"code":2,"error_chain":["deep"]}]})";
  for (const std::string& item : {std::string("1"), std::string(R"({"message":"m"})"), chain}) {
    for (const auto& body : {list_of("{\"errors\":[", item, "]}"),
                             list_of("{\"errors\":[{\"error_chain\":[", item, "]}]}")}) {
      const auto error = decode<Create>(400, body).error();
      CHECK(error.kind == rtk::ErrorKind::api);
      CHECK(error.errors.size() >= 99);  // what is empty is counted, too
    }
  }
  const auto few = decode<Create>(400, list_of("{\"errors\":[\"first\",", "{}", ",\"last\"]}"));
  CHECK(few.error().message == "first");

  std::string hundred = "\"m0\"";
  for (int i = 1; i < 100; ++i) hundred += ",\"m" + std::to_string(i) + '"';
  for (const char* more : {"", ",1,{},\"m\""}) {
    const auto error =
        decode<Create>(400, "{\"errors\":[" + hundred + more + "],\"request\":\"r\"}").error();
    REQUIRE(error.errors.size() == 100);
    CHECK(error.errors.back().message == "m99");
  }
}

TEST_CASE("a long message is cut, and a secret at the cut is masked") {
  for (const std::size_t size : {std::size_t{5000}, std::size_t{1} << 20}) {
    const std::string body = R"({"error":")" + std::string(size, 'x') + "\"}";
    const auto error = rtk::from_http<Create>(answer(400, body)).error();
    CHECK(error.message == std::string(1024, 'x'));
    CHECK(error.errors.at(0).message == std::string(4096, 'x'));
  }
  const std::string key = "CanaryKeyOfAStream";
  for (const std::string& secret :
       {"bad " + token + " given", "token: " + key, "stream_key=" + key,
        "'token':'" + key + "' given", "token&quot;:&quot;" + key + "&quot; given",
        "Authorization: Bearer " + key}) {
    for (std::size_t before = 4096 - secret.size(); before <= 4096; ++before) {
      const std::string text = std::string(before - 1, 'x') + ' ' + secret + std::string(5000, 'y');
      const auto listed =
          rtk::from_http<Create>(answer(400, R"({"error":")" + text + "\"}"), token);
      CHECK_FALSE(contains(listed.error().errors.at(0).message, "Cana"));
      const auto plain = rtk::from_http<Create>(answer(400, text), token);
      CHECK_FALSE(contains(plain.error().body, "Cana"));
    }
  }
  const auto words = rtk::from_http<Create>(answer(400, R"({"error":"bad token: expired"})"));
  CHECK(words.error().message == "bad token: expired");
}

TEST_CASE("errors of any form are made in bounded memory and time") {
  for (const char* piece : {"token", "token<b>", "\\\"token\\\":{", "token&quot;=", "0123"}) {
    const std::string item = '"' + body_of("", piece, "", 80000) + '"';
    check_bounds<Create>(400, list_of("{\"errors\":[", item, "]}"));
    check_bounds<Create>(400, body_of("", piece, ""));
  }
  for (const std::string& body :
       {body_of("{\"error\":\"", "x", "\"}"), body_of("{\"error\":\"", "\\u20ac", "\"}"),
        body_of("{\"error\":\"", "x, ", "\n"), body_of("{\"code\":", "1", "}"),
        body_of("{", "\"code\":\"1-5\",", "\"a\":1}"), body_of("{", "\"a\":1,", "\"a\":1}"),
        list_of("[", "5e-324", "]"), list_of("[", "true", "]"),
        body_of("<html>", "<p>token</p>", "</html>"), std::string(body_size, '\0'),
        std::string(body_size, ' '), std::string(body_size, '[')}) {
    check_bounds<Create>(400, body);
  }
  // What cannot be read to its end is shown from its start, as any text that is not JSON.
  const auto error = decode<Create>(400, body_of("{\"error\":\"long text ", "x", "\"}")).error();
  CHECK(contains(error.message, "long text x"));
}

TEST_CASE("successes of any form are decoded in bounded memory and time") {
  for (const char* item : {"{}", "1", R"({"id":"1"})", R"({"ingestServer":1})"}) {
    check_bounds<List>(200, list_of("{\"data\":[", item, "]}"));
  }
  check_bounds<List>(200, list_of("{", R"("a":1)", "}"));
  check_bounds<List>(200, list_of("{", R"("id":1)", "}"));
  const std::pair<const char*, const char*> items[] = {
      {"numbers", "1"},  {"numbers", "\"1.5\""}, {"numbers", "\"1-5\""},
      {"texts", "\"\""}, {"texts", "1"},         {"texts", "\"0123456789abcdef\""},
      {"lists", "[1]"},  {"raw", "\"\""},        {"raw", "{\"\":1}"},
      {"text", "[]"}};
  for (const auto& [name, item] : items) {
    check_bounds<GetLists>(200, list_of("{\"data\":{\"" + std::string(name) + "\":[", item, "]}}"));
  }
  check_bounds<GetLists>(200, list_of("{\"data\":{\"map\":{", "\"k\":1", "}}}"));
  check_bounds<GetLists>(200, body_of("{\"data\":{\"text\":\"", "x", "\"}}"));
  check_bounds<GetLists>(200, body_of("{\"data\":{\"raw\":\"", "\\n", "\"}}"));
}

TEST_CASE("a large answer that means something is taken") {
  const std::string item = "{\"id\":\"" + std::string(400, 'x') + "\",\"disabled\":true}";
  const auto list = decode<List>(200, list_of("{\"data\":[", item, "]}"));
  REQUIRE(list.has_value());
  CHECK(list->items.size() > 15000);
  const std::string numbers = body_of("{\"data\":{\"numbers\":[1", ",1", "]}}", 900000);
  CHECK(rtk::from_http<GetLists>(answer(200, numbers)).value().numbers.size() > 400000);
  const std::string text((2u << 20) - 10, 'x');
  const std::string rest = body_of("", ",\"x\":\"" + std::string(1000, 'x') + '"', "}}");
  const auto long_text = decode<GetLists>(200, "{\"data\":{\"text\":\"" + text + '"' + rest);
  REQUIRE(long_text.has_value());
  CHECK(long_text->text == text);
}

TEST_CASE("a page is decoded with one allocation for each text that needs one") {
  const std::string long_text = "longer than what fits into a std::string in place, 0123456789";
  std::size_t texts = 0;
  std::string items;
  for (int i = 0; i < 1000; ++i) {
    items += i == 0 ? "{" : ",{";
    for (const char* name : {"id", "name", "ingest_server", "stream_key", "playback_url",
                             "meeting_id", "org_id", "created_at", "updated_at"}) {
      items += '"' + std::string(name) + "\":\"" + (++texts % 9 == 0 ? "short" : long_text) + "\",";
    }
    items += R"("status":"LIVE","ingest_seconds":1.5,"viewer_seconds":"2","disabled":false})";
  }
  const std::string paging = R"("paging":{"total_count":1000}})";
  rtk::HttpResponse response = answer(200, "{\"data\":[" + items + "]," + paging);
  CHECK(rtk::from_http<List>(answer(200, "{\"data\":[]}")));  // makes the tables
  allocations = 0;
  const auto list = rtk::from_http<List>(std::move(response));
  const std::size_t made = allocations;
  REQUIRE(list.has_value());
  CHECK(list->items.size() == 1000);
  CHECK(list->items[999].stream_key.reveal() == long_text);
  CHECK(made <= 8000 + 100);
}

TEST_CASE("fields are found in any order of them, and in one that changes") {
  const auto list = rtk::from_http<List>(answer(
      200,
      R"({"data":[)"
      R"({"id":"1","name":"a","org_id":"o","status":"LIVE"},{"status":"IDLE","name":"b","id":"2"},)"
      R"({"updated_at":"u","unknown":1,"id":"3"},{"name":"d","name":"e","id":"4","id":"5"}]})"));
  REQUIRE(list.has_value());
  REQUIRE(list->items.size() == 4);
  CHECK(list->items[0].org_id == "o");
  CHECK(list->items[1].id == "2");
  CHECK(list->items[1].name == "b");
  CHECK(list->items[1].status == rtk::LivestreamStatus::idle);
  CHECK(list->items[2].id == "3");
  CHECK(list->items[2].updated_at.text() == "u");
  CHECK(list->items[3].name == "e");
  CHECK(list->items[3].id == "5");
}
