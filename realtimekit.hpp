// realtimekit.hpp - Cloudflare RealtimeKit for C++17, in one header.
// SPDX-License-Identifier: MIT
//
// A client of RealtimeKit's whole REST API: create a livestream, get its ingest server, stream key
// and playback URL; run meetings. It never creates one twice, never hangs, and prints no secret.
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
// Needs nlohmann/json 3.11 and, for the default transport, cpp-httplib 0.11 and OpenSSL 3.0, or
// newer. Where cpp-httplib is only a header: -DCPPHTTPLIB_OPENSSL_SUPPORT for $(pkg-config ...).
//
// HOW A CALL FLOWS, AND WHERE TO READ ABOUT EACH STEP (search for the mark)
//
//     operation --to_http()--> HttpRequest --transport()--> HttpResponse --from_http()--> Result<T>
//     >>operations  >>pipeline  >>http       >>transport      >>http       >>pipeline      >>result
//
//     Interface         standard library only; whoever stops reading after it knows the library
//       >>values        Secret, OpenEnum, Timestamp, RawJson
//       >>http          HttpRequest, HttpResponse, CancelToken
//       >>result        Error, Result, Exception
//       >>config        Config, RetryPolicy, CallOptions
//       >>fields        how a struct says what its fields are called on the wire
//       >>models        what the server sends; Page
//       >>operations    what an operation is; how to write your own
//       >>livestreams   create, list, watch, enable, disable, new stream key
//       >>meetings      rooms; their livestreams; how they are recorded
//       >>participants  who may join a meeting, and the tokens for it
//       >>active_session  kick, mute, polls in a meeting that is on
//       >>sessions      meetings that were held: people, quality, chat, transcript, summary
//       >>recordings    start, pause, stop, download
//       >>presets       what participants may do and see
//       >>webhooks      who is told of what
//       >>analytics     days and sums
//       >>apps          create, list
//       >>engine        how the templates work; nothing to call
//       >>pipeline      to_http, from_http, retry_delay: pure functions for any event loop
//       >>transport     what a transport is; HttplibTransport, the default
//       >>client        BasicClient, Client, Pages
//       >>ensure        livestreams::ensure: create or reuse
//     Implementation
//       >>basics        cancellation, printing of errors
//       >>text          UTF-8, percent-encoding, URLs, dates, redaction
//       >>json          decoding in one pass, encoding, printing
//       >>requests      to_http and from_env
//       >>answers       from_http and the making of errors
//       >>retries       retry_delay and the attempts of one call
//       >>pages         where a list ends
//       >>reuse         what ensure() decides by
//       >>httplib       HttplibTransport on cpp-httplib and OpenSSL
//
// ERRORS
//     A call returns Result<T>: the value or an Error. Its kind says which stage failed, delivery
//     whether the server may have acted. Nothing throws but Result::value(), * and -> on an error;
//     built without exceptions, these abort with the error's text.
//     A create whose answer is lost is not repeated: its error says Delivery::unknown. Look with
//     livestreams::List before you create again, as a livestream cannot be deleted.
//
// THREADS
//     A Client may be shared by any number of threads: calls do not wait for each other. The rest
//     are values, like a std::string. A call runs on the caller's thread; only DNS lookups have
//     threads of their own. A client may be used on both sides of a fork(). Not safe to call in a
//     signal handler: anything, CancelToken::cancel() included. std::bad_alloc is not handled.
//
// SECRETS
//     The API token and stream keys are of type Secret: they print as *** and are wiped from memory
//     when destroyed. No message, printed model or Error::body shows one. Result::response(), the
//     raw answer, and HttpRequest::headers do hold them. TLS 1.2 or newer, certificate and host
//     name verified, always.
//
// MACROS (none changes the layout or the meaning of a type)
//     REALTIMEKIT_FIELDS(...)           lists the fields of a struct: see >>fields
//   Defined by you:
//     REALTIMEKIT_NO_HTTPLIB            leaves out HttplibTransport and Client
//     REALTIMEKIT_SEPARATE_COMPILATION  gives the interface half only
//     REALTIMEKIT_IMPLEMENTATION        in one .cpp, with the one above: compiles the other half
//   Defined by the header:
//     REALTIMEKIT_VERSION_MAJOR, _MINOR, _PATCH, REALTIMEKIT_VERSION    integers, for #if
#ifndef REALTIMEKIT_HPP
#define REALTIMEKIT_HPP

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "realtimekit.hpp needs C++17: compile with -std=c++17 (MSVC: /std:c++17) or newer"
#endif

#define REALTIMEKIT_VERSION_MAJOR 0
#define REALTIMEKIT_VERSION_MINOR 1
#define REALTIMEKIT_VERSION_PATCH 0
/// 10000 * major + 100 * minor + patch
#define REALTIMEKIT_VERSION \
  (REALTIMEKIT_VERSION_MAJOR * 10000 + REALTIMEKIT_VERSION_MINOR * 100 + REALTIMEKIT_VERSION_PATCH)

#include <array>        // what no operation promises
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
#include <vector>       // lists; input_iterator_tag, as <iterator> takes long to compile

