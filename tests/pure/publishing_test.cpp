// The settings of encoders: publish_url(), obs_service_json(), ffmpeg_arguments().
#include "support.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace support;
using rtk::ErrorKind;
namespace livestreams = rtk::livestreams;

namespace {

rtk::Livestream livestream(std::string server, std::string key) {
  rtk::Livestream livestream;
  livestream.ingest_server = std::move(server);
  livestream.stream_key = std::move(key);
  return livestream;
}

const std::vector<std::string> keys = {"2fb3cb9f17e68a2568d6ebed8d5505ea", "a&b?c=d%20e/f:g.flv",
                                       "//", " a'b\\c\"d ", "\xC3\xA4"};

// The value of ffmpeg's option, each of which must be given once.
std::string option(const std::vector<std::string>& arguments, const std::string& name) {
  const auto at = std::find(arguments.begin(), arguments.end(), name);
  REQUIRE_MESSAGE(at != arguments.end(), name);
  CHECK(std::count(at, arguments.end(), name) == 1);
  return at + 1 == arguments.end() ? "" : *(at + 1);
}

std::vector<std::string> arguments(const std::string& input) {
  return livestreams::ffmpeg_arguments(livestream("rtmps://h/live", "k"), input).value();
}

bool has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Reads a list of options as ffmpeg does: name=value:name=value, with '\' before any character.
std::vector<std::string> split_options(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') {
      parts.emplace_back();
    } else {
      if (text[i] == '\\') ++i;
      parts.back() += text.at(i);
    }
  }
  return parts;
}

}  // namespace

TEST_CASE("the URL has one slash before the key, which stays as it is") {
  for (const std::string server :
       {"rtmps://h:443/live", "rtmps://h:443/live/", "rtmps://h:443/live//"}) {
    for (const auto& key : keys) {
      CAPTURE(server);
      CAPTURE(key);
      const auto url = livestreams::publish_url(livestream(server, key));
      REQUIRE(url.has_value());
      CHECK(url->reveal() == "rtmps://h:443/live/" + key);
      CHECK(streamed(url) == "***");
    }
  }
}

TEST_CASE("service.json is what OBS Studio reads for a custom server") {
  for (const auto& key : keys) {
    CAPTURE(key);
    const auto text = livestreams::obs_service_json(livestream("rtmps://h:443/live/", key));
    REQUIRE(text.has_value());
    const auto expected = nlohmann::json{{"type", "rtmp_custom"},
                                         {"settings",
                                          {{"server", "rtmps://h:443/live/"},
                                           {"key", key},
                                           {"use_auth", false},
                                           {"bwtest", false}}}};
    CHECK(nlohmann::json::parse(*text) == expected);
  }
}

TEST_CASE("ffmpeg receives the key as it is, and not in the URL, which it would take apart") {
  for (const auto& key : keys) {
    CAPTURE(key);
    const auto made = livestreams::ffmpeg_arguments(livestream("rtmps://h:443/live", key), "");
    REQUIRE(made.has_value());
    CHECK(made->back() == "rtmps://h:443/live/");
    const auto options = split_options(option(*made, "-format_opts"));
    CHECK(has(options, "rtmp_playpath=" + key));
    CHECK(options.size() == 2);
  }
}

TEST_CASE("ffmpeg encodes what the server accepts, and reconnects") {
  const auto made = arguments("film.mp4");
  CHECK(option(made, "-c:v") == "libx264");
  CHECK(option(made, "-c:a") == "aac");
  CHECK(option(made, "-pix_fmt") == "yuv420p");
  CHECK(option(made, "-force_key_frames") == "expr:gte(t,n_forced*2)");
  for (const char* rate : {"-b:v", "-minrate", "-maxrate"}) CHECK(option(made, rate) == "4M");
  CHECK(option(made, "-f") == "fifo");
  CHECK(option(made, "-fifo_format") == "flv");
  CHECK(option(made, "-flags") == "+global_header");
  CHECK(option(made, "-attempt_recovery") == "1");
  CHECK(option(made, "-restart_with_keyframe") == "1");
}

TEST_CASE("ffmpeg reads files at their speed, live sources as they come, whatever the name") {
  for (const std::string file : {"film.mp4", "-y", "a b'c.mp4", "concat:x", "/dev/shm/film"}) {
    const auto made = arguments(file);
    CHECK(option(made, "-i") == "file:" + file);
    CHECK(has(made, "-re"));
    CHECK(has(made, "0:a:0?"));  // the file may have no sound
  }
  for (const std::string file : {"file:///a/film.mp4", "file:/a/film.mp4"}) {
    CHECK(option(arguments(file), "-i") == "file:/a/film.mp4");
    CHECK(has(arguments(file), "-re"));
  }
  CHECK(option(arguments("-"), "-i") == "-");
  CHECK(option(arguments("https://h/film.mp4"), "-i") == "https://h/film.mp4");
  CHECK(has(arguments("https://h/film.mp4"), "-re"));
  CHECK(has(arguments("HTTPS://h/film.mp4"), "-re"));
  CHECK_FALSE(has(arguments("rtsp://camera/1"), "-re"));
  CHECK(option(arguments("/dev/video-archive/film.mp4"), "-i") ==
        "file:/dev/video-archive/film.mp4");

  const auto camera = arguments("/dev/video2");
  CHECK(has(camera, "v4l2"));
  CHECK(has(camera, "/dev/video2"));
  CHECK_FALSE(has(camera, "-re"));
  const auto picture = arguments("");
  CHECK(has(picture, "testsrc2=size=1280x720:rate=30"));
  CHECK(has(picture, "1:a:0"));
}

TEST_CASE("a livestream without server or key is refused, naming the member") {
  const auto check = [](const rtk::Error& error, const std::string& member) {
    CHECK(error.kind == ErrorKind::invalid_request);
    CHECK_MESSAGE(contains(error.message, member), error.message);
    CHECK_FALSE(contains(error.message, "SomeKey"));
  };
  for (const auto& [server, key, member] :
       {std::array<std::string, 3>{"", "SomeKey", "ingest_server"},
        std::array<std::string, 3>{"/", "SomeKey", "ingest_server"},
        std::array<std::string, 3>{"rtmps://h/live", "", "stream_key"}}) {
    const auto lacking = livestream(server, key);
    check(livestreams::publish_url(lacking).error(), member);
    check(livestreams::obs_service_json(lacking).error(), member);
    check(livestreams::ffmpeg_arguments(lacking, "").error(), member);
  }
  using namespace std::string_literals;
  check(livestreams::obs_service_json(livestream("rtmps://h/live", "SomeKey\xff")).error(),
        "UTF-8");
  check(livestreams::obs_service_json(livestream("rtmps://h/\xff", "SomeKey")).error(), "UTF-8");
  check(livestreams::ffmpeg_arguments(livestream("rtmps://h/live", "SomeKey\0"s), "").error(),
        "null byte");
}
