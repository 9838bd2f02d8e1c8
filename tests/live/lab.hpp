// A scripted server in the test's own process: real sockets on the loopback, real TLS, and control
// over every byte and over how a connection ends.
//
//   lab::Server server([](lab::Peer& peer) {  // once for each connection, on a thread of its own
//     while (peer.read_request()) peer.answer(201, lab::created);
//   });
//   ... server.url() ... server.requests() ...
#pragma once

#include "sockets.hpp"

#include "../sample.hpp"
#include "sandbox/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace lab {

// No wait in here lasts longer: what has not happened by then is a failed test, not a hang.
inline constexpr std::chrono::seconds patience{20};

#ifndef __has_feature  // how clang tells
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

// A sanitizer makes a program five to fifteen times slower, valgrind even more, and most of a short
// call is computing. Under one, short deadlines are that many times longer, and so is what a call may
// take beyond them.
inline const int slowness = [] { return sanitized ? 5 : RUNNING_ON_VALGRIND ? 10 : 1; }();

// The answer to a create, as published. Its keys are made up.
inline constexpr std::string_view created =
    R"({"success":true,"data":{"id":"5e8f2a90-7c11-4b6d-9a3e-d0c4b1f7e652","name":"launch",)"
    R"("status":"OFFLINE","ingest_server":"rtmps://ingest.example.invalid:443/live/",)"
    R"("stream_key":"labStreamKey0f4d1c9b8a","disabled":false,"meeting_id":null,)"
    R"("playback_url":"https://play.example.invalid/5e8f2a90/manifest/video.m3u8"}})";
inline constexpr std::string_view stream_key = "labStreamKey0f4d1c9b8a";

// A list of livestreams with one item.
inline constexpr std::string_view listed =
    R"({"success":true,"data":[{"id":"5e8f2a90","name":"launch","status":"LIVE"}],)"
    R"("paging":{"total_count":7,"start_offset":1,"end_offset":1}})";

