// Where an answer begins and ends, and what its head says: RFC 9110 and 9112 as a table. Each row is
// played over plain http, TLS and TLS through a proxy, whole and letter by letter, and followed by a
// second call: a connection whose answer has no certain end must not be used again.
#include "proxies.hpp"

#include <cstdio>
#include <ctime>

namespace {

enum class End {
  open,   // the connection stays open, and later requests on it are answered
  close,  // over TLS with close_notify
  cut,    // FIN only: over TLS, the answer may have been cut off
  reset
};

enum class Outcome {
  taken,    // the answer with the status and the body of the row
  refused,  // an error, though all has arrived
  lost,     // the rest is missing: `transport`, `unknown`
  either    // taken or refused
};

enum class Reuse { yes, no, either };

struct Row {
  std::string name;
  std::string reply;
  End end = End::open;
  Outcome outcome = Outcome::taken;
  Reuse reuse = Reuse::yes;
  int status = 200;
  std::string body = "hello";
  rtk::Headers headers{};  // among those of the answer, in this order where a name repeats
};

Row taken(std::string name, std::string reply, Reuse reuse = Reuse::yes) {
  return {std::move(name), std::move(reply), End::open, Outcome::taken, reuse};
}
Row refused(std::string name, std::string reply, End end = End::open) {
  return {std::move(name), std::move(reply), end, Outcome::refused, Reuse::no};
}
Row either(std::string name, std::string reply, End end = End::open) {
  return {std::move(name), std::move(reply), end, Outcome::either, Reuse::either};
}
Row lost(std::string name, std::string reply, End end) {
  return {std::move(name), std::move(reply), end, Outcome::lost, Reuse::no};
}

std::string fields(const std::string& lines) { return "HTTP/1.1 200 OK\r\n" + lines + "\r\n"; }
const std::string five = "Content-Length: 5\r\n";
const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string hello_chunk = "5\r\nhello\r\n0\r\n\r\n";
std::string first_line(const std::string& line) { return line + "\r\n" + five + "\r\nhello"; }

enum class Route { plain, tls, tunnel };

// Every second call is answered with this.
constexpr std::string_view second_body = "second";

lab::Script playing(const Row& row, Route route, bool by_letter, lab::Gate& played) {
  return [&row, &played, route, by_letter](lab::Peer& peer) {
    if (route == Route::tunnel) {
      if (!peer.read_request() || !peer.send("HTTP/1.1 200 OK\r\n\r\n") || !peer.start_tls())
        return;
    }
    if (peer.number() == 0) {
      if (peer.read_request()) {
        bool is_sent = true;
        for (std::size_t i = 0; by_letter && is_sent && i < row.reply.size(); ++i) {
          is_sent = peer.send(std::string_view(row.reply).substr(i, 1));
        }
        if (!by_letter) peer.send(row.reply);
        if (row.end == End::close) peer.close();
        if (row.end == End::cut) peer.fin();
        if (row.end == End::reset) peer.reset();
      }
      played.open();
      if (row.end != End::open) return;
    }
    while (peer.read_request() && peer.answer(201, second_body)) continue;
  };
}

std::string escaped(std::string_view bytes) {
  std::string out;
  for (const char c : bytes.substr(0, 400)) {
    char code[8];
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < ' ' || c == 0x7f) {
      std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out + (bytes.size() > 400 ? "..." : "");
}

std::vector<std::string> values(const rtk::Headers& headers, std::string_view name) {
  std::vector<std::string> all;
  for (const auto& header : headers) {
    const bool is_same =
        header.first.size() == name.size() &&
        std::equal(name.begin(), name.end(), header.first.begin(),
                   [](char a, char b) { return std::tolower(a) == std::tolower(b); });
    if (is_same) all.push_back(header.second);
  }
  return all;
}

void check_outcome(const Row& row, const rtk::Result<rtk::HttpResponse>& result) {
  const bool may_succeed = row.outcome == Outcome::taken || row.outcome == Outcome::either;
  if (result) {
    CHECK_MESSAGE(may_succeed, "taken: ", result->status, " ", escaped(result->body));
    if (!may_succeed) return;
    CHECK(result->status == row.status);
    CHECK(escaped(result->body) == escaped(row.body));
    for (const auto& header : row.headers) {
      std::vector<std::string> expected = values(row.headers, header.first);
      CHECK(values(result->headers, header.first) == expected);
    }
    return;
  }
  const std::string message = result.error().message;
  CAPTURE(message);
  CHECK(row.outcome != Outcome::taken);
  CHECK(result.error().kind != ErrorKind::timeout);
  CHECK((result.error().kind == ErrorKind::transport ||
         (row.outcome != Outcome::lost && result.error().kind == ErrorKind::decode)));
  CHECK(result.error().delivery != Delivery::not_sent);
  if (row.outcome == Outcome::lost) CHECK(result.error().delivery == Delivery::unknown);
  CHECK(!message.empty());
}

void play(const Row& row, Route route, bool by_letter) {
  CAPTURE(row.name);
  const std::string way = route == Route::plain ? "plain" : route == Route::tls ? "TLS" : "CONNECT";
  CAPTURE(way);
  CAPTURE(by_letter);
  const std::string reply = escaped(row.reply);
  CAPTURE(reply);

  lab::Gate played;
  const auto options = route == Route::plain ? lab::plain()
                       : route == Route::tls ? lab::Options{}
                                             : origin_behind_proxy();
  lab::Server server(playing(row, route, by_letter, played), options);
  auto config = config_for(route == Route::tunnel ? origin_url() : server.url() + "/client/v4");
  config.timeout = 2s * lab::slowness;  // whoever waits for it has not understood the answer
  const rtk::HttplibTransport transport{route == Route::tunnel ? over(address(server))
                                                               : trusting()};
  const auto request = rtk::to_http(config, Create{"launch"});
  REQUIRE(request);
  check_outcome(row, transport(*request));
  played.wait();

  const auto second = transport(*request);
  REQUIRE(second);
  CHECK(second->status == 201);
  CHECK(second->body == std::string(second_body));
  std::size_t creates = 0;
  for (const auto& each : server.requests()) creates += contains(each.line(), "POST ") ? 1u : 0u;
  CHECK(creates == 2);
  const bool is_reused = server.connection_count() == 1;
  CHECK((row.reuse == Reuse::either || is_reused == (row.reuse == Reuse::yes)));
  if (row.end != End::open) CHECK(!is_reused);
}

void play(const std::vector<Row>& rows) {
  const NoProxySettings clean;
  for (const Row& row : rows) {
    for (const Route route : {Route::plain, Route::tls, Route::tunnel}) {
      play(row, route, false);
      if (row.reply.size() < 2000) play(row, route, true);
    }
  }
}

// Only the ends that all routes have in common, and whole: for tables with many rows.
void play_whole(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    for (const Route route : {Route::plain, Route::tls}) play(row, route, false);
  }
}

Row with_status(Row row, int status, std::string body) {
  row.status = status;
  row.body = std::move(body);
  return row;
}
Row with_body(Row row, std::string body) {
  row.body = std::move(body);
  return row;
}
Row with_headers(Row row, rtk::Headers headers) {
  row.headers = std::move(headers);
  return row;
}
Row ended(Row row, End end, Reuse reuse = Reuse::no) {
  row.end = end;
  row.reuse = reuse;
  return row;
}

}  // namespace

