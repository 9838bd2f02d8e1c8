// Publishing with RTMP and playing with HLS: runs nginx with its RTMP module (Debian: the packages
// nginx and libnginx-mod-rtmp), which asks the sandbox about every publisher.
#pragma once

#include <arpa/inet.h>  // htons, htonl
#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "certificates.hpp"  // PrivateDirectory
#include "faults.hpp"        // first_descriptor, last_descriptor
#include "livestreams.hpp"
#include "routes.hpp"  // State

namespace sandbox {

// A port of 127.0.0.1 that nobody else is given while this exists. nginx can listen on it: Linux
// permits that.
class ReservedPort {
 public:
  explicit ReservedPort(int wanted) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int yes = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = loopback(wanted);
    socklen_t size = sizeof address;
    auto* const general = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_, general, size) != 0 || ::getsockname(fd_, general, &size) != 0) {
      ::close(fd_);
      throw std::runtime_error("cannot listen on port " + std::to_string(wanted));
    }
    number = ntohs(address.sin_port);
  }
  ~ReservedPort() { ::close(fd_); }
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  bool has_listener() const {
    sockaddr_in address = loopback(number);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const bool connected =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
  }

  int number = 0;

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int fd_;
};

// nginx's questions are answered by one thread: in the order in which they come.
class Media {
 public:
  // RTMP is on `port` and HLS on the next one; 0: both on free ones. `state` gives out their
  // addresses from now on.
  Media(State& state, int port) : state_(state) {
    const ReservedPort rtmp(port), hls(port == 0 ? 0 : port + 1);
    server_.new_task_queue = [] { return new httplib::ThreadPool(1); };
    server_.Post("/" + secret_,
                 [this](const httplib::Request& request, httplib::Response& response) {
                   response.status = is_allowed(request) ? 204 : 403;
                 });
    const int callbacks = server_.bind_to_any_port("127.0.0.1");
    if (callbacks <= 0) throw std::runtime_error("cannot listen for nginx");
    std::filesystem::create_directory(played_);
    std::filesystem::create_directory(published_);
    start(directory_.write("nginx.conf", configuration(rtmp.number, hls.number, callbacks)));
    answering_ = std::thread([this] { server_.listen_after_bind(); });
    try {
      while (!rtmp.has_listener() || !hls.has_listener() || !server_.is_running()) pause();
    } catch (...) {
      stop();
      throw;
    }
    const std::string host = "127.0.0.1:";
    ingest_server = "rtmp://" + host + std::to_string(rtmp.number) + "/live/";
    playback_ = "http://" + host + std::to_string(hls.number) + "/";
    state.use({ingest_server, playback_});
  }
  ~Media() { stop(); }

  std::string ingest_server;

