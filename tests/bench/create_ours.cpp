// The call with realtimekit.hpp and its default transport.
#include "ours.hpp"

struct WithHttplib : Ours<realtimekit::HttplibTransport> {
  WithHttplib() : Ours(realtimekit::HttplibTransport({bench::ca_file()})) {}
};

int main(int argc, char** argv) { return bench::run<WithHttplib>(argc, argv, true); }
