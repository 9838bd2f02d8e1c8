// Other people's headers define such names. Those of the standard library and of nlohmann come
// first here: it is this header that must bear the macros, and leave them as they were.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iosfwd>
#include <limits>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>
#ifndef REALTIMEKIT_SEPARATE_COMPILATION
#include <nlohmann/json.hpp>
#endif

#define min(a, b) @garbage
#define max(a, b) @garbage
#define small @garbage
#define near @garbage
#define far @garbage
#define ERROR @garbage
#define DELETE @garbage
#define IN @garbage
#define OUT @garbage
#define interface @garbage

#include "realtimekit.hpp"

#if !defined(min) || !defined(max) || !defined(small) || !defined(near) || !defined(far) || \
    !defined(ERROR) || !defined(DELETE) || !defined(IN) || !defined(OUT) || !defined(interface)
#error "a macro of somebody else's is gone"
#endif

int main() {
  const realtimekit::BasicClient client{realtimekit::Config{}, [](const realtimekit::HttpRequest&) {
                                          return realtimekit::HttpResponse{};
                                        }};
  return client.send(realtimekit::livestreams::Create{"launch"}) ? 1 : 0;
}
