// Decodes a page of 1,000 livestreams.
//
//     decode accept|dom|ours TIMES    json::accept, which only looks whether it is JSON; nlohmann's
//                                     DOM, copied into structs; from_http. Prints the microseconds
//                                     for each page; compiled with COUNT_ALLOCATIONS how often
//                                     memory is allocated for it
//     decode page                     prints the page's bytes, its strings, and how many of these
//                                     are too long for a std::string to hold in place
#define REALTIMEKIT_NO_HTTPLIB
#include "by_hand.hpp"
#include "create.hpp"
#include "realtimekit.hpp"

#include <new>

namespace rtk = realtimekit;

static std::int64_t allocations = 0;

#ifdef COUNT_ALLOCATIONS
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace {

constexpr int items = 1000;

struct Page {
  std::string json;
  std::int64_t strings = 0;  // values
  std::int64_t long_strings = 0;

  void add(const char* key, const std::string& value) {
    json += '"';
    json += key;
    json += "\":\"" + value + "\",";
    ++strings;
    if (value.size() > std::string().capacity()) ++long_strings;
  }
};

std::string digits(int number, int count) {
  std::string text = std::to_string(number);
  return std::string(static_cast<std::size_t>(count) - text.size(), '0') + text;
}

// As the API answers, in its order of members. Half of the names are short.
Page make_page() {
  constexpr const char* states[] = {"LIVE", "IDLE", "OFFLINE", "INVOKED", "ERRORED"};
  Page page;
  page.json = "{\"data\":[";
  for (int i = 0; i < items; ++i) {
    const std::string number = digits(i, 12), time = digits(i % 60, 2);
    page.json += i ? ",{" : "{";
    page.add("created_at", "2024-03-09T11:" + time + ":34.753Z");
    page.json += "\"disabled\":false,";
    page.add("id", "1c0ffee0-0a11-4b22-8c33-" + number);
    page.add("ingest_server", "rtmps://live.ingest.example:443/live/");
    page.add("meeting_id", "bbb0ffee-0a11-4b22-8c33-" + number);
    page.add("name", (i % 2 ? "camera-" : "harbour-camera-north-") + digits(i, 4));
    page.add("playback_url", "https://customer-a1b2c3.stream.example/5eed000100000001" + number +
                                 "/manifest/video.m3u8");
    page.add("status", states[i % 5]);
    page.add("stream_key", "ca11ab1e5eed4f00dbeefcafe0123456789rtkrtk9876543210ab" + number);
    page.add("updated_at", "2024-03-10T12:" + time + ":01.002Z");
    page.json.back() = '}';
  }
  page.json += "],\"paging\":{\"end_offset\":1000,\"start_offset\":1,\"total_count\":4321}" +
               std::string(",\"success\":true}");
  return page;
}

// Each returns how many livestreams it has found.

std::size_t accept(const rtk::HttpResponse& answer) {
  return nlohmann::json::accept(answer.body) ? items : 0;
}

std::size_t dom(const rtk::HttpResponse& answer) {
  const auto json = nlohmann::json::parse(answer.body);
  const auto& data = json.at("data");
  std::vector<by_hand::Livestream> page;
  page.reserve(data.size());
  for (const auto& item : data) page.push_back(by_hand::livestream(item));
  return page.size();
}

std::size_t ours(const rtk::HttpResponse& answer) {
  const auto page = rtk::from_http<rtk::livestreams::List>(answer);
  return page ? page->items.size() : 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string what = argc > 1 ? argv[1] : "";
  const Page page = make_page();
  if (what == "page") {
    std::cout << page.json.size() << ' ' << page.strings << ' ' << page.long_strings << '\n';
    return 0;
  }
  const rtk::HttpResponse answer{200, {{"Content-Type", "application/json"}}, page.json};
  const auto decode = what == "accept" ? accept : what == "dom" ? dom : ours;
  const int times = argc > 2 ? std::stoi(argv[2]) : 1;
  bench::check(decode(answer) == items, "decoding");  // what is done once does not count
  std::int64_t each = 0;
  const double time = bench::median_time(times, [&] {
    const auto before = allocations;
    bench::check(decode(answer) == items, "decoding");
    each = allocations - before;
  });
#ifdef COUNT_ALLOCATIONS
  static_cast<void>(time);
  std::cout << each << '\n';
#else
  std::cout << time << '\n';
#endif
} catch (const std::exception& error) {
  std::cerr << argv[0] << ": " << error.what() << '\n';
  return 1;
}