 private:
  // Returns nginx's configuration. A stream's files are published_/KEY/index.m3u8, 0.ts and so on,
  // which players see as ID/manifest/video.m3u8 and ID/manifest/0.ts, by a link played_/ID.
  std::string configuration(int rtmp, int hls, int callbacks) const {
    std::string text = R"(
daemon off;
worker_processes 1;
pid "@DIR/nginx.pid";
error_log "@DIR/nginx.log";
events {}
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:@RTMP;
    on_publish @CALLBACK;
    on_update @CALLBACK;  # if refused, nginx ends the publisher
    on_publish_done @CALLBACK;
    notify_update_timeout 500ms;
    notify_update_strict on;
    application live {
      live on;
      deny play all;
      drop_idle_publisher 5s;
      hls on;
      hls_path "@PUBLISHED";
      hls_nested on;
      hls_fragment 1s;  # at least; until the next keyframe
      hls_playlist_length 10s;
    }
  }
}
http {
  access_log off;
  client_body_temp_path "@DIR/body";
  proxy_temp_path "@DIR/proxy";
  fastcgi_temp_path "@DIR/fastcgi";
  uwsgi_temp_path "@DIR/uwsgi";
  scgi_temp_path "@DIR/scgi";
  types {
    application/vnd.apple.mpegurl m3u8;
    video/mp2t ts;
  }
  server {
    listen 127.0.0.1:@HLS;
    add_header Access-Control-Allow-Origin * always;
    add_header Cache-Control no-cache always;
    location / { return 404; }
    location ~ "^/([0-9a-f]+)/manifest/video\.m3u8$" { alias "@PLAYED/$1/index.m3u8"; }
    location ~ "^/([0-9a-f]+)/manifest/([0-9]+\.ts)$" { alias "@PLAYED/$1/$2"; }
  }
}
)";
    for (const char* modules : {"/usr/lib/nginx/modules", "/usr/lib64/nginx/modules"}) {
      const std::string module = std::string(modules) + "/ngx_rtmp_module.so";
      if (!std::filesystem::exists(module)) continue;  // it may be compiled in
      text = "load_module " + module + ";" + text;
      break;
    }
    if (::geteuid() == 0) text = "user root;" + text;  // who owns the directory
    const auto replace = [&](const std::string& name, const std::string& value) {
      for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;) {
        text.replace(at, name.size(), value);
      }
    };
    replace("@DIR", directory_.path().string());
    replace("@PUBLISHED", published_.string());
    replace("@PLAYED", played_.string());
    replace("@RTMP", std::to_string(rtmp));
    replace("@HLS", std::to_string(hls));
    replace("@CALLBACK", "http://127.0.0.1:" + std::to_string(callbacks) + "/" + secret_);
    return text;
  }

  void start(const std::string& configuration_path) {
    log_ = (directory_.path() / "nginx.log").string();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("cannot start nginx");
    if (pid_ != 0) return;
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // also if the sandbox is killed
    if (::getppid() != parent) ::_exit(1);
#else
    (void)parent;
#endif
    ::setpgid(0, 0);  // Ctrl-C is for the sandbox, which ends nginx
    const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    for (int fd = first_descriptor; fd <= last_descriptor; ++fd) ::close(fd);
    for (const char* program : {"nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"}) {
      ::execlp(program, program, "-e", log_.c_str(), "-c", configuration_path.c_str(), nullptr);
    }
    ::_exit(127);
  }

  // Throws if nginx has ended.
  void pause() {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (::waitpid(pid_, nullptr, WNOHANG) != pid_) return;
    pid_ = 0;
    std::stringstream log;
    log << std::ifstream(log_).rdbuf();
    throw std::runtime_error(
        "--media needs nginx with its RTMP module (Debian: nginx and "
        "libnginx-mod-rtmp), which ended:\n" +
        log.str());
  }

  void stop() {
    if (pid_ != 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
    while (!server_.is_running()) {  // a server that is still starting ignores stop()
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    server_.stop();
    answering_.join();
  }

  bool is_allowed(const httplib::Request& request) {
    const std::string event = request.get_param_value("call");
    const std::string key = request.get_param_value("name");
    const std::string publisher = request.get_param_value("clientid");
    const auto files = published_ / key;
    if (event == "publish") {
      return state_.with_livestream("stream_key", key, [&](Store& store, Json& livestream) {
        if (!livestreams::begin_publishing(store, livestream)) return false;
        std::filesystem::create_directory(files);
        std::filesystem::create_directory_symlink(files, played(livestream));
        publishers_[publisher] = livestream["id"];
        return true;
      });
    }
    if (event == "update_publish") {
      const bool can_be_played = std::filesystem::exists(files / "index.m3u8");
      return state_.with_livestream("stream_key", key, [&](Store& store, Json& livestream) {
        return livestreams::go_on_publishing(store, livestream, can_be_played);
      });
    }
    const auto found = publishers_.find(publisher);
    if (event != "publish_done" || found == publishers_.end()) return true;
    state_.with_livestream("id", found->second, [&](Store& store, Json& livestream) {
      livestreams::stop(store, livestream);
      std::filesystem::remove(played(livestream));
      return true;
    });
    std::filesystem::remove_all(files);
    publishers_.erase(found);
    return true;
  }

  std::filesystem::path played(const Json& livestream) const {
    return played_ / livestream["playback_url"].get<std::string>().substr(playback_.size(), 32);
  }

  State& state_;
  const PrivateDirectory directory_;
  const std::filesystem::path played_ = directory_.path() / "played";
  const std::filesystem::path published_ = directory_.path() / "published";
  const std::string secret_ = random_hex(32);  // others cannot call in nginx's name
  std::string playback_, log_;
  httplib::Server server_;
  std::thread answering_;
  std::map<std::string, std::string> publishers_;  // from nginx's id of each to the livestream's
  pid_t pid_ = 0;
};

}  // namespace sandbox
