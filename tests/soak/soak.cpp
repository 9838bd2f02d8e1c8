// Many calls from many threads through one client, over TLS on the loopback, one in twenty hit by a
// fault. Each call must end as its fault demands, no create may make two, and the client's memory,
// descriptors and threads must not grow.
//
//     soak [CALLS]    default: 1,000,000. The last line is "N passed, N failed"
//
// The server is a process of its own, or its memory would be counted too. Both sides work out from
// a call's number what it does and which fault it meets, and the server writes down what it did in
// memory that they share.
#include "../live/lab.hpp"
#include "realtimekit.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rtk = realtimekit;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int thread_count = 16;
constexpr std::chrono::milliseconds timeout{500};

// ---- What happens to a call, by its number.

enum class Action { create, get, list };
enum class Fault {
  none,
  close,      // no answer, and the connection ends as it should
  reset,      // no answer, and the connection is reset
  stall,      // no answer, and the connection stays open
  truncate,   // half of an answer
  malformed,  // an answer that is not JSON
  not_http,   // an answer that is not HTTP
  status_500,
  status_502,
  status_429
};
constexpr const char* fault_names[] = {"none",      "close",    "reset", "stall", "truncate",
                                       "malformed", "not HTTP", "500",   "502",   "429"};
constexpr std::size_t fault_count = std::size(fault_names);

struct Plan {
  Action action;
  Fault fault;
  bool lasts;  // the fault hits every attempt, not only the first
  bool acts;   // the server creates before the fault
};

std::uint64_t mixed(std::uint64_t x) {  // splitmix64
  x = (x + 1) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

Plan plan_of(std::uint64_t call) {
  const std::uint64_t random = mixed(call);
  Plan plan{};
  plan.action = random % 2 == 0 ? Action::create : random % 4 == 1 ? Action::get : Action::list;
  if ((random >> 8) % 100 < 5)
    plan.fault = static_cast<Fault>(1 + (random >> 20) % (fault_count - 1));
  plan.lasts = (random >> 40) % 2 == 0;
  plan.acts = (random >> 41) % 2 == 0 && plan.fault != Fault::status_429;
  return plan;
}

// ---- What both processes see.

struct Shared {
  std::uint8_t* created;   // for each call: how often the server has created its livestream
  std::uint8_t* requests;  // how many of its requests have arrived
};

std::uint8_t* shared_bytes(std::size_t size) {
  void* const memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
  std::fill_n(static_cast<std::uint8_t*>(memory), size, std::uint8_t{1});  // makes the pages ours
  std::fill_n(static_cast<std::uint8_t*>(memory), size, std::uint8_t{0});
  return static_cast<std::uint8_t*>(memory);
}

std::uint8_t count_up(std::uint8_t& counter) {
  return __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED);
}

// ---- The server.

// The call that a request belongs to: "soak-N" in its body or target, or page_no.
std::optional<std::uint64_t> call_of(const lab::Request& request) {
  const std::string target = request.target();
  for (const auto& [text, mark] :
       {std::pair<const std::string&, std::string_view>{request.body, "soak-"},
        {target, "soak-"},
        {target, "page_no="}}) {
    const auto at = text.find(mark);
    if (at != text.npos) return std::strtoull(text.c_str() + at + mark.size(), nullptr, 10);
  }
  return {};
}

std::string answer_to(Action action, std::uint64_t call) {
  const std::string number = std::to_string(call);
  const std::string livestream =
      R"({"id":"id-)" + number + R"(","name":"soak-)" + number + R"(","status":"OFFLINE",)" +
      R"("ingest_server":"rtmps://ingest.example.invalid:443/live/","stream_key":"key-)" + number +
      R"(","playback_url":"https://play.example.invalid/)" + number + R"(.m3u8"})";
  switch (action) {
    case Action::create: break;
    case Action::get:
      return R"({"success":true,"data":{"livestream":)" + livestream + R"(,"sessions":[]}})";
    case Action::list:
      return R"({"success":true,"data":[)" + livestream +
             R"(],"paging":{"total_count":1,"start_offset":1,"end_offset":1}})";
  }
  return R"({"success":true,"data":)" + livestream + '}';
}

