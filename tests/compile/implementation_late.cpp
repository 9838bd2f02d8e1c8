// The same where the header has already come, as through another header.
#include "realtimekit.hpp"
#define REALTIMEKIT_IMPLEMENTATION
#include "realtimekit.hpp"
