// Macros as engines and systems define them, before the header is included. Those of the standard
// library and of nlohmann come first: it is realtimekit.hpp that must bear them, and keep them.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <clocale>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>
#ifndef REALTIMEKIT_SEPARATE_COMPILATION
#include <nlohmann/json.hpp>
#endif
#ifdef WITH_HTTPLIB
#include <httplib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#endif

#undef DELETE
#undef DEFAULT
#undef NO_ERROR

// Unreal Engine
#define check(expression) @garbage
#define checkf(expression, ...) @garbage
#define checkSlow(expression) @garbage
#define checkCode(code) @garbage
#define checkNoEntry() @garbage
#define verify(expression) @garbage
#define verifyf(expression, ...) @garbage
#define ensure(expression) @garbage
#define ensureMsgf(expression, ...) @garbage
#define ensureAlways(expression) @garbage
#define unimplemented() @garbage
#define TEXT(quote) @garbage
#define UE_LOG(category, verbosity, ...) @garbage
#define LOCTEXT(key, text) @garbage
#define FORCEINLINE @garbage
#define INDEX_NONE @garbage
#define PI @garbage
// Apple's AssertMacros.h, as it was
#define require(assertion, label) @garbage
#define require_noerr(error, label) @garbage
#define check_noerr(error) @garbage
#define verify_noerr(error) @garbage
// X11
#define None @garbage
#define Bool @garbage
#define Status @garbage
#define True @garbage
#define False @garbage
#define Success @garbage
#define Always @garbage
#define Above @garbage
#define Below @garbage
#define Unsorted @garbage
#define Complex @garbage
#define CursorShape @garbage
#define DestroyAll @garbage
#define GrayScale @garbage
#define KeyPress @garbage
// Qt
#define signals @garbage
#define slots @garbage
#define emit @garbage
#define foreach(variable, container) @garbage
#define forever @garbage
// Windows
#define min(a, b) @garbage
#define max(a, b) @garbage
#define small @garbage
#define near @garbage
#define far @garbage
#define ERROR @garbage
#define NO_ERROR @garbage
#define DELETE @garbage
#define IN @garbage
#define OUT @garbage
#define OPTIONAL @garbage
#define interface @garbage
#define THIS @garbage
#define STRICT @garbage
#define VOID @garbage
#define CONST @garbage
#define GetMessage @garbage
#define SendMessage @garbage
#define GetObject @garbage
#define CreateEvent @garbage
#define Yield() @garbage
// Arduino
#define abs(x) @garbage
#define round(x) @garbage
#define bit(b) @garbage
#define lowByte(w) @garbage
#define highByte(w) @garbage
#define F(text) @garbage
#define HIGH @garbage
#define LOW @garbage
#define INPUT @garbage
#define OUTPUT @garbage
#define DEFAULT @garbage
#define EXTERNAL @garbage
// syslog, sys/sysmacros.h, complex.h, termios.h, ctype.h of some systems
#undef major
#undef minor
#undef I
#undef B0
#define LOG_INFO @garbage
#define LOG_DEBUG @garbage
#define major(device) @garbage
#define minor(device) @garbage
#define I @garbage
#define B0 @garbage
#define _N @garbage
#define _X @garbage
#define _L @garbage
// Test frameworks and logging
#define CHECK(expression) @garbage
#define REQUIRE(expression) @garbage
#define FAIL(text) @garbage
#define LOG(level) @garbage
#define DEBUG @garbage
#define INFO @garbage
#define VERSION @garbage
// Names of attributes
#define visibility @garbage

#include "realtimekit.hpp"

#if !defined(check) || !defined(verify) || !defined(ensure) || !defined(TEXT) ||              \
    !defined(require) || !defined(None) || !defined(emit) || !defined(min) || !defined(I) ||  \
    !defined(max) || !defined(small) || !defined(near) || !defined(far) || !defined(ERROR) || \
    !defined(DELETE) || !defined(IN) || !defined(OUT) || !defined(interface)
#error "a macro of somebody else's is gone"
#endif

int main() {
  const realtimekit::BasicClient client{realtimekit::Config{}, [](const realtimekit::HttpRequest&) {
                                          return realtimekit::HttpResponse{};
                                        }};
  const auto live = (realtimekit::livestreams::ensure)(client, "launch", {});
  return live || client.send(realtimekit::livestreams::Create{"launch"}) ? 1 : 0;
}
