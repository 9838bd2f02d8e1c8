// The ways in which a server fails: how it ends a connection, what it does instead of a TLS
// handshake, and what it answers instead of an answer.
#pragma once

#include "../live/lab.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace faults {

using lab::Peer;

enum class Ending { close_notify, fin, reset, alert, half_close, stall };

inline const char* text(Ending ending) {
  switch (ending) {
    case Ending::close_notify: return "close_notify";
    case Ending::fin: return "FIN";
    case Ending::reset: return "RST";
    case Ending::alert: return "TLS alert";
    case Ending::half_close: return "half-close, reads on";
    case Ending::stall: return "stall";
  }
  return "";
}

// Until the client leaves or the server stops. Reads nothing, so what the client says last must fit
// into the buffers between.
inline void wait_until_left(const Peer& peer) { lab::await_hangup(peer.socket(), lab::patience); }

// Makes OpenSSL send a fatal alert: it is fed a record that cannot be decrypted.
inline void send_alert(const Peer& peer) {
  const std::string record = std::string("\x17\x03\x03\0\x20", 5) + std::string(32, 'x');
  SSL_set0_rbio(peer.tls(), BIO_new_mem_buf(record.data(), static_cast<int>(record.size())));
  char byte = 0;
  std::size_t size = 0;
  SSL_read_ex(peer.tls(), &byte, 1, &size);
  ERR_clear_error();
}

// Between a server and its test.
struct Gates {
  lab::Gate acted;  // the client can notice the fault
  lab::Gate over;   // the client has gone
};

inline void finish(Peer& peer, Ending ending, Gates& gates) {
  switch (ending) {
    case Ending::close_notify: peer.close(); break;
    case Ending::fin: peer.fin(); break;
    case Ending::reset: peer.reset(); break;
    case Ending::alert: send_alert(peer), peer.fin(); break;
    case Ending::half_close:
      if (peer.tls()) SSL_shutdown(peer.tls());
      ERR_clear_error();
      ::shutdown(peer.socket(), SHUT_WR);
      gates.acted.open();
      peer.stall();
      break;
    case Ending::stall:
      gates.acted.open();
      gates.over.wait();
      peer.stall();  // a server that wakes up finds all that the client has sent
      break;
  }
  gates.acted.open();
}

inline void send_raw(const Peer& peer, std::string_view bytes) {
  (void)!lab::send_some(peer.socket(), bytes);
}

// A text as TLS would send it.
inline std::string sealed(const Peer& peer, std::string_view text) {
  BIO* const socket = SSL_get_wbio(peer.tls());
  BIO* const memory = BIO_new(BIO_s_mem());
  BIO_up_ref(socket);
  BIO_up_ref(memory);
  SSL_set0_wbio(peer.tls(), memory);
  std::size_t size = 0;
  SSL_write_ex(peer.tls(), text.data(), text.size(), &size);
  char* data = nullptr;
  const long length = BIO_get_mem_data(memory, &data);
  const std::string record(data, static_cast<std::size_t>(length));
  SSL_set0_wbio(peer.tls(), socket);
  BIO_free(memory);
  return record;
}

// ---- Instead of a TLS handshake

enum class Flaw {
  none,
  wrong_host,
  expired,
  not_yet_valid,
  unknown_ca,
  self_signed,
  tls_1_1,
  tls_1_2,
  wants_certificate,
  wants_certificate_1_2
};

