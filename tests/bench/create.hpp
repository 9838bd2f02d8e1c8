// What the programs of tests/bench/ that create livestreams share. Each has a class with create(),
// which throws if the call fails, and calls bench::run<THE CLASS>() in main():
//
//     PROGRAM CALLS [THREADS]    one first call, then CALLS more, from so many threads (default: 1).
//                                Prints the microseconds that each of these took
//
// BENCH_PORT is where the server listens, SSL_CERT_FILE its certificate.
#pragma once

#include <atomic>
#include <chrono>
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

// Calls until `calls` have been made in all; returns the microseconds for each. The clock starts
// when every thread has a connection, or nearly so.
template <class Caller>
double make(const std::vector<Caller*>& callers, std::int64_t calls, std::int64_t warm_up) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::int64_t> next{0};
  Clock::time_point begin = Clock::now();
  std::vector<std::thread> threads;
  const auto work = [&](Caller* caller) {
    for (std::int64_t call; (call = next++) < warm_up + calls;) {
      if (call == warm_up) begin = Clock::now();
      caller->create();
    }
  };
  for (std::size_t i = 1; i < callers.size(); ++i) threads.emplace_back(work, callers[i]);
  work(callers[0]);
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double, std::micro> spent = Clock::now() - begin;
  return spent.count() / static_cast<double>(calls);
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
  if (calls > 0) std::cout << make(callers, calls, threads > 1 ? calls / 5 : 0) << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << argv[0] << ": " << error.what() << '\n';
  return 1;
}

}  // namespace bench
