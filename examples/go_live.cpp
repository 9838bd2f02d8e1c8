// Goes live: creates a livestream, or reuses the one with the same name, and publishes to it with
// ffmpeg until Ctrl-C or the end of the input.
//
//     go_live [--name NAME] [--seconds N] [INPUT]
//
// NAME defaults to "go-live". N: how long to stay live. INPUT: a file, a URL, a camera such as
// /dev/video0; defaults to a moving test picture with a tone.
//
// Requires ffmpeg, POSIX, and in the environment CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and
// REALTIMEKIT_APP_ID. The stream key is among the arguments of ffmpeg, which has no other way to
// receive it. Other users of the computer can see it there, unless /proc is mounted with hidepid.
#include "realtimekit.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>

namespace rtk = realtimekit;
using std::chrono::seconds;

// ffmpeg, and a thread that reads what it prints.
class Ffmpeg {
 public:
  // Cancels `ended` when ffmpeg ends. Calls on_frame with the bitrate in kbit/s for each frame.
  template <class OnFrame>
  Ffmpeg(std::vector<std::string> arguments, const rtk::CancelToken& ended, OnFrame on_frame)
      : ended_(ended) {
    std::vector<std::string> own{"ffmpeg", "-nostats", "-loglevel", "error"};
    if (::access("/dev/stdout", W_OK) == 0) {                  // it needs /proc
      own.insert(own.end(), {"-vstats_file", "/dev/stdout"});  // a line for each frame
    }
    arguments.insert(arguments.begin(), own.begin(), own.end());
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);  // Ctrl-C is for this program, which then ends ffmpeg
#ifdef __linux__
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // also if this program is killed
#endif
      sigset_t none;
      ::sigemptyset(&none);
      ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execvp("ffmpeg", words.data());
      std::perror("ffmpeg");
      ::_exit(127);
    }
    ::setpgid(pid_, pid_);  // in both processes, since either may run first
    ::close(ends[1]);
    reader_ = std::thread([this, on_frame, from = ends[0]] {
      std::FILE* const pipe = ::fdopen(from, "r");
      char line[4096];
      while (std::fgets(line, sizeof line, pipe)) {
        std::string text(line);
        const auto rate = text.find("avg_br=");
        if (rate != text.npos) {
          on_frame(std::atof(line + rate + 7));
        } else if (text.back() == '\n' && text.size() > 1) {
          last_line_ = text.substr(0, text.find('\n'));
        }
      }
      std::fclose(pipe);
      exited_.cancel();
      ended_.cancel();
    });
  }
  ~Ffmpeg() { stop(); }

  bool has_ended() const { return exited_.canceled(); }

  // Ends ffmpeg, unless it has ended. Returns its last error message if it failed.
  std::string stop() {
    if (pid_ <= 0) return "";
    ::kill(-pid_, SIGTERM);  // also its child processes
    if (!exited_.wait_for(seconds(10))) ::kill(-pid_, SIGKILL);
    reader_.join();
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) return "";
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    if (code == 0 || code == 255) return "";  // 255: ended by a signal
    return last_line_.empty() ? "ended with code " + std::to_string(code) : last_line_;
  }

 private:
  rtk::CancelToken ended_;
  const rtk::CancelToken exited_ = rtk::CancelToken::create();
  pid_t pid_ = 0;
  std::thread reader_;
  std::string last_line_;  // written by the reader until that ends
};

// Cancels a token at the first SIGINT or SIGTERM, another one at the second. Create it before other
// threads, so that they do not receive the signals.
class Signals {
 public:
  Signals(rtk::CancelToken first, rtk::CancelToken second) {
    ::sigemptyset(&set_);
    for (const int signal : {SIGINT, SIGTERM}) ::sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    thread_ = std::thread([this, first, second] {
      for (const auto& token : {first, second}) {
        int signal = 0;
        ::sigwait(&set_, &signal);
        if (is_over_) return;
        token.cancel();
      }
    });
  }
  ~Signals() {
    is_over_ = true;
    ::pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

 private:
  sigset_t set_;
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

// Prints a line for each new status and, on a terminal, a last line with the bitrate.
class StatusLine {
 public:
  void set_status(const rtk::Livestream& livestream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status_ == livestream.status.text()) return;
    status_ = livestream.status.text();
    write_line(status_ + " after " + std::to_string(elapsed()) + " s");
  }
  void set_bitrate(double kilobits) {
    const std::lock_guard<std::mutex> lock(mutex_);
    bitrate_ = static_cast<int>(kilobits);
    if (!is_terminal_) return;
    std::cout << '\r' << status_ << "  " << elapsed() << " s  " << bitrate_ << " kbit/s\x1b[K"
              << std::flush;
  }
  void print(const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    write_line(text);
  }

 private:
  long long elapsed() const {
    return std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now() - begin_).count();
  }

