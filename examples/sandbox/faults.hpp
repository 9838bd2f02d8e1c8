// The HTTP side of the sandbox. It rejects what Cloudflare's gateway rejects, finds the operation
// of a request, and applies the fault that was selected for it.
#pragma once

#include <httplib.h>
#include <netdb.h>  // getnameinfo
#include <poll.h>
#include <signal.h>  // sigwait, pthread_sigmask
#include <sys/socket.h>
#include <unistd.h>  // dup2

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "request.hpp"  // Call, Answer, Refusal

namespace sandbox {

// ---- Connections. httplib's server hides its sockets: they are found by the address of the peer.

using Endpoint = std::optional<std::pair<std::string, int>>;  // IP address and port

// Returns one end of the connection `fd`, or empty if `fd` is not a connection. `get` is
// ::getpeername or ::getsockname.
template <class Get> Endpoint endpoint(int fd, Get get) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (get(fd, address, &size) != 0) return std::nullopt;
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return std::nullopt;
  char host[NI_MAXHOST], port[NI_MAXSERV];
  const int numeric = NI_NUMERICHOST | NI_NUMERICSERV;
  if (::getnameinfo(address, size, host, sizeof host, port, sizeof port, numeric) != 0) {
    return std::nullopt;
  }
  return std::make_pair(std::string(host), std::atoi(port));
}

constexpr int first_descriptor = 3, last_descriptor = 4095;  // more than the server's threads use

inline int socket_of(const httplib::Request& request) {
  const Endpoint client = std::make_pair(request.remote_addr, request.remote_port);
  for (int fd = first_descriptor; fd <= last_descriptor; ++fd) {
    if (endpoint(fd, ::getpeername) == client) return fd;
  }
  return -1;
}

// Ends every connection to the port, and with it every wait below.
inline void hang_up_on_everyone(int port) {
  for (int fd = first_descriptor; fd <= last_descriptor; ++fd) {
    const Endpoint own = endpoint(fd, ::getsockname);
    if (own && own->second == port) ::shutdown(fd, SHUT_RDWR);
  }
}

// The request has been read: the socket becomes readable when the client closes the connection.
inline void wait_until_client_leaves(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  if (fd >= 0) ::poll(&waiting, 1, -1);
}

// ---- Faults.

struct Exchange {
  const httplib::Request& request;
  httplib::Response& response;
  Answer answer;  // the response without the fault; empty if the operation was not executed
};

inline void say(Exchange& exchange, int status, const std::string& text,
                const char* type = "application/json") {
  exchange.response.status = status;
  exchange.response.set_content(text, type);
}

inline void say_error(Exchange& exchange, int status, int code, const std::string& message) {
  say(exchange, status, Refusal{code, message}.answer().text());
}

inline void say_html(Exchange& exchange, int status, const std::string& title) {
  say(exchange, status,
      "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head>\n<body><h1>" + title +
          "</h1><p>cloudflare</p></body></html>\n",
      "text/html");
}

inline void throttle(Exchange& exchange, const std::string& seconds) {
  exchange.response.set_header("Retry-After", seconds);
  say(exchange, 429,
      R"({"code":971,"message":"Please wait and consider throttling your request speed"})");
}

inline void redirect(Exchange& exchange) {
  exchange.response.status = 302;
  exchange.response.set_header("Location", exchange.request.path);
}

inline void hang_up(Exchange& exchange) { ::shutdown(socket_of(exchange.request), SHUT_RDWR); }

// Closes the connection with TLS's close_notify, as a proxy does. Clients with cpp-httplib 0.12.1
// or newer may take this for the end of an idle connection and send the request again.
inline void close_politely(Exchange& exchange) {
  const auto* const tls = static_cast<const SSL*>(exchange.request.ssl);
  if (tls) SSL_shutdown(const_cast<SSL*>(tls));
  hang_up(exchange);
}

// Replaces the connection by an unconnected socket, which closes it at once, with RST.
inline void reset(Exchange& exchange) {
  const int fd = socket_of(exchange.request);
  const int dead = ::socket(AF_INET, SOCK_STREAM, 0);
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  if (fd >= 0) ::dup2(dead, fd);
  ::close(dead);
}

inline void stall(Exchange& exchange) {
  wait_until_client_leaves(socket_of(exchange.request));
  hang_up(exchange);
}

// Sends the head and half of the body, then closes.
inline void send_half(Exchange& exchange, bool stall_first) {
  const int fd = socket_of(exchange.request);
  const std::string body = exchange.answer.text();
  exchange.response.status = exchange.answer.status;
  exchange.response.set_content_provider(
      body.size(), "application/json",
      [=](std::size_t offset, std::size_t, httplib::DataSink& sink) {
        if (offset == 0) return sink.write(body.data(), body.size() / 2);
        if (stall_first) wait_until_client_leaves(fd);
        return false;
      });
}