TEST_CASE("a body with Content-Length has that many bytes") {
  const auto length = [](const std::string& value) {
    return fields("Content-Length:" + value + "\r\n") + "hello";
  };
  play({
      taken("usual", length(" 5")),
      taken("without a blank", length("5")),
      taken("in other letters", fields("CONTENT-length: 5\r\n") + "hello"),
      taken("blanks around it", length(" \t 5 \t"), Reuse::either),
      taken("zeros before it", length(" 005"), Reuse::either),
      with_body(taken("nothing", fields("Content-Length: 0\r\n")), ""),
      with_body(taken("more than it says", length(" 3"), Reuse::no), "hel"),
      with_body(taken("nothing, and then something", length(" 0"), Reuse::no), ""),
      taken("a second answer behind it", length(" 5") + length(" 5"), Reuse::no),
      ended(taken("then closed", length(" 5")), End::close),
      ended(taken("then FIN alone", length(" 5")), End::cut),
      ended(either("then reset", length(" 5")), End::reset),
      lost("cut off and closed", length(" 6"), End::close),
      lost("cut off by a FIN", length(" 6"), End::cut),
      lost("cut off by a reset", length(" 6"), End::reset),
      lost("no body at all", fields("Content-Length: 5\r\n"), End::close),
  });
}

TEST_CASE("a Content-Length that is no number, or is several, ends the call and the connection") {
  const auto length = [](const std::string& value) {
    return fields("Content-Length: " + value + "\r\n") + "hello";
  };
  std::vector<Row> rows;
  for (const char* value :
       {"+5", "-5", "-1", "0x5", "5.0", "5e0", "5 5", "", "five", "5;", "5x", "x5", "\"5\"", "5, 6",
        "6, 5", "5, x", "5,-5", "18446744073709551621", "99999999999999999999999999999999"}) {
    rows.push_back(refused(value, length(value)));
    rows.push_back(refused(std::string(value) + ", closed", length(value), End::close));
  }
  rows.push_back(refused("5 and 6", fields(five + "Content-Length: 6\r\n") + "hello"));
  rows.push_back(refused("6 and 5", fields("Content-Length: 6\r\n" + five) + "hello"));
  rows.push_back(
      refused("5 and 6, apart", fields(five + "X: y\r\ncontent-length:6\r\n") + "hello"));
  rows.push_back(refused("0 and 5", fields("Content-Length: 0\r\n" + five) + "hello"));
  rows.push_back(refused("5 and nothing", fields(five + "Content-Length:\r\n") + "hello"));
  rows.push_back(refused("huge", length("9223372036854775807"), End::close));
  rows.push_back(refused("huge without a sign", length("18446744073709551615"), End::close));
  rows.push_back(either("twice the same", fields(five + five) + "hello"));
  rows.push_back(either("5, 5", length("5, 5")));
  rows.push_back(either("5,5 closed", length("5,5"), End::close));
  rows.push_back(either("folded", fields("Content-Length:\r\n 5\r\n") + "hello"));
  play(rows);
}

