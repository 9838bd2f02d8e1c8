// What the tests of faults share.
#pragma once

#include "../live/lab.hpp"
#include "realtimekit.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace faults {

namespace rtk = realtimekit;
using std::chrono::milliseconds;

using Send = std::function<rtk::Result<rtk::HttpResponse>(const rtk::HttpRequest&)>;

struct Transport {
  const char* name;
  // One that trusts lab::ca_file() and goes through this proxy, or none if that is empty.
  std::function<Send(const std::string& proxy)> make;
};

using lab::slowness;

// How long a call may take beyond its deadline; alone on the machine; after a cancel. What is wanted
// is 20 ms and 10 ms, which a quiet machine shows in the lines "summary: ..."; a busy one is late by
// itself. Whoever woke up only now and then to look would be later than that.
inline const milliseconds overrun_allowed = milliseconds(200) * slowness;
inline const milliseconds overshoot_allowed = milliseconds(100) * slowness;
inline const milliseconds cancel_allowed = milliseconds(100) * slowness;

// Runs the matrix with doctest's checks, and prints one line "summary: ...".
void check_matrix(const Transport& transport, bool proxied);

}  // namespace faults
