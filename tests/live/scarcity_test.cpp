// A process that is short of descriptors or of memory, or has many files open.
// POSIX only: setrlimit(), mlockall(), /proc.
#include "child.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

namespace {

// As long as it lives, the process can have so many more descriptors.
class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{128, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
    for (int file; (file = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken_.push_back(file);
    for (; count > 0 && !taken_.empty(); --count) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }
  ~FewDescriptors() {
    for (const int file : taken_) ::close(file);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

// A line of /proc/self/status, in KiB.
long status_of_process(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == name + ':' && status >> kib) return kib;
  }
  return 0;
}

// Sanitizers open files for what they see for the first time.
void warm_up() {
  const auto client = client_for(config_for_parents_server(), trusting_parent());
  CHECK(client.send(Create{"good"}));
  rtk::CallOptions options;
  options.total_timeout = 1ms;
  (void)client.send(Create{"good"}, options);
}

rtk::Config once() {
  auto config = config_for_parents_server();
  config.retry.max_attempts = 1;
  return config;
}

}  // namespace

TEST_CASE("in a child: no descriptor at first" * doctest::skip()) {
  warm_up();
  for (std::size_t free = 0; free < 8; ++free) {
    CAPTURE(free);
    const auto client = client_for(once(), trusting_parent());
    {
      const FewDescriptors few(free);
      const auto result = client.send(Create{"launch"});
      if (free == 0) CHECK(!result);
      if (!result) CHECK(result.error().delivery == Delivery::not_sent);
    }
    CHECK(client.send(Create{"launch"}));
  }
  // A connection is kept, and another one is needed.
  const auto client = client_for(once(), trusting_parent());
  REQUIRE(client.send(Create{"close"}));
  {
    const FewDescriptors few(0);
    CHECK(client.send(Create{"launch"}).error().delivery == Delivery::not_sent);
  }
  CHECK(client.send(Create{"launch"}));
}

TEST_CASE("in a child: no descriptor for the default certificates" * doctest::skip()) {
  warm_up();
  const Environment file("SSL_CERT_FILE", std::getenv("LAB_CA_FILE"));
  const Environment directory("SSL_CERT_DIR", nullptr);
  for (std::size_t free = 0; free < 8; ++free) {
    CAPTURE(free);
    const auto client = client_for(once(), {});
    {
      const FewDescriptors few(free);
      const auto result = client.send(Create{"launch"});
      if (free == 0) CHECK(!result);
      if (!result) CHECK(result.error().delivery == Delivery::not_sent);
    }
    CHECK(client.send(Create{"launch"}));
  }
}

TEST_CASE("certificates for which there was no descriptor are read by the next call") {
  lab::Server server(lab::answering(201, lab::created));
  check_in_child("in a child: no descriptor for the default certificates", server);
}

TEST_CASE("a call that had no descriptor fails unsent, and the next one succeeds") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(
        [](lab::Peer& peer) {
          while (const auto request = peer.read_request()) {
            const bool last = contains(request->body, "close");
            peer.answer(201, lab::created, last ? "Connection: close\r\n" : "");
          }
        },
        tls ? lab::Options{} : lab::plain());
    check_in_child("in a child: no descriptor at first", server);
  }
}

TEST_CASE("in a child: few descriptors and an answer without an end" * doctest::skip()) {
  warm_up();
  for (std::size_t free = 0; free < 8; ++free) {
    CAPTURE(free);
    auto client = std::make_unique<const rtk::Client>(client_for(once(), trusting_parent()));
    CHECK(client->send(Create{"good"}));
    const FewDescriptors few(free);
    rtk::CallOptions options;
    options.total_timeout = 200ms;
    CHECK(!client->send(Create{"drip"}, options));
    const auto begin = Clock::now();
    client.reset();
    CHECK(since(begin) < 2s);
  }
}

TEST_CASE("a client that is short of descriptors goes at once") {
  lab::Server server([](lab::Peer& peer) {
    const auto request = peer.read_request();
    if (!request) return;
    if (contains(request->body, "good")) {
      peer.answer(201, lab::created, "Connection: close\r\n");
      return peer.close();
    }
    if (peer.send(lab::Peer::head(201, 4000))) peer.drip(std::string(4000, ' '), 5ms);
  });
  check_in_child("in a child: few descriptors and an answer without an end", server);
}

TEST_CASE("in a child: 1 100 open files" * doctest::skip()) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  REQUIRE(limit.rlim_max >= 1300);
  limit.rlim_cur = (std::max)(limit.rlim_cur, rlim_t(1300));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  for (int i = 0; i < 1100; ++i) REQUIRE(::open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
  const auto client = client_for(once(), trusting_parent());
  CHECK(client.send(Create{"launch"}));
  CHECK(client.send(Create{"launch"}));
}

TEST_CASE("1,100 open files do not stand in the way of a connection") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(lab::answering(201, lab::created), tls ? lab::Options{} : lab::plain());
    check_in_child("in a child: 1 100 open files", server);
  }
}

namespace {

constexpr long connections = 40;

// So many, of a client each: a thread for each would need memory of its own.
std::vector<rtk::Client> connect_many() {
  std::vector<rtk::Client> clients;
  for (long i = 0; i < connections; ++i) {
    clients.push_back(client_for(once(), trusting_parent()));
    REQUIRE(clients.back().send(Create{"launch"}));
  }
  return clients;
}

// What a connection takes, in KiB, of a kind of memory that /proc/self/status names.
long each_of(const char* kind) {
  const auto warm = client_for(once(), trusting_parent());
  CHECK(warm.send(Create{"launch"}));
  const long before = status_of_process(kind);
  const auto clients = connect_many();
  return (status_of_process(kind) - before) / connections;
}

}  // namespace

TEST_CASE("in a child: address space" * doctest::skip()) {
  if (!lab::sanitized) {  // a sanitizer reserves terabytes
    const rlimit limit{800u << 20, 800u << 20};
    REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
  }
  const long each = each_of("VmSize");
  std::cout << "summary: a connection and its client take " << each << " KiB of address space"
            << std::endl;
  if (!lab::sanitized) CHECK(each < 1024);
}

TEST_CASE("in a child: locked memory" * doctest::skip()) {
  if (::mlockall(MCL_FUTURE) != 0) {
    MESSAGE("mlockall() is not permitted here");
    return;
  }
  const long each = each_of("VmLck");
  std::cout << "summary: a connection and its client take " << each << " KiB of locked memory"
            << std::endl;
  if (!lab::sanitized) CHECK(each < 1024);
}

TEST_CASE("a connection takes less than 1 MB") {
  lab::Server server(lab::answering(201, lab::created));
  check_in_child("in a child: address space", server);
  check_in_child("in a child: locked memory", server);
}