TEST_CASE("a folded length or coding, and empty items of a list, do not change what is said") {
  const std::string hello = "\r\nhello";
  const auto head = [](const std::string& lines) { return "HTTP/1.1 200 OK\r\n" + lines; };
  play({
      taken("a folded length", head("Content-Length:\r\n 5\r\n" + hello)),
      taken("folded by a tab", head("Content-Length: \r\n\t5\r\n" + hello)),
      taken("folded after it", head("Content-Length: 5\r\n \r\n" + hello)),
      taken("the same twice", head("Content-Length: 5 , 5\r\n" + hello)),
      taken("the same, folded", head("Content-Length: 5,\r\n 5\r\n" + hello)),
      taken("a folded coding", head("Transfer-Encoding:\r\n chunked\r\n\r\n" + hello_chunk)),
      taken("a coding folded after it",
            head("Transfer-Encoding: chunked\r\n \r\n\r\n" + hello_chunk)),
      taken("an empty item", head("Transfer-Encoding: , chunked\r\n\r\n" + hello_chunk)),
      taken("an empty item behind", head("Transfer-Encoding: chunked ,\r\n\r\n" + hello_chunk)),
      taken("a folded identity", head(five + "Content-Encoding:\r\n identity\r\n" + hello)),
      taken("an identity folded after it",
            head(five + "Content-Encoding: identity\r\n \r\n" + hello)),
      refused("a folded digit", head("Content-Length: 1\r\n 5\r\n" + hello)),
      refused("a folded coding more",
              head("Transfer-Encoding: gzip,\r\n chunked\r\n\r\n" + hello_chunk)),
  });
}

TEST_CASE(
    "a body without a length lasts until the connection is closed, over TLS by close_notify") {
  const std::string head = fields("Content-Type: text/plain\r\n");
  play({
      ended(taken("closed", head + "hello"), End::close),
      ended(with_body(taken("empty", head), ""), End::close),
      ended(taken("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello"), End::close),
      ended(taken("keep-alive", fields("Connection: keep-alive\r\n") + "hello"), End::close),
      ended(with_body(taken("long", head + std::string(70000, 'x')), std::string(70000, 'x')),
            End::close),
  });
  const NoProxySettings clean;
  for (const auto& text : {std::string("hello"), std::string(), std::string(70000, 'x')}) {
    const Row by_fin = ended(with_body(taken("FIN only", head + text), text), End::cut);
    play(by_fin, Route::plain, false);
    Row truncated = lost("FIN only", head + text, End::cut);
    play(truncated, Route::tls, false);
    play(truncated, Route::tunnel, false);
    for (const Route route : {Route::plain, Route::tls, Route::tunnel}) {
#ifdef _WIN32
      if (route == Route::plain) continue;  // Wine reads a reset as an end
#endif
      play(lost("reset", head + text, End::reset), route, false);
    }
  }
}

TEST_CASE("a body in chunks") {
  const std::string head = fields(chunked);
  const std::string ten = "helloworld";
  std::string letters;
  for (const char letter : std::string("hello")) letters += std::string("1\r\n") + letter + "\r\n";
  play({
      taken("one", head + hello_chunk),
      taken("Chunked", fields("Transfer-Encoding: Chunked\r\n") + hello_chunk),
      taken("CHUNKED", fields("TRANSFER-ENCODING:CHUNKED\r\n") + hello_chunk),
      taken("blanks around it", fields("Transfer-Encoding: \t chunked \t\r\n") + hello_chunk,
            Reuse::either),
      with_body(taken("none", head + "0\r\n\r\n"), ""),
      taken("a letter each", head + letters + "0\r\n\r\n"),
      with_body(taken("a", head + "a\r\n" + ten + "\r\n0\r\n\r\n"), ten),
      with_body(taken("A", head + "A\r\n" + ten + "\r\n0\r\n\r\n"), ten),
      with_body(taken("1F", head + "1F\r\n" + std::string(31, 'x') + "\r\n0\r\n\r\n"),
                std::string(31, 'x')),
      with_body(taken("line ends inside", head + "4\r\n\r\n0\r\r\n0\r\n\r\n"), "\r\n0\r"),
      taken("zeros", head + "00000005\r\nhello\r\n0000\r\n\r\n"),
      taken("an extension", head + "5;a=b\r\nhello\r\n0\r\n\r\n"),
      taken("an extension without a value", head + "5;a\r\nhello\r\n0;last\r\n\r\n"),
      taken("extensions", head + "5;a=b;c=\"d;e\";f\r\nhello\r\n0;g=h\r\n\r\n"),
      taken("an extension after a blank", head + "5 ; a = b\r\nhello\r\n0\r\n\r\n"),
      taken("an extension of 500 bytes",
            head + "5;a=" + std::string(500, 'x') + "\r\nhello\r\n0\r\n\r\n"),
      taken("a trailer", head + "5\r\nhello\r\n0\r\nX-Checksum: 1\r\n\r\n"),
      taken("trailers", head + "5\r\nhello\r\n0\r\nA: 1\r\nB:2\r\nC:\r\n\r\n"),
      taken("a trailer of 3 kB",
            head + "5\r\nhello\r\n0\r\nA: " + std::string(3000, 'x') + "\r\n\r\n"),
      taken("trailers that say nothing of the framing",
            head + "5\r\nhello\r\n0\r\nContent-Length: 3\r\nTransfer-Encoding: gzip\r\n\r\n",
            Reuse::either),
      ended(taken("then closed", head + hello_chunk), End::close),
      ended(taken("then FIN alone", head + hello_chunk), End::cut),
      taken("bytes behind the last", head + hello_chunk + "more", Reuse::no),
      taken("a line end behind the last", head + hello_chunk + "\r\n", Reuse::no),
      taken("an answer behind the last", head + hello_chunk + head + hello_chunk, Reuse::no),
  });
}

