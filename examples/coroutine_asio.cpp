// C++20 coroutines of Boost.Asio create two livestreams concurrently on one thread, with retries.
//     g++ -std=c++20 -I.. coroutine_asio.cpp -lssl -lcrypto && ./a.out [NAME [TIMEOUT_SECONDS]]
#define REALTIMEKIT_NO_HTTPLIB
#include "realtimekit.hpp"
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast.hpp>
#include <iostream>
#include <regex>
#ifndef BOOST_ASIO_HAS_CO_AWAIT
#error "needs -std=c++20 and g++ 12 with Boost 1.74 or clang++ 14 with Boost 1.81, or newer"
#endif

namespace rtk = realtimekit;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
template <class T> using Task = asio::awaitable<rtk::Result<T>>;

// Sends a request once, over a new connection, within from.timeout.
static Task<rtk::HttpResponse> exchange(asio::ssl::context& tls, const rtk::HttpRequest& from) {
  std::smatch url;  // 1: host and port, 2: host, 3: port, 4: path and query
  if (!std::regex_match(from.url, url, std::regex("https://(([^/:]+):?([0-9]*))(/.*)")))
    throw std::invalid_argument("this example needs https and a host name");
  const std::string host = url[2], port = url.length(3) ? url.str(3) : "https";
  const auto method = http::string_to_verb(std::string(to_string(from.method)));
  http::request<http::string_body> request(method, url.str(4), 11, from.body);
  request.set(http::field::host, url.str(1));
  for (const auto& [name, value] : from.headers) request.set(name, value);
  request.prepare_payload();
  rtk::Error error{rtk::ErrorKind::transport, rtk::Delivery::not_sent};  // until it is sent
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  asio::ssl::stream<boost::beast::tcp_stream> stream(executor, tls);
  stream.set_verify_callback(asio::ssl::host_name_verification(host));
  SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  stream.next_layer().expires_after(from.timeout);  // does not interrupt the DNS lookup
  try {
    const auto found = co_await resolver.async_resolve(host, port, use_awaitable);
    co_await stream.next_layer().async_connect(found, use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    error.delivery = rtk::Delivery::unknown;
    co_await http::async_write(stream, request, use_awaitable);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(from.max_response_bytes);
    co_await http::async_read(stream, buffer, parser, use_awaitable);
    const auto& got = parser.get();
    rtk::HttpResponse response{static_cast<int>(got.result_int()), {}, got.body()};
    for (const auto& f : got) response.headers.emplace_back(f.name_string(), f.value());
    co_return response;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == boost::beast::error::timeout) error.kind = rtk::ErrorKind::timeout;
    if (failure.code() == http::error::body_limit) error.kind = rtk::ErrorKind::decode;
    error.message = failure.what();
  }
  co_return error;
}

// Sends an operation with retries, by the same rules as Client::send().
template <class Op>
static Task<typename Op::Response> send(const rtk::Config& config, asio::ssl::context& tls, Op op) {
  auto request = rtk::to_http(config, op);
  if (!request) co_return request.error();
  rtk::Attempts attempts(config, *request);
  for (;;) {
    request->timeout = attempts.timeout();
    auto received = co_await exchange(tls, *request);
    auto result = rtk::from_http<Op>(std::move(received), config.api_token, &op);
    const auto delay = attempts.next(result);
    if (!delay) co_return result;
    asio::steady_timer timer(co_await asio::this_coro::executor, *delay);
    co_await timer.async_wait(use_awaitable);
  }
}

int main(int argc, char** argv) try {
  auto config = rtk::Config::from_env().value();
  if (argc > 2) config.total_timeout = std::chrono::seconds(std::stoi(argv[2]));
  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();  // the system's certificates or SSL_CERT_FILE
  tls.set_verify_mode(asio::ssl::verify_peer);
  int failures = 0;
  const auto create = [&](std::string name) -> asio::awaitable<void> {
    const rtk::livestreams::Create op{name};  // g++ 12 destroys it twice if it has no name
    const auto live = co_await send(config, tls, op);
    live ? std::cout << *live << '\n' : std::cerr << (++failures, live.error()) << '\n';
  };
  const auto done = [](std::exception_ptr e) { e ? std::rethrow_exception(e) : void(); };
  for (const std::string number : {"-1", "-2"})
    co_spawn(io, create((argc > 1 ? argv[1] : "launch") + number), done);
  io.run();
  return failures;
} catch (const std::exception& wrong) {
  return std::cerr << wrong.what() << '\n', 1;
}
