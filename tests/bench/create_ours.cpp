// The call with realtimekit.hpp and its default transport, which reads SSL_CERT_FILE.
#include "ours.hpp"

int main(int argc, char** argv) {
  return bench::run<Ours<realtimekit::HttplibTransport>>(argc, argv, true);
}