// Made once for all servers, as making keys takes time.
inline SSL_CTX* context(Flaw flaw) {
  static const auto contexts = [] {
    std::map<Flaw, lab::detail::Context> made;
    const auto add = [&](Flaw of, const lab::Options& options) {
      return (made[of] = lab::detail::make_context(options)).get();
    };
    const auto with_version = [](int version) {
      lab::Options options;
      options.max_tls_version = version;
      return options;
    };
    const std::vector<std::string> names{"localhost", "127.0.0.1"};
    add(Flaw::none, {});
    add(Flaw::wrong_host,
        lab::with(lab::authority().issue({"127.0.0.1", {"other.example.invalid", "127.0.0.2"}})));
    add(Flaw::expired, lab::with(lab::authority().issue({"localhost", names, -30, -1})));
    add(Flaw::not_yet_valid, lab::with(lab::authority().issue({"localhost", names, 2, 30})));
    add(Flaw::unknown_ca, lab::with(sandbox::Authority("Unknown CA").issue({"localhost", names})));
    add(Flaw::self_signed, lab::with(sandbox::self_signed({"localhost", names})));
    add(Flaw::tls_1_1, with_version(TLS1_1_VERSION));
    add(Flaw::tls_1_2, with_version(TLS1_2_VERSION));
    for (const bool old : {false, true}) {
      SSL_CTX_set_verify(add(old ? Flaw::wants_certificate_1_2 : Flaw::wants_certificate,
                             old ? with_version(TLS1_2_VERSION) : lab::Options{}),
                         SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return made;
  }();
  return contexts.at(flaw).get();
}

// Reads a ClientHello and returns what a server answers to it, unsent.
inline std::string server_flight(Peer& peer, SSL_CTX* context) {
  const std::string head = peer.read(5);
  if (head.size() < 5) return {};
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
  const std::string hello = head + peer.read(at(3) * 256u + at(4));
  const lab::detail::Session tls(SSL_new(context));
  BIO* const in = BIO_new_mem_buf(hello.data(), static_cast<int>(hello.size()));
  BIO* const out = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);  // more may come
  SSL_set_bio(tls.get(), in, out);
  SSL_accept(tls.get());
  ERR_clear_error();
  char* data = nullptr;
  const long length = BIO_get_mem_data(out, &data);
  return {data, static_cast<std::size_t>(length)};
}

inline std::string alert_record(int level, int code) {
  return std::string("\x15\x03\x03\0\x02", 5) + static_cast<char>(level) + static_cast<char>(code);
}

// ---- Instead of an answer

inline std::string hex(std::size_t number) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%zx", number);
  return digits;
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

enum class Worth { good, bad, either };  // must be taken; must be refused; the client may do both

struct Answer {
  const char* what;
  std::string bytes;
  Worth worth = Worth::bad;
  bool then_closes = true;
  bool then_stalls = false;
};

// All come with lab::created, as it was meant to be or not.
inline std::vector<Answer> odd_answers(int status, bool tls) {
  const std::string body(lab::created);
  const std::string number = std::to_string(status);
  const std::string begin = "HTTP/1.1 " + number + " Lab\r\n";
  const std::string whole = lab::Peer::head(status, body.size()) + body;
  const auto with = [&](const std::string& headers) { return begin + headers + "\r\n" + body; };
  const auto with_line = [&](const std::string& line) {
    return line + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  const auto plus = [&](const std::string& headers) {
    return lab::Peer::head(status, body.size(), headers) + body;
  };
  const auto length = [](std::size_t size) {
    return "Content-Length: " + std::to_string(size) + "\r\n";
  };
  const auto chunked = [&](const std::string& chunks) {
    return begin + "Transfer-Encoding: chunked\r\n\r\n" + chunks;
  };
  const auto chunk = [](std::string_view data) {
    return hex(data.size()) + "\r\n" + std::string(data) + "\r\n";
  };
  const auto encoded = [&](const char* coding, const std::string& data) {
    return lab::Peer::head(status, data.size(),
                           std::string("Content-Encoding: ") + coding + "\r\n") +
           data;
  };
  const auto says = [&](const std::string& text) {
    return lab::Peer::head(status, text.size()) + text;
  };
  const auto failed = [](const std::string& code, const std::string& headers = {}) {
    return "HTTP/1.1 " + code + " Lab\r\n" + headers + "Content-Length: 2\r\n\r\n{}";
  };
  const std::string gzipped = lab::gzip(body);
  const std::string other = says(R"({"success":true,"data":{"id":"stray"}})");
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  // Without TLS nobody sets a limit, and cpp-httplib takes stack for each character.
  const std::size_t longest = tls ? 1u << 20 : 30000;
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";
  constexpr auto good = Worth::good, bad = Worth::bad, either = Worth::either;

  return {
      // Garbage
      {"text that is no HTTP", "what is this?\r\n\r\n" + body},
      {"text that is no HTTP, then silence", "what is this?", bad, false, true},
      {"3000 zero bytes", std::string(3000, '\0')},
      {"3000 zero bytes, then silence", std::string(3000, '\0'), bad, false, true},
      {"an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n"},
      {"an HTTP/2 frame", std::string("\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0", 15)},
      {"a plain TLS alert", alert_record(2, 40)},
      {"the body without a head", body},
      // Status lines
      {"a status that is no number", with_line("HTTP/1.1 abc Lab")},
      {"a status of -1", with_line("HTTP/1.1 -1 Lab")},
      {"a status of 0", with_line("HTTP/1.1 000 Lab")},
      {"a status of five digits", with_line("HTTP/1.1 20100 Lab")},
      {"a status line without a status", with_line("HTTP/1.1")},
      {"a status line without a reason", with_line("HTTP/1.1 " + number), either},
      {"HTTP/9.9", with_line("HTTP/9.9 " + number + " Lab"), either},
      {"HTTP/1.0", with_line("HTTP/1.0 " + number + " Lab"), either},
      {"a status line in lower case", with_line("http/1.1 " + number + " lab"), either},
      {"ICY instead of HTTP", with_line("ICY " + number + " Lab"), either},
      {"an empty line first", "\r\n" + whole, either},
      {"lines that end in LF only",
       "HTTP/1.1 " + number + " Lab\n" + length(body.size()) + '\n' + body, either},
      // Headers
      {"a long status line", with_line("HTTP/1.1 " + number + ' ' + std::string(longest, 'x')),
       either},
      {"a header of 10 kB", plus("X-Long: " + std::string(10000, 'x') + "\r\n"), either},
      {"a header of 1 MB", plus("X-Long: " + std::string(1u << 20, 'x') + "\r\n"), either},
      {"a header without an end", begin + "X-Long: " + std::string(1u << 20, 'x')},
      {"a header without an end, then silence", begin + "X-Long: " + std::string(1u << 20, 'x'),
       bad, false, true},
      {"10000 headers", plus(repeated("X-Many: header\r\n", 10000)), either},
      {"10000 headers without an end", begin + repeated("X-Many: header\r\n", 10000)},
      {"a header without a colon", plus("no colon here\r\n"), either},
      {"a header without a name", plus(": nameless\r\n"), either},
      {"a header with a zero byte", plus(std::string("X-Zero: a\0b\r\n", 13)), either},
      {"a blank before a colon", plus("X-Blank : value\r\n"), either},
      {"a folded header", plus("X-Folded: one\r\n  two\r\n"), either},
      // Content-Length
      {"a length one too long", with(length(body.size() + 1))},
      {"a length one too long, then silence", with(length(body.size() + 1)), bad, false, true},
      {"a length of 8 TB", with("Content-Length: 8000000000000\r\n")},
      {"a length of 8 TB, then silence", with("Content-Length: 8000000000000\r\n"), bad, false,
       true},
      {"a length of 2^64 and that of the body",
       with("Content-Length: 1844674407370955" + std::to_string(1616 + body.size()) + "\r\n"),
       either},
      {"a length one too short", with(length(body.size() - 1))},
      {"half the length", with(length(body.size() / 2))},
      {"half the length, kept open", with(length(body.size() / 2)), bad, false},
      {"a length of 0", with(length(0))},
      {"a length of 0, kept open", with(length(0)), bad, false},
      {"a negative length", with("Content-Length: -5\r\n"), either},
      {"a length that is no number", with("Content-Length: abc\r\n"), either},
      {"a length with a sign", with("Content-Length: +" + std::to_string(body.size()) + "\r\n"),
       either},
      {"two lengths that differ", with(length(body.size()) + length(5)), either},
      {"two lengths that differ, the short one first", with(length(5) + length(body.size())),
       either},
      {"two equal lengths", with(length(body.size()) + length(body.size())), either},
      {"a length and chunks",
       begin + length(5) + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body) + "0\r\n\r\n",
       either},
      // Chunks
      {"chunks", chunked(chunk(body.substr(0, 5)) + chunk(body.substr(5)) + "0\r\n\r\n"), good,
       false},
      {"chunks with extensions and trailers",
       chunked(hex(body.size()) + ";a=b\r\n" + body + "\r\n0\r\nX-Trailer: t\r\n\r\n"), either},
      {"a chunk size that is no number", chunked("zz\r\n" + body + "\r\n0\r\n\r\n")},
      {"a negative chunk size", chunked("-5\r\n" + body + "\r\n0\r\n\r\n")},
      {"an empty chunk size", chunked("\r\n" + body + "\r\n0\r\n\r\n")},
      {"a chunk size of 2^72", chunked("ffffffffffffffffff\r\n" + body + "\r\n0\r\n\r\n")},
      {"a chunk size too small", chunked("5\r\n" + body + "\r\n0\r\n\r\n")},
      {"a chunk size too large", chunked(hex(body.size() + 9) + "\r\n" + body + "\r\n0\r\n\r\n")},
      {"a chunk without an end", chunked(hex(body.size()) + "\r\n" + body + "0\r\n\r\n"), either},
      {"chunks without a last one", chunked(chunk(body))},
      {"chunks without a last one, then silence", chunked(chunk(body)), bad, false, true},
      {"chunks of another coding",
       begin + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunk(body) + "0\r\n\r\n", either},
      // Codings
      {"gzip", encoded("gzip", gzipped), either},
      {"gzip, cut off", encoded("gzip", gzipped.substr(0, gzipped.size() - 200))},
      {"gzip without its checksum", encoded("gzip", gzipped.substr(0, gzipped.size() - 8)), either},
      {"gzip that is none", encoded("gzip", "abcdefg")},
      {"brotli that is none", encoded("br", "abcdefg")},
      {"an unknown coding", encoded("lab", "abcdefg")},
      // 1xx
      {"100, then the answer", go_on + whole, either},
      {"103, then the answer", hints + whole, either},
      {"a thousand 100, then the answer", repeated(go_on, 1000) + whole, either},
      {"100 and no answer", go_on},
      {"100, then silence", go_on, bad, false, true},
      {"103 and no answer", hints},
      {"103, then silence", hints, bad, false, true},
      {"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: lab\r\nConnection: upgrade\r\n\r\n"},
      {"101, then silence",
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: lab\r\nConnection: upgrade\r\n\r\n", bad,
       false, true},
      // More than one answer
      {"two answers", whole + other, good, false},
      {"two answers, then FIN", whole + other, good},
      {"two equal answers", whole + whole, good, false},
      {"a byte after the answer", whole + "x", good, false},
      {"an empty line after the answer", whole + "\r\n", good, false},
      {"10 kB of garbage after the answer", whole + std::string(10000, 'x'), good, false},
      {"two answers in chunks",
       chunked(chunk(body) + "0\r\n\r\n") + chunked(chunk("{}") + "0\r\n\r\n"), good, false},
      {"a failure, then the answer", failed("500") + whole, either, false},
      // No length at all
      {"no length, ended by closing", begin + "\r\n" + body, either},
      {"no length, cut off", begin + "\r\n" + body.substr(0, body.size() / 2)},
      {"no length, then silence", begin + "\r\n" + body, bad, false, true},
      {"no length, HTTP/1.0", "HTTP/1.0 " + number + " Lab\r\n\r\n" + body, either},
      {"Connection: close", plus("Connection: close\r\n"), good},
      {"Connection: close, kept open", plus("Connection: close\r\n"), good, false},
      // Answers that say nothing, or no
      {"an empty body", says("")},
      {"null", says("null")},
      {"an empty object", says("{}")},
      {"an empty list", says("[]")},
      {"success without data", says(R"({"success":true})")},
      {"success: false", says(R"({"success":false,"errors":[{"code":1,"message":"no"}]})")},
      {"half the JSON", says(body.substr(0, body.size() / 2))},
      {"HTML", says("<html><body>edge</body></html>")},
      {"100000 brackets", says(std::string(100000, '['))},
      {"a zero byte in the JSON", says(body.substr(0, 20) + '\0' + body.substr(20))},
      {"204", "HTTP/1.1 204 Lab\r\n\r\n", bad, false},
      {"304",
       "HTTP/1.1 304 Lab\r\n\r\n"},  // closes, as some versions of cpp-httplib wait for a body
      {"301 to itself", failed("301", "Location: /client/v4\r\n"), bad, false},
      {"307 to itself", failed("307", "Location: /client/v4\r\n"), bad, false},
      {"404", failed("404"), bad, false},
      {"407", failed("407", "Proxy-Authenticate: Basic\r\n"), bad, false},
      {"408", failed("408"), bad, false},
      {"500", failed("500"), bad, false},
      {"502", failed("502"), bad, false},
      {"503", failed("503"), bad, false},
      {"503 with Retry-After: 0", failed("503", "Retry-After: 0\r\n"), bad, false},
      {"504", failed("504"), bad, false},
      {"520", failed("520"), bad, false},
  };
}

}  // namespace faults