// Answers one request. Returns false when the connection has ended.
bool serve(lab::Peer& peer, const lab::Request& request, const Shared& shared) {
  const auto call = call_of(request);
  if (!call) return peer.answer(400, R"({"success":false,"error":{"code":400,"message":"what?"}})");
  const Plan plan = plan_of(*call);
  const auto attempt = count_up(shared.requests[*call]);
  const auto fault = attempt == 1 || plan.lasts ? plan.fault : Fault::none;
  const bool acts = fault == Fault::none || plan.acts;
  if (plan.action == Action::create && acts) count_up(shared.created[*call]);

  const std::string body = answer_to(plan.action, *call);
  constexpr std::string_view failed = R"({"success":false,"error":{"code":1,"message":"soak"}})";
  switch (fault) {
    case Fault::none: return peer.answer(plan.action == Action::create ? 201 : 200, body);
    case Fault::close: return peer.close(), false;
    case Fault::reset: return peer.reset(), false;
    case Fault::stall: return peer.stall(), false;
    case Fault::truncate:
      peer.send(lab::Peer::head(200, body.size()).append(body.substr(0, body.size() / 2)));
      return peer.close(), false;
    case Fault::malformed: return peer.answer(200, body.substr(0, body.size() - 2));
    case Fault::not_http: return peer.send("SOAK 0.9 hello\r\n\r\n"), peer.close(), false;
    case Fault::status_500: return peer.answer(500, failed);
    case Fault::status_502: return peer.answer(502, "<html>502</html>");
    case Fault::status_429: return peer.answer(429, failed, "Retry-After: 0\r\n");
  }
  return false;
}

[[noreturn]] void run_server(const lab::Listener& listener, const Shared& shared) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  const auto context = lab::detail::make_context({});
  for (int socket = listener.accept(); socket >= 0; socket = listener.accept()) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::thread([socket, &context, &shared] {
      lab::detail::State state;  // one for each connection, or it would keep a million requests
      lab::Peer peer(state, context.get(), socket, 0);
      if (!peer.start_tls()) return;
      for (auto request = peer.read_request(); request && serve(peer, *request, shared);) {
        state.requests.clear();
        request = peer.read_request();
      }
    }).detach();
  }
  std::_Exit(0);
}

// ---- The client.

struct Tally {
  // By fault; in the order of rtk::ErrorKind, and one more for success.
  std::array<std::array<std::uint64_t, 7>, fault_count> outcomes{};
  std::array<std::uint64_t, 3> deliveries{};  // of errors, in the order of rtk::Delivery
  std::uint64_t calls = 0, creates = 0, attempts_beyond_first = 0;
  std::uint64_t slow = 0;        // timeouts without a fault: the machine was busy
  std::uint64_t wrong = 0;       // not what the fault demands
  std::uint64_t acted_lost = 0;  // created, though the call ended with an error
  std::uint64_t acted_told = 0;  // created, and the call said so

  void add(const Tally& other) {
    for (std::size_t i = 0; i < fault_count; ++i) {
      for (std::size_t j = 0; j < outcomes[i].size(); ++j) outcomes[i][j] += other.outcomes[i][j];
    }
    for (std::size_t i = 0; i < deliveries.size(); ++i) deliveries[i] += other.deliveries[i];
    calls += other.calls;
    creates += other.creates;
    attempts_beyond_first += other.attempts_beyond_first;
    slow += other.slow;
    wrong += other.wrong;
    acted_lost += other.acted_lost;
    acted_told += other.acted_told;
  }
};

// The error that a fault ends in when nothing is repeated, or every attempt meets it.
std::pair<rtk::ErrorKind, rtk::Delivery> error_of(Fault fault) {
  using rtk::Delivery;
  using rtk::ErrorKind;
  switch (fault) {
    case Fault::stall: return {ErrorKind::timeout, Delivery::unknown};
    case Fault::malformed: return {ErrorKind::decode, Delivery::answered};
    case Fault::status_500:
    case Fault::status_502:
    case Fault::status_429: return {ErrorKind::api, Delivery::answered};
    default: return {ErrorKind::transport, Delivery::unknown};
  }
}

bool should_succeed(const Plan& plan) {
  if (plan.fault == Fault::none) return true;
  if (plan.lasts || plan.fault == Fault::malformed) return false;
  return plan.action != Action::create || plan.fault == Fault::status_429;  // the next attempt did
}

class Caller {
 public:
  Caller(const rtk::Client& client, const Shared& shared) : client_(client), shared_(shared) {}