inline void send_300_mebibytes(Exchange& exchange) {
  exchange.response.status = exchange.answer.status;
  exchange.response.set_content_provider(
      std::size_t{300} << 20, "application/json",
      [](std::size_t, std::size_t left, httplib::DataSink& sink) {
        static const std::string blanks(1 << 16, ' ');  // JSON may begin with whitespace
        return sink.write(blanks.data(), std::min(left, blanks.size()));
      });
}

struct Fault {
  std::string name;
  bool acts;  // the request is executed before the fault
  void (*strike)(Exchange&);
};

inline const std::vector<Fault>& known_faults() {
  using X = Exchange;
  static const std::vector<Fault> all = {
      {"drop-after-create", true, hang_up},
      {"drop-before-create", false, hang_up},
      {"close-after-create", true, close_politely},
      {"reset-after-create", true, reset},
      {"stall", true, stall},
      {"stall-body", true, [](X& x) { send_half(x, true); }},
      {"truncate", true, [](X& x) { send_half(x, false); }},
      {"500-after-create", true, [](X& x) { say_error(x, 500, 500, "Error: internal error"); }},
      {"502-after-create", true, [](X& x) { say(x, 502, "error code: 502\n", "text/plain"); }},
      {"502-html-after-create", true, [](X& x) { say_html(x, 502, "502 Bad Gateway"); }},
      {"503-after-create", true, [](X& x) { say_error(x, 503, 503, "Error: unavailable"); }},
      {"504-after-create", true, [](X& x) { say(x, 504, "error code: 504\n", "text/plain"); }},
      {"520-after-create", true, [](X& x) { say_html(x, 520, "520: unknown error"); }},
      {"429", false, [](X& x) { throttle(x, "1"); }},
      {"429-long", false, [](X& x) { throttle(x, "86400"); }},
      {"success-false", false, [](X& x) { say_error(x, 200, 409, "Error: it did not work"); }},
      {"html-200", true, [](X& x) { say_html(x, 200, "Just a moment..."); }},
      {"302", false, redirect},
      {"empty-201", true, [](X& x) { say(x, 201, R"({"success":true,"data":{}})"); }},
      {"huge", true, send_300_mebibytes},
  };
  return all;
}

inline std::string fault_names() {
  std::string names;
  for (const Fault& fault : known_faults()) names += (names.empty() ? "" : " ") + fault.name;
  return names;
}

inline const Fault* fault_named(const std::string& name) {
  for (const Fault& fault : known_faults()) {
    if (fault.name == name) return &fault;
  }
  throw std::invalid_argument("no fault is named \"" + name + "\"; there are: " + fault_names());
}

// The faults of the next requests, in order.
class FaultPlan {
 public:
  void add(const std::string& spec) {  // NAME[:COUNT][@OPERATION]
    const auto at = spec.find('@'), colon = spec.substr(0, at).find(':');
    const Fault* const fault = fault_named(spec.substr(0, std::min(at, colon)));
    std::size_t count = for_ever;
    if (colon != std::string::npos) {
      count = to_number(spec.substr(colon + 1, at - colon - 1)).value_or(0);
      if (count == 0) throw std::invalid_argument("the count in " + spec + " must be positive");
    }
    const bool is_of_create = fault->name.find("create") != std::string::npos;
    const std::string all = is_of_create ? "livestreams.create" : "";
    queue_.push_back({fault, count, at == std::string::npos ? all : spec.substr(at + 1)});
  }

  // Returns the fault for the next request, which is for `operation`, or null.
  const Fault* next(const std::string& operation) {
    if (queue_.empty()) return nullptr;
    Planned& first = queue_.front();
    if (!first.operation.empty() && operation != first.operation) return nullptr;
    const Fault* const fault = first.fault;
    if (first.left != for_ever && --first.left == 0) queue_.pop_front();
    return fault;
  }

 private:
  static constexpr std::size_t for_ever = 0;
  struct Planned {
    const Fault* fault;
    std::size_t left;       // for how many more requests
    std::string operation;  // to which it applies; empty: to all
  };
  std::deque<Planned> queue_;
};

// At most `count` requests in each period of so many seconds. By default, there is no limit.
class RateLimit {
 public:
  RateLimit() = default;
  explicit RateLimit(const std::string& spec) {  // COUNT/SECONDS
    const auto slash = std::min(spec.find('/'), spec.size());
    count_ = to_number(spec.substr(0, slash)).value_or(0);
    period_ = std::chrono::seconds(to_number(spec.substr(slash).erase(0, 1)).value_or(0));
    if (count_ == 0 || period_.count() == 0) {
      throw std::invalid_argument("the rate limit " + spec + " is not COUNT/SECONDS");
    }
  }

