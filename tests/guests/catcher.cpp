// Catches by type what comes out of a shared library.
#include "realtimekit.hpp"

void use_an_error();

int main() {
  try {
    use_an_error();
  } catch (const realtimekit::Exception& exception) {
    return exception.error().message == "of the library" ? 0 : 1;
  } catch (...) {
    return 2;
  }
  return 3;
}
