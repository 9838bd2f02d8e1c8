// The main() of every test program.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// Where certificates are shared between threads, OpenSSL publishes what it has decoded of one by an
// atomic store. ThreadSanitizer does not see that, as the library is not built for it, and takes
// the reads for races, now and then.
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libcrypto.so\n"; }
