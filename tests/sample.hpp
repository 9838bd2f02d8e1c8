// Where one rule is tried thousands of times, and a part of that will do.
#pragma once

#include <cstddef>
#include <cstdlib>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

// One in so many is tried by `sh tests/run.sh`; under valgrind, which takes 20 times as long, too.
// Primes, so that these are of all kinds.
inline std::size_t one_in(std::size_t quick, std::size_t on_valgrind) {
  if (RUNNING_ON_VALGRIND) return on_valgrind;
  return std::getenv("TESTS_QUICK") ? quick : 1;
}
