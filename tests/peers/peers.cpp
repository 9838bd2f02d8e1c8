// The client of tests/peers/run.sh, which starts real servers and proxies for it.
//
//     peers prepare DIRECTORY COUNT    writes ca.pem, server.pem and server.key; prints free ports
//     peers await PORT                 returns when somebody listens there
//     peers create PREFIX URL CA PROXY CALLS THREADS [RELOADS COMMAND]
//         Creates livestreams named PREFIX-1, PREFIX-2, ... with one client, and prints a line for
//         each: name, outcome (ok, not_sent, unknown, answered), attempts, milliseconds, error.
//         COMMAND runs RELOADS times while the calls go on, which they do until the last has ended.
//     peers stalls CA CALLS [URL PROXY]...
//         Warm creates one after the other, each over every route in turn. Prints for each route
//         how many took so long as if an acknowledgement came late. PROXY: "direct" for none
#include "../live/lab.hpp"
#include "realtimekit.hpp"

#include <cstdio>

namespace rtk = realtimekit;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Arguments = std::vector<std::string>;

namespace {

std::chrono::milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

rtk::Client make_client(const std::string& url, const std::string& ca_file,
                        const std::string& proxy) {
  rtk::Config config;
  config.account_id = "peers-account";
  config.app_id = "peers-app";
  config.api_token = "peers-token-6d2f";
  config.base_url = url + "/client/v4";
  config.timeout = 15s;  // far more than is needed: a call that meets it has failed
  config.total_timeout = 30s;
  config.retry.base = 50ms;
  rtk::HttplibTransport::Options options;
  options.ca_file = ca_file;
  options.proxy = proxy;
  return rtk::Client{std::move(config), rtk::HttplibTransport{std::move(options)}};
}

const char* outcome_of(const rtk::Result<rtk::Livestream>& result) {
  if (result) return "ok";
  switch (result.error().delivery) {
    case rtk::Delivery::not_sent: return "not_sent";
    case rtk::Delivery::unknown: return "unknown";
    case rtk::Delivery::answered: return "answered";
  }
  return "?";
}

class Socket {
 public:
  explicit Socket(int port) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
  }
  ~Socket() { ::close(socket_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool bind() const { return ::bind(socket_, address(), sizeof address_) == 0; }
  bool connect() const { return ::connect(socket_, address(), sizeof address_) == 0; }

 private:
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }

  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
};

// Ports that the system gives to no client, or one might be taken before its server starts.
int prepare(const Arguments& arguments) {
  const sandbox::ServerFiles files(arguments.at(0));
  auto wanted = std::stoul(arguments.at(1));
  for (int port = 10'000 + ::getpid() % 1000 * 20; wanted > 0 && port < 32'000; ++port) {
    if (!Socket(port).bind()) continue;
    std::printf("%d\n", port);
    --wanted;
  }
  return wanted == 0 ? 0 : 1;
}

int await(const Arguments& arguments) {
  const int port = std::stoi(arguments.at(0));
  for (const auto begin = Clock::now(); since(begin) < lab::patience;) {
    if (Socket(port).connect()) return 0;
    std::this_thread::sleep_for(10ms);
  }
  return 1;
}

int create(const Arguments& arguments) {
  const auto client = make_client(arguments.at(1), arguments.at(2), arguments.at(3));
  const auto calls = std::stoul(arguments.at(4));
  const auto reloads = arguments.size() > 6 ? std::stoul(arguments.at(6)) : 0;

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t begun = 0, ended = 0;
  bool reloading = reloads > 0;
  const auto call = [&] {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex);
      if (!reloading && begun >= calls) return;
      const std::string name = arguments.at(0) + '-' + std::to_string(++begun);
      lock.unlock();
      const auto begin = Clock::now();
      const auto result = client.send(rtk::livestreams::Create{name});
      const auto took = since(begin);
      lock.lock();
      std::printf("%s %s %d %d %s\n", name.c_str(), outcome_of(result),
                  result ? 1 : result.error().attempts, static_cast<int>(took.count()),
                  result ? "" : result.error().to_string().c_str());
      ++ended;
      changed.notify_all();
    }
  };
  std::vector<std::thread> threads(std::stoul(arguments.at(5)));
  for (auto& thread : threads) thread = std::thread(call);

  int status = 0;
  for (std::size_t i = 0; i < reloads && status == 0; ++i) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return ended >= calls * (i + 1) / (reloads + 1); });
    lock.unlock();
    status = std::system(arguments.at(7).c_str());
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    reloading = false;
  }
  for (auto& thread : threads) thread.join();
  return status == 0 ? 0 : 1;
}

int stalls(const Arguments& arguments) {
  struct Route {
    rtk::Client client;
    int stalls = 0;
  };
  std::list<Route> routes;
  for (std::size_t i = 2; i < arguments.size(); i += 2) {
    routes.push_back({make_client(arguments[i], arguments[0], arguments.at(i + 1))});
  }
  const auto calls = std::stoul(arguments.at(1));
  for (std::size_t i = 0; i <= calls; ++i) {
    for (Route& route : routes) {
      const auto begin = Clock::now();
      const auto result = route.client.send(rtk::livestreams::Create{"stalls"});
      // Linux acknowledges late after 40 ms. The first call connects.
      if (i > 0 && Clock::now() - begin > 35ms) ++route.stalls;
      if (!result) {
        std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
        return 1;
      }
    }
  }
  for (const Route& route : routes) std::printf("%d ", route.stalls);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  const Arguments all(values + 1, values + count);
  const std::string command = all.empty() ? "" : all[0];
  const Arguments arguments(all.begin() + (all.empty() ? 0 : 1), all.end());
  if (command == "prepare") return prepare(arguments);
  if (command == "await") return await(arguments);
  if (command == "create") return create(arguments);
  if (command == "stalls") return stalls(arguments);
  return 2;
}
