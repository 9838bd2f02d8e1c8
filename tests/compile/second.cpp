// A second file of a program, which does nothing but include the header.
#include "realtimekit.hpp"
