// WRONG: which of the mistakes one can make with a transport.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

struct Wrong {
#if WRONG == 1  // no call operator
  int state = 0;
#elif WRONG == 2  // the wrong argument
  rtk::HttpResponse operator()(const std::string&) const { return {}; }
#elif WRONG == 3  // wants to change the request
  rtk::HttpResponse operator()(rtk::HttpRequest&) const { return {}; }
#elif WRONG == 4  // returns something else
  std::string operator()(const rtk::HttpRequest&) const { return {}; }
#elif WRONG == 5  // returns nothing
  void operator()(const rtk::HttpRequest&) const {}
#endif
};

int main() {
#if WRONG == 6  // a lambda with the wrong argument
  rtk::BasicClient client{rtk::Config{}, [](const rtk::Config&) { return rtk::HttpResponse{}; }};
#else
  rtk::BasicClient client{rtk::Config{}, Wrong{}};
#endif
  return client.send(rtk::livestreams::Create{"launch"}) ? 0 : 1;
}
