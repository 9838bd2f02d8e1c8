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

using lab::slowness;

// How long a call may take beyond its deadline; alone on the machine; after a cancel.
inline const milliseconds overrun_allowed = milliseconds(100) * slowness;
inline const milliseconds overshoot_allowed = milliseconds(50) * slowness;
inline const milliseconds cancel_allowed = milliseconds(50) * slowness;

// Runs the matrix with doctest's checks, and prints one line "summary: ...".
void check_matrix(const Transport& transport);

}  // namespace faults
