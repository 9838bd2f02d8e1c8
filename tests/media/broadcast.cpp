// A broadcast from the creation of its livestream to its end, against `sandbox --media`: FFmpeg
// publishes, a browser plays, webhooks arrive. Prints lines "ok: ..." and "FAILED: ...".
//
//     broadcast PLAYER [SCREENSHOT]     PLAYER: the path of player.mjs, beside its packages
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
