// A system that refuses what the client asks of it: threads with a small stack, poll().
// POSIX only: functions that stand before libc's own.
#include "calls.hpp"
#include "names.hpp"

#include <poll.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>

namespace {

std::atomic<bool> refuses_small_stacks{false};

// What is true of the waits of this thread. Looks without a wait, which have no time, are let pass.
thread_local bool waits_fail = false;
thread_local const std::function<void()>* after_next_wait = nullptr;
thread_local const std::function<void()>* before_next_wait = nullptr;
thread_local const std::function<void()>* after_next_send = nullptr;

// As long as it lives, the waits of this thread fail for want of memory.
struct FailingWaits {
  FailingWaits() { waits_fail = true; }
  ~FailingWaits() { waits_fail = false; }
  FailingWaits(const FailingWaits&) = delete;
  FailingWaits& operator=(const FailingWaits&) = delete;
};

const std::string no_memory = std::generic_category().message(ENOMEM);

rtk::Config once(const std::string& url) {
  auto config = config_for(url + "/client/v4");
  config.timeout = 4s * lab::slowness;
  config.retry.max_attempts = 1;
  return config;
}

}  // namespace

extern "C" {
// A guard that no address space can hold does what large thread_local variables do: no thread can be
// started with these attributes.
__attribute__((used)) int pthread_attr_setstacksize(pthread_attr_t* attributes, std::size_t size) {
  static auto* const real =
      lab::detail::next<decltype(::pthread_attr_setstacksize)>("pthread_attr_setstacksize");
  if (refuses_small_stacks) ::pthread_attr_setguardsize(attributes, SIZE_MAX);
  return real(attributes, size);
}

__attribute__((used)) int poll(pollfd* entries, nfds_t count, int milliseconds) {
  static auto* const real = lab::detail::next<decltype(::poll)>("poll");
  if (waits_fail && milliseconds != 0) return errno = ENOMEM, -1;
  if (before_next_wait && milliseconds != 0 && entries[0].events == POLLIN)
    (*std::exchange(before_next_wait, nullptr))();
  const int ready = real(entries, count, milliseconds);
  if (after_next_wait && milliseconds != 0) (*std::exchange(after_next_wait, nullptr))();
  return ready;
}

__attribute__((used)) ssize_t send(int socket, const void* data, std::size_t size, int flags) {
  static auto* const real = lab::detail::next<decltype(::send)>("send");
  const auto sent = real(socket, data, size, flags);
  if (after_next_send) (*std::exchange(after_next_send, nullptr))();
  return sent;
}
}

TEST_CASE("a name is looked up where a thread's variables do not fit into a small stack") {
  const lab::Name name("lookup.example.invalid", {"127.0.0.1"});
  lab::Server server(lab::answering(201, lab::created),
                     lab::with(lab::authority().issue({"lookup", {"lookup.example.invalid"}})));
  refuses_small_stacks = true;
  const auto result = client_for(once(server.url("lookup.example.invalid"))).send(Create{});
  refuses_small_stacks = false;
  const std::string message = result ? "" : result.error().message;
  CAPTURE(message);
  CHECK(result);
}

TEST_CASE("a lookup that the system refuses gives the system's reason") {
  const lab::Name name("refused.example.invalid", {}, [] { errno = EMFILE; });
  const auto result = client_for(once("https://refused.example.invalid")).send(Create{});
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(contains(result.error().message, std::generic_category().message(EMFILE)));
}

