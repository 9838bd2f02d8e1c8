// A shared library that hides its symbols. Its one function throws what value() throws.
#include "realtimekit.hpp"

__attribute__((visibility("default"))) void use_an_error();

void use_an_error() {
  realtimekit::Error error;
  error.message = "of the library";
  realtimekit::Result<realtimekit::Livestream>(error).value();
}
