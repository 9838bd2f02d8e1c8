// The table: each point of an exchange x each ending x plain or TLS x create or get x a fresh or a
// kept connection x direct or through a proxy.
#pragma once

#include "failing.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace faults {

// When a server fails: never listens, or not any more; instead of a TLS handshake; as soon as it has
// accepted, plain or through TLS; when a request begins to come; while a kept connection is idle; at
// the same moment as the client sends. Or the proxy fails: never listens; anywhere from then on.
enum class Moment { refused, connecting, request, idle, race, proxy_refused, proxy };

enum class Expect {
  any,       // whatever the rules allow
  success,   // its value, and that of no other answer
  failure,   // an error that does not say not_sent
  not_sent,  // an error that says so
};

struct Case {
  std::string point;
  std::string ending;
  bool tls = true;
  bool create = true;
  bool reused = false;  // the second call of its client
  bool proxied = false;
  Moment moment = Moment::request;
  std::function<void(Peer&, Gates& gates)> fault{};
  Expect expect = Expect::any;
  bool must_create = false;  // the server has read it all
  bool stalls = false;       // then the call has a short deadline, and may end at it
  bool persists = false;     // on every connection; else only the first time
  bool held = false;         // the client is held after it has written, until the server has acted
  std::size_t size = 0;      // of the livestream's name; 0: short

  std::string text() const {
    return std::string(tls ? "TLS   " : "plain ") + (proxied ? "proxy  " : "direct ") +
           (create ? "create " : "get    ") + (reused ? "reused " : "fresh  ") + point + " | " +
           ending;
  }
};

// How long requests are.
struct Sizes {
  std::size_t create_head = 0, create_body = 0, get_head = 0;
};

// The bytes after which to fail: with each ending at those that mean something, and with one or the
// other everywhere between.
struct Positions {
  std::vector<std::size_t> all;
  std::vector<std::size_t> marked;

  Positions(std::vector<std::size_t> those, std::size_t end, std::size_t step)
      : marked(std::move(those)) {
    marked.erase(std::remove_if(marked.begin(), marked.end(),
                                [&](std::size_t n) { return n == 0 || n >= end; }),
                 marked.end());
    std::set<std::size_t> places(marked.begin(), marked.end());
    marked.assign(places.begin(), places.end());
    for (std::size_t n = step; n < end; n += step) places.insert(n);
    all.assign(places.begin(), places.end());
  }
  bool is_marked(std::size_t n) const {
    return std::binary_search(marked.begin(), marked.end(), n);
  }
};

// Cases that are made after one pattern.
class Cases {
 public:
  std::vector<Case> cases() && { return std::move(cases_); }

 protected:
  using Fault = std::function<void(Peer&, Gates& gates)>;

  Case& add(std::string point, std::string ending, Moment moment, Fault fault) {
    Case& made = cases_.emplace_back(pattern_);
    made.point = std::move(point);
    made.ending = std::move(ending);
    made.moment = moment;
    made.fault = std::move(fault);
    return made;
  }

  // A fault that consists of doing something and then of going away.
  Case& add(std::string point, Ending ending, Moment moment, std::function<void(Peer&)> before) {
    Case& made = add(std::move(point), text(ending), moment, [=](Peer& peer, Gates& gates) {
      if (before) before(peer);
      finish(peer, ending, gates);
    });
    made.stalls = made.persists = ending == Ending::stall;
    return made;
  }

  Case pattern_;

 private:
  std::vector<Case> cases_;
};

class Table : public Cases {
 public:
  Table(bool tls, bool create, bool reused, bool proxied, const Sizes& sizes) : sizes_(sizes) {
    pattern_.tls = tls;
    pattern_.create = create;
    pattern_.reused = reused;
    pattern_.proxied = proxied;
    add_before_the_request();
    add_within_the_request();
    add_after_the_request();
    add_within_the_answer();
    add_odd_answers();
    if (pattern_.reused) add_while_idle();
    if (pattern_.create) add_large_requests();
  }