TEST_CASE("chunks that break the rules end the call and the connection") {
  const std::string head = fields(chunked);
  std::vector<Row> rows;
  for (const char* size : {"g", "x5", "-5", "+5", "0x5", "", "5.0", "5x", "5,", "5 5", ";a",
                           "\"5\"", "FFFFFFFFFFFFFFFFF", "10000000000000005", "zz"}) {
    const std::string chunk = std::string(size) + "\r\nhello\r\n0\r\n\r\n";
    rows.push_back(refused("size " + std::string(size), head + chunk));
    rows.push_back(refused("a later size " + std::string(size), head + "1\r\nx\r\n" + chunk));
    rows.push_back(refused("closed, size " + std::string(size), head + chunk, End::close));
  }
  rows.push_back(refused("a chunk longer than its size", head + "5\r\nhelloX\r\n0\r\n\r\n"));
  rows.push_back(refused("no line end after a chunk", head + "5\r\nhello0\r\n\r\n"));
  rows.push_back(
      refused("a size of 2^63", head + "8000000000000000\r\nhello\r\n0\r\n\r\n", End::close));
  rows.push_back(
      lost("a chunk shorter than its size", head + "8\r\nhello\r\n0\r\n\r\n", End::close));
  for (const End end : {End::open, End::close}) {
    rows.push_back(either("a blank before", head + " 5\r\nhello\r\n0\r\n\r\n", end));
    rows.push_back(either("a blank behind", head + "5 \r\nhello\r\n0\r\n\r\n", end));
    rows.push_back(either("a trailer that is none", head + "5\r\nhello\r\n0\r\nnone\r\n\r\n", end));
    rows.push_back(either("a trailer of 50 kB",
                          head + "5\r\nhello\r\n0\r\nA: " + std::string(50000, 'x') + "\r\n\r\n",
                          end));
  }
  rows.push_back(either("bare line feeds", head + "5\nhello\n0\n\n", End::close));
  play(rows);
}

TEST_CASE("an answer that is cut off anywhere is lost") {
  const NoProxySettings clean;
  const std::string by_chunks = fields(chunked) + "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n";
  const std::string by_length = fields(five) + "hello";
  std::size_t rows = 0;
  for (const std::string& whole : {by_chunks, by_length}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // In the first line, all places are alike.
      if (size > 4 && size < 16) continue;
      for (const End end : {End::close, End::cut, End::reset}) {
        const Row row = lost(std::to_string(size) + " bytes", whole.substr(0, size), end);
        play(row, ++rows % 7 == 0 ? Route::tunnel : Route::tls, false);
        play(row, Route::plain, false);
      }
    }
  }
}

TEST_CASE("a Transfer-Encoding other than chunked ends the call and the connection") {
  std::vector<Row> rows;
  for (const char* value :
       {"gzip, chunked", "chunked, gzip", "gzip", "identity", "identity, chunked",
        "chunked, chunked", "chunked, identity", "xchunked", "chunke", "x", "chunked;q=1",
        "chunked chunked", "\"chunked\""}) {
    const std::string head = fields("Transfer-Encoding: " + std::string(value) + "\r\n");
    rows.push_back(refused(value, head + hello_chunk));
    rows.push_back(refused(std::string(value) + ", closed", head + hello_chunk, End::close));
    rows.push_back(
        refused(std::string(value) + ", a length",
                fields("Transfer-Encoding: " + std::string(value) + "\r\n" + five) + "hello"));
  }
  rows.push_back(refused("twice", fields(chunked + chunked) + hello_chunk));
  rows.push_back(
      refused("gzip and chunked", fields("Transfer-Encoding: gzip\r\n" + chunked) + hello_chunk));
  rows.push_back(
      refused("chunked and gzip", fields(chunked + "Transfer-Encoding: gzip\r\n") + hello_chunk));
  for (const End end : {End::open, End::close}) {
    rows.push_back(refused("with a length", fields(chunked + five) + hello_chunk, end));
    rows.push_back(refused("after a length", fields(five + chunked) + hello_chunk, end));
    rows.push_back(refused("with the chunks' length",
                           fields("Content-Length: 15\r\n" + chunked) + hello_chunk, end));
    Row old = either("in HTTP/1.0", "HTTP/1.0 200 OK\r\n" + chunked + "\r\n" + hello_chunk, end);
    old.reuse = Reuse::no;
    rows.push_back(old);
    rows.push_back(either(
        "in HTTP/1.0, with keep-alive",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + chunked + "\r\n" + hello_chunk, end));
    rows.back().reuse = Reuse::no;
  }
  play(rows);
}