  void call(std::uint64_t number) {
    const Plan plan = plan_of(number);
    const std::string name = "soak-" + std::to_string(number), id = "id-" + std::to_string(number);
    if (plan.action == Action::create) {
      const auto made = client_.send(rtk::livestreams::Create{name});
      const bool is_own = made && made->id == id && made->name == name &&
                          made->stream_key == "key-" + std::to_string(number);
      note(number, plan, made ? nullptr : &made.error(), is_own);
    } else if (plan.action == Action::get) {
      const auto got = client_.send(rtk::livestreams::Get{name});
      note(number, plan, got ? nullptr : &got.error(), got && got->livestream.id == id);
    } else {
      rtk::livestreams::List list;
      list.page_no = static_cast<int>(number);
      const auto listed = client_.send(list);
      const bool is_own = listed && listed->items.size() == 1 && listed->items[0].id == id;
      note(number, plan, listed ? nullptr : &listed.error(), is_own);
    }
  }

  Tally tally{};

 private:
  void note(std::uint64_t number, const Plan& plan, const rtk::Error* error, bool is_own) {
    ++tally.calls;
    if (plan.action == Action::create) ++tally.creates;
    const std::size_t outcome = error ? static_cast<std::size_t>(error->kind) : 6;
    ++tally.outcomes[static_cast<std::size_t>(plan.fault)][outcome];
    if (error) ++tally.deliveries[static_cast<std::size_t>(error->delivery)];
    const auto requests = __atomic_load_n(&shared_.requests[number], __ATOMIC_RELAXED);
    const auto created = __atomic_load_n(&shared_.created[number], __ATOMIC_RELAXED);
    if (requests > 1) tally.attempts_beyond_first += requests - 1u;
    if (created > 0) ++(error ? tally.acted_lost : tally.acted_told);

    const bool is_slow = error && error->kind == rtk::ErrorKind::timeout &&
                         (plan.fault != Fault::stall || should_succeed(plan));
    bool is_right = true;
    if (is_slow) {
      ++tally.slow;
    } else if (should_succeed(plan)) {
      is_right = !error && is_own;
    } else {
      const auto expected = error_of(plan.fault);
      is_right = error && error->kind == expected.first && error->delivery == expected.second;
    }
    // However it ended: never two, one where it said so, and none where it said not_sent.
    if (created > 1) is_right = false;
    if (!error && plan.action == Action::create && created != 1) is_right = false;
    if (error && error->delivery == rtk::Delivery::not_sent && created != 0) is_right = false;
    if (error && error->status == 429 && created != 0) is_right = false;
    if (is_right) return;
    if (++tally.wrong <= 3) {
      std::printf("WRONG: call %" PRIu64 ", fault %s: %s, created %d, requests %d\n", number,
                  fault_names[static_cast<std::size_t>(plan.fault)],
                  error    ? error->to_string().c_str()
                  : is_own ? "ok"
                           : "an answer to another call",
                  created, requests);
    }
  }

  const rtk::Client& client_;
  const Shared shared_;
};

struct Belongings {
  std::size_t kilobytes = 0, descriptors = 0, threads = 0;
};

std::size_t entries(const char* directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory),
                                                std::filesystem::directory_iterator()));
}

Belongings measure() {
  // Connections that were given up may need a moment to close.
  Belongings found{0, entries("/proc/self/fd"), entries("/proc/self/task")};
  for (int stable = 0; stable < 20; ++stable) {
    std::this_thread::sleep_for(100ms);
    const Belongings now{0, entries("/proc/self/fd"), entries("/proc/self/task")};
    if (now.descriptors != found.descriptors || now.threads != found.threads) stable = 0;
    found = now;
  }
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) found.kilobytes = std::strtoul(line.c_str() + 6, nullptr, 10);
  }
  return found;
}

int passed = 0, failed = 0;

void expect(bool is_true, const char* what) {
  std::printf("%s: %s\n", is_true ? "ok" : "FAILED", what);
  ++(is_true ? passed : failed);
}