 private:
  std::vector<Ending> endings() const {
    if (pattern_.tls) {
      return {Ending::close_notify, Ending::fin,        Ending::reset,
              Ending::alert,        Ending::half_close, Ending::stall};
    }
    return {Ending::fin, Ending::reset, Ending::half_close, Ending::stall};
  }

  void add_before_the_request() {
    Case& refused = add("refuses", "RST", Moment::refused, nullptr);
    // To a request for plain http a proxy answers in the server's place.
    refused.expect = pattern_.tls || !pattern_.proxied ? Expect::not_sent : Expect::any;
    const auto raw = {Ending::fin, Ending::reset, Ending::half_close, Ending::stall};
    for (const Ending ending : raw) {
      Case& made = add("accepts", ending, Moment::connecting, nullptr);
      // Plain, the request may be on its way; a TLS handshake that fails was no request.
      if (pattern_.tls) made.expect = ending == Ending::stall ? Expect::not_sent : Expect::success;
    }
    if (pattern_.tls) {
      add_within_the_handshake();
      add_alerts();
      add_certificates();
    } else {
      const auto talk_tls = [](Peer& peer) { peer.start_tls(context(Flaw::none)); };
      add("speaks TLS", Ending::fin, Moment::connecting, talk_tls);
    }
  }

  void add_within_the_handshake() {
    for (const std::size_t bytes : {1u, 5u, 100u}) {
      for (const Ending ending : {Ending::fin, Ending::reset, Ending::half_close, Ending::stall}) {
        Case& made = add("after " + std::to_string(bytes) + " bytes of the ClientHello", ending,
                         Moment::connecting, [=](Peer& peer) { peer.await(bytes); });
        made.expect = ending == Ending::stall ? Expect::not_sent : Expect::success;
      }
    }
    const std::pair<const char*, std::function<std::size_t(std::size_t)>> parts[] = {
        {"none", [](std::size_t) { return std::size_t(0); }},
        {"1 byte", [](std::size_t) { return std::size_t(1); }},
        {"a record's head", [](std::size_t) { return std::size_t(5); }},
        {"half", [](std::size_t size) { return size / 2; }},
        {"all but 1 byte", [](std::size_t size) { return size - 1; }},
        {"all", [](std::size_t size) { return size; }}};
    for (const Flaw version : {Flaw::none, Flaw::tls_1_2}) {
      const std::string suffix = version == Flaw::none ? "" : " (TLS 1.2)";
      for (const auto& [what, part] : parts) {
        for (const Ending ending :
             {Ending::fin, Ending::reset, Ending::half_close, Ending::stall}) {
          Case& made =
              add(std::string("after sending ") + what + " of its side of the handshake" + suffix,
                  ending, Moment::connecting, [version, part = part](Peer& peer) {
                    const std::string flight = server_flight(peer, context(version));
                    if (!flight.empty()) {
                      send_raw(peer, flight.substr(0, part(flight.size())));
                    }
                  });
          // In TLS 1.3 the client may begin after all of it.
          const bool may_begin = part(2) == 2 && version == Flaw::none;
          if (!may_begin) {
            made.expect = ending == Ending::stall ? Expect::not_sent : Expect::success;
          }
        }
      }
      for (const Ending ending : endings()) {
        add("after the handshake" + suffix, ending, Moment::connecting,
            [=](Peer& peer) { peer.start_tls(context(version)); });
      }
    }
  }