TEST_CASE(
    "a complete answer does not wait for the peer's close, and is the last on its connection") {
  std::vector<Row> rows;
  for (const char* value :
       {"close", "Close", "CLOSE", "keep-alive, close", "close, keep-alive", "keep-alive,close",
        " close ,x", "x, close,", "Keep-Alive , Close", "upgrade,close"}) {
    const std::string line = "Connection: " + std::string(value) + "\r\n";
    rows.push_back(taken(value, fields(five + line) + "hello", Reuse::no));
    rows.push_back(
        taken("in chunks, " + std::string(value), fields(line + chunked) + hello_chunk, Reuse::no));
  }
  rows.push_back(
      taken("connection:CLOSE", fields("connection:CLOSE\r\n" + five) + "hello", Reuse::no));
  const std::string keep = "Connection: keep-alive\r\n", close = "Connection: close\r\n";
  rows.push_back(taken("two lines", fields(keep + close + five) + "hello", Reuse::no));
  rows.push_back(taken("two lines, close first", fields(close + keep + five) + "hello", Reuse::no));
  rows.push_back(taken("two lines apart", fields(keep + five + close) + "hello", Reuse::no));
  rows.push_back(taken("HTTP/1.0", "HTTP/1.0 200 OK\r\n" + five + "\r\nhello", Reuse::no));
  rows.push_back(
      taken("HTTP/1.0, keep-alive", "HTTP/1.0 200 OK\r\n" + keep + five + "\r\nhello", Reuse::no));
  rows.push_back(
      taken("HTTP/1.0, close", "HTTP/1.0 200 OK\r\n" + close + five + "\r\nhello", Reuse::no));
  for (int i = 0; i < 2; ++i) {
    rows.push_back(with_status(
        taken("no body",
              (i == 0 ? "HTTP/1.1 204 Gone\r\n" : "HTTP/1.0 204 Gone\r\n") + close + "\r\n",
              Reuse::no),
        204, ""));
  }
  for (const char* value :
       {"keep-alive", "Keep-Alive", "closed", "x-close", "disclose, foreclose"}) {
    const std::string line = "Connection: " + std::string(value) + "\r\n";
    rows.push_back(taken(value, fields(line + five) + "hello"));
  }
  rows.push_back(
      taken("Keep-Alive: timeout", fields("Keep-Alive: timeout=5\r\n" + five) + "hello"));
  play(rows);
}

TEST_CASE("204 and 304 have no body") {
  const auto head = [](int status, const std::string& lines) {
    return "HTTP/1.1 " + std::to_string(status) + " Lab\r\n" + lines + "\r\n";
  };
  std::vector<Row> rows;
  for (const int status : {204, 304}) {
    const std::string name = std::to_string(status) + ' ';
    const auto none = [&](Row row) { return with_status(std::move(row), status, ""); };
    rows.push_back(none(taken(name + "without a length", head(status, ""))));
    rows.push_back(none(taken(name + "0", head(status, "Content-Length: 0\r\n"), Reuse::either)));
    rows.push_back(none(taken(name + "with a length", head(status, five), Reuse::either)));
    rows.push_back(none(taken(name + "with more", head(status, "ETag: \"x\"\r\n"))));
    rows.push_back(none(taken(name + "in a coding", head(status, "Content-Encoding: br\r\n"))));
    rows.push_back(none(ended(taken(name + "closed", head(status, "")), End::close)));
    rows.push_back(none(ended(taken(name + "a length, closed", head(status, five)), End::close)));
    rows.push_back(none(ended(taken(name + "cut", head(status, "")), End::cut)));
    rows.push_back(none(either(name + "chunked", head(status, chunked))));
    rows.push_back(
        none(taken(name + "and bytes behind it", head(status, "") + "hello", Reuse::no)));
    Row behind = none(either(name + "with a length and a body", head(status, five) + "hello"));
    behind.reuse = Reuse::no;
    rows.push_back(behind);
  }
  const std::string encoded = "Content-Encoding: br\r\nContent-Length: 0\r\n";
  rows.push_back(with_body(taken("an empty body in a coding", fields(encoded)), ""));
  rows.push_back(with_status(taken("205", head(205, "Content-Length: 0\r\n")), 205, ""));
  rows.push_back(with_status(taken("205 in chunks", head(205, chunked) + "0\r\n\r\n"), 205, ""));
  rows.push_back(with_status(ended(taken("205 closed", head(205, "")), End::close), 205, ""));
  play(rows);
}

TEST_CASE("a coding in several fields is refused as one in a list is") {
  Row row = refused(
      "identity and br",
      fields(five + "Content-Encoding: identity\r\n" + "Content-Encoding: br\r\n") + "hello");
  row.reuse = Reuse::either;
  play({row});
}

TEST_CASE("interim answers are read over") {
  const std::string final_one = fields(five) + "hello";
  const auto interim = [](const std::string& status, const std::string& lines = {}) {
    return "HTTP/1.1 " + status + "\r\n" + lines + "\r\n";
  };
  const std::string early =
      interim("103 Early Hints", "Link: </style.css>; rel=preload\r\nLink: </a.js>\r\n");
  std::string many;
  for (int i = 0; i < 300; ++i) many += interim("102 Processing");
  play({
      taken("100", interim("100 Continue") + final_one),
      taken("100 with fields", interim("100 Continue", "X: y\r\nServer: lab\r\n") + final_one),
      taken("100 without a reason", interim("100 ") + final_one),
      taken("102", interim("102 Processing") + final_one),
      taken("103", early + final_one),
      taken("104", interim("104 Upload Resumption Supported", "Upload-Offset: 5\r\n") + final_one),
      taken("150", interim("150 Odd") + final_one),
      taken("several", interim("100 Continue") + interim("102 Processing") + early + final_one),
      taken("100 twice", interim("100 Continue") + interim("100 Continue") + final_one),
      taken("300 of them", many + final_one),
      taken("before chunks", early + fields(chunked) + hello_chunk),
      taken("with a length that means nothing",
            interim("103 Early Hints", five + "Connection: close\r\n") + final_one, Reuse::either),
      with_status(taken("before 204", early + "HTTP/1.1 204 Gone\r\n\r\n"), 204, ""),
      with_status(taken("before 400", early + "HTTP/1.1 400 Bad\r\n" + five + "\r\nhello"), 400,
                  "hello"),
      ended(taken("before a body without a length", early + fields("") + "hello"), End::close),
      lost("nothing after it", interim("100 Continue"), End::close),
      lost("nothing after several", interim("100 Continue") + early, End::close),
      lost("cut off after it", early + "HTTP/1.1 20", End::cut),
      lost("reset after it", early, End::reset),
      refused("101, which nobody asked for",
              interim("101 Switching Protocols", "Upgrade: lab\r\nConnection: upgrade\r\n"),
              End::close),
      either("101 and more",
             interim("101 Switching Protocols", "Upgrade: lab\r\nConnection: upgrade\r\n") +
                 final_one),
  });
}