  // Counts a request. Returns how many seconds it is too early, or 0.
  std::chrono::seconds::rep admit() {
    if (count_ == 0) return 0;
    const auto now = std::chrono::steady_clock::now();
    if (now >= end_) used_ = 0, end_ = now + period_;
    if (used_ < count_) return ++used_, 0;
    return std::chrono::ceil<std::chrono::seconds>(end_ - now).count();
  }

 private:
  std::size_t count_ = 0, used_ = 0;
  std::chrono::seconds period_{};
  std::chrono::steady_clock::time_point end_{};  // of the period
};

// ---- The gateway.

class Gateway {
 public:
  Gateway(std::string base_path, std::string token, FaultPlan plan, RateLimit limit = {})
      : base_path_(std::move(base_path)),
        token_(std::move(token)),
        plan_(std::move(plan)),
        limit_(limit) {}

  // In `path`, "{name}" matches one segment, which becomes Call::path[name].
  void route(const std::string& method, const std::string& path, const std::string& operation,
             std::function<Answer(const Call&)> handle) {
    routes_.push_back({method, split(base_path_ + path, '/'), operation, std::move(handle)});
  }

  // Handles every request that has no other handler yet.
  void attach(httplib::Server& server) {
    const httplib::Server::Handler all = [this](const httplib::Request& request,
                                                httplib::Response& response) {
      serve({request, response, {}});
    };
    server.set_pre_routing_handler(say_when_there_is_no_body);
    const char* const anything = R"([\s\S]*)";
    server.Get(anything, all).Post(anything, all).Put(anything, all);
    server.Patch(anything, all).Delete(anything, all);
  }

  // Returns the number of livestreams, of requests by operation, and of faults by name.
  Json stats(std::size_t created) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return {{"created", created}, {"requests", requests_}, {"faults", faults_}};
  }

  void clear_stats() {
    const std::lock_guard<std::mutex> lock(mutex_);
    requests_.clear();
    faults_.clear();
  }

 private:
  struct Route {
    std::string method;
    std::vector<std::string> path;
    std::string operation;
    std::function<Answer(const Call&)> handle;
  };

  void serve(Exchange exchange) {
    const httplib::Request& request = exchange.request;
    exchange.response.set_header("cf-ray", random_hex(16) + "-SBX");
    if (request.get_header_value("Accept").find("application/json") == std::string::npos) {
      return say_html(exchange, 406, "406 Not Acceptable");
    }
    Call call;
    const Route* const route = find_route(request, call);
    if (!route) return say(exchange, 404, no_such_route(request));
    count(requests_, route->operation);
    if (!authorized(exchange) || is_too_early(exchange)) return;
    try {
      const Fault* const fault = fault_for(request, route->operation);
      if (!fault || fault->acts) exchange.answer = route->handle(call);
      if (!fault) return say(exchange, exchange.answer.status, exchange.answer.text());
      count(faults_, fault->name);
      fault->strike(exchange);
    } catch (const Refusal& refusal) {
      say_error(exchange, refusal.status, refusal.status, refusal.message);
    }
  }

  // Older httplib servers reject a POST or PUT without a body and Content-Length, such as curl's.
  static httplib::Server::HandlerResponse say_when_there_is_no_body(const httplib::Request& request,
                                                                    httplib::Response&) {
    if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
      const_cast<httplib::Request&>(request).set_header("Content-Length", "0");
    }
    return httplib::Server::HandlerResponse::Unhandled;
  }

  const Route* find_route(const httplib::Request& request, Call& call) const {
    const auto segments = split(request.target.substr(0, request.target.find('?')), '/');
    for (const Route& route : routes_) {
      if (request.method != route.method) continue;
      if (match(route.path, segments, call.path)) {
        call.query.insert(request.params.begin(), request.params.end());
        call.body = request.body;
        return &route;
      }
    }
    return nullptr;
  }

  static bool match(const std::vector<std::string>& wanted, const std::vector<std::string>& given,
                    std::map<std::string, std::string>& parameters) {
    parameters.clear();
    if (wanted.size() != given.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].substr(0, 1) == "{") {
        if (given[i].empty()) return false;
        parameters[wanted[i].substr(1, wanted[i].size() - 2)] = percent_decode(given[i]);
      } else if (wanted[i] != given[i]) {
        return false;
      }
    }
    return true;
  }

  static std::string percent_decode(const std::string& text) {
    const auto is_hex = [&](std::size_t i) {
      return i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i]));
    };
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
        decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        decoded += text[i];
      }
    }
    return decoded;
  }

  std::string no_such_route(const httplib::Request& request) const {
    const bool below = request.path.compare(0, base_path_.size(), base_path_) == 0;
    const std::string path = below ? request.path.substr(base_path_.size()) : request.path;
    const std::string message =
        "Could not route to " + path + ", perhaps your object identifier is invalid?";
    const Json unroutable = {{"code", 7003}, {"message", message}};
    const Json no_route = {{"code", 7000}, {"message", "No route for that URI"}};
    return Answer{404,
                  {{"success", false},
                   {"errors", {unroutable, no_route}},
                   {"messages", Json::array()},
                   {"result", nullptr}}}
        .text();
  }

  bool authorized(Exchange& exchange) const {
    const std::string given = exchange.request.get_header_value("Authorization");
    if (given == "Bearer " + token_) return true;
    if (given.empty()) {
      say(exchange, 400,
          R"({"errors":[{"code":9106,"message":)"
          R"("Missing X-Auth-Key, X-Auth-Email or Authorization headers"}],"success":false})");
    } else if (given.compare(0, 7, "Bearer ") != 0) {
      say(exchange, 400,
          R"({"success":false,"errors":[{"code":6003,"message":"Invalid request headers",)"
          R"("error_chain":[{"code":6111,"message":"Invalid format for Authorization header"}]}],)"
          R"("messages":[],"result":null})");
    } else {
      say(exchange, 403,
          R"({"success":false,"errors":[{"code":10000,"message":"Authentication error"}],)"
          R"("messages":[],"result":null})");
    }
    return false;
  }

  bool is_too_early(Exchange& exchange) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto seconds = limit_.admit();
    if (seconds == 0) return false;
    ++faults_["rate-limit"];
    throttle(exchange, std::to_string(seconds));
    return true;
  }

  const Fault* fault_for(const httplib::Request& request, const std::string& operation) {
    const std::string asked = request.get_header_value("X-Sandbox-Fault");
    if (!asked.empty()) {
      try {
        return fault_named(asked);
      } catch (const std::invalid_argument& unknown) {
        throw Refusal{400, unknown.what()};
      }
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    return plan_.next(operation);
  }

  void count(std::map<std::string, int>& counts, const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++counts[name];
  }

  const std::string base_path_, token_;
  std::vector<Route> routes_;  // not changed after the first request
  mutable std::mutex mutex_;   // guards the members below
  FaultPlan plan_;
  RateLimit limit_;
  std::map<std::string, int> requests_, faults_;
};