  void add_alerts() {
    const std::pair<const char*, std::string> heard[] = {
        {"alert handshake_failure", alert_record(2, 40)},
        {"alert protocol_version", alert_record(2, 70)},
        {"alert internal_error", alert_record(2, 80)},
        {"alert close_notify", alert_record(1, 0)},
        {"alert unrecognized_name, a warning", alert_record(1, 112)},
        {"an HTTP answer", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"},
        {"100 zero bytes", std::string(100, '\0')},
        {"a record of a wrong kind", std::string("\x63\x03\x03\0\x05hello", 10)}};
    for (const auto& [what, bytes] : heard) {
      for (const Ending ending : {Ending::fin, Ending::stall}) {
        Case& made = add(std::string(what) + " instead of a handshake", ending, Moment::connecting,
                         [sent = bytes](Peer& peer) {
                           peer.await(100);
                           send_raw(peer, sent);
                         });
        // It may be noticed before the deadline. What is repeated meets it again.
        made.persists = true;
        made.expect = Expect::not_sent;
      }
    }
    for (const Flaw version : {Flaw::wants_certificate, Flaw::wants_certificate_1_2}) {
      const bool old = version == Flaw::wants_certificate_1_2;
      Case& made = add(std::string("wants a certificate of the client") + (old ? " (TLS 1.2)" : ""),
                       "TLS alert", Moment::connecting, [=](Peer& peer, Gates&) {
                         peer.start_tls(context(version));  // which says why it fails
                         ::shutdown(peer.socket(), SHUT_WR);
                         wait_until_left(peer);
                       });
      made.persists = true;
      made.expect = old ? Expect::not_sent : Expect::any;
    }
  }

  void add_certificates() {
    const std::pair<const char*, Flaw> flaws[] = {
        {"certificate of another host", Flaw::wrong_host},
        {"expired certificate", Flaw::expired},
        {"certificate not yet valid", Flaw::not_yet_valid},
        {"certificate of an unknown CA", Flaw::unknown_ca},
        {"self-signed certificate", Flaw::self_signed},
        {"TLS 1.1 at most", Flaw::tls_1_1}};
    for (const auto& [what, flaw] : flaws) {
      Case& made = add(what, "serves on", Moment::connecting, [of = flaw](Peer& peer, Gates&) {
        if (!peer.start_tls(context(of))) return;
        while (peer.read_request() && peer.answer(201, lab::created)) continue;
      });
      made.persists = true;
      made.expect = Expect::not_sent;
    }
  }

  void add_within_the_request() {
    const std::size_t head = pattern_.create ? sizes_.create_head : sizes_.get_head;
    const std::size_t body = pattern_.create ? sizes_.create_body : 0;
    const Positions positions({1, 5, head / 2, head - 4, head - 2, head - 1, head, head + 1,
                               head + body / 2, head + body - 1},
                              head + body, 48);
    std::size_t turn = 0;
    for (const std::size_t n : positions.all) {
      const bool marked = positions.is_marked(n);
      const auto all = endings();
      for (const Ending ending : marked ? all : std::vector<Ending>{all[turn++ % all.size()]}) {
        Case& made = add(
            "after " + std::to_string(n) + " of " + std::to_string(head + body) + " request bytes",
            ending, Moment::request, [=](Peer& peer) { peer.await(n); });
        if (!pattern_.create && ending != Ending::stall) made.expect = Expect::success;
      }
    }
  }

  Case& add_answered(std::string point, Ending ending, const std::string& answer) {
    Case& made = add(std::move(point), ending, Moment::request, [=](Peer& peer) {
      if (peer.read_request() && !answer.empty()) peer.send(answer);
    });
    made.must_create = pattern_.create;
    made.expect = pattern_.create || ending == Ending::stall ? Expect::failure : Expect::success;
    return made;
  }

  void add_after_the_request() {
    for (const Ending ending : endings()) {
      add_answered("after the request", ending, {});
      if (ending == Ending::stall) continue;
      add_answered("after the request, client's thread held", ending, {}).held = true;
      Case& still = add_answered("after the request, each time", ending, {});
      still.persists = true;
      still.expect = Expect::failure;
    }
    if (!pattern_.create) {  // a timeout is made good by the next attempt
      Case& once = add_answered("after the request, once", Ending::stall, {});
      once.persists = false;
      once.expect = Expect::success;
    }
  }

  void add_within_the_answer() {
    const int status = pattern_.create ? 201 : 200;
    const std::string head = lab::Peer::head(status, lab::created.size());
    const std::string whole = head + std::string(lab::created);
    const std::size_t line = head.find("\r\n");
    const Positions positions(
        {1, 8, 9, 12, line, line + 2, head.size() / 2, head.size() - 2, head.size() - 1,
         head.size(), head.size() + 1, head.size() + lab::created.size() / 2, whole.size() - 1},
        whole.size(), 48);
    std::size_t turn = 0;
    for (const std::size_t n : positions.all) {
      const bool marked = positions.is_marked(n);
      const auto all = endings();
      for (const Ending ending : marked ? all : std::vector<Ending>{all[turn++ % all.size()]}) {
        add_answered(
            "after " + std::to_string(n) + " of " + std::to_string(whole.size()) + " answer bytes",
            ending, whole.substr(0, n));
      }
    }
    for (const Ending ending : endings()) {
      if (ending == Ending::stall) continue;  // is what a kept connection looks like
      Case& made = add_answered("after the whole answer", ending, whole);
      made.expect = ending == Ending::reset ? Expect::any : Expect::success;
    }
    add_cut_chunks(status);
    add_drips(status, whole);
    if (pattern_.tls) add_cut_records(whole);
  }

  void add_cut_chunks(int status) {
    const std::string begin =
        "HTTP/1.1 " + std::to_string(status) + " Lab\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string first = "10\r\n" + std::string(lab::created.substr(0, 16)) + "\r\n";
    const std::string rest =
        hex(lab::created.size() - 16) + "\r\n" + std::string(lab::created.substr(16)) + "\r\n";
    const std::string whole = begin + first + rest + "0\r\n\r\n";
    const std::size_t end = whole.size();
    const std::pair<const char*, std::size_t> cuts[] = {
        {"before the first chunk", begin.size()},
        {"in a chunk's size", begin.size() + 1},
        {"after a chunk's size", begin.size() + 4},
        {"within a chunk", begin.size() + 10},
        {"after a chunk's data", begin.size() + first.size() - 2},
        {"after a chunk", begin.size() + first.size()},
        {"before the last chunk", end - 5},
        {"within the last chunk", end - 4},
        {"before the end of the last chunk", end - 2}};
    for (const auto& [what, size] : cuts) {
      for (const Ending ending : endings()) {
        Case& made = add_answered(what, ending, whole.substr(0, size));
        if (size > end - 5) made.expect = Expect::any;
      }
    }
  }

  void add_drips(int status, const std::string& whole) {
    const auto drip = [&](const std::string& what, const std::string& at_once,
                          const std::string& slowly) {
      Case& made = add(what, "a byte each 20 ms", Moment::request, [=](Peer& peer, Gates&) {
        if (!peer.read_request()) return;
        peer.send(at_once);
        peer.drip(slowly, std::chrono::milliseconds(20));
      });
      made.must_create = pattern_.create;
      made.stalls = made.persists = true;
      made.expect = Expect::failure;
    };
    const std::string chunks =
        "HTTP/1.1 " + std::to_string(status) + " Lab\r\nTransfer-Encoding: chunked\r\n\r\n";
    drip("drips the answer", "", whole);
    drip("drips a header", whole.substr(0, 17) + "\r\nX-Long: ", std::string(4000, 'x'));
    drip("drips the body", lab::Peer::head(status, 4000), std::string(4000, ' '));
    drip("drips a chunk", chunks + "fa0\r\n", std::string(4000, ' '));
    drip("drips a chunk's size", chunks, std::string(4000, '0'));
    drip("drips informational answers", "", repeated("HTTP/1.1 100 Continue\r\n\r\n", 100));
  }

  // TLS can be cut, or spoilt, in the middle of a record.
  void add_cut_records(const std::string& whole) {
    for (const Ending ending : {Ending::fin, Ending::reset, Ending::half_close, Ending::stall}) {
      for (const std::size_t percent : {1u, 50u, 99u}) {
        Case& made = add("after " + std::to_string(percent) + " % of the answer's TLS record",
                         ending, Moment::request, [=](Peer& peer) {
                           if (!peer.read_request()) return;
                           const std::string record = sealed(peer, whole);
                           send_raw(peer, record.substr(0, record.size() * percent / 100));
                         });
        made.must_create = pattern_.create;
        made.expect =
            pattern_.create || ending == Ending::stall ? Expect::failure : Expect::success;
      }
      Case& spoilt =
          add("a TLS record that cannot be decrypted", ending, Moment::request, [=](Peer& peer) {
            if (!peer.read_request()) return;
            std::string record = sealed(peer, whole);
            record.back() = static_cast<char>(record.back() ^ 1);
            send_raw(peer, record);
          });
      spoilt.must_create = pattern_.create;
      spoilt.expect =
          pattern_.create || ending == Ending::stall ? Expect::failure : Expect::success;
    }
  }

  void add_odd_answers() {
    for (Answer& answer : odd_answers(pattern_.create ? 201 : 200, pattern_.tls)) {
      Case& made = add(answer.what,
                       answer.then_stalls   ? "stall"
                       : answer.then_closes ? "closes"
                                            : "serves on",
                       Moment::request, [answer](Peer& peer, Gates& gates) {
                         if (!peer.read_request()) return;
                         peer.send(answer.bytes);
                         if (answer.then_stalls) {
                           finish(peer, Ending::stall, gates);
                         } else if (answer.then_closes) {
                           // Not outright, as what is still on its way would make it a reset.
                           finish(peer, Ending::half_close, gates);
                         }
                       });
      made.must_create = pattern_.create;
      made.stalls = made.persists = answer.then_stalls;
      if (answer.worth == Worth::good) made.expect = Expect::success;
      if (answer.worth == Worth::bad && pattern_.create) made.expect = Expect::failure;
    }
  }

  void add_while_idle() {
    for (const Ending ending : endings()) {
      if (ending == Ending::stall) continue;
      add("between two requests", ending, Moment::idle, nullptr).expect = Expect::success;
      for (int i = 1; i <= 4; ++i) {
        add("as the request is sent, " + std::to_string(i), ending, Moment::race, nullptr);
      }
    }
    const std::pair<const char*, std::string> unasked[] = {
        {"an answer nobody asked for", lab::Peer::head(201, 2) + "{}"},
        {"an unasked 408", "HTTP/1.1 408 Lab\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {"an unasked byte", "x"}};
    for (const auto& [what, bytes] : unasked) {
      for (const bool closes : {false, true}) {
        add(std::string(what) + " between two requests", closes ? "FIN" : "serves on", Moment::idle,
            [sent = bytes, closes](Peer& peer, Gates& gates) {
              peer.send(sent);
              if (closes) finish(peer, Ending::fin, gates);
            })
            .expect = Expect::success;
      }
    }
  }

  // What does not fit into the buffers between: the client is still writing when it happens.
  void add_large_requests() {
    constexpr std::size_t size = 4u << 20;
    for (const Ending ending : endings()) {
      add("after 64 KiB of a request of 4 MiB", ending, Moment::request, [](Peer& peer) {
        peer.await(1u << 16);
      }).size = size;
    }
    for (const bool closes : {false, true}) {
      Case& made = add("413 after 64 KiB of a request of 4 MiB", closes ? "FIN" : "reads on",
                       Moment::request, [=](Peer& peer, Gates& gates) {
                         peer.await(1u << 16);
                         peer.answer(413, "{}", "Connection: close\r\n");
                         finish(peer, closes ? Ending::fin : Ending::half_close, gates);
                       });
      made.size = size;
    }
  }

  const Sizes sizes_;
};

}  // namespace faults
