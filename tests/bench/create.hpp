// What the programs of tests/bench/ that create livestreams share. Each has a class with create(),
// which throws if the call fails, and calls bench::run<THE CLASS>() in main():
//
//     PROGRAM CALLS [THREADS]    one first call, then CALLS more, from so many threads (default: 1).
//                                Prints the microseconds that one of these took: the median, so
//                                that other programs on this machine matter less; with threads all
//                                the time that passed, divided by CALLS
//
// BENCH_PORT is where the server listens, SSL_CERT_FILE its certificate.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace bench {

inline std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : throw std::runtime_error(std::string(name) + " is not set");
}
inline int port() { return std::stoi(environment("BENCH_PORT")); }
inline std::string ca_file() { return environment("SSL_CERT_FILE"); }

inline constexpr char host[] = "127.0.0.1";
inline constexpr char path[] =
    "/client/v4/accounts/bench-account/realtime/kit/bench-app/livestreams";
inline constexpr char token[] = "bench-token-0123456789-0123456789-01234567";

inline void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string(what) + " failed");
}

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

// The median of what each call takes.
template <class Call> double median_time(std::int64_t calls, Call call) {
  std::vector<Microseconds> times;
  for (Clock::time_point begin = Clock::now(); calls > 0; --calls) {
    call();
    const Clock::time_point end = Clock::now();
    times.push_back(end - begin);
    begin = end;
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return middle->count();
}

// Each thread takes the next call until none is left. The first of them, which make the
// connections, are not counted.
template <class Caller>
double many_threads(const std::vector<Caller*>& callers, std::int64_t calls) {
  const std::int64_t warm_up = calls / 5;
  std::atomic<std::int64_t> next{0};
  Clock::time_point begin;
  std::vector<std::thread> threads;
  for (Caller* caller : callers) {
    threads.emplace_back([&, caller] {
      for (std::int64_t call; (call = next++) < warm_up + calls;) {
        if (call == warm_up) begin = Clock::now();
        caller->create();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return Microseconds(Clock::now() - begin).count() / static_cast<double>(calls);
}

// is_shared: all threads use one Caller, as a user of the library would
template <class Caller> int run(int argc, char** argv, bool is_shared = false) try {
  const std::int64_t calls = argc > 1 ? std::stoll(argv[1]) : 0;
  const std::size_t threads = argc > 2 ? std::stoul(argv[2]) : 1;
  std::vector<std::unique_ptr<Caller>> owned;
  std::vector<Caller*> callers;
  for (std::size_t i = 0; i < threads; ++i) {
    if (i == 0 || !is_shared) owned.push_back(std::make_unique<Caller>());
    callers.push_back(owned.back().get());
  }
  owned[0]->create();
  if (calls > 0 && threads > 1) std::cout << many_threads(callers, calls) << '\n';
  if (calls > 0 && threads == 1)
    std::cout << median_time(calls, [&] { owned[0]->create(); }) << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << argv[0] << ": " << error.what() << '\n';
  return 1;
}

}  // namespace bench
