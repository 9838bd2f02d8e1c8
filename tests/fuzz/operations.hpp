// One of the operations, chosen by its place in the list.
#pragma once

#include "../operations.hpp"
#include "realtimekit.hpp"

namespace rtk = realtimekit;

namespace fuzz {

#define PLUS_ONE(Op, id) +1
inline constexpr std::size_t operation_count = 0 FOR_EACH_OPERATION(PLUS_ONE);
#undef PLUS_ONE

// Calls f with a null pointer to the type of the operation.
template <class F> void with_operation(std::size_t choice, F f) {
  std::size_t i = 0;
#define CALL(Op, id) \
  if (i++ == choice) f(static_cast<rtk::Op*>(nullptr));
  FOR_EACH_OPERATION(CALL)
#undef CALL
}

}  // namespace fuzz