inline constexpr std::string_view gzip_head("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);

// Gzip without compression.
inline std::string gzip(std::string_view text) {
  std::string out(gzip_head);
  const auto add = [&](std::size_t value, int bytes) {
    for (; bytes > 0; --bytes, value >>= 8) out += static_cast<char>(value & 0xff);
  };
  std::uint32_t crc = ~0u;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  add(1, 1);  // the last block, stored
  add(text.size(), 2);
  add(~text.size(), 2);
  out += text;
  add(~crc, 4);
  add(text.size(), 4);
  return out;
}

// The authority that all servers' certificates come from, and its certificate as a file.
inline const sandbox::Authority& authority() {
  static const sandbox::Authority made("Lab CA");
  return made;
}
inline const sandbox::PrivateDirectory& directory() {
  static const sandbox::PrivateDirectory made;
  return made;
}
inline const std::string& ca_file() {
  static const std::string path = directory().write("ca.pem", authority().cert_pem());
  return path;
}
inline const sandbox::Certificate& certificate() {
  static const auto made = authority().issue({"localhost", {"localhost", "127.0.0.1", "::1"}});
  return made;
}

// Opens once, for all who wait.
class Gate {
 public:
  void open() {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool wait(std::chrono::milliseconds bound = patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, bound, [&] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

struct Request {
  std::string head;  // with its empty line
  std::string body;

  std::string line() const { return head.substr(0, head.find("\r\n")); }
  std::string target() const {
    const auto begin = head.find(' ') + 1;
    return head.substr(begin, head.find(' ', begin) - begin);
  }
  // Empty if there is none.
  std::string header(std::string_view name) const {
    for (auto at = head.find("\r\n") + 2; at < head.size(); at = head.find("\r\n", at) + 2) {
      const std::string_view rest = std::string_view(head).substr(at);
      const bool found = rest.size() > name.size() && rest[name.size()] == ':' &&
                         std::equal(name.begin(), name.end(), rest.begin(), [](char a, char b) {
                           return std::tolower(a) == std::tolower(b);
                         });
      if (!found) continue;
      const auto value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
      return std::string(value.substr((std::min)(value.find_first_not_of(' '), value.size())));
    }
    return {};
  }
};

struct Options {
  bool tls = true;        // the handshake comes before the script
  bool handshake = true;  // false: TLS that begins when the script calls start_tls()
  sandbox::Certificate certificate = lab::certificate();
  int max_tls_version = 0;  // 0: the newest
  bool ipv6 = false;
};
inline Options plain() {
  Options options;
  options.tls = false;
  return options;
}
inline Options silent() {
  Options options;
  options.handshake = false;
  return options;
}
inline Options with(sandbox::Certificate certificate) {
  Options options;
  options.certificate = std::move(certificate);
  return options;
}

namespace detail {

using Context = std::unique_ptr<SSL_CTX, sandbox::detail::Deleter<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, sandbox::detail::Deleter<SSL_free>>;

inline Context make_context(const Options& options) {
  using namespace sandbox::detail;
  const auto text = [](const std::string& pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  };
  Context context(SSL_CTX_new(TLS_server_method()));
  const X509Handle cert(
      PEM_read_bio_X509(text(options.certificate.cert_pem).get(), nullptr, nullptr, nullptr));
  const Key key(
      PEM_read_bio_PrivateKey(text(options.certificate.key_pem).get(), nullptr, nullptr, nullptr));
  check(context && SSL_CTX_use_certificate(context.get(), cert.get()) == 1 &&
            SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
        "preparing TLS");
  if (options.max_tls_version != 0) {
    SSL_CTX_set_security_level(context.get(), 0);  // else it refuses what is that old by itself
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), options.max_tls_version);
  }
  return context;
}

// What a server and its connections share.
struct State {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::size_t connections = 0;  // so far
  std::size_t open = 0;         // now
  std::vector<Request> requests;
};

}  // namespace detail

// The server's end of one connection, for its script. Functions return false, or nothing, when the
// client has left or the server stops.
class Peer {
 public:
  Peer(detail::State& state, SSL_CTX* context, Socket socket, std::size_t number)
      : state_(state), context_(context), socket_(socket), number_(number) {}
  ~Peer() { fin(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // From 0, in the order of arrival.
  std::size_t number() const { return number_; }

  bool start_tls() { return start_tls(context_); }
  bool start_tls(SSL_CTX* context) {
    tls_.reset(SSL_new(context));
    SSL_set_fd(tls_.get(), static_cast<int>(socket_));
    const bool done = SSL_accept(tls_.get()) == 1;
    ERR_clear_error();
    return done;
  }

  // For what this class does not offer. Null before TLS, and no_socket once closed.
  SSL* tls() const { return tls_.get(); }
  Socket socket() const { return socket_; }

  // Until that many bytes have come, which stay for the next read.
  bool await(std::size_t size) {
    while (input_.size() < size && read_more()) continue;
    return input_.size() >= size;
  }

  // A whole request, which is then counted. Nothing if it ends before it is complete.
  std::optional<Request> read_request() {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == input_.npos) {
      if (!read_more()) return {};
    }
    Request request;
    request.head = read(end + 4);
    const auto length = std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
    request.body = read(length);
    if (request.body.size() < length) return {};
    std::lock_guard<std::mutex> lock(state_.mutex);
    state_.requests.push_back(request);
    state_.changed.notify_all();
    return request;
  }

  // That many bytes, or fewer at the end.
  std::string read(std::size_t size) {
    await(size);
    std::string bytes = input_.substr(0, size);
    input_.erase(0, bytes.size());
    return bytes;
  }

  bool send(std::string_view text) const {
    if (socket_ == no_socket) return false;
    if (tls_) {
      std::size_t written = 0;
      const bool done =
          text.empty() || SSL_write_ex(tls_.get(), text.data(), text.size(), &written) == 1;
      ERR_clear_error();
      return done;
    }
    while (!text.empty()) {
      const auto written = send_some(socket_, text);
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  // A whole answer. Headers: lines that end in \r\n.
  bool answer(int status, std::string_view body, std::string_view headers = {}) {
    return send(head(status, body.size(), headers).append(body));
  }
  static std::string head(int status, std::size_t length, std::string_view headers = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " Lab\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(length) + "\r\n" + std::string(headers) + "\r\n";
  }

  // One byte at a time.
  bool drip(std::string_view text, std::chrono::milliseconds interval) {
    for (const char& byte : text) {
      std::unique_lock<std::mutex> lock(state_.mutex);
      if (state_.changed.wait_for(lock, interval, [&] { return state_.stopping; })) return false;
      lock.unlock();
      if (!send({&byte, 1})) return false;
    }
    return true;
  }

  // Waits until the client leaves or the server stops. Requests that still come are counted.
  void stall() {
    while (read_request()) continue;
  }

  // As a server should: close_notify, then FIN.
  void close() {
    if (tls_) SSL_shutdown(tls_.get());
    ERR_clear_error();
    fin();
  }

  // FIN only. What the client had sent must have been read, else it becomes a reset.
  void fin() {
    tls_.reset();
    std::lock_guard<std::mutex> lock(state_.mutex);
    if (socket_ != no_socket) close_socket(std::exchange(socket_, no_socket));
  }

  void reset() {
    const linger at_once{1, 0};
    set_socket_option(socket_, SOL_SOCKET, SO_LINGER, at_once);
    fin();
  }

  // For the server, from another thread and with the state locked.
  void interrupt() {
    if (socket_ != no_socket) ::shutdown(socket_, SHUT_RDWR);
  }

 private:
  bool read_more() {
    if (socket_ == no_socket) return false;
    char buffer[16384];
    std::size_t size = 0;
    if (tls_) {
      if (SSL_read_ex(tls_.get(), buffer, sizeof buffer, &size) != 1) size = 0;
      ERR_clear_error();
    } else if (const auto got = ::recv(socket_, buffer, sizeof buffer, 0); got > 0) {
      size = static_cast<std::size_t>(got);
    }
    input_.append(buffer, size);
    return size > 0;
  }

  detail::State& state_;
  SSL_CTX* const context_;
  Socket socket_;  // no_socket once closed
  const std::size_t number_;
  detail::Session tls_;
  std::string input_;
};

using Script = std::function<void(Peer&)>;

// The scripts for the first, second, ... connection; the last one also for all that follow.
inline Script in_turn(std::vector<Script> scripts) {
  return [scripts = std::move(scripts)](Peer& peer) {
    scripts[(std::min)(peer.number(), scripts.size() - 1)](peer);
  };
}

// Answers every request with the same.
inline Script answering(int status, std::string_view body, std::string headers = {}) {
  return [=](Peer& peer) {
    while (peer.read_request() && peer.answer(status, body, headers)) continue;
  };
}

// An IP address and a port, as the system wants them.
class Address {
 public:
  Address(const std::string& ip, int port) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
    const auto in_network_order = htons(static_cast<std::uint16_t>(port));
    if (::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
      v6.sin6_family = AF_INET6, v6.sin6_port = in_network_order, size_ = sizeof v6;
    } else if (::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET, v4.sin_port = in_network_order, size_ = sizeof v4;
    } else {
      throw std::runtime_error(ip + " is no address");
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  int family() const { return storage_.ss_family; }
  int port() const { return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port); }
  bool read_from(Socket socket) {
    size_ = sizeof storage_;
    return ::getsockname(socket, reinterpret_cast<sockaddr*>(&storage_), &size_) == 0;
  }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// A socket that listens on an address of the loopback. Port 0: a free one.
class Listener {
 public:
  explicit Listener(bool ipv6 = false, int backlog = 128)
      : Listener(ipv6 ? "::1" : "127.0.0.1", 0, backlog) {}
  Listener(const std::string& ip, int port, int backlog = 128) : address_(ip, port) {
    socket_ = tcp_socket(address_.family());
    if (::bind(socket_, address_.get(), address_.size()) != 0 || ::listen(socket_, backlog) != 0 ||
        !address_.read_from(socket_)) {
      close_socket(socket_);
      throw std::runtime_error("cannot listen on the loopback");
    }
  }
  ~Listener() {
    if (socket_ != no_socket) close_socket(socket_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return address_.port(); }
  const Address& address() const { return address_; }
  Socket accept() const { return accept_from(socket_); }
  // From now on connecting is refused; a waiting accept() returns.
  void refuse() const { stop_listening(socket_); }

 private:
  Address address_;
  mutable std::atomic<Socket> socket_{no_socket};
};

inline bool has_ipv6() {
  try {
    const Listener probe(true);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

// A port of the loopback where nobody listens.
inline int closed_port() { return Listener().port(); }

// A port whose queue of connections is full: the system drops what else arrives.
class FullPort {
 public:
  explicit FullPort(const std::string& ip = "127.0.0.1", int port = 0) : listener_(ip, port, 0) {
    const Address& address = listener_.address();
    for (Socket& socket : fillers_) {
      socket = tcp_socket(address.family());
      never_block(socket);
      (void)!::connect(socket, address.get(), address.size());
    }
  }
  ~FullPort() {
    for (const Socket socket : fillers_) close_socket(socket);
  }
  FullPort(const FullPort&) = delete;
  FullPort& operator=(const FullPort&) = delete;

  int port() const { return listener_.port(); }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port()); }

 private:
  Listener listener_;
  Socket fillers_[4];
};

class Server {
 public:
  explicit Server(Script script, const Options& options = {})
      : options_(options), script_(std::move(script)), listener_(options.ipv6) {
    context_ = detail::make_context(options_);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return listener_.port(); }
  std::string url(const std::string& host = {}) const {
    const std::string name = !host.empty() ? host : options_.ipv6 ? "[::1]" : "127.0.0.1";
    return (options_.tls ? "https://" : "http://") + name + ':' + std::to_string(port());
  }

  // Ends all connections and threads.
  void stop() {
    {
      std::lock_guard<std::mutex> lock(state_.mutex);
      state_.stopping = true;
      state_.changed.notify_all();
      for (Peer& peer : peers_) peer.interrupt();
    }
    listener_.refuse();
    if (acceptor_.joinable()) acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // Refuses new connections; the open ones stay.
  void stop_listening() { listener_.refuse(); }

  // Complete requests, in the order in which they became complete.
  std::vector<Request> requests() const {
    std::lock_guard<std::mutex> lock(state_.mutex);
    return state_.requests;
  }
  std::size_t request_count() const { return requests().size(); }
  Request last_request() const {
    const auto all = requests();
    return all.empty() ? Request{} : all.back();
  }
  std::size_t connection_count() const {
    std::lock_guard<std::mutex> lock(state_.mutex);
    return state_.connections;
  }

  std::size_t open_count() const {
    std::lock_guard<std::mutex> lock(state_.mutex);
    return state_.open;
  }

  bool wait_for_requests(std::size_t count) const {
    return wait([&] { return state_.requests.size() >= count; });
  }
  bool wait_for_connections(std::size_t count) const {
    return wait([&] { return state_.connections >= count; });
  }
  // Until no more than this many connections are open.
  bool wait_for_open(std::size_t count) const {
    return wait([&] { return state_.open <= count; });
  }

 private:
  template <class Condition> bool wait(Condition condition) const {
    std::unique_lock<std::mutex> lock(state_.mutex);
    return state_.changed.wait_for(lock, patience, condition);
  }

  void accept() {
    no_signal_from_sockets();
    for (Socket socket = 0; (socket = listener_.accept()) != no_socket;) {
      set_socket_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
      std::lock_guard<std::mutex> lock(state_.mutex);
      Peer& peer = peers_.emplace_back(state_, context_.get(), socket, state_.connections++);
      ++state_.open;
      state_.changed.notify_all();
      if (state_.stopping) peer.interrupt();
      threads_.emplace_back([this, &peer] { serve(peer); });
    }
  }

  void serve(Peer& peer) {
    if (!options_.tls || !options_.handshake || peer.start_tls()) script_(peer);
    peer.fin();
    std::lock_guard<std::mutex> lock(state_.mutex);
    --state_.open;
    state_.changed.notify_all();
  }

  const Options options_;
  const Script script_;
  const Listener listener_;
  detail::Context context_;
  mutable detail::State state_;
  std::list<Peer> peers_;
  std::vector<std::thread> threads_;  // the acceptor's until it has ended
  std::thread acceptor_;
};

}  // namespace lab
