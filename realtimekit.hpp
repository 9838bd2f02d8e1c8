// realtimekit.hpp - Cloudflare RealtimeKit for C++17, in one header.
// SPDX-License-Identifier: MIT
//
// A client for the whole REST API: create a livestream, get its ingest server, stream key and
// playback URL; run meetings. A call never creates two livestreams, never hangs, prints no secret.
//
// DO THIS
//
//     #include "realtimekit.hpp"
//     #include <iostream>
//     namespace rtk = realtimekit;
//     int main() {
//       // CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, REALTIMEKIT_APP_ID
//       auto config = rtk::Config::from_env();
//       if (!config) { std::cerr << config.error() << '\n'; return 1; }
//       rtk::Client client{*config};
//       auto live = client.send(rtk::livestreams::Create{"launch"});
//       if (!live) { std::cerr << live.error() << '\n'; return 1; }
//       std::cout << live->ingest_server << '\n' << live->playback_url << '\n';
//     }
//
//     g++ -std=c++17 main.cpp $(pkg-config --cflags --libs cpp-httplib) -lssl -lcrypto -pthread
//
// Requires nlohmann/json 3.11; for the default transport, cpp-httplib 0.11 and OpenSSL 3.0; for
// webhooks::Verifier, OpenSSL 3.0; or newer. If cpp-httplib is only a header,
// -DCPPHTTPLIB_OPENSSL_SUPPORT replaces $(pkg-config ...).
//
// HOW A CALL FLOWS, AND WHERE EACH STEP IS (search for the mark)
//
//     operation --to_http()--> HttpRequest --transport()--> HttpResponse --from_http()--> Result<T>
//     >>operations  >>pipeline  >>http       >>transport      >>http       >>pipeline      >>result
//
//     Timeouts: Config::timeout, by default 30 s, limits each attempt, from the DNS lookup to the
//     last byte of the response; total_timeout, by default 60 s, all attempts and delays together.
//     Retries: up to 3 attempts. A request that is not idempotent, such as a create, is retried
//     only if it was not sent, or after status 429. See RetryPolicy.
//     To add a header to each request: config->headers.emplace_back("User-Agent", "my-app/1.0");
//     To send a route that this header lacks: declare an operation of your own, see >>operations.
//
// ERRORS
//     A call returns Result<T>: the value or an Error. Error::kind says which stage failed,
//     Error::delivery whether the server may have acted on the request. Nothing throws, except
//     value(), * and -> of a Result that holds an error; in a file compiled without exceptions,
//     these print the error and abort.
//     A create whose response is lost is not retried: the call fails with Delivery::unknown. Before
//     creating again, search with livestreams::List, since a livestream cannot be deleted; or call
//     livestreams::ensure, which searches first (>>ensure). std::bad_alloc is not handled.
//
// THREADS
//     A call runs on the caller's thread and blocks it; only DNS lookups run on threads of their
//     own. A Client is thread-safe, and calls do not wait for each other. The other types are
//     values, like std::string. A thread that must not block, such as that of a user interface,
//     uses to_http, from_http and Attempts instead of send() (>>pipeline), or starts the call on
//     another thread:
//         std::thread worker([client, options, post] {  // a copy shares the connections
//           auto live = client.send(rtk::livestreams::Create{"launch"}, options);
//           post([live] { std::cout << live << '\n'; });  // to the interface's thread
//         });
//         worker.detach();
//     After a fork(), both processes may use a Client. No function is safe in a signal handler, not
//     even CancelToken::cancel().
//
// SECRETS
//     The API token and stream keys are of type Secret: printed as *** and overwritten in memory
//     when destroyed. No error message, printed struct or Error::body contains them. The following
//     do: Result::response(), which is the raw response; HttpRequest::headers; and the results of
//     livestreams::obs_service_json() and ffmpeg_arguments(). TLS is version 1.2 or newer; the
//     certificate and its host name are always verified.
//
// MACROS (none changes the layout or the meaning of a type)
//   Define these before the header is included, if needed:
//     REALTIMEKIT_NO_HTTPLIB            omits HttplibTransport and Client, not webhooks::Verifier
//     REALTIMEKIT_SEPARATE_COMPILATION  in all files: compiles only the interface half
//     REALTIMEKIT_IMPLEMENTATION        also, in one .cpp: compiles the implementation half there
//   Defined by the header:
//     REALTIMEKIT_FIELDS(...)           lists the fields of a struct: see >>fields
//     REALTIMEKIT_VERSION_MAJOR, _MINOR, _PATCH, REALTIMEKIT_VERSION    integers, for #if
//
// CONTENTS
//     Interface           uses only the standard library; all that a user needs to read
//       >>values            Secret, OpenEnum, Timestamp, RawJson
//       >>http              HttpRequest, HttpResponse, CancelToken
//       >>result            Error, Result, Exception
//       >>config            Config, RetryPolicy, CallOptions
//       >>fields            how a struct lists its fields and their names in JSON
//       >>models            how responses are decoded; Page, Paging, SortOrder
//       >>operations        what an operation is; how to declare your own
//       >>livestreams       create, list, get, enable, disable, reset the stream key, publish
//       >>recording_config  how a meeting is recorded
//       >>meetings          create, list, change; livestream a meeting
//       >>participants      who may join a meeting, and their tokens
//       >>active_session    kick, mute, polls during a live session
//       >>sessions          participants, quality, chat, transcript, summary
//       >>recordings        start, pause, stop, download
//       >>presets           roles of participants
//       >>webhooks          URLs that receive events
//       >>webhook_events    the events: verify that they are genuine, decode them
//       >>analytics         totals by day
//       >>apps              create, list
//       >>engine            how the templates work; nothing to call
//       >>pipeline          to_http, from_http, Attempts: no I/O, for any event loop
//       >>transport         what a transport is; HttplibTransport, the default
//       >>client            BasicClient, Client, Pages
//       >>ensure            livestreams::ensure: create or reuse
//       >>waiting           livestreams::wait_until_live and wait_until_idle
//     Implementation
//       >>basics            cancellation, printing of errors
//       >>text              UTF-8, percent-encoding, URLs, IP addresses, dates, redaction
//       >>json              decoding in one pass, encoding, printing
//       >>requests          to_http and from_env
//       >>responses         from_http and the construction of errors
//       >>retries           retry_delay, Attempts and send()
//       >>pages             detection of the end of a list; total_timeout of several requests
//       >>reuse             decisions and errors of ensure()
//       >>publishing        settings of encoders
//       >>polling           wait_until_live and wait_until_idle
//       >>deliveries        verification and decoding of webhook events
//       >>httplib           HttplibTransport on cpp-httplib and OpenSSL
#if defined(__clang__)  // style warnings that this file does not follow
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wcomma"
#pragma clang diagnostic ignored "-Wexit-time-destructors"
#pragma clang diagnostic ignored "-Wnon-virtual-dtor"
#pragma clang diagnostic ignored "-Wnrvo"
#pragma clang diagnostic ignored "-Wsuggest-destructor-override"
#pragma clang diagnostic ignored "-Wsuggest-override"
#pragma clang diagnostic ignored "-Wswitch-default"
#pragma clang diagnostic ignored "-Wswitch-enum"
#pragma clang diagnostic ignored "-Wthread-safety-negative"
#pragma clang diagnostic ignored "-Wunsafe-buffer-usage"
#pragma clang diagnostic ignored "-Wused-but-marked-unused"
#pragma clang diagnostic ignored "-Wweak-vtables"
#elif defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Weffc++"
#pragma GCC diagnostic ignored "-Wlogical-op"
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wsuggest-override"
#pragma GCC diagnostic ignored "-Wswitch-default"
#pragma GCC diagnostic ignored "-Wswitch-enum"
#pragma GCC diagnostic ignored "-Wuseless-cast"
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define REALTIMEKIT_EXCEPTIONS 1
#else
#define REALTIMEKIT_EXCEPTIONS 0
#endif

#ifndef REALTIMEKIT_HPP
#define REALTIMEKIT_HPP

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "realtimekit.hpp needs C++17: compile with -std=c++17 (MSVC: /std:c++17) or newer"
#endif

#define REALTIMEKIT_VERSION_MAJOR 0
#define REALTIMEKIT_VERSION_MINOR 2
#define REALTIMEKIT_VERSION_PATCH 0
/// 10000 * major + 100 * minor + patch
#define REALTIMEKIT_VERSION \
  (REALTIMEKIT_VERSION_MAJOR * 10000 + REALTIMEKIT_VERSION_MINOR * 100 + REALTIMEKIT_VERSION_PATCH)

#include <array>        // NoPromises
#include <chrono>       // timeouts, times of the API
#include <cstddef>      // size_t
#include <cstdint>      // int64_t
#include <iosfwd>       // ostream, for operator<<
#include <optional>     // fields that may be absent
#include <stdexcept>    // runtime_error
#include <string>       // text
#include <string_view>  // constants
#include <type_traits>  // checks of transports and operations
#include <utility>      // move, pair
#include <variant>      // webhook events
#include <vector>       // lists; input_iterator_tag, since <iterator> is slow to compile

#if defined(__clang__)  // warns if a reference outlives its Result
#define REALTIMEKIT_LIFETIMEBOUND [[clang::lifetimebound]]
#elif defined(_MSC_VER) && _MSC_VER >= 1937
#define REALTIMEKIT_LIFETIMEBOUND [[msvc::lifetimebound]]
#else
#define REALTIMEKIT_LIFETIMEBOUND
#endif
#if defined(__GNUC__) && !defined(_WIN32)  // the same type in all shared libraries of a program
#define REALTIMEKIT_VISIBLE __attribute__((__visibility__("default")))
#else
#define REALTIMEKIT_VISIBLE
#endif

namespace realtimekit {
inline namespace v0_2 {  // named after the version: one process may contain several versions

// The sv suffix spares GCC from computing each length in every translation unit.
using std::string_view_literals::operator""sv;

namespace detail {
struct Access;  // reads and sets private members of the types below
struct Operation;
struct Table;
struct Type;
template <class T> class Fields;
template <class T> const Type& type_of();
std::string print(const Type& type, const void* value);
void print(std::ostream& out, const std::string& text);
void wipe(std::string& text) noexcept;
/// Null, such as getenv() of an unset variable, counts as empty.
inline const char* text_or_empty(const char* text) noexcept { return text ? text : ""; }

template <class T, class = void> inline constexpr bool has_fields_v = false;
template <class T> inline constexpr bool
    has_fields_v<T, decltype(std::declval<const T&>().fields(std::declval<Fields<T>&>()))> = true;

/// A reference-counted pointer to an object of the implementation half. It replaces std::shared_ptr
/// since <memory> would add a quarter to the compile time of this half's includes.
class Shared {
 public:
  struct Object;

  Shared() = default;
  explicit Shared(Object* fresh) noexcept : object_(fresh) {}
  explicit Shared(Object& owned) noexcept;  // owned by another Shared
  Shared(const Shared& other) noexcept;
  Shared(Shared&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  Shared& operator=(Shared other) noexcept { return std::swap(object_, other.object_), *this; }
  ~Shared();
  Object* get() const noexcept { return object_; }

 private:
  Object* object_ = nullptr;
};
}  // namespace detail

// >>values ----------------------------------------------------------------------------------------

/// A string that must not be disclosed, such as an API token or a stream key. Prints as "***". Its
/// memory is overwritten on destruction and assignment; copies made of reveal() are not.
class Secret {
 public:
  Secret() = default;
  Secret(std::string text) : text_(std::move(text)) {}
  Secret(const char* text) : text_(detail::text_or_empty(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { detail::wipe(other.text_); }
  Secret& operator=(Secret other) noexcept { return text_.swap(other.text_), *this; }
  ~Secret() { detail::wipe(text_); }

  /// Returns the string itself, for the one place that needs it, such as an encoder's settings.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret& a, const Secret& b) { return a.text_ == b.text_; }
  friend bool operator!=(const Secret& a, const Secret& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

/// An enumeration that the server may extend: a value unknown to this header keeps its text.
/// Compares with constants, such as `live->status == LivestreamStatus::live`, and with strings.
template <class Derived> class OpenEnum {
 public:
  /// A known value; the type of the constants.
  struct Value {
    std::string_view text;
  };

  OpenEnum() = default;
  OpenEnum(Value known) : text_(known.text) {}
  explicit OpenEnum(std::string text) : text_(std::move(text)) {}

  /// Returns the value as the server writes it; empty if it sent none.
  const std::string& text() const { return text_; }

  friend bool operator==(const OpenEnum& a, const OpenEnum& b) { return a.text_ == b.text_; }
  friend bool operator!=(const OpenEnum& a, const OpenEnum& b) { return !(a == b); }
  friend bool operator==(const OpenEnum& a, std::string_view b) { return a.text_ == b; }
  friend bool operator!=(const OpenEnum& a, std::string_view b) { return a.text_ != b; }
  friend bool operator==(std::string_view a, const OpenEnum& b) { return a == b.text_; }
  friend bool operator!=(std::string_view a, const OpenEnum& b) { return a != b.text_; }

 private:
  friend detail::Access;
  std::string text_;
};

/// A point in time. Holds the text that the server sent, such as "2023-07-15T07:08:26.634Z".
class Timestamp {
 public:
  using time_point = std::chrono::system_clock::time_point;

  Timestamp() = default;
  Timestamp(std::string iso8601) : text_(std::move(iso8601)) {}
  Timestamp(const char* iso8601) : text_(detail::text_or_empty(iso8601)) {}
  Timestamp(time_point time);

  const std::string& text() const { return text_; }
  /// Parses an ISO 8601 date, or date and time, also as written by Go and SQL; seconds or
  /// milliseconds since 1970; an HTTP date. Empty for other strings. Time zone: UTC if absent.
  std::optional<time_point> time() const;

  friend bool operator==(const Timestamp& a, const Timestamp& b) { return a.text_ == b.text_; }
  friend bool operator!=(const Timestamp& a, const Timestamp& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

/// The JSON text of a value without a fixed structure, to be parsed with any JSON library.
class RawJson {
 public:
  RawJson() = default;
  /// json: one JSON value. Sending any other string fails with ErrorKind::invalid_request.
  RawJson(std::string json) : text_(std::move(json)) {}
  RawJson(const char* json) : text_(detail::text_or_empty(json)) {}

  /// Returns the JSON without insignificant whitespace; empty if the server sent none, or null.
  const std::string& text() const { return text_; }

  friend bool operator==(const RawJson& a, const RawJson& b) { return a.text_ == b.text_; }
  friend bool operator!=(const RawJson& a, const RawJson& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

// >>http ------------------------------------------------------------------------------------------

/// Cancels calls. Copies share one state. Thread-safe.
class CancelToken {
 public:
  /// Creates a token that is never canceled: cancel() has no effect.
  CancelToken() = default;
  /// Returns a token that can be canceled.
  static CancelToken create();

  /// Ends every call that was given this token, within milliseconds, with ErrorKind::canceled.
  void cancel() const;
  bool canceled() const noexcept;
  /// Blocks for the given time, or until the token is canceled. Returns whether it is canceled.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  friend detail::Access;
  detail::Shared state_;
};

/// The method of a request.
enum class Method { get, post, put, patch, del };
/// Returns "GET", "POST", "PUT", "PATCH" or "DELETE".
std::string_view to_string(Method method) noexcept;

using Headers = std::vector<std::pair<std::string, std::string>>;
/// Returns the value of the first header with this name (case-insensitive), or null.
const std::string* find_header(const Headers& headers, std::string_view name) noexcept;

/// The request that a transport receives. Validated: no header contains a control character.
struct HttpRequest {
  Method method = Method::get;
  std::string url{};                          ///< absolute, percent-encoded: to be sent as it is
  Headers headers{};                          ///< contain the API token: do not log
  std::string body{};                         ///< JSON; empty: none
  bool idempotent = true;                     ///< false: sending it again may create a second item
  std::chrono::milliseconds timeout{30000};   ///< from DNS lookup to the last byte of the response
  std::size_t max_response_bytes = 8u << 20;  ///< a longer body must be rejected
  CancelToken cancel{};                       ///< once canceled, return ErrorKind::canceled
};

/// The response that a transport returns. The body is complete and has no content coding.
struct HttpResponse {
  int status = 0;     ///< such as 201; 0 if default-constructed
  Headers headers{};  ///< as received
  std::string body{};
};

// >>result ----------------------------------------------------------------------------------------

/// The stage at which a call failed.
enum class ErrorKind {
  invalid_request,  ///< rejected before sending; the message names the field and the rule
  transport,        ///< no valid and complete response: DNS, connect, TLS, reset, truncated
  timeout,          ///< Config::timeout, total_timeout or connect_timeout has expired
  canceled,         ///< the CancelToken was canceled
  api,              ///< the response reports a failure: any status, also 2xx with success:false
  decode            ///< a 2xx response without the expected content, or over max_response_bytes
};
std::string_view to_string(ErrorKind kind) noexcept;

/// Whether the server may have acted on a failed call.
enum class Delivery {
  not_sent,  ///< the server cannot have acted: safe to retry
  unknown,   ///< the server may have acted
  answered   ///< the server responded
};
std::string_view to_string(Delivery delivery) noexcept;

/// An error message of the server.
struct ApiMessage {
  /// 0 if the server sent none, or a word instead of a number: the message then begins with it.
  std::int64_t code = 0;
  std::string message{};
};

/// Why a call failed. All members are masked: they contain neither the API token, nor a Secret that
/// was sent, nor the value of a field with a secret's name, such as "password".
struct Error {
  ErrorKind kind = ErrorKind::transport;
  Delivery delivery = Delivery::unknown;
  int status = 0;                    ///< HTTP status; 0 without a response
  std::int64_t code = 0;             ///< first code in errors, such as 10000 for an invalid token
  std::string message{};             ///< what failed; the server's messages if it sent any
  std::vector<ApiMessage> errors{};  ///< causes last; at most 100, each of at most 4 KiB
  std::string request_id{};          ///< Cloudflare's cf-ray, for support tickets
  std::optional<std::chrono::seconds> retry_after{};  ///< from the Retry-After header, if valid
  int attempts = 0;  ///< number of attempts, also after a success; 0 if none was made
  /// First 4 KiB of the response body. After ErrorKind::decode, all its strings are masked, since
  /// any of them may be a secret.
  std::string body{};
  /// True: the cause is not temporary, such as an untrusted certificate or a password that a proxy
  /// rejects. Such an error is not retried. Set by the transport.
  bool permanent = false;

  /// Returns one line for a log.
  std::string to_string() const;
};
std::ostream& operator<<(std::ostream& out, const Error& error);

/// Thrown by Result::value(). what() returns Error::to_string().
class REALTIMEKIT_VISIBLE Exception : public std::runtime_error {
 public:
  explicit Exception(Error error)
      : std::runtime_error(error.to_string()), error_(std::move(error)) {}
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

namespace detail {
/// The members of a Result that do not depend on the type of its value.
struct Outcome {
  bool ok = false;
  Error error;
  HttpResponse response;

  // Compiled once, not in each translation unit that uses a Result.
  Outcome();
  Outcome(const Outcome&);
  Outcome(Outcome&&) noexcept;
  Outcome& operator=(const Outcome&);
  Outcome& operator=(Outcome&&) noexcept;
  ~Outcome();
};

[[noreturn]] void abort_with(const Error& error);
Error thrown_by_transport(const char* what);

// What a file does on an error, which depends on whether it is compiled with exceptions. Functions
// take it as a template argument, since the linker keeps only one of the functions with one name.
#if REALTIMEKIT_EXCEPTIONS
struct Throws {
  [[noreturn]] static void fail(const Error& error) { throw Exception(error); }
  template <class Call> static auto guard(const Call& call) -> decltype(call()) {
    try {
      return call();
    } catch (const std::exception& exception) {
      return thrown_by_transport(exception.what());
    } catch (...) {
      return thrown_by_transport(nullptr);
    }
  }
};
using OnError = Throws;
#else
struct Aborts {
  [[noreturn]] static void fail(const Error& error) { abort_with(error); }
  template <class Call> static auto guard(const Call& call) -> decltype(call()) { return call(); }
};
using OnError = Aborts;
#endif
}  // namespace detail

/// A value or an Error. Check it before use: `if (!result) log(result.error());`
template <class T> class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, Error>, "realtimekit: Result<Error> has no meaning");

 public:
  Result(T value) : value_(std::move(value)) { outcome_.ok = true; }
  Result(Error error) { outcome_.error = std::move(error); }

  bool has_value() const noexcept { return outcome_.ok; }
  explicit operator bool() const noexcept { return outcome_.ok; }

  /// Returns the value. On an error, throws Exception or, without exceptions, prints it and aborts.
  /// The value lives as long as the Result: `for (auto& x : client.send(List{})->items)` dangles.
  template <class E = detail::OnError> T& value() & REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), value_;
  }
  template <class E = detail::OnError> const T& value() const& REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), value_;
  }
  template <class E = detail::OnError> T&& value() && REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), std::move(value_);
  }
  /// Same as value(), including the check.
  template <class E = detail::OnError> T& operator*() & REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), value_;
  }
  template <class E = detail::OnError> const T& operator*() const& REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), value_;
  }
  template <class E = detail::OnError> T&& operator*() && REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), std::move(value_);
  }
  template <class E = detail::OnError> T* operator->() REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), &value_;
  }
  template <class E = detail::OnError> const T* operator->() const REALTIMEKIT_LIFETIMEBOUND {
    return expect<E>(), &value_;
  }

  /// Returns the error. After a success, only its member attempts is meaningful.
  const Error& error() const& noexcept { return outcome_.error; }
  Error&& error() && noexcept { return std::move(outcome_.error); }

  /// Returns the server's last response as received, secrets included; status 0 if there was none.
  const HttpResponse& response() const noexcept { return outcome_.response; }

 private:
  friend detail::Access;
  Result() = default;
  template <class E> void expect() const {
    if (!outcome_.ok) E::fail(outcome_.error);
  }

  T value_{};
  detail::Outcome outcome_;
};

// >>config ----------------------------------------------------------------------------------------

/// When a failed request is retried. Idempotent operations (GET, DELETE, most PUT: see Repeat) are
/// retried after transport errors, timeouts and the statuses 408, 429, 500, 502, 503, 504 and 520
/// to 524. Other operations, such as a create, are retried only if the request was not sent, or
/// after 429. An Error that is permanent is never retried.
///
/// The delay before retry n is min(base * 2^(n-1), cap), reduced at random by up to a quarter. A
/// valid Retry-After replaces it.
///
/// A DELETE that receives 404 or 410 succeeds if an earlier attempt of the same call may have
/// deleted the resource. The value is then empty, and error().attempts is greater than 1.
struct RetryPolicy {
  int max_attempts = 3;                              ///< including the first; 1: no retries
  std::chrono::milliseconds base{500};               ///< delay before the first retry
  std::chrono::milliseconds cap{8000};               ///< longest delay without a Retry-After
  std::chrono::milliseconds max_retry_after{60000};  ///< a longer Retry-After ends the call
};

/// The account, app and token of a client, and how it makes calls.
struct Config {
  std::string account_id{};  ///< id of the Cloudflare account
  std::string app_id{};      ///< id of the RealtimeKit app
  Secret api_token{};        ///< API token with the permission Realtime or Realtime Admin
  /// https, or http if the host is loopback. May have a path, to which the operation's is appended.
  std::string base_url = "https://api.cloudflare.com/client/v4";
  /// For each attempt, from the DNS lookup to the last byte of the response. Must be more than 0.
  std::chrono::milliseconds timeout{30000};
  /// For a call: all attempts and the delays between them. Must be more than 0.
  std::chrono::milliseconds total_timeout{60000};
  RetryPolicy retry{};
  std::size_t max_response_bytes = 8u << 20;  ///< a longer response fails: ErrorKind::decode
  /// Added to each request, such as a User-Agent. Must not contain Authorization, Accept,
  /// Accept-Encoding, Content-Type, Content-Length, Host, Transfer-Encoding, Connection or Expect.
  Headers headers{};
  bool allow_plain_http = false;  ///< true: http to any host, with the token in clear text

  /// Reads CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, REALTIMEKIT_APP_ID and, if set,
  /// CLOUDFLARE_BASE_URL from the environment. Removes blanks and quotes around a value, and
  /// "Bearer " before the token. Error: invalid_request, naming the missing variables. Must not be
  /// called while another thread changes the environment.
  static Result<Config> from_env();
};

/// Options of a single call.
struct CallOptions {
  /// For send(), defaults to Config::total_timeout. For pages() and ensure(), limits all requests
  /// together, from the call on; if absent, Config::total_timeout limits each of them.
  std::optional<std::chrono::milliseconds> total_timeout{};
  CancelToken cancel{};  ///< default: never canceled
  int max_pages = 1000;  ///< for pages() and ensure(): a longer list ends with an error
};

// >>fields ----------------------------------------------------------------------------------------
//
// A struct lists its fields once:
//
//     struct Poll {
//       std::string question{};
//       std::vector<std::string> options{};
//       REALTIMEKIT_FIELDS(question, options)
//     };
//
// If a name in JSON differs from that of the member, write the list out instead:
//
//       template <class Fields> static void fields(Fields& field) {
//         field("question", &Poll::question);
//         field("default", &Poll::preselected);
//       }
//
// The list is used for requests, responses and printing. A field is a std::string, Secret,
// Timestamp, RawJson, bool, int, std::int64_t, double, a type derived from OpenEnum, another such
// struct, or a std::optional or std::vector of these. A std::vector of std::pair<std::string, T> is
// a JSON object with arbitrary names. Fields need default values, since a response may lack any.
//
// Absent fields are not sent. A std::optional, Secret, Timestamp, OpenEnum, RawJson or std::vector
// is absent if it is empty, a struct if all its fields are absent. A std::string, a number, a bool
// and a std::optional with a value are always sent. To send an empty list, make it optional.
//
// If the server wraps a struct, or a list of it, in a member with the name of the resource, list
// the possible names, each in the singular or plural:
//
//       static constexpr std::string_view wrappers[] = {"poll"};

/// Lists the fields of a struct whose names in JSON are those of the members.
#define REALTIMEKIT_FIELDS(...)                                                                 \
  template <class RealtimekitFields> void fields(RealtimekitFields& realtimekit_fields) const { \
    realtimekit_fields.names(#__VA_ARGS__).members(__VA_ARGS__);                                \
  }

/// Where a response may contain a field.
enum class Role {
  plain,  ///< in a member with its name
  flat    ///< the same, or without that member: in place of the whole struct
};

/// Returns a struct as one line of JSON, for logs: secrets as "***", absent fields omitted.
template <class T>
std::enable_if_t<detail::has_fields_v<T>, std::string> to_string(const T& value) {
  return detail::print(detail::type_of<T>(), &value);
}
template <class T>
std::enable_if_t<detail::has_fields_v<T>, std::ostream&> operator<<(std::ostream& out,
                                                                    const T& value) {
  return detail::print(out, to_string(value)), out;
}
inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return detail::print(out, "***"), out;
}
inline std::ostream& operator<<(std::ostream& out, const Timestamp& time) {
  return detail::print(out, time.text()), out;
}
std::ostream& operator<<(std::ostream& out, const RawJson& value);
template <class Derived>
std::ostream& operator<<(std::ostream& out, const OpenEnum<Derived>& value) {
  return detail::print(out, value.text()), out;
}

/// Prints the value of a Result, or its error.
template <class T> auto operator<<(std::ostream& out, const Result<T>& result)
    -> decltype(out << result.error() << *result) {
  return result ? out << *result : out << result.error();
}

// >>models ----------------------------------------------------------------------------------------
//
// Structs of responses. Decoding accepts what the server sends in practice, which differs from its
// schema: null counts as absent, numbers and booleans may be strings, a list may be a single object
// and vice versa, unknown fields are ignored (see unread()), unknown values of OpenEnum are kept.
//
// Decoding limits the time and memory for each response: 16 MiB for the items of lists, or four
// times the size of the response if that is more; 500,000 values, or one for each 16 bytes if that
// is more; 2 MiB for a string. A response beyond a limit, such as "[{},{},{}...", fails: decode.

/// The position of a page in its list. Fields that the server does not send are absent.
struct Paging {
  static constexpr std::string_view wrappers[] = {"paging"sv, "pagination"sv, "result_info"sv,
                                                  "meta"sv};

  std::optional<std::int64_t> total_count{};   ///< items on all pages
  std::optional<std::int64_t> start_offset{};  ///< of the first item on this page, from 1
  std::optional<std::int64_t> end_offset{};    ///< of the last item on this page

  REALTIMEKIT_FIELDS(total_count, start_offset, end_offset)
};

/// One page of a list.
template <class T> struct Page {
  std::vector<T> items;
  Paging paging;

  template <class Fields> static void fields(Fields& field) {
    field("data", &Page::items, Role::flat);
    field("paging", &Page::paging);
  }
};

/// The order of a list. Livestreams have their own: livestreams::SortOrder.
struct SortOrder : OpenEnum<SortOrder> {
  using OpenEnum::OpenEnum;
  static constexpr Value ascending{"ASC"sv};
  static constexpr Value descending{"DESC"sv};
};

// >>operations ------------------------------------------------------------------------------------
//
// An operation is a struct whose fields are the parameters. For a route that this header lacks,
// declare a struct with a route, a Response, the parameters and their list. send() takes it like
// any other. pages() requests more than one page only if it has a std::optional page_no.
//
//     struct Stopped {
//       std::string status{};
//       REALTIMEKIT_FIELDS(status)
//     };
//     struct StopLivestream {
//       static constexpr auto route =
//           rtk::Route::post("/meetings/{meeting_id}/active-livestream/stop");
//       using Response = Stopped;
//       std::string meeting_id{};
//       REALTIMEKIT_FIELDS(meeting_id)
//     };
//
// By default, a successful response must contain the list if Response is one, else the id if
// Response has one, else any field of Response. An operation may instead list the fields that must
// not be empty, or accept any response, even without a body:
//
//       static constexpr std::string_view promises[] = {"id", "stream_key"};
//       static constexpr rtk::NoPromises promises{};
//
// A field named in the path is sent there, and must not be empty. The others are sent in the query
// of a GET or DELETE, and otherwise in the JSON body; absent fields are not sent. {account_id} and
// {app_id} come from the Config. The operation may list other parameters that must not be empty:
//
//       static constexpr std::string_view required[] = {"name", "url"};
//
// The operations below require a token with the permission Realtime or Realtime Admin.
//
// Published rate limits: 3,500 requests in 5 minutes, for recordings 1,000 in 50 s; per token, over
// all of Cloudflare's API, 1,200 in 5 minutes. Beyond them: status 429 and Error::retry_after.

/// Whether an operation is idempotent.
enum class Repeat {
  harmless,  ///< idempotent: may be retried after a failure
  harmful    ///< not idempotent: retried only if the server cannot have acted
};

/// The promises of an operation that accepts any response.
using NoPromises = std::array<std::string_view, 0>;

/// The method and path of an operation. The functions take a path below that of the app,
/// /accounts/{account_id}/realtime/kit/{app_id}. For any other route, set the members:
/// `Route{Method::get, "/user/tokens/verify", Repeat::harmless}`.
struct Route {
  Method method;
  std::string_view path;  ///< below Config::base_url or the app's path, with {names} of fields
  Repeat repeat;
  bool is_below_app = false;

  static constexpr Route get(std::string_view path) {
    return {Method::get, path, Repeat::harmless, true};
  }
  static constexpr Route post(std::string_view path, Repeat repeat = Repeat::harmful) {
    return {Method::post, path, repeat, true};
  }
  static constexpr Route put(std::string_view path, Repeat repeat = Repeat::harmless) {
    return {Method::put, path, repeat, true};
  }
  static constexpr Route patch(std::string_view path, Repeat repeat = Repeat::harmful) {
    return {Method::patch, path, repeat, true};
  }
  static constexpr Route del(std::string_view path) {
    return {Method::del, path, Repeat::harmless, true};
  }
};

// >>livestreams -----------------------------------------------------------------------------------

/// The state of a livestream. A new one is OFFLINE (published guide) or INVOKED (reference).
struct LivestreamStatus : OpenEnum<LivestreamStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value live{"LIVE"sv};        ///< receiving video
  static constexpr Value idle{"IDLE"sv};        ///< receiving no video
  static constexpr Value errored{"ERRORED"sv};  ///< see LivestreamSession::err_message
  static constexpr Value invoked{"INVOKED"sv};  ///< started, not yet live
  static constexpr Value offline{"OFFLINE"sv};  ///< created, never started
};

/// An address to publish to and one to watch at. Each route sends only some of the fields.
struct Livestream {
  static constexpr std::string_view wrappers[] = {"livestream"sv, "LivestreamBase"sv};

  std::string id{};
  std::optional<std::string> name{};
  LivestreamStatus status{};
  std::string ingest_server{};  ///< RTMPS URL. OBS: "Server". ffmpeg: see ffmpeg_arguments()
  Secret stream_key{};          ///< OBS: "Stream key". Allows anyone who has it to publish
  std::string playback_url{};   ///< HLS manifest. 404 until video arrives; delay 3 to 6 s
  std::optional<std::string> meeting_id{};  ///< absent for an independent livestream
  bool disabled = false;                    ///< true: publishing is refused
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<double> ingest_seconds{};  ///< duration of the video received so far
  std::optional<double> viewer_seconds{};  ///< duration watched so far, sum of all viewers
  std::optional<std::string> org_id{};

  REALTIMEKIT_FIELDS(id, name, status, ingest_server, stream_key, playback_url, meeting_id,
                     disabled, created_at, updated_at, ingest_seconds, viewer_seconds, org_id)
};

/// One broadcast of a livestream, "livestream session" in the API.
struct LivestreamSession {
  static constexpr std::string_view wrappers[] = {"session"sv, "livestream_session"sv};

  std::string id{};
  std::string livestream_id{};
  std::optional<std::string> err_message{};  ///< why it failed
  Timestamp invoked_time{};
  Timestamp started_time{};
  Timestamp stopped_time{};
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<double> ingest_seconds{};  ///< 60, a placeholder, during the first minute
  std::optional<double> viewer_seconds{};  ///< same

  REALTIMEKIT_FIELDS(id, livestream_id, err_message, invoked_time, started_time, stopped_time,
                     created_at, updated_at, ingest_seconds, viewer_seconds)
};

/// A livestream and its broadcasts.
struct LivestreamDetails {
  Livestream livestream;
  std::vector<LivestreamSession> sessions;
  Paging paging;  ///< of sessions

  template <class Fields> static void fields(Fields& field) {
    field("livestream", &LivestreamDetails::livestream, Role::flat);
    field("sessions", &LivestreamDetails::sessions);
    field("paging", &LivestreamDetails::paging);
  }
};

/// A livestream and its current broadcast.
struct ActiveLivestreamSession {
  Livestream livestream;
  LivestreamSession session;

  template <class Fields> static void fields(Fields& field) {
    field("livestream", &ActiveLivestreamSession::livestream, Role::flat);
    field("session", &ActiveLivestreamSession::session);
  }
};

namespace livestreams {

/// Creates a livestream that belongs to no meeting. Any RTMPS encoder can publish to it. It cannot
/// be deleted. Names need not be unique.
struct Create {
  static constexpr Route route = Route::post("/livestreams"sv);
  static constexpr std::string_view promises[] = {"id"sv, "ingest_server"sv, "stream_key"sv,
                                                  "playback_url"sv};
  using Response = Livestream;

  std::optional<std::string> name{};  ///< published rule: only letters, digits, '-' and '_'

  REALTIMEKIT_FIELDS(name)
};

/// Returns a livestream and a page of its broadcasts.
struct Get {
  static constexpr Route route = Route::get("/livestreams/{livestream_id}"sv);
  static constexpr std::string_view promises[] = {"livestream.id"sv};
  using Response = LivestreamDetails;

  std::string livestream_id{};             ///< required
  std::optional<std::int64_t> page_no{};   ///< of sessions, from 1
  std::optional<std::int64_t> per_page{};  ///< of sessions

  REALTIMEKIT_FIELDS(livestream_id, page_no, per_page)
};

/// The order of a list of livestreams, by time of creation.
struct SortOrder : OpenEnum<SortOrder> {
  using OpenEnum::OpenEnum;
  static constexpr Value ascending{"ASC"sv};
  static constexpr Value descending{"DSC"sv};  // not "DESC"
};

/// Lists the app's livestreams: independent ones (created by Create) and those of meetings.
struct List {
  static constexpr Route route = Route::get("/livestreams"sv);
  using Response = Page<Livestream>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  LivestreamStatus status{};               ///< only those with this status
  std::optional<bool> exclude_meetings{};  ///< true: only independent livestreams
  SortOrder sort_order{};
  Timestamp start_time{};  ///< created at this time or later
  Timestamp end_time{};    ///< created at this time or earlier

  REALTIMEKIT_FIELDS(page_no, per_page, status, exclude_meetings, sort_order, start_time, end_time)
};

/// Returns a livestream and its current broadcast, whose err_message says why it failed.
struct GetActiveSession {
  static constexpr Route route =
      Route::get("/livestreams/{livestream_id}/active-livestream-session"sv);
  static constexpr std::string_view promises[] = {"livestream.id"sv};
  using Response = ActiveLivestreamSession;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// Returns one broadcast, current or past.
struct GetSession {
  static constexpr Route route = Route::get("/livestreams/sessions/{livestream_session_id}"sv);
  using Response = LivestreamSession;

  std::string livestream_session_id{};  ///< required; LivestreamSession::id

  REALTIMEKIT_FIELDS(livestream_session_id)
};

/// Re-enables a disabled livestream. Documented only in older specifications.
struct Enable {
  static constexpr Route route = Route::put("/livestreams/{livestream_id}/enable"sv);
  using Response = Livestream;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// Disables a livestream: publishing is refused. Documented only in older specifications.
struct Disable {
  static constexpr Route route = Route::put("/livestreams/{livestream_id}/disable"sv);
  using Response = Livestream;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// Replaces the stream key; the response contains the new one. Documented only in older
/// specifications.
struct ResetStreamKey {
  static constexpr Route route = Route::post("/livestreams/{livestream_id}/reset-stream-key"sv);
  static constexpr std::string_view promises[] = {"stream_key"sv};
  using Response = Livestream;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// Returns the URL for an encoder that takes only a URL: ingest_server, one '/' and stream_key,
/// which is not percent-encoded. For ffmpeg, see ffmpeg_arguments(). Error: invalid_request if
/// ingest_server or stream_key is empty.
Result<Secret> publish_url(const Livestream& livestream);

/// Returns the content of service.json, a file in the directory of an OBS Studio profile, which OBS
/// reads when it starts. Contains the stream key. Error: as publish_url().
Result<std::string> obs_service_json(const Livestream& livestream);

/// Returns the arguments, without the program's name, for ffmpeg 4.0 or newer to publish H.264 at
/// 4 Mbit/s with a keyframe every 2 s, and AAC. ffmpeg reconnects up to 60 times, one second after
/// each failure. For exec(), not for a shell. Contains the stream key, which other users of the
/// system may see in the list of processes. Error: as publish_url().
/// input: a file, a URL, a camera such as "/dev/video0" (Linux; without sound), or empty for a
/// moving test picture with a tone. Files and http URLs are read at playback speed.
Result<std::vector<std::string>> ffmpeg_arguments(const Livestream& livestream,
                                                  std::string_view input);

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace livestreams

// >>recording_config ------------------------------------------------------------------------------
//
// Separate from >>recordings, since Meeting contains a RecordingConfig, and Recording a Meeting.

/// A width and a height in pixels.
struct PixelSize {
  std::optional<std::int64_t> width{};
  std::optional<std::int64_t> height{};

  REALTIMEKIT_FIELDS(width, height)
};

/// The position of a watermark in the video.
struct WatermarkPosition : OpenEnum<WatermarkPosition> {
  using OpenEnum::OpenEnum;
  static constexpr Value left_top{"left top"sv};
  static constexpr Value right_top{"right top"sv};
  static constexpr Value left_bottom{"left bottom"sv};
  static constexpr Value right_bottom{"right bottom"sv};
};

/// An image laid over a recorded video.
struct Watermark {
  std::optional<std::string> url{};  ///< of the image
  PixelSize size{};
  WatermarkPosition position{};  ///< defaults to left_top

  REALTIMEKIT_FIELDS(url, size, position)
};

/// The video codec of a recording.
struct VideoCodec : OpenEnum<VideoCodec> {
  using OpenEnum::OpenEnum;
  static constexpr Value h264{"H264"sv};
  static constexpr Value vp8{"VP8"sv};
  static constexpr Value vp9{"VP9"sv};
};

/// The video settings of a recording.
struct VideoConfig {
  VideoCodec codec{};                    ///< defaults to H264
  std::optional<std::int64_t> width{};   ///< in pixels; defaults to 1280
  std::optional<std::int64_t> height{};  ///< in pixels; defaults to 720
  std::optional<bool> export_file{};     ///< whether to export a video file
  Watermark watermark{};

  REALTIMEKIT_FIELDS(codec, width, height, export_file, watermark)
};

/// The audio codec of a recording.
struct AudioCodec : OpenEnum<AudioCodec> {
  using OpenEnum::OpenEnum;
  static constexpr Value mp3{"MP3"sv};
  static constexpr Value aac{"AAC"sv};
};

/// The audio channels of a recording.
struct AudioChannel : OpenEnum<AudioChannel> {
  using OpenEnum::OpenEnum;
  static constexpr Value mono{"mono"sv};
  static constexpr Value stereo{"stereo"sv};
};

/// The audio settings of a recording. Not allowed with VP8 or VP9, whose audio is always Vorbis.
struct AudioConfig {
  AudioCodec codec{};                 ///< defaults to AAC
  AudioChannel channel{};             ///< defaults to stereo
  std::optional<bool> export_file{};  ///< whether to export an audio file; defaults to true

  REALTIMEKIT_FIELDS(codec, channel, export_file)
};

/// A storage provider.
struct StorageType : OpenEnum<StorageType> {
  using OpenEnum::OpenEnum;
  static constexpr Value aws{"aws"sv};
  static constexpr Value azure{"azure"sv};
  static constexpr Value digitalocean{"digitalocean"sv};
  static constexpr Value gcs{"gcs"sv};  ///< Google Cloud Storage
  static constexpr Value sftp{"sftp"sv};
  static constexpr Value cloudflare{"cloudflare"sv};  ///< R2
};

/// The authentication method of SFTP.
struct StorageAuthMethod : OpenEnum<StorageAuthMethod> {
  using OpenEnum::OpenEnum;
  static constexpr Value key{"KEY"sv};
  static constexpr Value password{"PASSWORD"sv};
};

/// The application's own storage, to which recordings are uploaded. Its secrets are only for
/// requests: responses are expected to lack them.
struct StorageConfig {
  StorageType type{};                     ///< required
  std::optional<std::string> bucket{};    ///< name of the bucket
  std::optional<std::string> region{};    ///< required for aws, azure, digitalocean
  std::optional<std::string> path{};      ///< folder in the bucket; defaults to its root
  std::optional<Secret> access_key{};     ///< required for aws, azure, digitalocean; not for gcs
  std::optional<Secret> secret{};         ///< of access_key; for azure: "" (an empty one is sent)
  std::optional<std::string> host{};      ///< sftp
  std::optional<std::int64_t> port{};     ///< sftp
  std::optional<std::string> username{};  ///< sftp
  StorageAuthMethod auth_method{};        ///< sftp
  std::optional<Secret> password{};     ///< sftp: required with PASSWORD; with KEY: of private_key
  std::optional<Secret> private_key{};  ///< sftp: required with KEY

  REALTIMEKIT_FIELDS(type, bucket, region, path, access_key, secret, host, port, username,
                     auth_method, password, private_key)
};

/// Whether recordings are uploaded to RealtimeKit's own bucket.
struct BucketConfig {
  /// Required; the server's default is true. False: the recording has no download URLs and, without
  /// a StorageConfig, is lost.
  std::optional<bool> enabled{};

  REALTIMEKIT_FIELDS(enabled)
};

/// An RTMP server to which the recorded video is also sent.
struct RtmpConfig {
  std::optional<Secret> rtmp_url{};  ///< secret, since it may end in the server's stream key

  REALTIMEKIT_FIELDS(rtmp_url)
};

/// How a meeting is recorded. Takes precedence over the settings of the app.
struct RecordingConfig {
  std::optional<double> max_seconds{};            ///< maximum duration: 60 to 86400
  std::optional<std::string> file_name_prefix{};  ///< first part of the file name
  VideoConfig video_config{};
  AudioConfig audio_config{};
  StorageConfig storage_config{};
  BucketConfig realtimekit_bucket_config{};
  BucketConfig dyte_bucket_config{};  ///< former name of the field above; in responses
  RtmpConfig live_streaming_config{};

  REALTIMEKIT_FIELDS(max_seconds, file_name_prefix, video_config, audio_config, storage_config,
                     realtimekit_bucket_config, dyte_bucket_config, live_streaming_config)
};

// >>meetings --------------------------------------------------------------------------------------

/// How a meeting is transcribed.
struct TranscriptionConfig {
  /// One of en-US (the default), en-IN, de, hi, sv, ru, pl, el, fr, nl.
  std::optional<std::string> language{};
  /// Terms to recognize, such as names. An empty list is sent: it removes all existing terms.
  std::optional<std::vector<std::string>> keywords{};
  std::optional<bool> profanity_filter{};  ///< filters offensive words; defaults to false

  REALTIMEKIT_FIELDS(language, keywords, profanity_filter)
};

/// The kind of meeting that is summarized.
struct SummaryType : OpenEnum<SummaryType> {
  using OpenEnum::OpenEnum;
  static constexpr Value general{"general"sv};
  static constexpr Value team_meeting{"team_meeting"sv};
  static constexpr Value sales_call{"sales_call"sv};
  static constexpr Value client_check_in{"client_check_in"sv};
  static constexpr Value interview{"interview"sv};
  static constexpr Value daily_standup{"daily_standup"sv};
  static constexpr Value one_on_one_meeting{"one_on_one_meeting"sv};
  static constexpr Value lecture{"lecture"sv};
  static constexpr Value code_review{"code_review"sv};
};

/// The text format of a summary.
struct SummaryFormat : OpenEnum<SummaryFormat> {
  using OpenEnum::OpenEnum;
  static constexpr Value plain_text{"plain_text"sv};
  static constexpr Value markdown{"markdown"sv};
};

/// How a meeting is summarized. Published defaults of text_format and word_limit contradict each
/// other: markdown and 500 words, or plain_text and 300. Set both.
struct SummarizationConfig {
  SummaryType summary_type{};                ///< defaults to general
  SummaryFormat text_format{};               ///< default: see above
  std::optional<std::int64_t> word_limit{};  ///< 150 to 1000; default: see above

  REALTIMEKIT_FIELDS(summary_type, text_format, word_limit)
};

/// How a meeting is transcribed and summarized.
struct AiConfig {
  TranscriptionConfig transcription{};
  SummarizationConfig summarization{};

  REALTIMEKIT_FIELDS(transcription, summarization)
};

/// Whether a meeting can be joined.
struct MeetingStatus : OpenEnum<MeetingStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value active{"ACTIVE"sv};
  static constexpr Value inactive{"INACTIVE"sv};  ///< nobody can join
};

/// A room that participants join; each use of it is a session. Settings: see meetings::Create.
struct Meeting {
  static constexpr std::string_view wrappers[] = {"meeting"sv};

  std::string id{};
  std::optional<std::string> title{};
  MeetingStatus status{};
  std::optional<std::string> preferred_region{};  ///< such as "eu-central-1"
  std::optional<bool> record_on_start{};
  std::optional<bool> live_stream_on_start{};
  std::optional<bool> persist_chat{};
  std::optional<bool> transcribe_on_end{};
  std::optional<bool> summarize_on_end{};
  std::optional<double> session_keep_alive_time_in_secs{};
  RecordingConfig recording_config;
  AiConfig ai_config;  ///< not in lists
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, title, status, preferred_region, record_on_start, live_stream_on_start,
                     persist_chat, transcribe_on_end, summarize_on_end,
                     session_keep_alive_time_in_secs, recording_config, ai_config, created_at,
                     updated_at)
};

/// The livestreams of a meeting and their broadcasts.
struct MeetingLivestreams {
  std::vector<Livestream> livestreams;
  std::vector<LivestreamSession> sessions;
  Paging paging;  ///< of sessions

  REALTIMEKIT_FIELDS(livestreams, sessions, paging)
};

/// The server's confirmation of an action.
struct Confirmation {
  std::string message{};

  REALTIMEKIT_FIELDS(message)
};

namespace meetings {

/// Lists the app's meetings.
struct List {
  static constexpr Route route = Route::get("/meetings"sv);
  using Response = Page<Meeting>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< id or title of a meeting
  MeetingStatus status{};                  ///< only those with this status
  Timestamp start_time{};                  ///< start of the time range
  Timestamp end_time{};                    ///< end of the time range

  REALTIMEKIT_FIELDS(page_no, per_page, search, status, start_time, end_time)
};

/// Creates a meeting. It has no date: participants, once added, can meet any number of times. It
/// cannot be deleted; Update can make it inactive.
struct Create {
  static constexpr Route route = Route::post("/meetings"sv);
  using Response = Meeting;

  std::optional<std::string> title{};
  std::optional<bool> record_on_start{};       ///< true: records as soon as someone joins
  std::optional<bool> live_stream_on_start{};  ///< true: livestreaming starts with the meeting
  /// True: keeps the chat, for a week or for ever (published sources disagree). Defaults to false.
  std::optional<bool> persist_chat{};
  std::optional<bool> transcribe_on_end{};  ///< true: makes a transcript when the meeting ends
  std::optional<bool> summarize_on_end{};   ///< true: makes a summary of the transcript
  /// How long a session remains after the last participant has left: 60 to 600; defaults to 60.
  std::optional<double> session_keep_alive_time_in_secs{};
  RecordingConfig recording_config{};
  AiConfig ai_config{};

  REALTIMEKIT_FIELDS(title, record_on_start, live_stream_on_start, persist_chat, transcribe_on_end,
                     summarize_on_end, session_keep_alive_time_in_secs, recording_config, ai_config)
};

/// Returns one meeting.
struct Get {
  static constexpr Route route = Route::get("/meetings/{meeting_id}"sv);
  using Response = Meeting;

  std::string meeting_id{};           ///< required
  std::optional<std::string> name{};  ///< documented without a description

  REALTIMEKIT_FIELDS(meeting_id, name)
};

/// Changes the given settings of a meeting; see Create. The others remain unchanged.
struct Update {
  static constexpr Route route = Route::patch("/meetings/{meeting_id}"sv);
  using Response = Meeting;

  std::string meeting_id{};  ///< required
  std::optional<std::string> title{};
  MeetingStatus status{};  ///< inactive: nobody can join
  std::optional<bool> record_on_start{};
  std::optional<bool> live_stream_on_start{};
  std::optional<bool> persist_chat{};
  std::optional<bool> transcribe_on_end{};
  std::optional<bool> summarize_on_end{};
  std::optional<double> session_keep_alive_time_in_secs{};
  RecordingConfig recording_config{};
  AiConfig ai_config{};

  REALTIMEKIT_FIELDS(meeting_id, title, status, record_on_start, live_stream_on_start, persist_chat,
                     transcribe_on_end, summarize_on_end, session_keep_alive_time_in_secs,
                     recording_config, ai_config)
};

/// Replaces all settings of a meeting; see Create. To change only some, use Update.
struct Replace {
  static constexpr Route route = Route::put("/meetings/{meeting_id}"sv);
  using Response = Meeting;

  std::string meeting_id{};  ///< required
  std::optional<std::string> title{};
  std::optional<bool> record_on_start{};
  std::optional<bool> live_stream_on_start{};
  std::optional<bool> persist_chat{};
  std::optional<bool> transcribe_on_end{};
  std::optional<bool> summarize_on_end{};
  std::optional<double> session_keep_alive_time_in_secs{};
  RecordingConfig recording_config{};
  AiConfig ai_config{};

  REALTIMEKIT_FIELDS(meeting_id, title, record_on_start, live_stream_on_start, persist_chat,
                     transcribe_on_end, summarize_on_end, session_keep_alive_time_in_secs,
                     recording_config, ai_config)
};

/// Returns the current livestream of a meeting. May lack ingest_server and stream_key.
struct GetActiveLivestream {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/active-livestream"sv);
  using Response = Livestream;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Starts to livestream a meeting; viewers watch at the playback URL. The status is INVOKED for
/// some seconds. Error: 400 while an earlier livestream of the meeting is stopping.
struct StartLivestream {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/livestreams"sv);
  static constexpr std::string_view promises[] = {"id"sv, "playback_url"sv};
  using Response = Livestream;

  std::string meeting_id{};  ///< required
  std::optional<std::string> name{};
  PixelSize video_config{};  ///< of the livestreamed video

  REALTIMEKIT_FIELDS(meeting_id, name, video_config)
};

/// Stops the livestream of a meeting. StartLivestream fails with 400 until it has stopped.
struct StopLivestream {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-livestream/stop"sv);
  static constexpr NoPromises promises{};
  using Response = Confirmation;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Returns the livestreams of a meeting and a page of their broadcasts.
struct GetLivestreams {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/livestream"sv);
  using Response = MeetingLivestreams;

  std::string meeting_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< of sessions, from 1
  std::optional<std::int64_t> per_page{};  ///< of sessions

  REALTIMEKIT_FIELDS(meeting_id, page_no, per_page)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace meetings

// >>participants ----------------------------------------------------------------------------------

/// A person who may join a meeting. Each route sends only some fields; the others stay empty.
struct Participant {
  static constexpr std::string_view wrappers[] = {"participant"sv};

  std::string id{};
  std::string custom_participant_id{};  ///< the application's own id for the person; see Add
  std::optional<std::string> name{};
  std::optional<std::string> picture{};  ///< URL
  std::optional<std::string> preset_name{};
  std::optional<std::string> preset_id{};  ///< sent by some routes instead of preset_name
  Secret token{};  ///< for joining as this person; only from Add, Update, RefreshToken
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, custom_participant_id, name, picture, preset_name, preset_id, token,
                     created_at, updated_at)
};

namespace participants {

/// Lists the participants of a meeting, without their tokens.
struct List {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/participants"sv);
  using Response = Page<Participant>;

  std::string meeting_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page

  REALTIMEKIT_FIELDS(meeting_id, page_no, per_page)
};

/// Adds a participant to a meeting. With the token in the response, an app joins as this person. It
/// is valid for 100 days; RefreshToken returns another one.
struct Add {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/participants"sv);
  static constexpr std::string_view promises[] = {"id"sv, "token"sv};
  static constexpr std::string_view required[] = {"preset_name"sv, "custom_participant_id"sv};
  using Response = Participant;

  std::string meeting_id{};   ///< required
  std::string preset_name{};  ///< required; what the person may do
  /// Required; the application's own id for the person. Must be unique. Must not be personal data,
  /// such as an e-mail address or a phone number.
  std::string custom_participant_id{};
  std::optional<std::string> name{};
  std::optional<std::string> picture{};  ///< URL

  REALTIMEKIT_FIELDS(meeting_id, preset_name, custom_participant_id, name, picture)
};

/// Returns one participant, without the token.
struct Get {
  static constexpr Route route =
      Route::get("/meetings/{meeting_id}/participants/{participant_id}"sv);
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id, participant_id)
};

/// Changes the given fields of a participant.
struct Update {
  static constexpr Route route =
      Route::patch("/meetings/{meeting_id}/participants/{participant_id}"sv);
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required
  std::optional<std::string> name{};
  std::optional<std::string> picture{};  ///< URL
  std::optional<std::string> preset_name{};

  REALTIMEKIT_FIELDS(meeting_id, participant_id, name, picture, preset_name)
};

/// Deletes a participant. The response lacks the id.
struct Delete {
  static constexpr Route route =
      Route::del("/meetings/{meeting_id}/participants/{participant_id}"sv);
  static constexpr NoPromises promises{};
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id, participant_id)
};

/// Creates a new token for a participant. The response contains nothing else.
struct RefreshToken {
  static constexpr Route route =
      Route::post("/meetings/{meeting_id}/participants/{participant_id}/token"sv);
  static constexpr std::string_view promises[] = {"token"sv};
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id, participant_id)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace participants

// >>active_session --------------------------------------------------------------------------------

/// The state of a session.
struct SessionStatus : OpenEnum<SessionStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value live{"LIVE"sv};
  static constexpr Value ended{"ENDED"sv};
};

/// The kind of a session.
struct SessionType : OpenEnum<SessionType> {
  using OpenEnum::OpenEnum;
  static constexpr Value meeting{"meeting"sv};
  static constexpr Value livestream{"livestream"sv};
  static constexpr Value participant{"participant"sv};
};

/// A session: one use of a meeting.
struct Session {
  static constexpr std::string_view wrappers[] = {"session"sv};

  std::string id{};
  std::string associated_id{};  ///< id of the meeting; for a V1 meeting, name of its room
  std::optional<std::string> meeting_display_name{};  ///< title of the meeting
  SessionType type{};
  SessionStatus status{};
  std::int64_t live_participants = 0;            ///< currently in the session
  std::int64_t max_concurrent_participants = 0;  ///< maximum at any time
  double minutes_consumed = 0;
  std::optional<std::string> organization_id{};  ///< id of the app
  Timestamp started_at{};
  Timestamp ended_at{};  ///< empty while the session is live
  Timestamp created_at{};
  Timestamp updated_at{};
  RawJson meta{};
  std::vector<Session> breakout_rooms;

  REALTIMEKIT_FIELDS(id, associated_id, meeting_display_name, type, status, live_participants,
                     max_concurrent_participants, minutes_consumed, organization_id, started_at,
                     ended_at, created_at, updated_at, meta, breakout_rooms)
};

/// A participant who was kicked or muted.
struct AffectedParticipant {
  std::string id{};
  std::optional<std::string> name{};
  std::optional<std::string> email{};
  std::optional<std::string> picture{};  ///< URL
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, name, email, picture, created_at, updated_at)
};

/// The result of kicking or muting participants.
struct ActionResult {
  std::optional<std::string> action{};
  std::vector<AffectedParticipant> participants;            ///< of Kick and Mute
  std::optional<std::int64_t> kicked_participants_count{};  ///< of KickAll
  std::optional<std::int64_t> muted_participants_count{};   ///< of MuteAll

  REALTIMEKIT_FIELDS(action, participants, kicked_participants_count, muted_participants_count)
};

/// A participant's vote for an option.
struct PollVote {
  std::string id{};
  std::string name{};

  REALTIMEKIT_FIELDS(id, name)
};

/// An option of a poll, and its votes.
struct PollOption {
  std::string text{};
  std::int64_t count = 0;
  std::vector<PollVote> votes;

  REALTIMEKIT_FIELDS(text, count, votes)
};

/// A question to the participants of a meeting, and their votes.
struct Poll {
  static constexpr std::string_view wrappers[] = {"poll"sv};

  std::string id{};
  std::string question{};
  std::vector<PollOption> options;
  bool anonymous = false;
  bool hide_votes = false;
  std::optional<std::string> created_by{};
  std::vector<std::string> voted;

  REALTIMEKIT_FIELDS(id, question, options, anonymous, hide_votes, created_by, voted)
};

/// The response to CreatePoll.
struct CreatedPoll {
  std::optional<std::string> action{};
  Poll poll;

  template <class Fields> static void fields(Fields& field) {
    field("action", &CreatedPoll::action);
    field("poll", &CreatedPoll::poll, Role::flat);
  }
};

namespace active_session {

/// Returns the live session of a meeting. Error: 404 if it has none.
struct Get {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/active-session"sv);
  using Response = Session;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Removes participants from the live session, given by user ids or by the application's own ids.
struct Kick {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/kick"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};  ///< required
  std::vector<std::string> participant_ids{};
  std::vector<std::string> custom_participant_ids{};

  REALTIMEKIT_FIELDS(meeting_id, participant_ids, custom_participant_ids)
};

/// Removes all participants from the live session, which ends it.
struct KickAll {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/kick-all"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Mutes participants of the live session, given by user ids or by the application's own ids.
struct Mute {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/mute"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};  ///< required
  std::vector<std::string> participant_ids{};
  std::vector<std::string> custom_participant_ids{};

  REALTIMEKIT_FIELDS(meeting_id, participant_ids, custom_participant_ids)
};

/// Mutes all participants of the live session.
struct MuteAll {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/mute-all"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};            ///< required
  std::optional<bool> allow_unmute{};  ///< false: participants cannot unmute themselves

  REALTIMEKIT_FIELDS(meeting_id, allow_unmute)
};

/// Creates a poll for all participants of the live session.
struct CreatePoll {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/poll"sv);
  static constexpr std::string_view required[] = {"question"sv, "options"sv};
  static constexpr std::string_view promises[] = {"poll.id"sv};
  using Response = CreatedPoll;

  std::string meeting_id{};            ///< required
  std::string question{};              ///< required
  std::vector<std::string> options{};  ///< required; to choose from
  std::optional<bool> anonymous{};     ///< true: voters are not shown
  std::optional<bool> hide_votes{};    ///< true: hides the votes from those who have not voted

  REALTIMEKIT_FIELDS(meeting_id, question, options, anonymous, hide_votes)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace active_session

// >>sessions --------------------------------------------------------------------------------------

/// The kind of a PeerEvent.
struct PeerEventName : OpenEnum<PeerEventName> {
  using OpenEnum::OpenEnum;
  static constexpr Value created{"PEER_CREATED"sv};
  static constexpr Value joining{"PEER_JOINING"sv};
  static constexpr Value leaving{"PEER_LEAVING"sv};
};

/// The kind of session that a preset is for.
struct PresetViewType : OpenEnum<PresetViewType> {
  using OpenEnum::OpenEnum;
  static constexpr Value group_call{"GROUP_CALL"sv};
  static constexpr Value webinar{"WEBINAR"sv};
  static constexpr Value audio_room{"AUDIO_ROOM"sv};
  static constexpr Value livestream{"LIVESTREAM"sv};
  static constexpr Value chat{"CHAT"sv};
};

/// A change of a participant's connection to a session.
struct PeerEvent {
  std::string id{};
  PeerEventName event_name{};
  std::optional<std::string> peer_id{};
  std::optional<std::string> participant_id{};
  std::optional<std::string> session_id{};
  std::optional<std::string> socket_session_id{};
  PresetViewType preset_view_type{};
  std::optional<double> minutes_consumed{};
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, event_name, peer_id, participant_id, session_id, socket_session_id,
                     preset_view_type, minutes_consumed, created_at, updated_at)
};

/// A current or past participant of a session.
struct SessionParticipant {
  static constexpr std::string_view wrappers[] = {"participant"sv};

  std::string id{};  ///< also the peer id
  std::optional<std::string> user_id{};
  std::optional<std::string> custom_participant_id{};  ///< the application's own id for the person
  std::optional<std::string> display_name{};
  std::optional<std::string> preset_name{};
  Timestamp joined_at{};
  Timestamp left_at{};
  std::optional<double> duration{};  ///< minutes in the session
  Timestamp created_at{};
  Timestamp updated_at{};
  std::vector<PeerEvent> peer_events;  ///< only with include_peer_events

  REALTIMEKIT_FIELDS(id, user_id, custom_participant_id, display_name, preset_name, joined_at,
                     left_at, duration, created_at, updated_at, peer_events)
};

/// A participant's device. Each struct that contains one has only some of the fields.
struct DeviceInfo {
  std::optional<std::string> browser{};
  std::optional<std::string> browser_version{};
  std::optional<std::string> engine{};
  std::optional<std::string> user_agent{};
  std::optional<std::string> webgl_support{};  ///< a string, even if sent as a boolean
  std::optional<std::int64_t> cpus{};
  std::optional<double> memory{};
  std::optional<bool> is_mobile{};
  std::optional<std::string> os{};
  std::optional<std::string> os_version{};
  std::optional<std::string> sdk_name{};
  std::optional<std::string> sdk_version{};

  REALTIMEKIT_FIELDS(browser, browser_version, engine, user_agent, webgl_support, cpus, memory,
                     is_mobile, os, os_version, sdk_name, sdk_version)
};

/// The network (autonomous system) of an IP address.
struct AsnInfo {
  std::optional<std::string> asn{};
  std::optional<std::string> name{};
  std::optional<std::string> domain{};
  std::optional<std::string> route{};
  std::optional<std::string> type{};

  REALTIMEKIT_FIELDS(asn, name, domain, route, type)
};

/// The location and network of an IP address.
struct IpInfo {
  std::optional<std::string> ipv4{};
  std::optional<std::string> city{};
  std::optional<std::string> region{};
  std::optional<std::string> country{};
  std::optional<std::string> timezone{};
  std::optional<std::string> ip_location{};
  std::optional<std::string> org{};
  std::optional<std::string> portal{};
  AsnInfo asn;

  REALTIMEKIT_FIELDS(ipv4, city, region, country, timezone, ip_location, org, portal, asn)
};

/// A participant's network connection. In PeerStats: as tested before the call. In PeerMetadata:
/// one for each WebRTC peer connection, with sdp but without numbers.
struct NetworkInfo {
  Timestamp timestamp{};
  std::optional<std::string> effective_network_type{};
  std::optional<bool> turn_connectivity{};
  std::optional<bool> reflexive_connectivity{};
  std::optional<bool> relay_connectivity{};
  std::optional<double> backend_rtt{};
  std::optional<double> rtt{};
  std::optional<double> jitter{};
  std::optional<double> fractional_loss{};
  std::optional<double> throughput{};
  std::optional<double> throughtput{};  ///< misspelled throughput of older specifications
  std::vector<std::string> sdp;

  REALTIMEKIT_FIELDS(timestamp, effective_network_type, turn_connectivity, reflexive_connectivity,
                     relay_connectivity, backend_rtt, rtt, jitter, fractional_loss, throughput,
                     throughtput, sdp)
};

/// An event during a call.
struct CallEvent {
  Timestamp timestamp{};
  std::optional<std::string> name{};  ///< in a PeerReport
  std::optional<std::string> type{};  ///< in PeerStats
  RawJson metadata{};                 ///< depends on the event

  REALTIMEKIT_FIELDS(timestamp, name, type, metadata)
};

/// A participant's device and connection, in older specifications.
struct PeerStats {
  std::optional<std::string> config{};
  std::optional<std::string> status{};
  DeviceInfo device_info;
  IpInfo ip_information;
  NetworkInfo precall_network_information;
  std::vector<CallEvent> events;

  REALTIMEKIT_FIELDS(config, status, device_info, ip_information, precall_network_information,
                     events)
};

/// The quality of a participant's audio and video over some time, in older specifications.
struct QualityStats {
  std::optional<std::string> peer_id{};
  std::vector<std::string> peer_ids;
  Timestamp start{};
  Timestamp end{};
  std::optional<double> average_quality{};
  std::optional<double> audio_bandwidth{};
  std::optional<double> video_bandwidth{};
  std::optional<double> audio_packet_loss{};
  std::optional<double> video_packet_loss{};
  std::optional<std::int64_t> total_audio_packets{};
  std::optional<std::int64_t> total_audio_packets_lost{};
  std::optional<std::int64_t> total_video_packets{};
  std::optional<std::int64_t> total_video_packets_lost{};
  Timestamp first_audio_packet_received{};
  Timestamp last_audio_packet_received{};
  Timestamp first_video_packet_received{};
  Timestamp last_video_packet_received{};
  RawJson audio_stats{};  ///< a list
  RawJson video_stats{};  ///< a list

  REALTIMEKIT_FIELDS(peer_id, peer_ids, start, end, average_quality, audio_bandwidth,
                     video_bandwidth, audio_packet_loss, video_packet_loss, total_audio_packets,
                     total_audio_packets_lost, total_video_packets, total_video_packets_lost,
                     first_audio_packet_received, last_audio_packet_received,
                     first_video_packet_received, last_video_packet_received, audio_stats,
                     video_stats)
};

/// A camera, microphone or speaker.
struct MediaDevice {
  std::optional<std::string> device_id{};
  std::optional<std::string> kind{};  ///< such as "audioinput", "videoinput"
  std::optional<std::string> label{};

  REALTIMEKIT_FIELDS(device_id, kind, label)
};

/// A change of devices: added, removed, or selected.
struct DeviceUpdate {
  Timestamp timestamp{};
  std::vector<MediaDevice> added;
  std::vector<MediaDevice> removed;
  MediaDevice device;  ///< in selected_device_updates: the selected one

  REALTIMEKIT_FIELDS(timestamp, added, removed, device)
};

/// The statistics of an ICE candidate pair.
struct CandidatePair {
  std::optional<bool> nominated{};
  std::optional<std::string> local_candidate_id{};
  std::optional<std::string> local_candidate_type{};
  std::optional<std::string> local_candidate_protocol{};
  std::optional<std::string> local_candidate_network_type{};
  std::optional<std::string> local_candidate_address{};
  std::optional<std::int64_t> local_candidate_port{};
  std::optional<std::string> local_candidate_related_address{};
  std::optional<std::int64_t> local_candidate_related_port{};
  std::optional<std::string> local_candidate_url{};
  std::optional<std::string> remote_candidate_id{};
  std::optional<std::string> remote_candidate_type{};
  std::optional<std::string> remote_candidate_protocol{};
  std::optional<std::string> remote_candidate_address{};
  std::optional<std::int64_t> remote_candidate_port{};
  std::optional<std::string> remote_candidate_url{};
  std::optional<double> available_incoming_bitrate{};
  std::optional<double> available_outgoing_bitrate{};
  std::optional<double> current_round_trip_time{};
  std::optional<double> total_round_trip_time{};
  std::optional<std::int64_t> bytes_sent{};
  std::optional<std::int64_t> bytes_received{};
  std::optional<std::int64_t> bytes_discarded_on_send{};
  std::optional<std::int64_t> packets_sent{};
  std::optional<std::int64_t> packets_received{};
  std::optional<std::int64_t> packets_discarded_on_send{};
  std::optional<double> last_packet_sent_timestamp{};      ///< Unix time in milliseconds
  std::optional<double> last_packet_received_timestamp{};  ///< Unix time in milliseconds

  REALTIMEKIT_FIELDS(nominated, local_candidate_id, local_candidate_type, local_candidate_protocol,
                     local_candidate_network_type, local_candidate_address, local_candidate_port,
                     local_candidate_related_address, local_candidate_related_port,
                     local_candidate_url, remote_candidate_id, remote_candidate_type,
                     remote_candidate_protocol, remote_candidate_address, remote_candidate_port,
                     remote_candidate_url, available_incoming_bitrate, available_outgoing_bitrate,
                     current_round_trip_time, total_round_trip_time, bytes_sent, bytes_received,
                     bytes_discarded_on_send, packets_sent, packets_received,
                     packets_discarded_on_send, last_packet_sent_timestamp,
                     last_packet_received_timestamp)
};

/// The ICE candidate pairs that were tried for media.
struct CandidatePairs {
  std::vector<CandidatePair> producing_transport;  ///< for sent media
  std::vector<CandidatePair> consuming_transport;  ///< for received media

  REALTIMEKIT_FIELDS(producing_transport, consuming_transport)
};

/// The encoders of a native app.
struct NativeMetadata {
  std::optional<std::string> audio_encoder{};
  std::optional<std::string> video_encoder{};

  REALTIMEKIT_FIELDS(audio_encoder, video_encoder)
};

/// A participant's device and connection.
struct PeerMetadata {
  std::optional<std::string> room_view_type{};
  std::optional<std::string> sdk_name{};
  std::optional<std::string> sdk_type{};
  std::optional<std::string> sdk_version{};
  DeviceInfo device_info;
  DeviceInfo browser_metadata;
  NativeMetadata native_metadata;
  IpInfo ip_information;
  std::vector<NetworkInfo> pc_metadata;  ///< of the peer connections
  CandidatePairs candidate_pairs;
  std::vector<CallEvent> events;
  std::vector<DeviceUpdate> audio_devices_updates;
  std::vector<DeviceUpdate> video_devices_updates;
  std::vector<DeviceUpdate> speaker_devices_updates;
  std::vector<DeviceUpdate> selected_device_updates;

  REALTIMEKIT_FIELDS(room_view_type, sdk_name, sdk_type, sdk_version, device_info, browser_metadata,
                     native_metadata, ip_information, pc_metadata, candidate_pairs, events,
                     audio_devices_updates, video_devices_updates, speaker_devices_updates,
                     selected_device_updates)
};

/// How long each reason has limited the quality of a video.
struct QualityLimitation {
  std::optional<double> cpu{};
  std::optional<double> bandwidth{};
  std::optional<double> other{};
  std::optional<double> none{};  ///< not limited

  REALTIMEKIT_FIELDS(cpu, bandwidth, other, none)
};

/// What limits the quality of a video.
struct QualityLimitationReason : OpenEnum<QualityLimitationReason> {
  using OpenEnum::OpenEnum;
  static constexpr Value cpu{"cpu"sv};
  static constexpr Value bandwidth{"bandwidth"sv};
  static constexpr Value other{"other"sv};
  static constexpr Value none{"none"sv};
};

/// One measurement of a stream that a participant sends (producer) or receives (consumer). Fields
/// that do not apply are absent.
struct MediaSample {
  Timestamp timestamp{};
  std::optional<std::string> producer_id{};
  std::optional<std::string> consumer_id{};
  std::optional<std::string> peer_id{};
  std::optional<std::string> mid{};
  std::optional<std::int64_t> ssrc{};
  std::optional<double> mos_quality{};  ///< mean opinion score
  std::optional<double> jitter{};
  std::optional<std::int64_t> packets_lost{};

  // sent
  std::optional<std::int64_t> bytes_sent{};
  std::optional<std::int64_t> packets_sent{};
  std::optional<double> rtt{};

  // received
  std::optional<std::int64_t> bytes_received{};
  std::optional<std::int64_t> packets_received{};
  std::optional<double> jitter_buffer_delay{};
  std::optional<std::int64_t> jitter_buffer_emitted_count{};
  std::optional<std::int64_t> concealment_events{};  ///< audio

  // video
  std::optional<std::int64_t> frame_width{};
  std::optional<std::int64_t> frame_height{};
  std::optional<double> frames_per_second{};
  std::optional<std::int64_t> fir_count{};

  // video, sent
  std::optional<std::int64_t> frames_encoded{};
  std::optional<std::int64_t> key_frames_encoded{};
  std::optional<std::int64_t> pli_count{};
  QualityLimitationReason quality_limitation_reason{};
  QualityLimitation quality_limitation_durations;
  std::optional<std::int64_t> quality_limitation_resolution_changes{};

  // video, received
  std::optional<std::int64_t> frames_decoded{};
  std::optional<std::int64_t> frames_dropped{};
  std::optional<std::int64_t> key_frames_decoded{};

  REALTIMEKIT_FIELDS(timestamp, producer_id, consumer_id, peer_id, mid, ssrc, mos_quality, jitter,
                     packets_lost, bytes_sent, packets_sent, rtt, bytes_received, packets_received,
                     jitter_buffer_delay, jitter_buffer_emitted_count, concealment_events,
                     frame_width, frame_height, frames_per_second, fir_count, frames_encoded,
                     key_frames_encoded, pli_count, quality_limitation_reason,
                     quality_limitation_durations, quality_limitation_resolution_changes,
                     frames_decoded, frames_dropped, key_frames_decoded)
};

/// An average and percentiles.
struct Distribution {
  std::optional<double> avg{};
  std::optional<double> p50{};
  std::optional<double> p75{};
  std::optional<double> p90{};

  REALTIMEKIT_FIELDS(avg, p50, p75, p90)
};

/// An average, and the fractions of events that took at least the given time.
struct LatencyDistribution {
  std::optional<double> avg{};
  std::optional<double> at_least_100ms{};
  std::optional<double> at_least_250ms{};
  std::optional<double> at_least_500ms{};

  template <class Fields> static void fields(Fields& field) {
    field("avg", &LatencyDistribution::avg);
    field("100ms_or_greater_event_fraction", &LatencyDistribution::at_least_100ms);
    field("250ms_or_greater_event_fraction", &LatencyDistribution::at_least_250ms);
    field("500ms_or_greater_event_fraction", &LatencyDistribution::at_least_500ms);
  }
};

/// An average, and the fractions of events with at least the given loss.
struct LossDistribution {
  std::optional<double> avg{};
  std::optional<double> at_least_5{};
  std::optional<double> at_least_10{};
  std::optional<double> at_least_25{};
  std::optional<double> at_least_50{};

  template <class Fields> static void fields(Fields& field) {
    field("avg", &LossDistribution::avg);
    field("5_or_greater_event_fraction", &LossDistribution::at_least_5);
    field("10_or_greater_event_fraction", &LossDistribution::at_least_10);
    field("25_or_greater_event_fraction", &LossDistribution::at_least_25);
    field("50_or_greater_event_fraction", &LossDistribution::at_least_50);
  }
};

/// The fractions of a video that had an issue.
struct VideoIssues {
  std::optional<double> no_video_fraction{};
  std::optional<double> poor_resolution_fraction{};
  std::optional<double> lag_fraction{};                           ///< received
  std::optional<double> quality_limitation_fraction{};            ///< sent
  std::optional<double> cpu_quality_limitation_fraction{};        ///< sent
  std::optional<double> bandwidth_quality_limitation_fraction{};  ///< sent

  REALTIMEKIT_FIELDS(no_video_fraction, poor_resolution_fraction, lag_fraction,
                     quality_limitation_fraction, cpu_quality_limitation_fraction,
                     bandwidth_quality_limitation_fraction)
};

/// A summary of the samples of a session. Fields that do not apply are absent.
struct MediaSummary {
  Distribution quality_mos;  ///< mean opinion score
  LossDistribution packet_loss;
  LatencyDistribution rtt;                  ///< sent
  LatencyDistribution jitter_buffer_delay;  ///< received

  // video
  Distribution frame_width;
  Distribution frame_per_second;
  VideoIssues issues;
  std::optional<double> key_frames_encoded_fraction{};      ///< sent
  std::optional<double> high_negative_feedback_fraction{};  ///< sent
  std::optional<double> key_frames_decoded_fraction{};      ///< received

  REALTIMEKIT_FIELDS(quality_mos, packet_loss, rtt, jitter_buffer_delay, frame_width,
                     frame_per_second, issues, key_frames_encoded_fraction,
                     high_negative_feedback_fraction, key_frames_decoded_fraction)
};

/// The streams that a participant sent (producer) and received (consumer): samples and summaries.
struct PeerQuality {
  std::vector<MediaSample> audio_producer;
  MediaSummary audio_producer_cumulative;
  std::vector<MediaSample> audio_consumer;
  MediaSummary audio_consumer_cumulative;
  std::vector<MediaSample> video_producer;
  MediaSummary video_producer_cumulative;
  std::vector<MediaSample> video_consumer;
  MediaSummary video_consumer_cumulative;
  std::vector<MediaSample> screenshare_audio_producer;
  MediaSummary screenshare_audio_producer_cumulative;
  std::vector<MediaSample> screenshare_audio_consumer;
  MediaSummary screenshare_audio_consumer_cumulative;
  std::vector<MediaSample> screenshare_video_producer;
  MediaSummary screenshare_video_producer_cumulative;
  std::vector<MediaSample> screenshare_video_consumer;
  MediaSummary screenshare_video_consumer_cumulative;

  REALTIMEKIT_FIELDS(audio_producer, audio_producer_cumulative, audio_consumer,
                     audio_consumer_cumulative, video_producer, video_producer_cumulative,
                     video_consumer, video_consumer_cumulative, screenshare_audio_producer,
                     screenshare_audio_producer_cumulative, screenshare_audio_consumer,
                     screenshare_audio_consumer_cumulative, screenshare_video_producer,
                     screenshare_video_producer_cumulative, screenshare_video_consumer,
                     screenshare_video_consumer_cumulative)
};

/// A participant's device and connection, and the quality of the call.
struct PeerReport {
  PeerMetadata metadata;
  PeerQuality quality;

  REALTIMEKIT_FIELDS(metadata, quality)
};

/// A participant with measurements.
struct SessionParticipantDetails : SessionParticipant {
  std::optional<std::string> session_id{};
  std::optional<std::string> role{};  ///< in GetPeerReport: name of the preset
  PeerReport peer_report;
  PeerStats peer_stats;
  std::vector<QualityStats> quality_stats;

  template <class Fields> void fields(Fields& field) const {
    SessionParticipant::fields(field);
    field("session_id", &SessionParticipantDetails::session_id);
    field("role", &SessionParticipantDetails::role);
    field("peer_report", &SessionParticipantDetails::peer_report);
    field("peer_stats", &SessionParticipantDetails::peer_stats);
    field("quality_stats", &SessionParticipantDetails::quality_stats);
  }
};

/// Where to download the chat of a session: all messages as CSV, kept for 7 days.
struct SessionChat {
  static constexpr std::string_view wrappers[] = {"chat"sv};

  std::string chat_download_url{};
  Timestamp chat_download_url_expiry{};

  REALTIMEKIT_FIELDS(chat_download_url, chat_download_url_expiry)
};

/// Where to download the transcript of a session, kept for 7 days.
struct SessionTranscript {
  static constexpr std::string_view wrappers[] = {"transcript"sv};

  std::string session_id{};
  std::string transcript_download_url{};
  Timestamp transcript_download_url_expiry{};

  REALTIMEKIT_FIELDS(session_id, transcript_download_url, transcript_download_url_expiry)
};

/// Where to download the summary of a session, as plain text.
struct SessionSummary {
  static constexpr std::string_view wrappers[] = {"summary"sv};

  std::string session_id{};
  std::string summary_download_url{};
  Timestamp summary_download_url_expiry{};

  REALTIMEKIT_FIELDS(session_id, summary_download_url, summary_download_url_expiry)
};

/// Two forms of this response are published: session_id and status, or success and message.
struct SummaryJob {
  std::optional<std::string> session_id{};
  std::optional<std::string> status{};
  std::optional<bool> success{};
  std::optional<std::string> message{};

  REALTIMEKIT_FIELDS(session_id, status, success, message)
};

namespace sessions {

/// The sort key of a list of sessions.
struct SortBy : OpenEnum<SortBy> {
  using OpenEnum::OpenEnum;
  static constexpr Value minutes_consumed{"minutesConsumed"sv};
  static constexpr Value created_at{"createdAt"sv};
};

/// Lists the app's sessions, live and ended.
struct List {
  static constexpr Route route = Route::get("/sessions"sv);
  using Response = Page<Session>;

  std::optional<std::int64_t> page_no{};       ///< from 1
  std::optional<std::int64_t> per_page{};      ///< items on a page
  SessionStatus status{};                      ///< only those with this status
  std::optional<std::string> associated_id{};  ///< only those of this meeting
  std::optional<std::string> participants{};
  std::optional<std::string> search{};  ///< searches title and id of meeting, id of session
  SortBy sort_by{};
  SortOrder sort_order{};
  Timestamp start_time{};  ///< start of the time range
  Timestamp end_time{};    ///< end of the time range

  REALTIMEKIT_FIELDS(page_no, per_page, status, associated_id, participants, search, sort_by,
                     sort_order, start_time, end_time)
};

/// Returns one session.
struct Get {
  static constexpr Route route = Route::get("/sessions/{session_id}"sv);
  using Response = Session;

  std::string session_id{};                      ///< required
  std::optional<bool> include_breakout_rooms{};  ///< true: fills Session::breakout_rooms

  REALTIMEKIT_FIELDS(session_id, include_breakout_rooms)
};

/// The sort key of a list of participants.
struct ParticipantSortBy : OpenEnum<ParticipantSortBy> {
  using OpenEnum::OpenEnum;
  static constexpr Value joined_at{"joinedAt"sv};
  static constexpr Value duration{"duration"sv};
};

/// How durations are counted if a session has breakout rooms.
struct View : OpenEnum<View> {
  using OpenEnum::OpenEnum;
  static constexpr Value raw{"raw"sv};                    ///< only this session
  static constexpr Value consolidated{"consolidated"sv};  ///< including its breakout rooms
};

/// Lists the current and past participants of a session.
struct ListParticipants {
  static constexpr Route route = Route::get("/sessions/{session_id}/participants"sv);
  using Response = Page<SessionParticipant>;

  std::string session_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< searches id, custom_participant_id, display_name
  ParticipantSortBy sort_by{};
  SortOrder sort_order{};
  std::optional<bool> include_peer_events{};
  View view{};

  REALTIMEKIT_FIELDS(session_id, page_no, per_page, search, sort_by, sort_order,
                     include_peer_events, view)
};

/// Returns one participant of a session. In newer specifications, only GetPeerReport measures it.
struct GetParticipant {
  static constexpr Route route =
      Route::get("/sessions/{session_id}/participants/{participant_id}"sv);
  using Response = SessionParticipantDetails;

  std::string session_id{};      ///< required
  std::string participant_id{};  ///< required; SessionParticipant::id
  std::optional<bool> include_peer_events{};

  REALTIMEKIT_FIELDS(session_id, participant_id, include_peer_events)
};

/// Returns one participant of a session with device, connection and quality of the call.
struct GetPeerReport {
  static constexpr Route route = Route::get("/sessions/peer-report/{peer_id}"sv);
  using Response = SessionParticipantDetails;

  std::string peer_id{};  ///< required; SessionParticipant::id
  /// One of device_info, ip_information, precall_network_information, events, quality_stats. Older
  /// specifications also allow several, separated by commas without spaces.
  std::optional<std::string> filters{};
  std::optional<bool> include_peer_events{};

  REALTIMEKIT_FIELDS(peer_id, filters, include_peer_events)
};

/// Returns where to download the chat messages of a session.
struct GetChat {
  static constexpr Route route = Route::get("/sessions/{session_id}/chat"sv);
  static constexpr std::string_view promises[] = {"chat_download_url"sv};
  using Response = SessionChat;

  std::string session_id{};  ///< required

  REALTIMEKIT_FIELDS(session_id)
};

/// The file format of a transcript.
struct TranscriptFormat : OpenEnum<TranscriptFormat> {
  using OpenEnum::OpenEnum;
  static constexpr Value csv{"CSV"sv};
  static constexpr Value json{"JSON"sv};
  static constexpr Value srt{"SRT"sv};
  static constexpr Value vtt{"VTT"sv};
};

/// Returns where to download the transcript of a session.
struct GetTranscript {
  static constexpr Route route = Route::get("/sessions/{session_id}/transcript"sv);
  static constexpr std::string_view promises[] = {"transcript_download_url"sv};
  using Response = SessionTranscript;

  std::string session_id{};   ///< required
  TranscriptFormat format{};  ///< defaults to csv

  REALTIMEKIT_FIELDS(session_id, format)
};

/// Returns where to download the summary of a session's transcript.
struct GetSummary {
  static constexpr Route route = Route::get("/sessions/{session_id}/summary"sv);
  static constexpr std::string_view promises[] = {"summary_download_url"sv};
  using Response = SessionSummary;

  std::string session_id{};  ///< required

  REALTIMEKIT_FIELDS(session_id)
};

/// Starts to generate the summary of a session's transcript; GetSummary returns it.
struct GenerateSummary {
  static constexpr Route route = Route::post("/sessions/{session_id}/summary"sv);
  static constexpr NoPromises promises{};
  using Response = SummaryJob;

  std::string session_id{};  ///< required

  REALTIMEKIT_FIELDS(session_id)
};

/// Lists the broadcasts (livestream sessions) of a session.
struct ListLivestreamSessions {
  static constexpr Route route = Route::get("/sessions/{session_id}/livestream-sessions"sv);
  using Response = Page<LivestreamSession>;

  std::string session_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page

  REALTIMEKIT_FIELDS(session_id, page_no, per_page)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace sessions

// >>recordings ------------------------------------------------------------------------------------

/// The state of a recording.
struct RecordingStatus : OpenEnum<RecordingStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value invoked{"INVOKED"sv};  ///< requested, not yet running
  static constexpr Value recording{"RECORDING"sv};
  static constexpr Value paused{"PAUSED"sv};
  static constexpr Value uploading{"UPLOADING"sv};  ///< stopped, file not yet uploaded
  static constexpr Value uploaded{"UPLOADED"sv};    ///< file available
  static constexpr Value errored{"ERRORED"sv};
};

/// Why a recording started or stopped.
struct RecordingReason : OpenEnum<RecordingReason> {
  using OpenEnum::OpenEnum;
  static constexpr Value api_call{"API_CALL"sv};
  static constexpr Value record_on_start{"RECORD_ON_START"sv};  ///< a meeting's setting; no caller
  static constexpr Value internal_error{"INTERNAL_ERROR"sv};
  static constexpr Value all_peers_left{"ALL_PEERS_LEFT"sv};
};

/// Whether the app or one of its users started or stopped a recording.
struct CallerType : OpenEnum<CallerType> {
  using OpenEnum::OpenEnum;
  static constexpr Value organization{"ORGANIZATION"sv};  ///< the app
  static constexpr Value user{"USER"sv};
};

/// Who started or stopped a recording.
struct RecordingCaller {
  CallerType type{};
  std::optional<std::string> user_id{};  ///< if a user
  std::optional<std::string> name{};     ///< if a user

  template <class Fields> static void fields(Fields& field) {
    field("type", &RecordingCaller::type);
    field("user_Id", &RecordingCaller::user_id);
    field("name", &RecordingCaller::name);
  }
};

/// Why, and by whom, a recording was started or stopped.
struct RecordingCause {
  RecordingReason reason{};
  RecordingCaller caller;

  REALTIMEKIT_FIELDS(reason, caller)
};

/// A file of a track recording.
struct TrackFile {
  std::string download_url{};

  template <class Fields> static void fields(Fields& field) {
    field("download_url", &TrackFile::download_url, Role::flat);
  }
};

/// The files of one layer of a track recording.
struct TrackDownload {
  std::string layer_name{};                                        ///< such as "default"
  std::vector<std::pair<std::string, TrackFile>> download_urls{};  ///< by file name

  REALTIMEKIT_FIELDS(layer_name, download_urls)
};

/// A recording of a meeting. Each route sends only some of the fields; the others stay empty.
/// RealtimeKit's bucket keeps files for 7 days. A recording shorter than 5 s may end as ERRORED. In
/// a session without participants, it stops after 60 s.
struct Recording {
  static constexpr std::string_view wrappers[] = {"recording"sv};

  std::string id{};
  RecordingStatus status{};
  std::string output_file_name{};
  std::optional<std::string> download_url{};        ///< allows anyone who has it to download
  std::optional<std::string> audio_download_url{};  ///< only with an audio_config
  Timestamp download_url_expiry{};                  ///< of both URLs
  std::optional<std::int64_t> file_size{};          ///< in bytes
  std::optional<double> recording_duration{};       ///< in seconds
  std::optional<std::string> session_id{};          ///< of the meeting's session
  Timestamp invoked_time{};
  Timestamp started_time{};  ///< usually some seconds after invoked_time
  Timestamp stopped_time{};
  RecordingCause start_reason;
  RecordingCause stop_reason;
  StorageConfig storage_config;
  Meeting meeting;  ///< only in lists
  std::optional<std::string> meeting_id{};
  std::optional<std::string> type{};                ///< of a track recording; no published values
  std::optional<std::string> download_audio_url{};  ///< another name of audio_download_url
  /// The download_url of a track recording, which is a list instead of a string.
  std::vector<TrackDownload> track_downloads{};

  template <class Fields> static void fields(Fields& field) {
    field("id", &Recording::id);
    field("status", &Recording::status);
    field("output_file_name", &Recording::output_file_name);
    field("download_url", &Recording::download_url);
    field("audio_download_url", &Recording::audio_download_url);
    field("download_url_expiry", &Recording::download_url_expiry);
    field("file_size", &Recording::file_size);
    field("recording_duration", &Recording::recording_duration);
    field("session_id", &Recording::session_id);
    field("invoked_time", &Recording::invoked_time);
    field("started_time", &Recording::started_time);
    field("stopped_time", &Recording::stopped_time);
    field("start_reason", &Recording::start_reason);
    field("stop_reason", &Recording::stop_reason);
    field("storage_config", &Recording::storage_config);
    field("meeting", &Recording::meeting);
    field("meeting_id", &Recording::meeting_id);
    field("type", &Recording::type);
    field("download_audio_url", &Recording::download_audio_url);
    field("download_url", &Recording::track_downloads);
  }
};

/// The kind of timed metadata.
struct InteractiveType : OpenEnum<InteractiveType> {
  using OpenEnum::OpenEnum;
  static constexpr Value id3{"ID3"sv};
};

/// Timed metadata in a recording: ID3 tags on the timeline of the HLS output. The output is then a
/// compressed .tar file.
struct InteractiveConfig {
  InteractiveType type{};

  REALTIMEKIT_FIELDS(type)
};

/// The kind of a track.
struct MediaKind : OpenEnum<MediaKind> {
  using OpenEnum::OpenEnum;
  static constexpr Value audio{"audio"sv};
};

/// The destination of a file.
struct TrackOutputType : OpenEnum<TrackOutputType> {
  using OpenEnum::OpenEnum;
  static constexpr Value realtimekit_bucket{"REALTIMEKIT_BUCKET"sv};
  static constexpr Value dyte_bucket{"DYTE_BUCKET"sv};  ///< old name of realtimekit_bucket
  static constexpr Value storage_config{"STORAGE_CONFIG"sv};
};

/// The destination of a layer's files.
struct TrackOutput {
  TrackOutputType type{};          ///< defaults to RealtimeKit's bucket
  StorageConfig storage_config{};  ///< for type STORAGE_CONFIG

  REALTIMEKIT_FIELDS(type, storage_config)
};

/// A selection of the tracks of a meeting, and how their files are stored.
struct TrackLayer {
  std::optional<std::string> file_name_prefix{};
  MediaKind media_kind{};              ///< currently only audio
  std::vector<TrackOutput> outputs{};  ///< only in older specifications

  REALTIMEKIT_FIELDS(file_name_prefix, media_kind, outputs)
};

/// An action on a running recording.
struct RecordingAction : OpenEnum<RecordingAction> {
  using OpenEnum::OpenEnum;
  static constexpr Value pause{"pause"sv};
  static constexpr Value resume{"resume"sv};
  static constexpr Value stop{"stop"sv};
};

namespace recordings {

/// The sort key of a list of recordings.
struct SortBy : OpenEnum<SortBy> {
  using OpenEnum::OpenEnum;
  static constexpr Value invoked_time{"invokedTime"sv};
};

/// Lists the recordings of the app or of one meeting.
struct List {
  static constexpr Route route = Route::get("/recordings"sv);
  using Response = Page<Recording>;

  std::optional<std::string> meeting_id{};  ///< only those of this meeting
  std::optional<std::int64_t> page_no{};    ///< from 1
  std::optional<std::int64_t> per_page{};   ///< items on a page
  std::vector<RecordingStatus> status{};    ///< only those with one of these; empty: all
  std::optional<bool> expired{};            ///< whether deleted from RealtimeKit's bucket
  std::optional<std::string> search{};      ///< id or title of a meeting
  SortBy sort_by{};
  SortOrder sort_order{};
  Timestamp start_time{};  ///< start of the time range
  Timestamp end_time{};    ///< end of the time range

  REALTIMEKIT_FIELDS(meeting_id, page_no, per_page, status, expired, search, sort_by, sort_order,
                     start_time, end_time)
};

/// Starts to record a meeting, with all participants in one file. See Recording for time limits.
/// Error: 409 if the meeting is already being recorded and allow_multiple_recordings is not set.
struct Start {
  static constexpr Route route = Route::post("/recordings"sv);
  static constexpr std::string_view required[] = {"meeting_id"sv};
  using Response = Recording;

  std::string meeting_id{};                       ///< required
  std::optional<std::string> file_name_prefix{};  ///< first part of the file name
  std::optional<double> max_seconds{};            ///< maximum duration: 60 to 86400
  /// True: several recordings at once, such as portrait and landscape. Defaults to false.
  std::optional<bool> allow_multiple_recordings{};
  VideoConfig video_config{};
  AudioConfig audio_config{};  ///< required for audio_download_url
  StorageConfig storage_config{};
  BucketConfig realtimekit_bucket_config{};
  RtmpConfig rtmp_out_config{};
  InteractiveConfig interactive_config{};
  std::optional<std::string> url{};  ///< of a web page to record instead of the default layout

  REALTIMEKIT_FIELDS(meeting_id, file_name_prefix, max_seconds, allow_multiple_recordings,
                     video_config, audio_config, storage_config, realtimekit_bucket_config,
                     rtmp_out_config, interactive_config, url)
};

/// Starts to record a meeting, with one WebM file for each participant; currently only audio. The
/// meeting must have a live session.
struct StartTrack {
  static constexpr Route route = Route::post("/recordings/track"sv);
  static constexpr std::string_view required[] = {"meeting_id"sv};
  using Response = Recording;

  std::string meeting_id{};  ///< required
  /// Only these participants, at most 100. Early beta: Cloudflare's support enables it.
  std::vector<std::string> user_ids{};
  /// Layers, by a name that you choose, such as "default". Absent: the audio of all participants.
  std::vector<std::pair<std::string, TrackLayer>> layers{};
  std::optional<double> max_seconds{};  ///< only in older specifications

  REALTIMEKIT_FIELDS(meeting_id, user_ids, layers, max_seconds)
};

/// Returns one recording.
struct Get {
  static constexpr Route route = Route::get("/recordings/{recording_id}"sv);
  using Response = Recording;

  std::string recording_id{};  ///< required

  REALTIMEKIT_FIELDS(recording_id)
};

/// Returns the running recording of a meeting.
struct GetActive {
  static constexpr Route route = Route::get("/recordings/active-recording/{meeting_id}"sv);
  using Response = Recording;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Pauses, resumes or stops a recording.
struct Control {
  static constexpr Route route = Route::put("/recordings/{recording_id}"sv, Repeat::harmful);
  static constexpr std::string_view required[] = {"action"sv};
  using Response = Recording;

  std::string recording_id{};  ///< required
  RecordingAction action{};    ///< required

  REALTIMEKIT_FIELDS(recording_id, action)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace recordings

// >>presets ---------------------------------------------------------------------------------------
//
// config, permissions and ui are the same structs in requests and responses, so all their fields
// may be absent. presets::Create and Replace require every field that is not marked optional.

/// The video quality, from low to high.
struct VideoQuality : OpenEnum<VideoQuality> {
  using OpenEnum::OpenEnum;
  static constexpr Value qvga{"qvga"sv};
  static constexpr Value vga{"vga"sv};
  static constexpr Value hd{"hd"sv};
  static constexpr Value fhd{"fhd"sv};
  static constexpr Value uhd{"uhd"sv};
};

/// How the video of a camera or a screen is sent.
struct PresetVideo {
  std::optional<std::int64_t> frame_rate{};  ///< frames per second; camera: at most 30
  VideoQuality quality{};
  std::optional<bool> simulcast{};  ///< optional; only for a camera

  REALTIMEKIT_FIELDS(frame_rate, quality, simulcast)
};

/// How the audio of a microphone is sent.
struct PresetAudio {
  std::optional<bool> enable_stereo{};        ///< optional
  std::optional<bool> enable_high_bitrate{};  ///< optional

  REALTIMEKIT_FIELDS(enable_stereo, enable_high_bitrate)
};

/// The quality of sent media.
struct PresetMedia {
  PresetVideo video{};
  PresetVideo screenshare{};
  PresetAudio audio{};  ///< optional

  REALTIMEKIT_FIELDS(video, screenshare, audio)
};

/// The maximum number of visible video streams.
struct PresetVideoStreams {
  std::optional<std::int64_t> mobile{};  ///< on mobile devices
  std::optional<std::int64_t> desktop{};

  REALTIMEKIT_FIELDS(mobile, desktop)
};

/// How a meeting is presented to participants with the preset.
struct PresetConfig {
  PresetViewType view_type{};
  PresetVideoStreams max_video_streams{};
  std::optional<std::int64_t> max_screenshare_count{};  ///< screens shared at the same time
  PresetMedia media{};
  std::optional<std::vector<std::int64_t>> livestream_viewer_qualities{};  ///< optional

  REALTIMEKIT_FIELDS(view_type, max_video_streams, max_screenshare_count, media,
                     livestream_viewer_qualities)
};

/// Whether a participant may do something.
struct PermissionLevel : OpenEnum<PermissionLevel> {
  using OpenEnum::OpenEnum;
  static constexpr Value allowed{"ALLOWED"sv};
  static constexpr Value not_allowed{"NOT_ALLOWED"sv};
  static constexpr Value can_request{"CAN_REQUEST"sv};  ///< may request permission
};

/// Whether one kind of media may be sent.
struct MediaPermission {
  PermissionLevel can_produce{};

  REALTIMEKIT_FIELDS(can_produce)
};

/// Which media may be sent.
struct MediaPermissions {
  MediaPermission video{};
  MediaPermission audio{};
  MediaPermission screenshare{};

  REALTIMEKIT_FIELDS(video, audio, screenshare)
};

/// What may be done in a chat.
struct ChatPermission {
  std::optional<bool> can_send{};     ///< messages of any kind
  std::optional<bool> can_receive{};  ///< private chat only
  std::optional<bool> text{};         ///< may send text
  std::optional<bool> files{};        ///< may send files

  REALTIMEKIT_FIELDS(can_send, can_receive, text, files)
};

/// What may be done in the chat with all participants (public) and with single ones (private).
struct ChatPermissions {
  ChatPermission public_chat{};   ///< "public" in JSON
  ChatPermission private_chat{};  ///< "private" in JSON

  template <class Fields> static void fields(Fields& field) {
    field("public", &ChatPermissions::public_chat);
    field("private", &ChatPermissions::private_chat);
  }
};

/// What may be done with polls.
struct PollPermissions {
  std::optional<bool> can_create{};
  std::optional<bool> can_vote{};
  std::optional<bool> can_view{};

  REALTIMEKIT_FIELDS(can_create, can_vote, can_view)
};

/// What may be done with plugins.
struct PluginPermissions {
  std::optional<bool> can_start{};
  std::optional<bool> can_close{};  ///< open plugins
  std::optional<bool> can_edit_config{};
  /// In the newest specification: {plugin id: {"access_control": "FULL_ACCESS" or "VIEW_ONLY",
  /// "handles_view_only": true or false}, ...}, or {} for none. In older ones: a plugin id as a
  /// string, or only the inner object.
  RawJson config{};

  REALTIMEKIT_FIELDS(can_start, can_close, can_edit_config, config)
};

/// What may be done with connected meetings (breakout rooms).
struct ConnectedMeetingsPermissions {
  std::optional<bool> can_alter_connected_meetings{};
  std::optional<bool> can_switch_connected_meetings{};
  std::optional<bool> can_switch_to_parent_meeting{};

  REALTIMEKIT_FIELDS(can_alter_connected_meetings, can_switch_connected_meetings,
                     can_switch_to_parent_meeting)
};

/// Whether a participant is a program that records or livestreams the meeting.
struct RecorderType : OpenEnum<RecorderType> {
  using OpenEnum::OpenEnum;
  static constexpr Value recorder{"RECORDER"sv};
  static constexpr Value livestreamer{"LIVESTREAMER"sv};
  static constexpr Value none{"NONE"sv};
};

/// Whether a participant must wait before joining.
struct WaitingRoomType : OpenEnum<WaitingRoomType> {
  using OpenEnum::OpenEnum;
  static constexpr Value skip{"SKIP"sv};
  static constexpr Value on_privileged_user_entry{"ON_PRIVILEGED_USER_ENTRY"sv};
  static constexpr Value skip_on_accept{"SKIP_ON_ACCEPT"sv};
};

/// What a participant with the preset may do.
struct PresetPermissions {
  std::optional<bool> accept_waiting_requests{};  ///< may admit waiting participants
  std::optional<bool> can_accept_production_requests{};
  std::optional<bool> can_edit_display_name{};
  std::optional<bool> can_spotlight{};
  std::optional<bool> is_recorder{};                ///< optional
  RecorderType recorder_type{};                     ///< defaults to NONE (older specifications)
  std::optional<bool> disable_participant_audio{};  ///< may disable the audio of others
  std::optional<bool> disable_participant_screensharing{};  ///< may disable that of others
  std::optional<bool> disable_participant_video{};          ///< may disable that of others
  std::optional<bool> kick_participant{};
  std::optional<bool> pin_participant{};
  std::optional<bool> can_record{};
  std::optional<bool> can_livestream{};
  WaitingRoomType waiting_room_type{};
  PluginPermissions plugins{};
  ConnectedMeetingsPermissions connected_meetings{};
  PollPermissions polls{};
  MediaPermissions media{};
  ChatPermissions chat{};
  std::optional<bool> hidden_participant{};  ///< true: not visible to others
  std::optional<bool> show_participant_list{};
  std::optional<bool> can_change_participant_permissions{};
  std::optional<bool> accept_stage_requests{};  ///< optional; may admit others to the stage
  std::optional<bool> stage_enabled{};          ///< optional; true: the meeting has a stage
  PermissionLevel stage_access{};               ///< optional; may go on stage
  std::optional<bool> transcription_enabled{};  ///< optional

  REALTIMEKIT_FIELDS(accept_waiting_requests, can_accept_production_requests, can_edit_display_name,
                     can_spotlight, is_recorder, recorder_type, disable_participant_audio,
                     disable_participant_screensharing, disable_participant_video, kick_participant,
                     pin_participant, can_record, can_livestream, waiting_room_type, plugins,
                     connected_meetings, polls, media, chat, hidden_participant,
                     show_participant_list, can_change_participant_permissions,
                     accept_stage_requests, stage_enabled, stage_access, transcription_enabled)
};

/// The shades of a color, such as "#1f1f1f". Brand: 300 to 700; background: 600 to 1000.
struct UiShades {
  std::optional<std::string> shade_300{};
  std::optional<std::string> shade_400{};
  std::optional<std::string> shade_500{};
  std::optional<std::string> shade_600{};
  std::optional<std::string> shade_700{};
  std::optional<std::string> shade_800{};
  std::optional<std::string> shade_900{};
  std::optional<std::string> shade_1000{};

  template <class Fields> static void fields(Fields& field) {
    field("300", &UiShades::shade_300);
    field("400", &UiShades::shade_400);
    field("500", &UiShades::shade_500);
    field("600", &UiShades::shade_600);
    field("700", &UiShades::shade_700);
    field("800", &UiShades::shade_800);
    field("900", &UiShades::shade_900);
    field("1000", &UiShades::shade_1000);
  }
};

/// Colors, such as "#FF2D2D".
struct UiColors {
  UiShades brand{};       ///< 300 to 700
  UiShades background{};  ///< 600 to 1000
  std::optional<std::string> text{};
  std::optional<std::string> text_on_brand{};
  std::optional<std::string> video_bg{};  ///< background of videos
  std::optional<std::string> success{};
  std::optional<std::string> warning{};
  std::optional<std::string> danger{};

  REALTIMEKIT_FIELDS(brand, background, text, text_on_brand, video_bg, success, warning, danger)
};

/// The brightness of the user interface.
struct UiTheme : OpenEnum<UiTheme> {
  using OpenEnum::OpenEnum;
  static constexpr Value darkest{"darkest"sv};
  static constexpr Value dark{"dark"sv};
  static constexpr Value light{"light"sv};
};

/// The shape of corners.
struct UiBorderRadius : OpenEnum<UiBorderRadius> {
  using OpenEnum::OpenEnum;
  static constexpr Value sharp{"sharp"sv};
  static constexpr Value rounded{"rounded"sv};
  static constexpr Value extra_rounded{"extra-rounded"sv};
  static constexpr Value circular{"circular"sv};
};

/// The width of borders.
struct UiBorderWidth : OpenEnum<UiBorderWidth> {
  using OpenEnum::OpenEnum;
  static constexpr Value none{"none"sv};
  static constexpr Value thin{"thin"sv};
  static constexpr Value fat{"fat"sv};
};

/// Colors, shapes and fonts.
struct UiDesignTokens {
  UiTheme theme{};
  UiColors colors{};
  UiBorderRadius border_radius{};
  UiBorderWidth border_width{};
  std::optional<double> spacing_base{};      ///< 1 or more
  std::optional<std::string> font_family{};  ///< optional
  std::optional<std::string> google_font{};  ///< optional
  std::optional<std::string> logo{};         ///< optional; URL

  REALTIMEKIT_FIELDS(theme, colors, border_radius, border_width, spacing_base, font_family,
                     google_font, logo)
};

/// The appearance of the user interface.
struct PresetUi {
  UiDesignTokens design_tokens{};
  RawJson config_diff{};  ///< optional; any JSON object; only in older specifications

  REALTIMEKIT_FIELDS(design_tokens, config_diff)
};

/// A named role for participants, such as host or guest. participants::Add takes its name.
struct Preset {
  static constexpr std::string_view wrappers[] = {"preset"sv};

  std::string id{};
  std::string name{};
  PresetConfig config;
  PresetPermissions permissions;
  PresetUi ui;
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, name, config, permissions, ui, created_at, updated_at)
};

namespace presets {

/// Lists the app's presets, with id, name and times only. Get returns the rest.
struct List {
  static constexpr Route route = Route::get("/presets"sv);
  using Response = Page<Preset>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< searches the name

  REALTIMEKIT_FIELDS(page_no, per_page, search)
};

/// Creates a preset. Nearly all fields are required: start with the config, permissions and ui of
/// an existing preset (see Get). Error: 409 if a preset has the same name.
struct Create {
  static constexpr Route route = Route::post("/presets"sv);
  static constexpr std::string_view required[] = {"name"sv, "config"sv, "permissions"sv, "ui"sv};
  using Response = Preset;

  std::string name{};               ///< required; must be unique
  PresetConfig config{};            ///< required
  PresetPermissions permissions{};  ///< required
  PresetUi ui{};                    ///< required

  REALTIMEKIT_FIELDS(name, config, permissions, ui)
};

/// Returns one preset with all its settings.
struct Get {
  static constexpr Route route = Route::get("/presets/{preset_id}"sv);
  using Response = Preset;

  std::string preset_id{};  ///< required

  REALTIMEKIT_FIELDS(preset_id)
};

/// Changes the given fields of a preset, at any depth.
struct Update {
  static constexpr Route route = Route::patch("/presets/{preset_id}"sv);
  using Response = Preset;

  std::string preset_id{};  ///< required
  std::optional<std::string> name{};
  PresetConfig config{};
  PresetPermissions permissions{};
  PresetUi ui{};

  REALTIMEKIT_FIELDS(preset_id, name, config, permissions, ui)
};

/// Replaces all fields of a preset except its id. Requires the same fields as Create.
struct Replace {
  static constexpr Route route = Route::put("/presets/{preset_id}"sv);
  static constexpr std::string_view required[] = {"name"sv, "config"sv, "permissions"sv, "ui"sv};
  using Response = Preset;

  std::string preset_id{};          ///< required
  std::string name{};               ///< required
  PresetConfig config{};            ///< required
  PresetPermissions permissions{};  ///< required
  PresetUi ui{};                    ///< required

  REALTIMEKIT_FIELDS(preset_id, name, config, permissions, ui)
};

/// Deletes a preset. The response contains the deleted preset.
struct Delete {
  static constexpr Route route = Route::del("/presets/{preset_id}"sv);
  static constexpr NoPromises promises{};
  using Response = Preset;

  std::string preset_id{};  ///< required

  REALTIMEKIT_FIELDS(preset_id)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace presets

// >>webhooks --------------------------------------------------------------------------------------

/// An event that a webhook can receive.
struct WebhookEvent : OpenEnum<WebhookEvent> {
  using OpenEnum::OpenEnum;
  static constexpr Value meeting_started{"meeting.started"sv};
  static constexpr Value meeting_ended{"meeting.ended"sv};
  static constexpr Value meeting_participant_joined{"meeting.participantJoined"sv};
  static constexpr Value meeting_participant_left{"meeting.participantLeft"sv};
  static constexpr Value meeting_chat_synced{"meeting.chatSynced"sv};  ///< has a link to the chat
  static constexpr Value meeting_transcript{"meeting.transcript"sv};
  static constexpr Value meeting_summary{"meeting.summary"sv};
  static constexpr Value recording_status_update{"recording.statusUpdate"sv};
  /// Its deliveries contain the stream key.
  static constexpr Value livestreaming_status_update{"livestreaming.statusUpdate"sv};
};

/// A URL to which the server sends events, as POST requests with JSON: see >>webhook_events.
struct Webhook {
  static constexpr std::string_view wrappers[] = {"webhook"sv};

  std::string id{};
  std::string name{};
  std::string url{};
  std::vector<WebhookEvent> events;
  std::optional<bool> enabled{};  ///< absent in some responses
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<std::string> organization_id{};

  REALTIMEKIT_FIELDS(id, name, url, events, enabled, created_at, updated_at, organization_id)
};

namespace webhooks {

/// Lists all webhooks of the app, on one page.
struct List {
  static constexpr Route route = Route::get("/webhooks"sv);
  using Response = Page<Webhook>;

  REALTIMEKIT_FIELDS()
};

/// Registers a URL. Error: 409 if a webhook has the same URL.
struct Create {
  static constexpr Route route = Route::post("/webhooks"sv);
  static constexpr std::string_view required[] = {"name"sv, "url"sv, "events"sv};
  using Response = Webhook;

  std::string name{};                  ///< required
  std::string url{};                   ///< required; must be unique
  std::vector<WebhookEvent> events{};  ///< required; see ListEvents
  std::optional<bool> enabled{};       ///< false: inactive

  REALTIMEKIT_FIELDS(name, url, events, enabled)
};

/// Returns one webhook.
struct Get {
  static constexpr Route route = Route::get("/webhooks/{webhook_id}"sv);
  using Response = Webhook;

  std::string webhook_id{};  ///< required

  REALTIMEKIT_FIELDS(webhook_id)
};

/// Changes the given fields of a webhook.
struct Update {
  static constexpr Route route = Route::patch("/webhooks/{webhook_id}"sv);
  using Response = Webhook;

  std::string webhook_id{};  ///< required
  std::optional<std::string> name{};
  std::optional<std::string> url{};
  std::optional<std::vector<WebhookEvent>> events{};  ///< an empty list is sent
  std::optional<bool> enabled{};                      ///< false: inactive

  REALTIMEKIT_FIELDS(webhook_id, name, url, events, enabled)
};

/// Replaces all fields of a webhook except its id.
struct Replace {
  static constexpr Route route = Route::put("/webhooks/{webhook_id}"sv);
  static constexpr std::string_view required[] = {"name"sv, "url"sv, "events"sv};
  using Response = Webhook;

  std::string webhook_id{};                           ///< required
  std::string name{};                                 ///< required
  std::string url{};                                  ///< required
  std::optional<std::vector<WebhookEvent>> events{};  ///< required; an empty list is sent
  std::optional<bool> enabled{};                      ///< false: inactive

  REALTIMEKIT_FIELDS(webhook_id, name, url, events, enabled)
};

/// Deletes a webhook. The response contains the deleted webhook.
struct Delete {
  static constexpr Route route = Route::del("/webhooks/{webhook_id}"sv);
  static constexpr NoPromises promises{};
  using Response = Webhook;

  std::string webhook_id{};  ///< required

  REALTIMEKIT_FIELDS(webhook_id)
};

/// Lists the names of all events that a webhook can receive.
struct ListEvents {
  static constexpr Route route = Route::get("/webhooks/all"sv);
  using Response = Page<WebhookEvent>;

  REALTIMEKIT_FIELDS()
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace webhooks

// >>webhook_events --------------------------------------------------------------------------------
//
// A program that receives events has one Verifier. It verifies each request, then decodes the body:
//
//     const auto verified = verifier.verify(request.headers, request.body);  // body as received
//     if (!verified) return respond(503, verified.error().message);
//     handle(webhooks::parse_event(request.body), verified->deduplication_key);
//     respond(200);
//
// The server considers an event delivered after any 2xx. It retries after a network error or a 5xx,
// never after another status. Therefore respond with 503 to an event that cannot be verified: it
// may be signed with a newer key than the one fetched. After repeated failures, the server
// throttles a webhook. It keeps logs of deliveries for a month.

class HttplibTransport;

namespace detail {
/// A transport of any type. The owner calls destroy() at the end.
struct OwnedTransport {
  void* transport;
  Result<HttpResponse> (*call)(void* transport, const HttpRequest& request);
  void (*destroy)(void* transport);
};
}  // namespace detail

namespace webhooks {

/// The meeting of an event, and its session. Each event has only some of the fields.
struct EventMeeting {
  /// The owner of the app.
  struct Organizer {
    std::string id{};
    std::optional<std::string> name{};

    REALTIMEKIT_FIELDS(id, name)
  };

  std::string id{};
  std::string session_id{};
  std::optional<std::string> title{};
  std::optional<std::string> room_name{};  ///< in older events
  SessionStatus status{};
  Timestamp created_at{};
  Timestamp started_at{};
  Timestamp ended_at{};
  Organizer organized_by{};

  REALTIMEKIT_FIELDS(id, session_id, title, room_name, status, created_at, started_at, ended_at,
                     organized_by)
};

/// The participant of an event.
struct EventParticipant {
  std::string peer_id{};
  std::optional<std::string> user_display_name{};
  std::optional<std::string> custom_participant_id{};
  std::optional<std::string> client_specific_id{};  ///< custom_participant_id in older events
  Timestamp joined_at{};
  Timestamp left_at{};

  REALTIMEKIT_FIELDS(peer_id, user_display_name, custom_participant_id, client_specific_id,
                     joined_at, left_at)
};

/// An event that this header does not know.
struct UnknownEvent {
  WebhookEvent event{};
  RawJson body{};  ///< the whole event

  REALTIMEKIT_FIELDS(event, body)
};

/// A session of a meeting has started.
struct MeetingStarted {
  WebhookEvent event{};
  EventMeeting meeting{};

  REALTIMEKIT_FIELDS(event, meeting)
};

/// Why a session has ended.
struct MeetingEndReason : OpenEnum<MeetingEndReason> {
  using OpenEnum::OpenEnum;
  static constexpr Value host_ended_meeting{"HOST_ENDED_MEETING"sv};
  static constexpr Value all_participants_left{"ALL_PARTICIPANTS_LEFT"sv};
};

/// A session of a meeting has ended. Its status may still be LIVE.
struct MeetingEnded {
  WebhookEvent event{};
  EventMeeting meeting{};
  MeetingEndReason reason{};

  REALTIMEKIT_FIELDS(event, meeting, reason)
};

/// A participant has joined a session.
struct MeetingParticipantJoined {
  WebhookEvent event{};
  EventMeeting meeting{};
  EventParticipant participant{};

  REALTIMEKIT_FIELDS(event, meeting, participant)
};

/// A participant has left a session.
struct MeetingParticipantLeft {
  WebhookEvent event{};
  EventMeeting meeting{};
  EventParticipant participant{};

  REALTIMEKIT_FIELDS(event, meeting, participant)
};

/// The chat of an ended session can be downloaded.
struct MeetingChatSynced {
  WebhookEvent event{};
  std::string meeting_id{};
  std::string session_id{};
  std::optional<std::string> title{};
  Timestamp created_at{};
  Timestamp started_at{};
  Timestamp ended_at{};
  std::string chat_download_url{};  ///< allows anyone who has it to download
  Timestamp chat_download_url_expiry{};
  EventMeeting::Organizer organized_by{};

  REALTIMEKIT_FIELDS(event, meeting_id, session_id, title, created_at, started_at, ended_at,
                     chat_download_url, chat_download_url_expiry, organized_by)
};

/// The transcript of an ended session can be downloaded, as CSV.
struct MeetingTranscript {
  WebhookEvent event{};
  EventMeeting meeting{};
  std::string transcript_download_url{};  ///< allows anyone who has it to download
  Timestamp transcript_download_url_expiry{};

  REALTIMEKIT_FIELDS(event, meeting, transcript_download_url, transcript_download_url_expiry)
};

/// The summary of an ended session can be downloaded.
struct MeetingSummary {
  WebhookEvent event{};
  EventMeeting meeting{};
  std::string summary_download_url{};  ///< allows anyone who has it to download
  Timestamp summary_download_url_expiry{};

  REALTIMEKIT_FIELDS(event, meeting, summary_download_url, summary_download_url_expiry)
};

/// The status of a recording has changed.
struct RecordingStatusUpdate {
  WebhookEvent event{};
  Recording recording{};  ///< without session_id: see meeting
  EventMeeting meeting{};

  REALTIMEKIT_FIELDS(event, recording, meeting)
};

/// The status of a livestream has changed. Some events have only livestream_id and status.
struct LivestreamingStatusUpdate {
  WebhookEvent event{};
  std::string livestream_id{};
  LivestreamStatus status{};
  std::optional<bool> manual_ingest{};
  std::string ingest_server{};
  Secret stream_key{};
  std::string playback_url{};
  EventMeeting meeting{};  ///< only for a livestream of a meeting

  template <class Fields> static void fields(Fields& field) {
    field("event", &LivestreamingStatusUpdate::event);
    field("stream_id", &LivestreamingStatusUpdate::livestream_id);
    field("status", &LivestreamingStatusUpdate::status);
    field("manual_ingest", &LivestreamingStatusUpdate::manual_ingest);
    field("ingest_server", &LivestreamingStatusUpdate::ingest_server);
    field("stream_key", &LivestreamingStatusUpdate::stream_key);
    field("playback_url", &LivestreamingStatusUpdate::playback_url);
    field("meeting", &LivestreamingStatusUpdate::meeting);
  }
};

/// An event. For std::visit or std::get_if.
using Event = std::variant<UnknownEvent, MeetingStarted, MeetingEnded, MeetingParticipantJoined,
                           MeetingParticipantLeft, MeetingChatSynced, MeetingTranscript,
                           MeetingSummary, RecordingStatusUpdate, LivestreamingStatusUpdate>;

/// Decodes the body of a delivery, by the same rules as responses (>>models). Does not verify it.
/// Error: decode if it is not a JSON object with an event. The error quotes nothing of the body.
Result<Event> parse_event(const std::string& body);

/// The result of a successful verification.
struct Verified {
  /// The webhook id, a colon, and the SHA-256 of the body in hexadecimal. A retry has the same key
  /// as the first delivery, although its header rtk-uuid may differ. Ignore a delivery whose key
  /// was received before, unless it is a LivestreamingStatusUpdate: its body contains no time and
  /// is the same for each broadcast.
  /// The signature covers neither a time nor the webhook id. An attacker who has a delivery can
  /// therefore replay it with another id: to detect that, compare only the part after the colon.
  std::string deduplication_key{};

  REALTIMEKIT_FIELDS(deduplication_key)
};

/// Verifies that deliveries are from the server. The header rtk-signature, or dyte-signature in
/// some deliveries, is an RSA signature (PKCS #1 v1.5, SHA-256, base64) of the body. There is no
/// shared secret. Copies share the fetched key. Thread-safe if the transport is. After fork(), a
/// child process must create its own Verifier. Requires OpenSSL 3.0 or newer, also with
/// REALTIMEKIT_NO_HTTPLIB.
class Verifier {
 public:
  /// verify() fetches the public key when it is first needed, without sending a token, and keeps it
  /// for an hour. After a failed verification or a failed fetch it fetches the key again, but at
  /// most once a minute. Threads that need the key wait for the same fetch, of at most 10 s.
  template <class Transport = HttplibTransport, class E = detail::OnError,
            class = std::enable_if_t<!std::is_convertible_v<Transport, std::string_view>>>
  explicit Verifier(Transport transport = Transport{})
      : Verifier(detail::OwnedTransport{new Transport(std::move(transport)), call<Transport, E>,
                                        destroy<Transport>}) {}
  /// Uses only this public key: PEM; each line break may also be the two characters "\\n". If the
  /// key is invalid, verify() returns an error.
  explicit Verifier(std::string_view public_key);
  explicit Verifier(const char* public_key)
      : Verifier(std::string_view(detail::text_or_empty(public_key))) {}

  /// Verifies a delivery. body: exactly the bytes received. Error: invalid_request if the signature
  /// is absent or wrong or the given public key is invalid; otherwise that of the fetch.
  Result<Verified>(verify)(  // in parentheses, since a macro verify is common
      const Headers& headers, std::string_view body) const;

 private:
  explicit Verifier(const detail::OwnedTransport& transport);
  template <class Transport, class E>
  static Result<HttpResponse> call(void* transport, const HttpRequest& request) {
    static_assert(std::is_invocable_r_v<Result<HttpResponse>, Transport&, const HttpRequest&>,
                  "realtimekit: a transport must return Result<HttpResponse>, HttpResponse or "
                  "Error; search for >>transport in realtimekit.hpp");
    return E::guard(
        [&]() -> Result<HttpResponse> { return (*static_cast<Transport*>(transport))(request); });
  }
  template <class Transport> static void destroy(void* transport) {
    delete static_cast<Transport*>(transport);
  }

  detail::Shared state_;
};

}  // namespace webhooks

// >>analytics -------------------------------------------------------------------------------------

/// The totals of the sessions or recordings of one day.
struct DayStats {
  Timestamp day{};
  std::optional<std::int64_t> total_sessions{};
  std::optional<double> total_session_minutes{};
  std::optional<std::int64_t> total_recordings{};
  std::optional<double> total_recording_minutes{};

  REALTIMEKIT_FIELDS(day, total_sessions, total_session_minutes, total_recordings,
                     total_recording_minutes)
};

/// The sessions in a range of days: the totals, and those of each day.
struct SessionStats {
  std::optional<std::int64_t> sessions_count{};
  std::optional<double> sessions_minutes_consumed{};
  std::vector<DayStats> day_stats;

  REALTIMEKIT_FIELDS(sessions_count, sessions_minutes_consumed, day_stats)
};

/// The recordings in a range of days: the totals, and those of each day.
struct RecordingStats {
  std::optional<std::int64_t> recording_count{};
  std::optional<double> recording_minutes_consumed{};
  std::vector<DayStats> day_stats;

  REALTIMEKIT_FIELDS(recording_count, recording_minutes_consumed, day_stats)
};

/// The totals of one day, in an older form of the response.
struct DayTotals {
  Timestamp date{};
  std::optional<std::int64_t> sessions_count{};
  std::optional<double> sessions_minutes_consumed{};
  std::optional<double> recordings_minutes_consumed{};

  REALTIMEKIT_FIELDS(date, sessions_count, sessions_minutes_consumed, recordings_minutes_consumed)
};

/// The response to GetDaywise. Two forms are published: session_stats and recording_stats, or days.
struct DaywiseStats {
  SessionStats session_stats;
  RecordingStats recording_stats;
  std::vector<DayTotals> days;

  template <class Fields> static void fields(Fields& field) {
    field("session_stats", &DaywiseStats::session_stats);
    field("recording_stats", &DaywiseStats::recording_stats);
    field("days", &DaywiseStats::days, Role::flat);
  }
};

/// The totals of the livestreams of one day or of the whole time range.
struct LivestreamStats {
  Timestamp date{};        ///< empty: whole time range
  std::int64_t count = 0;  ///< whole time range: livestreams; one day: broadcasts
  std::optional<double> total_ingest_seconds{};  ///< duration of the video received
  std::optional<double> total_viewer_seconds{};  ///< duration watched, sum of all viewers

  REALTIMEKIT_FIELDS(date, count, total_ingest_seconds, total_viewer_seconds)
};

namespace analytics {

/// Returns the daily totals of the app's sessions and recordings. Defaults to the last 30 days.
struct GetDaywise {
  static constexpr Route route = Route::get("/analytics/daywise"sv);
  using Response = DaywiseStats;

  std::optional<std::string> start_date{};  ///< YYYY-MM-DD
  std::optional<std::string> end_date{};    ///< YYYY-MM-DD

  REALTIMEKIT_FIELDS(start_date, end_date)
};

/// Returns the daily totals of the app's livestreams.
struct GetLivestreamsDaywise {
  static constexpr Route route = Route::get("/analytics/livestreams/daywise"sv);
  using Response = Page<LivestreamStats>;

  std::optional<std::int64_t> start_time{};  ///< Unix time in seconds
  std::optional<std::int64_t> end_time{};    ///< Unix time in seconds
  std::optional<std::string> filters{};

  REALTIMEKIT_FIELDS(start_time, end_time, filters)
};

/// Returns the totals of the app's livestreams.
struct GetLivestreamsOverall {
  static constexpr Route route = Route::get("/analytics/livestreams/overall"sv);
  using Response = LivestreamStats;

  std::optional<std::int64_t> start_time{};  ///< Unix time in seconds
  std::optional<std::int64_t> end_time{};    ///< Unix time in seconds
  std::optional<std::string> filters{};

  REALTIMEKIT_FIELDS(start_time, end_time, filters)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace analytics

// >>apps ------------------------------------------------------------------------------------------

/// A RealtimeKit app, to which all other resources belong.
struct App {
  static constexpr std::string_view wrappers[] = {"app"sv};

  std::string id{};  ///< for Config::app_id
  std::string name{};
  Timestamp created_at{};

  REALTIMEKIT_FIELDS(id, name, created_at)
};

namespace apps {

/// Lists the account's apps.
struct List {
  static constexpr Route route{Method::get, "/accounts/{account_id}/realtime/kit/apps"sv,
                               Repeat::harmless};
  using Response = Page<App>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< searches the name
  SortOrder sort_order{};                  ///< by time of creation

  REALTIMEKIT_FIELDS(page_no, per_page, search, sort_order)
};

/// Creates an app. It cannot be changed or deleted.
struct Create {
  static constexpr Route route{Method::post, "/accounts/{account_id}/realtime/kit/apps"sv,
                               Repeat::harmful};
  static constexpr std::string_view required[] = {"name"sv};
  using Response = App;

  std::string name{};  ///< required

  REALTIMEKIT_FIELDS(name)
};

using realtimekit::operator<<;  // found by argument-dependent lookup
using realtimekit::to_string;

}  // namespace apps

// >>engine ----------------------------------------------------------------------------------------
//
// How the templates of this half work; nothing to call. Encoding, decoding and printing are
// compiled once for all types. They access a value through its Type, which holds functions for the
// parts of such a value. type_of<T>() returns the Type of T. The Type of a struct refers to its
// Table: the name, Type and offset of each field, as listed by T::fields(). A Table is made on
// first use. An Operation consists of a Route and the Types of the parameters and the response. The
// templates only pass these descriptions on, so that an operation of a user's own compiles fast.

namespace detail {

enum class Kind : unsigned char {
  text,
  secret,
  timestamp,
  open_enum,
  boolean,
  int32,
  int64,
  number,
  optional,
  list,
  entry,  // a name and its value, in a list that is an object in JSON
  object,
  json
};

/// The description of a type, for encoding, decoding and printing. Functions that do not apply to
/// its kind are null.
struct Type {
  Kind kind;
  std::string& (*text)(void*) = nullptr;  // text to open_enum, json: the text; entry: its name
  const Type& (*item)() = nullptr;        // optional, list, entry: type of its items
  void* (*add)(void*) = nullptr;          // optional, list: adds an item and returns it
  const void* (*at)(const void*, std::size_t) = nullptr;  // optional, list, entry: null at the end
  void (*clear)(void*) = nullptr;                         // optional, list
  void (*drop)(void*) = nullptr;                          // list: removes the last item
  std::size_t item_size = 0;                              // list: in bytes
  const Table& (*table)() = nullptr;                      // object
};

void add(Table& table, std::string_view name, const Type& type, const void* sample,
         const void* member, Role role = Role::plain);

/// Removes the first name from a list such as "id, status", and returns it.
constexpr std::string_view next_name(std::string_view& names) {
  const auto name = names.substr(0, names.find_first_of(" ,"));
  names.remove_prefix(name.size());
  while (!names.empty() && (names[0] == ',' || names[0] == ' ')) names.remove_prefix(1);
  return name;
}

struct Access {
  static std::string& text(std::string& value) { return value; }
  template <class T> static std::string& text(T& value) { return value.text_; }
  template <class T> static T& value(Result<T>& result) { return result.value_; }
  template <class T> static Outcome& outcome(Result<T>& result) { return result.outcome_; }
  template <class T> static Result<T> result() { return Result<T>{}; }
  template <class T> static auto next(T& attempts, Outcome& outcome, double random01) {
    return attempts.next(outcome, T::Clock::now(), random01);
  }
  static Shared& state(CancelToken& token) { return token.state_; }
  static const Shared& state(const CancelToken& token) { return token.state_; }
  template <class Client> static const Shared& config(const Client& client) {
    return client.config_;
  }
  template <class Client> static auto transport(const Client& client) {
    return client.transport_ref();
  }
};

template <class T> const Table& table_of();

template <class Derived> std::true_type open_enum(const OpenEnum<Derived>*);
std::false_type open_enum(const void*);

/// The functions of a Type, for values of type T.
template <class T> std::string& text_in(void* value) {
  return Access::text(*static_cast<T*>(value));
}
template <class T> void* add_optional(void* value) {
  return &static_cast<std::optional<T>*>(value)->emplace();
}
template <class T> const void* optional_at(const void* value, std::size_t i) {
  const auto& self = *static_cast<const std::optional<T>*>(value);
  return i == 0 && self.has_value() ? &*self : nullptr;
}
template <class T> void clear_optional(void* value) {
  static_cast<std::optional<T>*>(value)->reset();
}
template <class T> void* add_to_list(void* value) {
  return &static_cast<std::vector<T>*>(value)->emplace_back();
}
template <class T> const void* list_at(const void* value, std::size_t i) {
  const auto& self = *static_cast<const std::vector<T>*>(value);
  return i < self.size() ? &self[i] : nullptr;
}
template <class T> void clear_list(void* value) { static_cast<std::vector<T>*>(value)->clear(); }
template <class T> void drop_last(void* value) { static_cast<std::vector<T>*>(value)->pop_back(); }
template <class T> std::string& name_of_entry(void* value) {
  return static_cast<std::pair<std::string, T>*>(value)->first;
}
template <class T> const void* value_of_entry(const void* value, std::size_t i) {
  return i == 0 ? &static_cast<const std::pair<std::string, T>*>(value)->second : nullptr;
}

template <class T> struct TypeOf {
  static constexpr Type make() {
    if constexpr (decltype(open_enum(static_cast<T*>(nullptr)))::value) {
      return {Kind::open_enum, text_in<T>};
    } else {
      static_assert(has_fields_v<T>,
                    "realtimekit: a field has an unsupported type, such as float, unsigned or "
                    "std::map; search for >>fields in realtimekit.hpp");
      Type type{Kind::object};
      type.table = table_of<T>;
      return type;
    }
  }
};
template <class T> struct TypeOf<std::optional<T>> {
  static constexpr Type make() {
    return {Kind::optional,  nullptr,        type_of<T>,
            add_optional<T>, optional_at<T>, clear_optional<T>};
  }
};
template <class T> struct TypeOf<std::vector<T>> {
  static_assert(!std::is_same_v<T, bool>,
                "realtimekit: a field cannot be a std::vector<bool>, whose items have no address: "
                "use std::vector<std::optional<bool>>");
  static constexpr Type make() {
    return {Kind::list, nullptr,       type_of<T>,   add_to_list<T>,
            list_at<T>, clear_list<T>, drop_last<T>, sizeof(T)};
  }
};

template <class T> struct TypeOf<std::pair<std::string, T>> {
  static constexpr Type make() {
    return {Kind::entry, name_of_entry<T>, type_of<T>, nullptr, value_of_entry<T>};
  }
};

template <class T> const Type& made_type() {
  static constexpr Type type = TypeOf<T>::make();
  return type;
}
template <class T> const Type& type_of() { return made_type<T>(); }

// Compiled once, not in each translation unit with such fields.
template <> const Type& type_of<std::string>();
template <> const Type& type_of<Secret>();
template <> const Type& type_of<Timestamp>();
template <> const Type& type_of<RawJson>();
template <> const Type& type_of<bool>();
template <> const Type& type_of<int>();
template <> const Type& type_of<std::int64_t>();
template <> const Type& type_of<double>();
template <> const Type& type_of<std::optional<std::string>>();
template <> const Type& type_of<std::optional<bool>>();
template <> const Type& type_of<std::optional<std::int64_t>>();
template <> const Type& type_of<std::optional<double>>();
template <> const Type& type_of<std::vector<std::string>>();

/// Collects the fields that T::fields() lists.
template <class T> class Fields {
 public:
  Fields(const T& sample, Table& table) : sample_(sample), table_(table) {}
  template <class Owner, class M>  // Owner: T or a base of it
  void operator()(std::string_view name, M Owner::*member, Role role = Role::plain) {
    add(table_, name, type_of<M>(), &sample_, &(sample_.*member), role);
  }
  /// For REALTIMEKIT_FIELDS.
  Fields& names(std::string_view list) { return names_ = list, *this; }
  template <class... M> void members(const M&... member) {
    (add(table_, next_name(names_), type_of<M>(), &sample_, &member), ...);
  }

 private:
  const T& sample_;  // to compute the offsets of its members
  Table& table_;
  std::string_view names_{};
};

/// A list of names that a struct may declare.
class Names {
 public:
  constexpr Names() = default;
  constexpr Names(const NoPromises&) : is_given_(true) {}
  template <std::size_t count> constexpr Names(const std::string_view (&names)[count])
      : names_(names), count_(count), is_given_(true) {}

  constexpr bool is_given() const { return is_given_; }
  constexpr bool empty() const { return count_ == 0; }
  constexpr const std::string_view* begin() const { return names_; }
  constexpr const std::string_view* end() const { return names_ + count_; }

 private:
  const std::string_view* names_ = nullptr;
  std::size_t count_ = 0;
  bool is_given_ = false;
};

Table* new_table(const Names& wrappers);

template <class T, class = void> inline constexpr Names wrappers_v{};
template <class T> inline constexpr Names wrappers_v<T, std::void_t<decltype(T::wrappers)>> =
    T::wrappers;

template <class T> const Table& made_table() {
  static const Table* const table = [] {
    const T sample{};
    Table* fresh = new_table(wrappers_v<T>);
    Fields<T> fields{sample, *fresh};
    sample.fields(fields);
    return fresh;
  }();
  return *table;
}
template <class T> const Table& table_of() { return made_table<T>(); }

// Compiled once, since most programs use them.
template <> const Table& table_of<Livestream>();
template <> const Table& table_of<livestreams::Create>();

/// A function that runs when a token is canceled.
class CancelHook {
 public:
  CancelHook() = default;
  CancelHook(const CancelHook&) = delete;
  CancelHook& operator=(const CancelHook&) = delete;
  virtual void run() = 0;

 protected:
  ~CancelHook() = default;
  /// is_brief: to run before the hooks that may take long.
  void attach(const CancelToken& token, bool is_brief = false);
  void detach() noexcept;

 private:
  friend CancelToken;
  CancelToken token_;
  CancelHook* next_ = nullptr;  // next hook of the same token
  bool is_brief_ = false;
};

/// The description of an operation, for the implementation.
struct Operation {
  const Route& route;
  const Type& parameters;
  const Type& response;
  Names promises;         // fields of the response that must not be empty, instead of the default
  Names required;         // parameters that must not be empty, besides those in the path
  std::int64_t page = 0;  // number of the requested page; 0: unknown
};

template <class Op, class = void> inline constexpr bool is_operation_v = false;
template <class Op> inline constexpr bool
    is_operation_v<Op, std::enable_if_t<std::is_same_v<decltype(Op::route), const Route> &&
                                        has_fields_v<Op> && has_fields_v<typename Op::Response>>> =
        true;

template <class Op, class = void> inline constexpr Names promises_v{};
template <class Op> inline constexpr Names promises_v<Op, std::void_t<decltype(Op::promises)>> =
    Op::promises;

template <class Op, class = void> inline constexpr Names required_v{};
template <class Op> inline constexpr Names required_v<Op, std::void_t<decltype(Op::required)>> =
    Op::required;

template <class Op> Operation operation() {
  static_assert(is_operation_v<Op>,
                "realtimekit: an operation needs route, Response and fields(), and its Response "
                "needs fields(); search for >>operations in realtimekit.hpp");
  return {Op::route, type_of<Op>(), type_of<typename Op::Response>(), promises_v<Op>,
          required_v<Op>};
}

Result<HttpRequest> to_http(const Config& config, const Operation& operation,
                            const void* parameters);
void from_http(const Operation& operation, HttpResponse response, void* value, Outcome& outcome,
               std::string_view token, const void* parameters);
void from_failure(const Operation& operation, Error error, Outcome& outcome, std::string_view token,
                  const void* parameters);
std::vector<std::string> unread(const Operation& operation, const HttpResponse& response,
                                void* value);

/// A reference to a transport of any type.
struct TransportRef {
  void* transport;
  Result<HttpResponse> (*call)(void* transport, const HttpRequest& request);
};

/// Returns a shared copy. Compiled once, since copying a Config is slow to compile.
Shared share(const Config& config);

/// Makes all attempts of one call.
void make_call(const Shared& config, const CallOptions& options, TransportRef transport,
               const Operation& operation, const void* parameters, void* value, Outcome& outcome);

/// Detects the end of a list.
class PageCount {
 public:
  enum class Verdict { more, last, repeated };
  /// Counts a received page. first: its first item, or null.
  Verdict add(const Type& item, const void* first, std::size_t count, const Paging& paging);

 private:
  std::int64_t items_ = 0;
  std::vector<std::string> firsts_;  // the first item of each page so far: its id, else its JSON
};
Error repeated_page(std::int64_t page_no);
Error too_many_pages(int max_pages);

/// The common deadline of several requests, if the options have a total_timeout.
class Deadline {
 public:
  explicit Deadline(const CallOptions& options);
  /// Returns the options of the next request, with the time left; an error if none is left.
  Result<CallOptions> left() const;

 private:
  CallOptions options_;
  std::chrono::steady_clock::time_point begin_;
};

double random01();
bool may_have_acted(const Error& error);
bool is_independent(const Livestream& livestream);
Error empty_name();
Error item_without_id();
Error not_unique(const std::string& name, const std::vector<Livestream>& found);

template <class Op, class = void> inline constexpr bool has_pages_v = false;
template <class Op>
inline constexpr bool has_pages_v<Op, std::void_t<decltype(*std::declval<Op&>().page_no)>> = true;

}  // namespace detail

// >>pipeline --------------------------------------------------------------------------------------

/// Returns the request of an operation. Error: invalid_request, naming the field and the rule.
template <class Op> Result<HttpRequest> to_http(const Config& config, const Op& op) {
  return detail::to_http(config, detail::operation<Op>(), &op);
}

/// Decodes a response to the operation Op. Error: api or decode. The error is masked: it contains
/// no value of a field with a secret's name, nor token (pass Config::api_token), nor a Secret of
/// sent (pass the operation).
template <class Op> Result<typename Op::Response> from_http(HttpResponse response,
                                                            const Secret& token = {},
                                                            const Op* sent = nullptr) {
  auto result = detail::Access::result<typename Op::Response>();
  detail::Operation operation = detail::operation<Op>();
  if constexpr (detail::has_pages_v<Op>) operation.page = sent ? sent->page_no.value_or(1) : 0;
  detail::from_http(operation, std::move(response), &detail::Access::value(result),
                    detail::Access::outcome(result), token.reveal(), sent);
  return result;
}

/// Same, for the result of a transport. If that is an error, returns it, masked.
template <class Op> Result<typename Op::Response> from_http(Result<HttpResponse> received,
                                                            const Secret& token = {},
                                                            const Op* sent = nullptr) {
  if (received) return from_http<Op>(*std::move(received), token, sent);
  auto result = detail::Access::result<typename Op::Response>();
  detail::from_failure(detail::operation<Op>(), std::move(received).error(),
                       detail::Access::outcome(result), token.reveal(), sent);
  return result;
}

/// Returns the values of a response that are not decoded into a field, as JSON paths with their
/// kinds, such as "data[3].recording_config.new_thing: text". Includes a value for whose field
/// the response has a better one, such as under the exact name. Omits null for a known field. For
/// tests against the real API, to detect fields that it has added.
template <class Op> std::vector<std::string> unread(const HttpResponse& response) {
  typename Op::Response value{};
  return detail::unread(detail::operation<Op>(), response, &value);
}

/// Returns the delay before the next attempt, after attempt number `attempt` (1-based) has failed;
/// empty: do not retry. The jitter subtracts a quarter of the delay times random01, which is from 0
/// to 1.
std::optional<std::chrono::milliseconds> retry_delay(const RetryPolicy& policy, bool idempotent,
                                                     const Error& error, int attempt,
                                                     double random01);

/// The attempts of one call. Applies the rules of send() in a program that sends the request
/// itself. Not thread-safe.
///
///     auto request = to_http(config, op);  // if (!request): an error, nothing to send
///     Attempts attempts(config, *request);
///     for (;;) {
///       request->timeout = attempts.timeout();
///       auto result = from_http<Op>(transport(*request), config.api_token, &op);
///       const auto delay = attempts.next(result);
///       if (!delay) return result;
///       wait_for(*delay);
///     }
class Attempts {
 public:
  using Clock = std::chrono::steady_clock;

  /// total_timeout starts at begin. It defaults to Config::total_timeout.
  Attempts(const Config& config, const HttpRequest& request,
           std::optional<std::chrono::milliseconds> total_timeout = {},
           Clock::time_point begin = Clock::now());

  /// Begins an attempt. Returns how long it may take: Config::timeout, or the rest of total_timeout
  /// if that is less; at least 1 ms.
  std::chrono::milliseconds timeout(Clock::time_point now = Clock::now());

  /// Ends an attempt. result: from from_http(). Returns the delay before the next attempt, or empty
  /// if the result is final. Sets error().attempts, and error().delivery to that of all attempts
  /// together. May change an error into a success: see RetryPolicy about DELETE.
  template <class T>
  std::optional<std::chrono::milliseconds> next(Result<T>& result,
                                                Clock::time_point now = Clock::now(),
                                                double random01 = detail::random01()) {
    return next(detail::Access::outcome(result), now, random01);
  }

 private:
  friend detail::Access;
  std::optional<std::chrono::milliseconds> next(detail::Outcome& outcome, Clock::time_point now,
                                                double random01);

  RetryPolicy policy_;
  std::chrono::milliseconds timeout_, total_timeout_;
  Clock::time_point deadline_;
  bool is_idempotent_, is_deletion_;
  bool is_cut_ = false;          // total_timeout limits the attempt, not Config::timeout
  bool may_have_acted_ = false;  // the server may have executed an attempt
  int attempts_ = 0;
};

// >>transport -------------------------------------------------------------------------------------

/// A transport is a callable object with this signature:
///     Result<HttpResponse> transport(const HttpRequest&)
/// such as a lambda, a function, a std::function or std::ref(mock). It may also return HttpResponse
/// or Error. It sends the request once, unchanged, and blocks until the response is complete,
/// request.timeout has expired or request.cancel is canceled. It does not follow redirects. It
/// returns Delivery::not_sent only if no complete request has been sent. It must be thread-safe if
/// several threads share the client. A transport that calls another one is a middleware.
template <class T> inline constexpr bool is_transport_v =
    std::is_invocable_r_v<Result<HttpResponse>, T&, const HttpRequest&>;

/// Runs a function when a token is canceled, like std::stop_callback: on the thread that calls
/// cancel(), or in the constructor if the token is already canceled. The destructor waits for a
/// function that is running on another thread. For transports.
template <class Function> class CancelCallback final : private detail::CancelHook {
 public:
  CancelCallback(const CancelToken& token, Function function) : function_(std::move(function)) {
    attach(token);
  }
  ~CancelCallback() { detach(); }

 private:
  void run() override { function_(); }
  Function function_;
};

template <class Function> CancelCallback(const CancelToken&, Function) -> CancelCallback<Function>;

#ifndef REALTIMEKIT_NO_HTTPLIB
/// The default transport: cpp-httplib for HTTP, OpenSSL for TLS 1.2 or newer. The certificate is
/// verified; its host name must be among the subject alternative names.
///
/// Thread-safe. A call runs on the caller's thread and needs 64 KiB of its stack. Copies share
/// their connections, which are kept alive and reused. After fork(), the child process opens its
/// own connections and does not use those of the parent.
///
/// Each DNS lookup runs on its own thread, with all signals blocked, since the system's lookup
/// cannot be interrupted: after a timeout it continues until the system gives up (Linux: by default
/// 10 s for each name server). While 64 such threads of a transport are running, further lookups
/// fail. A shared library that contains this code must not be unloaded while one is running.
///
/// An idle connection that has received unsolicited data is closed, not reused. If such data
/// arrives later, or on a new TLS connection before the request is sent, it is mistaken for the
/// response, since HTTP/1.1 cannot distinguish the two.
///
/// Limits of a response: 32 KiB for its head and the interim responses before it, 8 KiB for the
/// status line. No content coding is requested, but gzip and deflate are decoded if cpp-httplib was
/// compiled with zlib.
class HttplibTransport {
 public:
  struct Options {
    /// PEM file with the certificates to trust. If ca_file and ca_dir are empty, SSL_CERT_FILE and
    /// SSL_CERT_DIR are used, otherwise the system's certificates. The first call over TLS reads
    /// them, without a timeout: reading must not block.
    std::string ca_file{};
    std::string ca_dir{};  ///< directory of such files with hashed names, in addition to ca_file
    /// "http://[user:password@]host:port", or "direct" for none. Defaults to HTTPS_PROXY, for https
    /// to hosts that are neither loopback nor in NO_PROXY (both also in lower case). NO_PROXY is a
    /// list of "*", domains, addresses and ranges such as 10.0.0.0/8, each with an optional port,
    /// with the same meaning as for curl.
    std::string proxy{};
    /// Limits the TCP connection to each address of the host (the next one is tried after at most
    /// 250 ms), and then the proxy and TLS handshakes together.
    std::chrono::milliseconds connect_timeout{5000};
    std::size_t max_idle_connections = 16;  ///< kept for reuse
    /// How long an idle connection is kept. The next call closes those that are older.
    std::chrono::seconds idle_timeout{60};
  };

  /// The constructors and the first call over TLS read the environment. Meanwhile, no other thread
  /// may change it.
  HttplibTransport();
  explicit HttplibTransport(Options options);

  /// Errors: invalid_request (unusable URL, proxy or CA file), transport, timeout, canceled, decode
  /// (the response is longer than max_response_bytes, or has a coding that was not requested).
  Result<HttpResponse> operator()(const HttpRequest& request) const;

 private:
  detail::Shared state_;
};
#endif

// >>client ----------------------------------------------------------------------------------------

/// A single-pass range of the items of a list operation. Each page is requested when it is needed.
/// An element is a Result of an item. After an error, the range ends. Errors: that of a failed
/// request; decode if the server repeats a page or has more than max_pages.
template <class Client, class Op> class Pages {
  using Items = decltype(Op::Response::items);

 public:
  using Item = Result<typename Items::value_type>;

  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = Item*;
    using reference = Item&;

    iterator() = default;  // the end
    explicit iterator(Pages& pages) : pages_(&pages) { ++*this; }
    Item& operator*() const { return pages_->item_; }
    Item* operator->() const { return &pages_->item_; }
    iterator& operator++() {
      if (!pages_->next()) pages_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.pages_ == b.pages_; }
    friend bool operator!=(const iterator& a, const iterator& b) { return !(a == b); }

   private:
    Pages* pages_ = nullptr;
  };

  Pages(const Client& client, Op op, const CallOptions& options)
      : client_(client), op_(std::move(op)), max_pages_(options.max_pages), deadline_(options) {}

  iterator begin() { return iterator(*this); }
  iterator end() { return {}; }

 private:
  bool next() {
    while (used_ == items_.size()) {
      if (is_last_) return false;
      if (!fetch()) return is_last_ = true;
    }
    item_ = Item(std::move(items_[used_++]));
    return true;
  }

  bool fetch() {
    std::int64_t page_no = 1;
    if constexpr (detail::has_pages_v<Op>) {
      if (!op_.page_no) op_.page_no = 1;
      page_no = *op_.page_no;
    }
    if (pages_++ >= max_pages_) return item_ = Item(detail::too_many_pages(max_pages_)), false;
    const auto options = deadline_.left();
    if (!options) return item_ = Item(options.error()), false;
    auto page = client_.send(op_, *options);
    if (!page) return item_ = Item(std::move(page).error()), false;
    used_ = 0;
    items_ = std::move(page->items);
    using Verdict = detail::PageCount::Verdict;
    const Verdict verdict =
        count_.add(detail::type_of<typename Items::value_type>(),
                   items_.empty() ? nullptr : &items_.front(), items_.size(), page->paging);
    is_last_ = verdict == Verdict::last || !detail::has_pages_v<Op>;
    if (verdict == Verdict::repeated) {
      items_.clear();
      is_last_ = !page->paging.total_count;  // the server ignores page_no: there is one page
      if (!is_last_) return item_ = Item(detail::repeated_page(page_no)), false;
    }
    if constexpr (detail::has_pages_v<Op>) ++*op_.page_no;
    return true;
  }

  const Client& client_;
  Op op_;
  int max_pages_;
  int pages_ = 0;
  detail::Deadline deadline_;
  Items items_{};
  std::size_t used_ = 0;  // of items_
  detail::PageCount count_;
  bool is_last_ = false;
  Item item_{Error{}};
};

/// Sends operations over a transport, with deadlines, retries and cancellation. Thread-safe if its
/// transport is.
template <class Transport> class BasicClient {
  // Without "== true", g++ 16 adds a page of explanations to the message.
  static_assert(std::is_invocable_v<Transport&, const HttpRequest&> == true,
                "realtimekit: a transport must be callable as transport(const HttpRequest&); "
                "search for >>transport in realtimekit.hpp");
  static_assert(!std::is_invocable_v<Transport&, const HttpRequest&> || is_transport_v<Transport>,
                "realtimekit: a transport must return Result<HttpResponse>, HttpResponse or Error; "
                "search for >>transport in realtimekit.hpp");

 public:
  template <class E = detail::OnError>
  explicit BasicClient(const Config& config, Transport transport = Transport{})
      : config_(detail::share(config)), transport_(std::move(transport)), call_(call<E>) {}

  /// Sends an operation and waits for the response: `client.send(livestreams::Create{"launch"})`.
  /// Returns within total_timeout if the transport respects request.timeout.
  template <class Op>
  Result<typename Op::Response> send(const Op& op, const CallOptions& options = {}) const {
    auto result = detail::Access::result<typename Op::Response>();
    detail::Operation operation = detail::operation<Op>();
    if constexpr (detail::has_pages_v<Op>) operation.page = op.page_no.value_or(1);
    detail::make_call(config_, options, transport_ref(), operation, &op,
                      &detail::Access::value(result), detail::Access::outcome(result));
    return result;
  }

  /// Returns all items of a list operation, from its page_no on, which defaults to 1:
  /// `for (auto& live : client.pages(livestreams::List{})) if (live) use(*live);`
  /// The options' total_timeout limits the whole range. The client must outlive the range.
  template <class Op> Pages<BasicClient, Op> pages(Op op, CallOptions options = {}) const {
    return {*this, std::move(op), std::move(options)};
  }

 private:
  friend detail::Access;
  detail::TransportRef transport_ref() const { return {&transport_, call_}; }

  template <class E> static Result<HttpResponse> call(void* transport, const HttpRequest& request) {
    if constexpr (is_transport_v<Transport>) {
      return E::guard(
          [&]() -> Result<HttpResponse> { return (*static_cast<Transport*>(transport))(request); });
    } else {
      return Error{};  // a static_assert above has already failed
    }
  }

  detail::Shared config_;
  mutable Transport transport_;  // its call operator may be non-const, as a mutable lambda's is
  Result<HttpResponse> (*call_)(void* transport, const HttpRequest& request);
};
template <class Transport> BasicClient(const Config&, Transport) -> BasicClient<Transport>;

#ifndef REALTIMEKIT_NO_HTTPLIB
/// The client for most programs: `Client client{*config};` or, with options of the transport,
/// `Client client{*config, HttplibTransport{options}};`
using Client = BasicClient<HttplibTransport>;
#endif

// >>ensure ----------------------------------------------------------------------------------------

namespace livestreams {

/// Returns the app's independent livestream with exactly this name, which may be disabled, or
/// creates it. Never creates two: if a create fails and the server may have executed it, lists
/// again and, if the livestream is not found, returns the error of the create. However, two
/// programs that call it at the same time may create two.
/// Error: invalid_request if the name is empty, or if several livestreams have it: the message
/// lists their ids; otherwise the error of the failed request. The options' total_timeout limits
/// all requests together, max_pages each listing.
template <class Transport>
Result<Livestream>(ensure)(  // in parentheses, since a macro ensure is common
    const BasicClient<Transport>& client, const std::string& name,
    const CallOptions& options = {}) {
  const detail::Deadline deadline(options);
  const auto find = [&]() -> Result<std::vector<Livestream>> {
    const auto left = deadline.left();
    if (!left) return left.error();
    List list;
    list.exclude_meetings = true;
    std::vector<Livestream> found;
    for (auto& item : client.pages(list, *left)) {
      if (!item) return std::move(item).error();
      if (item->id.empty()) return detail::item_without_id();
      bool is_new = true;  // a livestream created meanwhile can move an item to the next page
      for (const Livestream& known : found) is_new = is_new && known.id != item->id;
      if (is_new && item->name == name && detail::is_independent(*item)) {
        found.push_back(*std::move(item));
      }
    }
    return found;
  };
  if (name.empty()) return detail::empty_name();
  auto found = find();
  if (!found) return std::move(found).error();
  if (found->size() == 1) return std::move(found->front());
  if (!found->empty()) return detail::not_unique(name, *found);

  const auto left = deadline.left();
  if (!left) return left.error();
  auto created = client.send(Create{name}, *left);
  if (created || !detail::may_have_acted(created.error())) return created;
  found = find();
  if (!found || found->empty()) return created;
  if (found->size() > 1) return detail::not_unique(name, *found);
  return std::move(found->front());
}

}  // namespace livestreams

// >>waiting ---------------------------------------------------------------------------------------

namespace livestreams {

/// Options of wait_until_live() and wait_until_idle().
struct WaitOptions {
  std::chrono::milliseconds timeout{300000};  ///< for the whole wait; more than 0
  CancelToken cancel{};                       ///< default: never canceled
  /// Delay after the first request. Doubles after each further one, up to 8 s. More than 0.
  std::chrono::milliseconds first_delay{1000};
};

}  // namespace livestreams

namespace detail {

struct NoProgress {
  void operator()(const Livestream&) const {}
};

/// A reference to a function that is called with each livestream received.
struct ProgressRef {
  void* function;
  void (*call)(void* function, const Livestream& livestream);
};

enum class Goal { live, idle };

Result<Livestream> wait(Goal goal, const Shared& config, TransportRef transport,
                        const std::string& livestream_id, const livestreams::WaitOptions& options,
                        ProgressRef progress);

template <class Transport, class Progress>
Result<Livestream> wait(Goal goal, const BasicClient<Transport>& client,
                        const std::string& livestream_id, const livestreams::WaitOptions& options,
                        Progress& progress) {
  return wait(goal, Access::config(client), Access::transport(client), livestream_id, options,
              {&progress, [](void* function, const Livestream& livestream) {
                 (*static_cast<Progress*>(function))(livestream);
               }});
}

/// Decides when the waits of a process may send requests: 100 at once, then one every 300 ms, in
/// the order in which they asked. These are at most 1,100 in 5 minutes.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds spacing{300};
  static constexpr int burst = 100;

  /// Returns empty if a waiter may send a request now, and counts the request. Otherwise queues the
  /// waiter, which must ask again, at the latest at the returned time.
  std::optional<Time> take_turn(const void* waiter, Time now);
  void leave(const void* waiter);

 private:
  std::vector<const void*> queue_;
  Time next_{};  // when the full burst is available again if nothing is sent until then
};

}  // namespace detail

namespace livestreams {

/// Requests a livestream, with growing delays, until its status is LIVE, and returns it. Calls
/// progress(const Livestream&) after each response, on the caller's thread. Continues after
/// failures that RetryPolicy retries for a GET, respecting Retry-After. Config::retry and
/// total_timeout do not apply.
///
/// Errors: api if the livestream is disabled, or if its status is ERRORED, with the err_message of
/// the broadcast; timeout, with the last status; canceled; otherwise the error of a request. The
/// status remains ERRORED until the next broadcast begins: start the encoder before the wait.
///
/// All waits of a process together send at most 1,100 requests in 5 minutes, to stay within the
/// rate limit of a token, 1,200. With a thousand waits, each sends one request in 5 minutes: for so
/// many, use the webhook event livestreaming.statusUpdate. Must not be called in a child process
/// that was forked while its parent waited.
template <class Transport, class Progress = detail::NoProgress>
Result<Livestream> wait_until_live(const BasicClient<Transport>& client,
                                   const std::string& livestream_id,
                                   const WaitOptions& options = {}, Progress progress = {}) {
  return detail::wait(detail::Goal::live, client, livestream_id, options, progress);
}

/// Same, until the status is IDLE or OFFLINE. A disabled livestream is not an error.
template <class Transport, class Progress = detail::NoProgress>
Result<Livestream> wait_until_idle(const BasicClient<Transport>& client,
                                   const std::string& livestream_id,
                                   const WaitOptions& options = {}, Progress progress = {}) {
  return detail::wait(detail::Goal::idle, client, livestream_id, options, progress);
}

}  // namespace livestreams

}  // namespace v0_2
}  // namespace realtimekit

#undef REALTIMEKIT_LIFETIMEBOUND
#undef REALTIMEKIT_VISIBLE
#endif  // REALTIMEKIT_HPP

// =================================================================================================
//                                     IMPLEMENTATION
// =================================================================================================

#if defined(REALTIMEKIT_IMPLEMENTATION) && !defined(REALTIMEKIT_SEPARATE_COMPILATION)
#error "realtimekit: REALTIMEKIT_IMPLEMENTATION needs REALTIMEKIT_SEPARATE_COMPILATION beside it"
#endif

#if (!defined(REALTIMEKIT_SEPARATE_COMPILATION) || defined(REALTIMEKIT_IMPLEMENTATION)) && \
    !defined(REALTIMEKIT_IMPLEMENTATION_INCLUDED)
#define REALTIMEKIT_IMPLEMENTATION_INCLUDED

#ifdef _MSC_VER
#pragma warning(push)
#pragma warning(disable : 4996)  // deprecation of getenv and fopen
#endif

#ifdef REALTIMEKIT_IMPLEMENTATION
#define REALTIMEKIT_INLINE
#else
#define REALTIMEKIT_INLINE inline
#endif

#include <algorithm>           // min, all_of
#include <atomic>              // reference counts
#include <charconv>            // conversion of integers
#include <clocale>             // the decimal point that strtod expects
#include <condition_variable>  // waits for cancellation
#include <cstdio>              // snprintf, fputs
#include <cstdlib>             // getenv, abort, strtod
#include <cstring>             // memset
#include <initializer_list>    // Parts
#include <limits>              // ranges of numbers
#include <map>                 // a parameter of nlohmann's JSON
#include <memory>              // unique_ptr, shared_ptr
#include <mutex>               // cancel state, connections
#include <ostream>             // operator<<
#include <thread>              // sleep

#if __has_include(<xlocale.h>)
#include <xlocale.h>  // uselocale, on macOS and BSD
#else
#include <locale.h>  // uselocale
#endif

#if !__has_include(<nlohmann/json.hpp>)
#error "realtimekit: no nlohmann/json.hpp: install nlohmann/json (Debian: nlohmann-json3-dev)"
#endif
#include <nlohmann/json.hpp>  // JSON

namespace realtimekit {
inline namespace v0_2 {
namespace detail {

// >>basics ----------------------------------------------------------------------------------------

/// Strings to concatenate in one call, since each operator+ between strings is slow to compile.
using Parts = std::initializer_list<std::string_view>;

inline void append(std::string& text, Parts parts) {
  for (const std::string_view part : parts) text += part;
}

inline std::string concat(Parts parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  append(text, parts);
  return text;
}

/// Returns the name of an enumerator, given the names of all; empty for any other value.
template <class Enum> std::string_view name_of(Enum value, Parts names) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < names.size() ? names.begin()[index] : std::string_view();
}

inline Error failure(ErrorKind kind, Delivery delivery, Parts message) {
  Error error;
  error.kind = kind;
  error.delivery = delivery;
  error.message = concat(message);
  return error;
}

inline Error invalid_request(Parts message) {
  return failure(ErrorKind::invalid_request, Delivery::not_sent, message);
}

/// Returns the error for a response that lacks the expected content.
inline Error unusable_response(Parts message) {
  return failure(ErrorKind::decode, Delivery::answered, message);
}

constexpr std::chrono::hours longest_timeout(24 * 365);  // adding it to a time does not overflow

/// Returns a time clamped to the range from 0 to longest_timeout.
template <class Duration> Duration clamped(Duration time) {
  return (std::min)((std::max)(time, Duration(0)), Duration(longest_timeout));
}

struct Shared::Object {
  virtual ~Object() = default;
  std::atomic<int> owners{1};
};

REALTIMEKIT_INLINE Shared::Shared(Object& owned) noexcept : object_(&owned) {
  owned.owners.fetch_add(1, std::memory_order_relaxed);
}

REALTIMEKIT_INLINE Shared::Shared(const Shared& other) noexcept : object_(other.object_) {
  if (object_) object_->owners.fetch_add(1, std::memory_order_relaxed);
}

REALTIMEKIT_INLINE Shared::~Shared() {
  if (object_ && object_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete object_;
}

REALTIMEKIT_INLINE void wipe(std::string& text) noexcept {
  // volatile, since the compiler would remove a direct call: the text is not read again.
  static void* (*volatile const fill)(void*, int, std::size_t) = std::memset;
  text.resize(text.capacity());  // the capacity may hold the rest of a longer former text
  fill(text.data(), 0, text.size());
  text.clear();
}

/// Overwrites the secrets of a request.
inline void wipe(HttpRequest& request) noexcept {
  for (auto& header : request.headers) wipe(header.second);
  wipe(request.body);
}

struct CancelState final : Shared::Object {
  std::atomic<bool> canceled{false};
  std::mutex mutex;                 // guards the members below; unlocked while a hook runs
  std::condition_variable changed;  // notified by cancel() and after each hook
  CancelHook* hooks = nullptr;      // not run yet
  CancelHook* running = nullptr;
  std::thread::id runner{};  // the thread that runs the hooks

  static CancelState* of(const CancelToken& token) {
    return static_cast<CancelState*>(Access::state(token).get());
  }
};

REALTIMEKIT_INLINE void CancelHook::attach(const CancelToken& token, bool is_brief) {
  CancelState* state = CancelState::of(token);
  if (!state) return;
  {
    std::lock_guard<std::mutex> lock(state->mutex);
    if (!state->canceled) {
      token_ = token;
      is_brief_ = is_brief;
      CancelHook** place = &state->hooks;
      while (!is_brief && *place && (*place)->is_brief_) place = &(*place)->next_;
      next_ = std::exchange(*place, this);
      return;
    }
  }
  run();
}

REALTIMEKIT_INLINE void CancelHook::detach() noexcept {
  CancelState* state = CancelState::of(token_);
  if (!state) return;
  std::unique_lock<std::mutex> lock(state->mutex);
  CancelHook** place = &state->hooks;
  while (*place && *place != this) place = &(*place)->next_;
  if (*place) *place = next_;
  if (state->runner == std::this_thread::get_id()) return;  // the hook destroys itself
  state->changed.wait(lock, [&] { return state->running != this; });
}

}  // namespace detail

REALTIMEKIT_INLINE CancelToken CancelToken::create() {
  CancelToken token;
  token.state_ = detail::Shared{new detail::CancelState};
  return token;
}

REALTIMEKIT_INLINE void CancelToken::cancel() const {
  const CancelToken kept = *this;  // a hook may destroy *this
  detail::CancelState* state = detail::CancelState::of(kept);
  if (!state) return;
  std::unique_lock<std::mutex> lock(state->mutex);
  if (state->canceled.exchange(true)) return;
  state->changed.notify_all();
  state->runner = std::this_thread::get_id();
  while (detail::CancelHook* hook = state->hooks) {
    state->hooks = hook->next_;
    state->running = hook;
    lock.unlock();
    hook->run();
    lock.lock();
    state->running = nullptr;
    state->changed.notify_all();
  }
  state->runner = {};
}

REALTIMEKIT_INLINE bool CancelToken::canceled() const noexcept {
  const detail::CancelState* state = detail::CancelState::of(*this);
  return state && state->canceled;
}

REALTIMEKIT_INLINE bool CancelToken::wait_for(std::chrono::milliseconds time) const {
  detail::CancelState* state = detail::CancelState::of(*this);
  time = detail::clamped(time);
  if (!state) return std::this_thread::sleep_for(time), false;
  std::unique_lock<std::mutex> lock(state->mutex);
  return state->changed.wait_for(lock, time, [&] { return state->canceled.load(); });
}

REALTIMEKIT_INLINE std::string_view to_string(Method method) noexcept {
  return detail::name_of(method, {"GET", "POST", "PUT", "PATCH", "DELETE"});
}

REALTIMEKIT_INLINE std::string_view to_string(ErrorKind kind) noexcept {
  return detail::name_of(kind, {"invalid request", "transport error", "timeout", "canceled",
                                "API error", "unusable response"});
}

REALTIMEKIT_INLINE std::string_view to_string(Delivery delivery) noexcept {
  return detail::name_of(delivery, {"not sent", "delivery unknown", "answered"});
}

REALTIMEKIT_INLINE std::string Error::to_string() const {
  std::string line(realtimekit::to_string(kind));
  const auto add = [&](detail::Parts parts) { detail::append(line, parts); };
  if (status) add({" (HTTP ", std::to_string(status), ")"});
  add({": ", message});
  if (code && code != status) add({" [code ", std::to_string(code), "]"});
  add({" (", realtimekit::to_string(delivery)});
  if (attempts > 1) add({", ", std::to_string(attempts), " attempts"});
  if (retry_after) add({", retry after ", std::to_string(retry_after->count()), " s"});
  if (!request_id.empty()) add({", cf-ray ", request_id});
  line += ')';
  return line;
}

REALTIMEKIT_INLINE std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << error.to_string();
}

namespace detail {

REALTIMEKIT_INLINE Outcome::Outcome() = default;
REALTIMEKIT_INLINE Outcome::Outcome(const Outcome&) = default;
REALTIMEKIT_INLINE Outcome::Outcome(Outcome&&) noexcept = default;
REALTIMEKIT_INLINE Outcome& Outcome::operator=(const Outcome&) = default;
REALTIMEKIT_INLINE Outcome& Outcome::operator=(Outcome&&) noexcept = default;
REALTIMEKIT_INLINE Outcome::~Outcome() = default;

REALTIMEKIT_INLINE void abort_with(const Error& error) {
  std::fputs((error.to_string() + '\n').c_str(), stderr);
  std::abort();
}

REALTIMEKIT_INLINE Error thrown_by_transport(const char* what) {
  return failure(ErrorKind::transport, Delivery::unknown,
                 {"the transport threw an exception", what ? ": " : "", text_or_empty(what)});
}

// >>text ------------------------------------------------------------------------------------------

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

/// Returns a text without the given characters at its start and end.
inline std::string_view trimmed(std::string_view text, std::string_view any) {
  text.remove_prefix((std::min)(text.find_first_not_of(any), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(any) + 1));
  return text;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) equal = lower(a[i]) == lower(b[i]);
  return equal;
}

/// Returns whether a text is one of the words, ignoring case.
inline bool is_any_of(std::string_view text, Parts words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return equal_ignoring_case(text, word); });
}

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool is_letter_or_digit(char c) {
  const int letter = c | 0x20;  // lower case, if it is a letter
  return (letter >= 'a' && letter <= 'z') || is_digit(c);
}

/// Returns whether a text consists of printable ASCII characters, none of them in `without`.
inline bool is_printable_ascii(std::string_view text, std::string_view without = {}) {
  return text.find_first_of(without) == text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

inline bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

inline bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

/// Appends a text to a URL. Percent-encodes all characters except letters, digits and -._~.
inline void add_encoded(std::string& url, std::string_view text) {
  const auto is_unreserved = [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
  };
  for (auto at = text.begin();; ++at) {
    const auto end = std::find_if_not(at, text.end(), is_unreserved);
    url.append(at, end);
    at = end;
    if (at == text.end()) return;
    constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(*at);
    url += {'%', digits[byte >> 4], digits[byte & 15]};
  }
}

/// Parses a number without sign. Returns empty if the text is not one, or if it exceeds `highest`.
inline std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t highest,
                                                 int base = 10) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, base);
  if (text.empty() || read.ptr != end || read.ec != std::errc() || number > highest) return {};
  return number;
}

inline std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text[i] == '%' ? text.substr(i + 1, 2) : std::string_view();
    const auto byte = parse_number(digits, 255, 16);
    const bool is_escape = byte && digits.size() == 2;
    out += is_escape ? static_cast<char>(*byte) : text[i];
    if (is_escape) i += 2;
  }
  return out;
}

/// Parses numbers separated by dots (IPv4) or colons (IPv6), and appends their bytes. Returns false
/// if a number is invalid.
inline bool add_numbers(std::string_view text, char separator, std::string& bytes) {
  for (;;) {
    const auto digits = text.substr(0, text.find(separator));
    const bool is_ipv4 = separator == '.';
    const auto number = is_ipv4 ? parse_number(digits, 255) : parse_number(digits, 0xffff, 16);
    const bool has_leading_zero = digits.size() > 1 && digits[0] == '0';
    if (!number || digits.size() > 4 || (is_ipv4 && has_leading_zero)) return false;
    if (!is_ipv4) bytes += static_cast<char>(*number >> 8);
    bytes += static_cast<char>(*number & 0xff);
    if (digits.size() == text.size()) return true;
    text.remove_prefix(digits.size() + 1);
  }
}

/// Parses an IP address without brackets and zone. Returns 4 or 16 bytes; empty if it is invalid.
inline std::string ip_bytes(std::string_view text) {
  const auto last = text.rfind(':') + 1;  // an IPv4 address may end an IPv6 address
  std::string ipv4, ipv6(text), bytes, rest;
  if (text.find('.', last) != text.npos) {
    if (!add_numbers(text.substr(last), '.', ipv4) || ipv4.size() != 4) return {};
    ipv6.replace(last, ipv6.npos, "0:0");
  }
  if (last == 0) return ipv4;

  const auto gap = ipv6.find("::");
  const bool has_gap = gap != ipv6.npos;
  const auto before = ipv6.substr(0, gap), after = ipv6.substr(has_gap ? gap + 2 : ipv6.size());
  if (!(has_gap && before.empty()) && !add_numbers(before, ':', bytes)) return {};
  if (!after.empty() && !add_numbers(after, ':', rest)) return {};
  if (has_gap ? bytes.size() + rest.size() > 14 : bytes.size() != 16) return {};
  bytes.resize(16 - rest.size());
  bytes += rest;
  return bytes.replace(16 - ipv4.size(), 4, ipv4);
}

/// Returns whether a text is a host name or an IPv4 address: labels of at most 63 characters,
/// separated by dots; a trailing dot is allowed.
inline bool is_host_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  std::size_t label = 0;  // its length so far
  for (const char c : text) {
    const bool is_allowed = is_letter_or_digit(c) || c == '-' || c == '_';
    if (c == '.' ? label == 0 : !is_allowed || label == 63) return false;
    label = c == '.' ? 0 : label + 1;
  }
  return label > 0 && text.size() <= 253;
}

/// The parts of "scheme://host:port/target".
struct Url {
  bool tls = false;
  std::string host;  // lower case; an IPv6 address has no brackets
  int port = 0;
  std::string target;  // path and query, at least "/"
};

/// Parses an http or https URL without user and fragment. Returns false if the text is not one.
inline bool parse_url(std::string_view text, Url& url) {
  url = {};
  const auto scheme = text.substr(0, text.find("://"));
  url.tls = equal_ignoring_case(scheme, "https");
  if (scheme.size() == text.size() || (!url.tls && !equal_ignoring_case(scheme, "http")))
    return false;
  text.remove_prefix(scheme.size() + 3);

  const auto authority = text.substr(0, text.find_first_of("/?#"));
  url.target = text.substr(authority.size());
  if (url.target.empty()) url.target = "/";
  if (url.target[0] != '/' || !is_printable_ascii(url.target, " #\\\"<>")) return false;

  const bool bracketed = authority.substr(0, 1) == "[";
  auto host = authority.substr(0, authority.find(':', bracketed ? authority.find(']') : 0));
  const auto port = authority.substr(host.size());  // with its colon
  if (bracketed) {
    if (host.size() < 4 || host.back() != ']') return false;
    host = host.substr(1, host.size() - 2);
  }
  if (bracketed ? ip_bytes(host).size() != 16 : !is_host_name(host)) return false;
  url.host = host;
  for (char& c : url.host) c = lower(c);

  const auto number = parse_number(port.empty() ? "" : port.substr(1), 65535);
  url.port = static_cast<int>(port.empty() ? (url.tls ? 443 : 80) : number.value_or(0));
  return url.port > 0;
}

/// Returns whether a host name is a domain or one of its subdomains.
inline bool is_domain_or_below(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size()) return false;
  const auto rest = host.substr(0, host.size() - domain.size());
  return equal_ignoring_case(host.substr(rest.size()), domain) &&
         (rest.empty() || rest.back() == '.');
}

/// Returns whether a host, in lower case and without brackets, is this machine.
inline bool is_loopback(std::string_view host) {
  const std::string ip = ip_bytes(host);
  if (!ip.empty()) return ip.size() == 4 ? ip[0] == 127 : ip == ip_bytes("::1");
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  return is_domain_or_below(host, "localhost");
}

/// Splits a list. Returns the items without surrounding blanks; omits empty ones.
inline std::vector<std::string_view> split(std::string_view list, std::string_view separators) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const auto item = list.substr(0, list.find_first_of(separators));
    list.remove_prefix((std::min)(item.size() + 1, list.size()));
    if (const auto text = trimmed(item, " \t"); !text.empty()) items.push_back(text);
  }
  return items;
}

/// Returns whether an entry of NO_PROXY matches a host: "*", a domain with its subdomains (also as
/// ".x" or "*.x"), an address, or an address range such as "10.0.0.0/8"; each may have a port.
inline bool is_exempt(std::string_view entry, std::string_view host, int port) {
  const auto bracket = entry.find(']');  // "[::1]:443"
  const auto colon = entry.find(':', bracket == entry.npos ? 0 : bracket);
  const bool is_ipv6 = bracket == entry.npos && entry.rfind(':') != colon;
  if (colon != entry.npos && !is_ipv6) {
    const auto given = parse_number(entry.substr(colon + 1), 65535);
    if (!given || static_cast<int>(*given) != port) return false;
    entry = entry.substr(0, colon);
  }
  if (entry == "*") return true;
  const auto slash = (std::min)(entry.find('/'), entry.size());
  const auto bits = entry.substr(slash);
  entry = entry.substr(0, slash);
  if (entry.substr(0, 1) == "[") entry.remove_prefix(1);
  if (!entry.empty() && entry.back() == ']') entry.remove_suffix(1);

  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const std::string address = ip_bytes(host), range = ip_bytes(entry);
  if (!address.empty() || !range.empty()) {
    const auto all_bits = 8 * range.size();
    const auto count = bits.empty() ? all_bits : parse_number(bits.substr(1), all_bits);
    if (!count || address.size() != range.size()) return false;
    for (std::size_t i = 0; i < *count; ++i) {
      if (((address[i / 8] ^ range[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
    }
    return true;
  }
  if (!bits.empty()) return false;
  if (entry.substr(0, 1) == "*") entry.remove_prefix(1);
  if (entry.substr(0, 1) == ".") entry.remove_prefix(1);
  if (!entry.empty() && entry.back() == '.') entry.remove_suffix(1);
  return !entry.empty() && is_domain_or_below(host, entry);
}

/// Returns the seconds from 1970 to a date and time in UTC.
inline std::int64_t unix_seconds(std::int64_t year, std::int64_t month, std::int64_t day,
                                 std::int64_t hour, std::int64_t minute, std::int64_t second) {
  // Howard Hinnant's days_from_civil: years start in March, so that the leap day comes last.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return ((era * 146097 + day_of_era - 719468) * 24 + hour) * 3600 + minute * 60 + second;
}

inline int days_in_month(std::int64_t year, std::int64_t month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/// Reads the parts of a time from a text, one after the other. After an invalid part, reads nothing
/// more, and is_done() is false.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  /// Returns whether the whole text has been read.
  bool is_done() const { return is_valid_ && rest_.empty(); }
  std::size_t count_digits() const {
    return (std::min)(rest_.find_first_not_of("0123456789"), rest_.size());
  }
  bool skip_any_of(std::string_view any) {
    const bool found = !rest_.empty() && any.find(rest_[0]) != any.npos;
    rest_.remove_prefix(found ? 1 : 0);
    return found;
  }
  bool skip_word(std::string_view word) {
    const bool found = equal_ignoring_case(rest_.substr(0, word.size()), word);
    rest_.remove_prefix(found ? word.size() : 0);
    return found;
  }
  void read(std::string_view text) {
    need(rest_.substr(0, text.size()) == text);
    rest_.remove_prefix((std::min)(text.size(), rest_.size()));
  }
  /// Reads a number of this many digits. Returns `lowest` if it is invalid.
  std::int64_t read_number(std::size_t digits, std::int64_t lowest, std::uint64_t highest) {
    const auto number = parse_number(rest_.substr(0, digits), highest);
    const auto value = static_cast<std::int64_t>(number.value_or(0));
    need(number && value >= lowest && rest_.size() >= digits);
    rest_.remove_prefix((std::min)(digits, rest_.size()));
    return (std::max)(value, lowest);
  }
  /// Reads the first letters of one of the names. Returns its index.
  std::int64_t read_name(Parts names, std::size_t letters) {
    std::int64_t index = 0;
    for (const std::string_view name : names) {
      const auto written = name.substr(0, letters);
      if (rest_.substr(0, written.size()) == written) return read(written), index;
      ++index;
    }
    return need(false), 0;
  }
  /// Reads a decimal fraction, if one follows. Returns millionths.
  std::int64_t read_fraction() {
    if (!skip_any_of(".,")) return 0;
    std::int64_t millionths = read_number(1, 0, 9) * 100000;
    for (std::int64_t unit = 10000; count_digits() > 0; unit /= 10)
      millionths += read_number(1, 0, 9) * unit;
    return millionths;
  }
  /// Reads "Z", "UTC", "+02", "+0200", "+02:00", or Go's "+0200 CEST m=+0.1" and "-0300 -03".
  /// Returns the seconds east of UTC.
  std::int64_t read_zone() {
    const bool has_blank = rest_.size() > 1 && skip_any_of(" ");
    const bool is_west = rest_.substr(0, 1) == "-";
    if (!skip_any_of("+-")) {
      need(skip_word("Z") || skip_word("UTC") || skip_word("GMT") || !has_blank);
      return 0;
    }
    std::int64_t seconds = read_number(2, 0, 23) * 3600;
    if (skip_any_of(":") || count_digits() > 0) seconds += read_number(2, 0, 59) * 60;
    if (skip_any_of(" ")) {
      std::size_t letters = 0;
      while (skip_any_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ+-0123456789")) ++letters;
      need(letters >= 3 && letters <= 5);
      if (skip_word(" m=")) {
        while (skip_any_of("+-.0123456789")) {}
      }
    }
    return is_west ? -seconds : seconds;
  }

 private:
  void need(bool is_valid) {
    if (!is_valid) rest_ = {};
    is_valid_ = is_valid_ && is_valid;
  }

  std::string_view rest_;
  bool is_valid_ = true;
};

/// Parses a date in one of the three formats of RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT",
/// "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". Returns seconds since 1970.
inline std::optional<std::int64_t> parse_http_date(std::string_view text) {
  const auto months = {"Jan"sv, "Feb"sv, "Mar"sv, "Apr"sv, "May"sv, "Jun"sv,
                       "Jul"sv, "Aug"sv, "Sep"sv, "Oct"sv, "Nov"sv, "Dec"sv};
  const bool is_long = text.find_first_of(", ") > 3;
  const std::string_view separator = is_long ? "-" : " ";
  TimeReader in(text);
  in.read_name({"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
               is_long ? text.npos : 3);
  const bool is_asctime = !is_long && !in.skip_any_of(",");
  in.read(is_long ? ", " : " ");
  std::int64_t year = 0, month = 0, day = 0;
  if (is_asctime) {
    month = in.read_name(months, 3) + 1;
    in.read(" ");
    day = in.skip_any_of(" ") ? in.read_number(1, 1, 9) : in.read_number(2, 1, 31);
  } else {
    day = in.read_number(2, 1, 31);
    in.read(separator);
    month = in.read_name(months, 3) + 1;
    in.read(separator);
    year = in.read_number(is_long ? 2 : 4, 0, 9999);
  }
  in.read(" ");
  const auto hour = in.read_number(2, 0, 23);
  in.read(":");
  const auto minute = in.read_number(2, 0, 59);
  in.read(":");
  const auto second = in.read_number(2, 0, 60);
  in.read(is_asctime ? " " : " GMT");
  if (is_asctime) year = in.read_number(4, 0, 9999);
  if (is_long) {  // a year of two digits is in the past, or at most 50 years in the future
    using namespace std::chrono;
    const auto now = duration_cast<hours>(system_clock::now().time_since_epoch()).count();
    const auto this_year = 1970 + now / 8766;
    year += this_year - this_year % 100;
    if (year > this_year + 50) year -= 100;
  }
  if (!in.is_done() || day > days_in_month(year, month)) return {};
  return unix_seconds(year, month, day, hour, minute, second);
}

constexpr std::size_t longest_escape = 10;  // &#1114111;

/// Returns the size of an escaped byte at the start of a text, such as %2F in a URL, &quot; in
/// HTML, or u0022 in JSON (after the backslash); 0 if there is none.
inline std::size_t escape_size(std::string_view text, unsigned char byte) {
  const auto number = [&](std::size_t digits) {
    int value = -1;
    const auto part = text.substr(1, digits), first = part.substr(0, 1);
    const auto end = std::from_chars(part.data(), part.data() + part.size(), value, 16).ptr;
    return end == part.data() + digits && first != "-" ? value : -1;
  };
  if (text[0] == '%' && number(2) == byte) return 3;
  if (text[0] == '+' && byte == ' ') return 1;
  // For a multibyte character, the escape matches its first byte; a second surrogate, another one.
  if (text[0] == 'u') {
    const int value = number(4);
    if (byte >= 0xC0 ? value >= 0x80 : byte >= 0x80 ? value >> 10 == 0x37 : value == byte) return 5;
  }
  const bool is_plain = is_letter_or_digit(static_cast<char>(byte));
  const bool is_entity = text[0] == '&' && !is_plain && (byte & 0xC0) != 0x80;
  return is_entity ? text.substr(0, longest_escape).find(';') + 1 : 0;
}

/// Returns the size of a secret at the start of a text, verbatim or escaped as in JSON, URLs and
/// HTML; 0 if there is none. If the text ends within the secret, its first `enough` bytes suffice.
inline std::size_t secret_size(std::string_view text, std::string_view secret, std::size_t enough) {
  if (text.substr(0, secret.size()) == secret) return secret.size();
  std::size_t at = 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    const auto byte = static_cast<unsigned char>(secret[i]);
    const auto unescaped = (std::min)(text.find_first_not_of('\\', at), text.size());
    auto escape = unescaped < text.size() ? escape_size(text.substr(unescaped), byte) : 0;
    constexpr std::string_view controls = "\n\r\t\b\f", letters = "nrtbf";
    const auto control = controls.find(secret[i]);
    const bool is_letter = unescaped > at && unescaped < text.size() && control != controls.npos;
    if (is_letter && text[unescaped] == letters[control]) escape = 1;
    if (byte != '\\' || escape > 0) at = unescaped;  // JSON in JSON doubles backslashes
    if (at == text.size()) return i >= enough ? at : 0;
    const bool is_same = escape > 0 || text[at] == secret[i];
    if (!is_same && (byte & 0xC0) != 0x80) {
      const auto tail = text.substr(text.size() - (std::min)(text.size(), longest_escape));
      const bool is_cut =
          text.size() - at < longest_escape && tail.find_first_of("\\%&") != tail.npos;
      return is_cut && i >= enough ? text.size() : 0;  // the text ends within an escape
    }
    if (is_same) at += (std::max)(escape, std::size_t{1});
  }
  return at;
}

/// Texts that must not appear in an error.
using Secrets = std::vector<std::string_view>;

/// Returns the size of a name at the start of a text, in snake_case, camelCase, kebab-case or
/// separate words, singular or plural; 0 if there is none. name: only lower-case letters.
inline std::size_t name_size(std::string_view text, std::string_view name) {
  std::size_t at = 0;
  for (const char c : name) {
    if (at > 0 && at < text.size() && "_- "sv.find(text[at]) != "_- "sv.npos) ++at;
    if (at == text.size() || lower(text[at]) != c) return 0;
    ++at;
  }
  return at + (at < text.size() && lower(text[at]) == 's' ? 1 : 0);
}

/// A member or parameter whose name ends with one of these holds a secret.
constexpr std::string_view secret_names[] = {
    "streamkey", "secretkey",  "secret",    "token",    "authorization", "password",
    "passwd",    "passphrase", "accesskey", "apikey",   "authkey",       "accountkey",
    "sharedkey", "privatekey", "rtmpurl",   "rtmpsurl", "srturl",        "credential"};

/// Returns the size of an escaped quote (HTML, JSON) at the start of a text; 0 if there is none.
inline std::size_t escaped_quote_size(std::string_view text) {
  for (const std::string_view quote : {"&quot;", "&#34;", "&#39;", "u0022", "u0027"}) {
    if (text.substr(0, quote.size()) == quote) return quote.size();
  }
  return 0;
}

/// Returns the size of a value up to its closing quote or bracket. opener: the opening one, which
/// had `escapes` backslashes before it; or ' ' for a value without.
inline std::size_t enclosed_size(std::string_view text, char opener, std::size_t escapes) {
  if (opener == ' ') return (std::min)(text.find_first_of("\\\"'<>,;&{}[] \t\r\n"), text.size());
  const bool is_bracket = opener == '[' || opener == '{';
  const char quote = is_bracket ? '"' : opener;
  bool is_in_text = !is_bracket;
  std::size_t depth = 1, backslashes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == quote && backslashes <= escapes) {  // otherwise, the quote is a part of the value
      if (!is_bracket) return i - backslashes;
      is_in_text = !is_in_text;
    }
    if (!is_in_text && (c == '[' || c == '{')) ++depth;
    if (!is_in_text && (c == ']' || c == '}') && --depth == 0) return i;
    backslashes = c == '\\' ? backslashes + 1 : 0;
  }
  return text.size();
}

/// Finds the first character from `from` on that is neither one of `any` nor in an HTML tag.
inline std::size_t find_beyond(std::string_view text, std::string_view any, std::size_t from) {
  for (int tags = 0;; ++tags) {
    from = (std::min)(text.find_first_not_of(any, from), text.size());
    const auto tag = text.substr(from, 64);
    const auto end = tag.find('>');
    // At most 8 tags, since the time would otherwise be quadratic.
    if (tag.substr(0, 1) != "<" || end == tag.npos || tags == 8) return from;
    from += end + 1;
  }
}

/// Returns the size of the UTF-8 character at the start of a text; 0 if it is invalid.
inline std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = byte(0), second = byte(1);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const unsigned lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (size > 1 && (first < 0xC2 || first > 0xF4 || second < lowest || second > highest)) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

inline bool is_utf8(std::string_view text) {
  std::size_t size = 1;
  for (; !text.empty() && size > 0; text.remove_prefix(size)) size = utf8_size(text);
  return size > 0;
}

/// Returns at most `size` bytes of a text, cut between characters.
inline std::string_view truncated(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

/// The number of bytes before a secret, and of the secret. The default: one byte, and no secret.
struct Mask {
  std::size_t plain = 1;
  std::size_t masked = 0;
};

/// Finds the value that follows a secret's name, which ends at name_end. Returns empty if the name
/// is not that of a member or parameter.
inline std::optional<Mask> find_value(std::string_view text, std::size_t name_end,
                                      bool is_truncated) {
  constexpr std::string_view quotes = "\\\"' \t\r\n";
  auto mark = find_beyond(text, quotes, name_end);
  mark = find_beyond(text, quotes, mark + escaped_quote_size(text.substr(mark)));
  if (mark == text.size() || (text[mark] != ':' && text[mark] != '=')) return {};
  std::size_t plain = find_beyond(text, "\\> \t\r\n", mark + 1);  // also after "=>"
  const auto escapes = plain - 1 - text.find_last_not_of('\\', plain - 1);
  const auto escaped_quote = text.substr(plain, escaped_quote_size(text.substr(plain)));
  if (!escaped_quote.empty()) {
    plain += escaped_quote.size();
    return Mask{plain, (std::min)(text.find(escaped_quote, plain), text.size()) - plain};
  }
  const char opener = plain < text.size() ? text[plain] : ' ';
  const bool is_enclosed = "\"'[{"sv.find(opener) != text.npos;
  if (is_enclosed) ++plain;
  constexpr std::string_view scheme = "Bearer ";
  if (equal_ignoring_case(text.substr(plain, scheme.size()), scheme)) plain += scheme.size();
  const auto masked = enclosed_size(text.substr(plain), is_enclosed ? opener : ' ', escapes);
  const bool is_part = is_truncated && plain + masked == text.size();
  const bool is_word = text[mark] == ':' && !is_enclosed && masked < 8 && !is_part;
  return Mask{plain, is_word ? 0 : masked};  // is_word: a sentence such as "token: expired"
}

/// Finds a secret at the start of a text: one of the given ones, or a value after a secret's name.
inline Mask find_secret(std::string_view text, const Secrets& secrets, bool is_truncated) {
  std::size_t size = 0;
  for (const auto secret : secrets) {
    if (secret.size() < 4) continue;
    size = (std::max)(size, secret_size(text, secret, is_truncated ? 4 : 8));
  }
  if (size > 0) return {0, size};
  const char initial = lower(text[0]);
  for (const auto name : secret_names) {
    const auto name_end = name[0] == initial ? name_size(text, name) : 0;
    if (name_end == 0) continue;
    if (const auto found = find_value(text, name_end, is_truncated)) return *found;
  }
  return {};
}

/// Returns the first `size` bytes of a text with secrets masked: the given ones, and the values of
/// members and parameters that hold secrets, in JSON (also truncated or inside a string), HTML or
/// any other text. Given secrets of fewer than 4 bytes are not masked: any word may contain them.
inline std::string redacted(std::string_view whole, const Secrets& secrets = {},
                            std::size_t size = std::string_view::npos) {
  auto text = truncated(whole, size);
  const bool is_truncated = text.size() < whole.size();
  std::string out;
  while (!text.empty()) {
    const Mask found = find_secret(text, secrets, is_truncated);
    out += text.substr(0, found.plain);
    if (found.masked > 0) out += "***";
    text.remove_prefix(found.plain + found.masked);
  }
  return out;
}

constexpr std::size_t longest_text = 4096;  // of Error::message and Error::body

constexpr std::string_view unknown_character = "\xEF\xBF\xBD";  // U+FFFD

/// Returns a text with each byte that is not UTF-8 replaced by U+FFFD.
inline std::string valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t size = 1; !text.empty(); text.remove_prefix((std::max)(size, std::size_t{1}))) {
    size = utf8_size(text);
    out += size > 0 ? text.substr(0, size) : unknown_character;
  }
  return out;
}

/// Returns at most `size` bytes of a text, on one line.
inline std::string excerpt(std::string_view text, std::size_t size) {
  std::string line;
  const std::string valid = valid_utf8(truncated(text, size));  // may be longer than the original
  for (const char c : truncated(valid, size)) {
    const bool blank = c == ' ' || is_control(c);
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

REALTIMEKIT_INLINE void print(std::ostream& out, const std::string& text) { out << text; }

}  // namespace detail

REALTIMEKIT_INLINE std::ostream& operator<<(std::ostream& out, const RawJson& value) {
  return out << detail::print(detail::type_of<RawJson>(), &value);
}

REALTIMEKIT_INLINE Timestamp::Timestamp(time_point time) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(time.time_since_epoch());
  const auto days = floor<duration<std::int64_t, std::ratio<86400>>>(ms);
  const auto in_day = (ms - days).count();
  // Howard Hinnant's civil_from_days, the inverse of unix_seconds above.
  const std::int64_t z = days.count() + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  const std::int64_t month = mp < 10 ? mp + 3 : mp - 9;
  char text[160];  // fits seven numbers of any size, so that GCC does not warn of truncation
  std::snprintf(text, sizeof text, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%03lldZ",
                static_cast<long long>(yoe + era * 400 + (month <= 2)),
                static_cast<long long>(month), static_cast<long long>(doy - (153 * mp + 2) / 5 + 1),
                static_cast<long long>(in_day / 3600000),
                static_cast<long long>(in_day / 60000 % 60),
                static_cast<long long>(in_day / 1000 % 60), static_cast<long long>(in_day % 1000));
  text_ = text;
}

namespace detail {

/// A time: seconds since 1970, and microseconds.
struct Moment {
  std::int64_t seconds = 0;
  std::int64_t micros = 0;
};

/// Parses seconds since 1970 (9 to 11 digits, until the year 5138) or milliseconds (12 to 14).
inline std::optional<Moment> parse_unix_time(std::string_view text) {
  TimeReader in(text);
  const std::size_t digits = in.count_digits();
  if (digits < 9 || digits > 14) return {};
  Moment moment{in.read_number(digits, 0, 99999999999999)};
  moment.micros = in.read_fraction();
  if (!in.is_done()) return {};
  if (digits >= 12) {
    moment.micros = moment.seconds % 1000 * 1000 + moment.micros / 1000;
    moment.seconds /= 1000;
  }
  return moment;
}

/// Parses ISO 8601 and its common variants.
inline std::optional<Moment> parse_iso_time(std::string_view text) {
  TimeReader in(text);
  const auto year = in.read_number(4, 0, 9999);
  in.read("-");
  const auto month = in.read_number(2, 1, 12);
  in.read("-");
  const auto day = in.read_number(2, 1, 31);
  std::int64_t hour = 0, minute = 0, second = 0, zone = 0, micros = 0;
  if (in.skip_any_of("Tt ")) {
    hour = in.read_number(2, 0, 23);
    in.read(":");
    minute = in.read_number(2, 0, 59);
    if (in.skip_any_of(":")) {
      second = in.read_number(2, 0, 60);
      micros = in.read_fraction();
    }
    zone = in.read_zone();
  }
  if (!in.is_done() || day > days_in_month(year, month)) return {};
  return Moment{unix_seconds(year, month, day, hour, minute, second) - zone, micros};
}

}  // namespace detail

REALTIMEKIT_INLINE std::optional<Timestamp::time_point> Timestamp::time() const {
  std::string_view text = text_;
  while (!text.empty() && text.back() == '"') text.remove_suffix(1);  // the server appends some
  auto moment = detail::parse_iso_time(text);
  if (!moment) moment = detail::parse_unix_time(text);
  if (!moment) {
    if (const auto date = detail::parse_http_date(text)) moment = detail::Moment{*date};
  }
  if (!moment) return {};
  using namespace std::chrono;
  const seconds since{moment->seconds};
  constexpr auto first = duration_cast<seconds>((time_point::min)().time_since_epoch());
  constexpr auto last = duration_cast<seconds>((time_point::max)().time_since_epoch());
  if (since <= first || since >= last) return {};  // out of the clock's range
  return time_point(duration_cast<time_point::duration>(since + microseconds(moment->micros)));
}

REALTIMEKIT_INLINE const std::string* find_header(const Headers& headers,
                                                  std::string_view name) noexcept {
  for (const auto& header : headers) {
    if (detail::equal_ignoring_case(header.first, name)) return &header.second;
  }
  return nullptr;
}

namespace detail {

/// The only function that adds headers, since each push_back() is slow to compile.
inline void add_header(Headers& headers, std::string name, std::string value) {
  headers.push_back({std::move(name), std::move(value)});
}

// >>json ------------------------------------------------------------------------------------------

struct Field {
  std::string_view name;
  char initial;  // of the name, in lower case
  const Type* type;
  std::size_t offset;
  Role role;
  std::uint32_t index;
  std::uint32_t next = 0;  // distance to the next field of the same name; 0: none
};

/// Returns the first letter of a name, in lower case. Comparing it rules out most other names.
inline char initial_of(std::string_view name) {
  const auto at = name.find_first_not_of('_');
  return at == name.npos ? '\0' : lower(name[at]);
}

struct Table {
  std::vector<Field> fields;
  Names wrappers;  // names of members in which the server may wrap such an object, or a list
  std::size_t flat = std::string_view::npos;  // index of the field with Role::flat
};

REALTIMEKIT_INLINE Table* new_table(const Names& wrappers) { return new Table{{}, wrappers}; }

REALTIMEKIT_INLINE void add(Table& table, std::string_view name, const Type& type,
                            const void* sample, const void* member, Role role) {
  const auto offset = static_cast<const char*>(member) - static_cast<const char*>(sample);
  const auto index = static_cast<std::uint32_t>(table.fields.size());
  for (Field& field : table.fields) {
    if (field.name == name && field.next == 0) field.next = index - field.index;
  }
  if (role == Role::flat) table.flat = index;
  table.fields.push_back(
      {name, initial_of(name), &type, static_cast<std::size_t>(offset), role, index});
}

template <Kind kind> inline constexpr Type plain_type{kind};
template <class T, Kind kind> inline constexpr Type text_type{kind, text_in<T>};

template <> REALTIMEKIT_INLINE const Type& type_of<std::string>() {
  return text_type<std::string, Kind::text>;
}
template <> REALTIMEKIT_INLINE const Type& type_of<Secret>() {
  return text_type<Secret, Kind::secret>;
}
template <> REALTIMEKIT_INLINE const Type& type_of<Timestamp>() {
  return text_type<Timestamp, Kind::timestamp>;
}
template <> REALTIMEKIT_INLINE const Type& type_of<RawJson>() {
  return text_type<RawJson, Kind::json>;
}
template <> REALTIMEKIT_INLINE const Type& type_of<bool>() { return plain_type<Kind::boolean>; }
template <> REALTIMEKIT_INLINE const Type& type_of<int>() { return plain_type<Kind::int32>; }
template <> REALTIMEKIT_INLINE const Type& type_of<std::int64_t>() {
  return plain_type<Kind::int64>;
}
template <> REALTIMEKIT_INLINE const Type& type_of<double>() { return plain_type<Kind::number>; }
template <> REALTIMEKIT_INLINE const Type& type_of<std::optional<std::string>>() {
  return made_type<std::optional<std::string>>();
}
template <> REALTIMEKIT_INLINE const Type& type_of<std::optional<bool>>() {
  return made_type<std::optional<bool>>();
}
template <> REALTIMEKIT_INLINE const Type& type_of<std::optional<std::int64_t>>() {
  return made_type<std::optional<std::int64_t>>();
}
template <> REALTIMEKIT_INLINE const Type& type_of<std::optional<double>>() {
  return made_type<std::optional<double>>();
}
template <> REALTIMEKIT_INLINE const Type& type_of<std::vector<std::string>>() {
  return made_type<std::vector<std::string>>();
}
template <> REALTIMEKIT_INLINE const Table& table_of<Livestream>() {
  return made_table<Livestream>();
}
template <> REALTIMEKIT_INLINE const Table& table_of<livestreams::Create>() {
  return made_table<livestreams::Create>();
}

inline void* member(void* object, const Field& field) {
  return static_cast<char*>(object) + field.offset;
}
inline const void* member(const void* object, const Field& field) {
  return static_cast<const char*>(object) + field.offset;
}
inline const std::string& text_of(const Type& type, const void* value) {
  return type.text(const_cast<void*>(value));  // only reads
}

/// Appends a text as a JSON string.
inline void add_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(done, i - done));
    done = i + 1;
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else {
      constexpr char digits[] = "0123456789abcdef";
      out.append("\\u00") += {digits[c >> 4], digits[c & 15]};
    }
  }
  out.append(text.substr(done)) += '"';
}

inline std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  add_quoted(out, text);
  return out;
}

/// While an object of this class exists, the C library and thus nlohmann's parser use a decimal
/// point in numbers on this thread, whatever the locale of the program.
class CLocale {
 public:
  CLocale(const CLocale&) = delete;
  CLocale& operator=(const CLocale&) = delete;
#ifdef _WIN32
  CLocale() {
    if (*std::localeconv()->decimal_point == '.') return;
    mode_ = ::_configthreadlocale(_ENABLE_PER_THREAD_LOCALE);
    if (mode_ == -1) return;  // an old C library
    before_ = std::setlocale(LC_NUMERIC, nullptr);
    std::setlocale(LC_NUMERIC, "C");
  }
  ~CLocale() {
    if (mode_ == -1) return;
    std::setlocale(LC_NUMERIC, before_.c_str());
    ::_configthreadlocale(mode_);
  }

 private:
  int mode_ = -1;  // former mode of the thread
  std::string before_;
#else
  CLocale() : before_(::uselocale(c_locale())) {}
  ~CLocale() { ::uselocale(before_); }

 private:
  static locale_t c_locale() {
    static const locale_t made = ::newlocale(LC_ALL_MASK, "C", locale_t{});
    return made;
  }
  const locale_t before_;
#endif
};

/// Tests the bits, since with -Ofast, std::isfinite() is always true.
inline bool is_finite(double number) {
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof number, "realtimekit: a double must have 64 bits");
  std::memcpy(&bits, &number, sizeof bits);
  return (bits >> 52 & 0x7FF) != 0x7FF;
}

enum class JsonKind { null, boolean, number, text, array, object };

inline std::string_view to_string(JsonKind kind) {
  return name_of(kind, {"null", "boolean", "number", "text", "array", "object"});
}

/// A JSON value that is neither object nor array. Does not own its text.
struct Scalar {
  JsonKind kind = JsonKind::null;
  std::string_view text{};  // without quotes
  bool has_number = false;
  bool has_integer = false;  // also for a boolean: 0 or 1
  double number = 0;
  std::int64_t integer = 0;
};

inline void set_number(Scalar& scalar, double value) {
  if (!is_finite(value)) return;
  constexpr double exact = 9007199254740992.0;  // 2^53: up to here, a double holds all integers
  scalar.has_number = true;
  scalar.number = value + 0.0;  // turns -0, which would be printed, into 0
  if (value >= -exact && value <= exact) {
    scalar.integer = static_cast<std::int64_t>(value);
    const double rest = value - static_cast<double>(scalar.integer);
    scalar.has_integer = !(rest < 0) && !(rest > 0);
  }
}

inline void set_integer(Scalar& scalar, std::int64_t value) {
  scalar.has_number = scalar.has_integer = true;
  scalar.number = static_cast<double>(value);
  scalar.integer = value;
}

/// Reads a boolean from a string, since the server sends some as strings.
inline void read_boolean(Scalar& scalar) {
  if (is_any_of(scalar.text, {"true", "yes", "on", "y", "t"})) set_integer(scalar, 1);
  if (is_any_of(scalar.text, {"false", "no", "off", "n", "f", "failed"})) set_integer(scalar, 0);
}

/// Reads a number from a string, for the same reason.
inline void read_number(Scalar& scalar) {
  const std::string_view text = scalar.text;
  const auto digits = text.substr(text.substr(0, 1) == "-" ? 1 : 0);
  const bool has_leading_zero = digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]);
  if (text.size() >= 32 || digits.empty() || has_leading_zero || !is_digit(digits.front()) ||
      !is_digit(digits.back()) || text.find_first_not_of("0123456789+-.eE") != text.npos) {
    return;
  }
  std::int64_t integer = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
    return set_integer(scalar, integer);
  }
  std::string copy(text);
  const CLocale c_locale;
  const auto point = copy.find('.');
  if (point != copy.npos) copy[point] = *std::localeconv()->decimal_point;
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str() + copy.size()) set_number(scalar, number);
}

/// Returns whether a scalar can be assigned to a value of this kind.
inline bool fits(Kind kind, Scalar& scalar) {
  const bool is_text = scalar.kind == JsonKind::text;
  const bool wants_number = kind >= Kind::boolean && kind <= Kind::number;
  if (wants_number && is_text) read_number(scalar);
  if (kind == Kind::boolean && is_text) read_boolean(scalar);
  switch (kind) {
    case Kind::text:
    case Kind::secret:
    case Kind::open_enum:
    case Kind::json: return true;
    case Kind::timestamp:
      while (!scalar.text.empty() && scalar.text.back() == '"') scalar.text.remove_suffix(1);
      return scalar.text != "null" && (is_text || scalar.has_number);  // both occur
    case Kind::boolean: return scalar.has_integer && scalar.integer >= 0 && scalar.integer <= 1;
    case Kind::int32:
      return scalar.has_integer && scalar.integer >= (std::numeric_limits<int>::min)() &&
             scalar.integer <= (std::numeric_limits<int>::max)();
    case Kind::int64: return scalar.has_integer;
    case Kind::number: return scalar.has_number;
    default: return false;
  }
}

inline void assign(const Type& type, void* value, const Scalar& scalar) {
  switch (type.kind) {
    case Kind::boolean: *static_cast<bool*>(value) = scalar.integer == 1; break;
    case Kind::int32: *static_cast<int*>(value) = static_cast<int>(scalar.integer); break;
    case Kind::int64: *static_cast<std::int64_t*>(value) = scalar.integer; break;
    case Kind::number: *static_cast<double*>(value) = scalar.number; break;
    default:
      const bool is_quoted = type.kind == Kind::json && scalar.kind == JsonKind::text;
      type.text(value) = is_quoted ? quote(scalar.text) : std::string(scalar.text);
  }
}

/// The string type of nlohmann's parser. std::string would need a library call for each character,
/// which is a quarter of the parsing time.
class TextBuffer {
 public:
  using value_type = char;

  TextBuffer() { text_.reserve(64); }
  void clear() { text_.clear(); }
  void push_back(char c) { text_.push_back(c); }
  std::size_t size() const { return text_.size(); }
  /// Returns the text, null-terminated.
  const char* data() {
    text_.push_back('\0');
    text_.pop_back();
    return text_.data();
  }
  operator std::string_view() const { return {text_.data(), text_.size()}; }

 private:
  std::vector<char> text_;
};

/// Passes the events of nlohmann's parser to a handler, which returns false to stop the parser.
template <class Handler> struct Events {
  Handler& handler;
  std::size_t stop = 0;  // position of the first error

  bool null() { return handler.value({JsonKind::null, "null"}); }
  bool boolean(bool value) {
    Scalar scalar{JsonKind::boolean, value ? "true" : "false"};
    scalar.has_integer = true;
    scalar.integer = value ? 1 : 0;
    return handler.value(scalar);
  }
  bool number_integer(std::int64_t value) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    Scalar scalar{JsonKind::number, {text, static_cast<std::size_t>(end - text)}};
    set_integer(scalar, value);
    return handler.value(scalar);
  }
  bool number_unsigned(std::uint64_t value) {
    const auto integer = static_cast<std::int64_t>(value);
    if (integer >= 0) return number_integer(integer);
    return number_float(static_cast<double>(value), std::to_string(value));
  }
  bool number_float(double value, std::string_view text) {
    Scalar scalar{JsonKind::number, text};
    set_number(scalar, value);
    return handler.value(scalar);
  }
  bool string(std::string_view text) { return handler.value({JsonKind::text, text}); }
  template <class Binary> bool binary(Binary&) { return true; }  // never called for JSON text
  bool start_object(std::size_t) { return handler.open(JsonKind::object); }
  bool start_array(std::size_t) { return handler.open(JsonKind::array); }
  bool end_object() { return handler.close('}'); }
  bool end_array() { return handler.close(']'); }
  bool key(std::string_view name) { return handler.key(name); }
  template <class Cause> bool parse_error(std::size_t position, const std::string&, const Cause&) {
    stop = position;  // without the message: it quotes the input, which may contain secrets
    return false;
  }
};

constexpr std::size_t longest_token = 2u << 20;  // a JSON string or number

/// Returns the position of the first token that is longer than longest_token, or the size if there
/// is none. nlohmann's parser would make up to ten copies of it.
inline std::size_t find_long_token(std::string_view json) {
  std::size_t begin = 0;
  bool is_in_text = false;
  for (std::size_t i = 0; i < json.size() && json.size() > longest_token; ++i) {
    if (i - begin > longest_token) return begin;
    const bool is_quote = json[i] == '"';
    if (is_quote || (json[i] == ',' && !is_in_text)) begin = i;
    if (is_quote) is_in_text = !is_in_text;
    if (json[i] == '\\' && is_in_text) ++i;
  }
  return json.size();
}

/// Parses a JSON text. Returns the position at which it is invalid; npos if it is valid.
template <class Handler> std::size_t parse_json(std::string_view json, Handler& handler) {
  const auto end = find_long_token(json.substr(0, json.find('\0')));  // nlohmann stops at a null
  const char* const begin = json.data();
  const CLocale c_locale;
  Events<Handler> events{handler};
  // nlohmann's public function also instantiates the parsers of binary formats, which are slow to
  // compile. In versions that are known to have it, the internal parser is called instead.
#if NLOHMANN_JSON_VERSION_MAJOR == 3 && NLOHMANN_JSON_VERSION_MINOR <= 12
  auto input = nlohmann::detail::input_adapter(begin, begin + end);
  using Json = nlohmann::basic_json<std::map, std::vector, TextBuffer>;
  nlohmann::detail::parser<Json, decltype(input)> parser(std::move(input));
  const bool is_valid = parser.sax_parse(&events);
#else
  const bool is_valid = nlohmann::json::sax_parse(begin, begin + end, &events);
#endif
  if (!is_valid) return events.stop;
  return end == json.size() ? json.npos : end;
}

inline void reset(const Type& type, void* value) {
  if (type.clear) return type.clear(value);
  if (type.kind != Kind::object) return assign(type, value, {});
  for (const Field& field : type.table().fields) reset(*field.type, member(value, field));
}

/// The members that may accompany the data of a response.
struct Envelope {
  std::optional<bool> success{};
  RawJson error{}, errors{}, messages{};

  REALTIMEKIT_FIELDS(success, error, errors, messages)
};

/// Returns the field with Role::flat, or null.
inline const Field* flat_field(const Type& type) {
  if (type.kind != Kind::object) return nullptr;
  const Table& table = type.table();
  return table.flat < table.fields.size() ? &table.fields[table.flat] : nullptr;
}

/// Returns the first field of an object with this name, or null.
inline const Field* find_field(const Type& object, std::string_view name) {
  for (const Field& field : object.table().fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

/// Returns the text at a path such as "livestream.id" in an object, or null if there is none.
inline const std::string* text_at(const Type& type, const void* value, std::string_view path) {
  const auto name = path.substr(0, path.find('.'));
  const Field* const field = find_field(type, name);
  if (!field) return nullptr;
  const void* const found = member(value, *field);
  if (name.size() < path.size()) return text_at(*field->type, found, path.substr(name.size() + 1));
  return field->type->text ? &text_of(*field->type, found) : nullptr;
}

/// Returns whether a text stands for an absent value. "null" occurs.
inline bool is_missing(const std::string& text) { return text.empty() || text == "null"; }

/// Returns the id of an object, or null if its type has none.
inline const std::string* id_of(const Type& type, const void* value) {
  return type.kind == Kind::object ? text_at(type, value, "id") : nullptr;
}

/// Decodes JSON into structs in one pass over the parser's events, using the structs' fields().
///
/// A value may be in its documented place or elsewhere, such as under another spelling of the name
/// or in a wrapper. The Rank of a place says how far it deviates from the documented one. Each
/// field has the Rank of the value that it holds, and only a value of the same or a better Rank
/// replaces it. Thus the order of members makes no difference.
class Decoder {
 public:
  Decoder() = default;  // only checks the syntax
  Decoder(const Type& type, void* value) { set_data(type, value), next_ = data_; }

  /// Sets the value into which the members "data" and "result" of the outermost object are decoded.
  /// Of unknown members beside them, only the paging is decoded.
  void set_data(const Type& type, void* value) {
    data_ = {{&type, value}, exact, none, ranks(type)};
    const Field* const flat = flat_field(type);
    if (flat && is_list(*flat->type)) data_list_ = slot_of(data_, *flat);
  }
  /// Collects the paths of values that are not decoded into a field. paths: may be null.
  void list_unread(std::vector<std::string>* paths) { unread_ = paths; }

  /// Returns the kind of the data; empty if there is none.
  std::optional<JsonKind> data_kind() const { return data_kind_; }
  /// Returns whether any member of the data, except paging and an empty list, was decoded into a
  /// field.
  bool has_known_member() const {
    if (has_item()) return true;
    const Table& table = data_.type->table();
    const std::size_t all = ranks_.size() - data_.ranks;
    const std::size_t count = data_list_.type ? table.fields.size() : all;
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_own = i < table.fields.size();
      if (is_own && (i == table.flat || table.fields[i].type == &type_of<Paging>())) continue;
      const bool is_unread_list = i < unread_lists_.size() && unread_lists_[i];
      if (!is_unread_list && ranks_[data_.ranks + i] != absent) return true;
    }
    return false;
  }
  /// Returns whether the data contains its list, with items or as an empty array.
  bool has_list() const { return is_empty_list_ || has_item(); }

  /// Returns what is wrong with the text, following "is", or empty. Decodes up to an error.
  std::string parse(const std::string& text) {
    values_left_ = (std::max)(min_values, text.size() / 16);
    memory_left_ = (std::max)(min_memory, 4 * text.size());
    const auto stop = parse_json(text, *this);
    if (stop == text.npos || !problem_.empty()) return std::string(problem_);
    const std::string size = std::to_string(text.size());
    if (stop > text.size()) return concat({"incomplete JSON, after ", size, " bytes"});
    return concat({"not JSON: error at byte ", std::to_string(stop), " of ", size});
  }

  bool key(std::string_view name) {
    if (copy_) {
      copy(quote(name));
      *copy_ += ':';
    } else if (skipped_depth_ == 0) {
      Frame& frame = frames_[depth_ - 1];
      next_ = find_place(frame, name);
      if (unread_) frame.name = name;
    }
    return problem_.empty();
  }
  bool value(Scalar scalar) {
    if (!count_value()) return false;
    if (copy_) copy(scalar.kind == JsonKind::text ? quote(scalar.text) : std::string(scalar.text));
    if (skipped_depth_ > 0) return true;
    begin_value(scalar.kind);
    const bool is_null = scalar.kind == JsonKind::null;
    const Place place = is_null ? Place{} : place_for_value(scalar.kind, &scalar);
    if (place.type) {
      assign(*place.type, place.value, scalar);
      if (depth_ > 0) frames_[depth_ - 1].is_filled = true;
    } else if (unread_ && (scalar.text != "null" || !has_place())) {  // also "null" means absent
      note_unread(scalar.kind);
    }
    return problem_.empty();
  }
  bool open(JsonKind kind) {
    if (depth_ + skipped_depth_ == max_depth) return stop("JSON nested deeper than 64 levels");
    if (!count_value()) return false;
    const std::string_view opener = kind == JsonKind::object ? "{" : "[";
    if (copy_) copy(opener);
    if (skipped_depth_ > 0) return ++skipped_depth_, true;
    begin_value(kind);
    const Place place = place_for_value(kind);
    if (!place.type && unread_) note_unread(kind);
    if (place.type && place.type->kind == Kind::json) {
      if (depth_ > 0) frames_[depth_ - 1].is_filled = true;
      copy_ = &place.type->text(place.value);
      *copy_ = opener;
    }
    if (!place.type || copy_) {
      ++skipped_depth_;
    } else {
      open_frame(place, kind);
    }
    return problem_.empty();
  }
  bool close(char closer) {
    if (copy_) *copy_ += closer;
    if (skipped_depth_ == 0) {
      close_frame();
    } else if (--skipped_depth_ == 0) {
      copy_ = nullptr;
    }
    return true;
  }

 private:
  static constexpr std::size_t max_depth = 64;
  static constexpr std::size_t min_memory = 16u << 20;
  static constexpr std::size_t min_values = 500000;
  static constexpr std::size_t max_guesses = 16;
  using Index = std::uint32_t;
  static constexpr Index none = 0xffffffff;
  /// How far a place deviates from the documented one; smaller is better. The upper half is the sum
  /// of deviations. The lower half is a hash of names: it decides between places with equal sums,
  /// in any order of the members.
  using Rank = std::uint32_t;
  static constexpr Rank absent = 0xffffffff;
  enum Deviation : Rank {
    exact,
    other_spelling,
    other_number,
    flattened = 4,
    wrapped = 8,
    no_list = 0x1000  // exceeds the sum of any number of other deviations
  };

  static Rank worsened(Rank rank, Deviation deviation, std::string_view name = {}) {
    if (deviation == exact) return rank;
    Rank hash = rank & 0xffff;
    for (const char c : name) hash = (hash * 31 + static_cast<unsigned char>(c)) & 0xffff;
    return ((rank & ~Rank{0xffff}) + (deviation << 16)) | hash;
  }

  struct Slot {
    const Type* type = nullptr;
    void* value = nullptr;  // null: only to test whether a value fits
  };
  /// The destination of a value. type is null: none.
  struct Place : Slot {
    Rank rank = exact;
    Index best = none;   // index in ranks_ of the rank of the present value; none: no value yet
    Index ranks = none;  // index in ranks_ of the ranks of the object's fields; none: no object yet
    const Field* field = nullptr;
  };
  /// An open object or array, and its destination.
  struct Frame {
    Place place{};
    Index list = none;  // for a list: index in ranks_ of its rank
    std::size_t ranks_before = 0;
    bool is_array = false;
    bool is_used = false;    // array for a single value: its first element has been read
    bool is_filled = false;  // any value in it was decoded
    bool has_item = false;   // object for a list: its item has been added
    bool is_over = false;    // holds values of what it, or an object around it, replaces
    Rank replaced = absent;  // rank of what it replaces unless it is empty
    std::size_t values = 0;  // number of values so far
    std::string name{};      // object: name of the current member, for unread_
    /// The fields of the first members of the previous object at this depth, if of the same type.
    /// Tried first, since the server sends members in the same order.
    const Field* guesses[max_guesses];  // initialized for the first object
  };

  bool has_item() const { return data_list_.type && data_list_.type->at(data_list_.value, 0); }
  static Slot slot_of(const Slot& object, const Field& field) {
    return {field.type, object.value ? member(object.value, field) : nullptr};
  }
  static Place new_place(const Slot& slot) { return {slot, exact, none, none, nullptr}; }
  /// Limits memory, since three bytes of a response ("{},") become an item of hundreds of bytes.
  Slot new_item(const Slot& slot) {
    const Type& item = slot.type->item();
    if (!slot.value) return {&item, nullptr};
    const std::size_t size = slot.type->item_size;
    if (size > memory_left_) return stop("JSON whose items would need too much memory"), Slot{};
    memory_left_ -= size;
    return {&item, slot.type->add(slot.value)};
  }
  static bool is_list(const Type& type) { return type.kind == Kind::list; }
  static bool is_map(const Type& type) { return is_list(type) && type.item().kind == Kind::entry; }
  /// Returns the type of a list's items, or of those in a field with Role::flat; null if none.
  static const Type* inner_object(const Type& type) {
    const Field* const flat = flat_field(type);
    if (!flat && !is_list(type)) return nullptr;
    const Type* const inner = flat ? flat->type : &type;
    const Type* const object = is_list(*inner) ? &inner->item() : inner;
    return object->kind == Kind::object ? object : nullptr;
  }

  // An object has a rank for each field, a list has one. Those of the inner object's fields follow.
  static Index count_own_ranks(const Type& type) {
    return type.kind == Kind::object ? Index(type.table().fields.size()) : 1;
  }
  Index ranks(const Type& type) {
    const auto begin = static_cast<Index>(ranks_.size());
    const Type* const inner = inner_object(type);
    const Index count = count_own_ranks(type) + (inner ? count_own_ranks(*inner) : 0);
    return ranks_.resize(begin + count, absent), begin;
  }

  /// Returns the slot for a value of this kind: engages optionals, adds list items and enters
  /// fields with Role::flat. Its type is null if the value does not fit.
  Slot make_slot(Slot slot, JsonKind kind) {
    const bool is_object = kind == JsonKind::object, is_array = kind == JsonKind::array;
    while (slot.type) {
      const Type& type = *slot.type;
      if (type.kind < Kind::optional) return is_object ? Slot{} : slot;
      if (type.kind == Kind::json) return slot;
      if (is_map(type)) return is_object ? slot : Slot{};
      if (type.kind == Kind::object) {
        const Field* const flat = flat_field(type);
        if (is_object) return slot;
        if (!flat) return is_array ? slot : Slot{};        // the first element is used
        if (!is_array && is_list(*flat->type)) return {};  // "OK" is not a list
        slot = slot_of(slot, *flat);
      } else if (is_list(type) && (is_array || (is_object && inner_object(type)))) {
        return slot;  // an object is the only item, or a wrapper
      } else {
        slot = new_item(slot);
      }
    }
    return {};
  }
  const Type* slot_type(const Type& type, JsonKind kind) {
    const Type& inner = type.kind == Kind::optional ? type.item() : type;
    const bool is_simple = inner.kind < Kind::optional && kind < JsonKind::array;
    return is_simple ? &inner : make_slot({&type, nullptr}, kind).type;
  }

  /// Returns how two names differ: in case and underscores, or in a plural s. If they differ more,
  /// returns wrapped, since the member may be a wrapper.
  static Deviation difference(std::string_view a, std::string_view b) {
    if (a == b) return exact;
    constexpr int end = 256;
    const auto next = [](std::string_view& name) -> int {  // letter
      name.remove_prefix((std::min)(name.find_first_not_of('_'), name.size()));
      return name.empty() ? end : lower(name[0]);
    };
    for (; next(a) == next(b); a.remove_prefix(1), b.remove_prefix(1)) {
      if (a.empty()) return other_spelling;
    }
    const bool is_plural = a.size() + b.size() == 1 && lower((a.empty() ? b : a)[0]) == 's';
    return is_plural ? other_number : wrapped;
  }

  /// Returns whether the server may wrap such an object, or a list of it, in a member of this name.
  static bool is_wrapper(const Type& type, std::string_view name) {
    if (name == "data" || name == "result" || name == "items" || name == "results") return true;
    const Type* const inner = inner_object(type);
    if (!inner && type.kind != Kind::object) return false;
    return has_name((inner ? *inner : type).table(), name);
  }
  /// Returns whether the server may use this name for such an object.
  static bool has_name(const Table& table, std::string_view name) {
    return std::any_of(table.wrappers.begin(), table.wrappers.end(),
                       [&](auto wrapper) { return difference(wrapper, name) < wrapped; });
  }

  /// Returns the field of an object for the name of a member, which may be spelled differently or
  /// be in the singular or plural; null if there is none.
  static const Field* field_of(const Type& type, std::string_view name, Deviation& deviation) {
    const char initial = initial_of(name);
    const Field* best = nullptr;
    deviation = wrapped;
    for (const Field& field : type.table().fields) {
      if (field.initial != initial) continue;
      const Type& inner = field.type->kind == Kind::optional ? field.type->item() : *field.type;
      const bool may_be_many = inner.kind >= Kind::list;  // lists, objects, JSON
      const Deviation found = difference(field.name, name);
      if (found >= deviation || (found == other_number && !may_be_many)) continue;
      best = &field;
      deviation = found;
    }
    return best;
  }

  static Place place_of(const Place& object, const Field& field, Rank rank) {
    if (field.role == Role::flat && field.type->kind == Kind::object) {
      return {slot_of(object, field), rank, none, object.ranks + count_own_ranks(*object.type)};
    }
    return {slot_of(object, field), rank, object.ranks + field.index, none, &field};
  }
  /// Returns the place of the next field with the same name.
  Place next_of_same_name(Place place) const {
    if (!place.field || place.field->next == 0) return {};
    const Field& other = place.field[place.field->next];
    place.type = other.type;
    place.value = static_cast<char*>(place.value) - place.field->offset + other.offset;
    place.best += place.field->next;
    place.field = &other;
    return place;
  }

  /// Returns the place for the member with this name of the innermost open object.
  Place find_place(Frame& frame, std::string_view name) {
    const Place& object = frame.place;
    Deviation deviation = exact;
    if (object.type->kind == Kind::object) {
      const Field* no_guess = nullptr;
      const Field*& guess = frame.values < max_guesses ? frame.guesses[frame.values] : no_guess;
      if (!guess || guess->name != name) guess = field_of(*object.type, name, deviation);
      const bool is_whole = guess && guess->role == Role::flat && guess->name == "data";
      if (guess && !is_whole)
        return place_of(object, *guess, worsened(object.rank, deviation, name));
    } else if (is_map(*object.type)) {
      const Slot entry = new_item(object);
      if (!entry.type) return {};
      entry.type->text(entry.value) = name;
      frame.is_filled = true;
      return new_place({&entry.type->item(), const_cast<void*>(entry.type->at(entry.value, 0))});
    }
    if (depth_ == 1 && object.ranks != data_.ranks) return find_data(name);
    if (is_wrapper(*object.type, name)) {
      return {object, worsened(object.rank, wrapped, name), none, object.ranks};
    }
    const Place item = find_flattened(frame, name);
    return item.type ? item : find_paging(object, name);
  }

  /// Returns the place for a member of the outermost object, whose data is in one of its members.
  Place find_data(std::string_view name) const {
    if (!data_.type) return {};
    if (name == "data") return data_;
    if (name == "result") return {data_, worsened(exact, wrapped, name), none, data_.ranks};
    Deviation deviation = exact;
    const Field* const field = field_of(*data_.type, name, deviation);
    if (!field || field->type != &type_of<Paging>()) return find_paging(data_, name);
    return place_of(data_, *field, worsened(exact, flattened, name));
  }

  /// Returns the place for paging under another name, or for one of its members outside of it.
  static Place find_paging(const Place& object, std::string_view name) {
    if (object.type->kind != Kind::object) return {};
    for (const Field& field : object.type->table().fields) {
      if (field.type != &type_of<Paging>()) continue;
      Deviation deviation = exact;
      const Slot paging = slot_of(object, field);
      const Field* const part = field_of(*paging.type, name, deviation);
      if (part && !part->type->at(member(paging.value, *part), 0)) {
        return new_place(slot_of(paging, *part));
      }
      if (!part && has_name(paging.type->table(), name)) {
        return place_of(object, field, worsened(object.rank, wrapped, name));
      }
    }
    return {};
  }

  /// Returns the place for a member of the field with Role::flat, or of a list's only item.
  Place find_flattened(Frame& frame, std::string_view name) {
    const Place& object = frame.place;
    const Type* const inner = inner_object(*object.type);
    Deviation deviation = exact;
    const Field* const field = inner ? field_of(*inner, name, deviation) : nullptr;
    if (!field) return {};
    const Rank rank = worsened(worsened(object.rank, flattened), deviation, name);
    const Field* const flat = flat_field(*object.type);
    const Index ranks = object.ranks + count_own_ranks(*object.type);
    Place place = flat ? place_of(object, *flat, rank) : Place{object, rank, object.ranks};
    if (is_list(*place.type)) {
      place.rank = (Rank{no_list} << 16) - (object.rank & ~Rank{0xffff});  // in a wrapper: better
      if (!try_claim(place, JsonKind::object)) return {};
      if (unread_) sources_[place.best].clear();  // the item is made of several members
      Slot item{inner, const_cast<void*>(place.type->at(place.value, 0))};
      if (!item.value) {
        item = new_item(place);
        if (!item.type) return {};
        std::fill_n(&ranks_[ranks], inner->table().fields.size(), absent);
        frame.has_item = true;
      }
      static_cast<Slot&>(place) = item;
    }
    return {slot_of(place, *field), rank, ranks + field->index, none, field};
  }

  /// Claims a place for a value of its rank. Returns false if the place has a better value.
  bool try_claim(const Place& place, JsonKind kind) {
    if (place.best == none) return true;
    Rank& best = ranks_[place.best];
    if (best < place.rank) return false;
    if (best != place.rank) {
      const Field* const flat = place.ranks != none ? flat_field(*place.type) : nullptr;
      const Slot claimed = flat ? slot_of(place, *flat) : Slot{place};
      const bool is_object = kind == JsonKind::object && claimed.type->kind == Kind::object;
      if (is_object) replaced_ = best;  // see close_frame()
      if (!is_object && (best != absent || is_list(*claimed.type))) {
        reset(*claimed.type, claimed.value);
      }
    }
    if (unread_ && replaced_ == absent) {
      sources_.resize(ranks_.size());
      if (best != place.rank && best != absent) note_superseded(place);
      sources_[place.best] = path_with(kind);
    }
    best = place.rank;
    return true;
  }

  /// Returns the place for the next value. Changes nothing if the value does not fit, or if the
  /// place has a better one.
  Place place_for_value(JsonKind kind, Scalar* scalar = nullptr) {
    Frame* const array =
        depth_ > 0 && frames_[depth_ - 1].is_array ? &frames_[depth_ - 1] : nullptr;
    Place place = array ? array->place : next_;
    if (array && !is_list(*place.type) && std::exchange(array->is_used, true)) return {};
    for (; place.type; place = next_of_same_name(place)) {
      const bool is_item = array && is_list(*place.type);
      const Type* const type = slot_type(is_item ? place.type->item() : *place.type, kind);
      if (!type || (scalar && !fits(type->kind, *scalar))) continue;
      if (kind == JsonKind::array && !is_list(*type) && type->kind != Kind::json) {
        return is_item ? Place{} : place;  // unchanged until the first element is read
      }
      if (place.ranks != none && kind != JsonKind::object) {  // for the field with Role::flat
        const Field* const flat = flat_field(*place.type);
        place.best = place.ranks + (flat ? flat->index : 0);
      }
      const bool is_empty = scalar && scalar->text.empty() && type->kind != Kind::text;
      if (is_empty && place.best != none) {
        if (ranks_[place.best] != absent) return {};  // an empty value replaces no other
      } else if (!try_claim(place, kind)) {           // and does not claim the place
        return {};
      }
      if (is_item && place.field) {  // the elements fit this field, not the first of its name
        place.type->clear(place.value);
        array->place = new_place(place);
      }
      if (type != place.type) {
        static_cast<Slot&>(place) = make_slot(is_item ? new_item(place) : Slot{place}, kind);
      }
      return place;
    }
    return {};
  }

  void open_frame(const Place& place, JsonKind kind) {
    Frame& frame = frames_[depth_++];
    if (place.type != frame.place.type) std::fill_n(frame.guesses, max_guesses, nullptr);
    frame.place = place;
    frame.ranks_before = ranks_.size();
    frame.is_array = kind == JsonKind::array;
    frame.is_used = frame.is_filled = frame.has_item = false;
    frame.list = is_list(*place.type) ? place.best : none;
    frame.replaced = std::exchange(replaced_, absent);
    frame.is_over = frame.replaced != absent || (depth_ > 1 && frames_[depth_ - 2].is_over);
    frame.values = 0;
    if (is_list(*place.type) && (frame.is_array || is_map(*place.type))) {
      place.type->clear(place.value);
    }
    if (frame.is_array && is_list(*place.type)) frame.place = new_place(place);
    if (!frame.is_array && place.ranks == none) {
      frame.place.rank = exact;
      frame.place.ranks = ranks(*place.type);
    }
  }

  /// Resets the fields of an object that were not filled since it was opened.
  void clear_rest(const Place& object) {
    for (const Field& field : object.type->table().fields) {
      const bool is_flat = field.role == Role::flat && field.type->kind == Kind::object;
      const bool is_rest = !is_flat && ranks_[object.ranks + field.index] == absent;
      if (is_rest) reset(*field.type, member(object.value, field));
    }
  }

  /// Returns whether find_flattened() has decoded any field of the inner object.
  bool has_flattened(const Place& object) const {
    const Index begin = object.ranks + count_own_ranks(*object.type);
    const auto count = count_own_ranks(*inner_object(*object.type));
    const Rank* const ranks = &ranks_[begin];
    return std::any_of(ranks, ranks + count, [](Rank rank) { return rank != absent; });
  }

  void close_frame() {
    const Frame& frame = frames_[--depth_];
    const Place& place = frame.place;
    const bool is_object = !frame.is_array && place.type->kind == Kind::object;
    if (is_object && frame.is_over && frame.is_filled) clear_rest(place);
    const bool has_empty_item = frame.has_item && !has_flattened(place);
    ranks_.resize(frame.ranks_before);
    if (unread_ && frame.is_filled && frame.replaced != absent) {
      note_superseded(place);
      sources_[place.best] = path_with(JsonKind::object);
    }
    if (frame.is_array && place.type == data_list_.type && place.value == data_list_.value) {
      is_empty_list_ = frame.values == 0 && depth_ > 0;  // a bare "[]" is not the list
    }
    const Index own = frame.list - data_.ranks;  // index of the field, if it is one of the data
    if (frame.list != none && own < count_own_ranks(*data_.type)) {
      unread_lists_.resize(count_own_ranks(*data_.type));
      unread_lists_[own] = frame.values > 0 && !frame.is_filled;
    }
    if (frame.has_item) {
      const Field* const flat = flat_field(*place.type);  // null: the place is the list itself
      const Slot list = flat ? slot_of(place, *flat) : Slot{place};
      const void* const item = list.type->at(list.value, 0);
      const std::string* const id = item ? id_of(list.type->item(), item) : nullptr;
      const bool lacks_id = id && is_missing(*id);
      const bool is_data = list.value == data_list_.value;
      if (has_empty_item || (is_data && lacks_id)) list.type->clear(list.value);  // not an item
    }
    if (!frame.is_array && !frame.is_filled && place.best != none) {
      ranks_[place.best] = frame.replaced;
    }
    if (depth_ == 0) return;
    Frame& outer = frames_[depth_ - 1];
    const bool is_item = outer.is_array && is_list(*outer.place.type);
    if (frame.is_filled) {
      outer.is_filled = true;
    } else if (is_item && place.type->kind == Kind::object) {
      outer.place.type->drop(outer.place.value);  // not an item
    }
  }

  void begin_value(JsonKind kind) {
    const bool is_data = next_.type && next_.ranks == data_.ranks;
    if (is_data && data_kind_.value_or(JsonKind::null) == JsonKind::null) data_kind_ = kind;
    if (depth_ > 0) ++frames_[depth_ - 1].values;
  }

  /// Returns whether there is a place for the next value if it has the right kind.
  bool has_place() const { return next_.type || frames_[depth_ - 1].is_array; }

  void note_unread(JsonKind kind) {
    Deviation deviation = exact;
    const bool is_bare =
        depth_ == 1 && !frames_[0].is_array && frames_[0].place.ranks == data_.ranks;
    if (is_bare && field_of(type_of<Envelope>(), frames_[0].name, deviation)) return;
    unread_->push_back(path_with(kind));
  }

  /// Lists what has filled a place before; of a list made by find_flattened(), each member.
  void note_superseded(const Place& place) {
    if (std::string& source = sources_[place.best]; !source.empty()) {
      return unread_->push_back(std::move(source));
    }
    const Place& object = place.ranks != none ? place : frames_[depth_ - 1].place;
    const Type* const inner = inner_object(*object.type);
    const Index begin = object.ranks + count_own_ranks(*object.type);
    for (Index i = begin; inner && i < begin + count_own_ranks(*inner); ++i) {
      if (ranks_[i] != absent) unread_->push_back(std::move(sources_[i]));
    }
  }

  /// Returns the path of the current value and its kind, such as "data[3].id: text".
  std::string path_with(JsonKind kind) const {
    std::string path;
    for (std::size_t i = 0; i < depth_; ++i) {
      const Frame& frame = frames_[i];
      if (frame.is_array) append(path, {"[", std::to_string(frame.values - 1), "]"});
      if (!frame.is_array) append(path, {path.empty() ? "" : ".", frame.name});
    }
    return concat({path, ": ", to_string(kind)});
  }

  bool stop(std::string_view problem) { return problem_ = problem, false; }
  bool count_value() {
    if (values_left_ == 0) return stop("JSON with too many values");
    --values_left_;
    return true;
  }

  void copy(std::string_view part) {
    const bool is_first = "[{:"sv.find(copy_->back()) != part.npos;
    append(*copy_, {is_first ? "" : ",", part});
  }

  Frame frames_[max_depth];
  std::size_t depth_ = 0;
  std::size_t skipped_depth_ = 0;  // number of open objects and arrays to ignore or copy to copy_
  std::string* copy_ = nullptr;
  std::vector<Rank> ranks_{};
  Rank replaced_ = absent;  // of the next frame
  Place next_{};            // for the value of the current member, or for the outermost value
  Place data_{};            // for the data
  Slot data_list_{};        // the list in the data, if its type has one
  bool is_empty_list_ = false;
  std::vector<bool> unread_lists_{};  // of the data's fields: lists of which no item was decoded
  std::optional<JsonKind> data_kind_{};
  std::vector<std::string>* unread_ = nullptr;
  std::vector<std::string> sources_{};  // for unread_: the path of the value of each rank
  std::string_view problem_{};          // why parsing was stopped
  std::size_t memory_left_ = 0;         // for list items, in bytes
  std::size_t values_left_ = 0;
};

/// Replaces an optional by its value, or null if it is empty.
inline void unwrap_optionals(const Type*& type, const void*& value) {
  while (value && type->kind == Kind::optional) {
    value = type->at(value, 0);
    type = &type->item();
  }
}

/// Returns whether a value is absent: empty, or an object of absent fields.
inline bool is_absent(const Type* type, const void* value) {
  if (type->kind < Kind::boolean || type->kind == Kind::json) return text_of(*type, value).empty();
  if (type->kind == Kind::optional || type->kind == Kind::list) return !type->at(value, 0);
  if (type->kind != Kind::object) return false;
  for (const Field& field : type->table().fields) {
    if (!is_absent(field.type, member(value, field))) return false;
  }
  return true;
}

/// Returns whether a request omits a field. A std::string that is not optional is always sent.
inline bool is_omitted(const Type* type, const void* value) {
  return type->kind != Kind::text && is_absent(type, value);
}

/// Returns a number in as few digits as identify it, or null if JSON cannot represent it.
inline std::string number_text(double number) {
  if (!is_finite(number)) return "null";
  const CLocale c_locale;
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, number);
    const double back = std::strtod(text, nullptr);
    if (!(back < number) && !(back > number)) break;
  }
  std::string out = text;
  std::replace(out.begin(), out.end(), ',', '.');  // if CLocale had no effect
  return out;
}

inline bool is_json(const std::string& text) { return Decoder().parse(text).empty(); }

/// Returns a scalar as text, without quotes: for a URL, or for numbers and booleans in JSON.
inline std::string scalar_text(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::boolean: return *static_cast<const bool*>(value) ? "true" : "false";
    case Kind::int32: return std::to_string(*static_cast<const int*>(value));
    case Kind::int64: return std::to_string(*static_cast<const std::int64_t*>(value));
    case Kind::number: return number_text(*static_cast<const double*>(value));
    default: return text_of(type, value);
  }
}

/// The path of an app's operations.
constexpr std::string_view app_path = "/accounts/{account_id}/realtime/kit/{app_id}";

inline bool is_in_path(std::string_view path, std::string_view name) {
  return path.find(concat({"{", name, "}"})) != path.npos;
}

/// Reserves memory in a text that may contain secrets, and wipes the former memory.
inline void make_room(std::string& text, std::size_t size) {
  if (text.capacity() - text.size() >= size) return;
  std::string larger;
  larger.reserve(2 * text.capacity() + size);
  larger += text;
  text.swap(larger);
  wipe(larger);
}

/// Appends a value without parts as JSON.
inline void write_scalar(std::string& out, const Type& type, const void* value, bool masked) {
  if (type.kind >= Kind::boolean && type.kind <= Kind::number) {
    out += scalar_text(type, value);
  } else if (type.kind == Kind::secret && masked) {
    out += "\"***\"";
  } else if (type.kind == Kind::json) {
    const std::string text = masked ? redacted(text_of(type, value)) : text_of(type, value);
    out += !masked || is_json(text) ? text : quote(text);  // masking may break the JSON
  } else {
    add_quoted(out, text_of(type, value));
  }
}

/// Appends a value as JSON. Omits the fields of an object that are absent or in the path.
inline void write_json(std::string& out, const Type* type, const void* value, bool masked,
                       std::string_view path = {}) {
  unwrap_optionals(type, value);
  const std::size_t escaped = value && type->text ? 6 * text_of(*type, value).size() : 0;
  make_room(out, 256 + escaped);  // includes the next field's name
  if (!value || (type->kind == Kind::json && is_absent(type, value))) {
    out += "null";
  } else if (type->kind == Kind::list) {
    const Type& item_type = type->item();
    const bool is_map = item_type.kind == Kind::entry;
    out += is_map ? '{' : '[';
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      if (i > 0) out += ',';
      const bool is_null = item_type.kind < Kind::optional && is_omitted(&item_type, item);
      if (is_null) out += "null";
      if (!is_null) write_json(out, &item_type, item, masked);
    }
    out += is_map ? '}' : ']';
  } else if (type->kind == Kind::entry) {
    add_quoted(out, text_of(*type, value));
    out += ':';
    write_json(out, &type->item(), type->at(value, 0), masked);
  } else if (type->kind == Kind::object) {
    out += '{';
    for (const Field& field : type->table().fields) {
      const void* held = member(value, field);
      if (is_omitted(field.type, held) || is_in_path(path, field.name)) continue;
      if (out.back() != '{') out += ',';
      add_quoted(out, field.name);
      out += ':';
      write_json(out, field.type, held, masked);
    }
    out += '}';
  } else {
    write_scalar(out, *type, value, masked);
  }
}

REALTIMEKIT_INLINE std::string print(const Type& type, const void* value) {
  std::string out;
  write_json(out, &type, value, true);
  return out;
}

// >>requests --------------------------------------------------------------------------------------

/// Calls visit(type, value) for each part of a value: the value of an optional or entry, the items
/// of a list, the fields of an object.
template <class Visit> void for_each_part(const Type* type, const void* value, Visit visit) {
  if (type->kind == Kind::object) {
    for (const Field& field : type->table().fields) visit(field.type, member(value, field));
  } else if (type->at) {
    for (std::size_t i = 0; const void* part = type->at(value, i); ++i) visit(&type->item(), part);
  }
}

/// Returns what is wrong with a parameter's value, or empty.
inline std::string value_problem(const Type* type, const void* value) {
  std::string found;
  if (is_omitted(type, value)) return found;
  unwrap_optionals(type, value);
  if (type->kind == Kind::json) return is_json(text_of(*type, value)) ? "" : "is not valid JSON";
  if (type->kind == Kind::number && !is_finite(*static_cast<const double*>(value))) {
    return "is not a finite number";
  }
  if (type->text && !is_utf8(text_of(*type, value))) {
    return type->kind == Kind::entry ? "has a name that is not valid UTF-8" : "is not valid UTF-8";
  }
  for_each_part(type, value, [&](const Type* part_type, const void* part) {
    if (found.empty()) found = value_problem(part_type, part);
  });
  return found;
}

inline std::string segment_problem(std::string_view segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..")
    return concat({"is \"", segment, "\", which changes the path"});
  if (is_printable_ascii(segment)) return "";
  if (has_control_character(segment)) return "has a control character";
  return is_utf8(segment) ? "" : "is not valid UTF-8";
}

/// Returns whether values of a type can be sent in a URL. Lists can only be sent in a query.
inline bool fits_in_url(const Type* type, bool in_query) {
  while (type->kind == Kind::optional || (in_query && type->kind == Kind::list)) {
    type = &type->item();
  }
  return type->kind < Kind::optional;
}

/// Returns what is wrong with a Config, or empty.
inline std::string config_problem(const Config& config) {
  const std::string& token = config.api_token.reveal();
  if (token.empty()) return "api_token is empty";
  if (!is_printable_ascii(token, " ")) {
    return "api_token contains an invalid character, such as a space or a newline";
  }
  Url url;
  const bool is_url = parse_url(config.base_url, url);
  if (!is_url || url.target.find('?') != std::string::npos) {
    return "base_url must be https://host[:port][/path], without user, query, fragment or spaces";
  }
  if (!url.tls && !is_loopback(url.host) && !config.allow_plain_http) {
    return concat({"base_url must be https: ", url.host,
                   " is not a loopback host, and the token would be sent in clear text "
                   "(allow_plain_http permits it)"});
  }
  if (config.timeout.count() <= 0) return "timeout must be more than 0";
  if (config.total_timeout.count() <= 0) return "total_timeout must be more than 0";
  for (const auto& [name, value] : config.headers) {
    if (name.empty() || !is_printable_ascii(name, " ()<>@,;:\\\"/[]?={}")) {
      return "headers: a name is invalid";
    }
    if (has_control_character(value)) {
      return concat({"headers: the value of ", name, " has a control character"});
    }
    if (is_any_of(name, {"Authorization", "Accept", "Accept-Encoding", "Content-Type",
                         "Content-Length", "Host", "Transfer-Encoding", "Connection", "Expect"})) {
      return concat({"headers: ", name, " cannot be set"});
    }
  }
  return {};
}

/// Adds a parameter to the query of a URL. A list becomes one parameter for each item.
inline void add_to_query(std::string& url, std::string_view name, const Type* type,
                         const void* value) {
  if (is_omitted(type, value)) return;
  unwrap_optionals(type, value);
  if (value && type->kind == Kind::list) {
    for_each_part(type, value, [&](const Type* item_type, const void* item) {
      add_to_query(url, name, item_type, item);
    });
  } else if (value) {
    url += url.find('?') == url.npos ? '?' : '&';
    add_encoded(url, name);
    url += '=';
    add_encoded(url, scalar_text(*type, value));
  }
}

/// Returns what is wrong with a parameter, or empty.
inline std::string parameter_problem(const Operation& operation, const Field& field,
                                     const void* value, bool in_path, bool has_body) {
  const Names& required = operation.required;
  const bool is_required =
      std::find(required.begin(), required.end(), field.name) != required.end();
  std::string found = value_problem(field.type, value);
  if (found.empty() && is_required && is_absent(field.type, value)) found = "is required";
  if (found.empty() && (in_path || !has_body) && !fits_in_url(field.type, !in_path)) {
    const std::string_view place = in_path ? "path" : "query";
    found = concat({"has a type that cannot be sent in a ", place});
  }
  return found;
}

/// Appends a path to a URL, with parameters in place of "{names}". Returns what is wrong, or empty.
inline std::string add_path(std::string& url, std::string_view path, const Config& config,
                            const Type& type, const void* parameters) {
  for (auto open = path.find('{'); open != path.npos; open = path.find('{')) {
    const auto close = (std::min)(path.find('}', open), path.size() - 1);
    const auto name = path.substr(open + 1, close - open - 1);
    std::string_view segment;
    std::string held;
    if (name == "account_id") segment = config.account_id;
    if (name == "app_id") segment = config.app_id;
    if (const Field* const field = find_field(type, name)) {
      const Type* value_type = field->type;
      const void* value = member(parameters, *field);
      unwrap_optionals(value_type, value);
      segment = held = value ? scalar_text(*value_type, value) : "";
    }
    const auto found = segment_problem(segment);
    if (!found.empty()) return concat({name, " ", found});
    url.append(path.substr(0, open));
    add_encoded(url, segment);
    path.remove_prefix(close + 1);
  }
  url.append(path);
  return {};
}

/// Sets the headers of a request whose body is complete.
inline void set_headers(HttpRequest& request, const Config& config) {
  Headers& headers = request.headers;
  headers.reserve(config.headers.size() + 4);
  add_header(headers, "Authorization", concat({"Bearer ", config.api_token.reveal()}));
  add_header(headers, "Accept", "application/json");  // without it, errors are in HTML
  if (!request.body.empty()) add_header(headers, "Content-Type", "application/json");
  for (const auto& [name, value] : config.headers) add_header(headers, name, value);
  if (!find_header(headers, "User-Agent")) {
    add_header(headers, "User-Agent",
               concat({"realtimekit.hpp/", std::to_string(REALTIMEKIT_VERSION_MAJOR), ".",
                       std::to_string(REALTIMEKIT_VERSION_MINOR), ".",
                       std::to_string(REALTIMEKIT_VERSION_PATCH)}));
  }
}

/// Returns the request of an operation. The Config must be valid.
inline Result<HttpRequest> make_request(const Config& config, const Operation& operation,
                                        const void* parameters) {
  const Type& type = operation.parameters;
  const std::string path =
      concat({operation.route.is_below_app ? app_path : "", operation.route.path});
  HttpRequest request;
  request.method = operation.route.method;
  request.idempotent = operation.route.repeat == Repeat::harmless;
  request.timeout = clamped(config.timeout);
  request.max_response_bytes = config.max_response_bytes;

  const bool has_body = request.method != Method::get && request.method != Method::del;
  for (const Field& field : type.table().fields) {
    const void* const value = member(parameters, field);
    const bool in_path = is_in_path(path, field.name);
    const auto found = parameter_problem(operation, field, value, in_path, has_body);
    if (!found.empty()) return invalid_request({field.name, " ", found});
  }

  request.url.reserve(config.base_url.size() + path.size() + 128);
  request.url = config.base_url;
  while (request.url.back() == '/') request.url.pop_back();
  const auto found = add_path(request.url, path, config, type, parameters);
  if (!found.empty()) return invalid_request({found});
  for (const Field& field : type.table().fields) {
    if (has_body || is_in_path(path, field.name)) continue;
    add_to_query(request.url, field.name, field.type, member(parameters, field));
  }
  if (has_body) write_json(request.body, &type, parameters, false, path);
  if (request.method != Method::post && request.body == "{}") request.body.clear();

  set_headers(request, config);
  return request;
}

REALTIMEKIT_INLINE Result<HttpRequest> to_http(const Config& config, const Operation& operation,
                                               const void* parameters) {
  const auto found = config_problem(config);
  if (!found.empty()) return invalid_request({"Config: ", found});
  return make_request(config, operation, parameters);
}

/// Returns an environment variable without blanks and quotes around it, and without "Bearer ".
inline std::string env_variable(const char* name) {
  constexpr std::string_view blanks_and_quotes = " \t\r\n\"'";
  std::string_view text = trimmed(text_or_empty(std::getenv(name)), blanks_and_quotes);
  constexpr std::string_view scheme = "Bearer ";
  if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
    text.remove_prefix(scheme.size());
    text = trimmed(text, blanks_and_quotes);
  }
  return std::string(text);
}

}  // namespace detail

REALTIMEKIT_INLINE Result<Config> Config::from_env() {
  Config config;
  std::string missing;
  const auto required = [&](const char* name) {
    std::string value = detail::env_variable(name);
    if (value.empty()) missing += (missing.empty() ? "" : ", ") + std::string(name);
    return value;
  };
  config.api_token = required("CLOUDFLARE_API_TOKEN");
  config.account_id = required("CLOUDFLARE_ACCOUNT_ID");
  config.app_id = required("REALTIMEKIT_APP_ID");
  if (auto url = detail::env_variable("CLOUDFLARE_BASE_URL"); !url.empty()) config.base_url = url;
  if (!missing.empty()) return detail::invalid_request({"not set in the environment: ", missing});
  return config;
}

namespace detail {

// >>responses -------------------------------------------------------------------------------------

/// Returns JSON without errors that only strict parsers reject. Replaces invalid UTF-8 and unpaired
/// surrogates by U+FFFD, and numbers beyond the range of a double by null.
inline std::string repaired_json(std::string_view text) {
  const CLocale c_locale;
  std::string out;
  const auto half_at = [&](std::size_t at) {  // 0x36 or 0x37: half of a surrogate pair
    unsigned code = 0;
    const auto escape = text.substr((std::min)(at, text.size()), 6);
    const bool is_code = escape.size() == 6 && escape.substr(0, 2) == "\\u";
    if (is_code) std::from_chars(escape.data() + 2, escape.data() + 6, code, 16);
    return code >> 10;
  };
  bool is_in_text = false;
  for (std::size_t i = 0, size = 1; i < text.size(); i += size) {
    std::string_view instead;
    size = 1;
    if (text[i] == '"') is_in_text = !is_in_text;
    if (is_in_text && text[i] == '\\') {
      const bool is_first = half_at(i) == 0x36, is_second = half_at(i) == 0x37;
      const bool is_pair = is_first && half_at(i + 6) == 0x37;
      size = is_pair ? 12 : is_first || is_second ? 6 : 2;
      if (size == 6) instead = unknown_character;
    } else if (is_in_text) {
      size = utf8_size(text.substr(i));
      if (size == 0) instead = unknown_character, size = 1;
    } else if (is_digit(text[i]) || text[i] == '-') {
      size = (std::min)(text.find_first_not_of("0123456789+-.eE", i), text.size()) - i;
      const std::string number(text.substr(i, size));
      char* end = nullptr;
      const bool is_too_large = !is_finite(std::strtod(number.c_str(), &end));
      if (is_too_large && end == number.c_str() + size) instead = "null";
    }
    out += instead.empty() ? text.substr(i, size) : instead;
  }
  return out;
}

/// The first values of a JSON text as a tree: as many as the construction of an error needs.
class Tree {
 public:
  struct Node {
    JsonKind kind = JsonKind::null;
    std::string name{};  // of a member
    std::string text{};  // of a scalar
    std::vector<Node> items{};

    bool is_scalar() const { return kind == JsonKind::text || kind == JsonKind::number; }
    bool has_items() const { return kind >= JsonKind::array; }
  };

  explicit Tree(std::string_view json) {
    const auto stop = parse_json(json, *this);
    is_whole = stop == json.npos;
    is_truncated = !is_whole && stop > json.size();
    if (!is_whole && !root.has_items()) root = {};  // not JSON, although it begins with a scalar
  }

  Node root;
  bool is_whole = false;      // complete, valid JSON
  bool is_truncated = false;  // ends prematurely

  bool key(std::string_view name) { return name_ = truncated(name, longest_kept), true; }
  bool value(const Scalar& scalar) { return add(scalar.kind, scalar.text); }
  bool open(JsonKind kind) { return add(kind, {}); }
  bool close(char) { return open_.pop_back(), true; }

 private:
  bool add(JsonKind kind, std::string_view text) {
    if (left_-- == 0 || open_.size() == 64) return false;
    Node* place = open_.empty() ? &root : &open_.back()->items.emplace_back();
    place->kind = kind;
    place->name.swap(name_);
    place->text = truncated(text, longest_kept);
    if (place->has_items()) open_.push_back(place);
    return true;
  }

  static constexpr std::size_t longest_kept = 2 * longest_text;  // only redacted() may cut a secret

  std::size_t left_ = 10000;
  std::string name_;
  std::vector<Node*> open_;  // path from the root
};

inline Tree parse_tree(const std::string& body) {
  Tree tree(body);
  const std::string repaired = tree.is_whole ? body : repaired_json(body);
  return repaired == body ? tree : Tree(repaired);
}

/// Appends JSON with its strings masked.
inline void add_masked(std::string& out, const Tree::Node& node) {
  const bool is_object = node.kind == JsonKind::object, is_text = node.kind == JsonKind::text;
  out += is_text ? "\"***\"" : is_object ? "{" : node.has_items() ? "[" : node.text;
  for (const Tree::Node& item : node.items) {
    if (&item != &node.items[0]) out += ',';
    if (is_object) append(out, {quote(item.name), ":"});
    add_masked(out, item);
  }
  if (node.has_items()) out += is_object ? '}' : ']';
}

/// Returns whether a text is the reason phrase of a status, which adds nothing to a message.
inline bool is_reason_phrase(std::string_view text) {
  constexpr std::string_view all =
      "|Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Conflict"
      "|Gone|Payload Too Large|Unprocessable Entity|Unprocessable Content|Too Many Requests"
      "|Internal Server Error|Not Implemented|Bad Gateway|Service Unavailable|Gateway Timeout|";
  return all.find(concat({"|", text, "|"})) != all.npos;
}

constexpr std::size_t max_messages = 100;  // in an Error

/// Reads the messages in the JSON of a failure. The server uses many structures, but in all of them
/// the ending of a member's name says what it is: a code or a message. A message may be a string or
/// consist of nested objects and lists. A nested object without messages of its own has a member
/// for each invalid field, such as {"name":["is required"]}.
class ErrorMessages {
 public:
  ErrorMessages(const Tree& json, const Secrets& secrets) : secrets_(secrets) {
    const auto& members = json.root.items;
    read(json.root, {}, std::all_of(members.begin(), members.end(), is_field_with_texts));
    const bool has_fields = std::all_of(members.begin(), members.end(), may_be_field);
    if (list.empty() && json.root.kind == JsonKind::object && has_fields) read(json.root, {}, true);
  }

  std::vector<ApiMessage> list;  // masked; causes follow their effects
  std::optional<std::chrono::seconds> retry_after;

 private:
  using Node = Tree::Node;
  static constexpr std::string_view endings[] = {
      "errorcode", "code",       "errcode",    "errno",     "statuscode", "title",        "reason",
      "summary",   "error",      "message",    "msg",       "detail",     "description",  "hint",
      "cause",     "chain",      "issue",      "violation", "exception",  "invalidparam", "failure",
      "problem",   "validation", "modelstate", "field"};
  /// Those of a member that names the field which a message is about; the more exact first.
  static constexpr std::string_view places[] = {
      "field",   "attr",     "attribute", "param", "parameter", "property", "path",
      "pointer", "argument", "name",      "loc",   "location",  "source"};
  static constexpr std::size_t first_text = 10, error = 16, none = 2 * std::size(endings);
  static constexpr std::size_t hints = none + 1, data = none + 2;  // sorted last

  // Outermost, an object like {"name":["is required"]} has a member for each invalid field, too.
  static bool may_be_field(const Node& member) {
    return member.has_items() && member.name != "data" && member.name != "result";
  }
  static bool is_field_with_texts(const Node& member) {
    const auto is_text = [](const Node& item) { return item.kind == JsonKind::text; };
    const bool is_list = member.kind == JsonKind::array && may_be_field(member);
    return is_list && member.name != "errors" && member.name != "messages" &&
           std::all_of(member.items.begin(), member.items.end(), is_text);
  }

  static std::string letters(std::string_view name) {
    std::string out;
    for (const char c : name) {
      if (is_letter_or_digit(c)) out += lower(c);
    }
    return out;
  }
  /// Returns the sort key of a name: twice the index of its ending, plus one for the plural.
  static std::size_t rank(std::string_view name) {
    const bool is_plural = !name.empty() && name.back() == 's';
    if (is_plural) name.remove_suffix(1);
    for (std::size_t i = 0; i < none; i += 2) {
      const auto end = endings[i / 2];
      const bool is_found = i < first_text ? name == end : ends_with(name, end);
      if (is_found) return i + (is_plural ? 1 : 0);
    }
    return none;
  }
  static bool ends_with(std::string_view name, std::string_view end) {
    return name.size() >= end.size() && name.substr(name.size() - end.size()) == end;
  }
  /// Returns the index in places of a name's ending, such as that of "propertyPath", "fieldName".
  static std::size_t place_rank(std::string_view name) {
    if (name.size() > 4 && ends_with(name, "name")) name.remove_suffix(4);
    const auto is_ending = [&](std::string_view place) { return ends_with(name, place); };
    return std::size_t(std::find_if(std::begin(places), std::end(places), is_ending) - places);
  }
  static bool is_blank(std::string_view text) { return trimmed(text, " \t\r\n").empty(); }
  static void join(std::string& text, std::string_view separator, std::string_view more) {
    if (text.size() > longest_text || more.empty()) return;
    append(text, {text.empty() ? "" : separator, more});
  }
  /// Joins all strings and numbers in a value, such as "body.name".
  static std::string path(const Node& node) {
    std::string out = node.is_scalar() ? node.text : "";
    for (const Node& item : node.items) join(out, ".", path(item));
    return out;
  }

  void add(std::int64_t code, std::string place, std::string_view text) {
    if (list.size() == max_messages || (code == 0 && is_blank(text))) return;
    const bool is_word = text.find(' ') == text.npos;
    const auto names = split(place, ".");
    const bool is_secret = std::any_of(names.begin(), names.end(), [](std::string_view name) {
      return redacted(concat({name, "=x"})).back() == '*';
    });
    join(place, ": ", is_word && is_secret ? "***"sv : text);
    list.push_back({code, redacted(place, secrets_, longest_text)});
  }

  /// Reads the messages in a value. place: the invalid field that the value is about, or empty.
  /// is_inside: the value is a part of a message.
  void read(const Node& node, const std::string& place, bool is_inside) {
    if (node.is_scalar()) add(0, place, node.text);
    if (node.kind == JsonKind::object) read_object(node, place, is_inside);
    if (node.kind != JsonKind::array) return;
    for (const Node& item : node.items) read(item, place, true);
  }

  void read_object(const Node& node, std::string place, bool is_inside) {
    std::vector<std::pair<std::size_t, const Node*>> parts;  // codes and messages
    std::vector<const Node*> fields;                         // members that may be fields
    std::string about, text, phrase;
    std::size_t about_rank = std::size(places);
    for (const Node& item : node.items) {
      const std::string name = letters(item.name);
      auto found = rank(name);
      if (!is_inside && name == "messages") found = hints;
      if (!is_inside && (name == "data" || name == "result")) found = data;
      if (is_inside && item.has_items() && found < error) found = none;
      if (!item.has_items() && found < none && found >= none - 2) found = none;  // "field"
      if (found != none) parts.push_back({found, &item});
      if (found == none && item.kind >= JsonKind::text) fields.push_back(&item);
      const auto place_found = is_inside ? place_rank(name) : about_rank;
      auto item_path = place_found < about_rank ? path(item) : std::string();
      if (!item_path.empty()) {
        about = std::move(item_path);
        about_rank = place_found;
      }
      if (name != "retryafter") continue;
      Scalar wait{item.kind, item.text};
      read_number(wait);
      const auto seconds = static_cast<int>((std::min)(wait.number + 0.999, 999999999.0));
      if (wait.has_number && !(wait.number < 0)) retry_after = std::chrono::seconds(seconds);
    }
    std::sort(parts.begin(), parts.end());

    std::int64_t code = 0;
    bool has_message = false;
    for (const auto& [found, item] : parts) {
      if (found == data) continue;
      const bool is_code = found < first_text, is_error = found / 2 == error / 2;
      Scalar scalar{item->kind, item->text};
      if (is_code || item->kind == JsonKind::number) read_number(scalar);
      if (code == 0 && (is_code || is_error)) code = scalar.integer;
      if (!item->is_scalar() || scalar.has_integer || is_blank(item->text)) continue;
      if (is_code && equal_ignoring_case(item->text, "none")) continue;
      has_message = has_message || !is_code;
      if (is_error && is_reason_phrase(item->text)) {
        phrase = item->text;
      } else if (text.find(item->text) == text.npos) {
        join(text, ": ", item->text);
      }
    }

    if (has_message) join(place, ".", about);
    const auto begin = list.size();
    if (!text.empty()) add(code, place, text);
    for (const auto& [found, item] : parts) {
      const bool is_hint = found == hints;
      if (found == data ? item->kind == JsonKind::array : !item->has_items()) continue;
      if (found > none && !list.empty()) continue;
      read(*item, place, found != data);
      for (ApiMessage& hint : list) hint.code = is_hint ? 0 : hint.code;
    }
    for (const Node* item : fields) {
      std::string field = place;
      join(field, ".", item->name);
      if (is_inside && !has_message) read(*item, field, true);
    }
    if (list.size() == begin) {
      add(code, place, phrase);
    } else if (text.empty() && list[begin].code == 0) {
      list[begin].code = code;
    } else if (text.empty()) {
      add(code, {}, {});
    }
  }

  const Secrets& secrets_;
};

/// Adds each Secret in a value. If the Secret is a URL, such as an RTMP URL, also adds the password
/// and each part after the host that has 8 bytes or more.
inline void add_secrets(Secrets& secrets, const Type* type, const void* value) {
  for_each_part(type, value, [&](const Type* part_type, const void* part) {
    add_secrets(secrets, part_type, part);
  });
  if (type->kind != Kind::secret) return;
  const std::string_view text = text_of(*type, value);
  secrets.push_back(text);
  const auto begin = text.find("://");
  if (begin == text.npos) return;
  bool is_host = text.find('@') == text.npos;
  for (auto part : split(text.substr(begin + 3), "/@?&#")) {
    part.remove_prefix(part.find_last_of(":=") + 1);  // "user:password", "name=value"
    if (part.size() >= 8 && !is_host) secrets.push_back(part);
    is_host = false;
  }
}

/// Returns the texts to mask in the error of a call: the token and each Secret that was sent.
inline Secrets secrets_of(const Operation& operation, const void* parameters,
                          std::string_view token) {
  Secrets secrets = {token};
  if (parameters) add_secrets(secrets, &operation.parameters, parameters);
  return secrets;
}

/// Returns the delay of a valid Retry-After header: seconds, or a date that is not in the past.
inline std::optional<std::chrono::seconds> retry_after(const Headers& headers) {
  const std::string* value = find_header(headers, "Retry-After");
  if (!value || value->empty()) return {};
  if (value->find_first_not_of("0123456789") == value->npos) {
    const auto seconds = value->size() > 9 ? 999999999 : std::atoi(value->c_str());
    return std::chrono::seconds(seconds);
  }
  const auto until = parse_http_date(*value);
  const std::string* date = find_header(headers, "Date");  // by the server's clock, if present
  const auto server_now = date ? parse_http_date(*date) : std::nullopt;
  const auto now = server_now.value_or(std::chrono::duration_cast<std::chrono::seconds>(
                                           std::chrono::system_clock::now().time_since_epoch())
                                           .count());
  if (!until || *until < now) return {};
  return std::chrono::seconds(*until - now);
}

/// Describes a response that is not JSON. Returns empty if it is JSON or unknown text.
inline std::string describe_non_json(const HttpResponse& response, const Tree& json,
                                     const Secrets& secrets) {
  const auto start = trimmed(response.body, " \t\r\n\xEF\xBB\xBF").substr(0, 16384);
  const auto is_binary = [](unsigned char c) { return c < '\t'; };
  if (json.is_whole) return {};
  if (start.empty()) return "the response is empty";
  if (start.substr(0, 2) == "\x1f\x8b") return "the response is compressed (gzip)";
  if (std::any_of(start.begin(), start.end(), is_binary)) return "the response is binary";
  if (json.is_truncated) {
    return concat({"the response ends in the middle of its JSON, after ",
                   std::to_string(response.body.size()), " bytes"});
  }
  std::string page(start);
  for (char& c : page) c = lower(c);
  const bool is_html = page.find("<html") != page.npos || page.find("<!doctype html") != page.npos;
  if (page[0] != '<' || !is_html) return {};
  const auto begin = page.find('>', page.find("<title"));
  if (begin == page.npos) return "the response is an HTML page";
  const auto title = start.substr(begin + 1, page.find('<', begin) - begin - 1);
  return concat({"the response is an HTML page: ", excerpt(redacted(title, secrets, 256), 256)});
}

/// Returns the error for a response whose status or content reports a failure.
inline Error api_error(const HttpResponse& response, const Secrets& secrets) {
  const Tree json = parse_tree(response.body);
  ErrorMessages messages(json, secrets);
  Error error = failure(ErrorKind::api, Delivery::answered, {});
  error.body = truncated(valid_utf8(redacted(response.body, secrets, longest_text)), longest_text);
  error.errors = std::move(messages.list);
  for (const ApiMessage& message : error.errors) {
    if (error.code == 0) error.code = message.code;
    const std::string text = excerpt(message.message, 1024);
    if (text.empty() || text == error.message) continue;  // omits duplicates
    append(error.message, {error.message.empty() ? "" : "; ", text});
  }
  error.retry_after = retry_after(response.headers);
  if (!error.retry_after) error.retry_after = messages.retry_after;
  const std::string* location = find_header(response.headers, "Location");
  if (response.status >= 300 && response.status < 400 && location) {
    const std::string target = redacted(*location, secrets, longest_text);
    error.message = concat({"a redirect is not followed: ", excerpt(target, 1024)});
  }
  if (error.message.empty()) {
    error.message = describe_non_json(response, json, secrets);
    const std::string start = excerpt(error.body, 200);
    if (json.is_truncated && !start.empty()) error.message += ": ";
    if (json.is_truncated || error.message.empty()) error.message += start;
  }
  if (error.message.empty()) error.message = "the response has no error message";
  error.message = excerpt(error.message, longest_text);
  return error;
}

/// Returns the error for an unusable 2xx response. problem: follows "the response is".
inline Error decode_error(const HttpResponse& response, const std::string& problem,
                          const Secrets& secrets) {
  const Tree json = parse_tree(response.body);
  std::string message = describe_non_json(response, json, secrets), shown;
  if (message.empty()) message = concat({"the response is ", problem});
  Error error = unusable_response({message});
  add_masked(shown, json.root);
  error.body = redacted(shown, secrets, longest_text);
  return error;
}

inline bool may_be_empty(const Operation& operation) {
  return operation.promises.is_given() ? operation.promises.empty()
                                       : operation.response.table().fields.empty();
}

/// Returns which promise of its operation a response breaks, following "the response is"; or empty.
inline std::string promise_problem(const Operation& operation, const void* value,
                                   const Decoder& decoder, std::optional<JsonKind> data_kind) {
  const Type& type = operation.response;
  const auto& fields = type.table().fields;
  if (may_be_empty(operation)) return {};
  const Field* const list = flat_field(type);
  const bool is_list = list && list->type->kind == Kind::list &&
                       (list->name == "data" || data_kind == JsonKind::array);
  const std::string* const id = text_at(type, value, "id");
  std::string_view missing;
  if (operation.promises.is_given()) {
    for (const auto promise : operation.promises) {
      const std::string* const text = text_at(type, value, promise);
      if (missing.empty() && text && is_missing(*text)) missing = promise;
    }
  } else if (is_list && !decoder.has_list()) {
    missing = "the list";
  } else if (id && is_missing(*id)) {
    missing = "id";
  } else if (!is_list && !id && !decoder.has_known_member() && !decoder.has_list()) {
    missing = "all expected fields";
  }
  if (!missing.empty()) {
    if (!data_kind) return concat({"missing ", missing, ": it has no data"});
    const bool has_vowel = *data_kind >= JsonKind::array;  // array, object
    const std::string_view article = *data_kind == JsonKind::null ? "" : has_vowel ? "an " : "a ";
    return concat({"missing ", missing, ": data is ", article, to_string(*data_kind)});
  }
  if (!is_list || operation.page > 1 || list->type->at(member(value, *list), 0)) return {};
  for (const Field& field : fields) {
    if (field.type != &type_of<Paging>()) continue;
    const auto& paging = *static_cast<const Paging*>(member(value, field));
    const std::int64_t total = paging.total_count.value_or(0);
    if (total > 0 && (operation.page == 1 || paging.start_offset.value_or(0) <= 1)) {
      return concat({"an empty page of ", std::to_string(total), " items"});
    }
  }
  return {};
}

inline bool is_empty_json(const RawJson& value) {
  std::string text;
  for (const char c : value.text()) {
    if (" ,:[]{}\""sv.find(c) == std::string_view::npos) text += c;
  }
  return is_any_of(text, {"", "null", "none", "false", "no", "0"});
}

/// Decodes a 2xx response. Returns an empty text if it is a success, otherwise what is wrong with
/// it; nullopt if the response itself reports a failure. unread: may be null.
inline std::optional<std::string> decode_2xx(const Operation& operation, const std::string& body,
                                             void* value, std::vector<std::string>* unread) {
  if (unread) unread->clear();
  Envelope envelope;
  Decoder decoder(type_of<Envelope>(), &envelope);
  decoder.set_data(operation.response, value);
  decoder.list_unread(unread);
  std::string problem = decoder.parse(body);
  if (!problem.empty()) {
    const std::string repaired = repaired_json(body);
    if (repaired == body) return problem;
    return decode_2xx(operation, repaired, value, unread);
  }
  const auto kind = decoder.data_kind();
  const bool has_data = decoder.has_known_member();
  const bool has_error = !is_empty_json(envelope.error) || !is_empty_json(envelope.errors);
  if (envelope.success == false || (has_error && !has_data)) return {};
  if (kind) return promise_problem(operation, value, decoder, kind);

  Decoder bare(operation.response, value);  // the whole response is the data
  if (unread) unread->clear();
  bare.list_unread(unread);
  bare.parse(body);
  return promise_problem(operation, value, bare, kind);
}

REALTIMEKIT_INLINE void from_http(const Operation& operation, HttpResponse response, void* value,
                                  Outcome& outcome, std::string_view token,
                                  const void* parameters) {
  outcome.response = std::move(response);
  const HttpResponse& raw = outcome.response;
  const bool is_success = raw.status >= 200 && raw.status < 300;
  const bool is_empty = raw.body.find_first_not_of(" \t\r\n") == raw.body.npos;
  std::optional<std::string> problem;
  if (is_success && is_empty && may_be_empty(operation)) problem = "";
  if (is_success && !problem) problem = decode_2xx(operation, raw.body, value, nullptr);

  outcome.ok = problem && problem->empty();
  if (outcome.ok) return;
  const Secrets secrets = secrets_of(operation, parameters, token);
  outcome.error = problem ? decode_error(raw, *problem, secrets) : api_error(raw, secrets);
  outcome.error.status = raw.status;
  const std::string* ray = find_header(raw.headers, "cf-ray");
  if (ray) outcome.error.request_id = excerpt(redacted(*ray, secrets, longest_text), 64);
}

/// Stores the error of a transport in the outcome, with secrets masked and long texts truncated.
REALTIMEKIT_INLINE void from_failure(const Operation& operation, Error error, Outcome& outcome,
                                     std::string_view token, const void* parameters) {
  const Secrets secrets = secrets_of(operation, parameters, token);
  const auto mask = [&](std::string& text) { text = redacted(text, secrets, longest_text); };
  mask(error.message);
  error.message = excerpt(error.message, longest_text);
  mask(error.body);
  mask(error.request_id);
  for (ApiMessage& message : error.errors) mask(message.message);
  outcome.response = {};
  outcome.error = std::move(error);
}

REALTIMEKIT_INLINE std::vector<std::string> unread(const Operation& operation,
                                                   const HttpResponse& response, void* value) {
  std::vector<std::string> paths;
  decode_2xx(operation, response.body, value, &paths);
  return paths;
}

// >>retries ---------------------------------------------------------------------------------------

inline bool is_temporary_failure(int status) {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504) ||
         (status >= 520 && status <= 524);
}

}  // namespace detail

REALTIMEKIT_INLINE std::optional<std::chrono::milliseconds> retry_delay(
    const RetryPolicy& policy, bool idempotent, const Error& error, int attempt, double random01) {
  using std::chrono::milliseconds;
  if (error.permanent || attempt >= policy.max_attempts) return {};
  const bool lost = error.kind == ErrorKind::transport || error.kind == ErrorKind::timeout;
  const bool failed = error.kind == ErrorKind::api && detail::is_temporary_failure(error.status);
  const bool repeatable = idempotent ? lost || failed
                                     : (lost && error.delivery == Delivery::not_sent) ||
                                           (failed && error.status == 429);
  if (!repeatable) return {};
  if (error.retry_after && error.retry_after->count() >= 0) {
    if (*error.retry_after > std::chrono::floor<std::chrono::seconds>(policy.max_retry_after)) {
      return {};
    }
    return std::chrono::duration_cast<milliseconds>(*error.retry_after);
  }
  milliseconds delay = (std::max)((std::min)(policy.base, policy.cap), milliseconds(0));
  for (int i = 1; i < attempt && delay.count() > 0 && delay < policy.cap; ++i) {
    delay = delay > policy.cap / 2 ? policy.cap : delay * 2;
  }
  const double share = random01 > 0 ? (std::min)(random01, 1.0) : 0.0;  // also for NaN
  const double jitter = static_cast<double>(delay.count()) * 0.25 * share;
  return delay - milliseconds(static_cast<milliseconds::rep>(jitter));
}

namespace detail {

/// Returns a number from 0 to 1, random enough that clients do not all retry at the same time.
REALTIMEKIT_INLINE double random01() {
  static std::atomic<std::uint64_t> calls{0};
  std::uint64_t x =
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  x = (x + ++calls) * 0x9E3779B97F4A7C15u;  // splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  return static_cast<double>((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

struct SharedConfig final : Shared::Object {
  explicit SharedConfig(const Config& given) : config(given), problem(config_problem(config)) {}
  const Config config;
  const std::string problem;  // empty: valid
};

inline Error moved_from() { return invalid_request({"the client has been moved from"}); }

REALTIMEKIT_INLINE Shared share(const Config& config) { return Shared{new SharedConfig(config)}; }

REALTIMEKIT_INLINE void make_call(const Shared& shared_config, const CallOptions& options,
                                  TransportRef transport, const Operation& operation,
                                  const void* parameters, void* value, Outcome& outcome) {
  using namespace std::chrono;
  const auto begin = steady_clock::now();
  const auto fail = [&](Error error) { outcome.error = std::move(error); };
  if (!shared_config.get()) return fail(moved_from());
  const auto& client = *static_cast<const SharedConfig*>(shared_config.get());
  const Config& config = client.config;
  if (!client.problem.empty()) return fail(invalid_request({"Config: ", client.problem}));
  auto request = make_request(config, operation, parameters);
  if (!request) return fail(std::move(request).error());
  struct Wiper {
    HttpRequest& request;
    ~Wiper() { wipe(request); }
  };
  const Wiper wiper{*request};
  request->cancel = options.cancel;
  const auto total = options.total_timeout.value_or(config.total_timeout);
  if (total.count() <= 0) {
    return fail(invalid_request({"CallOptions: total_timeout must be more than 0"}));
  }
  Attempts attempts(config, *request, total, begin);
  if (options.cancel.canceled()) {
    return fail(
        failure(ErrorKind::canceled, Delivery::not_sent, {"canceled before the request was sent"}));
  }
  for (;;) {
    request->timeout = attempts.timeout();
    auto received = transport.call(transport.transport, *request);
    const std::string_view token = config.api_token.reveal();
    if (received) {
      from_http(operation, *std::move(received), value, outcome, token, parameters);
    } else {
      from_failure(operation, std::move(received).error(), outcome, token, parameters);
    }
    const auto delay = Access::next(attempts, outcome, random01());
    if (!delay) return;
    if (options.cancel.wait_for(*delay)) {
      Error& error = outcome.error;
      error.kind = ErrorKind::canceled;
      error.message = concat({"canceled while waiting to retry after: ", error.message});
      return;
    }
  }
}

}  // namespace detail

REALTIMEKIT_INLINE Attempts::Attempts(const Config& config, const HttpRequest& request,
                                      std::optional<std::chrono::milliseconds> total_timeout,
                                      Clock::time_point begin)
    : policy_(config.retry),
      timeout_(config.timeout),
      total_timeout_(total_timeout.value_or(config.total_timeout)),
      deadline_(begin + detail::clamped(total_timeout_)),
      is_idempotent_(request.idempotent),
      is_deletion_(request.method == Method::del) {}

REALTIMEKIT_INLINE std::chrono::milliseconds Attempts::timeout(Clock::time_point now) {
  using std::chrono::milliseconds;
  const auto left = (std::max)(std::chrono::ceil<milliseconds>(deadline_ - now), milliseconds(1));
  is_cut_ = left < timeout_;
  return is_cut_ ? left : timeout_;
}

REALTIMEKIT_INLINE std::optional<std::chrono::milliseconds> Attempts::next(detail::Outcome& outcome,
                                                                           Clock::time_point now,
                                                                           double random01) {
  using std::chrono::milliseconds;
  Error& error = outcome.error;
  ++attempts_;
  const bool is_gone = error.kind == ErrorKind::api && (error.status == 404 || error.status == 410);
  if (is_deletion_ && is_gone && may_have_acted_) outcome.ok = true;  // an earlier one deleted it
  if (outcome.ok) error = Error{};
  error.attempts = attempts_;
  if (outcome.ok) return {};
  if (may_have_acted_ && error.delivery == Delivery::not_sent) error.delivery = Delivery::unknown;
  if (error.delivery != Delivery::not_sent && error.status != 429) may_have_acted_ = true;
  if (error.kind == ErrorKind::timeout && is_cut_ && now >= deadline_) {
    detail::append(error.message, {" (the rest of total_timeout, ",
                                   std::to_string(total_timeout_.count()), " ms)"});
  }
  const auto delay = retry_delay(policy_, is_idempotent_, error, attempts_, random01);
  if (!delay || *delay >= std::chrono::ceil<milliseconds>(deadline_ - now)) return {};
  return delay;
}

namespace detail {

// >>pages -----------------------------------------------------------------------------------------

REALTIMEKIT_INLINE PageCount::Verdict PageCount::add(const Type& item, const void* first,
                                                     std::size_t count, const Paging& paging) {
  if (count == 0) return Verdict::last;
  const std::string* const id = id_of(item, first);
  std::string begin = id && !id->empty() ? *id : print(item, first);
  if (std::find(firsts_.begin(), firsts_.end(), begin) != firsts_.end()) return Verdict::repeated;
  firsts_.push_back(std::move(begin));
  items_ += static_cast<std::int64_t>(count);
  const std::int64_t total = paging.total_count.value_or(0);
  const bool is_end = total > 0 && (std::max)(items_, paging.end_offset.value_or(0)) >= total;
  return is_end ? Verdict::last : Verdict::more;
}

REALTIMEKIT_INLINE Error repeated_page(std::int64_t page_no) {
  return unusable_response({"page ", std::to_string(page_no),
                            " of the list begins with the same item as an earlier page"});
}

REALTIMEKIT_INLINE Error too_many_pages(int max_pages) {
  return unusable_response(
      {"the list has more than ", std::to_string(max_pages), " pages (CallOptions::max_pages)"});
}

REALTIMEKIT_INLINE Deadline::Deadline(const CallOptions& options)
    : options_(options), begin_(std::chrono::steady_clock::now()) {}

REALTIMEKIT_INLINE Result<CallOptions> Deadline::left() const {
  using namespace std::chrono;
  const auto total = options_.total_timeout;
  if (!total || total->count() <= 0) return options_;  // 0 or less: rejected by make_call()
  CallOptions options = options_;
  const auto spent = duration_cast<milliseconds>(steady_clock::now() - begin_);
  options.total_timeout = *total - spent;
  if (options.total_timeout->count() > 0) return options;
  return failure(
      ErrorKind::timeout, Delivery::not_sent,
      {"total_timeout, ", std::to_string(total->count()), " ms, expired before the next request"});
}

// >>reuse -----------------------------------------------------------------------------------------

REALTIMEKIT_INLINE bool may_have_acted(const Error& error) {
  const bool is_refusal =
      error.kind == ErrorKind::api && error.status < 500 && !is_temporary_failure(error.status);
  return error.delivery != Delivery::not_sent && !is_refusal;
}

REALTIMEKIT_INLINE bool is_independent(const Livestream& livestream) {
  const std::string meeting = livestream.meeting_id.value_or("");
  return meeting.find_first_not_of(" -0") == meeting.npos ||  // also of a UUID
         is_any_of(trimmed(meeting, " "),  // the server sends some of these instead of null
                   {"null", "none", "undefined", "nil", "false"});
}

REALTIMEKIT_INLINE Error item_without_id() {
  return unusable_response({"a livestream in the list has no id"});
}

REALTIMEKIT_INLINE Error empty_name() { return invalid_request({"name is empty"}); }

REALTIMEKIT_INLINE Error not_unique(const std::string& name, const std::vector<Livestream>& found) {
  std::string message =
      concat({std::to_string(found.size()), " livestreams have the name ", name, ":"});
  for (const Livestream& livestream : found) append(message, {" ", livestream.id});
  return invalid_request({excerpt(message, longest_text)});
}

// >>publishing ------------------------------------------------------------------------------------

/// Returns why nothing can be published to a livestream, or null.
inline const char* publishing_problem(const Livestream& livestream) {
  if (trimmed(livestream.ingest_server, "/").empty()) return "Livestream: ingest_server is empty";
  return livestream.stream_key.empty() ? "Livestream: stream_key is empty" : nullptr;
}

/// Returns ingest_server with exactly one '/' at its end.
inline std::string server_with_slash(const Livestream& livestream) {
  const std::string& server = livestream.ingest_server;
  return server.substr(0, server.find_last_not_of('/') + 1) + '/';
}

}  // namespace detail

namespace livestreams {

REALTIMEKIT_INLINE Result<Secret> publish_url(const Livestream& livestream) {
  if (const char* problem = detail::publishing_problem(livestream)) {
    return detail::invalid_request({problem});
  }
  return Secret(detail::server_with_slash(livestream) + livestream.stream_key.reveal());
}

REALTIMEKIT_INLINE Result<std::string> obs_service_json(const Livestream& livestream) {
  if (const char* problem = detail::publishing_problem(livestream)) {
    return detail::invalid_request({problem});
  }
  if (!detail::is_utf8(livestream.ingest_server) ||
      !detail::is_utf8(livestream.stream_key.reveal())) {
    return detail::invalid_request(
        {"Livestream: ingest_server or stream_key is not valid UTF-8, which JSON requires"});
  }
  return detail::concat({R"({"type":"rtmp_custom","settings":{"server":)",
                         detail::quote(livestream.ingest_server), R"(,"key":)",
                         detail::quote(livestream.stream_key.reveal()),
                         R"(,"use_auth":false,"bwtest":false}})"});
}

REALTIMEKIT_INLINE Result<std::vector<std::string>> ffmpeg_arguments(const Livestream& livestream,
                                                                     std::string_view input) {
  if (const char* problem = detail::publishing_problem(livestream)) {
    return detail::invalid_request({problem});
  }
  const std::string& key = livestream.stream_key.reveal();
  if (key.find('\0') != key.npos) {
    return detail::invalid_request({"Livestream: stream_key contains a null byte"});
  }
  std::vector<std::string> arguments{"-hide_banner", "-nostdin"};
  const auto add = [&](std::initializer_list<std::string_view> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
  };
  for (const std::string_view scheme : {"file://", "file:"}) {
    if (input.substr(0, scheme.size()) == scheme) input.remove_prefix(scheme.size());
  }
  const bool is_url = input.find("://") != input.npos;
  constexpr std::string_view camera = "/dev/video";
  const bool is_camera = input.substr(0, camera.size()) == camera &&
                         detail::parse_number(input.substr(camera.size()), 1000);
  std::string_view sound = "0:a:0?";  // '?': if there is any
  if (input.empty()) {
    add({"-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30"});
    add({"-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"});
    sound = "1:a:0";
  } else if (is_camera) {
    add({"-f", "v4l2", "-i", input});
    add({"-f", "lavfi", "-i", "anullsrc=sample_rate=44100", "-shortest"});
    sound = "1:a:0";
  } else {
    // -re reads at playback speed: for files, not for live sources.
    if (!is_url || detail::equal_ignoring_case(input.substr(0, 4), "http")) add({"-re"});
    add({"-i", is_url || input == "-" ? std::string(input) : detail::concat({"file:", input})});
  }
  add({"-map", "0:v:0", "-map", sound});
  add({"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"});  // yuv420p: even sizes only
  add({"-c:v", "libx264", "-preset", "veryfast", "-x264-params", "nal-hrd=cbr"});
  add({"-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "4M"});
  add({"-force_key_frames", "expr:gte(t,n_forced*2)"});
  add({"-c:a", "aac", "-b:a", "128k", "-ar", "44100", "-ac", "2"});
  add({"-f", "fifo", "-fifo_format", "flv", "-queue_size", "600", "-drop_pkts_on_overflow", "1"});
  add({"-attempt_recovery", "1", "-recovery_wait_time", "1", "-max_recovery_attempts", "60"});
  add({"-flags", "+global_header"});  // flv needs it, but fifo does not request it
  add({"-restart_with_keyframe", "1", "-format_opts"});
  // Not in the URL, where ffmpeg would change a key with '/', ".flv" or ".mp4".
  std::string options = "rw_timeout=10000000:rtmp_playpath=";  // 10 s
  for (const char c : key) options += {'\\', c};
  add({options, detail::server_with_slash(livestream)});
  return arguments;
}

}  // namespace livestreams

// >>polling ---------------------------------------------------------------------------------------

namespace detail {

REALTIMEKIT_INLINE std::optional<Pace::Time> Pace::take_turn(const void* waiter, Time now) {
  auto place = std::find(queue_.begin(), queue_.end(), waiter);
  if (place == queue_.end()) place = queue_.insert(place, waiter);
  const Time next = (std::max)(next_, now);
  const Time turn = next + (place - queue_.begin() + 1 - burst) * spacing;
  if (turn > now) return turn;
  next_ = next + spacing;
  queue_.erase(place);
  return {};
}

REALTIMEKIT_INLINE void Pace::leave(const void* waiter) {
  queue_.erase(std::remove(queue_.begin(), queue_.end(), waiter), queue_.end());
}

/// A call of wait_until_live() or wait_until_idle().
class StatusWait {
 public:
  using milliseconds = std::chrono::milliseconds;

  StatusWait(Goal goal, const Config& config, TransportRef transport, const std::string& id,
             const livestreams::WaitOptions& options)
      : goal_(goal),
        token_(config.api_token),
        client_(config, Forward{transport}),
        id_(id),
        options_(options) {
    policy_.max_attempts = (std::numeric_limits<int>::max)();
    policy_.base = options.first_delay;
    policy_.cap = (std::max)(options.first_delay, policy_.cap);
  }
  StatusWait(const StatusWait&) = delete;
  StatusWait& operator=(const StatusWait&) = delete;
  ~StatusWait() {
    const std::lock_guard<std::mutex> lock(shared().mutex);
    shared().pace.leave(this);
  }

  int attempts() const { return attempts_; }

  Result<Livestream> run(ProgressRef progress) {
    for (int polls = 1; wait_for_turn(); ++polls) {
      auto details = send(livestreams::Get{id_, {}, {}});
      Error error;  // default-constructed: one that retry_delay() retries
      if (details) {
        const Livestream& livestream = details->livestream;
        progress.call(progress.function, livestream);
        if (is_reached(livestream)) return std::move(details->livestream);
        if (auto problem = problem_of(*details)) return *std::move(problem);
      } else {
        error = std::move(details).error();
        problem_ = error.message;
      }
      if (left().count() <= 0) break;
      policy_.max_retry_after = left();
      if (error.retry_after == std::chrono::seconds(0)) error.retry_after.reset();  // own delay
      const auto delay = retry_delay(policy_, true, error, polls, random01());
      if (!delay) return error;
      // Near the deadline, polls more often, so that the last status is recent.
      const auto last = (std::min)(left(), (std::max)(left() / 2, milliseconds(1000)));
      options_.cancel.wait_for(error.retry_after ? *delay : (std::min)(*delay, last));
    }
    return timed_out();
  }

 private:
  struct Forward {
    TransportRef to;
    Result<HttpResponse> operator()(const HttpRequest& request) const {
      return to.call(to.transport, request);
    }
  };
  struct State {
    std::mutex mutex;
    Pace pace;
  };
  /// Returns the state that all waits of the process share.
  static State& shared() {
    static State state;
    return state;
  }

  milliseconds left() const {
    return std::chrono::ceil<milliseconds>(deadline_ - Pace::Time::clock::now());
  }

  /// Waits until a request may be sent or the wait is canceled. Returns false at the deadline.
  bool wait_for_turn() {
    while (!options_.cancel.canceled() && left().count() > 0) {
      const auto now = Pace::Time::clock::now();
      std::unique_lock<std::mutex> lock(shared().mutex);
      const auto turn = shared().pace.take_turn(this, now);
      lock.unlock();
      if (!turn) break;
      // At most for a second, since its turn comes earlier when others leave the queue.
      options_.cancel.wait_for(
          (std::min)({std::chrono::ceil<milliseconds>(*turn - now), left(), milliseconds(1000)}));
    }
    return left().count() > 0;
  }
  template <class Op> Result<typename Op::Response> send(const Op& op) {
    CallOptions options;
    options.cancel = options_.cancel;
    options.total_timeout = (std::max)(left(), milliseconds(1));
    auto result = client_.send(op, options);
    attempts_ += result.error().attempts;
    return result;
  }

  /// Returns an error with a message on one line, without secrets.
  Error failed(ErrorKind kind, Delivery delivery, Parts parts) const {
    const std::string text =
        redacted(concat(parts), {token_.reveal(), key_.reveal()}, longest_text);
    return failure(kind, delivery, {excerpt(text, longest_text)});
  }

  bool is_reached(const Livestream& livestream) const {
    const LivestreamStatus& status = livestream.status;
    return goal_ == Goal::live
               ? status == LivestreamStatus::live
               : status == LivestreamStatus::idle || status == LivestreamStatus::offline;
  }

  /// Returns an error if the response shows that the goal will not be reached.
  std::optional<Error> problem_of(const LivestreamDetails& details) {
    const Livestream& livestream = details.livestream;
    status_ = livestream.status.text();
    key_ = livestream.stream_key;
    problem_.clear();
    if (goal_ == Goal::live && livestream.disabled) {
      return failed(ErrorKind::api, Delivery::answered,
                    {"livestream ", id_, " is disabled: publishing is refused"});
    }
    if (livestream.status != LivestreamStatus::errored) return {};
    const std::string reason = reason_of_failure(details);
    return failed(ErrorKind::api, Delivery::answered,
                  {"the broadcast of livestream ", id_,
                   " failed: ", reason.empty() ? "the server gave no reason" : reason});
  }

  /// Returns the err_message of the newest broadcast in a response. If it has none, requests that
  /// of the current broadcast.
  std::string reason_of_failure(const LivestreamDetails& details) {
    const LivestreamSession* newest = nullptr;
    for (const LivestreamSession& session : details.sessions) {
      if (!newest || session.created_at.time() > newest->created_at.time()) newest = &session;
    }
    std::string reason = newest ? newest->err_message.value_or("") : "";
    if (!reason.empty() || !wait_for_turn()) return reason;
    const auto active = send(livestreams::GetActiveSession{id_});
    return active ? active->session.err_message.value_or("") : "";
  }

  Error timed_out() const {
    return failed(
        ErrorKind::timeout, attempts_ > 0 ? Delivery::unknown : Delivery::not_sent,
        {"livestream ", id_, goal_ == Goal::live ? " is not LIVE" : " is neither IDLE nor OFFLINE",
         " after ", std::to_string(options_.timeout.count()), " ms; last status: ",
         status_.empty() ? "none" : status_, problem_.empty() ? "" : "; ", problem_});
  }

  const Goal goal_;
  const Secret token_;
  const BasicClient<Forward> client_;
  const std::string& id_;
  const livestreams::WaitOptions& options_;
  const Pace::Time deadline_ = Pace::Time::clock::now() + clamped(options_.timeout);
  RetryPolicy policy_;
  std::string status_;   // of the last response
  Secret key_;           // of the last response
  std::string problem_;  // of the last request, if it failed
  int attempts_ = 0;
};

REALTIMEKIT_INLINE Result<Livestream> wait(Goal goal, const Shared& config, TransportRef transport,
                                           const std::string& livestream_id,
                                           const livestreams::WaitOptions& options,
                                           ProgressRef progress) {
  if (!config.get()) return moved_from();
  if (options.timeout.count() <= 0 || options.first_delay.count() <= 0) {
    return invalid_request({"WaitOptions: timeout and first_delay must be more than 0"});
  }
  Config one_attempt = static_cast<const SharedConfig*>(config.get())->config;
  one_attempt.retry.max_attempts = 1;  // StatusWait retries
  StatusWait wait(goal, one_attempt, transport, livestream_id, options);
  auto result = wait.run(progress);
  Access::outcome(result).error.attempts = wait.attempts();
  return result;
}

}  // namespace detail
}  // namespace v0_2
}  // namespace realtimekit

// >>deliveries ------------------------------------------------------------------------------------

#if !defined(REALTIMEKIT_NO_HTTPLIB) && __has_include(<httplib.h>)
#include <httplib.h>  // before OpenSSL, some of whose names are macros in Windows' headers
#endif
#if __has_include(<openssl/decoder.h>)  // OpenSSL 3.0 or newer
#include <openssl/decoder.h>            // public keys
#include <openssl/err.h>                // errors of OpenSSL
#include <openssl/evp.h>                // signatures
#endif

namespace realtimekit {
inline namespace v0_2 {
namespace detail {

struct EventName {
  WebhookEvent event{};

  REALTIMEKIT_FIELDS(event)
};

/// An alternative of webhooks::Event.
struct EventKind {
  WebhookEvent::Value name;
  const Type& (*type)();
  void* (*make)(webhooks::Event& event);
};

template <class T> constexpr EventKind event_kind(WebhookEvent::Value name) {
  return {name, type_of<T>, [](webhooks::Event& event) -> void* { return &event.emplace<T>(); }};
}

inline constexpr EventKind event_kinds[] = {
    event_kind<webhooks::MeetingStarted>(WebhookEvent::meeting_started),
    event_kind<webhooks::MeetingEnded>(WebhookEvent::meeting_ended),
    event_kind<webhooks::MeetingParticipantJoined>(WebhookEvent::meeting_participant_joined),
    event_kind<webhooks::MeetingParticipantLeft>(WebhookEvent::meeting_participant_left),
    event_kind<webhooks::MeetingChatSynced>(WebhookEvent::meeting_chat_synced),
    event_kind<webhooks::MeetingTranscript>(WebhookEvent::meeting_transcript),
    event_kind<webhooks::MeetingSummary>(WebhookEvent::meeting_summary),
    event_kind<webhooks::RecordingStatusUpdate>(WebhookEvent::recording_status_update),
    event_kind<webhooks::LivestreamingStatusUpdate>(WebhookEvent::livestreaming_status_update),
};

}  // namespace detail

REALTIMEKIT_INLINE Result<webhooks::Event> webhooks::parse_event(const std::string& body) {
  using detail::unusable_response;
  detail::EventName name;
  detail::Decoder decoder(detail::type_of<detail::EventName>(), &name);
  const std::string problem = decoder.parse(body);
  if (!problem.empty()) {
    const std::string repaired = detail::repaired_json(body);
    if (repaired != body) return parse_event(repaired);
    return unusable_response({"the event is ", problem});
  }
  if (decoder.data_kind() != detail::JsonKind::object)
    return unusable_response({"the event is not a JSON object"});
  if (name.event.text().empty()) return unusable_response({"the event has no member \"event\""});

  Event event;
  const auto decode = [&](const detail::Type& type, void* value) -> Result<Event> {
    const std::string excess = detail::Decoder(type, value).parse(body);
    if (!excess.empty()) return unusable_response({"the event is ", excess});
    return std::move(event);
  };
  for (const auto& kind : detail::event_kinds) {
    if (name.event == kind.name) return decode(kind.type(), kind.make(event));
  }
  UnknownEvent& unknown = event.emplace<UnknownEvent>();
  unknown.event = std::move(name.event);
  return decode(detail::type_of<RawJson>(), &unknown.body);
}

#if __has_include(<openssl/decoder.h>)
namespace detail {

/// Removes the errors from OpenSSL's queue of the thread, and restores exactly those at the end.
/// Marks set by ERR_set_mark() are lost.
class OpenSslErrors {
 public:
  OpenSslErrors() {
    const char *file = nullptr, *function = nullptr, *data = nullptr;
    int line = 0, flags = 0;
    while (const unsigned long code = ERR_get_error_all(&file, &line, &function, &data, &flags)) {
      callers_.push_back({code, line, flags, file, function, data});
    }
  }
  OpenSslErrors(const OpenSslErrors&) = delete;
  OpenSslErrors& operator=(const OpenSslErrors&) = delete;
  ~OpenSslErrors() {
    ERR_clear_error();
    for (const Entry& entry : callers_) {
      ERR_new();
      ERR_set_debug(entry.file.c_str(), entry.line, entry.function.c_str());
      const bool has_text = (entry.flags & ERR_TXT_STRING) != 0;
      ERR_set_error(ERR_GET_LIB(entry.code), ERR_GET_REASON(entry.code), has_text ? "%s" : nullptr,
                    entry.data.c_str());
    }
  }

 private:
  struct Entry {
    unsigned long code;
    int line, flags;
    std::string file, function, data;
  };
  std::vector<Entry> callers_;
};

/// Fetches the server's public key from its well-known URL.
struct GetPublicKey {
  struct Response {
    std::string public_key{};

    REALTIMEKIT_FIELDS(public_key)
  };
  static constexpr auto route = Route{Method::get, "/.well-known/webhooks.json", Repeat::harmless};
  static constexpr std::string_view promises[] = {"public_key"};

  REALTIMEKIT_FIELDS()
};

using PublicKey = std::shared_ptr<EVP_PKEY>;

/// Reads an RSA public key in PEM. Returns null if it is invalid.
inline PublicKey read_key(std::string_view text) {
  std::string pem;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 4) == "\\r\\n") i += 2;
    const bool is_escaped = text.substr(i, 2) == "\\n";
    const char c = is_escaped ? '\n' : text[i];
    if (is_escaped) ++i;
    if (c != '\n' || (!pem.empty() && pem.back() != '\n')) pem += c;  // OpenSSL rejects empty lines
  }
  if (pem.find("-----BEGIN PUBLIC KEY-----") == pem.npos) return {};  // OpenSSL takes other labels
  EVP_PKEY* key = nullptr;
  const auto context = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", "SubjectPublicKeyInfo", "RSA",
                                                     EVP_PKEY_PUBLIC_KEY, nullptr, nullptr);
  const auto* data = reinterpret_cast<const unsigned char*>(pem.data());
  std::size_t size = pem.size();
  if (context) OSSL_DECODER_from_data(context, &data, &size);
  OSSL_DECODER_CTX_free(context);
  return PublicKey(key, EVP_PKEY_free);
}

/// Decodes base64. Returns empty if the text is invalid.
inline std::string from_base64(std::string_view text) {
  constexpr std::size_t longest = 16384;
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (text.size() > longest || padding > 2 || text.find('=') < text.size() - padding) return {};
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(&bytes[0]),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  bytes.resize(size < 3 ? 0 : static_cast<std::size_t>(size) - padding);
  return bytes;
}

inline bool is_signed(const PublicKey& key, std::string_view body, std::string_view signature) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(body),
                          body.size()) == 1;
}

/// Holds the public key of a Verifier and its copies.
class KeySource final : public Shared::Object {
 public:
  explicit KeySource(std::string_view pinned) : key_(read_key(pinned)) {
    if (!key_) failure_ = invalid_request({"the public key is not a valid RSA key in PEM"});
  }
  explicit KeySource(const OwnedTransport& transport) : transport_(transport) {}
  ~KeySource() override {
    if (transport_.destroy) transport_.destroy(transport_.transport);
  }

  /// Returns the key. rejected: a key that did not verify a delivery, for which a newer one may be
  /// fetched; or null.
  Result<PublicKey> key(const PublicKey& rejected) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto is_usable = [&] {
      return key_ && (!transport_.call || (key_ != rejected && Clock::now() < expiry_));
    };
    changed_.wait(lock, [&] { return !is_fetching_ || is_usable(); });
    if (is_usable()) return key_;
    const Clock::time_point now = Clock::now();
    if (transport_.call && now >= next_fetch_) {
      is_fetching_ = true;
      lock.unlock();
      auto fetched = fetch();
      lock.lock();
      is_fetching_ = false;
      changed_.notify_all();
      if (fetched) {
        failure_.reset();
        key_ = *std::move(fetched);
        expiry_ = now + std::chrono::hours(1);
      } else {
        failure_ = std::move(fetched).error();
      }
      if (failure_ || rejected) next_fetch_ = now + std::chrono::minutes(1);
    }
    if (failure_) return *failure_;
    return key_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  Result<PublicKey> fetch() const {
    HttpRequest request;
    request.url = concat({"https://api.realtime.cloudflare.com", GetPublicKey::route.path});
    request.headers = {{"Accept", "application/json"}, {"User-Agent", "realtimekit.hpp"}};
    request.timeout = std::chrono::seconds(10);
    request.max_response_bytes = 64u << 10;
    const auto failed = [](Error error) {
      error.message = concat({"the request for the public key: ", error.message});
      return error;
    };
    auto response = transport_.call(transport_.transport, request);
    if (!response) return failed(std::move(response).error());
    auto found = realtimekit::from_http<GetPublicKey>(*std::move(response));
    if (!found) return failed(std::move(found).error());
    auto key = read_key(found->public_key);
    if (key) return key;
    return failed(unusable_response({"the key is not a valid RSA key in PEM"}));
  }

  const OwnedTransport transport_{};  // null: the key is pinned
  std::mutex mutex_;                  // guards the members below; unlocked during a fetch
  std::condition_variable changed_;   // notified when a fetch has ended
  bool is_fetching_ = false;
  PublicKey key_;
  std::optional<Error> failure_;  // of the last fetch
  Clock::time_point expiry_{}, next_fetch_{};
};

/// Returns the value of a delivery's header, also under its former name; null if absent or empty.
inline const std::string* delivery_header(const Headers& headers, std::string_view name) {
  for (const std::string_view prefix : {"rtk-", "dyte-"}) {
    for (const auto& header : headers) {
      if (equal_ignoring_case(header.first, concat({prefix, name})) && !header.second.empty()) {
        return &header.second;
      }
    }
  }
  return nullptr;
}

/// Returns Verified::deduplication_key, or empty if OpenSSL fails.
inline std::string deduplication_key(const Headers& headers, std::string_view body) {
  const std::string* const id = delivery_header(headers, "webhook-id");
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!EVP_Digest(body.data(), body.size(), digest, &size, EVP_sha256(), nullptr)) return {};
  std::string key = concat({id ? std::string_view(*id) : "", ":"});
  for (unsigned i = 0; i < size; ++i) {
    constexpr char digits[] = "0123456789abcdef";
    key += {digits[digest[i] >> 4], digits[digest[i] & 15]};
  }
  return key;
}

}  // namespace detail

REALTIMEKIT_INLINE webhooks::Verifier::Verifier(std::string_view public_key) {
  const detail::OpenSslErrors errors;
  state_ = detail::Shared{new detail::KeySource(public_key)};
}

REALTIMEKIT_INLINE webhooks::Verifier::Verifier(const detail::OwnedTransport& transport)
    : state_(new detail::KeySource(transport)) {}

REALTIMEKIT_INLINE Result<webhooks::Verified>(webhooks::Verifier::verify)(
    const Headers& headers, std::string_view body) const {
  if (!state_.get()) return detail::invalid_request({"the verifier has been moved from"});
  auto& source = static_cast<detail::KeySource&>(*state_.get());
  const std::string* const header = detail::delivery_header(headers, "signature");
  if (!header) return detail::invalid_request({"the header rtk-signature is absent"});
  const detail::OpenSslErrors errors;
  const std::string signature = detail::from_base64(detail::trimmed(*header, " \t\r\n"));
  if (signature.empty()) return detail::invalid_request({"the header rtk-signature is not base64"});
  auto key = source.key(nullptr);
  if (!key) return std::move(key).error();
  if (!detail::is_signed(*key, body, signature)) {
    auto newer = source.key(*key);
    if (!newer) {
      Error error = std::move(newer).error();
      error.message =
          detail::concat({"the signature does not match the known key; ", error.message});
      return error;
    }
    if (*newer == *key || !detail::is_signed(*newer, body, signature)) {
      return detail::invalid_request({"the signature does not match the body and the key"});
    }
  }
  Verified verified{detail::deduplication_key(headers, body)};
  if (verified.deduplication_key.empty())
    return detail::invalid_request({"OpenSSL has no SHA-256"});
  return verified;
}
#else  // without OpenSSL
REALTIMEKIT_INLINE webhooks::Verifier::Verifier(std::string_view) {}
REALTIMEKIT_INLINE webhooks::Verifier::Verifier(const detail::OwnedTransport& transport) {
  transport.destroy(transport.transport);
}
REALTIMEKIT_INLINE Result<webhooks::Verified>(webhooks::Verifier::verify)(const Headers&,
                                                                          std::string_view) const {
  return detail::invalid_request({"signatures cannot be verified: compiled without OpenSSL 3.0"});
}
#endif

}  // namespace v0_2
}  // namespace realtimekit

#ifndef REALTIMEKIT_NO_HTTPLIB
// >>httplib ---------------------------------------------------------------------------------------
//
// A call runs on the caller's thread. From the bottom up: Limits (how a call waits), connect(),
// Channel (TCP and TLS), Connection (HTTP), ConnectionPool, HttplibTransport. OpenSSL implements
// TLS. cpp-httplib writes requests and decodes content codings; a Connection is its Stream.

#if !__has_include(<httplib.h>)
#error \
    "realtimekit: no httplib.h. Install cpp-httplib, or define REALTIMEKIT_NO_HTTPLIB (see MACROS)"
#elif !__has_include(<openssl/ssl.h>)
#error "realtimekit: no openssl/ssl.h: install the headers of OpenSSL (Debian: libssl-dev)"
#endif
#include <httplib.h>  // HTTP; system sockets
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
// Class layouts of httplib.h depend on this macro: if files differ in it, the program may crash.
#error \
    "realtimekit: define CPPHTTPLIB_OPENSSL_SUPPORT in EVERY file: pkg-config --cflags cpp-httplib"
#endif
#include <openssl/err.h>     // TLS errors
#include <openssl/ssl.h>     // TLS
#include <openssl/x509v3.h>  // host name checks, certificate store
#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "realtimekit: HttplibTransport needs OpenSSL 3.0 or newer"
#endif

#ifdef _WIN32
#include <process.h>   // _beginthreadex
#include <wincrypt.h>  // system certificates
#else
#include <fcntl.h>    // O_CLOEXEC
#include <netdb.h>    // getaddrinfo
#include <poll.h>     // poll
#include <pthread.h>  // thread for DNS lookup
#include <signal.h>   // signal mask
#include <time.h>     // clock_gettime
#include <unistd.h>   // pipe, close, getpid
#endif
#include <cerrno>        // errno
#include <set>           // failed addresses
#include <system_error>  // system error messages

namespace realtimekit {
inline namespace v0_2 {
namespace detail {

// ---- Sockets: differences between systems

inline std::string error_text(int error) { return std::system_category().message(error); }

#ifdef _WIN32
using PollEntry = WSAPOLLFD;
using IoSize = int;
constexpr int no_signal = 0;
// select(), since WSAPoll() does not report a refused connection before Windows 10 2004. Windows'
// select() accepts any socket number.
inline int poll_sockets(PollEntry* entries, std::size_t count, int milliseconds) {
  fd_set readable{}, writable{}, failed{};
  for (std::size_t i = 0; i < count; ++i) {
    if (entries[i].events & POLLIN) FD_SET(entries[i].fd, &readable);
    if (entries[i].events & POLLOUT) FD_SET(entries[i].fd, &writable);
    if (entries[i].events & POLLOUT) FD_SET(entries[i].fd, &failed);
  }
  timeval time{milliseconds / 1000, milliseconds % 1000 * 1000};
  const int ready = ::select(0, &readable, &writable, &failed, &time);
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_ready = FD_ISSET(entries[i].fd, &readable) ||
                          FD_ISSET(entries[i].fd, &writable) || FD_ISSET(entries[i].fd, &failed);
    entries[i].revents = ready > 0 && is_ready ? entries[i].events : short{0};
  }
  return ready;
}
inline void close_socket(socket_t socket) { ::closesocket(socket); }
inline int socket_error() { return ::WSAGetLastError(); }
inline bool is_temporary(int error) { return error == WSAEWOULDBLOCK || error == WSAEINTR; }
inline bool is_in_progress(int error) { return error == WSAEWOULDBLOCK; }
inline int process_id() { return 0; }  // no fork() on Windows
inline std::string lookup_error(int error) { return ::gai_strerrorA(error); }
#else
using PollEntry = pollfd;
using IoSize = std::size_t;
#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // SO_NOSIGPIPE is used instead
#endif
inline int poll_sockets(PollEntry* entries, std::size_t count, int milliseconds) {
  return ::poll(entries, static_cast<nfds_t>(count), milliseconds);
}
inline void close_socket(socket_t socket) { ::close(socket); }
inline int socket_error() { return errno; }
inline bool is_temporary(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}
inline bool is_in_progress(int error) { return error == EINPROGRESS || error == EINTR; }
inline pid_t process_id() { return ::getpid(); }
inline std::string lookup_error(int error) {
  return error == EAI_SYSTEM ? error_text(errno) : ::gai_strerror(error);
}
#endif

/// Owns a socket or an end of a pipe.
class Handle {
 public:
  Handle() = default;
  explicit Handle(socket_t handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, INVALID_SOCKET)) {}
  Handle& operator=(Handle&& other) noexcept { return std::swap(handle_, other.handle_), *this; }
  ~Handle() {
    if (handle_ != INVALID_SOCKET) close_socket(handle_);
  }
  explicit operator bool() const { return handle_ != INVALID_SOCKET; }
  socket_t get() const { return handle_; }
  int number() const { return static_cast<int>(handle_); }  // for OpenSSL

 private:
  socket_t handle_ = INVALID_SOCKET;
};

/// Returns a TCP socket that never blocks, is not inherited by programs, and raises no SIGPIPE.
inline Handle new_socket(int family) {
#ifdef _WIN32
  Handle socket(::WSASocketW(family, SOCK_STREAM, 0, nullptr, 0,
                             WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
#elif defined(SOCK_CLOEXEC)
  Handle socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
#else
  Handle socket(::socket(family, SOCK_STREAM, 0));
  const int on = 1;
  if (!socket) return socket;  // the error number is that of socket()
  ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  if (socket) BIO_socket_nbio(socket.number(), 1);
  if (socket) BIO_set_tcp_ndelay(socket.number(), 1);
  return socket;
}

/// Interrupts a wait from another thread: wake() makes a socket readable.
class Wakeup {
 public:
  Wakeup() {
#ifdef _WIN32  // a UDP socket connected to itself, since select() takes no pipes
    Handle socket(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&self);
    int size = sizeof self;
    const bool is_connected = socket && ::bind(socket.get(), address, size) == 0 &&
                              ::getsockname(socket.get(), address, &size) == 0 &&
                              ::connect(socket.get(), address, size) == 0;
    if (is_connected) reader_ = std::move(socket);
#else
    int ends[2];
#ifdef __APPLE__
    if (::pipe(ends) != 0) return;
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#else
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
#endif
    reader_ = Handle(ends[0]);
    writer_ = Handle(ends[1]);
#endif
  }
  bool is_open() const { return bool(reader_); }
  socket_t socket() const { return reader_.get(); }
  void wake() const {
#ifdef _WIN32
    ::send(reader_.get(), "", 1, 0);
#else
    (void)!::write(writer_.get(), "", 1);
#endif
  }

 private:
  Handle reader_, writer_;
};

/// The limits of one call: its deadline and its CancelToken. A call waits only in wait().
class Limits final : private CancelHook {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  static constexpr TimePoint never = (TimePoint::max)();

  explicit Limits(const HttpRequest& request)
      : timeout_(clamped(request.timeout)),
        deadline_(Clock::now() + timeout_),
        token_(request.cancel) {
    if (!CancelState::of(token_)) return;
    wakeup_.emplace();
    attach(token_, true);
  }
  ~Limits() { detach(); }

  /// Returns false if the token needs a pipe and none could be opened.
  bool can_wait() const { return !wakeup_ || wakeup_->is_open(); }
  bool are_reached() const { return token_.canceled() || Clock::now() >= deadline_; }

  enum class Wait { ready, over, failed };
  /// Waits until a socket is ready. over: a limit or `until` was reached first. The array must have
  /// room for one more entry.
  Wait wait(PollEntry* sockets, std::size_t count, TimePoint until) const {
    if (wakeup_) sockets[count] = {wakeup_->socket(), POLLIN, 0};
    until = (std::min)(until, deadline_);
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (left.count() <= 0 || token_.canceled()) return Wait::over;
      constexpr std::chrono::milliseconds longest = std::chrono::hours(1);  // fits an int
      const auto time = static_cast<int>((std::min)(left, longest).count());
      const int ready = poll_sockets(sockets, count + (wakeup_ ? 1 : 0), time);
      if (ready > 0) return token_.canceled() ? Wait::over : Wait::ready;
      if (ready < 0 && !is_temporary(socket_error())) return Wait::failed;
    }
  }

  /// Returns the error of a call that has reached a limit. step: the step that took too long.
  Error error(Delivery delivery, Parts step) const {
    if (token_.canceled()) return failure(ErrorKind::canceled, delivery, {"canceled"});
    return timeout(delivery, concat(step), timeout_);
  }
  static Error timeout(Delivery delivery, const std::string& step,
                       std::chrono::milliseconds limit) {
    return failure(ErrorKind::timeout, delivery,
                   {step, " took longer than ", std::to_string(limit.count()), " ms"});
  }

 private:
  void run() override { wakeup_->wake(); }

  const std::chrono::milliseconds timeout_;
  const TimePoint deadline_;
  const CancelToken token_;
  std::optional<Wakeup> wakeup_;  // absent: the call cannot be canceled
};

inline Error not_sent(Parts message) {
  return failure(ErrorKind::transport, Delivery::not_sent, message);
}

// ---- Addresses

struct Address {
  int family = 0;
  std::string bytes{};      // of a sockaddr
  bool has_failed = false;  // the last attempt to connect failed
  std::size_t turn = 0;     // sort key: the order of attempts
};

/// A DNS lookup. The addresses are in the order of getaddrinfo().
struct Lookup {
  /// running: shared by the lookups of a transport that have not ended, to count them.
  Lookup(const std::string& name, int number, std::shared_ptr<void> running)
      : host(name), port(std::to_string(number)), share(std::move(running)) {}

  void run() {
    addrinfo hints{}, *first = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (is_address ? AI_NUMERICHOST : 0);
    const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &first);
    if (error != 0) problem = lookup_error(error);
    for (const addrinfo* item = first; item; item = item->ai_next) {
      const auto* const bytes = reinterpret_cast<const char*>(item->ai_addr);
      addresses.push_back({item->ai_family, std::string(bytes, std::size_t{item->ai_addrlen})});
    }
    if (first) ::freeaddrinfo(first);
    is_done = true;
    done.wake();
  }

  const std::string host, port;
  const bool is_address = !ip_bytes(host).empty();
  const std::shared_ptr<void> share;
  std::string problem;
  std::vector<Address> addresses;
  std::atomic<bool> is_done{false};
  Wakeup done;
  std::shared_ptr<Lookup> self;  // keeps it alive until its thread has begun
};

inline void run_lookup(void* lookup) {
  const auto owned = std::move(static_cast<Lookup*>(lookup)->self);
  owned->run();
}

/// Runs a lookup on a detached thread. Returns false if no thread can be started. The thread has a
/// small stack, since some programs lock all memory, or one of the default size if a program's
/// thread_local variables do not fit into that.
inline bool start(const std::shared_ptr<Lookup>& lookup) {
  constexpr unsigned stack_size = 512u << 10;
  lookup->self = lookup;
#ifdef _WIN32
  unsigned(__stdcall* const run)(void*) = [](void* work) { return run_lookup(work), 0u; };
  const auto thread = ::_beginthreadex(nullptr, stack_size, run, lookup.get(),
                                       STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  const bool is_started = thread != 0;
  if (is_started) ::CloseHandle(reinterpret_cast<HANDLE>(thread));
#else
  void* (*const run)(void*) = [](void* work) -> void* { return run_lookup(work), nullptr; };
  sigset_t all, before;  // a thread inherits the signal mask
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_size);
  pthread_t thread;
  const bool is_started = ::pthread_create(&thread, &attributes, run, lookup.get()) == 0 ||
                          ::pthread_create(&thread, nullptr, run, lookup.get()) == 0;
  if (is_started) ::pthread_detach(thread);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
  if (!is_started) lookup->self.reset();
  return is_started;
}

/// Resolves a host. getaddrinfo() has no timeout and cannot be interrupted, so it runs on its own
/// thread, unless the host is an address. running: see Lookup.
inline Result<std::vector<Address>> look_up(const std::string& host, int port, const Limits& limits,
                                            const std::shared_ptr<void>& running) {
  constexpr int max_lookups = 64;
  const auto lookup = std::make_shared<Lookup>(host, port, running);
  if (!lookup->done.is_open()) return not_sent({"DNS: no file descriptor is available"});
  if (lookup->is_address) {
    lookup->run();
  } else if (running.use_count() > 1 + max_lookups) {
    return not_sent({"DNS: too many lookups are running"});
  } else if (!start(lookup)) {
    return not_sent({"DNS: cannot start a thread"});
  }
  PollEntry sockets[2] = {{lookup->done.socket(), POLLIN, 0}, {}};
  if (!lookup->is_done && limits.wait(sockets, 1, Limits::never) == Limits::Wait::failed) {
    return not_sent({"DNS: ", host, ": ", error_text(socket_error())});
  }
  if (!lookup->is_done) return limits.error(Delivery::not_sent, {"the DNS lookup of ", host});
  if (lookup->problem.empty()) return std::move(lookup->addresses);
  return not_sent({"DNS: ", host, ": ", lookup->problem});
}

/// Sorts addresses in the order of attempts: alternating families (RFC 8305), recently failed ones
/// last.
inline void sort_addresses(std::vector<Address>& addresses) {
  std::size_t turns[2] = {0, 1};  // first family, other family
  for (Address& address : addresses) {
    std::size_t& turn = turns[address.family == addresses.front().family ? 0 : 1];
    address.turn = turn + (address.has_failed ? 2 * addresses.size() : 0);
    turn += 2;
  }
  std::sort(addresses.begin(), addresses.end(),
            [](const Address& a, const Address& b) { return a.turn < b.turn; });
}

/// Starts connecting. Returns 0 or an error number.
inline int begin_to_connect(const Handle& socket, const Address& address) {
  const int status =
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(address.bytes.data()),
                static_cast<socklen_t>(address.bytes.size()));
  return status == 0 || is_in_progress(socket_error()) ? 0 : socket_error();
}

/// Connects to one of the addresses by Happy Eyeballs (RFC 8305): starts the next attempt after
/// 250 ms, or when one fails, until the first succeeds. Addresses that were tried earlier, but are
/// slower, count as failed. limit: for each address. endpoint: for messages.
inline Result<Handle> connect(std::vector<Address>& addresses, const Limits& limits,
                              std::chrono::milliseconds limit, const std::string& endpoint) {
  using Clock = Limits::Clock;
  struct Attempt {
    Handle socket;
    Address* address;
    Limits::TimePoint end;
  };
  const std::string step = concat({"connecting to ", endpoint});
  const auto failed = [&](int problem) { return not_sent({step, ": ", error_text(problem)}); };
  std::vector<Attempt> attempts;
  auto next = addresses.begin();
  auto next_begin = Clock::now();
  Error error = not_sent({endpoint, ": no address"});
  for (;;) {
    for (; next != addresses.end() && (attempts.empty() || Clock::now() >= next_begin); ++next) {
      Handle socket = new_socket(next->family);
      const int problem = socket ? begin_to_connect(socket, *next) : socket_error();
      if (problem != 0) {
        error = failed(problem);
        if (socket) next->has_failed = true;
        continue;
      }
      next_begin = Clock::now() + std::chrono::milliseconds(250);
      attempts.push_back({std::move(socket), &*next, Clock::now() + limit});
    }
    if (attempts.empty()) return error;

    auto until = next != addresses.end() ? next_begin : Limits::never;
    std::vector<PollEntry> sockets(attempts.size() + 1);
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      until = (std::min)(until, attempts[i].end);
      sockets[i] = {attempts[i].socket.get(), POLLOUT, 0};
    }
    const auto wait = limits.wait(sockets.data(), attempts.size(), until);
    if (wait == Limits::Wait::failed) return failed(socket_error());
    if (limits.are_reached()) return limits.error(Delivery::not_sent, {step});

    for (std::size_t i = attempts.size(); i-- > 0;) {
      const auto attempt = attempts.begin() + static_cast<std::ptrdiff_t>(i);
      const bool is_ready = sockets[i].revents != 0;
      if (!is_ready && Clock::now() < attempt->end) continue;
      const int problem = is_ready ? BIO_sock_error(attempt->socket.number()) : 0;
      attempt->address->has_failed = !is_ready || problem != 0;
      if (!attempt->address->has_failed) {
        for (const Attempt& other : attempts) {
          if (other.address < attempt->address) other.address->has_failed = true;
        }
        return std::move(attempt->socket);
      }
      error = is_ready ? failed(problem) : Limits::timeout(Delivery::not_sent, step, limit);
      next_begin = Clock::now();
      attempts.erase(attempt);
    }
  }
}

// ---- TCP and TLS

struct Deleter {
  void operator()(SSL* tls) const {
    // Otherwise, OpenSSL considers the session not resumable.
    SSL_set_shutdown(tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls);
  }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

/// A TCP connection, with TLS after start_tls(). Serves one call at a time.
class Channel {
 public:
  explicit Channel(Handle socket) : socket_(std::move(socket)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    limits_ = nullptr;
    if (tls_ && process_ == process_id()) SSL_shutdown(tls_.get());  // not in a child process
  }

  /// Sets the limits of waits. null: does not wait.
  void set_limits(const Limits* limits, Limits::TimePoint until = Limits::never) {
    limits_ = limits, until_ = until;
  }

  /// Performs the TLS handshake, which authenticates the peer. session: an earlier session with the
  /// peer, to be resumed, or null.
  std::optional<Error> start_tls(SSL_CTX* settings, std::string host, const std::string& endpoint,
                                 SSL_SESSION* session) {
    tls_.reset(SSL_new(settings));
    BIO* const bio = tls_ ? new_bio() : nullptr;
    if (!bio) return not_sent({"TLS: out of memory"});
    SSL_set_bio(tls_.get(), bio, bio);
    if (host.back() == '.') host.pop_back();  // never in certificates
    X509_VERIFY_PARAM* const rules = SSL_get0_param(tls_.get());
    X509_VERIFY_PARAM_set_hostflags(
        rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    const bool has_name = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1 ||
                          (X509_VERIFY_PARAM_set1_host(rules, host.c_str(), 0) == 1 &&
                           SSL_set_tlsext_host_name(tls_.get(), host.c_str()) == 1);
    if (!has_name) return not_sent({"TLS: the host name ", host, " cannot be verified"});
    if (session) SSL_set_session(tls_.get(), session);
    ERR_clear_error();
    if (SSL_connect(tls_.get()) == 1) return {};

    const long verified = SSL_get_verify_result(tls_.get());
    Error error = not_sent({"TLS handshake with ", endpoint, ": ", tls_problem()});
    error.permanent = permanent_reason() != 0 && !session;  // else, may succeed without the session
    if (verified != X509_V_OK) {
      error.message = concat({"TLS: the certificate of ", endpoint,
                              " is not accepted: ", X509_verify_cert_error_string(verified), " (",
                              std::to_string(verified), ")"});
      error.permanent = true;
    }
    tls_.reset();  // without close_notify
    return error;
  }

  /// Returns the number of bytes received, 0 if the peer has closed, or -1: see problem().
  long receive_bytes(char* to, std::size_t size) {
    if (!tls_) return receive_by_tcp(to, size);
    std::size_t received = 0;
    ERR_clear_error();
    const int status = SSL_read_ex(tls_.get(), to, size, &received);
    if (status == 1) return static_cast<long>(received);
    if (SSL_get_error(tls_.get(), status) == SSL_ERROR_ZERO_RETURN) return 0;  // close_notify
    return fail(tls_problem());
  }
  /// Returns the number of bytes sent, at least 1, or -1: see problem().
  long send_bytes(const char* data, std::size_t size) {
    if (!tls_) return send_by_tcp(data, size);
    std::size_t sent = 0;
    ERR_clear_error();
    if (SSL_write_ex(tls_.get(), data, size, &sent) == 1) return static_cast<long>(sent);
    return fail(tls_problem());
  }
  /// Returns whether data or the end of the connection can be received.
  bool is_readable() const {
    PollEntry state = {socket_.get(), POLLIN, 0};
    return (tls_ && SSL_has_pending(tls_.get()) == 1) || poll_sockets(&state, 1, 0) > 0;
  }

  bool has_tls() const { return tls_ != nullptr; }
  /// Returns whether the peer has rejected the client's certificate, or its absence, by an alert.
  bool is_rejected() const {
    const int alert = tls_ ? permanent_reason() - SSL_AD_REASON_OFFSET : 0;
    return (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_ACCESS_DENIED) ||
           alert == SSL_AD_CERTIFICATE_REQUIRED;
  }
  /// Returns the TLS session for the next connection to this peer, or null if it cannot be resumed.
  std::shared_ptr<SSL_SESSION> session() const {
    std::shared_ptr<SSL_SESSION> session(tls_ ? SSL_get1_session(tls_.get()) : nullptr, Deleter());
    if (session && !SSL_SESSION_is_resumable(session.get())) session.reset();
    return session;
  }
  /// Returns the number of bytes that the system has accepted.
  std::uint64_t sent() const { return sent_; }
  /// Returns what has failed; empty if nothing has, or if a limit was reached.
  const std::string& problem() const { return problem_; }
  long fail(std::string problem) { return problem_ = std::move(problem), -1; }

 private:
  long receive_by_tcp(char* to, std::size_t size) {
    while (wait(POLLIN)) {
      const auto received = ::recv(socket_.get(), to, static_cast<IoSize>(size), 0);
      if (received >= 0) return static_cast<long>(received);
      if (!is_temporary(socket_error())) return fail(error_text(socket_error()));
    }
    return -1;
  }
  long send_by_tcp(const char* data, std::size_t size) {
    do {
      if (limits_ && limits_->are_reached()) return -1;
      const auto sent = ::send(socket_.get(), data, static_cast<IoSize>(size), no_signal);
      if (sent >= 0) {
        sent_ += static_cast<std::uint64_t>(sent);
        return static_cast<long>(sent);
      }
      if (!is_temporary(socket_error())) return fail(error_text(socket_error()));
    } while (wait(POLLOUT));
    return -1;
  }
  bool wait(short events) {
    if (!limits_) return false;
    PollEntry sockets[2] = {{socket_.get(), events, 0}, {}};
    const auto wait = limits_->wait(sockets, 1, until_);
    if (wait == Limits::Wait::failed) fail(error_text(socket_error()));
    return wait == Limits::Wait::ready;
  }

  /// Returns a BIO, OpenSSL's I/O, that uses this channel.
  BIO* new_bio() {
    io_.reset(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "realtimekit"));
    BIO* const bio = io_ ? BIO_new(io_.get()) : nullptr;
    if (!bio) return nullptr;
    BIO_meth_set_write(io_.get(), [](BIO* from, const char* data, int size) {
      auto* const channel = static_cast<Channel*>(BIO_get_data(from));
      return static_cast<int>(channel->send_by_tcp(data, static_cast<std::size_t>(size)));
    });
    BIO_meth_set_read(io_.get(), [](BIO* from, char* to, int size) {
      auto* const channel = static_cast<Channel*>(BIO_get_data(from));
      return static_cast<int>(channel->receive_by_tcp(to, static_cast<std::size_t>(size)));
    });
    BIO_meth_set_ctrl(io_.get(), [](BIO*, int command, long, void*) -> long {
      return command == BIO_CTRL_FLUSH;
    });
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    return bio;
  }

  /// Returns the error of the socket, otherwise that of OpenSSL.
  std::string tls_problem() const {
    if (!problem_.empty()) return problem_;
    const unsigned long code = ERR_peek_error();
    const char* const text = ERR_reason_error_string(code);
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && text) return text;
    return "the peer closed the connection";
  }
  /// Returns OpenSSL's reason code if the error is permanent, otherwise 0.
  static int permanent_reason() {
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    const bool is_temporary =
        reason == SSL_R_UNEXPECTED_EOF_WHILE_READING || reason == SSL_R_TLSV1_ALERT_INTERNAL_ERROR;
    return is_temporary ? 0 : reason;
  }

  const Handle socket_;
  const decltype(process_id()) process_ = process_id();
  std::unique_ptr<BIO_METHOD, Deleter> io_;
  std::unique_ptr<SSL, Deleter> tls_;
  const Limits* limits_ = nullptr;
  Limits::TimePoint until_{};
  std::uint64_t sent_ = 0;
  std::string problem_;
};

/// Trusts the certificates in the files that the environment names, otherwise in those that OpenSSL
/// was built to use; on Windows, otherwise in the system's store.
inline std::optional<Error> trust_default(SSL_CTX* settings) {
  const char* const named_file = std::getenv(X509_get_default_cert_file_env());
  const char* const named_directory = std::getenv(X509_get_default_cert_dir_env());
  const bool is_file_named = named_file && *named_file;
  const bool is_directory_named = named_directory && *named_directory;
  const char* const file = is_file_named ? named_file : X509_get_default_cert_file();
  // An unreadable file may be a temporary failure, such as a lack of descriptors.
  std::FILE* const readable = std::fopen(file, "rb");
  if (!readable && (errno != ENOENT || (is_file_named && !is_directory_named))) {
    return not_sent({"TLS: cannot read certificates from ", file, ": ", error_text(errno)});
  }
  if (readable) std::fclose(readable);
#ifdef _WIN32
  // Not OpenSSL's default directory, since any user may be able to create it.
  if (!is_file_named && !is_directory_named) {
    const HCERTSTORE roots = ::CertOpenSystemStoreW(0, L"ROOT");
    const CERT_CONTEXT* item = nullptr;
    while (roots && (item = ::CertEnumCertificatesInStore(roots, item)) != nullptr) {
      const unsigned char* encoded = item->pbCertEncoded;
      X509* const root = d2i_X509(nullptr, &encoded, static_cast<long>(item->cbCertEncoded));
      if (root) X509_STORE_add_cert(SSL_CTX_get_cert_store(settings), root);
      X509_free(root);
    }
    if (roots) ::CertCloseStore(roots, 0);
    return {};
  }
#endif
  SSL_CTX_set_default_verify_paths(settings);
  return {};
}

/// The trusted certificates and settings, which the TLS connections of a transport share.
using TlsContext = std::unique_ptr<SSL_CTX, Deleter>;

inline std::optional<Error> make_tls_context(const HttplibTransport::Options& options,
                                             TlsContext& made) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return not_sent({"TLS: OpenSSL cannot create a context"});
  SSL_CTX* const settings = context.get();
  SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION);
  SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_read_ahead(settings, 1);                           // one recv() per record
  SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);  // the pool stores sessions
  const std::string &file = options.ca_file, &directory = options.ca_dir;
  if (!file.empty() && !SSL_CTX_load_verify_file(settings, file.c_str())) {
    return invalid_request({"Options::ca_file: cannot read certificates from ", file});
  }
  if (!directory.empty() && !SSL_CTX_load_verify_dir(settings, directory.c_str())) {
    return invalid_request({"Options::ca_dir cannot be used: ", directory});
  }
  if (file.empty() && directory.empty()) {
    if (auto error = trust_default(settings)) return error;
  }
  made = std::move(context);
  return {};
}

// ---- HTTP

/// The server of a connection, and the proxy, if there is one.
struct Origin {
  bool tls = false;
  std::string host{};
  int port = 0;
  std::string proxy_host{};  // empty: none
  int proxy_port = 0;
  std::string proxy_user{};
  Secret proxy_password{};
  std::string_view proxy_source{};  // the option or variable that names the proxy

  bool operator==(const Origin& other) const {  // the proxy depends only on these
    return tls == other.tls && host == other.host && port == other.port;
  }
  bool has_proxy() const { return !proxy_host.empty(); }
  /// Returns whether the proxy forwards requests. With TLS, it is a tunnel instead.
  bool is_forwarded() const { return has_proxy() && !tls; }
  bool has_credentials() const { return !proxy_user.empty() || !proxy_password.empty(); }
  static std::string endpoint_of(const std::string& host, int port) {
    const bool is_ipv6 = host.find(':') != host.npos;
    return concat({is_ipv6 ? "[" : "", host, is_ipv6 ? "]:" : ":", std::to_string(port)});
  }
  std::string endpoint() const { return endpoint_of(host, port); }
  std::string proxy_endpoint() const {
    return concat({"the proxy ", endpoint_of(proxy_host, proxy_port), " (", proxy_source, ")"});
  }
  /// Returns the value of the Host header.
  std::string authority() const {
    std::string text = endpoint();
    if (port == (tls ? 443 : 80)) text.resize(text.rfind(':'));
    return text;
  }
};

/// Returns the list items in all headers with a name. A value without items is an empty item.
inline std::vector<std::string_view> list_items(const Headers& headers, std::string_view name) {
  std::vector<std::string_view> items;
  for (const auto& [header, value] : headers) {
    if (!equal_ignoring_case(header, name)) continue;
    const auto more = split(value, ",");
    items.insert(items.end(), more.begin(), more.end());
    if (more.empty()) items.emplace_back();
  }
  return items;
}

/// Returns the status of a line such as "HTTP/1.1 200 OK"; 0 if the line is invalid.
inline int parse_status_line(std::string_view line) {
  const auto status = parse_number(line.substr((std::min)(line.size(), std::size_t{9}), 3), 999);
  const bool is_valid = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && is_digit(line[7]) &&
                        line[8] == ' ' && (line.size() == 12 || line[12] == ' ') && status >= 100;
  return is_valid ? static_cast<int>(*status) : 0;
}

/// Parses a header line. Returns what is wrong with it, or empty.
inline std::string_view parse_header(std::string_view line, Headers& headers) {
  constexpr std::string_view blanks = " \t";
  if (line.find('\0') != line.npos || line.find('\r') != line.npos) {
    return "a header has a control character";
  }
  const bool is_folded = blanks.find(line[0]) != blanks.npos;  // continues the previous line
  const auto colon = line.find(':');
  const auto name = line.substr(0, line.find_last_not_of(blanks, colon - 1) + 1);
  if (is_folded ? headers.empty() : colon == line.npos || colon == 0) return "a header has no name";
  if (is_folded) {
    std::string& value = headers.back().second;
    const auto more = trimmed(line, blanks);
    append(value, {value.empty() || more.empty() ? "" : " ", more});
  } else {
    const auto value = trimmed(line.substr(colon + 1), blanks);
    add_header(headers, std::string(name), std::string(value));
  }
  return {};
}

/// cpp-httplib's client. Its send() is not used, since it connects and waits itself and, since
/// 0.12.1, may send a request twice.
class Http final : public httplib::ClientImpl {
 public:
  using ClientImpl::ClientImpl;
  bool process(httplib::Stream& stream, httplib::Request& request, httplib::Response& response) {
    auto error = httplib::Error{};  // ignored: the Connection knows the details
    // If this does not compile, use another version of cpp-httplib, or REALTIMEKIT_NO_HTTPLIB.
    return process_request(stream, request, response, false, error);  // cpp-httplib 0.11 to 0.59
  }
};

/// A connection, used by one call at a time. It is the stream to which cpp-httplib writes the head
/// of the request. This class receives the response itself, since versions of cpp-httplib differ in
/// how they parse responses, and deviate from RFC 9112. cpp-httplib reads a minimal response to
/// decode a body with a content coding; otherwise, it reads none.
class Connection final : public httplib::Stream {
 public:
  Connection(Origin origin, Handle socket)
      : origin_(std::move(origin)),
        channel_(std::move(socket)),
        http_(origin_.host, origin_.port),
        input_(longest_head + 1) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Origin& origin() const { return origin_; }
  const Channel& channel() const { return channel_; }
  std::chrono::nanoseconds idle_since{};  // for the pool

  /// Prepares the connection for requests: proxy tunnel and TLS. limit: for both together.
  std::optional<Error> open(const Limits& limits, std::chrono::milliseconds limit,
                            SSL_CTX* settings, SSL_SESSION* session) {
    if (!settings) return {};
    const auto end = Limits::Clock::now() + limit;
    channel_.set_limits(&limits, end);
    std::string step = concat({"CONNECT through ", origin_.proxy_endpoint()});
    std::optional<Error> error;
    if (origin_.has_proxy()) error = open_tunnel();
    if (!error) {
      step = concat({"the TLS handshake with ", origin_.endpoint()});
      error = channel_.start_tls(settings, origin_.host, origin_.endpoint(), session);
    }
    if (!error) return {};
    if (limits.are_reached()) return limits.error(Delivery::not_sent, {step});
    if (Limits::Clock::now() >= end) return Limits::timeout(Delivery::not_sent, step, limit);
    return error;
  }

  /// Sends a request and receives its response.
  Result<HttpResponse> exchange(const HttpRequest& request, const std::string& target,
                                const Limits& limits) {
    channel_.set_limits(&limits);
    stage_ = Stage::request;
    request_ = &request;
    response_ = {};
    coding_ = encoded_response_ = "";
    encoded_response_read_ = 0;
    sent_before_ = channel_.sent();
    may_be_complete_ = false;

    const bool is_forwarded = origin_.is_forwarded();
    const std::string authority = origin_.authority();
    request_line_ = concat({to_string(request.method), " ", is_forwarded ? "http://" : "",
                            is_forwarded ? authority : "", target, " HTTP/1.1"});
    httplib::Request out;
    out.method = "GET";  // cpp-httplib writes the head of a request without a body
    out.path = "/";
    out.headers.emplace("Host", authority);
    for (const auto& [name, value] : request.headers) out.headers.emplace(name, value);
    out.headers.emplace("Accept-Encoding", "identity");
    const bool has_body =
        !request.body.empty() || (request.method != Method::get && request.method != Method::del);
    if (has_body && !find_header(request.headers, "Content-Length")) {
      out.headers.emplace("Content-Length", std::to_string(request.body.size()));
    }
    if (is_forwarded && origin_.has_credentials()) {
      out.headers.emplace("Proxy-Authorization", proxy_credentials());
    }
    out.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
      return append_body({data, size});
    };
    httplib::Response in;  // its body stays empty
    const bool is_decoded = http_.process(*this, out, in);
    for (auto& header : out.headers) wipe(header.second);
    wipe(output_);
    channel_.set_limits(nullptr);
    is_reused_ = true;
    return exchange_result(is_decoded, limits);
  }

  /// Returns whether an idle connection has been closed or has received unsolicited data. Such data
  /// after the next request cannot be told from its response in HTTP/1.1.
  bool is_stale() const { return begin_ != end_ || channel_.is_readable(); }
  /// Returns whether it can serve another request.
  bool is_reusable() const { return stage_ == Stage::response && is_persistent_; }
  /// Returns whether no byte of the last request was sent, so that another connection may send it.
  bool has_sent_nothing() const { return channel_.sent() == sent_before_; }

  // Called by cpp-httplib. Some versions lack some of these.
  ssize_t read(char* to, std::size_t size) {
    if (stage_ == Stage::request) {
      stage_ = Stage::lost;  // the default, unless set below
      if (send_request() && receive_final_head() && receive_body()) {
        stage_ = Stage::response;
        prepare_decoding();
      }
    }
    size = encoded_response_.copy(to, size, encoded_response_read_);
    encoded_response_read_ += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* data, std::size_t size) {
    output_.append(data, size);  // sent by the first read()
    return static_cast<ssize_t>(size);
  }
  bool is_readable() const { return true; }  // read() waits
  bool is_writable() const { return true; }
  bool wait_readable() const { return true; }
  bool wait_writable() const { return true; }
  void get_remote_ip_and_port(std::string&, int&) const {}
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return INVALID_SOCKET; }
  time_t duration() const { return 0; }

 private:
  /// The stage of an exchange. request: until cpp-httplib has written it. response: it is complete.
  enum class Stage { request, response, lost, too_long };
  static constexpr std::size_t longest_head = 32768, longest_line = 8192;
  static constexpr std::string_view basic = "Basic ";

  /// The remaining size limit for a part of a response.
  struct Allowance {
    std::string_view part;
    std::size_t limit, left = limit;
  };

  bool fail(Parts problem) { return channel_.fail(concat(problem)), false; }
  bool fail_as_invalid(std::string_view problem) {
    return fail({"the response is not valid HTTP: ", problem});
  }
  bool fail_as_too_long(std::string_view part, std::size_t limit) {
    return fail({part, " is longer than ", std::to_string(limit), " bytes"});
  }

  /// Returns the result of an exchange that has ended.
  Result<HttpResponse> exchange_result(bool is_decoded, const Limits& limits) {
    if (stage_ == Stage::request) {
      return invalid_request({"headers: cpp-httplib rejects one of them"});
    }
    if (stage_ == Stage::lost) return loss(limits);
    if (stage_ == Stage::too_long) {
      return unusable({"the response is longer than max_response_bytes, ",
                       std::to_string(request_->max_response_bytes)});
    }
    if (!is_decoded && !coding_.empty()) {
      response_.body.clear();
      if (response_.status / 100 != 2) return std::move(response_);  // the status suffices
      return unusable({"the response is encoded as ", excerpt(coding_, 64),
                       ", which was not requested and cannot be decoded"});
    }
    if (response_.status == 407 && origin_.is_forwarded() && origin_.has_credentials()) {
      const std::string credentials = proxy_credentials().substr(basic.size());  // may be echoed
      response_.body = redacted(response_.body, {origin_.proxy_password.reveal(), credentials});
    }
    return std::move(response_);
  }
  Error unusable(Parts message) const {
    Error error = unusable_response(message);
    error.status = response_.status;
    return error;
  }
  Error loss(const Limits& limits) const {
    const auto delivery = may_be_complete_ ? Delivery::unknown : Delivery::not_sent;
    if (limits.are_reached()) {
      return limits.error(delivery, {may_be_complete_ ? "the response" : "sending the request"});
    }
    const auto peer = origin_.is_forwarded() ? origin_.proxy_endpoint() : origin_.endpoint();
    Error error = failure(ErrorKind::transport, delivery, {peer, ": ", channel_.problem()});
    error.permanent = channel_.is_rejected();
    return error;
  }

  /// Opens a tunnel through the proxy (RFC 9110, 9.3.6).
  std::optional<Error> open_tunnel() {
    const std::string endpoint = origin_.endpoint();
    output_ = concat({"CONNECT ", endpoint, " HTTP/1.1\r\nHost: ", endpoint, "\r\n"});
    if (origin_.has_credentials()) {
      append(output_, {"Proxy-Authorization: ", proxy_credentials(), "\r\n"});
    }
    output_ += "\r\n";
    const bool has_response = send_output() && receive_final_head();
    wipe(output_);
    const bool is_success = response_.status < 300;
    if (is_success && !has_response) {
      return not_sent({origin_.proxy_endpoint(), ": ", channel_.problem()});
    }
    if (is_success && begin_ == end_) return {};
    Error error =
        not_sent({origin_.proxy_endpoint(), " responded to CONNECT with HTTP ",
                  std::to_string(response_.status), is_success ? " and unexpected data" : ""});
    error.permanent = !is_success && !is_temporary_failure(response_.status);
    return error;
  }
  std::string proxy_credentials() const {
    std::string user = concat({origin_.proxy_user, ":", origin_.proxy_password.reveal()});
    std::string text(basic);
    text.resize(basic.size() + 4 * ((user.size() + 2) / 3) + 1);
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(&text[basic.size()]),
                    reinterpret_cast<const unsigned char*>(user.data()),
                    static_cast<int>(user.size()));
    text.pop_back();  // null terminator
    wipe(user);
    return text;
  }

  /// Sends the head and body of the request together: otherwise, the body may be delayed by 40 ms.
  bool send_request() {
    if (output_.find("\r\n\r\n") == output_.npos) return stage_ = Stage::request, false;
    if (!channel_.has_tls() && channel_.is_readable()) {
      return receive_rest() && fail({"the server sent data before the request"});
    }
    // Replaces the request line, since cpp-httplib's encoding differs by version.
    output_.replace(0, output_.find('\r'), request_line_);
    output_ += request_->body;
    return send_output() || receive_reason();
  }
  bool send_output() {
    constexpr std::size_t longest_piece = 16384;  // one TLS record
    for (std::string_view rest = output_; !rest.empty();) {
      const auto piece = rest.substr(0, longest_piece);
      const auto before = channel_.sent();
      const long sent = channel_.send_bytes(piece.data(), piece.size());
      may_be_complete_ = piece.size() == rest.size() && channel_.sent() != before;
      if (sent < 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Called after sending has failed. Receives the peer's response or alert, if it sent one before
  /// it closed the connection.
  bool receive_reason() {
    if (has_sent_nothing() && (is_reused_ || !channel_.has_tls())) return false;
    std::string problem = channel_.problem();
    channel_.fail({});
    const long received = channel_.is_readable() ? receive_more() : 0;
    if (received == 0) channel_.fail(std::move(problem));
    return received > 0;
  }

  /// Receives more into the free part of input_. Returns as Channel::receive_bytes() does.
  long receive_more() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == input_.size()) {
      std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
    }
    const long received = channel_.receive_bytes(input_.data() + end_, input_.size() - end_);
    if (received > 0) end_ += static_cast<std::size_t>(received);
    return received;
  }
  /// Receives more of an incomplete response.
  bool receive_rest() {
    const long received = receive_more();
    if (received == 0) fail({"the connection was closed before the response was complete"});
    return received > 0;
  }
  std::string_view input() const { return {input_.data() + begin_, end_ - begin_}; }
  /// Returns received data; valid until more is received.
  std::string_view take_input(std::uint64_t most) {
    const auto size = static_cast<std::size_t>((std::min)(most, std::uint64_t{input().size()}));
    const auto taken = input().substr(0, size);
    begin_ += taken.size();
    return taken;
  }
  /// Receives a line. Returns it without its line ending; valid until more is received.
  std::optional<std::string_view> receive_line(Allowance& allowance) {
    for (;;) {
      auto line = input().substr(0, input().find('\n'));
      const auto size = (std::min)(line.size() + 1, input().size());
      if (size > allowance.left) {
        fail_as_too_long(allowance.part, allowance.limit);
        return {};
      }
      if (size > line.size()) {
        begin_ += size;
        allowance.left -= size;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        return line;
      }
      if (!receive_rest()) return {};
    }
  }

  /// Receives the head of the final response. Skips interim responses (RFC 9110, 15.2).
  bool receive_final_head() {
    Allowance heads{"the head of the response", longest_head};
    do {
      if (!receive_head(heads)) return false;
      if (response_.status == 101)
        return fail({"the server switched protocols, which was not requested"});
    } while (response_.status < 200);
    return true;
  }
  bool receive_head(Allowance& allowance) {
    constexpr std::string_view start = "HTTP/";
    while (input().size() < start.size() && start.substr(0, input().size()) == input()) {
      if (!receive_rest()) return false;
    }
    const bool is_http = input().substr(0, start.size()) == start;
    auto line = is_http ? receive_line(allowance) : std::string_view();
    if (!line) return false;
    if (line->size() >= longest_line) {
      return fail_as_too_long("the status line", longest_line);
    }
    response_.status = parse_status_line(*line);
    if (response_.status == 0) return fail_as_invalid("its status line is invalid");
    is_persistent_ = (*line)[7] != '0';  // HTTP/1.0 does not persist
    response_.headers.clear();
    while ((line = receive_line(allowance)) && !line->empty()) {
      const auto problem = parse_header(*line, response_.headers);
      if (!problem.empty()) return fail_as_invalid(problem);
    }
    return line.has_value();
  }

  /// Receives the body (RFC 9112, 6.3). Determines whether the connection persists.
  bool receive_body() {
    for (const auto option : list_items(response_.headers, "Connection")) {
      if (equal_ignoring_case(option, "close")) is_persistent_ = false;
    }
    if (response_.status == 204 || response_.status == 304) return true;
    const auto codings = list_items(response_.headers, "Transfer-Encoding");
    const auto lengths = list_items(response_.headers, "Content-Length");
    if (!codings.empty()) {
      if (!lengths.empty()) {
        return fail_as_invalid("it has both Content-Length and Transfer-Encoding");
      }
      if (codings.size() > 1 || !equal_ignoring_case(codings[0], "chunked")) {
        return fail_as_invalid("its Transfer-Encoding is not chunked");
      }
      return receive_chunks();
    }
    if (lengths.empty()) return receive_until_close();
    for (const auto length : lengths) {
      if (length != lengths[0]) {
        return fail_as_invalid("its Content-Length headers contradict each other");
      }
    }
    constexpr std::uint64_t longest_body = 1'000'000'000'000'000'000;
    const auto length = parse_number(lengths[0], longest_body);
    if (!length) return fail_as_invalid("its Content-Length is not a number");
    return receive_part(*length);
  }
  bool receive_chunks() {
    for (;;) {
      Allowance before{"a line between the chunks of the response", longest_line}, after = before;
      auto line = receive_line(before);
      if (!line) return false;
      const auto digits = line->substr(0, line->find_first_of(" \t;"));
      const auto extension = trimmed(line->substr(digits.size()), " \t");
      const auto size = parse_number(digits, std::uint64_t{1} << 60, 16);
      if (!size || (!extension.empty() && extension[0] != ';')) {
        return fail_as_invalid("the size of a chunk is not a number");
      }
      if (*size == 0) return receive_trailers();
      if (!receive_part(*size)) return false;
      line = receive_line(after);
      if (!line) return false;
      if (!line->empty()) return fail_as_invalid("a chunk is longer than its stated size");
    }
  }
  bool receive_trailers() {
    Allowance allowance{"the trailer section of the response", longest_head};
    for (;;) {
      const auto line = receive_line(allowance);
      if (!line || line->empty()) return line.has_value();
    }
  }
  bool receive_until_close() {
    is_persistent_ = false;
    for (;;) {
      if (!append_body(take_input(input_.size()))) return false;
      const long received = receive_more();
      if (received <= 0) return received == 0;
    }
  }
  /// Receives a body or a chunk of a known size.
  bool receive_part(std::uint64_t size) {
    constexpr std::uint64_t most = 1 << 20;  // the peer may send less than it states
    if (response_.body.empty()) {
      response_.body.reserve(static_cast<std::size_t>(
          (std::min)({size, most, std::uint64_t{request_->max_response_bytes}})));
    }
    while (size > 0) {
      if (begin_ == end_ && !receive_rest()) return false;
      const auto part = take_input(size);
      size -= part.size();
      if (!append_body(part)) return false;
    }
    return true;
  }
  bool append_body(std::string_view part) {
    const auto free = request_->max_response_bytes - response_.body.size();
    if (part.size() > free) return stage_ = Stage::too_long, false;
    response_.body += part;
    return true;
  }

  /// Makes the minimal response from which cpp-httplib decodes the body; empty if the body has no
  /// content coding, or an unknown one.
  void prepare_decoding() {
    if (response_.body.empty()) return;
    for (const auto coding : list_items(response_.headers, "Content-Encoding")) {
      append(coding_, {coding_.empty() ? "" : ", ", coding});
    }
    if (equal_ignoring_case(coding_, "identity")) coding_.clear();
    const bool is_gzip = is_any_of(coding_, {"gzip", "x-gzip"});
    if (!is_gzip && !equal_ignoring_case(coding_, "deflate")) return;
    encoded_response_ = concat({"HTTP/1.1 200 \r\nContent-Encoding: ", is_gzip ? "gzip" : "deflate",
                                "\r\n\r\n", response_.body});
    response_.body.clear();
  }

  const Origin origin_;
  Channel channel_;
  Http http_;
  Stage stage_ = Stage::response;
  bool is_reused_ = false;             // has served an earlier exchange
  std::string request_line_, output_;  // to be sent
  std::uint64_t sent_before_ = 0;      // Channel::sent() before the request
  bool may_be_complete_ = false;       // the peer may have the complete request
  std::vector<char> input_;            // received; unread from begin_ to end_
  std::size_t begin_ = 0, end_ = 0;
  const HttpRequest* request_ = nullptr;
  HttpResponse response_;
  bool is_persistent_ = false;    // whether the connection persists after the response
  std::string coding_;            // of the body; empty: none
  std::string encoded_response_;  // for cpp-httplib
  std::size_t encoded_response_read_ = 0;
};

// ---- The pool

/// Parses "http://user:password@host:port" into the proxy of an Origin. Returns false if it is
/// invalid.
inline bool parse_proxy(std::string_view text, Origin& origin) {
  std::string_view scheme = "http";
  if (const auto end = text.find("://"); end != text.npos) {
    scheme = text.substr(0, end);
    text.remove_prefix(end + 3);
  }
  const auto at = text.rfind('@');
  const auto user = at == text.npos ? "" : text.substr(0, at);
  Url url;
  if (!parse_url(concat({scheme, "://", text.substr(at + 1)}), url)) return false;
  if (url.tls || url.target != "/") return false;
  const auto colon = (std::min)(user.find(':'), user.size());
  origin.proxy_host = url.host;
  origin.proxy_port = url.port;
  origin.proxy_user = percent_decode(user.substr(0, colon));
  origin.proxy_password = percent_decode(user.substr((std::min)(colon + 1, user.size())));
  return !has_control_character(origin.proxy_user) &&
         !has_control_character(origin.proxy_password.reveal());
}

/// Returns the time of a clock that advances while the machine sleeps, if the system has one.
inline std::chrono::nanoseconds time_including_sleep() {
#ifdef CLOCK_BOOTTIME
  timespec now{};
  if (::clock_gettime(CLOCK_BOOTTIME, &now) == 0) {
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  }
#endif
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// The connections, TLS sessions and certificates of a transport in one process. Thread-safe. The
/// mutex is never locked while a call waits for the network.
class ConnectionPool {
 public:
  explicit ConnectionPool(const HttplibTransport::Options& options) : options_(options) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool() { release(inherited_); }

  bool is_of_this_process() const { return process_ == process_id(); }
  /// Takes ownership of the parent process's pool, without using it.
  void inherit(ConnectionPool* pool) { inherited_ = pool; }
  /// Deletes a pool, except one of the parent process that a thread may have been using.
  static void release(ConnectionPool* pool) {
    if (pool && (pool->is_of_this_process() || pool->is_unlocked())) delete pool;
  }

  /// Sends a request over an idle connection or a new one.
  Result<HttpResponse> send(const HttpRequest& request, const std::string& target,
                            const Origin& origin, const Limits& limits) {
    for (;;) {
      auto connection = take_idle(origin);
      const bool is_reused = connection != nullptr;
      if (is_reused && connection->is_stale()) continue;
      if (!is_reused) {
        auto opened = open(origin, limits);
        if (!opened) return std::move(opened).error();
        connection = *std::move(opened);
      }
      auto result = connection->exchange(request, target, limits);
      const bool is_lost = !result && result.error().kind != ErrorKind::decode &&
                           result.error().kind != ErrorKind::invalid_request;
      if (is_lost && is_reused && connection->has_sent_nothing() && !limits.are_reached()) continue;
      if (is_lost && result.error().kind != ErrorKind::canceled) close_idle(origin);
      auto session = is_reused || is_lost ? nullptr : connection->channel().session();
      if (session) store_session(origin, std::move(session));
      if (connection->is_reusable()) add_idle(std::move(connection));
      return result;
    }
  }

 private:
  /// Removes an idle connection to an origin from the pool. Returns it, or null if there is none.
  std::unique_ptr<Connection> take_idle(const Origin& origin) {
    const auto oldest = time_including_sleep() - clamped(options_.idle_timeout);
    std::lock_guard<std::mutex> lock(mutex_);
    while (!idle_.empty() && idle_.front()->idle_since <= oldest) idle_.erase(idle_.begin());
    for (auto idle = idle_.end(); idle != idle_.begin();) {
      --idle;
      if (!((*idle)->origin() == origin)) continue;
      auto connection = std::move(*idle);
      idle_.erase(idle);
      return connection;
    }
    return nullptr;
  }
  /// Adds a connection for later calls. If there are too many, closes the oldest.
  void add_idle(std::unique_ptr<Connection> connection) {
    if (options_.idle_timeout.count() <= 0) return;
    std::lock_guard<std::mutex> lock(mutex_);
    connection->idle_since = time_including_sleep();
    idle_.push_back(std::move(connection));
    if (idle_.size() > options_.max_idle_connections) idle_.erase(idle_.begin());
  }
  /// Closes the idle connections to an origin, which may be dead.
  void close_idle(const Origin& origin) {
    const auto is_to_origin = [&](const auto& idle) { return idle->origin() == origin; };
    std::lock_guard<std::mutex> lock(mutex_);
    idle_.erase(std::remove_if(idle_.begin(), idle_.end(), is_to_origin), idle_.end());
  }

  /// Returns a new connection, ready for requests.
  Result<std::unique_ptr<Connection>> open(const Origin& origin, const Limits& limits) {
    const auto connect_timeout = clamped(options_.connect_timeout);
    if (auto error = origin.tls ? prepare_tls() : std::nullopt) return *std::move(error);
    const bool has_proxy = origin.has_proxy();
    auto addresses = look_up(has_proxy ? origin.proxy_host : origin.host,
                             has_proxy ? origin.proxy_port : origin.port, limits, lookups_);
    if (!addresses) {
      Error error = std::move(addresses).error();
      if (has_proxy) error.message = concat({origin.proxy_endpoint(), ": ", error.message});
      return error;
    }
    recall_failures(*addresses);
    sort_addresses(*addresses);
    auto socket = connect(*addresses, limits, connect_timeout,
                          has_proxy ? origin.proxy_endpoint() : origin.endpoint());
    note_failures(*addresses);
    if (!socket) return std::move(socket).error();
    auto connection = std::make_unique<Connection>(origin, *std::move(socket));
    const auto session = session_of(origin);
    auto error =
        connection->open(limits, connect_timeout, origin.tls ? tls_.get() : nullptr, session.get());
    if (!error) return connection;
    store_session(origin, nullptr);
    return *std::move(error);
  }

  /// Stores the TLS session for the next connection to an origin; null removes it.
  void store_session(const Origin& origin, std::shared_ptr<SSL_SESSION> session) {
    const std::string endpoint = origin.endpoint();
    std::lock_guard<std::mutex> lock(mutex_);
    sessions_.erase(endpoint);
    if (!session) return;
    constexpr std::size_t max_sessions = 16;
    if (sessions_.size() == max_sessions) sessions_.erase(sessions_.begin());
    sessions_.emplace(endpoint, std::move(session));
  }
  bool is_unlocked() {
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    return lock.owns_lock();
  }
  void recall_failures(std::vector<Address>& addresses) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (Address& address : addresses) address.has_failed = failed_.count(address.bytes) > 0;
  }
  void note_failures(const std::vector<Address>& addresses) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const Address& address : addresses) {
      failed_.erase(address.bytes);
      if (address.has_failed) failed_.insert(address.bytes);
    }
    constexpr std::size_t max_addresses = 64;
    while (failed_.size() > max_addresses) failed_.erase(failed_.begin());
  }

  /// Creates the TLS context, unless there is one. After a failure, the next call tries again.
  std::optional<Error> prepare_tls() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (tls_) return {};
    lock.unlock();
    TlsContext made;  // several threads may create one: the first is kept
    if (auto error = make_tls_context(options_, made)) return error;
    lock.lock();
    if (!tls_) tls_ = std::move(made);
    return {};
  }
  std::shared_ptr<SSL_SESSION> session_of(const Origin& origin) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sessions_.find(origin.endpoint());
    return origin.tls && found != sessions_.end() ? found->second : nullptr;
  }

  const HttplibTransport::Options& options_;
  ConnectionPool* inherited_ = nullptr;
  const decltype(process_id()) process_ = process_id();
  const std::shared_ptr<void> lookups_ = std::make_shared<char>();  // see Lookup
  std::mutex mutex_;                                                // guards the members below
  TlsContext tls_;
  std::set<std::string> failed_;                   // addresses
  std::vector<std::unique_ptr<Connection>> idle_;  // the oldest first
  std::map<std::string, std::shared_ptr<SSL_SESSION>> sessions_;
};

/// The options, and a pool for each process. Shared by the copies of a transport.
struct TransportState final : Shared::Object {
  explicit TransportState(HttplibTransport::Options given)
      : options(std::move(given)), proxy(options.proxy) {
    if (!proxy.empty()) return;
    proxy_source = env_variable("HTTPS_PROXY").empty() ? "https_proxy" : "HTTPS_PROXY";
    proxy = env_variable(proxy_source);
    no_proxy = env_variable("NO_PROXY");
    if (no_proxy.empty()) no_proxy = env_variable("no_proxy");
  }
  ~TransportState() override {
    const OpenSslErrors errors;
    ConnectionPool::release(shared_pool);
  }

  /// Returns the pool of this process. A child process creates its own: the mutex of its parent's
  /// may be locked by a thread that the child does not have.
  ConnectionPool& pool() {
    ConnectionPool* current = shared_pool;
    while (!current || !current->is_of_this_process()) {
      auto fresh = std::make_unique<ConnectionPool>(options);
      if (!shared_pool.compare_exchange_strong(current, fresh.get())) continue;
      fresh->inherit(current);
      current = fresh.release();
    }
    return *current;
  }

  /// Sets the proxy of an origin. Returns what is wrong, or empty.
  std::string find_proxy(Origin& origin) const {
    const bool is_direct = options.proxy.empty() ? is_exempt(origin) : proxy == "direct";
    if (is_direct) return {};
    origin.proxy_source = proxy_source;
    if (parse_proxy(proxy, origin)) return {};
    return concat({proxy_source, " must be http://[user:password@]host:port"});
  }
  /// Returns whether the environment names no proxy for an origin.
  bool is_exempt(const Origin& origin) const {
    if (proxy.empty() || !origin.tls || is_loopback(origin.host)) return true;
    for (const auto entry : split(no_proxy, ", \t")) {
      if (detail::is_exempt(entry, origin.host, origin.port)) return true;
    }
    return false;
  }

  const HttplibTransport::Options options;
  std::string proxy, no_proxy;
  const char* proxy_source = "Options::proxy";
  std::atomic<ConnectionPool*> shared_pool{nullptr};
};

}  // namespace detail

REALTIMEKIT_INLINE HttplibTransport::HttplibTransport() : HttplibTransport(Options{}) {}

REALTIMEKIT_INLINE HttplibTransport::HttplibTransport(Options options)
    : state_(new detail::TransportState(std::move(options))) {}

REALTIMEKIT_INLINE Result<HttpResponse> HttplibTransport::operator()(
    const HttpRequest& request) const {
  if (!state_.get()) return detail::invalid_request({"the transport has been moved from"});
  auto& state = static_cast<detail::TransportState&>(*state_.get());
  const detail::Limits limits(request);
  detail::Url url;
  if (!detail::parse_url(request.url, url)) {
    return detail::invalid_request({"url must be http(s)://host[:port]/path, percent-encoded"});
  }
  for (const auto& [name, value] : request.headers) {
    if (detail::has_control_character(name) || detail::has_control_character(value)) {
      return detail::invalid_request({"headers: a name or value has a control character"});
    }
  }
  detail::Origin origin{url.tls, url.host, url.port};
  if (auto problem = state.find_proxy(origin); !problem.empty())
    return detail::invalid_request({problem});
  if (!limits.can_wait()) return detail::not_sent({"no file descriptor is available"});

  const detail::OpenSslErrors errors;
  return state.pool().send(request, url.target, origin, limits);
}

}  // namespace v0_2
}  // namespace realtimekit
#endif  // REALTIMEKIT_NO_HTTPLIB

#ifdef _MSC_VER
#pragma warning(pop)
#endif
#undef REALTIMEKIT_INLINE
#endif  // implementation

#undef REALTIMEKIT_EXCEPTIONS
#if defined(__clang__)
#pragma clang diagnostic pop
#elif defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