  void write_line(const std::string& text) {
    std::cout << (is_terminal_ ? "\r\x1b[K" : "") << text << std::endl;
  }

  const bool is_terminal_ = ::isatty(STDOUT_FILENO) != 0;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::string status_;
  int bitrate_ = 0;
};

static std::string masked(std::string text, const rtk::Secret& key) {
  for (auto at = text.find(key.reveal()); at != text.npos; at = text.find(key.reveal(), at + 3)) {
    text.replace(at, key.reveal().size(), "***");
  }
  return text;
}

static int fail(const std::string& problem) {
  std::cerr << "go_live: " << problem << std::endl;
  return 1;
}

int main(int argc, char** argv) {
  std::string name = "go-live", input;
  seconds duration = std::chrono::hours(24 * 365);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--name" && i + 1 < argc) {
      name = argv[++i];
    } else if (word == "--seconds" && i + 1 < argc) {
      duration = seconds(std::atoi(argv[++i]));
    } else if (input.empty() && word.rfind("--", 0) != 0) {
      input = word;
    } else {
      return fail("usage: go_live [--name NAME] [--seconds N] [INPUT]"), 2;
    }
  }
  const auto config = rtk::Config::from_env();
  if (!config) return fail(config.error().to_string());

  const auto stop = rtk::CancelToken::create();     // by a signal, or since ffmpeg has ended
  const auto give_up = rtk::CancelToken::create();  // by a second signal
  const Signals signals(stop, give_up);
  const rtk::Client client{*config};
  auto livestream = rtk::livestreams::ensure(client, name, {{}, stop});
  if (!livestream) return fail(livestream.error().to_string());
  const auto arguments = rtk::livestreams::ffmpeg_arguments(*livestream, input);
  if (!arguments) return fail(arguments.error().to_string());

  StatusLine line;
  line.print("livestream " + livestream->id + " (" + name + ")");
  const auto show = [&](const rtk::Livestream& polled) { line.set_status(polled); };
  Ffmpeg ffmpeg(*arguments, stop, [&](double kilobits) { line.set_bitrate(kilobits); });
  // Until this broadcast has begun, the status is that of the last one, which may have failed.
  if (livestream->status == rtk::LivestreamStatus::errored) stop.wait_for(seconds(15));
  const auto live = rtk::livestreams::wait_until_live(client, livestream->id,
                                                      {std::chrono::minutes(5), stop}, show);
  if (live) {
    line.print(livestream->playback_url);
    const auto end = std::chrono::steady_clock::now() + duration;
    const auto pause = [&] {
      const auto left = std::chrono::ceil<seconds>(end - std::chrono::steady_clock::now());
      return std::clamp(left, seconds(0), seconds(5));
    };
    while (pause().count() > 0 && !stop.wait_for(pause())) {
      const auto details = client.send(rtk::livestreams::Get{livestream->id, {}, {}}, {{}, stop});
      if (details) line.set_status(details->livestream);
    }
  }

  const bool has_ended = ffmpeg.has_ended();
  const std::string ffmpeg_error = ffmpeg.stop();
  if (live || live.error().kind == rtk::ErrorKind::canceled) {
    line.print("ffmpeg has ended, waiting until the livestream is idle");
    const auto idle = rtk::livestreams::wait_until_idle(client, livestream->id,
                                                        {std::chrono::minutes(1), give_up}, show);
    if (!idle) line.print(idle.error().to_string());
    if (!idle && ffmpeg_error.empty()) return 1;
  }
  if (!ffmpeg_error.empty()) return fail("ffmpeg: " + masked(ffmpeg_error, livestream->stream_key));
  if (!live && has_ended) return fail("the input ended before the livestream was live");
  if (live || live.error().kind == rtk::ErrorKind::canceled) return 0;
  return fail(live.error().to_string());
}
