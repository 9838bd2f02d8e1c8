// WRONG: what an operation of one's own lacks.
#include "realtimekit.hpp"

namespace rtk = realtimekit;

struct Nothing {
  template <class Fields> static void fields(Fields&) {}
};
struct NoFields {};

struct Wrong {
#if WRONG != 1
  static constexpr rtk::Route route{rtk::Method::get, "/things", rtk::Repeat::harmless};
#endif
#if WRONG == 4
  using Response = NoFields;
#elif WRONG != 2
  using Response = Nothing;
#endif
#if WRONG != 3
  template <class Fields> static void fields(Fields&) {}
#endif
};

int main() { return rtk::to_http(rtk::Config{}, Wrong{}) ? 0 : 1; }
