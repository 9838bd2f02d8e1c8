// A program that forks while it has a client: the child uses connections of its own and leaves its
// parent's alone, also when it ends.
// POSIX only: fork().
#include "child.hpp"

#include <atomic>
#include <map>
#include <optional>
#include <set>

namespace {

// As a program has it that ends by exit(): destroyed then.
std::optional<rtk::Client>& client() {
  static std::optional<rtk::Client> instance;
  return instance;
}

// Forks, runs the function in the child, which then calls exit() with what it returns. Whether that
// came to its end and was successful.
template <class Function> bool succeeds_in_fork(Function function) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(static_cast<unsigned>(lab::patience.count()));  // a child that hangs is ended
    std::exit(function() ? 0 : 1);
  }
  int status = -1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

bool creates(const char* name) { return bool(client()->send(Create{std::string(name)})); }

const int forks = 25 / static_cast<int>(one_in(5, 5));

}  // namespace

TEST_CASE("in a child: forks that end without a call" * doctest::skip()) {
  client() = client_for(config_for_parents_server(), trusting_parent());
  REQUIRE(creates("parent"));
  for (int i = 0; i < forks; ++i) {
    REQUIRE(succeeds_in_fork([] { return true; }));
    REQUIRE(creates("parent"));
  }
}

TEST_CASE("a forked child that ends does not disturb its parent's connections") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(lab::answering(201, lab::created), tls ? lab::Options{} : lab::plain());
    check_in_child("in a child: forks that end without a call", server);
    CHECK(server.request_count() == 1 + forks);
    CHECK(server.connection_count() == 1);
  }
}

TEST_CASE("in a child: forks that call" * doctest::skip()) {
  client() = client_for(config_for_parents_server(), trusting_parent());
  REQUIRE(creates("parent"));
  for (int i = 0; i < forks; ++i) {
    REQUIRE(succeeds_in_fork([] { return creates("child") && creates("child"); }));
    REQUIRE(creates("parent"));
  }
}

TEST_CASE("a forked child calls over a connection of its own") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    std::mutex mutex;
    std::map<std::string, std::set<std::size_t>> connections;  // by who has used them
    lab::Server server(
        [&](lab::Peer& peer) {
          while (const auto request = peer.read_request()) {
            {
              const std::lock_guard<std::mutex> lock(mutex);
              connections[contains(request->body, "parent") ? "parent" : "child"].insert(
                  peer.number());
            }
            peer.answer(201, lab::created);
          }
        },
        tls ? lab::Options{} : lab::plain());
    check_in_child("in a child: forks that call", server);
    CHECK(server.request_count() == 1 + 3 * forks);
    CHECK(server.connection_count() == 1 + forks);
    CHECK(connections["parent"].size() == 1);
    CHECK(connections["child"].size() == forks);
  }
}

TEST_CASE("in a child: forks beside calls" * doctest::skip()) {
  client() = client_for(config_for_parents_server(), trusting_parent());
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0}, successes{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) ++(creates("parent") ? successes : failures);
    });
  }
  CHECK(eventually([&] { return successes > 20; }));
  for (int i = 0; i < 2 * forks; ++i) {
    const bool is_good = succeeds_in_fork([&] {
#ifdef __SANITIZE_ADDRESS__
      ::_exit(0);  // its allocator may be locked in the child, for ever: only the parent is tested
#endif
      return i % 2 == 0 || creates("child");
    });
    CHECK(is_good);
    if (!is_good) break;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(creates("parent"));
}

TEST_CASE("a program may fork while other threads of it are in calls") {
  for (const bool tls : {true, false}) {
    CAPTURE(tls);
    lab::Server server(lab::answering(201, lab::created), tls ? lab::Options{} : lab::plain());
    check_in_child("in a child: forks beside calls", server);
    // A connection for each thread of the parent, one more for each child that calls.
    CHECK(server.connection_count() <= 5 + forks);
  }
}

TEST_CASE("in a child: forks with nothing but a destructor" * doctest::skip()) {
  // What the child inherits it may also destroy, and make anew.
  client() = client_for(config_for_parents_server(), trusting_parent());
  REQUIRE(creates("parent"));
  CHECK(succeeds_in_fork([] {
    client().reset();
    client() = client_for(config_for_parents_server(), trusting_parent());
    return creates("child");
  }));
  CHECK(creates("parent"));
}

TEST_CASE("a forked child may destroy the client that it has inherited") {
  lab::Server server(lab::answering(201, lab::created));
  check_in_child("in a child: forks with nothing but a destructor", server);
  CHECK(server.request_count() == 3);
  CHECK(server.connection_count() == 2);
}
