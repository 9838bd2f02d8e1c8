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

constexpr std::chrono::seconds patience{60};  // with anything that should happen at once

void ok(const std::string& what) { std::cout << "ok: " << what << std::endl; }

void expect(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("not so: " + what);
  ok(what);
}

template <class Condition>
bool eventually(Condition condition) {
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

  std::string output() const {
    std::stringstream text;
    text << std::ifstream(log_).rdbuf();
    return text.str();
  }

 private:
  std::string log_;
  pid_t pid_ = 0;
  int status_ = 0;
};

// Receives the deliveries of a webhook that it registers.
class Receiver {
 public:
  explicit Receiver(const rtk::Client& client) {
    server_.Post("/", [this](const httplib::Request& request, httplib::Response&) {
      receive(request);
    });
    const int port = server_.bind_to_any_port("127.0.0.1");
    listening_ = std::thread([this] { server_.listen_after_bind(); });
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/";
    client.send(rtk::webhooks::Create{
                    "broadcast", url, {rtk::WebhookEvent::livestreaming_status_update}})
        .value();
  }
  ~Receiver() {
    eventually([this] { return server_.is_running(); });
    server_.stop();
    listening_.join();
  }

  // The statuses that were told, such as "LIVE IDLE", and what was wrong with a delivery.
  std::string statuses() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return statuses_;
  }

 private:
  void receive(const httplib::Request& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    statuses_ += (statuses_.empty() ? "" : " ") + status_in(request);
  }

  std::string status_in(const httplib::Request& request) {
    return request.body;
  }

  httplib::Server server_;
  std::thread listening_;
  mutable std::mutex mutex_;
  std::string statuses_;
};

Process publish(const rtk::Livestream& livestream, const std::string& directory) {
  std::vector<std::string> words = {"ffmpeg"};
  const auto arguments =
      rtk::livestreams::ffmpeg_arguments(livestream, "testsrc2").value();
  words.insert(words.end(), arguments.begin(), arguments.end());
  return {words, directory + "/ffmpeg.log"};
}

// Waits for a status while FFmpeg publishes.
void await_live(const rtk::Client& client, const std::string& id, Process& ffmpeg) {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    if (client.send(rtk::livestreams::Get{id}).value().livestream.status == rtk::LivestreamStatus::live) break;
    std::this_thread::sleep_for(100ms);
    if (ffmpeg.has_ended()) throw std::runtime_error("FFmpeg has ended:\n" + ffmpeg.output());
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::steady_clock::now() - begin);
  ok("LIVE after " + std::to_string(seconds.count()) + " s");
}

void await_idle(const rtk::Client& client, const std::string& id) {
  expect(eventually([&] { return client.send(rtk::livestreams::Get{id}).value().livestream.status == rtk::LivestreamStatus::idle; }), "IDLE");
}

void broadcast(const std::string& player, const std::string& screenshot, const std::string& key) {
  const std::string directory = player.substr(0, player.rfind('/') + 1) + ".";
  const rtk::Client client{rtk::Config::from_env().value()};
  const Receiver receiver(client);
  const rtk::Livestream created = client.send(rtk::livestreams::Create{"launch"}).value();
  {
    rtk::Livestream published = created;
    if (!key.empty()) published.stream_key = key;
    Process ffmpeg = publish(published, directory);
    await_live(client, created.id, ffmpeg);

    std::vector<std::string> words = {"node", player, created.playback_url};
    if (!screenshot.empty()) words.push_back(screenshot);
    Process browser(words, directory + "/player.log");
    const bool has_ended = eventually([&] { return browser.has_ended(); });
    std::cout << browser.output() << std::flush;
    if (!has_ended || !browser.succeeded()) {
      throw std::runtime_error("the browser does not play; FFmpeg:\n" + ffmpeg.output());
    }
  }
  await_idle(client, created.id);

  const rtk::Livestream reset =
      client.send(rtk::livestreams::ResetStreamKey{created.id}).value();
  {
    Process ffmpeg = publish(created, directory);
    expect(eventually([&] { return ffmpeg.has_ended(); }) && !ffmpeg.succeeded(),
           "the old key is refused");
  }
  {
    Process ffmpeg = publish(reset, directory);
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
