// What waiting costs, timeouts that are far from any real one, and signals that come meanwhile.
#include "child.hpp"
#include "names.hpp"

#ifndef _WIN32
#include <sys/time.h>
#include <time.h>
#endif

#include <atomic>
#include <iostream>

namespace {

std::chrono::microseconds processor_time() {
#ifdef _WIN32
  FILETIME unused, kernel, user;
  ::GetProcessTimes(::GetCurrentProcess(), &unused, &unused, &kernel, &user);
  const auto ticks = [](const FILETIME& time) {  // of 100 ns
    return std::int64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime;
  };
  return std::chrono::microseconds((ticks(kernel) + ticks(user)) / 10);
#else
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000);
#endif
}

rtk::HttpRequest create_request(const lab::Server& server) {
  return rtk::to_http(config_for(server), Create{"launch"}).value();
}

}  // namespace

TEST_CASE("a call that waits costs no processor time") {
  constexpr int calls = 200;
  lab::Server server([](lab::Peer& peer) { peer.stall(); }, lab::plain());
  const auto client = client_for(server);
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  std::vector<std::thread> threads;
  for (int i = 0; i < calls; ++i) {
    threads.emplace_back(
        [&] { CHECK(client.send(Create{"launch"}, options).error().kind == ErrorKind::canceled); });
  }
  CHECK(server.wait_for_requests(calls));
  // Of several spans of time, the cheapest: right after the last request, some are busy yet.
  auto least = std::chrono::microseconds::max();
  for (int i = 0; i < 5; ++i) {
    const auto before = processor_time();
    std::this_thread::sleep_for(200ms);
    least = (std::min)(least, processor_time() - before);
  }
  options.cancel.cancel();
  for (std::thread& thread : threads) thread.join();
  std::cout << "summary: " << calls << " calls that wait for 200 ms take " << least.count()
            << " us of processor time" << std::endl;
  CHECK(least < 5ms * lab::slowness);
}

TEST_CASE("timeouts of any length are those of a call that succeeds") {
  using std::chrono::milliseconds, std::chrono::seconds;
  lab::Server server([](lab::Peer& peer) {  // whose answers have to be waited for
    const std::string answer = lab::Peer::head(201, lab::created.size()).append(lab::created);
    while (peer.read_request() && peer.drip(answer.substr(0, 9), 2ms)) peer.send(answer.substr(9));
  });
  // 2^32 - 999, which is negative in 32 bits; what overflows as micro- or nanoseconds.
  const milliseconds long_ones[] = {4294966297ms, 4294967296ms, 9223372036855ms,
                                    (milliseconds::max)() - 1ms, (milliseconds::max)()};
  for (const milliseconds timeout : long_ones) {
    CAPTURE(timeout.count());
    auto request = create_request(server);
    request.timeout = timeout;
    CHECK(rtk::HttplibTransport{trusting()}(request));
    auto options = trusting();
    options.connect_timeout = timeout;
    CHECK(rtk::HttplibTransport{options}(request));
    CHECK(rtk::HttplibTransport{options}(create_request(server)));
  }
  for (const seconds idle : {seconds(4294966297), (seconds::max)() - 1s, (seconds::max)()}) {
    CAPTURE(idle.count());
    auto options = trusting();
    options.idle_timeout = idle;
    const rtk::HttplibTransport transport{options};
    const auto before = server.connection_count();
    for (int i = 0; i < 3; ++i) CHECK(transport(create_request(server)));
    CHECK(server.connection_count() == before + 1);
  }
}

TEST_CASE("a timeout that is negative is over at once") {
  using std::chrono::milliseconds;
  lab::Server server(lab::answering(201, lab::created));
  for (const milliseconds timeout :
       {(milliseconds::min)(), (milliseconds::min)() + 1ms, -1ms, 0ms}) {
    CAPTURE(timeout.count());
    auto request = create_request(server);
    request.timeout = timeout;
    const auto late = rtk::HttplibTransport{trusting()}(request);
    CHECK(late.error().kind == ErrorKind::timeout);
    CHECK(late.error().delivery == Delivery::not_sent);
    auto options = trusting();
    options.connect_timeout = timeout;
    const auto unconnected = rtk::HttplibTransport{options}(create_request(server));
    CHECK(unconnected.error().kind == ErrorKind::timeout);
    CHECK(unconnected.error().delivery == Delivery::not_sent);
  }
  CHECK(server.request_count() == 0);
}