TEST_CASE("field values reach the caller as they were sent") {
  const auto field = [](const std::string& line) { return fields(five + line + "\r\n") + "hello"; };
  const std::string name = "X-Value";
  const auto valued = [&](const std::string& sent, const std::string& value) {
    return with_headers(taken(sent, field(sent)), {{name, value}});
  };
  std::vector<Row> rows{
      valued("X-Value: a%0d%0ab", "a%0d%0ab"),
      valued("X-Value: %41%zz%", "%41%zz%"),
      valued("X-Value: a+b&c=d", "a+b&c=d"),
      valued("X-Value: https://x.example/a%20b%0D%0AY:%20z", "https://x.example/a%20b%0D%0AY:%20z"),
      valued("X-Value:a", "a"),
      valued("X-Value: \t a \t", "a"),
      valued("X-Value: a  b", "a  b"),
      valued("X-Value: a\tb", "a\tb"),
      valued("X-Value: a: b:c", "a: b:c"),
      valued("X-Value: \"quoted, \\\" text\"", "\"quoted, \\\" text\""),
      valued("X-Value: caf\xc3\xa9 \xff", "caf\xc3\xa9 \xff"),
      valued("X-Value:", ""),
      valued("X-Value:  ", ""),
      valued("x-vALUE: a", "a"),
      with_headers(
          taken("Location", "HTTP/1.1 200 OK\r\nLocation: /a%0d%0ab%2Fc\r\n" + five + "\r\nhello"),
          {{"Location", "/a%0d%0ab%2Fc"}}),
      with_headers(taken("odd name", field("X!#$%&'*+-.^_`|~1: a")), {{"X!#$%&'*+-.^_`|~1", "a"}}),
      with_headers(taken("the same name three times",
                         field("X-Value: c\r\nOther: x\r\nX-Value: a\r\nx-value: b")),
                   {{name, "c"}, {name, "a"}, {name, "b"}, {"Other", "x"}}),
      with_headers(taken("a first field and a last",
                         "HTTP/1.1 200 OK\r\nFirst: 1\r\n" + five + "Last: 2\r\n\r\nhello"),
                   {{"First", "1"}, {"Last", "2"}}),
  };
  for (const char* line :
       {"X-Value : a", "X-Value\t: a", " X-Value: a", "no colon", ": a", "X Y: a"}) {
    rows.push_back(either(line, field(line)));
  }
  play(rows);
}

TEST_CASE("a folded field value is joined") {
  const std::string folded[] = {"a\r\n b",   "a\r\n\tb", "a \r\n \t b",
                                "a\r\n   b", "\r\n a b", "a\r\n b\r\n "};
  const NoProxySettings clean;
  for (const std::string& value : folded) {
    for (const Route route : {Route::plain, Route::tls, Route::tunnel}) {
      const std::string sent = escaped(value);
      CAPTURE(sent);
      lab::Gate played;
      const Row row =
          taken(value, fields(five + "X-Value: " + value + "\r\nLast: 1\r\n") + "hello");
      const auto options = route == Route::plain ? lab::plain()
                           : route == Route::tls ? lab::Options{}
                                                 : origin_behind_proxy();
      lab::Server server(playing(row, route, false, played), options);
      auto config = config_for(route == Route::tunnel ? origin_url() : server.url());
      config.timeout = 2s * lab::slowness;
      const rtk::HttplibTransport transport{route == Route::tunnel ? over(address(server))
                                                                   : trusting()};
      const auto request = rtk::to_http(config, Create{});
      REQUIRE(request);
      const auto result = transport(*request);
      REQUIRE(result);
      CHECK(result->body == "hello");
      CHECK(values(result->headers, "Last") == std::vector<std::string>{"1"});
      const auto joined = values(result->headers, "X-Value");
      REQUIRE(joined.size() == 1);
      std::string words;  // however many blanks stand for a fold
      for (const char c : joined[0]) {
        if (c != ' ' && c != '\t') words += c;
        if ((c == ' ' || c == '\t') && !words.empty() && words.back() != ' ') words += ' ';
      }
      if (!words.empty() && words.back() == ' ') words.pop_back();
      CHECK(words == "a b");
      CHECK(!contains(joined[0], "\r"));
      CHECK(!contains(joined[0], "\n"));
    }
  }
}

