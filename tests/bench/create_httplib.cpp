// The call by hand, with cpp-httplib.
#include "by_hand.hpp"
#include "create.hpp"

#include <httplib.h>

class ByHand {
 public:
  ByHand() {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_connection_timeout(5);
    client_.set_read_timeout(30);
    client_.set_ca_cert_path(bench::ca_file().c_str());
    client_.set_default_headers({{"Authorization", std::string("Bearer ") + bench::token},
                                 {"Accept", "application/json"},
                                 {"User-Agent", "by-hand/1.0"}});
  }

  void create() {
    const auto answer =
        client_.Post(bench::path, by_hand::create_body("launch"), "application/json");
    if (!answer) throw std::runtime_error(httplib::to_string(answer.error()));
    const auto live = by_hand::created(answer->status, answer->body);
    bench::check(!live.stream_key.empty(), "create");
  }

 private:
  httplib::SSLClient client_{bench::host, bench::port()};
};

int main(int argc, char** argv) { return bench::run<ByHand>(argc, argv); }
