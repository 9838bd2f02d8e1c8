// The one file that compiles the implementation half.
#define REALTIMEKIT_IMPLEMENTATION
#include "realtimekit.hpp"
