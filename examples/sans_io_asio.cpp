// RealtimeKit without a transport: an event loop sends the requests, to_http() and from_http() do no
// I/O. Here, Boost.Asio and Boost.Beast create two livestreams concurrently on one thread.
//     c++ -std=c++17 -I.. sans_io_asio.cpp -lssl -lcrypto && ./a.out [NAME [TIMEOUT_SECONDS]]
#define REALTIMEKIT_NO_HTTPLIB
#include "realtimekit.hpp"
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <iostream>
#include <regex>

namespace rtk = realtimekit;
namespace asio = boost::asio;
namespace http = boost::beast::http;

struct Creation {  // has its own connection; must outlive io.run()
  Creation(asio::io_context& io, asio::ssl::context& tls) : resolver(io), stream(io, tls) {}
  void start(const rtk::HttpRequest& from) {
    std::smatch url;  // 1: host and port, 2: host, 3: port, 4: path and query
    if (!std::regex_match(from.url, url, std::regex("https://(([^/:]+):?([0-9]*))(/.*)")))
      throw std::invalid_argument("this example needs https and a host name");
    const std::string host = url[2], port = url.length(3) ? url.str(3) : "https";
    request = {http::string_to_verb(std::string(to_string(from.method))), url.str(4), 11,
               from.body};
    request.set(http::field::host, url.str(1));
    for (const auto& [name, value] : from.headers) request.set(name, value);
    request.prepare_payload();
    parser.body_limit(from.max_response_bytes);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(host));
    SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
    stream.next_layer().expires_after(from.timeout);
    resolver.async_resolve(host, port, [this](auto failed, auto found) { run(failed, found); });
  }
  void run(boost::system::error_code failed, asio::ip::tcp::resolver::results_type found = {}) {
    const auto next = [this](auto now, auto&&...) { run(now); };
    if (failed == boost::beast::error::timeout) error.kind = rtk::ErrorKind::timeout;
    if (failed) return error.message = failed.message(), void();
    switch (++step) {
      case 1: return stream.next_layer().async_connect(found, next);
      case 2: return stream.async_handshake(asio::ssl::stream_base::client, next);
      case 3:
        error.delivery = rtk::Delivery::unknown;
        return http::async_write(stream, request, next);
      case 4: return http::async_read(stream, buffer, parser, next);
    }
  }
  rtk::Result<rtk::Livestream> result(const rtk::Secret& token) const {
    if (!parser.is_done()) return error;
    const auto& got = parser.get();
    rtk::HttpResponse response{static_cast<int>(got.result_int()), {}, got.body()};
    for (const auto& f : got) response.headers.emplace_back(f.name_string(), f.value());
    return rtk::from_http<rtk::livestreams::Create>(response, token);  // masks it in errors
  }
  asio::ip::tcp::resolver resolver;
  asio::ssl::stream<boost::beast::tcp_stream> stream;
  http::request<http::string_body> request;
  http::response_parser<http::string_body> parser;
  boost::beast::flat_buffer buffer;
  rtk::Error error{rtk::ErrorKind::transport, rtk::Delivery::not_sent};  // until it is sent
  int step = 0;
};

int main(int argc, char** argv) try {
  auto config = rtk::Config::from_env().value();
  if (argc > 2) config.timeout = std::chrono::seconds(std::stoi(argv[2]));
  const std::string name = argc > 1 ? argv[1] : "launch";
  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();  // the system's certificates or SSL_CERT_FILE
  Creation one(io, tls), two(io, tls);
  one.start(rtk::to_http(config, rtk::livestreams::Create{name + "-1"}).value());
  two.start(rtk::to_http(config, rtk::livestreams::Create{name + "-2"}).value());
  io.run();
  int failures = 0;
  for (const auto& live : {one.result(config.api_token), two.result(config.api_token)})
    live ? std::cout << *live << '\n' : std::cerr << (++failures, live.error()) << '\n';
  return failures;
} catch (const std::exception& wrong) {
  return std::cerr << wrong.what() << '\n', 1;
}
