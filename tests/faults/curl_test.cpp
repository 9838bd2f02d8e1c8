// The transport of examples/custom_transport_curl.cpp, as it stands there, through all of it.
#define main example_main
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"  // main() alone may do without
#include "custom_transport_curl.cpp"
#pragma GCC diagnostic pop
#undef main

#include "faults.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

namespace {

// It finds the lab's authority in the environment.
class WithCurl {
 public:
  WithCurl() { ::setenv("SSL_CERT_FILE", lab::ca_file().c_str(), 1); }
  ~WithCurl() { ::unsetenv("SSL_CERT_FILE"); }
  WithCurl(const WithCurl&) = delete;
  WithCurl& operator=(const WithCurl&) = delete;

  const faults::Transport transport{
      "libcurl", [](const std::string&) { return faults::Send(curl_transport); }};
};

}  // namespace

TEST_CASE("libcurl: whatever fails in an exchange, one create makes one livestream at most") {
  faults::check_matrix(WithCurl().transport, false);
}