namespace realtimekit {
inline namespace v0 {

// Constants are written with it: else g++ counts their letters one by one in each compilation.
using std::string_view_literals::operator""sv;

namespace detail {
struct Access;  // reaches what is private to the values below
struct Operation;
struct Table;
struct Type;
template <class T> class Fields;
template <class T> const Type& type_of();
std::string print(const Type& type, const void* value);
void print(std::ostream& out, const std::string& text);
void wipe(std::string& text) noexcept;

template <class T, class = void> inline constexpr bool has_fields_v = false;
template <class T> inline constexpr bool
    has_fields_v<T, decltype(std::declval<const T&>().fields(std::declval<Fields<T>&>()))> = true;

/// An object of the implementation half, owned by all copies together. In place of std::shared_ptr,
/// as <memory> would take a quarter longer to compile than all else that this half includes.
class Shared {
 public:
  struct Object;

  Shared() = default;
  explicit Shared(Object* fresh) noexcept : object_(fresh) {}
  explicit Shared(Object& owned) noexcept;  // by another Shared
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

/// A text that must not be seen: an API token, a stream key. Prints as "***". Its memory is
/// overwritten when it is destroyed or assigned to; copies you make of reveal() are yours.
class Secret {
 public:
  Secret() = default;
  Secret(std::string text) : text_(std::move(text)) {}
  Secret(const char* text) : text_(text) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { detail::wipe(other.text_); }
  Secret& operator=(Secret other) noexcept { return text_.swap(other.text_), *this; }
  ~Secret() { detail::wipe(text_); }

  /// The text itself, for the one place that needs it, such as an encoder's settings.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret& a, const Secret& b) { return a.text_ == b.text_; }
  friend bool operator!=(const Secret& a, const Secret& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

/// A set of named values to which the server may add: a value that this header does not know keeps
/// its text. Compare with the constants of the derived type: `live->status ==
/// LivestreamStatus::live`.
template <class Derived> class OpenEnum {
 public:
  /// One of the known values; a constant.
  struct Value {
    std::string_view text;
  };

  OpenEnum() = default;
  OpenEnum(Value known) : text_(known.text) {}
  explicit OpenEnum(std::string text) : text_(std::move(text)) {}

  /// As the server writes it; empty when it sent none.
  const std::string& text() const { return text_; }

  friend bool operator==(const OpenEnum& a, const OpenEnum& b) { return a.text_ == b.text_; }
  friend bool operator!=(const OpenEnum& a, const OpenEnum& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

/// A moment: the text as the server sent it, such as "2023-07-15T07:08:26.634Z", and its value.
class Timestamp {
 public:
  using time_point = std::chrono::system_clock::time_point;

  Timestamp() = default;
  Timestamp(std::string iso8601) : text_(std::move(iso8601)) {}
  Timestamp(const char* iso8601) : text_(iso8601) {}
  Timestamp(time_point time);

  const std::string& text() const { return text_; }
  /// Of an ISO 8601 date, or date and time, also as Go and SQL write it; of seconds or milliseconds
  /// since 1970; of an HTTP date. Empty if the text is none of these. Without a zone it is UTC.
  std::optional<time_point> time() const;

  friend bool operator==(const Timestamp& a, const Timestamp& b) { return a.text_ == b.text_; }
  friend bool operator!=(const Timestamp& a, const Timestamp& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

/// JSON text, for what the API leaves to you: parse it with a library of your choice.
class RawJson {
 public:
  RawJson() = default;
  /// One JSON value. Where it is not, sending it is an invalid_request.
  RawJson(std::string json) : text_(std::move(json)) {}
  RawJson(const char* json) : text_(json) {}

  /// Without blanks between its parts; empty when the server sent none, or null.
  const std::string& text() const { return text_; }

  friend bool operator==(const RawJson& a, const RawJson& b) { return a.text_ == b.text_; }
  friend bool operator!=(const RawJson& a, const RawJson& b) { return !(a == b); }

 private:
  friend detail::Access;
  std::string text_;
};

// >>http ------------------------------------------------------------------------------------------

/// Ends calls early. A copyable handle: every copy means the same call or calls. All of it may be
/// used from any thread.
class CancelToken {
 public:
  /// Never canceled; cancel() does nothing.
  CancelToken() = default;
  /// One that can be canceled.
  static CancelToken create();

  /// Ends every call that was given this token: within milliseconds, with ErrorKind::canceled.
  void cancel() const;
  bool canceled() const noexcept;
  /// Sleeps. Returns true as soon as the token is canceled, false when the time is up.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  friend detail::Access;
  detail::Shared state_;
};

/// What a request asks for.
enum class Method { get, post, put, patch, del };
/// The verb as it is sent: "GET", "POST", "PUT", "PATCH", "DELETE".
std::string_view to_string(Method method) noexcept;

using Headers = std::vector<std::pair<std::string, std::string>>;
/// The value of the first header of that name, in any case; null if there is none.
const std::string* find_header(const Headers& headers, std::string_view name) noexcept;

/// What a transport is given. Everything in it has been checked: no header holds a control
/// character.
struct HttpRequest {
  Method method = Method::get;
  std::string url{};                          ///< absolute, percent-encoded: send it as it is
  Headers headers{};                          ///< holds the API token: do not log
  std::string body{};                         ///< JSON; empty: none
  bool idempotent = true;                     ///< false: sending it twice may create two things
  std::chrono::milliseconds timeout{30000};   ///< from DNS lookup to the last byte of the answer
  std::size_t max_response_bytes = 8u << 20;  ///< a longer body must be refused
  CancelToken cancel{};                       ///< when canceled, return ErrorKind::canceled
};

/// What a transport gives back. The body is complete and unencoded.
struct HttpResponse {
  int status = 0;     ///< such as 201; 0 in a default-constructed one
  Headers headers{};  ///< as received
  std::string body{};
};

// >>result ----------------------------------------------------------------------------------------

/// Which stage of a call failed.
enum class ErrorKind {
  invalid_request,  ///< refused here, nothing was sent; message names the field and the rule
  transport,        ///< no usable answer: DNS, connect, TLS, reset, truncated answer
  timeout,          ///< Config::timeout, total_timeout or connect_timeout has passed
  canceled,         ///< its CancelToken was canceled
  api,              ///< the server answered that it failed: any status, also 2xx with success:false
  decode            ///< answered 2xx, but not what was promised; or more than max_response_bytes
};
std::string_view to_string(ErrorKind kind) noexcept;

/// What a failed call left behind.
enum class Delivery {
  not_sent,  ///< the server cannot have acted on it: safe to repeat
  unknown,   ///< it may have acted
  answered   ///< it answered
};
std::string_view to_string(Delivery delivery) noexcept;

/// One of the server's own messages. Code 0: it gave none, or a word, with which the message begins.
struct ApiMessage {
  std::int64_t code = 0;
  std::string message{};
};

/// Why a call failed. The API token and each Secret that was sent are masked in all of it, and so
/// is whatever has the name of a secret.
struct Error {
  ErrorKind kind = ErrorKind::transport;
  Delivery delivery = Delivery::unknown;
  int status = 0;                    ///< HTTP status; 0 without an answer
  std::int64_t code = 0;             ///< the first code in errors, such as 10000 for a bad token
  std::string message{};             ///< the server's own words where it said any
  std::vector<ApiMessage> errors{};  ///< what the server listed, causes after their effect; up to
                                     ///< 100 of up to 4 KiB
  std::string request_id{};          ///< Cloudflare's cf-ray, for a support ticket
  std::optional<std::chrono::seconds> retry_after{};  ///< the server's wish, if it was a valid one
  int attempts = 0;  ///< how often the request was tried, also of a success; 0 if never
  /// The start of a response that is not a success, up to 4 KiB; of a 2xx that cannot be decoded
  /// without its texts, as any of them may be a secret.
  std::string body{};
  /// Trying again soon cannot help, as after a certificate that is not trusted or a proxy that
  /// refuses the password: not retried. Set by the transport.
  bool permanent = false;

  /// One line for a log.
  std::string to_string() const;
};
std::ostream& operator<<(std::ostream& out, const Error& error);

/// What Result::value() throws. what() is Error::to_string().
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error);
  ~Exception() override;
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

namespace detail {
/// What a Result holds beside its value.
struct Outcome {
  bool ok = false;
  Error error;
  HttpResponse response;

  // Compiled once, not in every file that holds a Result.
  Outcome();
  Outcome(const Outcome&);
  Outcome(Outcome&&) noexcept;
  Outcome& operator=(const Outcome&);
  Outcome& operator=(Outcome&&) noexcept;
  ~Outcome();

  /// Throws Exception or aborts with the error's text, unless ok.
  void check() const;
};
}  // namespace detail

/// A value or an Error. Check it first: `if (!result) log(result.error());`
template <class T> class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, Error>, "realtimekit: Result<Error> has no meaning");

 public:
  Result(T value) : value_(std::move(value)) { outcome_.ok = true; }
  Result(Error error) { outcome_.error = std::move(error); }

  bool has_value() const noexcept { return outcome_.ok; }
  explicit operator bool() const noexcept { return outcome_.ok; }

  /// The value. On an error: throws Exception or, where exceptions are off, aborts with its text.
  T& value() & { return outcome_.check(), value_; }
  const T& value() const& { return outcome_.check(), value_; }
  T&& value() && { return outcome_.check(), std::move(value_); }
  /// The same as value(), check included.
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The error. Where there is a value, only attempts of it means anything.
  const Error& error() const& noexcept { return outcome_.error; }
  Error&& error() && noexcept { return std::move(outcome_.error); }

  /// The server's last answer as it came, secrets included; status 0 if there was none.
  const HttpResponse& response() const noexcept { return outcome_.response; }

 private:
  friend detail::Access;
  Result() = default;

  T value_{};
  detail::Outcome outcome_;
};

// >>config ----------------------------------------------------------------------------------------

/// When a failed request is tried again. GET, PUT and DELETE of one thing: on transport errors,
/// timeouts and the statuses 408, 429, 500, 502, 503, 504, 520 to 524. A create: only when it was
/// never sent, or on 429. None after an error that is permanent. The n-th wait is
/// min(base * 2^(n-1), cap), less up to a quarter of it at random; a valid Retry-After replaces it.
/// A DELETE that is answered with 404 when an earlier attempt of the call may have arrived is a
/// success: that attempt has deleted it. Its value is empty, and error().attempts more than 1.
struct RetryPolicy {
  int max_attempts = 3;                              ///< the first one included; 1: never repeat
  std::chrono::milliseconds base{500};               ///< the first wait
  std::chrono::milliseconds cap{8000};               ///< the longest wait of our own
  std::chrono::milliseconds max_retry_after{60000};  ///< a longer Retry-After ends the call at once
};

/// Who calls, what, and how patiently.
struct Config {
  std::string account_id{};  ///< Cloudflare account id
  std::string app_id{};      ///< RealtimeKit app id
  Secret api_token{};        ///< API token with the permission Realtime or Realtime Admin
  /// https, or http to a loopback host; a path is kept.
  std::string base_url = "https://api.cloudflare.com/client/v4";
  std::chrono::milliseconds timeout{30000};        ///< one attempt, body included; more than 0
  std::chrono::milliseconds total_timeout{60000};  ///< all attempts and waits; more than 0
  RetryPolicy retry{};
  std::size_t max_response_bytes = 8u << 20;  ///< a longer answer is dropped: ErrorKind::decode
  /// Sent with every request, such as a User-Agent. Not Authorization, Accept, Accept-Encoding,
  /// Content-Type, Content-Length, Host, Transfer-Encoding, Connection or Expect.
  Headers headers{};
  bool allow_plain_http = false;  ///< true: http to any host. The token travels readable by all

  /// From CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, REALTIMEKIT_APP_ID and, where set,
  /// CLOUDFLARE_BASE_URL. Blanks and quotes around a value are dropped, and "Bearer " before the
  /// token. Error: invalid_request, naming the variables that are missing. Reads the environment:
  /// do not call it while another thread changes that.
  static Result<Config> from_env();
};

/// What one call may ask for itself.
struct CallOptions {
  /// Of send(): defaults to Config::total_timeout. Of pages() and ensure(): for all their requests
  /// together, from the call on; by default each of these has Config::total_timeout for itself.
  std::optional<std::chrono::milliseconds> total_timeout{};
  CancelToken cancel{};  ///< default: never
  int max_pages = 1000;  ///< of pages() and ensure(): a list that has more ends with an error
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
// Where a name on the wire differs from the member's, the list is written out in its place:
//
//       template <class Fields> static void fields(Fields& field) {
//         field("question", &Poll::question);
//         field("default", &Poll::preselected);
//       }
//
// That one list drives requests, answers and printing. A field is a std::string, Secret, Timestamp,
// RawJson, bool, int, std::int64_t, double, a type derived from OpenEnum, another such struct, or a
// std::optional or std::vector of these. A std::vector of std::pair<std::string, T> is an object
// whose names are yours. Fields have default values, as an answer may lack any of them. Empty, a
// Secret, Timestamp, OpenEnum, RawJson or std::vector is absent, and a struct in which all is: an
// absent field is not sent. A std::optional that has a value is sent, whatever the value is: make a
// list optional where an empty one has a meaning.
//
// The server may wrap a struct, or a list of it, under the name of the resource, in the singular or
// the plural. The struct says which:
//
//       static constexpr std::string_view wrappers[] = {"poll"};

/// The fields of a struct, where they are called on the wire as they are here.
#define REALTIMEKIT_FIELDS(...)                                                                 \
  template <class RealtimekitFields> void fields(RealtimekitFields& realtimekit_fields) const { \
    realtimekit_fields.names(#__VA_ARGS__).members(__VA_ARGS__);                                \
  }

/// What a field is beside its name.
enum class Role {
  plain,
  flat  ///< what it holds may also stand where the struct itself is expected
};

/// A struct with fields() as one line of JSON, for logs: secrets as "***", absent fields left out.
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

// >>models ----------------------------------------------------------------------------------------
//
// What the server sends. Decoding takes what the server really sends, not what its schema says:
// null and absent alike, numbers and booleans also as text, one object for a list and the reverse,
// unknown fields ignored (unread() names them), unknown values of an OpenEnum kept.
//
// No response takes long or much memory, whatever is in it. The items of lists may take 16 MiB, or
// four times the size of the response if that is more. A response may have 500,000 values, or one
// for each 16 bytes; a text in it 2 MiB. One that has more, as "[{},{},{}" may, is a decode error.

/// Which part of a list an answer holds, where the server says so.
struct Paging {
  std::optional<std::int64_t> total_count{};   ///< items on all pages
  std::optional<std::int64_t> start_offset{};  ///< of the first item here, from 1
  std::optional<std::int64_t> end_offset{};    ///< of the last item here

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

/// The direction of a list. Livestreams have one of their own: livestreams::SortOrder.
struct SortOrder : OpenEnum<SortOrder> {
  using OpenEnum::OpenEnum;
  static constexpr Value ascending{"ASC"sv};
  static constexpr Value descending{"DESC"sv};
};

// >>operations ------------------------------------------------------------------------------------
//
// An operation is data: a struct whose fields are its parameters. One of your own, for a route that
// this header lacks, has the same four members and is sent in the same way:
//
//     struct StopLivestream {
//       static constexpr auto route =
//           rtk::Route::post("/meetings/{meeting_id}/active-livestream/stop");
//       using Response = Stopped;  // a struct with fields
//       std::string meeting_id{};
//       REALTIMEKIT_FIELDS(meeting_id)
//     };
//
// A response is usable if it holds an id, where Response has one, or the list that it is, or else
// anything. An operation may say otherwise, by the names of fields that must not be empty, or none:
//
//       static constexpr std::string_view promises[] = {"id", "stream_key"};
//       static constexpr rtk::NoPromises promises{};
//
// A field named in the path goes there; the others go into the query of a GET or DELETE and into
// the JSON body of the rest. An absent optional is not sent. {account_id} and {app_id} come from
// the Config. Permission of the token, for each of these operations: Realtime or Realtime Admin.
//
// Published rate limits: 3,500 requests in 5 minutes, for recordings 1,000 in 50 s; of a token over
// all of Cloudflare's API 1,200 in 5 minutes. Beyond: 429, with Error::retry_after.

/// Whether sending a request twice can do harm.
enum class Repeat {
  harmless,  ///< twice is the same as once: may be tried again after a failure
  harmful    ///< twice may create two things: tried again only if the server cannot have acted
};

/// For operations that succeed with any response, or none.
using NoPromises = std::array<std::string_view, 0>;

/// The verb and the path of an operation. The functions take a path below that of the app,
/// /accounts/{account_id}/realtime/kit/{app_id}. For any other route give all members:
/// `Route{Method::get, "/user/tokens/verify", Repeat::harmless}`.
struct Route {
  Method method;
  std::string_view path;  ///< below Config::base_url or the app, with {names} of fields
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

/// What a livestream is doing. The published guide shows a new one as OFFLINE, the reference as
/// INVOKED.
struct LivestreamStatus : OpenEnum<LivestreamStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value live{"LIVE"sv};        ///< video arrives
  static constexpr Value idle{"IDLE"sv};        ///< none arrives
  static constexpr Value errored{"ERRORED"sv};  ///< see LivestreamSession::err_message
  static constexpr Value invoked{"INVOKED"sv};  ///< started, not yet live
  static constexpr Value offline{"OFFLINE"sv};  ///< created, never started
};

/// A livestream: where to publish and where to watch. Routes send different parts of it; what a
/// route leaves out stays empty.
struct Livestream {
  static constexpr std::string_view wrappers[] = {"livestream"sv, "LivestreamBase"sv};

  std::string id{};
  std::optional<std::string> name{};
  LivestreamStatus status{};
  std::string ingest_server{};  ///< RTMPS URL. OBS: "Server". ffmpeg: this, one '/', the stream key
  Secret stream_key{};          ///< OBS: "Stream key". Whoever has it can publish
  std::string playback_url{};   ///< HLS manifest; exists once video arrives, 3 to 6 s behind
  std::optional<std::string> meeting_id{};  ///< absent for an independent livestream
  bool disabled = false;                    ///< true: publishing is refused
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<double> ingest_seconds{};  ///< of video received so far
  std::optional<double> viewer_seconds{};  ///< watched so far, all viewers added up
  std::optional<std::string> org_id{};

  REALTIMEKIT_FIELDS(id, name, status, ingest_server, stream_key, playback_url, meeting_id,
                     disabled, created_at, updated_at, ingest_seconds, viewer_seconds, org_id)
};

/// One broadcast of a livestream.
struct LivestreamSession {
  static constexpr std::string_view wrappers[] = {"session"sv};

  std::string id{};
  std::string livestream_id{};
  std::optional<std::string> err_message{};  ///< why it failed
  Timestamp invoked_time{};
  Timestamp started_time{};
  Timestamp stopped_time{};
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<double> ingest_seconds{};  ///< in the first minute always 60, a placeholder
  std::optional<double> viewer_seconds{};  ///< the same

  REALTIMEKIT_FIELDS(id, livestream_id, err_message, invoked_time, started_time, stopped_time,
                     created_at, updated_at, ingest_seconds, viewer_seconds)
};

/// A livestream with its broadcasts.
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

/// A livestream and the broadcast that is on.
struct ActiveLivestreamSession {
  Livestream livestream;
  LivestreamSession session;

  template <class Fields> static void fields(Fields& field) {
    field("livestream", &ActiveLivestreamSession::livestream, Role::flat);
    field("session", &ActiveLivestreamSession::session);
  }
};

namespace livestreams {

/// Creates a livestream that belongs to no meeting: publish to it with any RTMPS encoder.
/// There is no way to delete one. Equal names give separate livestreams.
struct Create {
  static constexpr Route route = Route::post("/livestreams"sv);
  static constexpr std::string_view promises[] = {"id"sv, "ingest_server"sv, "stream_key"sv,
                                                  "playback_url"sv};
  using Response = Livestream;

  std::optional<std::string> name{};  ///< published rule: letters, digits, '-' and '_'

  REALTIMEKIT_FIELDS(name)
};

/// One livestream and a page of its broadcasts.
struct Get {
  static constexpr Route route = Route::get("/livestreams/{livestream_id}"sv);
  static constexpr std::string_view promises[] = {"livestream.id"sv};
  using Response = LivestreamDetails;

  std::string livestream_id{};             ///< required
  std::optional<std::int64_t> page_no{};   ///< of sessions, from 1
  std::optional<std::int64_t> per_page{};  ///< of sessions

  REALTIMEKIT_FIELDS(livestream_id, page_no, per_page)
};

/// By time of creation.
struct SortOrder : OpenEnum<SortOrder> {
  using OpenEnum::OpenEnum;
  static constexpr Value ascending{"ASC"sv};
  static constexpr Value descending{"DSC"sv};  // as livestreams spell it
};

/// The app's livestreams, independent ones and those of meetings.
struct List {
  static constexpr Route route = Route::get("/livestreams"sv);
  using Response = Page<Livestream>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  LivestreamStatus status{};               ///< only these
  std::optional<bool> exclude_meetings{};  ///< true: only independent livestreams
  SortOrder sort_order{};
  Timestamp start_time{};  ///< created at this time or later
  Timestamp end_time{};    ///< created at this time or earlier

  REALTIMEKIT_FIELDS(page_no, per_page, status, exclude_meetings, sort_order, start_time, end_time)
};

/// The livestream and the broadcast that is on: its err_message says why one failed.
struct GetActiveSession {
  static constexpr Route route =
      Route::get("/livestreams/{livestream_id}/active-livestream-session"sv);
  using Response = ActiveLivestreamSession;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// One broadcast, on or over.
struct GetSession {
  static constexpr Route route = Route::get("/livestreams/sessions/{livestream_session_id}"sv);
  using Response = LivestreamSession;

  std::string livestream_session_id{};  ///< required; LivestreamSession::id

  REALTIMEKIT_FIELDS(livestream_session_id)
};

/// Takes back a Disable. From older published specs only.
struct Enable {
  static constexpr Route route = Route::put("/livestreams/{livestream_id}/enable"sv);
  using Response = Livestream;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// Disables a livestream: see Livestream::disabled. From older published specs only.
struct Disable {
  static constexpr Route route = Route::put("/livestreams/{livestream_id}/disable"sv);
  using Response = Livestream;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

/// Gives a livestream a new stream key, which is in the answer. From older published specs only.
struct ResetStreamKey {
  static constexpr Route route = Route::post("/livestreams/{livestream_id}/reset-stream-key"sv);
  static constexpr std::string_view promises[] = {"stream_key"sv};
  using Response = Livestream;

  std::string livestream_id{};  ///< required

  REALTIMEKIT_FIELDS(livestream_id)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace livestreams

// >>meetings --------------------------------------------------------------------------------------

/// A width and a height in pixels.
struct PixelSize {
  std::optional<std::int64_t> width{};
  std::optional<std::int64_t> height{};

  REALTIMEKIT_FIELDS(width, height)
};

/// Where in the video a watermark is.
struct WatermarkPosition : OpenEnum<WatermarkPosition> {
  using OpenEnum::OpenEnum;
  static constexpr Value left_top{"left top"sv};
  static constexpr Value right_top{"right top"sv};
  static constexpr Value left_bottom{"left bottom"sv};
  static constexpr Value right_bottom{"right bottom"sv};
};

/// A picture over a recorded video.
struct Watermark {
  std::optional<std::string> url{};  ///< of the picture
  PixelSize size{};
  WatermarkPosition position{};  ///< default left top

  REALTIMEKIT_FIELDS(url, size, position)
};

/// How the video of a recording is encoded.
struct VideoCodec : OpenEnum<VideoCodec> {
  using OpenEnum::OpenEnum;
  static constexpr Value h264{"H264"sv};
  static constexpr Value vp8{"VP8"sv};
  static constexpr Value vp9{"VP9"sv};
};

/// The video of a recording.
struct VideoConfig {
  VideoCodec codec{};                    ///< default H264
  std::optional<std::int64_t> width{};   ///< in pixels; default 1280
  std::optional<std::int64_t> height{};  ///< in pixels; default 720
  std::optional<bool> export_file{};     ///< whether to export a video file
  Watermark watermark{};

  REALTIMEKIT_FIELDS(codec, width, height, export_file, watermark)
};

/// How the audio of a recording is encoded.
struct AudioCodec : OpenEnum<AudioCodec> {
  using OpenEnum::OpenEnum;
  static constexpr Value mp3{"MP3"sv};
  static constexpr Value aac{"AAC"sv};
};

/// How many channels the audio of a recording has.
struct AudioChannel : OpenEnum<AudioChannel> {
  using OpenEnum::OpenEnum;
  static constexpr Value mono{"mono"sv};
  static constexpr Value stereo{"stereo"sv};
};

/// The audio of a recording. Not allowed with VP8 or VP9 video, whose audio is always Vorbis.
struct AudioConfig {
  AudioCodec codec{};                 ///< default AAC
  AudioChannel channel{};             ///< default stereo
  std::optional<bool> export_file{};  ///< whether to export an audio file; default true

  REALTIMEKIT_FIELDS(codec, channel, export_file)
};

/// Who runs a storage.
struct StorageType : OpenEnum<StorageType> {
  using OpenEnum::OpenEnum;
  static constexpr Value aws{"aws"sv};
  static constexpr Value azure{"azure"sv};
  static constexpr Value digitalocean{"digitalocean"sv};
  static constexpr Value gcs{"gcs"sv};  ///< Google Cloud Storage
  static constexpr Value sftp{"sftp"sv};
  static constexpr Value cloudflare{"cloudflare"sv};  ///< R2
};

/// How to log in by SFTP.
struct StorageAuthMethod : OpenEnum<StorageAuthMethod> {
  using OpenEnum::OpenEnum;
  static constexpr Value key{"KEY"sv};
  static constexpr Value password{"PASSWORD"sv};
};

/// A storage of your own to which recordings are uploaded. Its secrets are for sending: expect none
/// in an answer.
struct StorageConfig {
  StorageType type{};                     ///< required
  std::optional<std::string> bucket{};    ///< name of the bucket
  std::optional<std::string> region{};    ///< required for aws, azure, digitalocean
  std::optional<std::string> path{};      ///< folder, from the root of the bucket; default the root
  std::optional<Secret> access_key{};     ///< required for aws, azure, digitalocean; not for gcs
  std::optional<Secret> secret{};         ///< that belongs to access_key; azure: "", which is sent
  std::optional<std::string> host{};      ///< sftp: the server
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
  /// Required; default of the server: true. False: the recording gets no download URLs, and is lost
  /// unless a StorageConfig is set.
  std::optional<bool> enabled{};

  REALTIMEKIT_FIELDS(enabled)
};

/// An RTMP server to which the recorded video is sent as well.
struct RtmpConfig {
  std::optional<Secret> rtmp_url{};  ///< a secret, as it may end in that server's stream key

  REALTIMEKIT_FIELDS(rtmp_url)
};

/// How a meeting is recorded. Comes before the settings of the app.
struct RecordingConfig {
  std::optional<double> max_seconds{};            ///< longest duration: 60 to 86400
  std::optional<std::string> file_name_prefix{};  ///< start of the file's name
  VideoConfig video_config{};
  AudioConfig audio_config{};
  StorageConfig storage_config{};
  BucketConfig realtimekit_bucket_config{};
  BucketConfig dyte_bucket_config{};  ///< the same by its old name; for answers
  RtmpConfig live_streaming_config{};

  REALTIMEKIT_FIELDS(max_seconds, file_name_prefix, video_config, audio_config, storage_config,
                     realtimekit_bucket_config, dyte_bucket_config, live_streaming_config)
};

/// How a meeting is transcribed.
struct TranscriptionConfig {
  /// Such as "en-US", the default; also en-IN, de, hi, sv, ru, pl, el, fr, nl.
  std::optional<std::string> language{};
  /// Terms to listen for, such as names. An empty list is sent: it removes those that were set.
  std::optional<std::vector<std::string>> keywords{};
  std::optional<bool> profanity_filter{};  ///< for offensive words; default false

  REALTIMEKIT_FIELDS(language, keywords, profanity_filter)
};

/// What kind of meeting a summary is of.
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

/// How a summary is written.
struct SummaryFormat : OpenEnum<SummaryFormat> {
  using OpenEnum::OpenEnum;
  static constexpr Value plain_text{"plain_text"sv};
  static constexpr Value markdown{"markdown"sv};
};

/// How a meeting is summarized. Published sources disagree on the defaults of text_format and
/// word_limit: markdown and 500 words, or plain text and 300. Set both.
struct SummarizationConfig {
  SummaryType summary_type{};                ///< default general
  SummaryFormat text_format{};               ///< default markdown or plain_text, see above
  std::optional<std::int64_t> word_limit{};  ///< 150 to 1000; default 500 or 300, see above

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

/// A room that participants join. Each time that people meet in it is a session. For what the
/// settings mean see meetings::Create.
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

/// What the server says of something that it has done.
struct Confirmation {
  std::string message{};

  REALTIMEKIT_FIELDS(message)
};

namespace meetings {

/// The app's meetings.
struct List {
  static constexpr Route route = Route::get("/meetings"sv);
  using Response = Page<Meeting>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< a meeting's id or title
  MeetingStatus status{};                  ///< only these
  Timestamp start_time{};                  ///< start of the time range
  Timestamp end_time{};                    ///< end of the time range

  REALTIMEKIT_FIELDS(page_no, per_page, search, status, start_time, end_time)
};

/// Creates a meeting. It has no date: participants, once added, may meet in it any number of times.
/// There is no way to delete one; Update can make it inactive.
struct Create {
  static constexpr Route route = Route::post("/meetings"sv);
  using Response = Meeting;

  std::optional<std::string> title{};
  std::optional<bool> record_on_start{};       ///< true: record as soon as someone joins
  std::optional<bool> live_stream_on_start{};  ///< true: livestream from the start
  /// True: the chat stays; published sources disagree on how long: a week, or for ever. Default
  /// false.
  std::optional<bool> persist_chat{};
  std::optional<bool> transcribe_on_end{};  ///< true: a transcript when the meeting ends
  std::optional<bool> summarize_on_end{};   ///< true: a summary, made from the transcript
  /// How long a session stays after the last participant has left: 60 to 600; default 60.
  std::optional<double> session_keep_alive_time_in_secs{};
  RecordingConfig recording_config{};
  AiConfig ai_config{};

  REALTIMEKIT_FIELDS(title, record_on_start, live_stream_on_start, persist_chat, transcribe_on_end,
                     summarize_on_end, session_keep_alive_time_in_secs, recording_config, ai_config)
};

struct Get {
  static constexpr Route route = Route::get("/meetings/{meeting_id}"sv);
  using Response = Meeting;

  std::string meeting_id{};           ///< required
  std::optional<std::string> name{};  ///< the reference has it without saying what it does

  REALTIMEKIT_FIELDS(meeting_id, name)
};

/// Changes the settings that are given. For their meaning see Create.
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

/// Replaces all settings of a meeting. For their meaning see Create; to change some, use Update.
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

/// The livestream that a meeting has now. May lack ingest_server and stream_key.
struct GetActiveLivestream {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/active-livestream"sv);
  using Response = Livestream;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Starts to livestream a meeting; viewers watch at the playback URL. Stays INVOKED for some
/// seconds. 400 while a former livestream of the meeting is still stopping.
struct StartLivestream {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/livestreams"sv);
  static constexpr std::string_view promises[] = {"id"sv, "playback_url"sv};
  using Response = Livestream;

  std::string meeting_id{};  ///< required
  std::optional<std::string> name{};
  PixelSize video_config{};  ///< of the livestreamed video

  REALTIMEKIT_FIELDS(meeting_id, name, video_config)
};

/// Stops the livestream of a meeting. Until that is done, StartLivestream is answered with 400.
struct StopLivestream {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-livestream/stop"sv);
  static constexpr NoPromises promises{};
  using Response = Confirmation;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// The livestreams of a meeting and a page of their broadcasts.
struct GetLivestreams {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/livestream"sv);
  using Response = MeetingLivestreams;

  std::string meeting_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< of sessions, from 1
  std::optional<std::int64_t> per_page{};  ///< of sessions

  REALTIMEKIT_FIELDS(meeting_id, page_no, per_page)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace meetings

// >>participants ----------------------------------------------------------------------------------

/// A person who may join a meeting. Routes send different parts of it; what a route leaves out
/// stays empty.
struct Participant {
  static constexpr std::string_view wrappers[] = {"participant"sv};

  std::string id{};
  std::string custom_participant_id{};  ///< your own id of the person; see participants::Add
  std::optional<std::string> name{};
  std::optional<std::string> picture{};  ///< URL
  std::optional<std::string> preset_name{};
  std::optional<std::string> preset_id{};  ///< some routes send it in place of the name
  Secret token{};  ///< lets an app join as this person, for 100 days; only from Add, Update and
                   ///< RefreshToken
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, custom_participant_id, name, picture, preset_name, preset_id, token,
                     created_at, updated_at)
};

namespace participants {

/// The participants of a meeting, without their tokens.
struct List {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/participants"sv);
  using Response = Page<Participant>;

  std::string meeting_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page

  REALTIMEKIT_FIELDS(meeting_id, page_no, per_page)
};

/// Adds a participant to a meeting: the token in the answer lets an app join as this person. It is
/// valid for 100 days; RefreshToken gives another one.
struct Add {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/participants"sv);
  static constexpr std::string_view promises[] = {"id"sv, "token"sv};
  using Response = Participant;

  std::string meeting_id{};   ///< required
  std::string preset_name{};  ///< required: what the person may do
  /// Required: your own id of the person, unique. Not personal data, such as an e-mail address or a
  /// phone number.
  std::string custom_participant_id{};
  std::optional<std::string> name{};
  std::optional<std::string> picture{};  ///< URL

  REALTIMEKIT_FIELDS(meeting_id, preset_name, custom_participant_id, name, picture)
};

///     /participants/{participant_id}
/// One participant, without the token.
struct Get {
  static constexpr Route route =
      Route::get("/meetings/{meeting_id}/participants/{participant_id}"sv);
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id, participant_id)
};

///     /participants/{participant_id}
/// Changes what is given.
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

///     /participants/{participant_id}
/// Deletes a participant. The answer lacks the id.
struct Delete {
  static constexpr Route route =
      Route::del("/meetings/{meeting_id}/participants/{participant_id}"sv);
  static constexpr NoPromises promises{};
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id, participant_id)
};

///     /participants/{participant_id}/token
/// Gives a participant a new token. The answer has nothing else.
struct RefreshToken {
  static constexpr Route route =
      Route::post("/meetings/{meeting_id}/participants/{participant_id}/token"sv);
  static constexpr std::string_view promises[] = {"token"sv};
  using Response = Participant;

  std::string meeting_id{};      ///< required
  std::string participant_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id, participant_id)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace participants

// >>active_session --------------------------------------------------------------------------------

/// Whether a session is on.
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

/// One time that a meeting was held.
struct Session {
  static constexpr std::string_view wrappers[] = {"session"sv};

  std::string id{};
  std::string associated_id{};  ///< id of the meeting; of a V1 meeting the name of its room
  std::optional<std::string> meeting_display_name{};  ///< title of the meeting
  SessionType type{};
  SessionStatus status{};
  std::int64_t live_participants = 0;            ///< in the session now
  std::int64_t max_concurrent_participants = 0;  ///< most at one time
  double minutes_consumed = 0;
  std::optional<std::string> organization_id{};  ///< id of the app
  Timestamp started_at{};
  Timestamp ended_at{};  ///< empty while it is live
  Timestamp created_at{};
  Timestamp updated_at{};
  RawJson meta{};
  std::vector<Session> breakout_rooms;

  REALTIMEKIT_FIELDS(id, associated_id, meeting_display_name, type, status, live_participants,
                     max_concurrent_participants, minutes_consumed, organization_id, started_at,
                     ended_at, created_at, updated_at, meta, breakout_rooms)
};

/// Somebody who was kicked or muted.
struct AffectedParticipant {
  std::string id{};
  std::optional<std::string> name{};
  std::optional<std::string> email{};
  std::optional<std::string> picture{};  ///< URL
  Timestamp created_at{};
  Timestamp updated_at{};

  REALTIMEKIT_FIELDS(id, name, email, picture, created_at, updated_at)
};

/// What kicking or muting has done.
struct ActionResult {
  std::optional<std::string> action{};
  std::vector<AffectedParticipant> participants;            ///< of Kick and Mute
  std::optional<std::int64_t> kicked_participants_count{};  ///< of KickAll
  std::optional<std::int64_t> muted_participants_count{};   ///< of MuteAll

  REALTIMEKIT_FIELDS(action, participants, kicked_participants_count, muted_participants_count)
};

/// Who voted for an option.
struct PollVote {
  std::string id{};
  std::string name{};

  REALTIMEKIT_FIELDS(id, name)
};

/// An answer to choose in a poll, and its votes.
struct PollOption {
  std::string text{};
  std::int64_t count = 0;
  std::vector<PollVote> votes;

  REALTIMEKIT_FIELDS(text, count, votes)
};

/// A question to those in a meeting, and how they voted.
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

/// The answer to CreatePoll.
struct CreatedPoll {
  std::optional<std::string> action{};
  Poll poll;

  template <class Fields> static void fields(Fields& field) {
    field("action", &CreatedPoll::action);
    field("poll", &CreatedPoll::poll, Role::flat);
  }
};

namespace active_session {

/// The session that a meeting has now. Without one: 404.
struct Get {
  static constexpr Route route = Route::get("/meetings/{meeting_id}/active-session"sv);
  using Response = Session;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Removes some people from the session, named by user ids or by your own ids.
struct Kick {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/kick"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};  ///< required
  std::vector<std::string> participant_ids{};
  std::vector<std::string> custom_participant_ids{};

  REALTIMEKIT_FIELDS(meeting_id, participant_ids, custom_participant_ids)
};

/// Removes everybody from the session, which ends it.
struct KickAll {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/kick-all"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Mutes some people in the session, named by user ids or by your own ids.
struct Mute {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/mute"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};  ///< required
  std::vector<std::string> participant_ids{};
  std::vector<std::string> custom_participant_ids{};

  REALTIMEKIT_FIELDS(meeting_id, participant_ids, custom_participant_ids)
};

/// Mutes everybody in the session.
struct MuteAll {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/mute-all"sv);
  static constexpr NoPromises promises{};
  using Response = ActionResult;

  std::string meeting_id{};            ///< required
  std::optional<bool> allow_unmute{};  ///< false: they cannot unmute themselves

  REALTIMEKIT_FIELDS(meeting_id, allow_unmute)
};

/// Asks everybody in the session a question.
struct CreatePoll {
  static constexpr Route route = Route::post("/meetings/{meeting_id}/active-session/poll"sv);
  using Response = CreatedPoll;

  std::string meeting_id{};            ///< required
  std::string question{};              ///< required
  std::vector<std::string> options{};  ///< required; the answers to choose from
  std::optional<bool> anonymous{};     ///< true: nobody sees who voted
  std::optional<bool> hide_votes{};    ///< true: votes are hidden until one has voted

  REALTIMEKIT_FIELDS(meeting_id, question, options, anonymous, hide_votes)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace active_session

// >>sessions --------------------------------------------------------------------------------------

/// What happened to a connection to a session.
struct PeerEventName : OpenEnum<PeerEventName> {
  using OpenEnum::OpenEnum;
  static constexpr Value created{"PEER_CREATED"sv};
  static constexpr Value joining{"PEER_JOINING"sv};
  static constexpr Value leaving{"PEER_LEAVING"sv};
};

/// What a preset is made for.
struct PresetViewType : OpenEnum<PresetViewType> {
  using OpenEnum::OpenEnum;
  static constexpr Value group_call{"GROUP_CALL"sv};
  static constexpr Value webinar{"WEBINAR"sv};
  static constexpr Value audio_room{"AUDIO_ROOM"sv};
  static constexpr Value livestream{"LIVESTREAM"sv};
  static constexpr Value chat{"CHAT"sv};
};

/// A step in the life of a participant's connection.
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

/// Somebody who is or was in a session.
struct SessionParticipant {
  static constexpr std::string_view wrappers[] = {"participant"sv};

  std::string id{};  ///< also the peer id
  std::optional<std::string> user_id{};
  std::optional<std::string> custom_participant_id{};  ///< your own id of that person
  std::optional<std::string> display_name{};
  std::optional<std::string> preset_name{};
  Timestamp joined_at{};
  Timestamp left_at{};
  std::optional<double> duration{};  ///< in the session, in minutes
  Timestamp created_at{};
  Timestamp updated_at{};
  std::vector<PeerEvent> peer_events;  ///< only with include_peer_events

  REALTIMEKIT_FIELDS(id, user_id, custom_participant_id, display_name, preset_name, joined_at,
                     left_at, duration, created_at, updated_at, peer_events)
};

/// What somebody took part with. Each place sends its own part of it.
struct DeviceInfo {
  std::optional<std::string> browser{};
  std::optional<std::string> browser_version{};
  std::optional<std::string> engine{};
  std::optional<std::string> user_agent{};
  std::optional<std::string> webgl_support{};  ///< as text, also where it is a boolean
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

/// The network that an IP address belongs to.
struct AsnInfo {
  std::optional<std::string> asn{};
  std::optional<std::string> name{};
  std::optional<std::string> domain{};
  std::optional<std::string> route{};
  std::optional<std::string> type{};

  REALTIMEKIT_FIELDS(asn, name, domain, route, type)
};

/// What an IP address tells.
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

/// A participant's connection: in PeerStats as it was tested before the call, in PeerMetadata one
/// for each peer connection, without the numbers but with sdp.
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
  std::optional<double> throughtput{};  ///< the same, as older specs spell it
  std::vector<std::string> sdp;

  REALTIMEKIT_FIELDS(timestamp, effective_network_type, turn_connectivity, reflexive_connectivity,
                     relay_connectivity, backend_rtt, rtt, jitter, fractional_loss, throughput,
                     throughtput, sdp)
};

/// Something that happened in a call.
struct CallEvent {
  Timestamp timestamp{};
  std::optional<std::string> name{};  ///< in a PeerReport
  std::optional<std::string> type{};  ///< in PeerStats
  RawJson metadata{};                 ///< differs from event to event

  REALTIMEKIT_FIELDS(timestamp, name, type, metadata)
};

/// A participant's device and connection, as older specs have it.
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

/// The quality of a participant's audio and video over some time, as older specs have it.
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

/// A change of devices: some came, some went, or one was chosen.
struct DeviceUpdate {
  Timestamp timestamp{};
  std::vector<MediaDevice> added;
  std::vector<MediaDevice> removed;
  MediaDevice device;  ///< of selected_device_updates: the one chosen

  REALTIMEKIT_FIELDS(timestamp, added, removed, device)
};

/// What ICE says of one pair of addresses.
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

/// The connections that were tried for media.
struct CandidatePairs {
  std::vector<CandidatePair> producing_transport;  ///< for what the participant sent
  std::vector<CandidatePair> consuming_transport;  ///< for what it received

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

/// For how long each thing kept a video from being better.
struct QualityLimitation {
  std::optional<double> cpu{};
  std::optional<double> bandwidth{};
  std::optional<double> other{};
  std::optional<double> none{};  ///< nothing did

  REALTIMEKIT_FIELDS(cpu, bandwidth, other, none)
};

/// What keeps a video from being better.
struct QualityLimitationReason : OpenEnum<QualityLimitationReason> {
  using OpenEnum::OpenEnum;
  static constexpr Value cpu{"cpu"sv};
  static constexpr Value bandwidth{"bandwidth"sv};
  static constexpr Value other{"other"sv};
  static constexpr Value none{"none"sv};
};

/// One measurement of a stream that a participant sends (producer) or receives (consumer). What
/// does not apply to it is absent.
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

/// An average, and the shares of events that took so long or longer.
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

/// An average, and the shares of events that lost so much or more.
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

/// How much of a video had which trouble.
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

/// The samples of a session in one. What does not apply is absent, as in MediaSample.
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

/// What a participant sent (producer) and received (consumer): samples and their summaries.
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

/// A participant's device, connection, and how good the call was.
struct PeerReport {
  PeerMetadata metadata;
  PeerQuality quality;

  REALTIMEKIT_FIELDS(metadata, quality)
};

/// A participant with what was measured.
struct SessionParticipantDetails : SessionParticipant {
  std::optional<std::string> session_id{};
  std::optional<std::string> role{};  ///< with GetPeerReport: name of the preset
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

/// The file holds all messages, as CSV. It is kept for 7 days.
struct SessionChat {
  std::string chat_download_url{};
  Timestamp chat_download_url_expiry{};

  REALTIMEKIT_FIELDS(chat_download_url, chat_download_url_expiry)
};

/// Where to download a transcript. It is kept for 7 days.
struct SessionTranscript {
  std::string session_id{};
  std::string transcript_download_url{};
  Timestamp transcript_download_url_expiry{};

  REALTIMEKIT_FIELDS(session_id, transcript_download_url, transcript_download_url_expiry)
};

/// The file is plain text.
struct SessionSummary {
  std::string session_id{};
  std::string summary_download_url{};
  Timestamp summary_download_url_expiry{};

  REALTIMEKIT_FIELDS(session_id, summary_download_url, summary_download_url_expiry)
};

/// Two forms of the answer are published: session_id and status, or success and message.
struct SummaryJob {
  std::optional<std::string> session_id{};
  std::optional<std::string> status{};
  std::optional<bool> success{};
  std::optional<std::string> message{};

  REALTIMEKIT_FIELDS(session_id, status, success, message)
};

namespace sessions {

/// What a list of sessions is ordered by.
struct SortBy : OpenEnum<SortBy> {
  using OpenEnum::OpenEnum;
  static constexpr Value minutes_consumed{"minutesConsumed"sv};
  static constexpr Value created_at{"createdAt"sv};
};

/// The app's sessions, live and ended.
struct List {
  static constexpr Route route = Route::get("/sessions"sv);
  using Response = Page<Session>;

  std::optional<std::int64_t> page_no{};       ///< from 1
  std::optional<std::int64_t> per_page{};      ///< items on a page
  SessionStatus status{};                      ///< only these
  std::optional<std::string> associated_id{};  ///< only those of this meeting
  std::optional<std::string> participants{};
  std::optional<std::string> search{};  ///< in title and id of the meeting and id of the session
  SortBy sort_by{};
  SortOrder sort_order{};
  Timestamp start_time{};  ///< start of the time range
  Timestamp end_time{};    ///< end of the time range

  REALTIMEKIT_FIELDS(page_no, per_page, status, associated_id, participants, search, sort_by,
                     sort_order, start_time, end_time)
};

/// One session.
struct Get {
  static constexpr Route route = Route::get("/sessions/{session_id}"sv);
  using Response = Session;

  std::string session_id{};                      ///< required
  std::optional<bool> include_breakout_rooms{};  ///< true: Session::breakout_rooms is filled

  REALTIMEKIT_FIELDS(session_id, include_breakout_rooms)
};

/// What a list of participants is ordered by.
struct ParticipantSortBy : OpenEnum<ParticipantSortBy> {
  using OpenEnum::OpenEnum;
  static constexpr Value joined_at{"joinedAt"sv};
  static constexpr Value duration{"duration"sv};
};

/// How durations are counted in a session with breakout rooms.
struct View : OpenEnum<View> {
  using OpenEnum::OpenEnum;
  static constexpr Value raw{"raw"sv};                    ///< in this session alone
  static constexpr Value consolidated{"consolidated"sv};  ///< its breakout rooms included
};

/// Who is or was in a session.
struct ListParticipants {
  static constexpr Route route = Route::get("/sessions/{session_id}/participants"sv);
  using Response = Page<SessionParticipant>;

  std::string session_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< in participant id, your own id and display name
  ParticipantSortBy sort_by{};
  SortOrder sort_order{};
  std::optional<bool> include_peer_events{};
  View view{};

  REALTIMEKIT_FIELDS(session_id, page_no, per_page, search, sort_by, sort_order,
                     include_peer_events, view)
};

/// One participant of a session. Newer specs leave the measurements to GetPeerReport.
struct GetParticipant {
  static constexpr Route route =
      Route::get("/sessions/{session_id}/participants/{participant_id}"sv);
  using Response = SessionParticipantDetails;

  std::string session_id{};      ///< required
  std::string participant_id{};  ///< required; SessionParticipant::id
  std::optional<bool> include_peer_events{};

  REALTIMEKIT_FIELDS(session_id, participant_id, include_peer_events)
};

/// One participant of a session with device, connection and quality of the call.
struct GetPeerReport {
  static constexpr Route route = Route::get("/sessions/peer-report/{peer_id}"sv);
  using Response = SessionParticipantDetails;

  std::string peer_id{};  ///< required; SessionParticipant::id
  /// One of device_info, ip_information, precall_network_information, events, quality_stats. Older
  /// specs take several: with commas and no blanks between them.
  std::optional<std::string> filters{};
  std::optional<bool> include_peer_events{};

  REALTIMEKIT_FIELDS(peer_id, filters, include_peer_events)
};

/// Where to download the chat messages of a session.
struct GetChat {
  static constexpr Route route = Route::get("/sessions/{session_id}/chat"sv);
  using Response = SessionChat;

  std::string session_id{};  ///< required

  REALTIMEKIT_FIELDS(session_id)
};

/// The format of a transcript's file.
struct TranscriptFormat : OpenEnum<TranscriptFormat> {
  using OpenEnum::OpenEnum;
  static constexpr Value csv{"CSV"sv};
  static constexpr Value json{"JSON"sv};
  static constexpr Value srt{"SRT"sv};
  static constexpr Value vtt{"VTT"sv};
};

/// Where to download the transcript of a session.
struct GetTranscript {
  static constexpr Route route = Route::get("/sessions/{session_id}/transcript"sv);
  using Response = SessionTranscript;

  std::string session_id{};   ///< required
  TranscriptFormat format{};  ///< default: csv

  REALTIMEKIT_FIELDS(session_id, format)
};

/// Where to download the summary of a session's transcript.
struct GetSummary {
  static constexpr Route route = Route::get("/sessions/{session_id}/summary"sv);
  using Response = SessionSummary;

  std::string session_id{};  ///< required

  REALTIMEKIT_FIELDS(session_id)
};

/// Starts to make the summary of a session's transcript, for GetSummary.
struct GenerateSummary {
  static constexpr Route route = Route::post("/sessions/{session_id}/summary"sv);
  static constexpr NoPromises promises{};
  using Response = SummaryJob;

  std::string session_id{};  ///< required

  REALTIMEKIT_FIELDS(session_id)
};

/// The broadcasts of a session.
struct ListLivestreamSessions {
  static constexpr Route route = Route::get("/sessions/{session_id}/livestream-sessions"sv);
  using Response = Page<LivestreamSession>;

  std::string session_id{};                ///< required
  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page

  REALTIMEKIT_FIELDS(session_id, page_no, per_page)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace sessions

// >>recordings ------------------------------------------------------------------------------------

/// What a recording is doing.
struct RecordingStatus : OpenEnum<RecordingStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value invoked{"INVOKED"sv};  ///< asked for, not yet running
  static constexpr Value recording{"RECORDING"sv};
  static constexpr Value paused{"PAUSED"sv};
  static constexpr Value uploading{"UPLOADING"sv};  ///< stopped, the file is on its way
  static constexpr Value uploaded{"UPLOADED"sv};    ///< the file is there
  static constexpr Value errored{"ERRORED"sv};
};

/// Why a recording started or stopped.
struct RecordingReason : OpenEnum<RecordingReason> {
  using OpenEnum::OpenEnum;
  static constexpr Value api_call{"API_CALL"sv};
  static constexpr Value record_on_start{"RECORD_ON_START"sv};  ///< as the meeting asks; no caller
  static constexpr Value internal_error{"INTERNAL_ERROR"sv};
  static constexpr Value all_peers_left{"ALL_PEERS_LEFT"sv};
};

/// Whether the app or a user of it acted.
struct CallerType : OpenEnum<CallerType> {
  using OpenEnum::OpenEnum;
  static constexpr Value organization{"ORGANIZATION"sv};  ///< the app
  static constexpr Value user{"USER"sv};
};

/// Who started or stopped a recording.
struct RecordingCaller {
  CallerType type{};
  std::optional<std::string> user_id{};  ///< of a user
  std::optional<std::string> name{};     ///< of a user

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
  std::vector<std::pair<std::string, TrackFile>> download_urls{};  ///< by names of files

  REALTIMEKIT_FIELDS(layer_name, download_urls)
};

/// A recording of a meeting. Routes send different parts of it; what a route leaves out stays
/// empty. RealtimeKit's bucket keeps it for 7 days. One that is shorter than 5 s may end as
/// ERRORED; one of a session without participants stops after 60 s.
struct Recording {
  static constexpr std::string_view wrappers[] = {"recording"sv};

  std::string id{};
  RecordingStatus status{};
  std::string output_file_name{};
  std::optional<std::string> download_url{};        ///< whoever has it can download
  std::optional<std::string> audio_download_url{};  ///< only if there was an audio_config
  Timestamp download_url_expiry{};                  ///< when both URLs expire
  std::optional<std::int64_t> file_size{};          ///< in bytes
  std::optional<double> recording_duration{};       ///< in seconds
  std::optional<std::string> session_id{};          ///< of the meeting's session
  Timestamp invoked_time{};
  Timestamp started_time{};  ///< mostly some seconds after invoked_time
  Timestamp stopped_time{};
  RecordingCause start_reason;
  RecordingCause stop_reason;
  StorageConfig storage_config;
  Meeting meeting;  ///< only in lists
  std::optional<std::string> meeting_id{};
  std::optional<std::string> type{};                ///< of a track recording; no values published
  std::optional<std::string> download_audio_url{};  ///< audio_download_url by its other name
  /// Of a track recording: the list that it has in place of the text download_url.
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

/// Timed metadata in a recording: ID3 tags that a player gets on the timeline of the HLS output,
/// which comes as a compressed .tar.
struct InteractiveConfig {
  InteractiveType type{};

  REALTIMEKIT_FIELDS(type)
};

/// The kind of a track.
struct MediaKind : OpenEnum<MediaKind> {
  using OpenEnum::OpenEnum;
  static constexpr Value audio{"audio"sv};
};

/// Where a file goes.
struct TrackOutputType : OpenEnum<TrackOutputType> {
  using OpenEnum::OpenEnum;
  static constexpr Value realtimekit_bucket{"REALTIMEKIT_BUCKET"sv};
  static constexpr Value dyte_bucket{"DYTE_BUCKET"sv};  ///< the same by its old name
  static constexpr Value storage_config{"STORAGE_CONFIG"sv};
};

/// Where the files of a layer go.
struct TrackOutput {
  TrackOutputType type{};          ///< default RealtimeKit's bucket
  StorageConfig storage_config{};  ///< for the type STORAGE_CONFIG

  REALTIMEKIT_FIELDS(type, storage_config)
};

/// Some of the tracks of a meeting, and what becomes of them.
struct TrackLayer {
  std::optional<std::string> file_name_prefix{};
  MediaKind media_kind{};              ///< only audio, as yet
  std::vector<TrackOutput> outputs{};  ///< from older published specs only

  REALTIMEKIT_FIELDS(file_name_prefix, media_kind, outputs)
};

/// What to do with a recording that is on.
struct RecordingAction : OpenEnum<RecordingAction> {
  using OpenEnum::OpenEnum;
  static constexpr Value pause{"pause"sv};
  static constexpr Value resume{"resume"sv};
  static constexpr Value stop{"stop"sv};
};

namespace recordings {

/// What a list of recordings is ordered by.
struct SortBy : OpenEnum<SortBy> {
  using OpenEnum::OpenEnum;
  static constexpr Value invoked_time{"invokedTime"sv};
};

/// The recordings of an app or of one meeting.
struct List {
  static constexpr Route route = Route::get("/recordings"sv);
  using Response = Page<Recording>;

  std::optional<std::string> meeting_id{};  ///< only of this meeting
  std::optional<std::int64_t> page_no{};    ///< from 1
  std::optional<std::int64_t> per_page{};   ///< items on a page
  std::vector<RecordingStatus> status{};    ///< only these; empty: all
  std::optional<bool> expired{};            ///< whether gone from RealtimeKit's bucket
  std::optional<std::string> search{};      ///< a meeting's id or title
  SortBy sort_by{};
  SortOrder sort_order{};
  Timestamp start_time{};  ///< start of the time range
  Timestamp end_time{};    ///< end of the time range

  REALTIMEKIT_FIELDS(meeting_id, page_no, per_page, status, expired, search, sort_by, sort_order,
                     start_time, end_time)
};

/// Starts to record a meeting, all participants in one file. 409 if a recording of it runs already,
/// unless allow_multiple_recordings is set. For how long it runs and is kept see Recording.
struct Start {
  static constexpr Route route = Route::post("/recordings"sv);
  using Response = Recording;

  std::string meeting_id{};                       ///< required
  std::optional<std::string> file_name_prefix{};  ///< start of the file's name
  std::optional<double> max_seconds{};            ///< longest duration: 60 to 86400
  /// Default false. True: several at once, such as one upright and one wide.
  std::optional<bool> allow_multiple_recordings{};
  VideoConfig video_config{};
  AudioConfig audio_config{};  ///< set it to get audio_download_url
  StorageConfig storage_config{};
  BucketConfig realtimekit_bucket_config{};
  RtmpConfig rtmp_out_config{};
  InteractiveConfig interactive_config{};
  std::optional<std::string> url{};  ///< of a page of your own, to record in place of the default

  REALTIMEKIT_FIELDS(meeting_id, file_name_prefix, max_seconds, allow_multiple_recordings,
                     video_config, audio_config, storage_config, realtimekit_bucket_config,
                     rtmp_out_config, interactive_config, url)
};

/// Starts to record a meeting with one WebM file for each participant: audio only, as yet. The
/// meeting must have a live session.
struct StartTrack {
  static constexpr Route route = Route::post("/recordings/track"sv);
  using Response = Recording;

  std::string meeting_id{};  ///< required
  /// Only these participants, at most 100. In early beta: Cloudflare's support enables it.
  std::vector<std::string> user_ids{};
  /// By names of your choice, such as "default". Absent: the audio of all participants.
  std::vector<std::pair<std::string, TrackLayer>> layers{};
  std::optional<double> max_seconds{};  ///< from older published specs only

  REALTIMEKIT_FIELDS(meeting_id, user_ids, layers, max_seconds)
};

struct Get {
  static constexpr Route route = Route::get("/recordings/{recording_id}"sv);
  using Response = Recording;

  std::string recording_id{};  ///< required

  REALTIMEKIT_FIELDS(recording_id)
};

/// The recording of a meeting that runs now.
struct GetActive {
  static constexpr Route route = Route::get("/recordings/active-recording/{meeting_id}"sv);
  using Response = Recording;

  std::string meeting_id{};  ///< required

  REALTIMEKIT_FIELDS(meeting_id)
};

/// Pauses, resumes or stops a recording.
struct Control {
  static constexpr Route route = Route::put("/recordings/{recording_id}"sv, Repeat::harmful);
  using Response = Recording;

  std::string recording_id{};  ///< required
  RecordingAction action{};    ///< required

  REALTIMEKIT_FIELDS(recording_id, action)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace recordings

// >>presets ---------------------------------------------------------------------------------------
//
// config, permissions and ui have the same structs in requests and answers, so no field of theirs
// has to be present. presets::Create and Replace need all of them but those marked optional.

/// From low to high.
struct VideoQuality : OpenEnum<VideoQuality> {
  using OpenEnum::OpenEnum;
  static constexpr Value qvga{"qvga"sv};
  static constexpr Value vga{"vga"sv};
  static constexpr Value hd{"hd"sv};
  static constexpr Value fhd{"fhd"sv};
  static constexpr Value uhd{"uhd"sv};
};

/// How a camera or a screen is sent.
struct PresetVideo {
  std::optional<std::int64_t> frame_rate{};  ///< frames per second; of a camera 30 at most
  VideoQuality quality{};
  std::optional<bool> simulcast{};  ///< optional; of a camera only

  REALTIMEKIT_FIELDS(frame_rate, quality, simulcast)
};

/// How a microphone is sent.
struct PresetAudio {
  std::optional<bool> enable_stereo{};        ///< optional
  std::optional<bool> enable_high_bitrate{};  ///< optional

  REALTIMEKIT_FIELDS(enable_stereo, enable_high_bitrate)
};

/// What is sent in which quality.
struct PresetMedia {
  PresetVideo video{};
  PresetVideo screenshare{};
  PresetAudio audio{};  ///< optional

  REALTIMEKIT_FIELDS(video, screenshare, audio)
};

/// How many video streams are visible at a time.
struct PresetVideoStreams {
  std::optional<std::int64_t> mobile{};  ///< on mobile devices
  std::optional<std::int64_t> desktop{};

  REALTIMEKIT_FIELDS(mobile, desktop)
};

/// The meeting as a participant with the preset gets it.
struct PresetConfig {
  PresetViewType view_type{};
  PresetVideoStreams max_video_streams{};
  std::optional<std::int64_t> max_screenshare_count{};  ///< screens shared at a time
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
  static constexpr Value can_request{"CAN_REQUEST"sv};  ///< may ask for it
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

/// Chat with all, and with single participants.
struct ChatPermissions {
  ChatPermission public_chat{};   ///< "public" on the wire
  ChatPermission private_chat{};  ///< "private" on the wire

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
  std::optional<bool> can_close{};  ///< those that are open
  std::optional<bool> can_edit_config{};
  /// JSON. The newest spec: {plugin id: {"access_control": "FULL_ACCESS" or "VIEW_ONLY",
  /// "handles_view_only": true or false}, ...}, "{}" for none. Older ones: a plugin id as text, or
  /// the inner object alone.
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

/// Whether a participant is there to record.
struct RecorderType : OpenEnum<RecorderType> {
  using OpenEnum::OpenEnum;
  static constexpr Value recorder{"RECORDER"sv};
  static constexpr Value livestreamer{"LIVESTREAMER"sv};
  static constexpr Value none{"NONE"sv};
};

/// Whether a participant has to wait before joining.
struct WaitingRoomType : OpenEnum<WaitingRoomType> {
  using OpenEnum::OpenEnum;
  static constexpr Value skip{"SKIP"sv};
  static constexpr Value on_privileged_user_entry{"ON_PRIVILEGED_USER_ENTRY"sv};
  static constexpr Value skip_on_accept{"SKIP_ON_ACCEPT"sv};
};

/// What a participant with the preset may do.
struct PresetPermissions {
  std::optional<bool> accept_waiting_requests{};  ///< may let in those who wait
  std::optional<bool> can_accept_production_requests{};
  std::optional<bool> can_edit_display_name{};
  std::optional<bool> can_spotlight{};
  std::optional<bool> is_recorder{};                ///< optional
  RecorderType recorder_type{};                     ///< default (older published specs): NONE
  std::optional<bool> disable_participant_audio{};  ///< may turn it off for others
  std::optional<bool> disable_participant_screensharing{};  ///< the same
  std::optional<bool> disable_participant_video{};          ///< the same
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
  std::optional<bool> hidden_participant{};  ///< true: others do not see this one
  std::optional<bool> show_participant_list{};
  std::optional<bool> can_change_participant_permissions{};
  std::optional<bool> accept_stage_requests{};  ///< optional; may let others on stage
  std::optional<bool> stage_enabled{};          ///< optional; true: there is a stage
  PermissionLevel stage_access{};               ///< optional; whether this one may go on stage
  std::optional<bool> transcription_enabled{};  ///< optional

  REALTIMEKIT_FIELDS(accept_waiting_requests, can_accept_production_requests, can_edit_display_name,
                     can_spotlight, is_recorder, recorder_type, disable_participant_audio,
                     disable_participant_screensharing, disable_participant_video, kick_participant,
                     pin_participant, can_record, can_livestream, waiting_room_type, plugins,
                     connected_meetings, polls, media, chat, hidden_participant,
                     show_participant_list, can_change_participant_permissions,
                     accept_stage_requests, stage_enabled, stage_access, transcription_enabled)
};

/// Shades of a color, each as text such as "#1f1f1f". Brand: 300 to 700; background: 600 to 1000.
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

/// Colors as text, such as "#FF2D2D".
struct UiColors {
  UiShades brand{};       ///< 300 to 700
  UiShades background{};  ///< 600 to 1000
  std::optional<std::string> text{};
  std::optional<std::string> text_on_brand{};
  std::optional<std::string> video_bg{};  ///< behind videos
  std::optional<std::string> success{};
  std::optional<std::string> warning{};
  std::optional<std::string> danger{};

  REALTIMEKIT_FIELDS(brand, background, text, text_on_brand, video_bg, success, warning, danger)
};

/// How dark the interface is.
struct UiTheme : OpenEnum<UiTheme> {
  using OpenEnum::OpenEnum;
  static constexpr Value darkest{"darkest"sv};
  static constexpr Value dark{"dark"sv};
  static constexpr Value light{"light"sv};
};

/// How round corners are.
struct UiBorderRadius : OpenEnum<UiBorderRadius> {
  using OpenEnum::OpenEnum;
  static constexpr Value sharp{"sharp"sv};
  static constexpr Value rounded{"rounded"sv};
  static constexpr Value extra_rounded{"extra-rounded"sv};
  static constexpr Value circular{"circular"sv};
};

/// How wide borders are.
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

/// What the interface looks like.
struct PresetUi {
  UiDesignTokens design_tokens{};
  RawJson config_diff{};  ///< optional; an object of any form, in older published specs only

  REALTIMEKIT_FIELDS(design_tokens, config_diff)
};

/// A named role for participants, such as host or guest: participants::Add takes the name.
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

/// The app's presets: id, name and times only. Get has the rest.
struct List {
  static constexpr Route route = Route::get("/presets"sv);
  using Response = Page<Preset>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< by name

  REALTIMEKIT_FIELDS(page_no, per_page, search)
};

/// Creates a preset. Nearly every field is required: take config, permissions and ui of another one
/// (Get) and change what differs. 409: a preset has that name.
struct Create {
  static constexpr Route route = Route::post("/presets"sv);
  using Response = Preset;

  std::string name{};               ///< required; not in use
  PresetConfig config{};            ///< required
  PresetPermissions permissions{};  ///< required
  PresetUi ui{};                    ///< required

  REALTIMEKIT_FIELDS(name, config, permissions, ui)
};

/// One preset with all its settings.
struct Get {
  static constexpr Route route = Route::get("/presets/{preset_id}"sv);
  using Response = Preset;

  std::string preset_id{};  ///< required

  REALTIMEKIT_FIELDS(preset_id)
};

/// Changes what is given, at any depth.
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

/// Replaces all of a preset but its id. What Create requires is required here, too.
struct Replace {
  static constexpr Route route = Route::put("/presets/{preset_id}"sv);
  using Response = Preset;

  std::string preset_id{};          ///< required
  std::string name{};               ///< required
  PresetConfig config{};            ///< required
  PresetPermissions permissions{};  ///< required
  PresetUi ui{};                    ///< required

  REALTIMEKIT_FIELDS(preset_id, name, config, permissions, ui)
};

/// Deletes a preset; answers with what it was.
struct Delete {
  static constexpr Route route = Route::del("/presets/{preset_id}"sv);
  static constexpr NoPromises promises{};
  using Response = Preset;

  std::string preset_id{};  ///< required

  REALTIMEKIT_FIELDS(preset_id)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace presets

// >>webhooks --------------------------------------------------------------------------------------

/// What a webhook is told of.
struct WebhookEvent : OpenEnum<WebhookEvent> {
  using OpenEnum::OpenEnum;
  static constexpr Value meeting_started{"meeting.started"sv};
  static constexpr Value meeting_ended{"meeting.ended"sv};
  static constexpr Value meeting_participant_joined{"meeting.participantJoined"sv};
  static constexpr Value meeting_participant_left{"meeting.participantLeft"sv};
  static constexpr Value meeting_chat_synced{"meeting.chatSynced"sv};  ///< with a link to the chat
  static constexpr Value meeting_transcript{"meeting.transcript"sv};
  static constexpr Value meeting_summary{"meeting.summary"sv};
  static constexpr Value recording_status_update{"recording.statusUpdate"sv};
  /// Its deliveries hold the stream key.
  static constexpr Value livestreaming_status_update{"livestreaming.statusUpdate"sv};
};

/// A URL of yours to which events are sent, as JSON by POST. There is no secret: the server signs
/// what it sends with a key of its own (header rtk-signature).
struct Webhook {
  static constexpr std::string_view wrappers[] = {"webhook"sv};

  std::string id{};
  std::string name{};
  std::string url{};
  std::vector<WebhookEvent> events;
  std::optional<bool> enabled{};  ///< absent in some answers
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<std::string> organization_id{};

  REALTIMEKIT_FIELDS(id, name, url, events, enabled, created_at, updated_at, organization_id)
};

namespace webhooks {

/// All webhooks of the app; there are no pages.
struct List {
  static constexpr Route route = Route::get("/webhooks"sv);
  using Response = Page<Webhook>;

  REALTIMEKIT_FIELDS()
};

/// Registers a URL. 409: a webhook has that URL.
struct Create {
  static constexpr Route route = Route::post("/webhooks"sv);
  using Response = Webhook;

  std::string name{};                  ///< required
  std::string url{};                   ///< required; not registered yet
  std::vector<WebhookEvent> events{};  ///< required; see ListEvents
  std::optional<bool> enabled{};       ///< false: not active

  REALTIMEKIT_FIELDS(name, url, events, enabled)
};

/// One webhook.
struct Get {
  static constexpr Route route = Route::get("/webhooks/{webhook_id}"sv);
  using Response = Webhook;

  std::string webhook_id{};  ///< required

  REALTIMEKIT_FIELDS(webhook_id)
};

/// Changes what is given.
struct Update {
  static constexpr Route route = Route::patch("/webhooks/{webhook_id}"sv);
  using Response = Webhook;

  std::string webhook_id{};  ///< required
  std::optional<std::string> name{};
  std::optional<std::string> url{};
  std::optional<std::vector<WebhookEvent>> events{};  ///< an empty list is sent
  std::optional<bool> enabled{};                      ///< false: not active

  REALTIMEKIT_FIELDS(webhook_id, name, url, events, enabled)
};

/// Replaces all of a webhook but its id.
struct Replace {
  static constexpr Route route = Route::put("/webhooks/{webhook_id}"sv);
  using Response = Webhook;

  std::string webhook_id{};                           ///< required
  std::string name{};                                 ///< required
  std::string url{};                                  ///< required
  std::optional<std::vector<WebhookEvent>> events{};  ///< required; an empty list is sent
  std::optional<bool> enabled{};                      ///< false: not active

  REALTIMEKIT_FIELDS(webhook_id, name, url, events, enabled)
};

/// Deletes a webhook; answers with what it was.
struct Delete {
  static constexpr Route route = Route::del("/webhooks/{webhook_id}"sv);
  static constexpr NoPromises promises{};
  using Response = Webhook;

  std::string webhook_id{};  ///< required

  REALTIMEKIT_FIELDS(webhook_id)
};

/// The names of all events there are. For the webhooks themselves: List.
struct ListEvents {
  static constexpr Route route = Route::get("/webhooks/all"sv);
  using Response = Page<WebhookEvent>;

  REALTIMEKIT_FIELDS()
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace webhooks

// >>analytics -------------------------------------------------------------------------------------

/// One day of sessions or of recordings.
struct DayStats {
  Timestamp day{};
  std::optional<std::int64_t> total_sessions{};
  std::optional<double> total_session_minutes{};
  std::optional<std::int64_t> total_recordings{};
  std::optional<double> total_recording_minutes{};

  REALTIMEKIT_FIELDS(day, total_sessions, total_session_minutes, total_recordings,
                     total_recording_minutes)
};

/// Sums over a span of days, and each day.
struct SessionStats {
  std::optional<std::int64_t> sessions_count{};
  std::optional<double> sessions_minutes_consumed{};
  std::vector<DayStats> day_stats;

  REALTIMEKIT_FIELDS(sessions_count, sessions_minutes_consumed, day_stats)
};

/// Sums over a span of days, and each day.
struct RecordingStats {
  std::optional<std::int64_t> recording_count{};
  std::optional<double> recording_minutes_consumed{};
  std::vector<DayStats> day_stats;

  REALTIMEKIT_FIELDS(recording_count, recording_minutes_consumed, day_stats)
};

/// One day, in the form of older answers.
struct DayTotals {
  Timestamp date{};
  std::optional<std::int64_t> sessions_count{};
  std::optional<double> sessions_minutes_consumed{};
  std::optional<double> recordings_minutes_consumed{};

  REALTIMEKIT_FIELDS(date, sessions_count, sessions_minutes_consumed, recordings_minutes_consumed)
};

/// Two forms of the answer are published: with session_stats and recording_stats, or days alone.
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

/// Livestreams of one day, or of the whole time.
struct LivestreamStats {
  Timestamp date{};        ///< empty: of the whole time
  std::int64_t count = 0;  ///< of the whole time: livestreams; of a day: broadcasts
  std::optional<double> total_ingest_seconds{};  ///< of video received
  std::optional<double> total_viewer_seconds{};  ///< watched, all viewers added up

  REALTIMEKIT_FIELDS(date, count, total_ingest_seconds, total_viewer_seconds)
};

namespace analytics {

/// Sessions and recordings of the app, day by day. Default: the last 30 days.
struct GetDaywise {
  static constexpr Route route = Route::get("/analytics/daywise"sv);
  using Response = DaywiseStats;

  std::optional<std::string> start_date{};  ///< YYYY-MM-DD
  std::optional<std::string> end_date{};    ///< YYYY-MM-DD

  REALTIMEKIT_FIELDS(start_date, end_date)
};

/// Livestreams of the app, day by day.
struct GetLivestreamsDaywise {
  static constexpr Route route = Route::get("/analytics/livestreams/daywise"sv);
  using Response = Page<LivestreamStats>;

  std::optional<std::int64_t> start_time{};  ///< Unix time in seconds
  std::optional<std::int64_t> end_time{};    ///< Unix time in seconds
  std::optional<std::string> filters{};

  REALTIMEKIT_FIELDS(start_time, end_time, filters)
};

/// Livestreams of the app, added up.
struct GetLivestreamsOverall {
  static constexpr Route route = Route::get("/analytics/livestreams/overall"sv);
  using Response = LivestreamStats;

  std::optional<std::int64_t> start_time{};  ///< Unix time in seconds
  std::optional<std::int64_t> end_time{};    ///< Unix time in seconds
  std::optional<std::string> filters{};

  REALTIMEKIT_FIELDS(start_time, end_time, filters)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace analytics

// >>apps ------------------------------------------------------------------------------------------

/// A RealtimeKit app: what all else belongs to.
struct App {
  static constexpr std::string_view wrappers[] = {"app"sv};

  std::string id{};  ///< what Config::app_id wants
  std::string name{};
  Timestamp created_at{};

  REALTIMEKIT_FIELDS(id, name, created_at)
};

namespace apps {

/// GET /accounts/{account_id}/realtime/kit/apps
/// The account's apps.
struct List {
  static constexpr Route route{Method::get, "/accounts/{account_id}/realtime/kit/apps"sv,
                               Repeat::harmless};
  using Response = Page<App>;

  std::optional<std::int64_t> page_no{};   ///< from 1
  std::optional<std::int64_t> per_page{};  ///< items on a page
  std::optional<std::string> search{};     ///< in the name
  SortOrder sort_order{};                  ///< by time of creation

  REALTIMEKIT_FIELDS(page_no, per_page, search, sort_order)
};

/// POST /accounts/{account_id}/realtime/kit/apps
/// Creates an app. There is no way to change or delete one.
struct Create {
  static constexpr Route route{Method::post, "/accounts/{account_id}/realtime/kit/apps"sv,
                               Repeat::harmful};
  using Response = App;

  std::string name{};  ///< required

  REALTIMEKIT_FIELDS(name)
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace apps

// >>engine ----------------------------------------------------------------------------------------
//
// How the templates of this half work; nothing to call. Encoding, decoding and printing are
// compiled once for all types. They walk over a Type, which says what a value is and has functions
// that reach into it. type_of<T>() returns the Type of T. That of a struct leads to its Table: the
// name, Type and offset of each field, as T::fields() lists them. The Table is made at its first
// use. An Operation is a Route with the Types of the parameters and of the response. Each template
// is a few lines that pass these tables on, so that a user's own operation costs little to compile
// and works in separate mode.

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
  entry,  // of a list that is an object in JSON: a name and its value
  object,
  json
};

/// All that encoding and decoding know of a type. The engine works on these, compiled once.
struct Type {
  Kind kind;
  std::string& (*text)(void*) = nullptr;  // text to open_enum, json; entry: its name
  const Type& (*item)() = nullptr;        // optional, list, entry: of what
  void* (*add)(void*) = nullptr;          // optional, list: a new item
  const void* (*at)(const void*, std::size_t) = nullptr;  // optional, list, entry: null at the end
  void (*clear)(void*) = nullptr;                         // optional, list
  void (*drop)(void*) = nullptr;                          // list: the last item
  std::size_t item_size = 0;                              // list: in bytes
  const Table& (*table)() = nullptr;                      // object
};

Table* new_table(const std::string_view* wrappers, std::size_t wrapper_count);
void add(Table& table, std::string_view name, const Type& type, const void* sample,
         const void* member, Role role = Role::plain);

/// The first of several names, "id, status", which is taken from them.
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
  static Shared& state(CancelToken& token) { return token.state_; }
  static const Shared& state(const CancelToken& token) { return token.state_; }
};

template <class T> const Table& table_of();

template <class Derived> std::true_type open_enum(const OpenEnum<Derived>*);
std::false_type open_enum(const void*);

/// The operations of a Type on values of type T.
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

// Compiled once, not in every file that has a struct with such fields.
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

/// Collects the fields that T::fields lists.
template <class T> class Fields {
 public:
  Fields(const T& sample, Table& table) : sample_(sample), table_(table) {}
  template <class Owner, class M>  // the owner is T or a base of it
  void operator()(std::string_view name, M Owner::*member, Role role = Role::plain) {
    add(table_, name, type_of<M>(), &sample_, &(sample_.*member), role);
  }
  /// For REALTIMEKIT_FIELDS.
  Fields& names(std::string_view list) { return names_ = list, *this; }
  template <class... M> void members(const M&... member) {
    (add(table_, next_name(names_), type_of<M>(), &sample_, &member), ...);
  }

 private:
  const T& sample_;  // an object, as the place of a member is only defined within one
  Table& table_;
  std::string_view names_;
};

template <class T, class = void> struct Wrappers {
  static constexpr const std::string_view* begin = nullptr;
  static constexpr std::size_t count = 0;
};
template <class T> struct Wrappers<T, std::void_t<decltype(T::wrappers)>> {
  static constexpr const std::string_view* begin = T::wrappers;
  static constexpr std::size_t count = sizeof(T::wrappers) / sizeof(T::wrappers[0]);
};

template <class T> const Table& made_table() {
  static const Table* const table = [] {
    const T sample{};
    Table* fresh = new_table(Wrappers<T>::begin, Wrappers<T>::count);
    Fields<T> fields{sample, *fresh};
    sample.fields(fields);
    return fresh;
  }();
  return *table;
}
template <class T> const Table& table_of() { return made_table<T>(); }

// Compiled once, as they are used by most programs.
template <> const Table& table_of<Livestream>();
template <> const Table& table_of<livestreams::Create>();

class CancelHook {
 public:
  CancelHook() = default;
  CancelHook(const CancelHook&) = delete;
  CancelHook& operator=(const CancelHook&) = delete;
  virtual void run() = 0;

 protected:
  ~CancelHook() = default;
  /// is_brief: it runs before those that may take long.
  void attach(const CancelToken& token, bool is_brief = false);
  void detach() noexcept;

 private:
  friend CancelToken;
  CancelToken token_;
  CancelHook* next_ = nullptr;  // of the same token
  bool is_brief_ = false;
};

/// What the engine knows of an operation.
struct Operation {
  const Route& route;
  const Type& parameters;
  const Type& response;
  const std::string_view* promises;  // fields of the response that must not be empty
  std::size_t promise_count;
  bool has_promises;           // or else they are as the type of the response says
  bool is_later_page = false;  // it may be empty, whatever total_count says
};

template <class Op, class = void> inline constexpr bool is_operation_v = false;
template <class Op> inline constexpr bool
    is_operation_v<Op, std::enable_if_t<std::is_same_v<decltype(Op::route), const Route> &&
                                        has_fields_v<Op> && has_fields_v<typename Op::Response>>> =
        true;

template <class Op, class = void> struct Promises {
  static constexpr std::string_view list[] = {""};
  static constexpr bool are_given = false;
};
template <class Op> struct Promises<Op, std::void_t<decltype(Op::promises)>> {
  static constexpr const auto& list = Op::promises;
  static constexpr bool are_given = true;
};

template <class Op> Operation operation() {
  static_assert(is_operation_v<Op>,
                "realtimekit: an operation needs route, Response and fields(), and its Response "
                "needs fields(); search for >>operations in realtimekit.hpp");
  return {Op::route,
          type_of<Op>(),
          type_of<typename Op::Response>(),
          std::data(Promises<Op>::list),
          std::size(Promises<Op>::list),
          Promises<Op>::are_given};
}

Result<HttpRequest> to_http(const Config& config, const Operation& operation,
                            const void* parameters);
void from_http(const Operation& operation, HttpResponse response, void* value, Outcome& outcome,
               std::string_view token, const void* parameters);
std::vector<std::string> unread(const Operation& operation, const HttpResponse& response,
                                void* value);

/// A transport of any type, for the engine. Does not own it.
struct TransportRef {
  void* transport;
  Result<HttpResponse> (*call)(void* transport, const HttpRequest& request);
};

/// The Config of a client and its copies. Copying a Config takes long to compile: it is done once.
Shared keep(const Config& config);

/// All attempts of one call.
void send(const Shared& config, const CallOptions& options, TransportRef transport,
          const Operation& operation, const void* parameters, void* value, Outcome& outcome);

/// How far a list has been read.
class PageCount {
 public:
  enum class Verdict { more, last, repeated };
  /// Takes note of a page that has come. first: of its items, if it has any.
  Verdict add(const Type& item, const void* first, std::size_t count, const Paging& paging);

 private:
  std::int64_t items_ = 0;
  std::vector<std::string> firsts_;  // what tells the pages so far apart
};
Error repeated_page(std::int64_t page_no);

Error too_many_pages(int max_pages);

/// The end of several requests together, if total_timeout says one.
class Deadline {
 public:
  explicit Deadline(const CallOptions& options);
  /// The options of the next request: with what is left of total_timeout. Error: nothing is.
  Result<CallOptions> left() const;

 private:
  CallOptions options_;
  std::chrono::steady_clock::time_point begin_;
};

bool may_have_acted(const Error& error);
bool is_independent(const Livestream& livestream);
Error no_name();
Error several(const std::string& name, const std::vector<Livestream>& found);

template <class Op, class = void> inline constexpr bool has_pages_v = false;
template <class Op>
inline constexpr bool has_pages_v<Op, std::void_t<decltype(std::declval<Op&>().page_no)>> = true;

}  // namespace detail

// >>pipeline --------------------------------------------------------------------------------------

/// The request of an operation, checked. Error: invalid_request, naming the field and the rule.
template <class Op> Result<HttpRequest> to_http(const Config& config, const Op& op) {
  return detail::to_http(config, detail::operation<Op>(), &op);
}

/// The meaning of a response to the operation Op. Error: api or decode. token: Config::api_token, to
/// be masked in the error, should the response repeat it. sent: the operation, for the same with
/// each Secret in it.
template <class Op> Result<typename Op::Response> from_http(HttpResponse response,
                                                            const Secret& token = {},
                                                            const Op* sent = nullptr) {
  auto result = detail::Access::result<typename Op::Response>();
  detail::from_http(detail::operation<Op>(), std::move(response), &detail::Access::value(result),
                    detail::Access::outcome(result), token.reveal(), sent);
  return result;
}

/// What a response holds and no field takes, as JSON paths with the kind of the value:
/// "data[3].recording_config.new_thing: text". Empty for a response that the header knows whole. For
/// tests against the real API: they tell when it has been given something new.
template <class Op> std::vector<std::string> unread(const HttpResponse& response) {
  typename Op::Response value{};
  return detail::unread(detail::operation<Op>(), response, &value);
}

/// How long to wait before trying again after the attempt-th attempt (from 1) failed with this
/// error; empty: do not. random01: from 0 to 1, the share of the jitter that is taken off.
std::optional<std::chrono::milliseconds> retry_delay(const RetryPolicy& policy, bool idempotent,
                                                     const Error& error, int attempt,
                                                     double random01);

// >>transport -------------------------------------------------------------------------------------

/// A transport is anything that can be called like this:
///     Result<HttpResponse> transport(const HttpRequest&)
/// a lambda, a function, a functor, std::function, std::ref(mock). It may also return an
/// HttpResponse or an Error. Middleware is a transport that calls a transport. It sends the request
/// once and as it is, blocks until the answer is there or request.timeout is over, does not follow
/// redirects, and says Delivery::not_sent only where no complete request has left. It may be called
/// from several threads at once if the client is.
template <class T> inline constexpr bool is_transport_v =
    std::is_invocable_r_v<Result<HttpResponse>, T&, const HttpRequest&>;

/// Runs a function when a token is canceled, as std::stop_callback does: on the thread that
/// cancels, or at once if that has happened. Its destructor waits for a running function to end.
/// For transports.
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

#ifndef REALTIMEKIT_NO_HTTPLIB
/// The default transport: cpp-httplib for HTTP, OpenSSL for TLS 1.2 or newer. The certificate is
/// verified, its host name against the subject alternative names only.
///
/// A call runs on the caller's thread and needs 64 KiB of its stack. Any number of threads may use
/// a transport at the same time. Copies share their connections, which are kept alive and used
/// again. In a child process after fork() a transport makes connections of its own and does not
/// touch those of its parent.
///
/// A host name is looked up on a thread of its own, with all signals blocked, as the system's
/// lookup cannot be interrupted: after a timeout it goes on until the system gives up (Linux: by
/// default after 10 s for each name server). While a transport has 64 such threads, it
/// looks up no other name. A shared library must not be unloaded before they have ended.
///
/// A kept connection on which anything has come unasked is dropped before a request is written. A
/// second response that comes later than that, or one on a new connection with TLS before anything
/// was asked, is taken for the response to the new request: HTTP/1.1 cannot tell them apart.
///
/// Limits of a response: 32 KiB for its head and interim ones before it, 8 KiB for the first line.
/// A content coding is not asked for; gzip is decoded where cpp-httplib can.
class HttplibTransport {
 public:
  struct Options {
    /// PEM; trusted instead of the system's certificates. Read with the first call over TLS, which
    /// no timeout limits: it must be a file that can be read at once.
    std::string ca_file{};
    std::string ca_dir{};  ///< hashed directory; with ca_file: both. Defaults to the system's
                           ///< store, or SSL_CERT_FILE and SSL_CERT_DIR where set
    /// "http://[user:password@]host:port"; "direct": none. Defaults to HTTPS_PROXY, except for the
    /// hosts in NO_PROXY, both also in lower case: for https to hosts that are not loopback.
    /// NO_PROXY is a list of "*", domains, addresses and ranges such as 10.0.0.0/8, each also with
    /// a port, as curl reads it.
    std::string proxy{};
    /// For TCP, of each address of the host (the next one is tried after 250 ms at the latest), and
    /// once more for the proxy and TLS together.
    std::chrono::milliseconds connect_timeout{5000};
    std::size_t max_idle_connections = 16;  ///< kept for the next calls
    /// How long an idle connection may be kept. It is closed with the next call at the latest.
    std::chrono::seconds idle_timeout{60};
  };

  /// Reads the environment now, and for certificates once more with the first call over TLS: not
  /// while another thread changes it.
  HttplibTransport();
  explicit HttplibTransport(Options options);

  /// Errors: invalid_request (URL, proxy or CA file not usable), transport, timeout, canceled,
  /// decode (the response is longer than max_response_bytes, or in a coding that nobody asked for).
  Result<HttpResponse> operator()(const HttpRequest& request) const;

 private:
  detail::Shared state_;
};
#endif

// >>client ----------------------------------------------------------------------------------------

/// The items of a list operation, page after page, each fetched when it is needed. A range to go
/// through once. Its elements are Result<Item>: a failed request is the last of them, as is
/// (ErrorKind::decode) a page that the server sends a second time or one above max_pages.
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
      is_last_ = !page->paging.total_count;  // it has one page, whatever is asked for
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

/// Sends operations over a transport, and adds deadline, retries and cancellation.
/// May be used by several threads at once if its transport may.
template <class Transport> class BasicClient {
  // "== true": or g++ 16 adds a page of reasons.
  static_assert(std::is_invocable_v<Transport&, const HttpRequest&> == true,
                "realtimekit: a transport must be callable as transport(const HttpRequest&); "
                "search for >>transport in realtimekit.hpp");
  static_assert(!std::is_invocable_v<Transport&, const HttpRequest&> || is_transport_v<Transport>,
                "realtimekit: a transport must return Result<HttpResponse>, HttpResponse or Error; "
                "search for >>transport in realtimekit.hpp");

 public:
  explicit BasicClient(const Config& config, Transport transport = Transport{})
      : config_(detail::keep(config)), transport_(std::move(transport)) {}

  /// Sends one operation and waits for its answer: `client.send(livestreams::Create{"launch"})`.
  /// Returns within total_timeout, if the transport keeps to request.timeout.
  template <class Op>
  Result<typename Op::Response> send(const Op& op, const CallOptions& options = {}) const {
    auto result = detail::Access::result<typename Op::Response>();
    detail::Operation operation = detail::operation<Op>();
    if constexpr (detail::has_pages_v<Op>) operation.is_later_page = op.page_no.value_or(1) > 1;
    detail::send(config_, options, {&transport_, call}, operation, &op,
                 &detail::Access::value(result), detail::Access::outcome(result));
    return result;
  }

  /// All items of a list operation, from its page_no on (default: 1):
  /// `for (auto& live : client.pages(livestreams::List{})) if (live) use(*live);`
  /// total_timeout of the options is for all of it, max_pages for its requests. The client must
  /// outlive the range.
  template <class Op> Pages<BasicClient, Op> pages(Op op, CallOptions options = {}) const {
    return {*this, std::move(op), std::move(options)};
  }

 private:
  static Result<HttpResponse> call(void* transport, const HttpRequest& request) {
    if constexpr (is_transport_v<Transport>) {
      return (*static_cast<Transport*>(transport))(request);
    } else {
      return Error{};  // a static_assert above has already said what is wrong
    }
  }

  detail::Shared config_;
  mutable Transport transport_;  // its call operator may be non-const, as a mutable lambda's is
};

#ifndef REALTIMEKIT_NO_HTTPLIB
/// The client for most programs. `Client client{*config};` or, with options of the transport,
/// `Client client{*config, HttplibTransport{options}};`
using Client = BasicClient<HttplibTransport>;
#endif

// >>ensure ----------------------------------------------------------------------------------------

namespace livestreams {

/// Create or reuse: the independent livestream of exactly that name that the app has, or else a new
/// one. Never makes a second one by itself: after a create that may have arrived it looks again,
/// and what it cannot find it does not create anew, but returns the error of the create. Two
/// programs that do this at the same moment can still make two.
/// Error: invalid_request if several have that name, listing their ids; else that of the request
/// that failed. total_timeout of the options is for all of its requests together, max_pages for
/// each look at the list. A livestream found may be disabled.
template <class Transport> Result<Livestream> ensure(const BasicClient<Transport>& client,
                                                     const std::string& name,
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
      bool is_new = true;  // while new ones come first, an item can move on to the next page
      for (const Livestream& known : found) is_new = is_new && known.id != item->id;
      if (is_new && item->name == name && detail::is_independent(*item)) {
        found.push_back(*std::move(item));
      }
    }
    return found;
  };
  if (name.empty()) return detail::no_name();
  auto found = find();
  if (!found) return std::move(found).error();
  if (found->size() == 1) return std::move(found->front());
  if (!found->empty()) return detail::several(name, *found);

  const auto left = deadline.left();
  if (!left) return left.error();
  auto created = client.send(Create{name}, *left);
  if (created || !detail::may_have_acted(created.error())) return created;
  found = find();
  if (!found || found->empty()) return created;
  if (found->size() > 1) return detail::several(name, *found);
  return std::move(found->front());
}

}  // namespace livestreams

}  // namespace v0
}  // namespace realtimekit

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
#pragma warning(disable : 4996)  // it calls getenv and sscanf unsafe
#endif

#ifdef REALTIMEKIT_IMPLEMENTATION
#define REALTIMEKIT_INLINE
#else
#define REALTIMEKIT_INLINE inline
#endif

#include <algorithm>           // min, all_of
#include <atomic>              // reference counts
#include <charconv>            // whole numbers as text
#include <clocale>             // the decimal point that strtod expects
#include <condition_variable>  // waiting for an answer or a cancel
#include <cstdio>              // snprintf, fputs
#include <cstdlib>             // getenv, abort, strtod
#include <cstring>             // memset
#include <initializer_list>    // parts of a text
#include <limits>              // ranges of numbers
#include <map>                 // a parameter of nlohmann's JSON
#include <mutex>               // cancel state, connections
#include <ostream>             // operator<<
#include <thread>              // sleep

#if __has_include(<xlocale.h>)
#include <xlocale.h>  // uselocale, on macOS and BSD
#else
#include <locale.h>  // uselocale
#endif

#include <nlohmann/json.hpp>  // the whole of JSON

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define REALTIMEKIT_EXCEPTIONS 1
#else
#define REALTIMEKIT_EXCEPTIONS 0
#endif

namespace realtimekit {
inline namespace v0 {
namespace detail {

// >>basics ----------------------------------------------------------------------------------------

/// The parts of a text. Joined at once, as each "+" between strings is a page of code to compile.
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

inline Error failure(ErrorKind kind, Delivery delivery, Parts message) {
  Error error;
  error.kind = kind;
  error.delivery = delivery;
  error.message = concat(message);
  return error;
}

inline Error refusal(Parts message) {
  return failure(ErrorKind::invalid_request, Delivery::not_sent, message);
}

constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);  // sums fit

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
  // Called directly, it would be dropped, as nobody reads the text again.
  static void* (*volatile const fill)(void*, int, std::size_t) = std::memset;
  text.resize(text.capacity());  // what an earlier, longer text has left behind too
  fill(text.data(), 0, text.size());
  text.clear();
}

/// Overwrites what of a request is secret.
inline void wipe(HttpRequest& request) noexcept {
  for (auto& header : request.headers) wipe(header.second);
  wipe(request.body);
}

struct CancelState final : Shared::Object {
  std::atomic<bool> canceled{false};
  std::mutex mutex;                 // guards all below; not held while a hook runs
  std::condition_variable changed;  // canceled, or running
  CancelHook* hooks = nullptr;      // that have not run
  CancelHook* running = nullptr;
  std::thread::id runner{};  // the thread that runs it

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
  if (state->runner == std::this_thread::get_id()) return;  // it is destroyed by what it runs
  state->changed.wait(lock, [&] { return state->running != this; });
}

}  // namespace detail

REALTIMEKIT_INLINE CancelToken CancelToken::create() {
  CancelToken token;
  token.state_ = detail::Shared{new detail::CancelState};
  return token;
}

REALTIMEKIT_INLINE void CancelToken::cancel() const {
  const CancelToken kept = *this;  // a hook may destroy this one
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
  time = (std::min)((std::max)(time, std::chrono::milliseconds(0)), detail::longest_timeout);
  if (!state) return std::this_thread::sleep_for(time), false;
  std::unique_lock<std::mutex> lock(state->mutex);
  return state->changed.wait_for(lock, time, [&] { return state->canceled.load(); });
}

REALTIMEKIT_INLINE std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get: return "GET";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::del: return "DELETE";
  }
  return "";
}

REALTIMEKIT_INLINE std::string_view to_string(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::invalid_request: return "invalid request";
    case ErrorKind::transport: return "transport error";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::canceled: return "canceled";
    case ErrorKind::api: return "API error";
    case ErrorKind::decode: return "unusable answer";
  }
  return "";
}

REALTIMEKIT_INLINE std::string_view to_string(Delivery delivery) noexcept {
  switch (delivery) {
    case Delivery::not_sent: return "not sent";
    case Delivery::unknown: return "delivery unknown";
    case Delivery::answered: return "answered";
  }
  return "";
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

REALTIMEKIT_INLINE Exception::Exception(Error error)
    : std::runtime_error(error.to_string()), error_(std::move(error)) {}

REALTIMEKIT_INLINE Exception::~Exception() = default;

namespace detail {

REALTIMEKIT_INLINE Outcome::Outcome() = default;
REALTIMEKIT_INLINE Outcome::Outcome(const Outcome&) = default;
REALTIMEKIT_INLINE Outcome::Outcome(Outcome&&) noexcept = default;
REALTIMEKIT_INLINE Outcome& Outcome::operator=(const Outcome&) = default;
REALTIMEKIT_INLINE Outcome& Outcome::operator=(Outcome&&) noexcept = default;
REALTIMEKIT_INLINE Outcome::~Outcome() = default;

REALTIMEKIT_INLINE void Outcome::check() const {
  if (ok) return;
#if REALTIMEKIT_EXCEPTIONS
  throw Exception(error);
#else
  std::fputs((error.to_string() + '\n').c_str(), stderr);
  std::abort();
#endif
}

// >>text ------------------------------------------------------------------------------------------

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

/// A text without those of some characters that it begins and ends with.
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

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool is_letter_or_digit(char c) {
  const int letter = c | 0x20;  // in lower case, if it is one
  return (letter >= 'a' && letter <= 'z') || is_digit(c);
}

/// Whether a text has only ASCII characters that print, and none of those given.
inline bool is_plain(std::string_view text, std::string_view without = {}) {
  for (const char c : text) {
    if (c < ' ' || c >= 0x7f) return false;
  }
  for (const char c : without) {
    if (text.find(c) != text.npos) return false;
  }
  return true;
}

inline bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

/// Adds a text to a URL: everything but letters, digits and -._~ as %XX, right in any part of it.
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

/// The value of a hexadecimal digit; -1 if it is none.
inline int hex_value(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  return static_cast<int>(digits.find(lower(c)));
}

inline std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                           hex_value(text[i + 2]) >= 0;
    out += is_escape ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]))
                     : text[i];
    if (is_escape) i += 2;
  }
  return out;
}

/// Whether a text is an IPv4 address of four numbers; takes them.
inline bool parse_ipv4(std::string_view text, unsigned (&numbers)[4]) {
  std::size_t dots = 0, digits = 0;
  numbers[0] = 0;
  for (const char c : text) {
    if (c == '.' && digits > 0 && dots < 3) {
      digits = 0;
      numbers[++dots] = 0;
    } else if (is_digit(c) && ++digits <= 3 && (digits == 1 || numbers[dots] > 0)) {
      numbers[dots] = numbers[dots] * 10 + static_cast<unsigned>(c - '0');
      if (numbers[dots] > 255) return false;
    } else {
      return false;
    }
  }
  return dots == 3 && digits > 0;
}

/// Whether a text is an IPv6 address, without brackets and zone; takes its eight numbers.
inline bool parse_ipv6(std::string_view text, unsigned (&numbers)[8]) {
  std::size_t count = 0, gap = 9;  // gap: how many numbers are before "::"; 9: there is none
  if (text.substr(0, 2) == "::") {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(':'));
    const bool is_last = part.size() == text.size();
    if (unsigned ipv4[4]; is_last && count <= 6 && parse_ipv4(part, ipv4)) {
      numbers[count++] = ipv4[0] * 256 + ipv4[1];
      numbers[count++] = ipv4[2] * 256 + ipv4[3];
      break;
    }
    if (part.empty() || part.size() > 4 || count == 8) return false;
    unsigned number = 0;
    for (const char c : part) {
      if (hex_value(c) < 0) return false;
      number = number * 16 + static_cast<unsigned>(hex_value(c));
    }
    numbers[count++] = number;
    if (is_last) break;
    text.remove_prefix(part.size() + 1);
    if (text.empty()) return false;
    if (text[0] == ':') {
      if (gap != 9) return false;
      gap = count;
      text.remove_prefix(1);
    }
  }
  if (gap == 9) return count == 8;
  if (count == 8) return false;
  std::move_backward(numbers + gap, numbers + count, numbers + 8);
  std::fill(numbers + gap, numbers + gap + 8 - count, 0u);
  return true;
}

/// Whether a text is a host name, or an IPv4 address: labels of 63 characters at most between dots;
/// one more dot may be at its end.
inline bool is_host_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  std::size_t label = 0;  // its size so far
  for (const char c : text) {
    const bool may_stand = is_letter_or_digit(c) || c == '-' || c == '_';
    if (c == '.' ? label == 0 : !may_stand || label == 63) return false;
    label = c == '.' ? 0 : label + 1;
  }
  return label > 0 && text.size() <= 253;
}

/// The parts of "scheme://host:port/target".
struct Url {
  bool tls = false;
  std::string host;  // in lower case, an IPv6 address without its brackets
  int port = 0;
  std::string target;  // path and query, "/" at least
};

/// An http or https URL with nothing in it that is not needed to send a request. Returns
/// false if it is another.
inline bool parse_url(std::string_view text, Url& url) {
  url = {};
  const auto scheme = text.substr(0, text.find("://"));
  url.tls = equal_ignoring_case(scheme, "https");
  if (scheme.size() == text.size() || (!url.tls && !equal_ignoring_case(scheme, "http")))
    return false;
  text.remove_prefix(scheme.size() + 3);

  const auto end = std::find_if(text.begin(), text.end(),
                                [](char c) { return c == '/' || c == '?' || c == '#'; });
  const auto authority = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  url.target = text.substr(authority.size());
  if (url.target.empty()) url.target = "/";
  if (url.target[0] != '/' || !is_plain(url.target, " #\\\"<>")) return false;

  auto host = authority;
  std::string_view port;
  const bool bracketed = !authority.empty() && authority[0] == '[';
  const auto colon = authority.find(':', bracketed ? authority.find(']') : 0);
  if (colon != authority.npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    if (port.empty()) return false;
  }
  if (bracketed) {
    if (host.size() < 4 || host.back() != ']') return false;
    host = host.substr(1, host.size() - 2);
  }
  unsigned ipv6[8];
  if (bracketed ? !parse_ipv6(host, ipv6) : !is_host_name(host)) return false;
  url.host = host;
  for (char& c : url.host) c = lower(c);

  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    if (port.size() > 5 || port.find_first_not_of("0123456789") != port.npos) return false;
    url.port = std::atoi(std::string(port).c_str());
    if (url.port < 1 || url.port > 65535) return false;
  }
  return true;
}

/// Whether a host, in lower case and without brackets, is this machine.
inline bool is_loopback(std::string_view host) {
  unsigned ipv4[4], ipv6[8];
  if (parse_ipv4(host, ipv4)) return ipv4[0] == 127;
  if (parse_ipv6(host, ipv6)) {
    return ipv6[7] == 1 && std::all_of(ipv6, ipv6 + 7, [](unsigned n) { return n == 0; });
  }
  constexpr std::string_view name = "localhost";
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (host.size() < name.size() || host.substr(host.size() - name.size()) != name) return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

/// Seconds since 1970 of a date and time in UTC.
inline std::int64_t unix_seconds(int year, int month, int day, int hour, int minute, int second) {
  // Howard Hinnant's days_from_civil: years that begin in March, so that the leap day is the last
  // one.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return ((era * 146097 + day_of_era - 719468) * 24 + hour) * 3600 + minute * 60 + second;
}

inline int days_in_month(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/// A date in one of the three forms of RFC 9110, 5.6.7, in seconds since 1970. This year is needed
/// for years of two digits: they are the past if they would be more than 50 years ahead.
inline std::optional<std::int64_t> parse_http_date(std::string_view text, int this_year) {
  constexpr std::string_view days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
  const auto day_name = text.substr(0, text.find_first_of(", "));
  const bool is_long = day_name.size() > 3;
  bool is_day = false;
  for (const auto day : days) is_day = is_day || day_name == (is_long ? day : day.substr(0, 3));
  if (!is_day) return {};
  text.remove_prefix(day_name.size());

  // A letter is a digit of the number that it stands for, b one of the month's name; e may be a
  // blank, too.
  constexpr std::string_view forms[] = {", dd bbb yyyy hh:mm:ss GMT", ", dd-bbb-yy hh:mm:ss GMT",
                                        " bbb ed hh:mm:ss yyyy"};
  const auto form = is_long ? forms[1] : forms[text.substr(0, 1) == "," ? 0 : 2];
  if (text.size() != form.size()) return {};
  std::string_view month_name;
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    int* number = nullptr;
    switch (form[i]) {
      case 'b':
        if (month_name.empty()) month_name = text.substr(i, 3);
        continue;
      case 'e':
        if (text[i] == ' ') continue;
        [[fallthrough]];
      case 'd': number = &day; break;
      case 'y': number = &year; break;
      case 'h': number = &hour; break;
      case 'm': number = &minute; break;
      case 's': number = &second; break;
      default: break;
    }
    if (number ? !is_digit(text[i]) : text[i] != form[i]) return {};
    if (number) *number = *number * 10 + (text[i] - '0');
  }
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto month_at = months.find(month_name);
  if (month_at == months.npos || month_at % 3 != 0) return {};
  const int month = static_cast<int>(month_at) / 3 + 1;
  if (is_long) {
    year += this_year - this_year % 100;
    if (year > this_year + 50) year -= 100;
  }
  if (day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60) {
    return {};
  }
  return unix_seconds(year, month, day, hour, minute, second);
}

inline std::optional<std::int64_t> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  const auto now = duration_cast<hours>(system_clock::now().time_since_epoch()).count();
  return parse_http_date(text, static_cast<int>(1970 + now / 8766));
}

/// The size of what stands for a byte at the start of a text: %2F in a URL, &quot; in HTML, u0022
/// after a backslash of JSON; 0: something else.
inline std::size_t escape_size(std::string_view text, unsigned char byte) {
  const auto number = [&](std::size_t digits) {
    int value = -1;
    const auto part = text.substr(1, digits), sign = part.substr(0, 1);
    const auto end = std::from_chars(part.data(), part.data() + part.size(), value, 16).ptr;
    return end == part.data() + digits && sign != "-" ? value : -1;
  };
  if (text[0] == '%' && number(2) == byte) return 3;
  if (text[0] == '+' && byte == ' ') return 1;
  if (text[0] == 'u') {  // of a character of several bytes the first is meant, or of two escapes
    const int value = number(4);
    if (byte >= 0xC0 ? value >= 0x80 : byte >= 0x80 ? value >> 10 == 0x37 : value == byte) return 5;
  }
  const bool is_entity = text[0] == '&' && !is_letter_or_digit(static_cast<char>(byte));
  return is_entity ? text.substr(0, 8).find(';') + 1 : 0;
}

/// How much of a text, from its start, is a secret, as it is or as JSON, URLs and HTML write it; 0:
/// something else. At the end of a text so many bytes of the secret are enough.
inline std::size_t quoted_size(std::string_view text, std::string_view secret, std::size_t enough) {
  if (text.substr(0, secret.size()) == secret) return secret.size();
  std::size_t at = 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    const auto byte = static_cast<unsigned char>(secret[i]);
    const auto sign = (std::min)(text.find_first_not_of('\\', at), text.size());
    const auto escape = sign < text.size() ? escape_size(text.substr(sign), byte) : 0;
    if (byte != '\\' || escape > 0) at = sign;  // JSON in JSON doubles the backslashes
    if (at == text.size()) return i >= enough ? at : 0;
    const bool is_same = escape > 0 || text[at] == secret[i];
    if (!is_same && (byte & 0xC0) != 0x80) return 0;
    if (is_same) at += (std::max)(escape, std::size_t{1});
  }
  return at;
}

/// What must not be seen in an error, wherever it stands.
using Secrets = std::vector<std::string_view>;

/// The size of a name at the start of a text, in snake_case, camelCase, kebab-case or words, also in
/// the plural; 0: something else. The name itself is of small letters only.
inline std::size_t name_size(std::string_view text, std::string_view name) {
  std::size_t at = 0;
  for (const char c : name) {
    if (at > 0 && at < text.size() && "_- "sv.find(text[at]) != "_- "sv.npos) ++at;
    if (at == text.size() || lower(text[at]) != c) return 0;
    ++at;
  }
  return at + (at < text.size() && lower(text[at]) == 's' ? 1 : 0);
}

/// What the names of members and parameters with secrets end in.
constexpr std::string_view secret_names[] = {
    "streamkey", "secretkey",  "secret",    "token",    "authorization", "password",
    "passwd",    "passphrase", "accesskey", "apikey",   "authkey",       "accountkey",
    "sharedkey", "privatekey", "rtmpurl",   "rtmpsurl", "srturl",        "credential"};

/// The size of a quote at the start of a text that is written as HTML or JSON escape it; 0: none.
inline std::size_t escaped_quote_size(std::string_view text) {
  for (const std::string_view quote : {"&quot;", "&#34;", "&#39;", "u0022", "u0027"}) {
    if (text.substr(0, quote.size()) == quote) return quote.size();
  }
  return 0;
}

/// How long a text is that began with an opener, such as a quote after so many backslashes.
inline std::size_t enclosed_size(std::string_view text, char opener, std::size_t escapes) {
  if (opener == ' ') return (std::min)(text.find_first_of("\\\"'<>,;&{}[] \t\r\n"), text.size());
  const bool is_bracket = opener == '[' || opener == '{';
  const char quote = is_bracket ? '"' : opener;
  bool is_in_text = !is_bracket;
  std::size_t depth = 1, backslashes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == quote && backslashes <= escapes) {  // with more of them it is a part of the text
      if (!is_bracket) return i - backslashes;
      is_in_text = !is_in_text;
    }
    if (!is_in_text && (c == '[' || c == '{')) ++depth;
    if (!is_in_text && (c == ']' || c == '}') && --depth == 0) return i;
    backslashes = c == '\\' ? backslashes + 1 : 0;
  }
  return text.size();
}

/// Where in a text, from a place on, something comes that is neither one of these nor an HTML tag.
inline std::size_t skip(std::string_view text, std::string_view any, std::size_t from) {
  for (int tags = 0;; ++tags) {
    from = (std::min)(text.find_first_not_of(any, from), text.size());
    const auto tag = text.substr(from, 64);
    const auto end = tag.find('>');
    // After so many it is no value, and who passed any number of them would take time squared.
    if (tag.substr(0, 1) != "<" || end == tag.npos || tags == 8) return from;
    from += end + 1;
  }
}

/// The size of the UTF-8 character that a text begins with; 0 if that is none.
inline std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = byte(0), second = byte(1);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const unsigned least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (size > 1 && (first < 0xC2 || first > 0xF4 || second < least || second > most)) return 0;
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

/// At most so many bytes of a text, cut between characters.
inline std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

/// At most so many bytes of a text, with what is secret in it masked: the given secrets wherever
/// they stand, and the values of members and parameters that hold secrets, in text of any form:
/// JSON, also cut off or inside a string, HTML. Not masked are secrets of fewer than 4 bytes, which
/// may be a part of any word.
inline std::string redacted(std::string_view whole, const Secrets& secrets = {},
                            std::size_t size = std::string_view::npos) {
  auto text = cut(whole, size);
  const bool is_cut = text.size() < whole.size();
  std::string out;
  while (!text.empty()) {
    std::size_t plain = 1, masked = 0;  // lengths
    for (const auto secret : secrets) {
      if (secret.size() < 4) continue;
      masked = (std::max)(masked, quoted_size(text, secret, is_cut ? 4 : 8));
    }
    if (masked > 0) {
      plain = 0;
    } else {
      const char initial = lower(text[0]);
      for (const auto name : secret_names) {
        const auto name_end = name[0] == initial ? name_size(text, name) : 0;
        if (name_end == 0) continue;
        constexpr std::string_view quotes = "\\\"' \t\r\n";
        auto sign = skip(text, quotes, name_end);
        sign = skip(text, quotes, sign + escaped_quote_size(text.substr(sign)));
        if (sign == text.size() || (text[sign] != ':' && text[sign] != '=')) continue;
        plain = skip(text, "\\ \t\r\n", sign + 1);
        const auto escapes = plain - 1 - text.find_last_not_of('\\', plain - 1);
        const auto escaped_quote = text.substr(plain, escaped_quote_size(text.substr(plain)));
        if (!escaped_quote.empty()) {
          plain += escaped_quote.size();
          masked = (std::min)(text.find(escaped_quote, plain), text.size()) - plain;
          break;
        }
        const char opener = plain < text.size() ? text[plain] : ' ';
        const bool is_enclosed = std::string_view("\"'[{").find(opener) != std::string_view::npos;
        if (is_enclosed) ++plain;
        constexpr std::string_view scheme = "Bearer ";
        if (equal_ignoring_case(text.substr(plain, scheme.size()), scheme)) plain += scheme.size();
        masked = enclosed_size(text.substr(plain), is_enclosed ? opener : ' ', escapes);
        const bool is_part = is_cut && plain + masked == text.size();
        const bool is_word = text[sign] == ':' && !is_enclosed && masked < 8 && !is_part;
        if (is_word) masked = 0;  // of a sentence: "token: expired"
        break;
      }
    }
    out += text.substr(0, plain);
    if (masked > 0) out += "***";
    text.remove_prefix(plain + masked);
  }
  return out;
}

constexpr std::size_t longest_text = 4096;  // of an Error: message, body

constexpr std::string_view unknown_character = "\xEF\xBF\xBD";  // U+FFFD

/// A text in which each byte that is not UTF-8 is U+FFFD.
inline std::string valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t size = 1; !text.empty(); text.remove_prefix((std::max)(size, std::size_t{1}))) {
    size = utf8_size(text);
    out += size > 0 ? text.substr(0, size) : unknown_character;
  }
  return out;
}

/// At most so many bytes of a text, on one line.
inline std::string excerpt(std::string_view text, std::size_t size) {
  std::string line;
  for (const char c : valid_utf8(cut(text, size))) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
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
  char text[160];  // for seven numbers of any size, or compilers warn
  std::snprintf(text, sizeof text, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%03lldZ",
                static_cast<long long>(yoe + era * 400 + (month <= 2)),
                static_cast<long long>(month), static_cast<long long>(doy - (153 * mp + 2) / 5 + 1),
                static_cast<long long>(in_day / 3600000),
                static_cast<long long>(in_day / 60000 % 60),
                static_cast<long long>(in_day / 1000 % 60), static_cast<long long>(in_day % 1000));
  text_ = text;
}

namespace detail {

/// Microseconds since 1970, in parts.
struct Moment {
  std::int64_t seconds = 0;
  std::int64_t micros = 0;
};

/// Reads the parts of a time from the start of a text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool sign(std::string_view any) {
    const bool found = !rest_.empty() && any.find(rest_[0]) != any.npos;
    if (found) rest_.remove_prefix(1);
    return found;
  }
  bool word(std::string_view word) {
    const bool found = equal_ignoring_case(rest_.substr(0, word.size()), word);
    if (found) rest_.remove_prefix(word.size());
    return found;
  }
  /// -1: it does not begin with so many digits.
  std::int64_t number(std::size_t digits) {
    if (count_digits() < digits) return -1;
    std::int64_t value = 0;
    for (; digits > 0; --digits, rest_.remove_prefix(1)) value = value * 10 + (rest_[0] - '0');
    return value;
  }
  std::size_t count_digits() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }
  /// Of a unit, in millionths: what comes after a decimal sign, if one comes.
  bool fraction(std::int64_t& millionths) {
    if (!sign(".,")) return true;
    if (count_digits() == 0) return false;
    for (std::int64_t unit = 100000; count_digits() > 0; unit /= 10) millionths += number(1) * unit;
    return true;
  }
  /// "Z", "UTC", "+02", "+0200", "+02:00", or "+0200 CEST" as Go writes it; nothing means UTC.
  bool zone(std::int64_t& seconds) {
    const bool has_blank = rest_.size() > 1 && sign(" ");
    const bool is_west = rest_.substr(0, 1) == "-";
    if (!sign("+-")) return word("Z") || word("UTC") || word("GMT") || !has_blank;
    const std::int64_t hours = number(2);
    const bool has_colon = sign(":");
    const std::int64_t minutes = has_colon || count_digits() > 0 ? number(2) : 0;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
    seconds = (is_west ? -1 : 1) * (hours * 3600 + minutes * 60);
    if (!sign(" ")) return true;
    std::size_t letters = 0;
    while (sign("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) ++letters;
    return letters >= 3 && letters <= 5;
  }

 private:
  std::string_view rest_;
};

/// Seconds since 1970 have 9 to 11 digits, up to the year 5138, milliseconds 12 to 14.
inline std::optional<Moment> parse_unix_time(std::string_view text) {
  TimeReader in(text);
  const std::size_t digits = in.count_digits();
  if (digits < 9 || digits > 14) return {};
  Moment moment{in.number(digits)};
  if (!in.fraction(moment.micros) || !in.at_end()) return {};
  if (digits >= 12) {
    moment.micros = moment.seconds % 1000 * 1000 + moment.micros / 1000;
    moment.seconds /= 1000;
  }
  return moment;
}

/// ISO 8601, and what others write in its place.
inline std::optional<Moment> parse_iso_time(std::string_view text) {
  TimeReader in(text);
  const int year = static_cast<int>(in.number(4));
  const int month = in.sign("-") ? static_cast<int>(in.number(2)) : -1;
  const int day = in.sign("-") ? static_cast<int>(in.number(2)) : -1;
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return {};
  std::int64_t hour = 0, minute = 0, second = 0, zone = 0;
  Moment moment;
  if (in.sign("Tt ")) {
    hour = in.number(2);
    minute = in.sign(":") ? in.number(2) : -1;
    if (in.sign(":")) {
      second = in.number(2);
      if (!in.fraction(moment.micros)) return {};
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return {};
    if (!in.zone(zone)) return {};
  }
  if (!in.at_end()) return {};
  moment.seconds = unix_seconds(year, month, day, static_cast<int>(hour), static_cast<int>(minute),
                                static_cast<int>(second)) -
                   zone;
  return moment;
}

}  // namespace detail

REALTIMEKIT_INLINE std::optional<Timestamp::time_point> Timestamp::time() const {
  std::string_view text = text_;
  while (!text.empty() && text.back() == '"') text.remove_suffix(1);  // has been seen
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
  if (since <= first || since >= last) return {};  // the clock counts in nanoseconds, perhaps
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

/// The one way that headers are added: each other one is a page of code to compile.
inline void add_header(Headers& headers, std::string name, std::string value) {
  headers.push_back({std::move(name), std::move(value)});
}

// >>json ------------------------------------------------------------------------------------------

struct Field {
  std::string_view name;
  char initial;  // in lower case
  const Type* type;
  std::size_t offset;
  Role role;
  std::uint32_t index;
  std::uint32_t next = 0;  // how many fields further there is one of that name; 0: there is none
};

/// The first letter of a name in snake_case or camelCase, by which most others are ruled out.
inline char initial_of(std::string_view name) {
  const auto at = name.find_first_not_of('_');
  return at == name.npos ? '\0' : lower(name[at]);
}

struct Table {
  std::vector<Field> fields;
  const std::string_view* wrappers;  // names under which the server wraps such an object, or a list
  std::size_t wrapper_count;
  std::size_t flat = std::string_view::npos;  // the index of the field that stands for all of it
};

REALTIMEKIT_INLINE Table* new_table(const std::string_view* wrappers, std::size_t wrapper_count) {
  return new Table{{}, wrappers, wrapper_count};
}

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

template <> struct TypeOf<std::string> {
  static constexpr Type make() { return {Kind::text, text_in<std::string>}; }
};
template <> struct TypeOf<Secret> {
  static constexpr Type make() { return {Kind::secret, text_in<Secret>}; }
};
template <> struct TypeOf<Timestamp> {
  static constexpr Type make() { return {Kind::timestamp, text_in<Timestamp>}; }
};
template <> struct TypeOf<RawJson> {
  static constexpr Type make() { return {Kind::json, text_in<RawJson>}; }
};
template <> struct TypeOf<bool> {
  static constexpr Type make() { return {Kind::boolean}; }
};
template <> struct TypeOf<int> {
  static constexpr Type make() { return {Kind::int32}; }
};
template <> struct TypeOf<std::int64_t> {
  static constexpr Type make() { return {Kind::int64}; }
};
template <> struct TypeOf<double> {
  static constexpr Type make() { return {Kind::number}; }
};

template <> REALTIMEKIT_INLINE const Type& type_of<std::string>() {
  return made_type<std::string>();
}
template <> REALTIMEKIT_INLINE const Type& type_of<Secret>() { return made_type<Secret>(); }
template <> REALTIMEKIT_INLINE const Type& type_of<Timestamp>() { return made_type<Timestamp>(); }
template <> REALTIMEKIT_INLINE const Type& type_of<RawJson>() { return made_type<RawJson>(); }
template <> REALTIMEKIT_INLINE const Type& type_of<bool>() { return made_type<bool>(); }
template <> REALTIMEKIT_INLINE const Type& type_of<int>() { return made_type<int>(); }
template <> REALTIMEKIT_INLINE const Type& type_of<std::int64_t>() {
  return made_type<std::int64_t>();
}
template <> REALTIMEKIT_INLINE const Type& type_of<double>() { return made_type<double>(); }
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
  return type.text(const_cast<void*>(value));  // the accessor does not write
}

/// Adds a text as JSON.
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

/// While one lives, the numbers of its thread are read and written as JSON has them, by the C
/// library and so by nlohmann's parser too, whatever locale the program has set.
class PlainNumbers {
 public:
  PlainNumbers(const PlainNumbers&) = delete;
  PlainNumbers& operator=(const PlainNumbers&) = delete;
#ifdef _WIN32
  PlainNumbers() {
    if (*std::localeconv()->decimal_point == '.') return;
    mode_ = ::_configthreadlocale(_ENABLE_PER_THREAD_LOCALE);
    if (mode_ == -1) return;  // an old C library
    before_ = std::setlocale(LC_NUMERIC, nullptr);
    std::setlocale(LC_NUMERIC, "C");
  }
  ~PlainNumbers() {
    if (mode_ == -1) return;
    std::setlocale(LC_NUMERIC, before_.c_str());
    ::_configthreadlocale(mode_);
  }

 private:
  int mode_ = -1;  // that the thread had
  std::string before_;
#else
  PlainNumbers() : before_(::uselocale(plain())) {}
  ~PlainNumbers() { ::uselocale(before_); }

 private:
  static locale_t plain() {
    static const locale_t made = ::newlocale(LC_ALL_MASK, "C", locale_t{});
    return made;
  }
  const locale_t before_;
#endif
};

/// Looks at the bits, as -Ofast takes it for granted that every number is finite.
inline bool is_finite(double number) {
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof number, "realtimekit: a double must have 64 bits");
  std::memcpy(&bits, &number, sizeof bits);
  return (bits >> 52 & 0x7FF) != 0x7FF;
}

/// A JSON value that is neither object, array nor null. The text is not its own.
struct Scalar {
  std::string_view text{};  // without quotes
  bool is_text = false;
  bool has_number = false;
  bool has_integer = false;  // 0 and 1 of a boolean, too
  double number = 0;
  std::int64_t integer = 0;
};

inline void set_number(Scalar& scalar, double value) {
  if (!is_finite(value)) return;
  constexpr double exact =
      9007199254740992.0;  // 2^53: up to here a double holds every whole number
  scalar.has_number = true;
  scalar.number = value + 0.0;  // no negative zero, which prints as -0
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

/// Some fields come as text, whatever they are: takes the boolean that a text means.
inline void read_boolean(Scalar& scalar) {
  for (const std::string_view word : {"true", "yes", "on", "y", "t"}) {
    if (equal_ignoring_case(scalar.text, word)) return set_integer(scalar, 1);
  }
  for (const std::string_view word : {"false", "no", "off", "n", "f"}) {
    if (equal_ignoring_case(scalar.text, word)) return set_integer(scalar, 0);
  }
}

/// The same for the number that a text means.
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
  const PlainNumbers plain;
  const auto point = copy.find('.');
  if (point != copy.npos) copy[point] = *std::localeconv()->decimal_point;
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str() + copy.size()) set_number(scalar, number);
}

/// Whether a scalar can be written to a value of one of the simple kinds.
inline bool fits(Kind kind, Scalar& scalar) {
  const bool wants_number = kind >= Kind::boolean && kind <= Kind::number;
  if (wants_number && scalar.is_text) read_number(scalar);
  if (kind == Kind::boolean && scalar.is_text) read_boolean(scalar);
  switch (kind) {
    case Kind::text:
    case Kind::secret:
    case Kind::open_enum:
    case Kind::json: return true;
    case Kind::timestamp:
      while (!scalar.text.empty() && scalar.text.back() == '"') scalar.text.remove_suffix(1);
      return scalar.text != "null" && (scalar.is_text || scalar.has_number);  // both have been seen
    case Kind::boolean: return scalar.has_integer && scalar.integer >= 0 && scalar.integer <= 1;
    case Kind::int32:
      return scalar.has_integer && scalar.integer >= (std::numeric_limits<int>::min)() &&
             scalar.integer <= (std::numeric_limits<int>::max)();
    case Kind::int64: return scalar.has_integer;
    case Kind::number: return scalar.has_number;
    case Kind::optional:
    case Kind::list:
    case Kind::entry:
    case Kind::object: break;
  }
  return false;
}

inline void assign(const Type& type, void* value, const Scalar& scalar) {
  switch (type.kind) {
    case Kind::timestamp:
    case Kind::text:
    case Kind::secret:
    case Kind::open_enum: type.text(value) = std::string(scalar.text); break;
    case Kind::boolean: *static_cast<bool*>(value) = scalar.integer == 1; break;
    case Kind::int32: *static_cast<int*>(value) = static_cast<int>(scalar.integer); break;
    case Kind::int64: *static_cast<std::int64_t*>(value) = scalar.integer; break;
    case Kind::number: *static_cast<double*>(value) = scalar.number; break;
    case Kind::json:
      type.text(value).clear();
      if (scalar.is_text) {
        add_quoted(type.text(value), scalar.text);
      } else {
        type.text(value) = scalar.text;
      }
      break;
    case Kind::optional:
    case Kind::list:
    case Kind::entry:
    case Kind::object: break;
  }
}

/// What nlohmann's parser gathers a text in, a character at a time. In std::string each of them is
/// a call into the C++ library: a quarter of all that parsing costs.
class Text {
 public:
  using value_type = char;

  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  void clear() { end_ = buffer_.data(); }
  void push_back(char c) {
    *end_++ = c;
    if (end_ == last_) grow();
  }
  std::size_t size() const { return static_cast<std::size_t>(end_ - buffer_.data()); }
  const char* data() const { return *end_ = '\0', buffer_.data(); }
  operator std::string_view() const { return {data(), size()}; }

 private:
  void grow() {
    const auto used = size();
    buffer_.resize(2 * buffer_.size());
    end_ = buffer_.data() + used;
    last_ = buffer_.data() + buffer_.size() - 1;
  }

  std::vector<char> buffer_ = std::vector<char>(64);
  char* end_ = buffer_.data();                        // of the text
  char* last_ = buffer_.data() + buffer_.size() - 1;  // where only the null fits
};

/// The event parser of nlohmann. Its public door brings the binary formats along, which take longer
/// to compile than all the rest of it: where the inner door is known to be there, it is taken.
template <class Handler> bool parse_events(const char* begin, const char* end, Handler& handler) {
  const PlainNumbers plain;
#if NLOHMANN_JSON_VERSION_MAJOR == 3 && NLOHMANN_JSON_VERSION_MINOR <= 12
  auto input = nlohmann::detail::input_adapter(begin, end);
  using Json = nlohmann::basic_json<std::map, std::vector, Text>;
  return nlohmann::detail::parser<Json, decltype(input)>(std::move(input)).sax_parse(&handler);
#else
  return nlohmann::json::sax_parse(begin, end, &handler);
#endif
}

constexpr std::size_t longest_token = 2u << 20;  // of JSON: a text or a number

/// Where in a JSON text a token begins that is too long; its size if none is. nlohmann's parser
/// would keep up to ten copies of it.
inline std::size_t place_of_long_token(std::string_view json) {
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

/// Makes a value what it was before anything was decoded.
inline void reset(const Type& type, void* value) {
  if (type.clear) return type.clear(value);
  if (type.kind != Kind::object) return assign(type, value, {});
  for (const Field& field : type.table().fields) reset(*field.type, member(value, field));
}

/// What may stand beside the data of a response.
struct Beside {
  std::optional<bool> success{};
  RawJson error{}, errors{}, messages{};

  REALTIMEKIT_FIELDS(success, error, errors, messages)
};

/// The field of an object that may stand for the whole of it. Null: none.
inline const Field* flat_field(const Type& type) {
  if (type.kind != Kind::object) return nullptr;
  const Table& table = type.table();
  return table.flat < table.fields.size() ? &table.fields[table.flat] : nullptr;
}

/// Fills structs from JSON text, in one pass over its events and by the fields() of the structs.
///
/// A value in its own place wins, whatever the order of the members. One that stands elsewhere, as
/// under another spelling of the name or in a wrapper, only fills what is absent: the decoder keeps
/// the Rank of the place that each field was filled from, and no worse one replaces it.
class Decoder {
 public:
  Decoder() = default;  // fills nothing: whether a text is JSON
  Decoder(const Type& type, void* value) { set_data(type, value), next_ = data_; }

  /// What the members "data" and "result" of the outermost object fill. Of those beside them that
  /// it does not know, only the data's paging is looked for.
  void set_data(const Type& type, void* value) {
    data_ = {{&type, value}, exact, none, ranks(type)};
    const Field* const flat = flat_field(type);
    if (flat && is_list(*flat->type)) data_list_ = slot_of(data_, *flat);
  }
  /// Lists the paths of the values that no field takes, unless it is null.
  void list_unread(std::vector<std::string>* paths) { unread_ = paths; }

  /// What the data is: "object", "text"; empty if there is none.
  std::string_view data_kind() const { return data_kind_; }
  /// Whether anything in the data, beside its paging, has a field.
  bool has_found() const {
    const auto& fields = data_.type->table().fields;
    for (std::size_t i = 0; data_.ranks + i < ranks_.size(); ++i) {
      const bool is_paging = i < fields.size() && fields[i].type == &type_of<Paging>();
      if (!is_paging && ranks_[data_.ranks + i] != absent) return true;
    }
    return false;
  }
  /// Whether the list that the data is has been found: with items, or an empty array.
  bool has_list() const {
    return is_empty_list_ || (data_list_.type && data_list_.type->at(data_list_.value, 0));
  }

  /// Returns what is wrong with the text as JSON; empty: nothing. What came before that is decoded.
  std::string parse(const std::string& text) {
    const auto null = text.find('\0');  // nlohmann takes it for the end
    const auto end = place_of_long_token(std::string_view(text).substr(0, null));
    values_left_ = (std::max)(least_values, text.size() / 16);
    memory_left_ = (std::max)(least_memory, 4 * text.size());
    const bool is_valid = parse_events(text.data(), text.data() + end, *this);
    if (is_valid && end == text.size()) return {};
    if (is_valid) stop_ = end;
    if (too_deep_)
      return concat({"JSON nested deeper than ", std::to_string(max_depth), " levels"});
    if (too_large_) return "JSON whose small items would fill the memory";
    if (too_many_) return "JSON of too many values";
    return concat(
        {"not JSON: stopped at byte ", std::to_string(stop_), " of ", std::to_string(text.size())});
  }

  // The events, as nlohmann's parser calls them. Returning false ends the parsing.
  bool null() {
    if (!count_value()) return false;
    if (copy_) return copy("null");
    if (skipped_ == 0) begin_value("null");
    return true;
  }
  bool boolean(bool value) {
    Scalar scalar{value ? "true" : "false"};
    scalar.has_integer = true;
    scalar.integer = value ? 1 : 0;
    return store(scalar, "boolean");
  }
  bool number_integer(std::int64_t value) { return store_integer(value); }
  bool number_unsigned(std::uint64_t value) { return store_integer(value); }
  bool number_float(double value, std::string_view text) {
    Scalar scalar{text};
    set_number(scalar, value);
    return store(scalar, "number");
  }
  bool string(std::string_view value) {
    Scalar scalar{value};
    scalar.is_text = true;
    return store(scalar, "text");
  }
  template <class Binary> bool binary(Binary&) { return true; }  // does not occur in JSON text
  bool start_object(std::size_t) { return open(Shape::object); }
  bool start_array(std::size_t) { return open(Shape::array); }
  bool end_object() { return close('}'); }
  bool end_array() { return close(']'); }
  bool key(std::string_view name) {
    if (copy_) {
      add_comma();
      add_quoted(*copy_, name);
      *copy_ += ':';
    } else if (skipped_ == 0) {
      Frame& frame = frames_[depth_ - 1];
      next_ = find(frame, name);
      if (unread_) frame.name = name;
    }
    return !too_large_;
  }
  template <class Cause> bool parse_error(std::size_t position, const std::string&, const Cause&) {
    stop_ = position;  // the texts are not used: they quote the input, which may hold secrets
    return false;
  }

 private:
  static constexpr std::size_t max_depth = 64;
  static constexpr std::size_t least_memory = 16u << 20;
  static constexpr std::size_t least_values = 500000;
  static constexpr std::size_t most_guesses = 16;
  using Index = std::uint32_t;
  static constexpr Index none = 0xffffffff;
  enum class Shape { scalar, object, array };  // of a JSON value that is not null

  /// How good a place is for a value; smaller is better. The upper half is the sum of what is not
  /// as it should be, the lower one tells names apart, so that their order does not matter.
  using Rank = std::uint32_t;
  static constexpr Rank absent = 0xffffffff;
  enum Flaw : Rank {
    exact,
    other_spelling,
    other_number,
    flattened = 4,
    wrapped = 8,
    no_list = 0x1000  // worse than any number of wrappers
  };

  static Rank worsened(Rank rank, Flaw flaw, std::string_view name = {}) {
    if (flaw == exact) return rank;
    Rank hash = rank & 0xffff;
    for (const char c : name) hash = (hash * 31 + static_cast<unsigned char>(c)) & 0xffff;
    return ((rank & ~Rank{0xffff}) + (flaw << 16)) | hash;
  }

  struct Slot {
    const Type* type = nullptr;
    void* value = nullptr;  // null in a dry run
  };
  /// Where a value goes; nowhere if type is null.
  struct Place : Slot {
    Rank rank = exact;
    Index best = none;   // in ranks_: of what the value was filled from; none: it is new
    Index ranks = none;  // in ranks_: those of the fields of the object there; likewise
    const Field* field = nullptr;
  };
  /// An object or array that is being read, and what it fills.
  struct Frame {
    Place place{};
    std::size_t ranks_before = 0;
    bool is_array = false;
    bool is_used = false;      // an array in place of a single value: its first element has come
    bool is_filled = false;    // with any value
    bool has_item = false;     // an object in place of a list: the item that it stands for
    std::size_t elements = 0;  // of an array: how many have begun
    std::size_t names = 0;     // of an object: how many have come
    std::string name{};        // the last of them, for unread_
    /// The fields that they meant in the object that was here before, of the same type: the server
    /// writes the members of each in the same order.
    const Field* guesses[most_guesses];  // set when the first object is here
  };

  static Slot slot_of(const Slot& object, const Field& field) {
    return {field.type, object.value ? member(object.value, field) : nullptr};
  }
  static Place new_place(const Slot& slot) { return {slot, exact, none, none, nullptr}; }
  /// Of "{}", each three letters of a response are an item of hundreds of bytes: that has a limit.
  Slot new_item(const Slot& slot) {
    const Type& item = slot.type->item();
    if (!slot.value) return {&item, nullptr};
    const std::size_t size = slot.type->item_size;
    too_large_ = size > memory_left_;
    if (too_large_) return {};
    memory_left_ -= size;
    return {&item, slot.type->add(slot.value)};
  }
  static bool is_list(const Type& type) { return type.kind == Kind::list; }
  static bool is_map(const Type& type) { return is_list(type) && type.item().kind == Kind::entry; }
  /// The type of the objects that stand for such an object, or that a list is of. Null: none.
  static const Type* inner_object(const Type& type) {
    const Field* const flat = flat_field(type);
    if (!flat && !is_list(type)) return nullptr;
    const Type* const inner = flat ? flat->type : &type;
    const Type* const object = is_list(*inner) ? &inner->item() : inner;
    return object->kind == Kind::object ? object : nullptr;
  }

  // An object has a rank for each of its fields, a list one for itself. Those of the fields of the
  // inner object come after them.
  static Index count_own_ranks(const Type& type) {
    return type.kind == Kind::object ? Index(type.table().fields.size()) : 1;
  }
  Index ranks(const Type& type) {
    const auto begin = static_cast<Index>(ranks_.size());
    const Type* const inner = inner_object(type);
    const Index count = count_own_ranks(type) + (inner ? count_own_ranks(*inner) : 0);
    return ranks_.resize(begin + count, absent), begin;
  }

  /// The place for a value of that shape: engages optionals, adds to lists, and takes the field
  /// that stands for a whole object. Type is null if it fits nowhere.
  Slot settle(Slot slot, Shape shape) {
    while (slot.type) {
      const Type& type = *slot.type;
      if (type.kind < Kind::optional) return shape == Shape::object ? Slot{} : slot;
      if (type.kind == Kind::json) return slot;
      if (is_map(type)) return shape == Shape::object ? slot : Slot{};
      if (type.kind == Kind::object) {
        const Field* const flat = flat_field(type);
        if (shape == Shape::object) return slot;
        if (!flat) return shape == Shape::array ? slot : Slot{};  // the first element is meant
        if (shape == Shape::scalar && is_list(*flat->type)) return {};  // "OK" is no list
        slot = slot_of(slot, *flat);
      } else if (is_list(type) &&
                 (shape == Shape::array || (shape == Shape::object && inner_object(type)))) {
        return slot;  // an object: the only item, or a wrapper
      } else {
        slot = new_item(slot);
      }
    }
    return {};
  }
  const Type* settled_type(const Type& type, Shape shape) {
    const Type& inner = type.kind == Kind::optional ? type.item() : type;
    const bool is_simple = inner.kind < Kind::optional && shape == Shape::scalar;
    return is_simple ? &inner : settle({&type, nullptr}, shape).type;
  }

  static bool has_same_letters(std::string_view a, std::string_view b) {  // camelCase, snake_case
    std::size_t i = 0, j = 0;
    for (;; ++i, ++j) {
      while (i < a.size() && a[i] == '_') ++i;
      while (j < b.size() && b[j] == '_') ++j;
      if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
      if (lower(a[i]) != lower(b[j])) return false;
    }
  }
  static bool differs_in_number(std::string_view a, std::string_view b) {  // one has an s more
    if (a.size() < b.size()) std::swap(a, b);
    return a.size() == b.size() + 1 && lower(a.back()) == 's' &&
           has_same_letters(a.substr(0, b.size()), b);
  }

  /// Whether the server may put an object, or a list of them, into another object under a name.
  static bool is_wrapper(const Type& type, std::string_view name) {
    for (const std::string_view any : {"data", "result", "items", "results"}) {
      if (name == any) return true;
    }
    const Type* const inner = inner_object(type);
    if (!inner && type.kind != Kind::object) return false;
    const Table& table = (inner ? *inner : type).table();
    return std::any_of(table.wrappers, table.wrappers + table.wrapper_count, [&](auto wrapper) {
      return has_same_letters(wrapper, name) || differs_in_number(wrapper, name);
    });
  }

  /// The field that a name means in an object, also in the other spelling or the other grammatical
  /// number.
  static const Field* field_of(const Type& type, std::string_view name, Flaw& flaw) {
    const char initial = initial_of(name);
    const Field* best = nullptr;
    flaw = wrapped;
    for (const Field& field : type.table().fields) {
      if (field.initial != initial) continue;
      const Type& inner = field.type->kind == Kind::optional ? field.type->item() : *field.type;
      const bool may_be_many = inner.kind >= Kind::list;  // lists, objects, JSON
      const Flaw found = field.name == name                                   ? exact
                         : has_same_letters(field.name, name)                 ? other_spelling
                         : may_be_many && differs_in_number(field.name, name) ? other_number
                                                                              : wrapped;
      if (found < flaw) best = &field, flaw = found;
    }
    return best;
  }

  static Place place_of(const Place& object, const Field& field, Rank rank) {
    if (field.role == Role::flat && field.type->kind == Kind::object) {
      return {slot_of(object, field), rank, none, object.ranks + count_own_ranks(*object.type)};
    }
    return {slot_of(object, field), rank, object.ranks + field.index, none, &field};
  }
  /// The field of the same name that comes after that of a place.
  Place other_of(Place place) const {
    if (!place.field || place.field->next == 0) return {};
    const Field& other = place.field[place.field->next];
    place.type = other.type;
    place.value = static_cast<char*>(place.value) - place.field->offset + other.offset;
    place.best += place.field->next;
    place.field = &other;
    return place;
  }

  /// What a name means in the object that is being read.
  Place find(Frame& frame, std::string_view name) {
    const Place& object = frame.place;
    Flaw flaw = exact;
    if (object.type->kind == Kind::object) {
      const Field* no_guess = nullptr;
      const Field*& guess = frame.names < most_guesses ? frame.guesses[frame.names++] : no_guess;
      if (!guess || guess->name != name) guess = field_of(*object.type, name, flaw);
      const bool is_whole = guess && guess->role == Role::flat && guess->name == "data";
      if (guess && !is_whole) return place_of(object, *guess, worsened(object.rank, flaw, name));
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
    return find_flattened(frame, name);
  }

  /// What a name means beside the data.
  Place find_data(std::string_view name) const {
    if (!data_.type) return {};
    if (name == "data") return data_;
    if (name == "result") return {data_, worsened(exact, wrapped, name), none, data_.ranks};
    Flaw flaw = exact;
    const Field* const field = field_of(*data_.type, name, flaw);
    if (!field || field->type != &type_of<Paging>()) return {};
    return place_of(data_, *field, worsened(exact, flattened, name));
  }

  /// A field of the inner object: of what stands for the whole object, or of the only item of a list.
  Place find_flattened(Frame& frame, std::string_view name) {
    const Place& object = frame.place;
    const Type* const inner = inner_object(*object.type);
    Flaw flaw = exact;
    const Field* const field = inner ? field_of(*inner, name, flaw) : nullptr;
    if (!field) return {};
    const Rank rank = worsened(worsened(object.rank, flattened), flaw, name);
    const Field* const flat = flat_field(*object.type);
    const Index ranks = object.ranks + count_own_ranks(*object.type);
    Place place = flat ? place_of(object, *flat, rank) : Place{object, rank, object.ranks};
    if (is_list(*place.type)) {
      place.rank = worsened(object.rank, no_list);
      if (!claim(place)) return {};
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

  /// Whether a place may be filled, as it has been from no better one.
  bool claim(const Place& place) {
    if (place.best == none) return true;
    Rank& best = ranks_[place.best];
    if (best < place.rank) return false;
    if (best != place.rank && (best != absent || is_list(*place.type))) {
      reset(*place.type, place.value);
    }
    best = place.rank;
    return true;
  }

  /// The place for the value that comes now. Nothing is engaged or added if it does not fit there,
  /// or if a better one has come.
  Place take(Shape shape, Scalar* scalar = nullptr) {
    Frame* const array =
        depth_ > 0 && frames_[depth_ - 1].is_array ? &frames_[depth_ - 1] : nullptr;
    Place place = array ? array->place : next_;
    if (array && !is_list(*place.type) && std::exchange(array->is_used, true)) return {};
    for (; place.type; place = other_of(place)) {
      const bool is_item = array && is_list(*place.type);
      const Type* const type = settled_type(is_item ? place.type->item() : *place.type, shape);
      if (!type || (scalar && !fits(type->kind, *scalar))) continue;
      if (shape == Shape::array && !is_list(*type) && type->kind != Kind::json) {
        return is_item ? Place{} : place;  // as it is, until the first element has come
      }
      if (place.ranks != none && shape != Shape::object) {  // of what stands for the whole object
        const Field* const flat = flat_field(*place.type);
        place.best = place.ranks + (flat ? flat->index : 0);
      }
      if (!claim(place)) return {};
      if (is_item && place.field) {  // the elements fit into this list, not into the first field
        place.type->clear(place.value);
        array->place = new_place(place);
      }
      if (type != place.type) {
        static_cast<Slot&>(place) = settle(is_item ? new_item(place) : Slot{place}, shape);
      }
      return place;
    }
    return {};
  }

  template <class Integer> bool store_integer(Integer value) {
    if (skipped_ > 0 && !copy_) return count_value();
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    Scalar scalar{{text, static_cast<std::size_t>(end - text)}};
    constexpr auto largest = (std::numeric_limits<std::int64_t>::max)();
    if (value <= static_cast<Integer>(largest)) {
      set_integer(scalar, static_cast<std::int64_t>(value));
    } else {
      set_number(scalar, static_cast<double>(value));
    }
    return store(scalar, "number");
  }

  bool store(Scalar& scalar, std::string_view kind) {
    if (!count_value()) return false;
    if (copy_ && scalar.is_text) return add_comma(), add_quoted(*copy_, scalar.text), true;
    if (copy_) return copy(scalar.text);
    if (skipped_ > 0) return true;
    begin_value(kind);
    const Place place = take(Shape::scalar, &scalar);
    if (place.type) {
      assign(*place.type, place.value, scalar);
      if (depth_ > 0) frames_[depth_ - 1].is_filled = true;
    } else if (scalar.text != "null") {  // which has been seen for what is absent
      note_unread(kind);
    }
    return !too_large_;
  }

  bool open(Shape shape) {
    if (depth_ + skipped_ == max_depth) return too_deep_ = true, false;
    if (!count_value()) return false;
    const std::string_view sign = shape == Shape::object ? "{" : "[";
    if (copy_) copy(sign);
    if (skipped_ > 0) return ++skipped_, true;
    const std::string_view kind = shape == Shape::object ? "object" : "array";
    begin_value(kind);
    const Place place = take(shape);
    if (too_large_) return false;
    if (!place.type) return note_unread(kind), ++skipped_, true;
    if (place.type->kind == Kind::json) {
      if (depth_ > 0) frames_[depth_ - 1].is_filled = true;
      copy_ = &place.type->text(place.value);
      *copy_ = sign;
      return ++skipped_, true;
    }
    Frame& frame = frames_[depth_++];
    if (place.type != frame.place.type) std::fill_n(frame.guesses, most_guesses, nullptr);
    frame.place = place;
    frame.ranks_before = ranks_.size();
    frame.is_array = shape == Shape::array;
    frame.is_used = frame.is_filled = frame.has_item = false;
    frame.elements = frame.names = 0;
    if (is_list(*place.type) && (frame.is_array || is_map(*place.type))) {
      place.type->clear(place.value);
    }
    if (frame.is_array ? is_list(*place.type) : place.ranks == none) frame.place = new_place(place);
    if (!frame.is_array && place.ranks == none) frame.place.ranks = ranks(*place.type);
    return true;
  }

  bool close(char sign) {
    if (skipped_ > 0) {
      if (copy_) *copy_ += sign;
      if (--skipped_ == 0) copy_ = nullptr;
      return true;
    }
    const Frame& frame = frames_[--depth_];
    const Place& place = frame.place;
    ranks_.resize(frame.ranks_before);
    if (frame.is_array && place.type == data_list_.type && place.value == data_list_.value) {
      is_empty_list_ = frame.elements == 0 && depth_ > 0;  // no list has been asked for by "[]"
    }
    if (frame.has_item && !frame.is_filled) {
      const Slot list =
          is_list(*place.type) ? Slot{place} : slot_of(place, *flat_field(*place.type));
      list.type->clear(list.value);  // no item is made of nothing
    }
    if (depth_ == 0) return true;
    Frame& outer = frames_[depth_ - 1];
    const bool is_item = outer.is_array && is_list(*outer.place.type);
    if (frame.is_filled) {
      outer.is_filled = true;
    } else if (is_item && place.type->kind == Kind::object) {
      outer.place.type->drop(outer.place.value);  // likewise
    }
    return true;
  }

  void begin_value(std::string_view kind) {
    const bool is_data = next_.type && next_.ranks == data_.ranks;
    if (is_data && (data_kind_.empty() || data_kind_ == "null")) data_kind_ = kind;
    if (depth_ > 0) ++frames_[depth_ - 1].elements;
  }

  void note_unread(std::string_view kind) {
    if (!unread_) return;
    Flaw flaw = exact;
    const bool is_bare =
        depth_ == 1 && !frames_[0].is_array && frames_[0].place.ranks == data_.ranks;
    if (is_bare && field_of(type_of<Beside>(), frames_[0].name, flaw)) return;
    std::string path;
    for (std::size_t i = 0; i < depth_; ++i) {
      const Frame& frame = frames_[i];
      if (frame.is_array) append(path, {"[", std::to_string(frame.elements - 1), "]"});
      if (!frame.is_array) append(path, {path.empty() ? "" : ".", frame.name});
    }
    unread_->push_back(concat({path, ": ", kind}));
  }

  bool count_value() {
    too_many_ = values_left_ == 0;
    if (!too_many_) --values_left_;
    return !too_many_;
  }

  bool copy(std::string_view part) {
    add_comma();
    *copy_ += part;
    return true;
  }
  void add_comma() {
    constexpr std::string_view openers = "[{:";
    const bool is_first = copy_->empty() || openers.find(copy_->back()) != openers.npos;
    if (!is_first) *copy_ += ',';
  }

  Frame frames_[max_depth];
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  // objects and arrays that are open and go nowhere, or into copy_
  std::string* copy_ = nullptr;
  std::vector<Rank> ranks_{};
  Place next_{}, data_{};  // for the value after a name, or the outermost one
  Slot data_list_{};       // the list that the data is
  bool is_empty_list_ = false;
  std::string_view data_kind_{};
  std::vector<std::string>* unread_ = nullptr;
  bool too_deep_ = false;
  bool too_large_ = false;
  bool too_many_ = false;
  std::size_t memory_left_ = 0;  // for items of lists
  std::size_t values_left_ = 0;
  std::size_t stop_ = 0;
};

/// The text that a dotted path names in an object. Null: it names none.
inline const std::string* text_at(const Type& type, const void* value, std::string_view path) {
  const auto name = path.substr(0, path.find('.'));
  for (const Field& field : type.table().fields) {
    if (field.name != name) continue;
    const void* const found = member(value, field);
    if (name.size() < path.size()) {
      return text_at(*field.type, found, path.substr(name.size() + 1));
    }
    return field.type->text ? &text_of(*field.type, found) : nullptr;
  }
  return nullptr;
}

/// Looks through optionals. Value is null where one is empty.
inline void look_through(const Type*& type, const void*& value) {
  while (value && type->kind == Kind::optional) {
    value = type->at(value, 0);
    type = &type->item();
  }
}

/// Whether a value counts as nothing where an object is asked for what it holds.
inline bool is_absent(const Type* type, const void* value) {
  if (type->kind < Kind::boolean || type->kind == Kind::json) return text_of(*type, value).empty();
  if (type->kind == Kind::optional || type->kind == Kind::list) return !type->at(value, 0);
  if (type->kind != Kind::object) return false;
  for (const Field& field : type->table().fields) {
    if (!is_absent(field.type, member(value, field))) return false;
  }
  return true;
}

/// Whether a field is left out of a request. A text that is not optional is always sent.
inline bool is_left_out(const Type* type, const void* value) {
  return type->kind != Kind::text && is_absent(type, value);
}

/// A number in as few digits as bring it back; null for one that JSON cannot hold.
inline std::string number_text(double number) {
  if (!is_finite(number)) return "null";
  const PlainNumbers plain;
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, number);
    const double back = std::strtod(text, nullptr);
    if (!(back < number) && !(back > number)) break;
  }
  std::string out = text;
  std::replace(out.begin(), out.end(), ',', '.');  // where PlainNumbers could not be had
  return out;
}

inline bool is_json(const std::string& text) { return Decoder().parse(text).empty(); }

/// A value that is neither object nor list, as text: in a URL, or in JSON, where texts want quotes.
inline std::string scalar_text(const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::boolean: return *static_cast<const bool*>(value) ? "true" : "false";
    case Kind::int32: return std::to_string(*static_cast<const int*>(value));
    case Kind::int64: return std::to_string(*static_cast<const std::int64_t*>(value));
    case Kind::number: return number_text(*static_cast<const double*>(value));
    default: return text_of(type, value);
  }
}

/// Whether a path template has a field's name in braces.
constexpr std::string_view app_path = "/accounts/{account_id}/realtime/kit/{app_id}";

/// Whether a path has a "{name}".
inline bool is_in_path(std::string_view path, std::string_view name) {
  for (auto at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
    const auto rest = path.substr(at + 1);
    if (rest.substr(0, name.size()) == name && rest.substr(name.size(), 1) == "}") return true;
  }
  return false;
}

/// Makes room in a text that may hold secrets, and leaves no copy of them behind.
inline void make_room(std::string& text, std::size_t size) {
  if (text.capacity() - text.size() >= size) return;
  std::string larger;
  larger.reserve(2 * text.capacity() + size);
  larger += text;
  text.swap(larger);
  wipe(larger);
}

/// Writes a value as JSON, of an object the fields that are present and not in the path.
inline void write_json(std::string& out, const Type* type, const void* value, bool masked,
                       std::string_view path = {}) {
  look_through(type, value);
  const std::size_t escaped = value && type->text ? 6 * text_of(*type, value).size() : 0;
  make_room(out, 256 + escaped);  // for the name of the next field, too
  if (!value || (type->kind == Kind::json && is_absent(type, value))) {
    out += "null";
  } else if (type->kind == Kind::list) {
    const Type& item_type = type->item();
    const bool is_map = item_type.kind == Kind::entry;
    out += is_map ? '{' : '[';
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      if (i > 0) out += ',';
      const bool is_null = item_type.kind < Kind::optional && is_left_out(&item_type, item);
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
      if (is_left_out(field.type, held) || is_in_path(path, field.name)) continue;
      if (out.back() != '{') out += ',';
      add_quoted(out, field.name);
      out += ':';
      write_json(out, field.type, held, masked);
    }
    out += '}';
  } else if (type->kind == Kind::secret && masked) {
    out += "\"***\"";
  } else if (type->kind == Kind::json && masked) {
    const std::string text = redacted(text_of(*type, value));
    out += is_json(text) ? text : quote(text);  // masking does not keep to JSON's rules
  } else if (type->kind == Kind::json) {
    out += text_of(*type, value);
  } else if (type->kind < Kind::boolean) {
    add_quoted(out, text_of(*type, value));
  } else {
    out += scalar_text(*type, value);
  }
}

REALTIMEKIT_INLINE std::string print(const Type& type, const void* value) {
  std::string out;
  write_json(out, &type, value, true);
  return out;
}

// >>requests --------------------------------------------------------------------------------------

/// What is wrong with a value that is to be sent; empty: nothing.
inline std::string flaw(const Type* type, const void* value) {
  std::string found;
  if (is_left_out(type, value)) return found;
  look_through(type, value);
  if (type->kind == Kind::list) {
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      if (found.empty()) found = flaw(&type->item(), item);
    }
  } else if (type->kind == Kind::entry) {
    if (!is_utf8(text_of(*type, value))) return "has a name that is not valid UTF-8";
    found = flaw(&type->item(), type->at(value, 0));
  } else if (type->kind == Kind::object) {
    for (const Field& field : type->table().fields) {
      if (found.empty()) found = flaw(field.type, member(value, field));
    }
  } else if (type->kind == Kind::json) {
    if (!is_json(text_of(*type, value))) found = "is not valid JSON";
  } else if (type->kind == Kind::number) {
    if (!is_finite(*static_cast<const double*>(value))) found = "is not a finite number";
  } else if (type->kind < Kind::boolean && !is_utf8(text_of(*type, value))) {
    found = "is not valid UTF-8";
  }
  return found;
}

inline std::string path_flaw(std::string_view segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..")
    return concat({"is \"", segment, "\", which changes the path"});
  if (is_plain(segment)) return "";
  if (has_control_character(segment)) return "has a control character";
  return is_utf8(segment) ? "" : "is not valid UTF-8";
}

/// Whether values of a type can be sent in a URL; in a query a list can.
inline bool fits_in_url(const Type* type, bool in_query) {
  while (type->kind == Kind::optional || (in_query && type->kind == Kind::list)) {
    type = &type->item();
  }
  return type->kind < Kind::optional;
}

/// What is wrong with a Config; empty: nothing.
inline std::string flaw(const Config& config) {
  const std::string& token = config.api_token.reveal();
  if (token.empty()) return "api_token is empty";
  if (!is_plain(token, " ")) {
    return "api_token has a character that no token has (a blank or newline, perhaps)";
  }
  Url url;
  const bool is_url = parse_url(config.base_url, url);
  if (!is_url || url.target.find('?') != std::string::npos) {
    return "base_url must be https://host[:port][/path]: without user, query, fragment, blanks";
  }
  if (!url.tls && !is_loopback(url.host) && !config.allow_plain_http) {
    return concat({"base_url must be https, as the token would travel readable: ", url.host,
                   " is not a loopback host (allow_plain_http permits it)"});
  }
  if (config.timeout.count() <= 0) return "timeout must be more than 0";
  if (config.total_timeout.count() <= 0) return "total_timeout must be more than 0";
  for (const auto& [name, value] : config.headers) {
    if (name.empty() || !is_plain(name, " ()<>@,;:\\\"/[]?={}")) {
      return "headers: a name is not a valid header name";
    }
    if (has_control_character(value)) {
      return concat({"headers: the value of ", name, " has a control character"});
    }
    for (const std::string_view own :
         {"Authorization", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "Host",
          "Transfer-Encoding", "Connection", "Expect"}) {
      if (equal_ignoring_case(name, own)) return concat({"headers: ", name, " cannot be set"});
    }
  }
  return {};
}

/// A list is sent as one parameter for each item.
inline void add_to_query(std::string& url, std::string_view name, const Type* type,
                         const void* value) {
  if (is_left_out(type, value)) return;
  look_through(type, value);
  if (value && type->kind == Kind::list) {
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      add_to_query(url, name, &type->item(), item);
    }
  } else if (value) {
    url += url.find('?') == url.npos ? '?' : '&';
    add_encoded(url, name);
    url += '=';
    add_encoded(url, scalar_text(*type, value));
  }
}

/// Of a Config in which there is nothing wrong.
inline Result<HttpRequest> make_request(const Config& config, const Operation& operation,
                                        const void* parameters) {
  const Method method = operation.route.method;
  const bool has_body = method == Method::post || method == Method::put || method == Method::patch;
  const auto& fields = operation.parameters.table().fields;
  const std::string whole_path =
      concat({operation.route.is_below_app ? app_path : "", operation.route.path});
  for (const Field& field : fields) {
    if (auto found = flaw(field.type, member(parameters, field)); !found.empty()) {
      return refusal({field.name, " ", found});
    }
    const bool in_path = is_in_path(whole_path, field.name);
    if ((in_path || !has_body) && !fits_in_url(field.type, !in_path)) {
      return refusal(
          {field.name, " is of a type that cannot be sent in a ", in_path ? "path" : "query"});
    }
  }

  HttpRequest request;
  request.method = method;
  request.idempotent = operation.route.repeat == Repeat::harmless;
  request.timeout = (std::min)(config.timeout, longest_timeout);
  request.max_response_bytes = config.max_response_bytes;

  request.url.reserve(config.base_url.size() + whole_path.size() + 128);
  request.url = config.base_url;
  while (request.url.back() == '/') request.url.pop_back();
  std::string_view path = whole_path;
  for (auto open = path.find('{'); open != path.npos; open = path.find('{')) {
    const auto close = (std::min)(path.find('}', open), path.size() - 1);
    const auto name = path.substr(open + 1, close - open - 1);
    std::string_view segment;
    std::string number;
    if (name == "account_id") segment = config.account_id;
    if (name == "app_id") segment = config.app_id;
    for (const Field& field : fields) {
      if (field.name != name) continue;
      const Type* type = field.type;
      const void* value = member(parameters, field);
      look_through(type, value);
      if (value && type->kind >= Kind::boolean) {
        segment = number = scalar_text(*type, value);
      } else if (value) {
        segment = text_of(*type, value);
      }
    }
    if (auto found = path_flaw(segment); !found.empty()) {
      return refusal({name, " ", found});
    }
    request.url.append(path.substr(0, open));
    add_encoded(request.url, segment);
    path.remove_prefix(close + 1);
  }
  request.url.append(path);

  if (has_body) {
    write_json(request.body, &operation.parameters, parameters, false, whole_path);
    if (method != Method::post && request.body == "{}") request.body.clear();
  } else {
    for (const Field& field : fields) {
      if (!is_in_path(whole_path, field.name)) {
        add_to_query(request.url, field.name, field.type, member(parameters, field));
      }
    }
  }

  request.headers.reserve(config.headers.size() + 4);
  add_header(request.headers, "Authorization", concat({"Bearer ", config.api_token.reveal()}));
  add_header(request.headers, "Accept", "application/json");  // without it the edge answers HTML
  if (!request.body.empty()) add_header(request.headers, "Content-Type", "application/json");
  for (const auto& [name, value] : config.headers) add_header(request.headers, name, value);
  if (!find_header(request.headers, "User-Agent")) {
    static const std::string own =
        concat({"realtimekit.hpp/", std::to_string(REALTIMEKIT_VERSION_MAJOR), ".",
                std::to_string(REALTIMEKIT_VERSION_MINOR), ".",
                std::to_string(REALTIMEKIT_VERSION_PATCH)});
    add_header(request.headers, "User-Agent", own);
  }
  return request;
}

/// What is wrong with a Config, as an error; kept by a client, as it is the same for each call.
inline Error config_refusal(const std::string& found) { return refusal({"Config: ", found}); }

REALTIMEKIT_INLINE Result<HttpRequest> to_http(const Config& config, const Operation& operation,
                                               const void* parameters) {
  if (const auto found = flaw(config); !found.empty()) return config_refusal(found);
  return make_request(config, operation, parameters);
}

/// A variable of the environment without the blanks and quotes that were pasted around it.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  std::string_view text = value ? value : "";
  constexpr std::string_view blanks_and_quotes = " \t\r\n\"'";
  text = trimmed(text, blanks_and_quotes);
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
    std::string value = detail::environment(name);
    if (value.empty()) missing += (missing.empty() ? "" : ", ") + std::string(name);
    return value;
  };
  config.api_token = required("CLOUDFLARE_API_TOKEN");
  config.account_id = required("CLOUDFLARE_ACCOUNT_ID");
  config.app_id = required("REALTIMEKIT_APP_ID");
  if (auto url = detail::environment("CLOUDFLARE_BASE_URL"); !url.empty()) config.base_url = url;
  if (!missing.empty()) return detail::refusal({"not set in the environment: ", missing});
  return config;
}

namespace detail {

// >>answers ---------------------------------------------------------------------------------------

/// A JSON text without what only a strict parser minds: bytes that are not UTF-8 and halves of
/// surrogate pairs become U+FFFD, numbers that no double holds become null.
inline std::string repaired_json(std::string_view text) {
  const PlainNumbers plain;
  std::string out;
  const auto half_at = [&](std::size_t at) {  // of a surrogate pair: 0x36 or 0x37
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

/// The start of a JSON text as a tree; no more of it than an error needs.
class Tree {
 public:
  struct Node {
    Kind kind = Kind::boolean;  // and null; or number, text, list, object
    std::string name{};         // of a member
    std::string text{};         // of what is neither list nor object
    std::vector<Node> items{};

    bool is_scalar() const { return kind == Kind::text || kind == Kind::number; }
    bool has_items() const { return kind == Kind::list || kind == Kind::object; }
  };

  explicit Tree(std::string_view json) {
    const auto end = place_of_long_token(json.substr(0, json.find('\0')));  // the end for nlohmann
    is_whole = parse_events(json.data(), json.data() + end, *this) && end == json.size();
    is_cut = stop_ > json.size();
    if (!is_whole && !root.has_items()) root = {};  // a text that only begins like JSON
  }

  Node root;
  bool is_whole = false;  // it is JSON, and all of it is here
  bool is_cut = false;    // it ends in the middle

  // The events, as nlohmann's parser calls them. Returning false ends the parsing.
  bool null() { return add(Kind::boolean, "null"); }
  bool boolean(bool value) { return add(Kind::boolean, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return add(Kind::number, std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return add(Kind::number, std::to_string(value)); }
  bool number_float(double, std::string_view text) { return add(Kind::number, text); }
  bool string(std::string_view text) { return add(Kind::text, text); }
  template <class Binary> bool binary(Binary&) { return true; }  // does not occur in JSON text
  bool start_object(std::size_t) { return add(Kind::object); }
  bool start_array(std::size_t) { return add(Kind::list); }
  bool end_object() { return open_.pop_back(), true; }
  bool end_array() { return open_.pop_back(), true; }
  bool key(std::string_view name) { return name_ = cut(name, 256), true; }
  template <class Cause> bool parse_error(std::size_t position, const std::string&, const Cause&) {
    return stop_ = position, false;
  }

 private:
  bool add(Kind kind, std::string_view text = {}) {
    if (left_-- == 0 || open_.size() == 64) return false;
    Node* place = open_.empty() ? &root : &open_.back()->items.emplace_back();
    place->kind = kind;
    place->name.swap(name_);
    place->text = cut(text, 2 * longest_text);
    if (place->has_items()) open_.push_back(place);
    return true;
  }

  std::size_t left_ = 10000;
  std::size_t stop_ = 0;
  std::string name_;
  std::vector<Node*> open_;  // from the root on
};

inline Tree parse_tree(const std::string& body) {
  Tree tree(body);
  const std::string repaired = tree.is_whole ? body : repaired_json(body);
  return repaired == body ? tree : Tree(repaired);
}

/// Adds JSON as it was read, but with its texts masked.
inline void add_masked(std::string& out, const Tree::Node& node) {
  const bool is_object = node.kind == Kind::object;
  out += node.kind == Kind::text ? "\"***\"" : is_object ? "{" : node.has_items() ? "[" : node.text;
  for (const Tree::Node& item : node.items) {
    if (&item != &node.items[0]) out += ',';
    if (is_object) append(out, {quote(item.name), ":"});
    add_masked(out, item);
  }
  if (node.has_items()) out += is_object ? '}' : ']';
}

/// Whether a text is only the name of an HTTP status, which says nothing beside a message.
inline bool is_reason_phrase(std::string_view text) {
  constexpr std::string_view all =
      "|Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Conflict"
      "|Gone|Payload Too Large|Unprocessable Entity|Unprocessable Content|Too Many Requests"
      "|Internal Server Error|Not Implemented|Bad Gateway|Service Unavailable|Gateway Timeout|";
  return all.find(concat({"|", text, "|"})) != all.npos;
}

constexpr std::size_t most_messages = 100;  // of an Error

/// What a server says in the JSON of a failure. There are many forms, but the end of its name tells
/// what a member is: a code; or words, as a text, or as objects and lists with more of them. Inside
/// of these, an object without words of its own has a member for each field that is wrong, as in
/// {"name":["is required"]}.
class Words {
 public:
  Words(const Tree& json, const Secrets& secrets) : secrets_(secrets) {
    read(json.root, {}, false);
  }

  std::vector<ApiMessage> list;  // masked; causes after their effect
  std::optional<std::chrono::seconds> retry_after;

 private:
  using Node = Tree::Node;
  static constexpr std::string_view ends[] = {
      "errorcode", "code",  "errcode", "errno",     "statuscode", "title",       "reason",
      "summary",   "error", "message", "msg",       "detail",     "description", "hint",
      "cause",     "chain", "issue",   "violation", "exception",  "invalidparam"};
  static constexpr std::size_t first_words = 10, error = 16, none = 2 * std::size(ends);
  static constexpr std::size_t hints = none + 1;  // sorted to the end

  static std::string letters(std::string_view name) {
    std::string out;
    for (const char c : name) {
      if (is_letter_or_digit(c)) out += lower(c);
    }
    return out;
  }
  /// Twice the place of a name's end, plus one if it is in the plural.
  static std::size_t rank(std::string_view name) {
    const bool is_plural = !name.empty() && name.back() == 's';
    if (is_plural) name.remove_suffix(1);
    for (std::size_t i = 0; i < none; i += 2) {
      const auto end = ends[i / 2];
      const auto begin = i < first_words || name.size() < end.size() ? 0 : name.size() - end.size();
      if (name.substr(begin) == end) return i + (is_plural ? 1 : 0);
    }
    return none;
  }
  static bool is_blank(std::string_view text) { return trimmed(text, " \t\r\n").empty(); }
  static void join(std::string& text, std::string_view sign, std::string_view more) {
    if (text.size() > longest_text || more.empty()) return;
    append(text, {text.empty() ? "" : sign, more});
  }
  /// All texts and numbers in a value, as "body.name".
  static std::string path(const Node& node) {
    std::string out = node.is_scalar() ? node.text : "";
    for (const Node& item : node.items) join(out, ".", path(item));
    return out;
  }

  void add(std::int64_t code, std::string place, std::string_view text) {
    if (list.size() == most_messages || (code == 0 && is_blank(text))) return;
    const bool is_word = text.find(' ') == text.npos;
    const bool is_secret = is_word && redacted(concat({place, "=x"})).back() == '*';
    join(place, ": ", is_secret ? "***"sv : text);
    list.push_back({code, redacted(place, secrets_, longest_text)});
  }

  /// place: the field that the value is about, if any. is_inside: of what stands for words.
  void read(const Node& node, const std::string& place, bool is_inside) {
    if (node.is_scalar()) add(0, place, node.text);
    if (node.kind == Kind::object) read_object(node, place, is_inside);
    if (node.kind != Kind::list) return;
    for (const Node& item : node.items) read(item, place, true);
  }

  void read_object(const Node& node, std::string place, bool is_inside) {
    std::vector<std::pair<std::size_t, const Node*>> parts;  // codes and words
    std::vector<const Node*> fields;                         // others, which may be fields
    std::string about, text, phrase;
    for (const Node& item : node.items) {
      const std::string name = letters(item.name);
      auto found = name == "messages" && !is_inside ? hints : rank(name);
      if (is_inside && item.has_items() && found < error) found = none;
      if (found != none) parts.push_back({found, &item});
      if (found == none && (item.kind == Kind::text || item.has_items())) fields.push_back(&item);
      for (const auto known :
           {"field", "name", "attr", "loc", "param", "property", "pointer", "source", "path"}) {
        if (name == known && is_inside && about.empty()) about = path(item);
      }
      Scalar wait{item.text};
      if (name == "retryafter") read_number(wait);
      const auto seconds = static_cast<int>((std::min)(wait.number + 0.999, 999999999.0));
      if (wait.has_number && !(wait.number < 0)) retry_after = std::chrono::seconds(seconds);
    }
    std::sort(parts.begin(), parts.end());

    std::int64_t code = 0;
    bool has_words = false;
    for (const auto& [found, item] : parts) {
      const bool is_code = found < first_words, is_error = found / 2 == error / 2;
      Scalar scalar{item->text};
      if (is_code || item->kind == Kind::number) read_number(scalar);
      if (code == 0 && (is_code || is_error)) code = scalar.integer;
      if (!item->is_scalar() || scalar.has_integer || is_blank(item->text)) continue;
      if (is_code && equal_ignoring_case(item->text, "none")) continue;
      has_words = has_words || !is_code;
      if (is_error && is_reason_phrase(item->text)) {
        phrase = item->text;
      } else if (text.find(item->text) == text.npos) {
        join(text, ": ", item->text);
      }
    }

    if (has_words) join(place, ".", about);
    const auto begin = list.size();
    if (!text.empty()) add(code, place, text);
    for (const auto& [found, item] : parts) {
      const bool is_hint = found == hints;
      if (!item->has_items() || (is_hint && !list.empty())) continue;
      read(*item, place, true);
      for (ApiMessage& hint : list) hint.code = is_hint ? 0 : hint.code;
    }
    for (const Node* item : fields) {
      std::string field = place;
      join(field, ".", item->name);
      if (is_inside && !has_words) read(*item, field, true);
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

/// Adds each Secret in a value; of a URL, such as one for RTMP, also its last part, the key.
inline void add_secrets(Secrets& secrets, const Type* type, const void* value) {
  look_through(type, value);
  if (!value) return;
  if (type->kind == Kind::secret) {
    const std::string_view text = text_of(*type, value);
    secrets.push_back(text);
    const auto key = text.substr(text.find_last_of('/') + 1);
    if (text.find("://") != text.npos && key.size() >= 8) secrets.push_back(key);
  } else if (type->kind == Kind::list) {
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      add_secrets(secrets, &type->item(), item);
    }
  } else if (type->kind == Kind::entry) {
    add_secrets(secrets, &type->item(), type->at(value, 0));
  } else if (type->kind == Kind::object) {
    for (const Field& field : type->table().fields) {
      add_secrets(secrets, field.type, member(value, field));
    }
  }
}

/// What must not be seen in the error of a call: the token and what else was sent as a Secret.
inline Secrets secrets_of(const Operation& operation, const void* parameters,
                          std::string_view token) {
  Secrets secrets = {token};
  if (parameters) add_secrets(secrets, &operation.parameters, parameters);
  return secrets;
}

/// The valid Retry-After of an answer: seconds, or a date that is not past.
inline std::optional<std::chrono::seconds> retry_after(const Headers& headers) {
  const std::string* value = find_header(headers, "Retry-After");
  if (!value || value->empty()) return {};
  if (value->find_first_not_of("0123456789") == value->npos) {
    const auto seconds = value->size() > 9 ? 999999999 : std::atoi(value->c_str());
    return std::chrono::seconds(seconds);
  }
  const auto until = parse_http_date(*value);
  const std::string* date = find_header(headers, "Date");  // the server's clock, if it tells
  const auto server_now = date ? parse_http_date(*date) : std::nullopt;
  const auto now = server_now.value_or(std::chrono::duration_cast<std::chrono::seconds>(
                                           std::chrono::system_clock::now().time_since_epoch())
                                           .count());
  if (!until || *until < now) return {};
  return std::chrono::seconds(*until - now);
}

/// What a response is where it is not the JSON that it should be; empty: that cannot be said.
inline std::string nature(const HttpResponse& response, const Tree& json, const Secrets& secrets) {
  const auto start = trimmed(response.body, " \t\r\n").substr(0, 16384);
  const auto is_binary = [](char c) { return c >= 0 && c < '\t'; };
  if (json.is_whole) return {};
  if (start.empty()) return "the response is empty";
  if (start.substr(0, 2) == "\x1f\x8b") return "the response is compressed (gzip)";
  if (std::any_of(start.begin(), start.end(), is_binary)) return "the response is no text";
  if (json.is_cut) {
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

/// The error of a response that says that it failed, or whose status does.
inline Error api_error(const HttpResponse& response, const Secrets& secrets) {
  const Tree json = parse_tree(response.body);
  Words words(json, secrets);
  Error error = failure(ErrorKind::api, Delivery::answered, {});
  error.body = valid_utf8(redacted(response.body, secrets, longest_text));
  error.errors = std::move(words.list);
  for (const ApiMessage& message : error.errors) {
    if (error.code == 0) error.code = message.code;
    const std::string text = excerpt(message.message, 1024);
    if (text.empty() || text == error.message) continue;  // or it is said twice
    append(error.message, {error.message.empty() ? "" : "; ", text});
  }
  error.retry_after = retry_after(response.headers);
  if (!error.retry_after) error.retry_after = words.retry_after;
  const std::string* location = find_header(response.headers, "Location");
  if (response.status >= 300 && response.status < 400 && location) {
    const std::string target = redacted(*location, secrets, longest_text);
    error.message = concat({"redirects are not followed: to ", excerpt(target, 1024)});
  }
  if (error.message.empty()) {
    error.message = nature(response, json, secrets);
    const std::string_view sign = json.is_cut ? ": " : "";
    const bool has_text = error.message.empty() || json.is_cut;
    if (has_text) append(error.message, {sign, excerpt(error.body, 200)});
  }
  if (error.message.empty()) error.message = "the response has no text";
  error.message = excerpt(error.message, longest_text);
  return error;
}

/// The error of a 2xx that is no success. problem: what it is, or lacks.
inline Error decode_error(const HttpResponse& response, const std::string& problem,
                          const Secrets& secrets) {
  const Tree json = parse_tree(response.body);
  std::string words = nature(response, json, secrets), shown;
  if (words.empty()) words = concat({"the response is ", problem});
  Error error = failure(ErrorKind::decode, Delivery::answered, {words});
  add_masked(shown, json.root);
  error.body = redacted(shown, secrets, longest_text);
  return error;
}

inline bool may_be_empty(const Operation& operation) {
  return operation.has_promises ? operation.promise_count == 0
                                : operation.response.table().fields.empty();
}

/// What a success lacks of what its operation promises; empty: nothing.
inline std::string lack(const Operation& operation, const void* value, const Decoder& decoder,
                        std::string_view data_kind) {
  const Type& type = operation.response;
  const auto& fields = type.table().fields;
  if (may_be_empty(operation)) return {};
  const Field* const list = flat_field(type);
  const bool is_list =
      list && list->type->kind == Kind::list && (list->name == "data" || data_kind == "array");
  const std::string* const id = text_at(type, value, "id");
  std::string_view missing;
  if (operation.has_promises) {
    for (std::size_t i = 0; i < operation.promise_count && missing.empty(); ++i) {
      const std::string* const text = text_at(type, value, operation.promises[i]);
      if (text && text->empty()) missing = operation.promises[i];
    }
  } else if (is_list && !decoder.has_list()) {
    missing = "the list";
  } else if (id && id->empty()) {
    missing = "id";
  } else if (!is_list && !id && !decoder.has_found()) {
    missing = "what was asked for";
  }
  if (!missing.empty()) {
    if (data_kind.empty()) return concat({"without ", missing, ": it has no data"});
    const bool is_vowel = data_kind[0] == 'o' || data_kind[0] == 'a';
    const std::string_view article = data_kind == "null" ? "" : is_vowel ? "an " : "a ";
    return concat({"without ", missing, ": data is ", article, data_kind});
  }
  if (!is_list || operation.is_later_page || list->type->at(member(value, *list), 0)) return {};
  for (const Field& field : fields) {
    if (field.type != &type_of<Paging>()) continue;
    const auto& paging = *static_cast<const Paging*>(member(value, field));
    const std::int64_t total = paging.total_count.value_or(0);
    if (total > 0 && paging.start_offset.value_or(0) <= 1) {
      return concat({"an empty page of ", std::to_string(total), " items"});
    }
  }
  return {};
}

inline bool says_nothing(const RawJson& value) {
  const auto& text = value.text();
  return text.empty() || text == "[]" || text == "{}" || text == "\"\"" || text == "false";
}

/// Decodes a 2xx. Returns why it is no success; empty: it is one. Null: it says itself that it is
/// none. unread: may be null.
inline std::optional<std::string> problem_of(const Operation& operation, const std::string& body,
                                             void* value, std::vector<std::string>* unread) {
  if (unread) unread->clear();
  Beside beside;
  Decoder decoder(type_of<Beside>(), &beside);
  decoder.set_data(operation.response, value);
  decoder.list_unread(unread);
  std::string problem = decoder.parse(body);
  if (!problem.empty()) {
    const std::string repaired = repaired_json(body);
    if (repaired == body) return problem;
    return problem_of(operation, repaired, value, unread);
  }
  const std::string_view kind = decoder.data_kind();
  const bool has_data = !kind.empty() && kind != "null";
  const bool has_error = !says_nothing(beside.error) || !says_nothing(beside.errors);
  if (beside.success == false || (has_error && !has_data)) return {};
  if (!kind.empty()) return lack(operation, value, decoder, kind);

  Decoder bare(operation.response, value);  // the data alone
  if (unread) unread->clear();
  bare.list_unread(unread);
  bare.parse(body);
  return lack(operation, value, bare, kind);
}

REALTIMEKIT_INLINE void from_http(const Operation& operation, HttpResponse response, void* value,
                                  Outcome& outcome, std::string_view token,
                                  const void* parameters) {
  outcome.response = std::move(response);
  const HttpResponse& answer = outcome.response;
  const bool is_success = answer.status >= 200 && answer.status < 300;
  const bool is_empty = answer.body.find_first_not_of(" \t\r\n") == answer.body.npos;
  std::optional<std::string> problem;
  if (is_success && is_empty && may_be_empty(operation)) problem = "";
  if (is_success && !problem) problem = problem_of(operation, answer.body, value, nullptr);

  outcome.ok = problem && problem->empty();
  if (outcome.ok) return;
  const Secrets secrets = secrets_of(operation, parameters, token);
  outcome.error = problem ? decode_error(answer, *problem, secrets) : api_error(answer, secrets);
  outcome.error.status = answer.status;
  const std::string* ray = find_header(answer.headers, "cf-ray");
  if (ray) outcome.error.request_id = excerpt(redacted(*ray, secrets, longest_text), 64);
}

REALTIMEKIT_INLINE std::vector<std::string> unread(const Operation& operation,
                                                   const HttpResponse& response, void* value) {
  std::vector<std::string> paths;
  problem_of(operation, response.body, value, &paths);
  return paths;
}

// >>retries ---------------------------------------------------------------------------------------

inline bool is_passing_failure(int status) {
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504) ||
         (status >= 520 && status <= 524);
}

}  // namespace detail

REALTIMEKIT_INLINE std::optional<std::chrono::milliseconds> retry_delay(
    const RetryPolicy& policy, bool idempotent, const Error& error, int attempt, double random01) {
  using std::chrono::milliseconds;
  if (error.permanent || attempt >= policy.max_attempts) return {};
  const bool lost = error.kind == ErrorKind::transport || error.kind == ErrorKind::timeout;
  const bool failed = error.kind == ErrorKind::api && detail::is_passing_failure(error.status);
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
  const double share = random01 > 0 ? (std::min)(random01, 1.0) : 0.0;  // 0 for NaN, too
  const double taken_off = static_cast<double>(delay.count()) * 0.25 * share;
  return delay - milliseconds(static_cast<milliseconds::rep>(taken_off));
}

namespace detail {

/// Good enough to keep clients from retrying in step.
inline double random01() {
  static std::atomic<std::uint64_t> calls{0};
  std::uint64_t x =
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  x = (x + ++calls) * 0x9E3779B97F4A7C15u;  // splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  return static_cast<double>((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

/// Masks the secrets in an error of a transport, and cuts its texts.
inline void redact(Error& error, const Secrets& secrets) {
  const auto mask = [&](std::string& text) { text = redacted(text, secrets, longest_text); };
  mask(error.message);
  error.message = excerpt(error.message, longest_text);
  mask(error.body);
  mask(error.request_id);
  for (ApiMessage& message : error.errors) mask(message.message);
}

inline Result<HttpResponse> attempt(const TransportRef& transport, const HttpRequest& request) {
#if REALTIMEKIT_EXCEPTIONS
  try {
    return transport.call(transport.transport, request);
  } catch (const std::exception& exception) {
    return failure(ErrorKind::transport, Delivery::unknown,
                   {"the transport threw: ", exception.what()});
  } catch (...) {
    return failure(ErrorKind::transport, Delivery::unknown, {"the transport threw"});
  }
#else
  return transport.call(transport.transport, request);
#endif
}

struct KeptConfig final : Shared::Object {
  explicit KeptConfig(const Config& original) : config(original), problem(flaw(config)) {}
  const Config config;
  const std::string problem;  // what is wrong with it
};

REALTIMEKIT_INLINE Shared keep(const Config& config) { return Shared{new KeptConfig(config)}; }

REALTIMEKIT_INLINE void send(const Shared& kept, const CallOptions& options, TransportRef transport,
                             const Operation& operation, const void* parameters, void* value,
                             Outcome& outcome) {
  using namespace std::chrono;
  const auto begin = steady_clock::now();
  if (!kept.get()) {
    outcome.error = refusal({"the client has been moved from"});
    return;
  }
  const auto& client = *static_cast<const KeptConfig*>(kept.get());
  const Config& config = client.config;
  if (!client.problem.empty()) {
    outcome.error = config_refusal(client.problem);
    return;
  }
  auto request = make_request(config, operation, parameters);
  if (!request) {
    outcome.error = std::move(request).error();
    return;
  }
  struct Wiper {
    HttpRequest& request;
    ~Wiper() { wipe(request); }
  };
  const Wiper wiper{*request};
  request->cancel = options.cancel;
  const auto total = options.total_timeout.value_or(config.total_timeout);
  if (total.count() <= 0) {
    outcome.error = refusal({"CallOptions: total_timeout must be more than 0"});
    return;
  }
  const auto deadline = begin + (std::min)(total, longest_timeout);

  if (options.cancel.canceled()) {
    outcome.error =
        failure(ErrorKind::canceled, Delivery::not_sent, {"canceled before it was sent"});
    return;
  }
  bool may_have_acted = false;  // the server, on one of the attempts
  for (int attempts = 1;; ++attempts) {
    const auto left = ceil<milliseconds>(deadline - steady_clock::now());
    request->timeout = (std::min)(config.timeout, (std::max)(left, milliseconds(1)));
    auto answer = attempt(transport, *request);
    if (answer) {
      from_http(operation, *std::move(answer), value, outcome, config.api_token.reveal(),
                parameters);
      const bool is_gone = outcome.error.kind == ErrorKind::api && outcome.error.status == 404;
      const bool is_deletion = request->method == Method::del;
      if (is_deletion && is_gone && may_have_acted) outcome.ok = true;  // by an earlier attempt
      if (outcome.ok) {
        outcome.error = Error{};
        outcome.error.attempts = attempts;
        return;
      }
    } else {
      outcome.response = {};
      outcome.error = std::move(answer).error();
      redact(outcome.error, secrets_of(operation, parameters, config.api_token.reveal()));
    }
    Error& error = outcome.error;
    error.attempts = attempts;
    if (may_have_acted && error.delivery == Delivery::not_sent) error.delivery = Delivery::unknown;
    if (error.delivery != Delivery::not_sent && error.status != 429) may_have_acted = true;
    if (error.kind == ErrorKind::timeout && request->timeout < config.timeout &&
        steady_clock::now() >= deadline) {
      append(error.message,
             {" (what was left of total_timeout, ", std::to_string(total.count()), " ms)"});
    }

    const auto delay = retry_delay(config.retry, request->idempotent, error, attempts, random01());
    if (!delay || *delay >= ceil<milliseconds>(deadline - steady_clock::now())) return;
    if (options.cancel.wait_for(*delay)) {
      error.kind = ErrorKind::canceled;
      error.message = concat({"canceled while waiting to try again after: ", error.message});
      return;
    }
  }
}

// >>pages -----------------------------------------------------------------------------------------

/// What an item is known by: its id, or all of it.
inline std::string identity(const Type& type, const void* item) {
  const std::string* const id = type.kind == Kind::object ? text_at(type, item, "id") : nullptr;
  return id && !id->empty() ? *id : print(type, item);
}

REALTIMEKIT_INLINE PageCount::Verdict PageCount::add(const Type& item, const void* first,
                                                     std::size_t count, const Paging& paging) {
  if (count == 0) return Verdict::last;
  std::string begin = identity(item, first);
  if (std::find(firsts_.begin(), firsts_.end(), begin) != firsts_.end()) return Verdict::repeated;
  firsts_.push_back(std::move(begin));
  items_ += static_cast<std::int64_t>(count);
  const std::int64_t total = paging.total_count.value_or(0);
  const bool is_end = total > 0 && (std::max)(items_, paging.end_offset.value_or(0)) >= total;
  return is_end ? Verdict::last : Verdict::more;
}

REALTIMEKIT_INLINE Error repeated_page(std::int64_t page_no) {
  return failure(ErrorKind::decode, Delivery::answered,
                 {"page ", std::to_string(page_no),
                  " of the list begins like an earlier one: the server repeats itself"});
}

REALTIMEKIT_INLINE Error too_many_pages(int max_pages) {
  return failure(
      ErrorKind::decode, Delivery::answered,
      {"the list has more than ", std::to_string(max_pages), " pages (CallOptions::max_pages)"});
}

REALTIMEKIT_INLINE Deadline::Deadline(const CallOptions& options)
    : options_(options), begin_(std::chrono::steady_clock::now()) {}

REALTIMEKIT_INLINE Result<CallOptions> Deadline::left() const {
  using namespace std::chrono;
  const auto total = options_.total_timeout;
  if (!total || total->count() <= 0) return options_;  // the latter send() refuses
  CallOptions options = options_;
  const auto spent = duration_cast<milliseconds>(steady_clock::now() - begin_);
  options.total_timeout = *total - spent;
  if (options.total_timeout->count() > 0) return options;
  return failure(ErrorKind::timeout, Delivery::not_sent,
                 {"total_timeout, ", std::to_string(total->count()),
                  " ms, was over before the next of several requests"});
}

// >>reuse -----------------------------------------------------------------------------------------

REALTIMEKIT_INLINE bool may_have_acted(const Error& error) {
  const bool is_refusal =
      error.kind == ErrorKind::api && error.status < 500 && !is_passing_failure(error.status);
  return error.delivery != Delivery::not_sent && !is_refusal;
}

REALTIMEKIT_INLINE bool is_independent(const Livestream& livestream) {
  const std::string meeting = livestream.meeting_id.value_or("");
  return meeting.empty() || meeting == "null";  // each has been seen, for none
}

REALTIMEKIT_INLINE Error no_name() { return refusal({"name is empty"}); }

REALTIMEKIT_INLINE Error several(const std::string& name, const std::vector<Livestream>& found) {
  std::string message =
      concat({std::to_string(found.size()), " livestreams have the name ", name, ":"});
  for (const Livestream& livestream : found) append(message, {" ", livestream.id});
  return refusal({excerpt(message, longest_text)});
}

}  // namespace detail
}  // namespace v0
}  // namespace realtimekit

#ifndef REALTIMEKIT_NO_HTTPLIB
// >>httplib ---------------------------------------------------------------------------------------
//
// A call runs on the caller's thread. The section reads from the bottom of a call to its top:
// Limits (how a call waits), connect() and Tcp, Tls, Connection, ConnectionPool, HttplibTransport.
// OpenSSL does TLS. cpp-httplib does HTTP, in one call of ClientImpl::process_request(), with a
// Connection as its Stream.

#if !__has_include(<httplib.h>)
#error \
    "realtimekit: no httplib.h. Install cpp-httplib, or define REALTIMEKIT_NO_HTTPLIB (see MACROS)"
#endif
#include <httplib.h>  // HTTP; the system's sockets
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
// In some files only, the macro breaks a program silently: class layouts of httplib.h depend on it.
#error \
    "realtimekit: define CPPHTTPLIB_OPENSSL_SUPPORT in EVERY file: pkg-config --cflags cpp-httplib"
#endif
#include <openssl/err.h>     // what went wrong in TLS
#include <openssl/ssl.h>     // TLS
#include <openssl/x509v3.h>  // host name checks, certificate store
#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "realtimekit: HttplibTransport needs OpenSSL 3.0 or newer"
#endif

#ifdef _WIN32
#include <process.h>   // _beginthreadex
#include <wincrypt.h>  // the system's certificates
#else
#include <arpa/inet.h>    // inet_pton
#include <fcntl.h>        // O_CLOEXEC, O_NONBLOCK
#include <netdb.h>        // getaddrinfo
#include <netinet/tcp.h>  // TCP_NODELAY
#include <poll.h>         // poll
#include <pthread.h>      // the thread of a DNS lookup
#include <signal.h>       // which takes no signals
#include <time.h>         // clock_gettime
#include <unistd.h>       // pipe, close, getpid
#endif
#include <cerrno>        // errno
#include <memory>        // unique_ptr, shared_ptr
#include <system_error>  // texts of the system's errors

namespace realtimekit {
inline namespace v0 {
namespace detail {

// ---- Sockets: what differs between systems

#ifdef _WIN32
using PollEntry = WSAPOLLFD;
using IoSize = int;
constexpr int no_signal = 0;
// By select(): WSAPoll() does not tell of a refused connection before Windows 10 2004. Here it does
// not mind a socket's number.
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
inline int socket_error() { return ::WSAGetLastError(); }
inline bool is_passing(int error) { return error == WSAEWOULDBLOCK || error == WSAEINTR; }
inline bool is_connecting(int error) { return error == WSAEWOULDBLOCK; }
inline void close_socket(socket_t socket) { ::closesocket(socket); }
inline unsigned long process_id() { return ::GetCurrentProcessId(); }
inline const char* lookup_error(int problem) {
  return ::gai_strerrorA(problem);  // without the A it may be the one with wide characters
}
#else
using PollEntry = pollfd;
using IoSize = std::size_t;
#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;  // SO_NOSIGPIPE is set instead
#endif
inline int poll_sockets(PollEntry* entries, std::size_t count, int milliseconds) {
  return ::poll(entries, static_cast<nfds_t>(count), milliseconds);
}
inline int socket_error() { return errno; }
inline bool is_passing(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}
inline bool is_connecting(int error) { return error == EINPROGRESS || error == EINTR; }
inline void close_socket(socket_t socket) { ::close(socket); }
inline unsigned long process_id() { return static_cast<unsigned long>(::getpid()); }
inline const char* lookup_error(int problem) { return ::gai_strerror(problem); }
#endif

inline std::string error_text(int error) { return std::system_category().message(error); }

/// A socket, or an end of a pipe, that is closed with the object.
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

 private:
  socket_t handle_ = INVALID_SOCKET;
};

/// A TCP socket that never blocks, is not inherited by other programs, and raises no SIGPIPE.
inline Handle new_socket(int family) {
#ifdef _WIN32
  Handle socket(::WSASocketW(family, SOCK_STREAM, 0, nullptr, 0,
                             WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
  u_long on = 1;
  if (socket) ::ioctlsocket(socket.get(), static_cast<long>(FIONBIO), &on);
#elif defined(SOCK_CLOEXEC)
  Handle socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
#else
  Handle socket(::socket(family, SOCK_STREAM, 0));
  if (socket) {
    const int on = 1;
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
  }
#endif
  return socket;
}

/// Ends a wait from another thread: its socket is readable once wake() has been called.
class Wakeup {
 public:
  Wakeup() {
#ifdef _WIN32  // pipes cannot be polled: a UDP socket that is connected to itself
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

/// What ends the waits of one call: its deadline and its CancelToken. All waiting of a call is done
/// by wait().
class Limits {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;

  explicit Limits(const HttpRequest& request)
      : timeout_(in_range(request.timeout)),
        deadline_(Clock::now() + timeout_),
        token_(request.cancel),
        wakeup_(new_wakeup(token_)),
        on_cancel_(token_, wakeup_.get()) {}
  static std::chrono::milliseconds in_range(std::chrono::milliseconds time) {
    return (std::min)((std::max)(time, std::chrono::milliseconds(0)), longest_timeout);
  }

  /// Whether the call can be waited for: a token needs a pipe.
  bool can_wait() const { return !wakeup_ || wakeup_->is_open(); }
  bool are_reached() const { return token_.canceled() || Clock::now() >= deadline_; }

  enum class Wait { ready, over, failed };
  /// Waits until one of the sockets is ready. It is over if the limits, or until, come first. The
  /// array has a place behind the last socket, which belongs to this function.
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
      if (ready < 0 && !is_passing(socket_error())) return Wait::failed;
    }
  }

  /// The error of a call whose limits are reached. step: what took too long.
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
  /// Wakes the call, and waits for no other callback.
  class Wake final : private CancelHook {
   public:
    Wake(const CancelToken& token, const Wakeup* wakeup) : wakeup_(wakeup) { attach(token, true); }
    ~Wake() { detach(); }

   private:
    void run() override { wakeup_->wake(); }
    const Wakeup* const wakeup_;
  };
  static std::unique_ptr<Wakeup> new_wakeup(const CancelToken& token) {
    return CancelState::of(token) ? std::make_unique<Wakeup>() : nullptr;
  }

  const std::chrono::milliseconds timeout_;
  const TimePoint deadline_;
  const CancelToken token_;
  const std::unique_ptr<Wakeup> wakeup_;  // null: it cannot be canceled
  Wake on_cancel_;
};

inline Error not_sent(Parts message) {
  return failure(ErrorKind::transport, Delivery::not_sent, message);
}

// ---- Addresses

struct Address {
  sockaddr_storage storage{};
  std::size_t size = 0;

  bool is_v6() const { return storage.ss_family == AF_INET6; }
  friend bool operator==(const Address& a, const Address& b) {
    return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
  }
};

/// The address that a text is; empty if it is none.
inline std::optional<Address> parse_address(const std::string& text) {
  Address address;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    address.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    address.size = sizeof *v6;
  } else {
    return {};
  }
  return address;
}

/// Starts a thread that nobody waits for, with a small stack, as some programs lock all memory; or
/// with that of other threads, as a program's thread_local variables may not fit into it.
template <class Task> bool start_thread(Task task) {
  auto* const given = new Task(std::move(task));
  constexpr unsigned stack_size = 512u << 10;
#ifdef _WIN32
  const auto run = [](void* work) -> unsigned {
    (*std::unique_ptr<Task>(static_cast<Task*>(work)))();
    return 0;
  };
  unsigned(__stdcall* const entry)(void*) = run;
  const auto thread = ::_beginthreadex(nullptr, stack_size, entry, given,
                                       STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (thread) ::CloseHandle(reinterpret_cast<HANDLE>(thread));
  const bool is_started = thread != 0;
#else
  const auto run = [](void* work) -> void* {
    (*std::unique_ptr<Task>(static_cast<Task*>(work)))();
    return nullptr;
  };
  sigset_t all, before;  // a thread begins with the mask of the one that starts it
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_size);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  bool is_started = ::pthread_create(&thread, &attributes, run, given) == 0;
  pthread_attr_destroy(&attributes);
  if (!is_started) {
    is_started = ::pthread_create(&thread, nullptr, run, given) == 0;
    if (is_started) ::pthread_detach(thread);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
#endif
  if (!is_started) delete given;
  return is_started;
}

/// The addresses of a host, as getaddrinfo() sorts them.
struct Lookup {
  explicit Lookup(std::string name) : host(std::move(name)) {}

  void run() {
    addrinfo hints{}, *first = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
    if (problem != 0) return;
    for (const addrinfo* item = first; item; item = item->ai_next) {
      Address address;
      address.size = static_cast<std::size_t>(item->ai_addrlen);
      if (address.size > sizeof address.storage) continue;
      std::memcpy(&address.storage, item->ai_addr, address.size);
      addresses.push_back(address);
    }
    ::freeaddrinfo(first);
  }

  const std::string host;
  int problem = 0;
  std::vector<Address> addresses;
  std::atomic<bool> is_done{false};
  Wakeup done;
};

/// Looks up a host. getaddrinfo() can be neither limited nor interrupted, so it runs on a thread of
/// its own, unless there is nothing to look up. running: how many of these threads there are.
inline Result<std::vector<Address>> look_up(const std::string& host, const Limits& limits,
                                            const std::shared_ptr<std::atomic<int>>& running) {
  if (const auto address = parse_address(host)) return std::vector<Address>{*address};
  const auto lookup = std::make_shared<Lookup>(host);
  if (!lookup->done.is_open()) return not_sent({"DNS: no descriptor is left"});
  constexpr int most_lookups = 64;
  if (running->fetch_add(1) >= most_lookups) {
    running->fetch_sub(1);
    return not_sent({"DNS: too many lookups have not ended yet"});
  }
  const bool is_started = start_thread([lookup, running] {
    lookup->run();
    running->fetch_sub(1);
    lookup->is_done = true;
    lookup->done.wake();
  });
  if (!is_started) {
    running->fetch_sub(1);
    return not_sent({"DNS: no thread can be started"});
  }
  PollEntry sockets[2] = {{lookup->done.socket(), POLLIN, 0}, {}};
  if (limits.wait(sockets, 1, (Limits::TimePoint::max)()) == Limits::Wait::failed) {
    return not_sent({"DNS: ", host, ": ", error_text(socket_error())});
  }
  if (!lookup->is_done) return limits.error(Delivery::not_sent, {"the DNS lookup of ", host});
  if (lookup->problem == 0) return std::move(lookup->addresses);
  return not_sent({"DNS: ", host, ": ", lookup_error(lookup->problem)});
}

/// The addresses that did not connect when they were last tried. Thread-safe.
class FailedAddresses {
 public:
  void note(const Address& address, bool has_failed) {
    std::lock_guard<std::mutex> lock(mutex_);
    addresses_.erase(std::remove(addresses_.begin(), addresses_.end(), address), addresses_.end());
    if (has_failed) addresses_.push_back(address);
    constexpr std::size_t most_addresses = 64;
    if (addresses_.size() > most_addresses) addresses_.erase(addresses_.begin());
  }
  bool is_at_rest() { return std::unique_lock<std::mutex>(mutex_, std::try_to_lock).owns_lock(); }
  bool has(const Address& address) const {
    std::lock_guard<std::mutex> lock(mutex_);
    return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Address> addresses_;
};

/// The order in which to try addresses: the families in turn (RFC 8305); those that have failed
/// before come last.
inline void put_in_order(std::vector<Address>& addresses, const FailedAddresses& failed) {
  if (addresses.empty()) return;
  const bool first_family = addresses.front().is_v6();
  const auto second = std::stable_partition(
      addresses.begin(), addresses.end(),
      [&](const Address& address) { return address.is_v6() == first_family; });
  std::vector<Address> mixed;
  mixed.reserve(addresses.size());
  for (auto a = addresses.begin(), b = second; a != second || b != addresses.end();) {
    if (a != second) mixed.push_back(*a++);
    if (b != addresses.end()) mixed.push_back(*b++);
  }
  std::stable_partition(mixed.begin(), mixed.end(),
                        [&](const Address& address) { return !failed.has(address); });
  addresses = std::move(mixed);
}

/// Connects to one of the addresses (RFC 8305, Happy Eyeballs): the next one is tried after 250 ms,
/// or at once after a failure, and the first that connects wins. Those that it has overtaken count
/// as failed. limit: for each address. place: for messages.
inline Result<Handle> connect(const std::vector<Address>& addresses, int port, const Limits& limits,
                              std::chrono::milliseconds limit, const std::string& place,
                              FailedAddresses& failed) {
  using Clock = Limits::Clock;
  struct Attempt {
    Handle socket;
    const Address* address;
    Limits::TimePoint end;
  };
  std::vector<Attempt> attempts;
  std::vector<PollEntry> sockets;
  std::size_t next = 0;
  auto next_begin = Clock::now();
  Error error = not_sent({place, ": no address"});
  const auto fail = [&](const Address& address, int problem) {
    error = not_sent({"connecting to ", place, ": ", error_text(problem)});
    failed.note(address, true);
    next_begin = Clock::now();
  };
  for (;;) {
    while (next < addresses.size() && (attempts.empty() || Clock::now() >= next_begin)) {
      const Address& address = addresses[next++];
      sockaddr_storage target = address.storage;
      const auto wire_port = htons(static_cast<std::uint16_t>(port));
      if (address.is_v6()) reinterpret_cast<sockaddr_in6*>(&target)->sin6_port = wire_port;
      if (!address.is_v6()) reinterpret_cast<sockaddr_in*>(&target)->sin_port = wire_port;
      Handle socket = new_socket(target.ss_family);
      if (!socket) {
        error = not_sent({"connecting to ", place, ": ", error_text(socket_error())});
        continue;
      }
      const int on = 1;
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on),
                   sizeof on);
      const int status = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&target),
                                   static_cast<socklen_t>(address.size));
      const int problem = status == 0 ? 0 : socket_error();
      if (status != 0 && !is_connecting(problem)) {
        fail(address, problem);
        continue;
      }
      attempts.push_back({std::move(socket), &address, Clock::now() + limit});
      next_begin = Clock::now() + std::chrono::milliseconds(250);
    }
    if (attempts.empty()) return error;

    auto until = next < addresses.size() ? next_begin : (Limits::TimePoint::max)();
    sockets.clear();
    for (const Attempt& attempt : attempts) {
      until = (std::min)(until, attempt.end);
      sockets.push_back({attempt.socket.get(), POLLOUT, 0});
    }
    sockets.emplace_back();
    if (limits.wait(sockets.data(), attempts.size(), until) == Limits::Wait::failed) {
      return not_sent({"connecting to ", place, ": ", error_text(socket_error())});
    }
    if (limits.are_reached()) return limits.error(Delivery::not_sent, {"connecting to ", place});

    for (std::size_t i = attempts.size(); i-- > 0;) {
      const Address& address = *attempts[i].address;
      const auto fails_at = static_cast<std::ptrdiff_t>(i);
      if (sockets[i].revents != 0) {
        int problem = 0;
        socklen_t size = sizeof problem;
        const int status = ::getsockopt(attempts[i].socket.get(), SOL_SOCKET, SO_ERROR,
                                        reinterpret_cast<char*>(&problem), &size);
        if (status != 0) problem = socket_error();
        if (problem == 0) {
          for (const Attempt& attempt : attempts) {
            if (attempt.address < &address) failed.note(*attempt.address, true);
          }
          failed.note(address, false);
          return std::move(attempts[i].socket);
        }
        fail(address, problem);
        attempts.erase(attempts.begin() + fails_at);
      } else if (Clock::now() >= attempts[i].end) {
        error = Limits::timeout(Delivery::not_sent, concat({"connecting to ", place}), limit);
        failed.note(address, true);
        attempts.erase(attempts.begin() + fails_at);
      }
    }
  }
}

// ---- TCP

/// A TCP connection. It works for one call at a time: its waits end with the limits of that call.
class Tcp {
 public:
  explicit Tcp(Handle socket) : socket_(std::move(socket)) {}

  /// From now on it works for this call; or for none, as null, and does not wait.
  void serve(const Limits* limits) { serve(limits, (Limits::TimePoint::max)()); }
  void serve(const Limits* limits, Limits::TimePoint until) { limits_ = limits, until_ = until; }

  /// Returns how many bytes have come, 0 when the peer has closed, or -1: see problem().
  long receive(char* to, std::size_t size) {
    while (wait(POLLIN)) {
      const auto got = ::recv(socket_.get(), to, static_cast<IoSize>(size), 0);
      if (got >= 0) return static_cast<long>(got);
      if (!is_passing(socket_error())) return fail(error_text(socket_error()));
    }
    return -1;
  }
  /// Sends some of it. Returns how much, or -1: see problem().
  long send(const char* data, std::size_t size) {
    do {
      const auto sent = ::send(socket_.get(), data, static_cast<IoSize>(size), no_signal);
      if (sent >= 0) {
        sent_ += static_cast<std::uint64_t>(sent);
        return static_cast<long>(sent);
      }
      if (!is_passing(socket_error())) return fail(error_text(socket_error()));
    } while (wait(POLLOUT));
    return -1;
  }
  /// Whether there is something to read, if only that the peer has closed.
  bool is_readable() const {
    PollEntry state = {socket_.get(), POLLIN, 0};
    return poll_sockets(&state, 1, 0) > 0;
  }

  std::uint64_t sent() const { return sent_; }
  /// What has failed; empty: nothing, or a limit has been reached.
  const std::string& problem() const { return problem_; }
  long fail(std::string problem) { return problem_ = std::move(problem), -1; }
  void clear_problem() { problem_.clear(); }
  socket_t socket() const { return socket_.get(); }

 private:
  bool wait(short events) {
    if (!limits_) return false;
    PollEntry sockets[2] = {{socket_.get(), events, 0}, {}};
    const auto wait = limits_->wait(sockets, 1, until_);
    if (wait == Limits::Wait::failed) fail(error_text(socket_error()));
    return wait == Limits::Wait::ready;
  }

  const Handle socket_;
  const Limits* limits_ = nullptr;
  Limits::TimePoint until_{};
  std::uint64_t sent_ = 0;  // bytes that the system has taken
  std::string problem_;
};

// ---- TLS

/// Keeps the OpenSSL errors of the thread apart: what the caller had queued is there again
/// afterwards, and nothing else. Marks that ERR_set_mark() has set are lost.
class OpenSslErrors {
 public:
  OpenSslErrors() {
    Entry entry;
    const char *file = nullptr, *function = nullptr, *data = nullptr;
    while ((entry.code = ERR_get_error_all(&file, &entry.line, &function, &data, &entry.flags))) {
      entry.file = file;
      entry.function = function;
      entry.data = data;
      callers_.push_back(entry);
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
    unsigned long code = 0;
    int line = 0, flags = 0;
    std::string file, function, data;
  };
  std::vector<Entry> callers_;
};

struct Deleter {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

/// What the TLS connections of a pool share: the trusted certificates and the settings.
struct TlsContext {
  std::unique_ptr<BIO_METHOD, Deleter> io;  // over a Tcp
  std::unique_ptr<SSL_CTX, Deleter> settings;
};

#ifdef _WIN32
inline void trust_system(SSL_CTX* settings) {
  const HCERTSTORE roots = ::CertOpenSystemStoreW(0, L"ROOT");
  if (!roots) return;
  const CERT_CONTEXT* item = nullptr;
  while ((item = ::CertEnumCertificatesInStore(roots, item)) != nullptr) {
    const unsigned char* encoded = item->pbCertEncoded;
    X509* const root = d2i_X509(nullptr, &encoded, static_cast<long>(item->cbCertEncoded));
    if (root) X509_STORE_add_cert(SSL_CTX_get_cert_store(settings), root);
    X509_free(root);
  }
  ::CertCloseStore(roots, 0);
}
#endif

inline Result<TlsContext> new_tls_context(const HttplibTransport::Options& options) {
  TlsContext made;
  made.io.reset(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "realtimekit"));
  made.settings.reset(SSL_CTX_new(TLS_client_method()));
  if (!made.io || !made.settings) return not_sent({"TLS: OpenSSL gives no context"});
  BIO_meth_set_write(made.io.get(), [](BIO* bio, const char* data, int size) {
    return static_cast<int>(
        static_cast<Tcp*>(BIO_get_data(bio))->send(data, static_cast<std::size_t>(size)));
  });
  BIO_meth_set_read(made.io.get(), [](BIO* bio, char* to, int size) {
    return static_cast<int>(
        static_cast<Tcp*>(BIO_get_data(bio))->receive(to, static_cast<std::size_t>(size)));
  });
  BIO_meth_set_ctrl(made.io.get(), [](BIO*, int command, long, void*) -> long {
    return command == BIO_CTRL_FLUSH;
  });

  SSL_CTX* const settings = made.settings.get();
  SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION);
  SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_read_ahead(settings, 1);                           // a record in one call of recv()
  SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);  // the pool keeps them
  const std::string &file = options.ca_file, &directory = options.ca_dir;
  if (!file.empty() && !SSL_CTX_load_verify_file(settings, file.c_str())) {
    return refusal({"Options::ca_file: no certificates can be read from ", file});
  }
  if (!directory.empty() && !SSL_CTX_load_verify_dir(settings, directory.c_str())) {
    return refusal({"Options::ca_dir cannot be used: ", directory});
  }
  if (file.empty() && directory.empty()) {
    const auto is_set = [](const char* name) {
      const char* const value = std::getenv(name);
      return value && *value;
    };
    const bool is_given = is_set(X509_get_default_cert_file_env());
    const bool has_directory = is_set(X509_get_default_cert_dir_env());
    const char* const usual =
        is_given ? std::getenv(X509_get_default_cert_file_env()) : X509_get_default_cert_file();
    // What cannot be read now, for want of descriptors perhaps, may be there later.
    std::FILE* const readable = std::fopen(usual, "rb");
    if (!readable && (errno != ENOENT || (is_given && !has_directory))) {
      return not_sent({"TLS: no certificates can be read from ", usual, ": ", error_text(errno)});
    }
    if (readable) std::fclose(readable);
#ifdef _WIN32
    // OpenSSL's default directory may be one that any user of the machine can make.
    const bool is_named = std::getenv("SSL_CERT_FILE") || std::getenv("SSL_CERT_DIR");
    if (!is_named) trust_system(settings);
    if (is_named) SSL_CTX_set_default_verify_paths(settings);
#else
    SSL_CTX_set_default_verify_paths(settings);
#endif
  }
  return made;
}

/// TLS over a Tcp.
class Tls {
 public:
  Tls(const TlsContext& context, Tcp& tcp) : tcp_(tcp), tls_(SSL_new(context.settings.get())) {
    BIO* const bio = tls_ ? BIO_new(context.io.get()) : nullptr;
    if (!bio) tls_.reset();
    if (!tls_) return;
    BIO_set_data(bio, &tcp_);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_.get(), bio, bio);
  }
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls() {
    // Or OpenSSL takes the session for a broken one.
    if (tls_) SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }

  /// Proves who the peer is. session: of an earlier connection to it, to do so faster; may be null.
  std::optional<Error> shake_hands(std::string host, const std::string& place,
                                   SSL_SESSION* session) {
    if (!tls_) return not_sent({"TLS: no memory"});
    if (host.back() == '.') host.pop_back();  // no certificate has it
    X509_VERIFY_PARAM* const rules = SSL_get0_param(tls_.get());
    X509_VERIFY_PARAM_set_hostflags(
        rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    bool is_ready = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
    if (!is_ready) {
      is_ready = X509_VERIFY_PARAM_set1_host(rules, host.c_str(), 0) == 1 &&
                 SSL_set_tlsext_host_name(tls_.get(), host.c_str()) == 1;
    }
    if (!is_ready) return not_sent({"TLS: the host name ", host, " cannot be checked"});
    if (session) SSL_set_session(tls_.get(), session);
    ERR_clear_error();
    if (SSL_connect(tls_.get()) == 1) return {};

    const long verified = SSL_get_verify_result(tls_.get());
    Error error = not_sent({"TLS handshake with ", place, ": ", reason()});
    // A session that is not accepted is no more offered the next time.
    error.permanent = final_reason() != 0 && !session;
    if (verified != X509_V_OK) {
      error.message = concat({"TLS: the certificate of ", place,
                              " is not accepted: ", X509_verify_cert_error_string(verified), " (",
                              std::to_string(verified), ")"});
      error.permanent = true;
    }
    return error;
  }

  long receive(char* to, std::size_t size) {
    std::size_t got = 0;
    ERR_clear_error();
    const int status = SSL_read_ex(tls_.get(), to, size, &got);
    if (status == 1) return static_cast<long>(got);
    if (SSL_get_error(tls_.get(), status) == SSL_ERROR_ZERO_RETURN) return 0;  // close_notify
    return tcp_.fail(reason());
  }
  long send(const char* data, std::size_t size) {
    std::size_t sent = 0;
    ERR_clear_error();
    if (SSL_write_ex(tls_.get(), data, size, &sent) == 1) return static_cast<long>(sent);
    return tcp_.fail(reason());
  }
  bool has_pending() const { return SSL_has_pending(tls_.get()) == 1; }
  /// Whether the peer's alert was about the client's certificate: the next one would be the same.
  bool is_refused() const {
    const int alert = final_reason() - SSL_AD_REASON_OFFSET;
    return (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_ACCESS_DENIED) ||
           alert == SSL_AD_CERTIFICATE_REQUIRED;
  }
  /// The session, for the next connection to this peer; null if it cannot be resumed.
  std::unique_ptr<SSL_SESSION, Deleter> session() const {
    std::unique_ptr<SSL_SESSION, Deleter> session(SSL_get1_session(tls_.get()));
    if (session && !SSL_SESSION_is_resumable(session.get())) session.reset();
    return session;
  }
  /// Tells the peer that nothing more comes.
  void close() { SSL_shutdown(tls_.get()); }

 private:
  /// What went wrong: what the socket says, or else OpenSSL. Empty if a limit was reached.
  std::string reason() const {
    if (!tcp_.problem().empty()) return tcp_.problem();
    const unsigned long code = ERR_peek_error();
    const char* const text = ERR_reason_error_string(code);
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && text) return text;
    return "the peer closed the connection";
  }

  /// What OpenSSL holds against going on; 0: nothing, or what may pass.
  static int final_reason() {
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    const bool may_pass =
        reason == SSL_R_UNEXPECTED_EOF_WHILE_READING || reason == SSL_R_TLSV1_ALERT_INTERNAL_ERROR;
    return may_pass ? 0 : reason;
  }

  Tcp& tcp_;
  std::unique_ptr<SSL, Deleter> tls_;
};

// ---- HTTP

/// Where a connection goes, and by which way.
struct Origin {
  bool tls = false;
  std::string host{};
  int port = 0;
  std::string proxy_host{};  // empty: none
  int proxy_port = 0;
  std::string proxy_user{};
  Secret proxy_password{};
  std::string_view proxy_source{};  // what named the proxy

  bool operator==(const Origin& other) const {  // the proxy follows from these
    return tls == other.tls && host == other.host && port == other.port;
  }
  bool has_proxy() const { return !proxy_host.empty(); }
  /// Whether the proxy reads the requests, as without TLS there is no tunnel.
  bool is_relayed() const { return has_proxy() && !tls; }
  bool has_credentials() const { return !proxy_user.empty() || !proxy_password.empty(); }
  static std::string place_of(const std::string& host, int port) {
    const bool is_ipv6 = host.find(':') != host.npos;
    return concat({is_ipv6 ? "[" : "", host, is_ipv6 ? "]:" : ":", std::to_string(port)});
  }
  std::string place() const { return place_of(host, port); }
  std::string proxy_place() const {
    return concat({"the proxy ", place_of(proxy_host, proxy_port), " (", proxy_source, ")"});
  }
  /// What the Host header says.
  std::string authority() const {
    std::string text = place();
    if (port == (tls ? 443 : 80)) text.resize(text.rfind(':'));
    return text;
  }
};

/// Calls a function with each item of a comma-separated list; empty items do not count.
template <class Function> void for_each_item(std::string_view list, const Function& function) {
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    list.remove_prefix((std::min)(item.size() + 1, list.size()));
    if (const auto trimmed_item = trimmed(item, " \t"); !trimmed_item.empty()) {
      function(trimmed_item);
    }
  }
}

/// The head of a response, and what it says of the body (RFC 9112).
struct Head {
  enum class Framing { length, chunked, until_close };
  int status = 0;
  Headers headers{};
  Framing framing = Framing::until_close;
  std::uint64_t length = 0;
  bool keeps_alive = false;  // whether the connection can be used again after the body
};

/// The size of the head at the start of a text, its empty line included; 0: not all is there.
/// from: where the search begins, as the first lines may have been searched before.
inline std::size_t head_size(std::string_view text, std::size_t from) {
  for (auto end = text.find('\n', from); end != text.npos; end = text.find('\n', end + 1)) {
    if (text.substr(end + 1, 1) == "\n") return end + 2;
    if (text.substr(end + 1, 2) == "\r\n") return end + 3;
  }
  return 0;
}

/// The status in "HTTP/1.1 200 OK"; 0 if the line is another.
inline int parse_status_line(std::string_view line) {
  const bool is_one = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && is_digit(line[7]) &&
                      line[8] == ' ' && line[9] != '0' && is_digit(line[9]) && is_digit(line[10]) &&
                      is_digit(line[11]) && (line.size() == 12 || line[12] == ' ');
  return is_one ? (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0') : 0;
}

/// Reads a head. is_connect: of a response to CONNECT. Returns what is wrong; empty: nothing.
inline std::string_view parse_head(std::string_view text, bool is_connect, Head& head) {
  head = {};
  const auto next_line = [&] {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  };
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };

  auto line = next_line();
  const bool is_http_1_0 = line.substr(0, 8) == "HTTP/1.0";
  head.status = parse_status_line(line);
  if (head.status == 0) return "its first line is not one of HTTP/1.1";
  for (line = next_line(); !line.empty(); line = next_line()) {
    if (line.find_first_of(std::string_view("\0\r", 2)) != line.npos) {
      return "a header has a control character";
    }
    const bool is_continuation = is_blank(line[0]);  // of a folded line
    const auto colon = is_continuation ? 0 : line.find(':');
    auto name = line.substr(0, colon);
    auto value = line.substr(is_continuation || colon == line.npos ? 0 : colon + 1);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    value = trimmed(value, " \t");
    if (is_continuation ? head.headers.empty() : colon == line.npos || name.empty()) {
      return "a header has no name";
    }
    if (is_continuation) {
      std::string& folded = head.headers.back().second;
      append(folded, {folded.empty() || value.empty() ? "" : " ", value});
    } else {
      add_header(head.headers, std::string(name), std::string(value));
    }
  }

  std::string_view length;  // of all Content-Length headers, if they agree
  std::size_t codings = 0;
  bool has_length = false, is_chunked = false, is_consistent = true;
  head.keeps_alive = !is_http_1_0;
  for (const auto& [name, value] : head.headers) {
    if (equal_ignoring_case(name, "Content-Length")) {
      has_length = true;
      if (value.empty()) is_consistent = false;
      for_each_item(value, [&](std::string_view item) {
        if (!length.empty() && item != length) is_consistent = false;
        length = item;
      });
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
      if (value.empty()) ++codings;
      for_each_item(value, [&](std::string_view item) {
        ++codings;
        is_chunked = equal_ignoring_case(item, "chunked");
      });
    } else if (equal_ignoring_case(name, "Connection")) {
      for_each_item(value, [&](std::string_view item) {
        if (equal_ignoring_case(item, "close")) head.keeps_alive = false;
      });
    }
  }
  const bool has_no_body = head.status < 200 || head.status == 204 || head.status == 304 ||
                           (is_connect && head.status < 300);
  if (has_no_body) {
    head.framing = Head::Framing::length;
  } else if (codings > 0) {
    if (has_length) return "it has both Content-Length and Transfer-Encoding";
    if (codings > 1 || !is_chunked) return "its Transfer-Encoding is not chunked";
    head.framing = Head::Framing::chunked;
  } else if (has_length) {
    if (!is_consistent) return "its Content-Length headers contradict each other";
    const bool is_number = length.find_first_not_of("0123456789") == length.npos;
    if (length.empty() || length.size() > 18 || !is_number) {
      return "its Content-Length is not a number";
    }
    std::from_chars(length.data(), length.data() + length.size(), head.length);
    head.framing = Head::Framing::length;
  } else {
    head.keeps_alive = false;
  }
  return {};
}

/// cpp-httplib's client without its send(), which connects, waits and, from 0.12.1 on, may send a
/// request twice.
class Http final : public httplib::ClientImpl {
 public:
  using ClientImpl::ClientImpl;
  bool process(httplib::Stream& stream, httplib::Request& request, httplib::Response& response) {
    return process(*this, stream, request, response, 0);
  }

 private:
  template <class Self>
  static auto process(Self& self, httplib::Stream& stream, httplib::Request& request,
                      httplib::Response& response, int)
      -> decltype(self.process_request(stream, request, response, false,
                                       std::declval<httplib::Error&>())) {
    auto cause = httplib::Error::Success;  // too coarse: the stream knows better
    return self.process_request(stream, request, response, false, cause);
  }
  template <class Self>
  static bool process(Self&, httplib::Stream&, httplib::Request&, httplib::Response&, long) {
    static_assert(sizeof(Self) == 0,
                  "realtimekit: this cpp-httplib has no ClientImpl::process_request(): take a "
                  "version from 0.11 to 0.59, or define REALTIMEKIT_NO_HTTPLIB");
    return false;
  }
};

/// A connection, for one call at a time, and what cpp-httplib takes for its stream. The versions of
/// cpp-httplib read heads and chunks each in its own way, and not as RFC 9112 asks. So the stream
/// finds out where a response begins and ends, and gives cpp-httplib the plainest one that has the
/// same status, content coding and body.
class Connection final : public httplib::Stream {
 public:
  Connection(Origin origin, Handle socket)
      : origin_(std::move(origin)),
        tcp_(std::move(socket)),
        http_(origin_.host, origin_.port),
        input_(longest_head + 1) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    tcp_.serve(nullptr);
    if (tls_ && process_ == process_id()) tls_->close();  // a fork's copy does not speak
  }

  const Origin& origin() const { return origin_; }
  const std::unique_ptr<Tls>& tls() const { return tls_; }

  /// Makes it ready for requests: through the proxy, and with TLS. limit: for both.
  std::optional<Error> open(const Limits& limits, std::chrono::milliseconds limit,
                            const TlsContext* context, SSL_SESSION* session) {
    if (!context) return {};
    const auto end = Limits::Clock::now() + limit;
    tcp_.serve(&limits, end);
    std::optional<Error> error;
    if (origin_.has_proxy()) error = open_tunnel();
    const bool is_open = !error;
    if (is_open) {
      tls_ = std::make_unique<Tls>(*context, tcp_);
      error = tls_->shake_hands(origin_.host, origin_.place(), session);
    }
    if (!error) return {};
    tls_.reset();  // it has nothing to say to the peer
    const std::string step = is_open ? concat({"the TLS handshake with ", origin_.place()})
                                     : concat({"CONNECT through ", origin_.proxy_place()});
    if (limits.are_reached()) return limits.error(Delivery::not_sent, {step});
    if (Limits::Clock::now() >= end) return Limits::timeout(Delivery::not_sent, step, limit);
    return error;
  }

  /// Sends a request and receives its response.
  Result<HttpResponse> exchange(const HttpRequest& from, const std::string& target,
                                const Limits& limits) {
    if (limits.are_reached()) return limits.error(Delivery::not_sent, {"connecting"});
    tcp_.serve(&limits);
    httplib::Request request;
    request.method = to_string(from.method);
    const auto add = [&](const char* name, std::string value) {
      request.headers.emplace(name, std::move(value));
    };
    add("Host", origin_.authority());
    for (const auto& [name, value] : from.headers) request.headers.emplace(name, value);
    add("Accept-Encoding", "identity");
    std::string place;
    if (origin_.is_relayed()) {
      place = concat({"http://", origin_.authority()});
      if (origin_.has_credentials()) add("Proxy-Authorization", proxy_credentials());
    }
    if (from.body.size() <= piece) {
      request.body = from.body;
    } else {
      body_ = from.body;  // not copied
      request.content_length_ = body_.size();
      request.content_provider_ = [this](std::size_t offset, std::size_t size,
                                         httplib::DataSink& out) {
        is_body_written_ = true;
        return out.write(body_.data() + offset, size);
      };
    }
    HttpResponse response;
    bool too_long = false;
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t,
                                   std::uint64_t) {
      if (response.body.empty())
        response.body.reserve(
            (std::min)({expected(), from.max_response_bytes, std::size_t{1} << 20}));
      too_long = size > from.max_response_bytes - response.body.size();
      if (!too_long) response.body.append(data, size);
      return !too_long;
    };
    const bool is_complete = perform(request, concat({place, target}));
    tcp_.serve(nullptr);
    is_kept_ = true;

    response.status = head_.status;
    response.headers = std::move(head_.headers);
    const bool is_of_proxy = response.status == 407 && origin_.is_relayed();
    if (is_complete && is_of_proxy && origin_.has_credentials()) {  // it may repeat them
      response.body =
          redacted(response.body, {origin_.proxy_password.reveal(), encoded_credentials()});
    }
    if (is_complete) return response;
    if (is_head_refused_) return refusal({"headers: cpp-httplib refuses one of them"});
    Error error =
        failure(ErrorKind::transport, delivery(),
                {origin_.is_relayed() ? origin_.proxy_place() : origin_.place(), ": ", problem()});
    error.permanent = tls_ && tls_->is_refused();
    const std::string* const coding = find_header(response.headers, "Content-Encoding");
    if (too_long) {
      error = failure(ErrorKind::decode, Delivery::answered,
                      {"the response is longer than max_response_bytes, ",
                       std::to_string(from.max_response_bytes)});
      error.status = response.status;
    } else if (limits.are_reached()) {
      const bool is_sent = delivery() != Delivery::not_sent;
      error = limits.error(delivery(), {is_sent ? "the response" : "sending the request"});
    } else if (coding && problem().empty() && response.status / 100 != 2) {
      response.body.clear();  // the status says enough
      return response;
    } else if (coding && problem().empty()) {
      error = failure(ErrorKind::decode, Delivery::answered,
                      {"the response is encoded as ", excerpt(*coding, 64),
                       ", which was not asked for and cannot be decoded"});
      error.status = response.status;
    }
    return error;
  }

  /// Whether a kept connection has been closed, or says what nobody asked for. A response to the
  /// next request that comes before it is noticed; one that comes after it cannot be told from the
  /// right one, in HTTP/1.1.
  bool is_stale() const {
    return begin_ != end_ || (tls_ && tls_->has_pending()) || tcp_.is_readable();
  }
  /// Whether it can be kept for another request.
  bool is_reusable() const { return stage_ == Stage::done && head_.keeps_alive; }
  /// Whether nothing of the last request has left, so that it can be sent on another connection.
  bool has_sent_nothing() const { return tcp_.sent() == sent_before_; }

  // What cpp-httplib calls. Not all of its versions have all of these.
  ssize_t read(char* to, std::size_t size) {
    if (stage_ == Stage::request) {
      const bool is_sent = send_request() || hears_why();
      if (!is_sent || !receive_head()) stage_ = Stage::failed;
    }
    if (stage_ == Stage::head) {
      size = (std::min)(size, plain_head_.size() - plain_head_used_);
      std::memcpy(to, plain_head_.data() + plain_head_used_, size);
      plain_head_used_ += size;
      if (plain_head_used_ == plain_head_.size()) stage_ = Stage::body;
      return static_cast<ssize_t>(size);
    }
    if (stage_ == Stage::body && !receive_body()) stage_ = Stage::failed;
    if (stage_ != Stage::body) return stage_ == Stage::done ? 0 : -1;
    size =
        (std::min)({size, end_ - begin_,
                    static_cast<std::size_t>((std::min)(body_left_, std::uint64_t{longest_head}))});
    std::memcpy(to, input_.data() + begin_, size);
    begin_ += size;
    body_left_ -= size;
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* data, std::size_t size) {
    if (!is_body_written_) output_.append(data, size);  // sent with the first read
    return static_cast<ssize_t>(size);
  }
  bool is_readable() const { return true; }  // read() and write() wait
  bool is_writable() const { return true; }
  bool wait_readable() const { return true; }
  bool wait_writable() const { return true; }
  void get_remote_ip_and_port(std::string&, int&) const {}
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return tcp_.socket(); }
  time_t duration() const { return 0; }

 private:
  enum class Stage { request, head, body, done, failed };  // of an exchange
  static constexpr std::size_t longest_head = 32768, longest_line = 8192;
  static constexpr std::size_t piece = 16384;  // of a request: a record of TLS

  /// Has cpp-httplib send a request and read its response.
  bool perform(httplib::Request& request, const std::string& target) {
    stage_ = Stage::request;
    is_connect_ = request.method == "CONNECT";
    head_ = {};
    sent_before_ = tcp_.sent();
    may_be_complete_ = is_body_written_ = is_head_refused_ = false;
    request_line_ = concat({request.method, " ", target, " HTTP/1.1"});
    request.path = "/";
    request.headers.emplace("Expect", "");  // or some versions wait for a "100 Continue"
    httplib::Response response;
    bool is_read = false;
#if REALTIMEKIT_EXCEPTIONS
    try {
      is_read = http_.process(*this, request, response);
    } catch (const std::exception& exception) {
      tcp_.fail(exception.what());
    }
#else
    is_read = http_.process(*this, request, response);
#endif
    for (auto& header : request.headers) wipe(header.second);
    wipe(request.body);
    wipe(output_);
    body_ = {};
    if (!is_read || stage_ == Stage::failed) return false;
    const bool is_complete = stage_ == Stage::body && body_left_ == 0;  // it was not asked for one
    if (is_complete) stage_ = Stage::done;
    return stage_ == Stage::done;
  }

  /// How long the body will be; 0: not known.
  std::size_t expected() const {
    return static_cast<std::size_t>((std::min)(head_.length, std::uint64_t{SIZE_MAX}));
  }
  const std::string& problem() const { return tcp_.problem(); }
  bool fail(std::string problem) { return tcp_.fail(std::move(problem)), false; }
  Delivery delivery() const { return may_be_complete_ ? Delivery::unknown : Delivery::not_sent; }

  /// Sends what cpp-httplib has written: head and body at once, as the network may hold back the
  /// second of two pieces for 40 ms.
  bool send_request() {
    constexpr std::string_view ballast = "\r\nExpect: ";
    if (const auto at = output_.find("\r\nExpect: \r\n"); at != output_.npos) {
      output_.erase(at, ballast.size());
    }
    is_head_refused_ = output_.find("\r\n\r\n") == output_.npos;
    if (is_head_refused_) return false;
    if (!tls_ && tcp_.is_readable()) return fail("the server spoke before it was asked");
    // The request line is ours, as versions encode what they are given each in its own way.
    output_.replace(0, output_.find('\r'), request_line_);
    const auto first = body_.substr(0, piece - (std::min)(piece, output_.size()));
    const auto rest = body_.substr(first.size());
    output_ += first;
    return send(output_, rest.empty()) && send(rest, true);
  }
  /// After sending has failed: whether the peer has said why before it closed the connection.
  bool hears_why() {
    if (has_sent_nothing() && (is_kept_ || !tls_)) return false;  // that is no response to it
    const std::string before = problem();
    tcp_.clear_problem();
    const bool is_there = tcp_.is_readable() && receive();
    if (!is_there && is_closed_) tcp_.fail(before);
    return is_there;
  }
  /// is_end: whether the request is complete with it.
  bool send(std::string_view data, bool is_end) {
    while (!data.empty()) {
      const auto now = data.substr(0, piece);
      const auto before = tcp_.sent();
      const long sent =
          tls_ ? tls_->send(now.data(), now.size()) : tcp_.send(now.data(), now.size());
      may_be_complete_ = is_end && now.size() == data.size() && tcp_.sent() != before;
      if (sent < 0) return false;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Receives more, into the free part of input_.
  bool receive() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == input_.size()) {
      std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
    }
    char* const free = input_.data() + end_;
    const auto size = input_.size() - end_;
    const long got = tls_ ? tls_->receive(free, size) : tcp_.receive(free, size);
    is_closed_ = got == 0;
    if (got > 0) end_ += static_cast<std::size_t>(got);
    return got > 0;
  }
  bool receive_all() {  // what a response cannot be complete without
    if (receive()) return true;
    if (is_closed_) fail("the connection was closed before the response was complete");
    return false;
  }
  std::string_view input() const { return {input_.data() + begin_, end_ - begin_}; }

  /// Receives heads until one is final, and makes from it the one for cpp-httplib.
  bool receive_head() {
    heads_left_ = longest_head;
    do {
      if (!receive_one_head()) return false;
      if (head_.status == 101) return fail("the server changed the protocol, unasked");
    } while (head_.status < 200);
    body_left_ = head_.framing == Head::Framing::length ? head_.length : 0;
    is_first_chunk_ = true;
    plain_head_ = concat({"HTTP/1.1 ", std::to_string(head_.status), " \r\n"});
    const std::string* const coding = find_header(head_.headers, "Content-Encoding");
    if (coding && !coding->empty() && !equal_ignoring_case(*coding, "identity")) {
      const bool is_deflate = equal_ignoring_case(*coding, "deflate");
      const bool is_gzip =
          equal_ignoring_case(*coding, "gzip") || equal_ignoring_case(*coding, "x-gzip");
      if (!is_deflate && !is_gzip) return false;
      append(plain_head_, {"Content-Encoding: ", is_gzip ? "gzip" : "deflate", "\r\n"});
    }
    plain_head_ += "\r\n";
    plain_head_used_ = 0;
    stage_ = Stage::head;
    return true;
  }
  bool receive_one_head() {
    std::size_t size = 0;
    for (std::size_t searched = 0;;) {
      const auto line = input().substr(0, input().find('\n'));
      const bool is_line = line.size() < input().size();
      size = head_size(input(), searched);
      if (is_line ? parse_status_line(line.substr(0, line.find('\r'))) == 0
                  : line.substr(0, 5) != std::string_view("HTTP/").substr(0, line.size())) {
        return fail("the response is not valid HTTP: its first line is not one of HTTP/1.1");
      }
      if (line.size() > longest_line) {
        return fail(concat({"the first line of the response is longer than ",
                            std::to_string(longest_line), " bytes"}));
      }
      if ((size == 0 ? input().size() : size) > heads_left_) {
        return fail(concat(
            {"the head of the response is longer than ", std::to_string(longest_head), " bytes"}));
      }
      if (size > 0) break;
      searched = input().size() - (std::min)(input().size(), std::size_t{2});
      if (!receive_all()) return false;
    }
    const auto wrong = parse_head(input().substr(0, size), is_connect_, head_);
    begin_ += size;
    heads_left_ -= size;
    return wrong.empty() || fail(concat({"the response is not valid HTTP: ", wrong}));
  }

  /// Makes the next part of the body stand in input_: as much as is there of body_left_. At its
  /// end, the stage is done. Returns false if the response is cut or wrong.
  bool receive_body() {
    using Framing = Head::Framing;
    if (head_.framing == Framing::chunked && body_left_ == 0 && !open_chunk()) return false;
    if (head_.framing == Framing::until_close) body_left_ = longest_head;
    if (body_left_ == 0) return stage_ = Stage::done, true;
    if (begin_ != end_) return true;
    if (head_.framing != Framing::until_close) return receive_all();
    if (receive()) return true;
    if (is_closed_) stage_ = Stage::done;
    return is_closed_;
  }

  /// Reads up to the data of the next chunk; after the last one, to the end.
  bool open_chunk() {
    std::string_view line;
    if (!std::exchange(is_first_chunk_, false)) {
      if (!receive_line(line)) return false;
      if (!line.empty())
        return fail("the response is not valid HTTP: a chunk is longer than it says");
    }
    if (!receive_line(line)) return false;
    std::size_t digits = 0;
    for (; digits < line.size() && std::isxdigit(static_cast<unsigned char>(line[digits]));
         ++digits) {
      const char c = lower(line[digits]);
      if (body_left_ >> 56 != 0) break;
      body_left_ = body_left_ * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    const auto rest = line.substr(digits);
    const auto extension = rest.find_first_not_of(" \t");
    if (digits == 0 || (extension != rest.npos && rest[extension] != ';')) {
      return fail("the response is not valid HTTP: the size of a chunk is not a number");
    }
    if (body_left_ > 0) return true;
    for (std::size_t trailers = 0; trailers < longest_head; trailers += line.size() + 1) {
      if (!receive_line(line)) return false;
      if (line.empty()) return true;
    }
    return fail(concat(
        {"the trailers of the response are longer than ", std::to_string(longest_head), " bytes"}));
  }
  bool receive_line(std::string_view& line) {
    std::size_t size = 0;
    while ((size = input().find('\n')) == std::string_view::npos) {
      if (input().size() >= longest_line) {
        return fail(concat({"a line between the chunks of the response is longer than ",
                            std::to_string(longest_line), " bytes"}));
      }
      if (!receive_all()) return false;
    }
    line = input().substr(0, size);
    begin_ += size + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return true;
  }

  /// The way through the proxy.
  std::optional<Error> open_tunnel() {
    httplib::Request request;
    request.method = "CONNECT";
    request.headers.emplace("Host", origin_.place());
    if (origin_.has_credentials()) {
      request.headers.emplace("Proxy-Authorization", proxy_credentials());
    }
    const bool is_answered = perform(request, origin_.place()) || head_.status >= 200;
    may_be_complete_ = false;  // that was not the caller's
    if (!is_answered) return not_sent({origin_.proxy_place(), ": ", problem()});
    if (head_.status < 300 && begin_ == end_) return {};
    Error error = not_sent(
        {origin_.proxy_place(), " answered CONNECT with HTTP ", std::to_string(head_.status)});
    if (head_.status < 300) append(error.message, {" and more than that"});
    error.permanent = head_.status >= 300 && !is_passing_failure(head_.status);
    return error;
  }
  std::string proxy_credentials() const {
    std::string encoded = encoded_credentials();
    std::string value = concat({"Basic ", encoded});
    wipe(encoded);
    return value;
  }
  std::string encoded_credentials() const {
    std::string user = concat({origin_.proxy_user, ":", origin_.proxy_password.reveal()});
    std::string encoded(4 * ((user.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(&encoded[0]),
                                     reinterpret_cast<const unsigned char*>(user.data()),
                                     static_cast<int>(user.size()));
    encoded.resize(static_cast<std::size_t>(size));
    wipe(user);
    return encoded;
  }

  const Origin origin_;
  const unsigned long process_ = process_id();
  Tcp tcp_;
  std::unique_ptr<Tls> tls_;
  Http http_;

  Stage stage_ = Stage::done;
  bool is_kept_ = false;  // from an earlier exchange
  bool is_connect_ = false;
  std::string_view body_;              // if it is large
  std::string request_line_, output_;  // what is sent
  std::uint64_t sent_before_ = 0;      // of the request
  bool is_head_refused_ = false;       // by cpp-httplib
  bool is_body_written_ = false;       // by it, from body_
  bool may_be_complete_ = false;       // at the peer
  std::vector<char> input_;            // what is received; from begin_ to end_ not read yet
  std::size_t begin_ = 0, end_ = 0;
  bool is_closed_ = false;      // the peer sends no more
  std::size_t heads_left_ = 0;  // of their limit
  Head head_;
  std::string plain_head_;  // for cpp-httplib
  std::size_t plain_head_used_ = 0;
  std::uint64_t body_left_ = 0;  // of the body or chunk
  bool is_first_chunk_ = true;
};

// ---- The pool

/// "http://user:password@host:port" as the proxy of an Origin. Returns false if it is not one.
inline bool parse_proxy(std::string_view text, Origin& origin) {
  std::string url = text.find("://") == text.npos ? "http://" : "";
  std::string_view user;
  const auto begin = url.empty() ? text.find("://") + 3 : 0;
  if (const auto at = text.rfind('@'); at != text.npos && at >= begin) {
    user = text.substr(begin, at - begin);
    append(url, {text.substr(0, begin), text.substr(at + 1)});
  } else {
    append(url, {text});
  }
  Url parsed;
  if (!parse_url(url, parsed) || parsed.tls || parsed.target != "/") return false;
  const auto colon = (std::min)(user.find(':'), user.size());
  origin.proxy_host = parsed.host;
  origin.proxy_port = parsed.port;
  origin.proxy_user = percent_decode(user.substr(0, colon));
  origin.proxy_password = percent_decode(user.substr((std::min)(colon + 1, user.size())));
  return !has_control_character(origin.proxy_user) &&
         !has_control_character(origin.proxy_password.reveal());
}

/// The bytes of an IP address; empty if the text is not one.
inline std::string_view ip_bytes(const std::optional<Address>& address) {
  if (!address) return {};
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address->storage);
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address->storage);
  return address->is_v6() ? std::string_view(reinterpret_cast<const char*>(&v6->sin6_addr), 16)
                          : std::string_view(reinterpret_cast<const char*>(&v4->sin_addr), 4);
}

/// Whether an entry of NO_PROXY is meant for a host: "*", a domain with all below it (".x" and
/// "*.x" too), an address, or a range of addresses as "10.0.0.0/8"; each also with a port.
inline bool is_exempt(std::string_view entry, std::string_view host, int port) {
  const auto bracket = entry.find(']');  // "[::1]:443"
  const auto colon = entry.find(':', bracket == entry.npos ? 0 : bracket);
  const bool is_ipv6 = bracket == entry.npos && entry.rfind(':') != colon;
  if (colon != entry.npos && !is_ipv6) {
    const std::string digits(entry.substr(colon + 1));
    const bool is_port = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
    if (!is_port || digits.size() > 9 || std::atoi(digits.c_str()) != port) return false;
    entry = entry.substr(0, colon);
  }
  if (entry == "*") return true;
  const auto slash = entry.find('/');
  const std::string bits = slash == entry.npos ? "" : std::string(entry.substr(slash + 1));
  entry = entry.substr(0, slash);
  if (!entry.empty() && entry.front() == '[') entry.remove_prefix(1);
  if (!entry.empty() && entry.back() == ']') entry.remove_suffix(1);

  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const auto host_address = parse_address(std::string(host));
  const auto entry_address = parse_address(std::string(entry));
  if (host_address || entry_address) {
    const auto address = ip_bytes(host_address), range = ip_bytes(entry_address);
    if (address.size() != range.size()) return false;
    std::size_t count = 8 * range.size();
    if (slash != std::string_view::npos) {
      if (bits.empty() || bits.size() > 3 || bits.find_first_not_of("0123456789") != bits.npos)
        return false;
      count = static_cast<std::size_t>(std::atoi(bits.c_str()));
      if (count > 8 * range.size()) return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (((address[i / 8] ^ range[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
    }
    return true;
  }
  if (slash != entry.npos) return false;
  if (entry.substr(0, 1) == "*") entry.remove_prefix(1);
  if (entry.substr(0, 1) == ".") entry.remove_prefix(1);
  if (!entry.empty() && entry.back() == '.') entry.remove_suffix(1);
  if (entry.empty() || entry.size() > host.size()) return false;
  const auto rest = host.size() - entry.size();
  return equal_ignoring_case(host.substr(rest), entry) && (rest == 0 || host[rest - 1] == '.');
}

/// A clock that runs on while the machine sleeps, for the age of connections.
inline std::chrono::nanoseconds waking_time() {
#ifdef CLOCK_BOOTTIME
  timespec now{};
  if (::clock_gettime(CLOCK_BOOTTIME, &now) == 0) {
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  }
#endif
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// What the calls of a transport share in one process. Its locks are held for moments only, never
/// while anything is waited for.
class ConnectionPool {
 public:
  explicit ConnectionPool(const HttplibTransport::Options& options) : options_(options) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool() {
    if (inherited_ && inherited_->is_at_rest()) delete inherited_;
  }
  unsigned long process() const { return process_; }
  /// Takes over the pool of the parent process, which may not be used any more, but freed.
  void inherit(ConnectionPool* pool) { inherited_ = pool; }
  /// Whether no thread was at work on it, as one of the parent process may have been.
  bool is_at_rest() {
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    const std::unique_lock<std::mutex> tls_lock(tls_mutex_, std::try_to_lock);
    return lock && tls_lock && failed_.is_at_rest();
  }

  /// An idle connection; null if there is none.
  std::unique_ptr<Connection> take(const Origin& origin) {
    const auto now = waking_time();
    std::vector<Idle> expired;  // closed without the lock
    std::unique_ptr<Connection> taken;
    std::lock_guard<std::mutex> lock(mutex_);
    expired = take_out([&](const Idle& idle) { return now - idle.since >= idle_timeout(); });
    for (auto i = idle_.size(); i-- > 0 && !taken;) {
      if (!(idle_[i].connection->origin() == origin)) continue;
      taken = std::move(idle_[i].connection);
      idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return taken;
  }

  /// Keeps a connection for the next calls. If there are too many, the oldest has to go.
  void put_back(std::unique_ptr<Connection> connection) {
    const auto now = waking_time();
    std::unique_ptr<Connection> oldest;  // closed without the lock
    std::lock_guard<std::mutex> lock(mutex_);
    if (idle_timeout().count() == 0) return;
    if (idle_.size() >= options_.max_idle_connections) {
      if (idle_.empty()) return;
      oldest = std::move(idle_.front().connection);
      idle_.erase(idle_.begin());
    }
    idle_.push_back({std::move(connection), now});
  }

  /// Drops the idle connections to an origin, as the way to it may be dead.
  void drop(const Origin& origin) {
    std::vector<Idle> dropped;  // closed without the lock
    std::lock_guard<std::mutex> lock(mutex_);
    dropped = take_out([&](const Idle& idle) { return idle.connection->origin() == origin; });
  }

  /// A new connection, ready for requests.
  Result<std::unique_ptr<Connection>> open(const Origin& origin, const Limits& limits) {
    const auto connect_timeout = Limits::in_range(options_.connect_timeout);
    auto context = tls_context(origin);
    if (!context) return std::move(context).error();
    auto addresses =
        look_up(origin.has_proxy() ? origin.proxy_host : origin.host, limits, lookups_);
    if (!addresses) {
      Error error = std::move(addresses).error();
      if (origin.has_proxy()) error.message = concat({origin.proxy_place(), ": ", error.message});
      return error;
    }
    put_in_order(*addresses, failed_);
    auto socket = connect(*addresses, origin.has_proxy() ? origin.proxy_port : origin.port, limits,
                          connect_timeout,
                          origin.has_proxy() ? origin.proxy_place() : origin.place(), failed_);
    if (!socket) return std::move(socket).error();
    auto connection = std::make_unique<Connection>(origin, *std::move(socket));
    const auto session = session_of(origin);
    auto error = connection->open(limits, connect_timeout, *context, session.get());
    if (!error) return connection;
    forget_session(origin);
    return *std::move(error);
  }

  /// Keeps the TLS session of a connection for the next one to that origin.
  void keep_session(const Connection& connection) {
    if (!connection.tls()) return;
    auto session = connection.tls()->session();
    if (!session) return;
    const std::string place = connection.origin().place();
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [known, kept] : sessions_) {
      if (known == place) return kept.swap(session);
    }
    constexpr std::size_t most_sessions = 16;
    if (sessions_.size() == most_sessions) sessions_.erase(sessions_.begin());
    sessions_.emplace_back(place, std::move(session));
  }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    std::chrono::nanoseconds since;
  };
  using Session = std::unique_ptr<SSL_SESSION, Deleter>;

  /// The idle connections of which a predicate is true, with mutex_ held.
  template <class Predicate> std::vector<Idle> take_out(const Predicate& predicate) {
    std::vector<Idle> taken;
    const auto first = std::stable_partition(idle_.begin(), idle_.end(),
                                             [&](const Idle& idle) { return !predicate(idle); });
    std::move(first, idle_.end(), std::back_inserter(taken));
    idle_.erase(first, idle_.end());
    return taken;
  }

  std::chrono::nanoseconds idle_timeout() const {
    constexpr std::chrono::seconds longest = std::chrono::hours(24 * 365);
    return (std::min)((std::max)(options_.idle_timeout, std::chrono::seconds(0)), longest);
  }

  /// Null for an origin without TLS. It is made once, as to read the certificates takes
  /// milliseconds; those who need it too wait for that. What failed is tried again.
  Result<const TlsContext*> tls_context(const Origin& origin) {
    if (!origin.tls) return static_cast<const TlsContext*>(nullptr);
    std::lock_guard<std::mutex> lock(tls_mutex_);
    if (!tls_.settings) {
      auto made = new_tls_context(options_);
      if (!made) return std::move(made).error();
      tls_ = *std::move(made);
    }
    return static_cast<const TlsContext*>(&tls_);
  }

  Session session_of(const Origin& origin) {
    if (!origin.tls) return nullptr;
    const std::string place = origin.place();
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [known, kept] : sessions_) {
      if (known != place) continue;
      SSL_SESSION_up_ref(kept.get());
      return Session(kept.get());
    }
    return nullptr;
  }

  void forget_session(const Origin& origin) {
    const std::string place = origin.place();
    std::lock_guard<std::mutex> lock(mutex_);
    const auto is_it = [&](const auto& session) { return session.first == place; };
    sessions_.erase(std::remove_if(sessions_.begin(), sessions_.end(), is_it), sessions_.end());
  }

  const HttplibTransport::Options& options_;
  ConnectionPool* inherited_ = nullptr;
  const unsigned long process_ = process_id();
  const std::shared_ptr<std::atomic<int>> lookups_ = std::make_shared<std::atomic<int>>(0);
  FailedAddresses failed_;
  std::mutex tls_mutex_;
  TlsContext tls_;
  std::mutex mutex_;  // guards all below
  std::vector<Idle> idle_;
  std::vector<std::pair<std::string, Session>> sessions_;
};

/// What the copies of a transport share: the settings, and a pool for each process.
struct TransportState final : Shared::Object {
  explicit TransportState(HttplibTransport::Options given) : options(std::move(given)) {
    if (!options.proxy.empty()) return;
    for (const char* name : {"HTTPS_PROXY", "https_proxy"}) {
      if (!env_proxy.empty()) break;
      env_proxy = environment(name);
      env_proxy_name = name;
    }
    for (const char* name : {"NO_PROXY", "no_proxy"}) {
      if (env_no_proxy.empty()) env_no_proxy = environment(name);
    }
  }
  ~TransportState() override {
    const OpenSslErrors errors;
    ConnectionPool* const pool = shared_pool;
    if (pool && (pool->process() == process_id() || pool->is_at_rest())) delete pool;
  }

  /// The pool of this process. A child has one of its own, and leaves alone that of its parent,
  /// whose locks may be held by threads that the child does not have.
  ConnectionPool& pool() {
    ConnectionPool* current = shared_pool;
    while (!current || current->process() != process_id()) {
      auto fresh = std::make_unique<ConnectionPool>(options);
      if (!shared_pool.compare_exchange_strong(current, fresh.get())) continue;
      fresh->inherit(current);
      current = fresh.release();
    }
    return *current;
  }

  /// Completes an origin with its proxy. Returns what is wrong; empty: nothing.
  std::string find_proxy(Origin& origin) const {
    if (options.proxy == "direct") return {};
    const bool is_given = !options.proxy.empty();
    if (!is_given && (env_proxy.empty() || !origin.tls || is_loopback(origin.host) ||
                      is_exempt_by_environment(origin))) {
      return {};
    }
    origin.proxy_source = is_given ? "Options::proxy" : env_proxy_name;
    if (parse_proxy(is_given ? options.proxy : env_proxy, origin)) return {};
    return concat({origin.proxy_source, " must be http://[user:password@]host:port"});
  }
  bool is_exempt_by_environment(const Origin& origin) const {
    for (std::string_view list = env_no_proxy; !list.empty();) {
      const auto entry = list.substr(0, list.find_first_of(", \t"));
      list.remove_prefix((std::min)(entry.size() + 1, list.size()));
      if (!entry.empty() && is_exempt(entry, origin.host, origin.port)) return true;
    }
    return false;
  }

  const HttplibTransport::Options options;
  std::string env_proxy, env_no_proxy;
  std::string_view env_proxy_name;
  std::atomic<ConnectionPool*> shared_pool{nullptr};
};

}  // namespace detail

REALTIMEKIT_INLINE HttplibTransport::HttplibTransport() : HttplibTransport(Options{}) {}

REALTIMEKIT_INLINE HttplibTransport::HttplibTransport(Options options)
    : state_(new detail::TransportState(std::move(options))) {}

REALTIMEKIT_INLINE Result<HttpResponse> HttplibTransport::operator()(
    const HttpRequest& request) const {
  if (!state_.get()) return detail::refusal({"the transport has been moved from"});
  auto& state = static_cast<detail::TransportState&>(*state_.get());
  const detail::Limits limits(request);
  detail::Url url;
  if (!detail::parse_url(request.url, url))
    return detail::refusal({"url must be http(s)://host[:port]/path, percent-encoded"});
  for (const auto& [name, value] : request.headers) {
    if (detail::has_control_character(name) || detail::has_control_character(value)) {
      return detail::refusal({"headers: a control character"});
    }
  }
  detail::Origin origin;
  origin.tls = url.tls;
  origin.host = url.host;
  origin.port = url.port;
  if (auto problem = state.find_proxy(origin); !problem.empty()) return detail::refusal({problem});

  if (!limits.can_wait()) return detail::not_sent({"no descriptor is left"});
  const detail::OpenSslErrors errors;
  detail::ConnectionPool& pool = state.pool();
  for (;;) {
    auto connection = pool.take(origin);
    const bool is_kept = connection != nullptr;
    if (is_kept && connection->is_stale()) continue;
    if (!is_kept) {
      auto opened = pool.open(origin, limits);
      if (!opened) return std::move(opened).error();
      connection = *std::move(opened);
    }
    auto result = connection->exchange(request, url.target, limits);
    const bool is_lost = !result && result.error().kind != ErrorKind::decode;
    if (is_lost && is_kept && connection->has_sent_nothing() && !limits.are_reached()) continue;
    if (is_lost && result.error().kind != ErrorKind::canceled) pool.drop(origin);
    if (!is_kept && !is_lost) pool.keep_session(*connection);
    if (connection->is_reusable()) pool.put_back(std::move(connection));
    return result;
  }
}

}  // namespace v0
}  // namespace realtimekit
#endif  // REALTIMEKIT_NO_HTTPLIB

#ifdef _MSC_VER
#pragma warning(pop)
#endif
#undef REALTIMEKIT_INLINE
#undef REALTIMEKIT_EXCEPTIONS
#endif  // implementation