// ---- Serving.

inline int to_port(const std::string& text) {
  const auto port = to_number(text);
  if (!port || *port > 65535) throw std::invalid_argument("no port: " + text);
  return static_cast<int>(*port);
}

// Leaves SIGTERM and SIGINT to serve(). Precedes the first thread: threads inherit it.
inline sigset_t block_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  struct sigaction interrupt {};
  ::sigaction(SIGINT, nullptr, &interrupt);  // a shell's background process ignores it
  if (interrupt.sa_handler != SIG_IGN) ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Serves until SIGINT or SIGTERM. If `port` is 0, selects a free port. Calls `announce` with the
// origin as soon as requests and signals are handled.
inline void serve(httplib::Server& server, bool tls, const std::string& host, int port,
                  const std::function<void(const std::string& origin)>& announce) {
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = block_signals();

  server.new_task_queue = [] { return new httplib::ThreadPool(128); };  // a stall occupies a thread
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1000000);
  server.set_keep_alive_timeout(60);
  server.set_socket_options([](int fd) {  // by default, two servers could share a port
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  const std::string wanted = host + " port " + std::to_string(port);
  if (port == 0) {
    port = server.bind_to_any_port(host);
  } else if (!server.bind_to_port(host, port)) {
    port = -1;
  }
  if (port <= 0) throw std::runtime_error("cannot listen on " + wanted);

  bool served = false;
  std::atomic<bool> done{false};
  std::thread serving([&] {
    served = server.listen_after_bind();
    done = true;
    ::kill(::getpid(), SIGTERM);  // ends sigwait() if listening failed
  });
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
  while (!server.is_running() && !done) pause();  // a server that is still starting ignores stop()
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  announce((tls ? "https://localhost:" : "http://" + shown + ":") + std::to_string(port));

  int signal = 0;
  ::sigwait(&signals, &signal);
  server.stop();
  for (; !done; pause()) hang_up_on_everyone(port);
  serving.join();
  if (!served) throw std::runtime_error("listening failed");
}

}  // namespace sandbox
