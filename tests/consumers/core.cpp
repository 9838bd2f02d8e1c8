// A program with an HTTP stack of its own, which needs nlohmann/json alone: what Conan's test package
// does without the default transport.
#ifndef REALTIMEKIT_NO_HTTPLIB
#error "the default transport is not left out"
#endif
#include "test_package.cpp"