TEST_CASE("a field value with a NUL or a lone CR is refused") {
  using namespace std::string_literals;
  std::vector<Row> rows;
  for (const std::string& value : {"a\0b"s, "\0"s, "a\0"s, "a\rb"s, "\ra"s, "a\r\rb"s,
                                   "a\rX-Other: b"s, "a\0\r\n X-Other: b"s}) {
    for (const End end : {End::open, End::close}) {
      rows.push_back(
          refused(escaped(value), fields(five + "X-Value: " + value + "\r\n") + "hello", end));
      rows.push_back(refused(escaped(value) + " first",
                             fields("X-Value: " + value + "\r\n" + five) + "hello", end));
    }
  }
  play(rows);
}

TEST_CASE("status lines") {
  const auto odd = [](const std::string& line, int status) {
    return with_status(either(line, first_line(line)), status, "hello");
  };
  play({
      taken("no reason", first_line("HTTP/1.1 200 ")),
      taken("one letter", first_line("HTTP/1.1 200 x")),
      taken("a long reason", first_line("HTTP/1.1 200 " + std::string(1000, 'x'))),
      taken("a reason of digits and signs", first_line("HTTP/1.1 200 404 \"No\" (\t) [x]: y")),
      taken("a reason beyond ASCII", first_line("HTTP/1.1 200 gr\xc3\xbc\xc3\x9f \xff")),
      with_status(taken("299", first_line("HTTP/1.1 299 Odd")), 299, "hello"),
      with_status(taken("418", first_line("HTTP/1.1 418 I'm a teapot")), 418, "hello"),
      with_status(taken("599", first_line("HTTP/1.1 599 Odd")), 599, "hello"),
      odd("HTTP/1.1 200", 200),
      odd("HTTP/1.1 600 Odd", 600),
      odd("HTTP/1.1 999 Odd", 999),
      odd("HTTP/1.2 200 OK", 200),
      odd("HTTP/1.1  200 OK", 200),
      odd("HTTP/1.1\t200 OK", 200),
      odd("http/1.1 200 OK", 200),
      odd("\r\nHTTP/1.1 200 OK", 200),
      odd("HTTP/01.1 200 OK", 200),
      refused("099", first_line("HTTP/1.1 099 Odd")),
      refused("000", first_line("HTTP/1.1 000 Odd")),
      refused("99", first_line("HTTP/1.1 99 Odd")),
      refused("two digits", first_line("HTTP/1.1 20 OK")),
      refused("four digits", first_line("HTTP/1.1 2000 OK")),
      refused("a letter", first_line("HTTP/1.1 2x0 OK")),
      refused("a sign", first_line("HTTP/1.1 -200 OK")),
      refused("no status", first_line("HTTP/1.1 OK")),
      refused("no version", first_line("HTTP 200 OK")),
      refused("HTTP/2", first_line("HTTP/2 200")),
      refused("HTTP/2.0", first_line("HTTP/2.0 200 OK")),
      refused("HTTP/3", first_line("HTTP/3 200 OK")),
      refused("HTTP/0.9", first_line("HTTP/0.9 200 OK")),
      refused("HTTP/1.1x", first_line("HTTP/1.1x 200 OK")),
      refused("ICY", first_line("ICY 200 OK")),
      refused("another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
      refused("a mail server", "220 mail.example ESMTP\r\n"),
      refused("a page", "<html>\r\n<body>hello</body>\r\n</html>\r\n", End::close),
      refused("HTTP/2 frames", std::string("\0\0\0\4\0\0\0\0\0", 9), End::close),
      refused("a TLS alert", std::string("\x15\x03\x01\0\2\2\x28", 7), End::close),
  });
}

TEST_CASE("bare line feeds are accepted or refused, and nobody waits") {
  play({
      either("all", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
      either("all, closed", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", End::close),
      either("first line", "HTTP/1.1 200 OK\n" + five + "\r\nhello"),
      either("a field", "HTTP/1.1 200 OK\r\nX: y\n" + five + "\r\nhello"),
      either("the length", "HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello"),
      either("end of the head", "HTTP/1.1 200 OK\r\n" + five + "\nhello"),
      either("end of the head, closed", "HTTP/1.1 200 OK\r\n" + five + "\nhello", End::close),
  });
}

TEST_CASE("an answer with any status is handed over, whatever the request was") {
  std::vector<Row> rows;
  for (const int status : {200, 201, 202, 206, 226, 300, 301, 302, 303, 307, 308, 400, 401,
                           402, 403, 404, 405, 407, 408, 409, 410, 417, 421, 425, 426, 429,
                           431, 451, 500, 501, 502, 503, 504, 505, 511, 520, 530}) {
    rows.push_back(with_status(
        taken(std::to_string(status), "HTTP/1.1 " + std::to_string(status) + " Lab\r\n" + five +
                                          "Location: /elsewhere\r\n\r\nhello"),
        status, "hello"));
  }
  const NoProxySettings clean;
  play_whole(rows);
  for (const Row& row : rows) play(row, Route::tunnel, false);
}

// ---- Retry-After

namespace {

std::optional<std::chrono::seconds> retry_after(const std::string& value) {
  lab::Server server(lab::answering(429, "{}", "Retry-After: " + value + "\r\n"), lab::plain());
  auto config = config_for(server);
  config.retry.max_attempts = 1;
  const auto result = client_for(config).send(List{});
  REQUIRE(!result);
  CHECK(result.error().status == 429);
  return result.error().retry_after;
}

std::string date(std::string format, std::time_t time) {
  char text[64];
  const std::tm utc = *std::gmtime(&time);
  if (const auto day = format.find("%e"); day != format.npos) {  // Windows does not have it
    std::snprintf(text, sizeof text, "%2d", utc.tm_mday);
    format.replace(day, 2, text);
  }
  return {text, std::strftime(text, sizeof text, format.c_str(), &utc)};
}

}  // namespace

TEST_CASE("Retry-After understands all three forms of a date") {
  const std::time_t then = std::time(nullptr) + 3000;
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    const std::string text = date(format, then);
    CAPTURE(text);
    const auto seconds = retry_after(text);
    REQUIRE(seconds);
    CHECK(*seconds > 2900s);
    CHECK(*seconds <= 3001s);
  }
  CHECK(retry_after("7") == 7s);
  CHECK(retry_after("007") == 7s);
}

TEST_CASE("Retry-After in any other form is ignored") {
  const std::time_t then = std::time(nullptr) + 3000;
  std::vector<std::string> values{"J",   "+6",   "-6",       "6s",  "6.5",   "6 6",
                                  "0x6", "6, 7", "tomorrow", "1e3", "\"6\"", "six"};
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S", "%a, %d %b %Y %H:%M:%S UTC", "%a, %d %b %Y %H:%M GMT",
        "%d %b %Y %H:%M:%S GMT", "%Y-%m-%dT%H:%M:%SZ", "%a %d %b %Y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y GMT", "%A, %d-%b-%Y %H:%M:%S GMT", "%a, %d %b %y %H:%M:%S GMT"}) {
    values.push_back(date(format, then));
  }
  for (const std::string& value : values) {
    CAPTURE(value);
    CHECK(!retry_after(value).has_value());
  }
}

