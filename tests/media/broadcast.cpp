// A broadcast from the creation of its livestream to its end, against `sandbox --media`: FFmpeg
// publishes, a browser plays, webhooks arrive. Prints lines "ok: ..." and "FAILED: ...".
//
//     broadcast PLAYER [--screenshot FILE] [--key KEY]
//
// PLAYER: the path of player.mjs, beside its packages; KEY: what is published with instead of the
// livestream's key, to see the test fail.
#include "realtimekit.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace rtk = realtimekit;
using namespace std::chrono_literals;

constexpr std::chrono::seconds patience{60};  // for each step

void ok(const std::string& what) { std::cout << "ok: " << what << std::endl; }

template <class Condition> bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

// A program that runs until it ends or is stopped. Its output is in a file.
class Process {
 public:
  Process(const std::vector<std::string>& words, std::string log) : log_(std::move(log)) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    const int file = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Process() { stop(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool has_ended() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ <= 0;
  }

  bool succeeded() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

  void stop() {
    if (has_ended()) return;
    ::kill(pid_, SIGTERM);
    if (!eventually([this] { return has_ended(); })) ::kill(pid_, SIGKILL);
  }

  // Returns the end of the output.
  std::string output() const {
    std::stringstream text;
    text << std::ifstream(log_).rdbuf();
    const std::string all = text.str();
    return all.substr(all.size() - (std::min)(all.size(), std::size_t{3000}));
  }

 private:
  std::string log_;
  pid_t pid_ = 0;
  int status_ = 0;
};

// Receives the events of a webhook that it registers.
class Receiver {
 public:
  Receiver(const rtk::Client& client, const std::string& base_url)
      : verifier_([http = rtk::HttplibTransport(),
                   origin = base_url.substr(0, base_url.find('/', base_url.find("//") + 2))](
                      rtk::HttpRequest request) {
          request.url = origin + "/.well-known/webhooks.json";  // of the sandbox
          return http(request);
        }) {
    server_.Post("/", [this](const httplib::Request& request, httplib::Response&) {
      const std::string status = status_in(request);
      const std::lock_guard<std::mutex> lock(mutex_);
      statuses_ += (statuses_.empty() ? "" : " ") + status;
    });
    const int port = server_.bind_to_any_port("127.0.0.1");
    listening_ = std::thread([this] { server_.listen_after_bind(); });
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/";
    client
        .send(rtk::webhooks::Create{
            "broadcast", url, {rtk::WebhookEvent::livestreaming_status_update}})
        .value();
  }
  ~Receiver() {
    eventually([this] { return server_.is_running(); });
    server_.stop();
    listening_.join();
  }

  // Returns the statuses received, such as "LIVE IDLE".
  std::string statuses() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return statuses_;
  }

 private:
  // Returns the status that a delivery tells, or what is wrong with it.
  std::string status_in(const httplib::Request& request) const {
    const rtk::Headers headers(request.headers.begin(), request.headers.end());
    const auto verified = verifier_.verify(headers, request.body);
    if (!verified) return "(" + verified.error().message + ")";
    if (verifier_.verify(headers, request.body + " ")) return "(verified although altered)";
    const auto event = rtk::webhooks::parse_event(request.body);
    if (!event) return "(" + event.error().message + ")";
    const auto* update = std::get_if<rtk::webhooks::LivestreamingStatusUpdate>(&*event);
    return update ? std::string(update->status.text()) : "(another event)";
  }

  const rtk::webhooks::Verifier verifier_;
  httplib::Server server_;
  std::thread listening_;
  mutable std::mutex mutex_;
  std::string statuses_;
};

// Starts FFmpeg with the library's arguments.
Process publish(const rtk::Livestream& livestream, const std::string& directory) {
  auto words = rtk::livestreams::ffmpeg_arguments(livestream, "").value();
  words.insert(words.begin(), "ffmpeg");
  return {words, directory + "/ffmpeg.log"};
}

// Starts FFmpeg with the library's URL. It ends when it is refused.
Process publish_once(const rtk::Livestream& livestream, const std::string& directory) {
  return {{"ffmpeg", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2", "-c:v", "libx264",
           "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-f", "flv",
           rtk::livestreams::publish_url(livestream)->reveal()},
          directory + "/ffmpeg.log"};
}

// Waits for LIVE, or for the end of FFmpeg.
void await_live(const rtk::Client& client, const std::string& id, Process& ffmpeg) {
  const auto begin = std::chrono::steady_clock::now();
  rtk::livestreams::WaitOptions options;
  options.timeout = patience;
  options.first_delay = 100ms;
  const auto live =
      rtk::livestreams::wait_until_live(client, id, options, [&](const rtk::Livestream&) {
        if (ffmpeg.has_ended()) options.cancel.cancel();
      });
  if (!live) {
    throw std::runtime_error(live.error().to_string() + "\nFFmpeg:\n" + ffmpeg.output());
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  ok("LIVE after " + std::to_string(seconds.count()).substr(0, 4) + " s");
}

void await_idle(const rtk::Client& client, const std::string& id) {
  rtk::livestreams::WaitOptions options;
  options.timeout = patience;
  options.first_delay = 100ms;
  rtk::livestreams::wait_until_idle(client, id, options).value();
  ok("IDLE");
}

// Plays in the browser, which prints what it sees.
void watch(const std::string& player, const std::string& url, const std::string& screenshot,
           const std::string& directory) {
  std::vector<std::string> words = {"node", player, url};
  if (!screenshot.empty()) words.push_back(screenshot);
  Process browser(words, directory + "/player.log");
  const bool has_ended = eventually([&] { return browser.has_ended(); });
  std::cout << browser.output() << std::flush;
  if (!has_ended || !browser.succeeded()) throw std::runtime_error("the browser does not play");
}

void broadcast(const std::string& player, const std::string& screenshot, const std::string& key) {
  const std::string directory = player.substr(0, player.rfind('/') + 1) + ".";
  const rtk::Config config = rtk::Config::from_env().value();
  const rtk::Client client{config};
  const Receiver receiver(client, config.base_url);
  const rtk::Livestream created = client.send(rtk::livestreams::Create{"launch"}).value();
  {
    rtk::Livestream published = created;
    if (!key.empty()) published.stream_key = key;
    Process ffmpeg = publish(published, directory);
    await_live(client, created.id, ffmpeg);
    watch(player, created.playback_url, screenshot, directory);
  }
  await_idle(client, created.id);

  const rtk::Livestream reset = client.send(rtk::livestreams::ResetStreamKey{created.id}).value();
  {
    Process ffmpeg = publish_once(created, directory);
    if (!eventually([&] { return ffmpeg.has_ended(); }) || ffmpeg.succeeded()) {
      throw std::runtime_error("the old key is not refused; FFmpeg:\n" + ffmpeg.output());
    }
    ok("the old key is refused");
  }
  {
    Process ffmpeg = publish_once(reset, directory);
    await_live(client, created.id, ffmpeg);
  }
  await_idle(client, created.id);

  const std::string expected = "LIVE IDLE LIVE IDLE";
  eventually([&] { return receiver.statuses().size() >= expected.size(); });
  if (receiver.statuses() != expected) {
    throw std::runtime_error("webhooks: " + receiver.statuses() + ", not " + expected);
  }
  ok("verified webhooks: " + expected);
}

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::string screenshot, key;
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    (arguments[i] == "--key" ? key : screenshot) = arguments[i + 1];
  }
  broadcast(arguments.at(0), screenshot, key);
} catch (const std::exception& failure) {
  std::cout << "FAILED: " << failure.what() << std::endl;
  return 1;
}