TEST_CASE("an idle_timeout that is negative keeps no connection") {
  using std::chrono::seconds;
  lab::Server server(lab::answering(201, lab::created));
  for (const seconds idle : {(seconds::min)(), (seconds::min)() + 1s, -1s}) {
    CAPTURE(idle.count());
    auto options = trusting();
    options.idle_timeout = idle;
    const rtk::HttplibTransport transport{options};
    const auto before = server.connection_count();
    for (int i = 0; i < 2; ++i) CHECK(transport(create_request(server)));
    CHECK(server.connection_count() == before + 2);  // none is kept
  }
}

#ifndef _WIN32
// ---- Signals

namespace {

const int stormy[] = {SIGHUP,  SIGINT,  SIGTERM, SIGUSR1, SIGUSR2,
                      SIGALRM, SIGCHLD, SIGPROF, SIGWINCH};

// Of the thread: whether the program, and not the client, has started it.
thread_local volatile bool is_of_program = false;
std::atomic<int> handled_here{0}, handled_elsewhere{0};

void handle(int) { ++(is_of_program ? handled_here : handled_elsewhere); }

}  // namespace

TEST_CASE("in a child: a storm of signals" * doctest::skip()) {
  constexpr const char* host = "slow.example.invalid";
  is_of_program = true;
  sigset_t storm;
  sigemptyset(&storm);
  for (const int signal : stormy) {
    struct sigaction action {};
    action.sa_handler = handle;  // without SA_RESTART: waits are interrupted
    ::sigaction(signal, &action, nullptr);
    sigaddset(&storm, signal);
  }
  // Linux prefers the first thread for a process's signals: so that one blocks them.
  ::pthread_sigmask(SIG_BLOCK, &storm, nullptr);
  std::atomic<int> lookups{0}, lookups_with_signals{0};
  const lab::Name name(host, {"127.0.0.1"}, [&] {
    ++lookups;
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    for (const int signal : stormy) {
      if (!is_of_program && !sigismember(&blocked, signal)) ++lookups_with_signals;
    }
    std::this_thread::sleep_for(2ms);  // is what a slow lookup is
  });
  const std::string url = ::getenv("LAB_URL");
  const auto slow_url = "https://" + std::string(host) + url.substr(url.rfind(':'));

  std::atomic<int> running{4}, failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      is_of_program = true;
      ::pthread_sigmask(SIG_UNBLOCK, &storm, nullptr);
      for (int call = 0; call < 50; ++call) {
        auto config = config_for(slow_url);
        config.retry.max_attempts = 1;
        if (!client_for(config, trusting_parent()).send(Create{})) ++failures;
      }
      ::pthread_sigmask(SIG_BLOCK, &storm, nullptr);
      --running;
    });
  }
  const itimerval each_millisecond{{0, 1000}, {0, 1000}};
  ::setitimer(ITIMER_REAL, &each_millisecond, nullptr);
  for (std::size_t i = 0; running > 0; ++i) {
    ::kill(::getpid(), stormy[i % std::size(stormy)]);
    // Also to a thread of the program's own.
    if (i % 8 == 0) ::pthread_kill(threads[i / 8 % 4].native_handle(), SIGUSR1);
    std::this_thread::sleep_for(20us);
  }
  const itimerval never{};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(lookups > 0);
  CHECK(lookups_with_signals == 0);
  CHECK(handled_here > 0);
  CHECK(handled_elsewhere == 0);
}

TEST_CASE("signal handlers run on the program's own threads only, and disturb no call") {
  const auto certificate = lab::authority().issue({"slow", {"slow.example.invalid"}});
  lab::Server server(lab::answering(201, lab::created), lab::with(certificate));
  check_in_child("in a child: a storm of signals", server);
}

#endif