// ---- URLs

namespace {

void check_url_refused(const std::string& url) {
  CAPTURE(url);
  const NoProxySettings clean;
  const auto result = client_for(config_for(url), trusting()).send(Create{});
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::invalid_request);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(result.error().attempts == 0);
}

}  // namespace

TEST_CASE("a host with an empty label, or brackets without an IPv6 address, is refused") {
  for (const std::string host : {".",
                                 "..",
                                 ".a.b",
                                 "a..b",
                                 "a.b..",
                                 ".localhost",
                                 "..localhost",
                                 "localhost..",
                                 "[]",
                                 "[localhost]",
                                 "[127.0.0.1]",
                                 "[::1",
                                 "::1]",
                                 "[::1]x",
                                 "[:::1]",
                                 "[1:2]",
                                 "[::g]",
                                 "[::1]]",
                                 "[1:2:3:4:5:6:7:8:9]",
                                 "[a.b]",
                                 ""}) {
    check_url_refused("https://" + host + "/client/v4");
    check_url_refused("https://" + host + ":8443/client/v4");
    check_url_refused("http://" + host + "/client/v4");
  }
}

TEST_CASE("plain http goes to nothing but loopback unless it is permitted by name") {
  // "127.0.0.256" is a name for the resolver, and to inet_aton() "0127.0.0.1" is 87.0.0.1.
  for (const std::string host : {"127.0.0.256", "127.0.0.1000",   "127.0.0.-1",
                                 "127.0.0.1.",  "127.0.0.x",      "127.0.0.1.example",
                                 "127.0.0.1.2", "127.example",    "0127.0.0.1",
                                 "1270.0.0.1",  "128.0.0.1",      "localhost.example",
                                 "xlocalhost",  "localhost.x",    "[::2]",
                                 "[::1:1]",     "[1::]",          "[::ffff:128.0.0.1]",
                                 "10.0.0.1",    "user@localhost", "127.0.0.1@example.invalid"}) {
    check_url_refused("http://" + host + "/client/v4");
    check_url_refused("http://" + host + ":8080/client/v4");
  }
}

TEST_CASE("plain http reaches loopback, however it is spelled") {
  const NoProxySettings clean;
  lab::Server v4(lab::answering(201, lab::created), lab::plain());
  for (const char* host : {"127.0.0.1", "localhost", "LocalHost"}) {
    CAPTURE(std::string(host));
    CHECK(client_for(config_for(v4.url(host))).send(Create{}));
  }
  if (!lab::has_ipv6()) return;
  auto options = lab::plain();
  options.ipv6 = true;
  lab::Server v6(lab::answering(201, lab::created), options);
  for (const char* host : {"[::1]", "[0:0:0:0:0:0:0:1]", "[0::0001]", "[0:0::1]"}) {
    CAPTURE(std::string(host));
    CHECK(client_for(config_for(v6.url(host))).send(Create{}));
  }
}

TEST_CASE("a host with a leading dot matches no certificate") {
  const NoProxySettings clean;
  lab::Server server(proxy(), origin_behind_proxy());
  for (const std::string host : {".example.invalid", ".api.example.invalid", ".invalid"}) {
    CAPTURE(host);
    auto request = rtk::to_http(config_for(origin_url()), Create{});
    REQUIRE(request);
    request->url = "https://" + host + "/client/v4";
    const auto result = rtk::HttplibTransport{over(address(server))}(*request);
    REQUIRE(!result);
    CHECK(result.error().delivery == Delivery::not_sent);
  }
  for (const auto& request : server.requests()) CHECK(contains(request.line(), "CONNECT"));
}
