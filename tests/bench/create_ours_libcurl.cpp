// The call with realtimekit.hpp and the transport of examples/custom_transport_curl.cpp, which makes
// a new connection for each call.
#define main example_main
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"  // main() alone may do without
#include "custom_transport_curl.cpp"
#pragma GCC diagnostic pop
#undef main

#include "ours.hpp"

struct CurlTransport {
  rtk::Result<rtk::HttpResponse> operator()(const rtk::HttpRequest& request) const {
    return curl_transport(request);
  }
};

int main(int argc, char** argv) { return bench::run<Ours<CurlTransport>>(argc, argv, true); }
