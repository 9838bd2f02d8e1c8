// The ways in which a proxy fails, from connecting to it until its tunnel is gone.
#pragma once

#include "cases.hpp"
#include "relay.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace faults {

class ProxyTable : public Cases {
 public:
  explicit ProxyTable(bool create) {
    pattern_.create = create;
    pattern_.proxied = pattern_.persists = true;
    add("refuses", "RST", Moment::proxy_refused, nullptr).expect = Expect::not_sent;
    add_before_the_tunnel();
    add_refusals();
    add_odd_refusals();
    add_odd_consents();
    add_lost_tunnels();
  }

 private:
  static constexpr Ending endings[] = {Ending::fin, Ending::reset, Ending::half_close,
                                       Ending::stall};

  // Something that a proxy does once, and then goes away; a proxy that stalls does so each time.
  Case& add_failure(std::string point, Ending ending, std::function<void(Peer&)> before) {
    Case& made = add(std::move(point), ending, Moment::proxy, std::move(before));
    made.expect = made.stalls ? Expect::not_sent : Expect::success;
    return made;
  }

  void add_before_the_tunnel() {
    const std::string consent = "HTTP/1.1 200 Connected\r\nX-Proxy: lab\r\n\r\n";
    for (const Ending ending : endings) {
      add_failure("the proxy accepts", ending, nullptr);
      for (const std::size_t n : {1u, 5u, 20u}) {
        add_failure("the proxy has read " + std::to_string(n) + " bytes of the CONNECT", ending,
                    [=](Peer& peer) { peer.await(n); });
      }
      for (std::size_t n = 0; n <= consent.size(); n += n + 3 < consent.size() ? 6u : 1u) {
        const std::string part = consent.substr(0, n);
        add_failure("the proxy has sent " + std::to_string(n) + " of " +
                        std::to_string(consent.size()) + " bytes of its consent",
                    ending, [=](Peer& peer) {
                      if (!read_head(peer).empty()) peer.send(part);
                    });
      }
    }
  }

  // It says so each time. A tunnel that is refused carries no request.
  void add_answer(std::string what, const std::string& bytes, Ending ending) {
    add("the proxy answers " + std::move(what), text(ending), Moment::proxy,
        [=](Peer& peer, Gates& gates) {
          if (read_head(peer).empty()) return;
          peer.send(bytes);
          finish(peer, ending, gates);
        })
        .expect = Expect::not_sent;
  }

  void add_refusals() {
    const std::pair<const char*, const char*> forms[] = {
        {"", "Content-Length: 0\r\n\r\n"},
        {", closes", "Content-Length: 0\r\nConnection: close\r\n\r\n"},
        {" with a page", "Content-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>no</html>"},
        {" in chunks", "Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"},
        {" without a length", "Connection: close\r\n\r\nno"}};
    for (const int status :
         {301, 307, 400, 401, 403, 404, 405, 407, 408, 429, 500, 501, 502, 503}) {
      for (const auto& [form, rest] : forms) {
        // A proxy that has refused may stay: nobody waits for it to go.
        for (const Ending ending : {Ending::half_close, Ending::stall}) {
          std::string head = "HTTP/1.1 " + std::to_string(status) + " Lab\r\n";
          if (status == 407) head += "Proxy-Authenticate: Basic realm=\"lab\"\r\n";
          if (status < 400) head += "Location: http://127.0.0.1:1/\r\n";
          add_answer(std::to_string(status) + form, head + rest, ending);
        }
      }
    }
  }