TEST_CASE("a wait that the system refuses ends the call at once, with the system's words") {
  const auto check = [](const rtk::Result<rtk::Livestream>& result, Delivery delivery,
                        Clock::time_point begin) {
    CHECK(since(begin) < 3s * lab::slowness);
    REQUIRE(!result);
    const std::string message = result.error().message;
    CAPTURE(message);
    CHECK(result.error().kind == ErrorKind::transport);
    CHECK(result.error().delivery == delivery);
    CHECK(contains(message, no_memory));
  };
  SUBCASE("connecting") {
    const lab::FullPort port;
    const auto client = client_for(once(port.url()));
    const FailingWaits fail;
    const auto begin = Clock::now();
    check(client.send(Create{}), Delivery::not_sent, begin);
  }
  SUBCASE("DNS") {
    const auto answer = std::make_shared<lab::Gate>();  // the lookup outlasts the call
    const lab::Name name("slow.example.invalid", {"127.0.0.1"}, [=] { answer->wait(); });
    const auto client = client_for(once("https://slow.example.invalid"));
    {
      const FailingWaits fail;
      const auto begin = Clock::now();
      check(client.send(Create{}), Delivery::not_sent, begin);
    }
    answer->open();
  }
  SUBCASE("kept connections") {
    for (const bool tls : {true, false}) {
      CAPTURE(tls);
      lab::Server server(
          [](lab::Peer& peer) {
            if (peer.read_request()) peer.answer(201, lab::created);
            peer.stall();
          },
          tls ? lab::Options{} : lab::plain());
      const auto client = client_for(once(server.url()));
      REQUIRE(client.send(Create{}));
      const FailingWaits fail;
      const auto begin = Clock::now();
      check(client.send(Create{}), Delivery::unknown, begin);
      CHECK(server.connection_count() == 1);
    }
  }
}

TEST_CASE("a server that answers or closes before it was asked is not believed, and quoted") {
  bool closes = false;
  SUBCASE("answers") {}
  SUBCASE("closes") { closes = true; }
  CAPTURE(closes);
  lab::Gate has_spoken;
  lab::Server server(
      [&](lab::Peer& peer) {
        if (closes) peer.fin();
        if (!closes) peer.answer(201, lab::created);
        has_spoken.open();
        peer.stall();
      },
      lab::plain());
  const auto client = client_for(once(server.url()));
  const std::function<void()> wait = [&] { has_spoken.wait(); };
  after_next_wait = &wait;  // it is connected, and has sent nothing
  const auto result = client.send(Create{"launch"});
  REQUIRE(after_next_wait == nullptr);
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(contains(result.error().message, closes ? "closed" : "sent data before the request"));
  CHECK(server.request_count() == 0);
}

TEST_CASE("a cancel ends a call whose request leaves without a wait") {
  lab::Server server([](lab::Peer& peer) { peer.stall(); }, lab::plain());
  const auto client = client_for(once(server.url()));
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  const std::function<void()> cancel = [&] { options.cancel.cancel(); };
  after_next_send = &cancel;
  const auto result = client.send(Create{std::string(100'000, 'x')}, options);
  REQUIRE(after_next_send == nullptr);
  CHECK(result.error().kind == ErrorKind::canceled);
  CHECK(result.error().delivery == Delivery::not_sent);
}

TEST_CASE("a CancelCallback that came during a call, and takes its time, does not hold it back") {
  lab::Server server([](lab::Peer& peer) { peer.stall(); }, lab::plain());
  const auto client = client_for(once(server.url()));
  rtk::CallOptions options;
  options.cancel = rtk::CancelToken::create();
  lab::Gate begun, released;
  std::atomic<bool> was_released{false};
  const auto block = [&] {
    begun.open();
    was_released = released.wait(2s * lab::slowness);
  };
  std::optional<rtk::CancelCallback<decltype(block)>> callback;
  std::thread canceler;
  // The call has seen that nobody has canceled it, and is about to wait for the response.
  const std::function<void()> cancel = [&] {
    callback.emplace(options.cancel, block);
    canceler = std::thread([&] { options.cancel.cancel(); });
    begun.wait();
  };
  before_next_wait = &cancel;
  CHECK(client.send(Create{"launch"}, options).error().kind == ErrorKind::canceled);
  REQUIRE(before_next_wait == nullptr);
  released.open();
  canceler.join();
  CHECK(was_released);
}
