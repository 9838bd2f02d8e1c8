// What the tests of faults share.
#pragma once

#include "../live/lab.hpp"
#include "realtimekit.hpp"

#include <chrono>
#include <functional>

namespace faults {

namespace rtk = realtimekit;
using std::chrono::milliseconds;

using Send = std::function<rtk::Result<rtk::HttpResponse>(const rtk::HttpRequest&)>;

struct Transport {
  const char* name;
  std::function<Send()> make;  // one that trusts lab::ca_file()
};

// A sanitizer makes a program five to fifteen times slower, and most of a short call is computing.
// Under one, deadlines are that many times longer, and so is what a call may take beyond them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int slowness = 5;
#else
inline constexpr int slowness = 1;
#endif

// How long a call may take beyond its deadline; alone on the machine; after a cancel.
inline constexpr milliseconds overrun_allowed = milliseconds(100) * slowness;
inline constexpr milliseconds overshoot_allowed = milliseconds(50) * slowness;
inline constexpr milliseconds cancel_allowed = milliseconds(50) * slowness;

// Runs the matrix with doctest's checks, and prints one line "summary: ...".
void check_matrix(const Transport& transport);

}  // namespace faults