void print(const Tally& tally, std::uint64_t created, std::uint64_t duplicates) {
  constexpr const char* kinds[] = {"invalid", "transport", "timeout", "canceled",
                                   "api",     "decode",    "ok"};
  std::printf("\n%-10s", "fault");
  for (const char* kind : kinds) std::printf(" %9s", kind);
  std::printf("\n");
  for (std::size_t i = 0; i < fault_count; ++i) {
    std::printf("%-10s", fault_names[i]);
    for (const auto count : tally.outcomes[i]) std::printf(" %9" PRIu64, count);
    std::printf("\n");
  }
  std::printf("\nerrors by delivery: %" PRIu64 " not sent, %" PRIu64 " unknown, %" PRIu64
              " answered\n",
              tally.deliveries[0], tally.deliveries[1], tally.deliveries[2]);
  std::printf("repeated requests: %" PRIu64 "; timeouts without a fault: %" PRIu64 "\n",
              tally.attempts_beyond_first, tally.slow);
  std::printf("creates: %" PRIu64 " calls, %" PRIu64 " created at the server: %" PRIu64
              " reported, %" PRIu64 " behind an error; duplicates: %" PRIu64 "\n\n",
              tally.creates, created, tally.acted_told, tally.acted_lost, duplicates);
}

int soak(std::size_t calls) {
  const lab::Listener listener(false, 1024);
  lab::ca_file();
  lab::certificate();
  const Shared shared{shared_bytes(calls + 1), shared_bytes(calls + 1)};
  const pid_t server = ::fork();
  if (server == 0) run_server(listener, shared);

  rtk::Config config;
  config.account_id = "account";
  config.app_id = "app";
  config.api_token = "soak-has-a-token";
  config.base_url = "https://127.0.0.1:" + std::to_string(listener.port());
  config.timeout = timeout;
  config.total_timeout = 4 * timeout;
  config.retry.base = 1ms;
  rtk::HttplibTransport::Options options;
  options.ca_file = lab::ca_file();
  const rtk::Client client{config, rtk::HttplibTransport{options}};

  // After a round all threads stop, and the client is measured.
  const std::size_t round_size = (std::min)(std::size_t{100000}, (calls + 1) / 2);
  Tally total;
  Belongings early, late;
  const auto begin = Clock::now();
  Clock::duration calling{};
  std::printf("%9s %8s %9s %8s %11s %7s\n", "calls", "seconds", "calls/s", "RSS KiB", "descriptors",
              "threads");
  for (std::size_t done = 0; done < calls;) {
    const std::size_t end = (std::min)(done + round_size, calls);
    std::atomic<std::size_t> next{done + 1};  // calls count from 1, as page_no does
    std::vector<Tally> tallies(thread_count);
    std::vector<std::thread> threads;
    const auto round_begin = Clock::now();
    for (Tally& tally : tallies) {
      threads.emplace_back([&] {
        Caller caller(client, shared);
        for (auto call = next++; call <= end; call = next++) caller.call(call);
        tally = caller.tally;
      });
    }
    for (std::thread& thread : threads) thread.join();
    calling += Clock::now() - round_begin;
    for (const Tally& tally : tallies) total.add(tally);
    const double rate = static_cast<double>(end - done) /
                        std::chrono::duration<double>(Clock::now() - round_begin).count();
    done = end;
    late = measure();
    if (done <= round_size) early = late;
    std::printf("%9zu %8.1f %9.0f %8zu %11zu %7zu\n", done,
                std::chrono::duration<double>(Clock::now() - begin).count(), rate, late.kilobytes,
                late.descriptors, late.threads);
    std::fflush(stdout);
  }

  std::uint64_t created = 0, duplicates = 0, unseen = 0;
  for (std::size_t call = 1; call <= calls; ++call) {
    created += shared.created[call];
    if (shared.created[call] > 1) duplicates += shared.created[call] - 1u;
    if (shared.requests[call] == 0) ++unseen;
  }
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);

  print(total, created, duplicates);
  std::printf("%.0f calls per second with %d threads\n",
              static_cast<double>(calls) / std::chrono::duration<double>(calling).count(),
              thread_count);
  expect(total.calls == calls, "every call ended, once");
  expect(total.wrong == 0, "every call ended as its fault demands");
  expect(duplicates == 0, "nothing was created twice");
  expect(created == total.acted_told + total.acted_lost, "every creation belongs to a call");
  expect(unseen <= total.slow, "every call reached the server");
  expect(total.slow * 1000 <= calls, "hardly any call was too slow without a fault");
  expect(late.kilobytes <= early.kilobytes + early.kilobytes / 10 + 2048, "memory is flat");
  expect(late.descriptors <= early.descriptors + 2 * thread_count, "descriptors are flat");
  expect(late.threads <= early.threads + thread_count, "threads are flat");
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t calls = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000000;
  if (calls == 0) return std::fprintf(stderr, "usage: soak [CALLS]\n"), 2;
  return soak(calls);
}
