// The implementation half, compiled once: with -DREALTIMEKIT_SEPARATE_COMPILATION. The interface half
// comes first, as a shared library exports what is declared there and hides the rest.
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
#include "realtimekit.hpp"
#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#define REALTIMEKIT_IMPLEMENTATION
#include "realtimekit.hpp"