  void add_odd_refusals() {
    const std::string line = "HTTP/1.1 200 Connected\r\n";
    struct Heard {
      const char* what;
      std::string bytes;
      bool may_go_on = false;  // only time can tell that nothing follows
      std::string without_end{};
    };
    const Heard all[] = {
        {"text that is no HTTP", "what is this?\r\n\r\n"},
        {"3000 zero bytes", std::string(3000, '\0'), true},
        {"a TLS alert", alert_record(2, 40), true},
        {"a status that is no number", "HTTP/1.1 abc Lab\r\n\r\n"},
        {"a status of five digits", "HTTP/1.1 20000 Lab\r\n\r\n"},
        {"a first line of 300 kB", "HTTP/1.1 200 " + std::string(300000, 'x') + "\r\n\r\n"},
        {"a first line without an end", "HTTP/1.1 200 ", false, std::string(1000, 'x')},
        {"a header of 1 MB", line + "X-Long: " + std::string(1u << 20, 'x') + "\r\n\r\n"},
        {"a header without an end", line + "X-Long: ", false, std::string(1000, 'x')},
        {"headers without an end", line, false, repeated("X-Many: header\r\n", 100)},
        {"100 without an end", "", true, repeated("HTTP/1.1 100 Continue\r\n\r\n", 100)},
        {"101", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"},
        {"200, then text instead of TLS", line + "\r\n<html>no tunnel</html>"}};
    for (const Heard& heard : all) {
      for (const Ending ending : {Ending::half_close, Ending::stall}) {
        Case& made = add(std::string("the proxy answers ") + heard.what, text(ending),
                         Moment::proxy, [=](Peer& peer, Gates& gates) {
                           if (read_head(peer).empty() || !peer.send(heard.bytes)) return;
                           // Without an end: 16 MB, as a client that takes it all would take all memory.
                           for (int i = 0; i < 16000 && !heard.without_end.empty(); ++i) {
                             if (!peer.send(heard.without_end)) return;
                           }
                           finish(peer, ending, gates);
                         });
        made.expect = Expect::not_sent;
        const bool never_ends = ending == Ending::stall || !heard.without_end.empty();
        made.stalls = heard.may_go_on && never_ends;
      }
    }
    const auto drip = [&](const char* what, const std::string& at_once, const std::string& slowly) {
      Case& made = add(what, "a byte each 20 ms", Moment::proxy, [=](Peer& peer, Gates&) {
        if (read_head(peer).empty()) return;
        peer.send(at_once);
        peer.drip(slowly, std::chrono::milliseconds(20));
      });
      made.expect = Expect::not_sent;
      made.stalls = true;
    };
    drip("the proxy drips its consent", "", line + "\r\n");
    drip("the proxy drips a header", line + "X-Long: ", std::string(4000, 'x'));
    drip("the proxy drips a refusal", "", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    drip("the proxy drips informational answers", "",
         repeated("HTTP/1.1 100 Continue\r\n\r\n", 100));
  }

  // Unusual, and legal: the call succeeds.
  void add_odd_consents() {
    const std::pair<const char*, std::string> heard[] = {
        {"HTTP/1.0 200", "HTTP/1.0 200 Connection established\r\n\r\n"},
        {"200 without a reason", "HTTP/1.1 200 \r\n\r\n"},
        {"200 OK with headers", "HTTP/1.1 200 OK\r\nServer: lab\r\nDate: today\r\n\r\n"},
        {"201", "HTTP/1.1 201 Lab\r\n\r\n"},
        {"204", "HTTP/1.1 204 No Content\r\n\r\n"},
        {"200, Connection: close", "HTTP/1.1 200 Lab\r\nConnection: close\r\n\r\n"},
        {"200, Proxy-Connection: close", "HTTP/1.1 200 Lab\r\nProxy-Connection: close\r\n\r\n"},
        {"200, length 0", "HTTP/1.1 200 Lab\r\nContent-Length: 0\r\n\r\n"},
        {"200, a length that means nothing here", "HTTP/1.1 200 Lab\r\nContent-Length: 5\r\n\r\n"},
        {"200, chunks that mean nothing here",
         "HTTP/1.1 200 Lab\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {"200 with a header of 4 kB",
         "HTTP/1.1 200 Lab\r\nVia: " + std::string(4000, 'x') + "\r\n\r\n"}};
    for (const auto& [what, bytes] : heard) {
      Case& made =
          add(std::string("the proxy answers ") + what, "serves on", Moment::proxy,
              [consent = bytes](Peer& peer, Gates&) { relay(peer, nullptr, {}, consent); });
      made.expect = Expect::success;
      made.must_create = pattern_.create;
    }
  }

  // The tunnel ends after so many bytes, from the ClientHello to the last of the answer.
  void add_lost_tunnels() {
    std::size_t turn = 0;
    for (const bool to_origin : {true, false}) {
      const std::size_t step = to_origin ? 67 : 149, end = to_origin ? 1400 : 3200;
      for (std::size_t n = 1; n < end; n += step) {
        for (std::size_t i = 0; i < 2; ++i) {
          const Ending ending = endings[turn++ % 4];
          Cut cut;
          (to_origin ? cut.to_origin : cut.from_origin) = n;
          Case& made = add_failure("the tunnel ends after " + std::to_string(n) + " bytes " +
                                       (to_origin ? "to" : "from") + " the server",
                                   ending, [=](Peer& peer) { relay(peer, nullptr, cut); });
          if (n > 200) made.expect = Expect::any;  // before that, there is no request yet
        }
      }
    }
  }
};

}  // namespace faults
