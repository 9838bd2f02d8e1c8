// realtimekit.hpp - Cloudflare RealtimeKit for C++17, in one header.
// SPDX-License-Identifier: MIT
//
// A client of RealtimeKit's REST API: create a livestream, get its ingest server, stream key and
// playback URL. It never creates one twice, never hangs, and prints no secret.
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
//       >>models        Livestream, LivestreamSession, Page
//       >>operations    livestreams::Create, Get, List; how to write your own
//       >>pipeline      to_http, from_http, retry_delay: pure functions for any event loop
//       >>transport     what a transport is; HttplibTransport, the default
//       >>client        BasicClient, Client, Pages
//     Implementation
//       >>basics        cancellation, printing of errors
//       >>text          UTF-8, percent-encoding, URLs, dates, redaction
//       >>json          decoding in one pass, encoding, printing
//       >>requests      to_http and from_env
//       >>answers       from_http and the making of errors
//       >>retries       retry_delay and the attempts of one call
//       >>pages         where a list ends
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
//     are values, like a std::string. HttplibTransport runs each connection on a thread of its own,
//     with all signals blocked, and joins it when its last copy is destroyed. Do not use one client
//     on both sides of a fork().
//
// SECRETS
//     The API token and stream keys are of type Secret: they print as *** and are wiped from memory
//     when destroyed. No message, printed model or Error::body shows one. Result::response(), the
//     raw answer, and HttpRequest::headers do hold them. TLS 1.2 or newer, certificate and host
//     name verified, always.
//
// MACROS (none changes the layout or the meaning of a type; none is defined unless you do)
//     REALTIMEKIT_NO_HTTPLIB            leaves out HttplibTransport and Client
//     REALTIMEKIT_SEPARATE_COMPILATION  gives the interface half only
//     REALTIMEKIT_IMPLEMENTATION        in one .cpp, with the one above: compiles the other half
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

#include <chrono>       // timeouts, times of the API
#include <cstddef>      // size_t
#include <cstdint>      // int64_t
#include <iosfwd>       // ostream, for operator<<
#include <iterator>     // Pages
#include <optional>     // fields that may be absent
#include <stdexcept>    // runtime_error
#include <string>       // text
#include <string_view>  // constants
#include <type_traits>  // checks of transports and operations
#include <utility>      // move, pair
#include <vector>       // lists

namespace realtimekit {
inline namespace v0 {

namespace detail {
struct Access;  // reaches what is private to the values below
struct Operation;
struct Table;
void wipe(std::string& text) noexcept;

/// An object of the implementation half, owned by all copies together. In place of std::shared_ptr,
/// as <memory> would take a quarter longer to compile than all else that this half includes.
class Shared {
 public:
  struct Object;

  Shared() = default;
  explicit Shared(Object* fresh) noexcept : object_(fresh) {}
  explicit Shared(Object& owned) noexcept;  // by another Shared
  Shared(const Shared& other) noexcept;
  Shared(Shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
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
  /// Empty if the text is not an ISO 8601 date, or date and time. Without a zone it is taken as
  /// UTC.
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

namespace detail {
class CancelHook {
 public:
  CancelHook() = default;
  CancelHook(const CancelHook&) = delete;
  CancelHook& operator=(const CancelHook&) = delete;
  virtual void run() = 0;

 protected:
  ~CancelHook() = default;
  void attach(const CancelToken& token);
  void detach() noexcept;

 private:
  friend CancelToken;
  CancelToken token_;
  CancelHook* next_ = nullptr;  // of the same token
};
}  // namespace detail

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
  std::chrono::milliseconds timeout{30000};   ///< from connect to the last byte of the answer
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
  decode            ///< the server answered 2xx, but not with what was promised
};
std::string_view to_string(ErrorKind kind) noexcept;

/// What a failed call left behind.
enum class Delivery {
  not_sent,  ///< the server cannot have acted on it: safe to repeat
  unknown,   ///< it may have acted
  answered   ///< it answered
};
std::string_view to_string(Delivery delivery) noexcept;

/// One of the server's own messages. Code 0: it gave none.
struct ApiMessage {
  int code = 0;
  std::string message{};
};

/// Why a call failed. No part of it holds a secret; body has them masked.
struct Error {
  ErrorKind kind = ErrorKind::transport;
  Delivery delivery = Delivery::unknown;
  int status = 0;                    ///< HTTP status; 0 without an answer
  int code = 0;                      ///< the first code in errors, such as 10000 for a bad token
  std::string message{};             ///< the server's own words where it said any
  std::vector<ApiMessage> errors{};  ///< all that the server listed, causes after their effect
  std::string request_id{};          ///< Cloudflare's cf-ray, for a support ticket
  std::optional<std::chrono::seconds> retry_after{};  ///< the server's wish, if it was a valid one
  int attempts = 0;    ///< how often the request was tried; 0 if never
  std::string body{};  ///< the start of an answer that is not a success (up to 4 KiB)

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

  /// The error; a default-constructed one where there is a value.
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
/// never sent, or on 429. The n-th wait is min(base * 2^(n-1), cap), less up to a quarter of it at
/// random; a valid Retry-After replaces it.
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
  Secret api_token{};        ///< Cloudflare API token that may edit RealtimeKit in that account
  /// https, or http to a loopback host; a path is kept.
  std::string base_url = "https://api.cloudflare.com/client/v4";
  std::chrono::milliseconds timeout{30000};        ///< one attempt, body included
  std::chrono::milliseconds total_timeout{60000};  ///< all attempts and the waits between them
  RetryPolicy retry{};
  std::size_t max_response_bytes = 8u << 20;  ///< a longer answer is cut off and refused
  Headers headers{};                          ///< sent with every request, such as a User-Agent
  bool allow_plain_http = false;  ///< true: http to any host. The token travels readable by all

  /// From CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, REALTIMEKIT_APP_ID and, where set,
  /// CLOUDFLARE_BASE_URL. Blanks and quotes around a value are dropped, and "Bearer " before the
  /// token. Error: invalid_request, naming the variables that are missing. Reads the environment:
  /// do not call it while another thread changes that.
  static Result<Config> from_env();
};

/// What one call may ask for itself.
struct CallOptions {
  std::optional<std::chrono::milliseconds> total_timeout{};  ///< default: Config::total_timeout
  CancelToken cancel{};                                      ///< default: never
};

// >>fields ----------------------------------------------------------------------------------------
//
// A struct lists its fields once, each with its name on the wire:
//
//     struct Poll {
//       std::string question{};
//       std::vector<std::string> options{};
//       template <class Fields> static void fields(Fields& field) {
//         field("question", &Poll::question);
//         field("options", &Poll::options);
//       }
//     };
//
// That one list drives requests, answers and printing. A field is a std::string, Secret, Timestamp,
// RawJson, bool, int, std::int64_t, double, a type derived from OpenEnum, another such struct, or a
// std::optional or std::vector of these. A std::vector of std::pair<std::string, T> is an object
// whose names are yours. Fields have default values, as an answer may lack any of them. A struct in
// which nothing is present is absent itself.
//
// Where the server wraps a struct, or a list of it, once more under a name, the struct says so:
//
//       static constexpr std::string_view wrappers[] = {"poll", "polls"};

/// What a field is beside its name.
enum class Role {
  plain,
  flat  ///< what it holds may also stand where the struct itself is expected
};

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
  const Table& (*table)() = nullptr;                      // object
};

struct Field {
  std::string_view name;
  const Type* type;
  std::size_t offset;
  Role role;
};

Table* new_table(const std::string_view* wrappers, std::size_t wrapper_count);
void add(Table& table, const Field& field);

struct Access {
  static std::string& text(std::string& value) { return value; }
  template <class T> static std::string& text(T& value) { return value.text_; }
  template <class T> static T& value(Result<T>& result) { return result.value_; }
  template <class T> static Outcome& outcome(Result<T>& result) { return result.outcome_; }
  template <class T> static Result<T> result() { return Result<T>{}; }
  static Shared& state(CancelToken& token) { return token.state_; }
  static const Shared& state(const CancelToken& token) { return token.state_; }
};

template <class T> const Type& type_of();
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
template <class T> struct TypeOf<std::optional<T>> {
  static constexpr Type make() {
    return {Kind::optional,  nullptr,        type_of<T>,
            add_optional<T>, optional_at<T>, clear_optional<T>};
  }
};
template <class T> struct TypeOf<std::vector<T>> {
  static constexpr Type make() {
    return {Kind::list, nullptr, type_of<T>, add_to_list<T>, list_at<T>, clear_list<T>};
  }
};

template <class T> struct TypeOf<std::pair<std::string, T>> {
  static constexpr Type make() {
    return {Kind::entry, name_of_entry<T>, type_of<T>, nullptr, value_of_entry<T>};
  }
};

template <class T> const Type& type_of() {
  static constexpr Type type = TypeOf<T>::make();
  return type;
}

/// Collects the fields that T::fields lists.
template <class T> class Fields {
 public:
  Fields(const T& sample, Table& table) : sample_(sample), table_(table) {}
  template <class Owner, class M>  // the owner is T or a base of it
  void operator()(std::string_view name, M Owner::*member, Role role = Role::plain) {
    const char* begin = reinterpret_cast<const char*>(&sample_);
    const char* at = reinterpret_cast<const char*>(&(sample_.*member));
    add(table_, {name, &type_of<M>(), static_cast<std::size_t>(at - begin), role});
  }

 private:
  const T& sample_;  // an object, as the place of a member is only defined within one
  Table& table_;
};

template <class T, class = void> struct Wrappers {
  static constexpr const std::string_view* begin = nullptr;
  static constexpr std::size_t count = 0;
};
template <class T> struct Wrappers<T, std::void_t<decltype(T::wrappers)>> {
  static constexpr const std::string_view* begin = T::wrappers;
  static constexpr std::size_t count = sizeof(T::wrappers) / sizeof(T::wrappers[0]);
};

template <class T> const Table& table_of() {
  static const Table* const table = [] {
    const T sample{};
    Table* fresh = new_table(Wrappers<T>::begin, Wrappers<T>::count);
    Fields<T> fields{sample, *fresh};
    T::fields(fields);
    return fresh;
  }();
  return *table;
}

template <class T, class = void> inline constexpr bool has_fields_v = false;
template <class T>
inline constexpr bool has_fields_v<T, decltype(T::fields(std::declval<Fields<T>&>()))> = true;

std::string print(const Type& type, const void* value);
void print(std::ostream& out, const std::string& text);

}  // namespace detail

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
inline std::ostream& operator<<(std::ostream& out, const RawJson& value) {
  return detail::print(out, detail::print(detail::type_of<RawJson>(), &value)), out;
}
template <class Derived>
std::ostream& operator<<(std::ostream& out, const OpenEnum<Derived>& value) {
  return detail::print(out, value.text()), out;
}

// >>models ----------------------------------------------------------------------------------------
//
// What the server sends. Decoding takes what the server really sends, not what its schema says:
// null and absent alike, numbers and booleans also as text, one object for a list and the reverse,
// unknown fields ignored, unknown values of an OpenEnum kept.

/// What a livestream is doing. The published guide shows a new one as OFFLINE, the reference as
/// INVOKED.
struct LivestreamStatus : OpenEnum<LivestreamStatus> {
  using OpenEnum::OpenEnum;
  static constexpr Value live{"LIVE"};        ///< video arrives
  static constexpr Value idle{"IDLE"};        ///< none arrives
  static constexpr Value errored{"ERRORED"};  ///< see LivestreamSession::err_message
  static constexpr Value invoked{"INVOKED"};  ///< started, not yet live
  static constexpr Value offline{"OFFLINE"};  ///< created, never started
};

/// A livestream: where to publish and where to watch. Routes send different parts of it; what a
/// route leaves out stays empty.
struct Livestream {
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

  template <class Fields> static void fields(Fields& field) {
    field("id", &Livestream::id);
    field("name", &Livestream::name);
    field("status", &Livestream::status);
    field("ingest_server", &Livestream::ingest_server);
    field("stream_key", &Livestream::stream_key);
    field("playback_url", &Livestream::playback_url);
    field("meeting_id", &Livestream::meeting_id);
    field("disabled", &Livestream::disabled);
    field("created_at", &Livestream::created_at);
    field("updated_at", &Livestream::updated_at);
    field("ingest_seconds", &Livestream::ingest_seconds);
    field("viewer_seconds", &Livestream::viewer_seconds);
    field("org_id", &Livestream::org_id);
  }
};

/// One broadcast of a livestream.
struct LivestreamSession {
  std::string id{};
  std::string livestream_id{};
  std::optional<std::string> err_message{};  ///< why it failed
  Timestamp invoked_time{};
  Timestamp started_time{};
  Timestamp stopped_time{};
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<double>
      ingest_seconds{};  ///< 60 in the first minute: a placeholder of the server's
  std::optional<double> viewer_seconds{};  ///< the same

  template <class Fields> static void fields(Fields& field) {
    field("id", &LivestreamSession::id);
    field("livestream_id", &LivestreamSession::livestream_id);
    field("err_message", &LivestreamSession::err_message);
    field("invoked_time", &LivestreamSession::invoked_time);
    field("started_time", &LivestreamSession::started_time);
    field("stopped_time", &LivestreamSession::stopped_time);
    field("created_at", &LivestreamSession::created_at);
    field("updated_at", &LivestreamSession::updated_at);
    field("ingest_seconds", &LivestreamSession::ingest_seconds);
    field("viewer_seconds", &LivestreamSession::viewer_seconds);
  }
};

/// Which part of a list an answer holds. Offsets count from 1.
struct Paging {
  std::int64_t total_count = 0;
  std::int64_t start_offset = 0;
  std::int64_t end_offset = 0;

  template <class Fields> static void fields(Fields& field) {
    field("total_count", &Paging::total_count);
    field("start_offset", &Paging::start_offset);
    field("end_offset", &Paging::end_offset);
  }
};

/// One page of a list.
template <class T> struct Page {
  std::vector<T> items{};
  std::optional<Paging> paging{};

  template <class Fields> static void fields(Fields& field) {
    field("data", &Page::items, Role::flat);
    field("paging", &Page::paging);
  }
};

/// A livestream with its broadcasts.
struct LivestreamDetails {
  Livestream livestream{};
  std::vector<LivestreamSession> sessions{};
  std::optional<Paging> paging{};  ///< of sessions

  template <class Fields> static void fields(Fields& field) {
    field("livestream", &LivestreamDetails::livestream, Role::flat);
    field("sessions", &LivestreamDetails::sessions);
    field("paging", &LivestreamDetails::paging);
  }
};

// >>operations ------------------------------------------------------------------------------------
//
// An operation is data: a struct whose fields are its parameters. One of your own, for a route that
// this header lacks, has the same four members and is sent in the same way:
//
//     struct StopLivestream {
//       static constexpr rtk::Route route{
//           rtk::Method::post,
//           "/accounts/{account_id}/realtime/kit/{app_id}/meetings/{meeting_id}"
//           "/active-livestream/stop",
//           rtk::Repeat::harmful};
//       using Response = Stopped;                           // a struct with fields()
//       std::string meeting_id{};
//       template <class Fields> static void fields(Fields& field) {
//         field("meeting_id", &StopLivestream::meeting_id);
//       }
//     };
//
// A field named in the path goes there; the others go into the query of a GET or DELETE and into
// the JSON body of the rest. An absent optional is not sent. {account_id} and {app_id} come from
// the Config.

/// Whether sending a request twice can do harm.
enum class Repeat {
  harmless,  ///< twice is the same as once: may be tried again after a failure
  harmful    ///< twice may create two things: tried again only if the server cannot have acted
};

/// Verb and path of an operation.
struct Route {
  Method method;
  std::string_view path;  ///< below Config::base_url, with {names} of fields
  Repeat repeat;
};

namespace livestreams {

/// POST /accounts/{account_id}/realtime/kit/{app_id}/livestreams
/// Creates a livestream that belongs to no meeting: publish to it with any RTMPS encoder.
/// There is no way to delete one. Equal names give separate livestreams.
struct Create {
  static constexpr Route route{
      Method::post, "/accounts/{account_id}/realtime/kit/{app_id}/livestreams", Repeat::harmful};
  static constexpr std::string_view promises[] = {"id", "ingest_server", "stream_key",
                                                  "playback_url"};
  using Response = Livestream;

  std::optional<std::string> name{};  ///< published rule: letters, digits, '-' and '_'

  template <class Fields> static void fields(Fields& field) { field("name", &Create::name); }
};

/// GET /accounts/{account_id}/realtime/kit/{app_id}/livestreams/{livestream_id}
/// One livestream and a page of its broadcasts.
struct Get {
  static constexpr Route route{
      Method::get, "/accounts/{account_id}/realtime/kit/{app_id}/livestreams/{livestream_id}",
      Repeat::harmless};
  static constexpr std::string_view promises[] = {"livestream.id"};
  using Response = LivestreamDetails;

  std::string livestream_id{};    ///< required
  std::optional<int> page_no{};   ///< of sessions, from 1
  std::optional<int> per_page{};  ///< of sessions

  template <class Fields> static void fields(Fields& field) {
    field("livestream_id", &Get::livestream_id);
    field("page_no", &Get::page_no);
    field("per_page", &Get::per_page);
  }
};

/// By time of creation.
struct SortOrder : OpenEnum<SortOrder> {
  using OpenEnum::OpenEnum;
  static constexpr Value ascending{"ASC"};
  static constexpr Value descending{"DSC"};  // as livestreams spell it
};

/// GET /accounts/{account_id}/realtime/kit/{app_id}/livestreams
/// The app's livestreams, independent ones and those of meetings.
struct List {
  static constexpr Route route{
      Method::get, "/accounts/{account_id}/realtime/kit/{app_id}/livestreams", Repeat::harmless};
  using Response = Page<Livestream>;

  std::optional<int> page_no{};            ///< from 1
  std::optional<int> per_page{};           ///< items on a page
  LivestreamStatus status{};               ///< only these
  std::optional<bool> exclude_meetings{};  ///< true: only independent livestreams
  SortOrder sort_order{};
  Timestamp start_time{};  ///< created at this time or later
  Timestamp end_time{};    ///< created at this time or earlier

  template <class Fields> static void fields(Fields& field) {
    field("page_no", &List::page_no);
    field("per_page", &List::per_page);
    field("status", &List::status);
    field("exclude_meetings", &List::exclude_meetings);
    field("sort_order", &List::sort_order);
    field("start_time", &List::start_time);
    field("end_time", &List::end_time);
  }
};

using realtimekit::operator<<;  // printing an operation finds it here
using realtimekit::to_string;

}  // namespace livestreams

// >>pipeline --------------------------------------------------------------------------------------

namespace detail {

/// What the engine knows of an operation.
struct Operation {
  const Route& route;
  const Type& parameters;
  const Type& response;
  const std::string_view* promises;  // fields of the response that must not be empty
  std::size_t promise_count;
};

template <class Op, class = void> inline constexpr bool is_operation_v = false;
template <class Op> inline constexpr bool
    is_operation_v<Op, std::enable_if_t<std::is_same_v<decltype(Op::route), const Route> &&
                                        has_fields_v<Op> && has_fields_v<typename Op::Response>>> =
        true;

template <class Op, class = void> struct Promises {
  static constexpr const std::string_view* begin = nullptr;
  static constexpr std::size_t count = 0;
};
template <class Op> struct Promises<Op, std::void_t<decltype(Op::promises)>> {
  static constexpr const std::string_view* begin = Op::promises;
  static constexpr std::size_t count = sizeof(Op::promises) / sizeof(Op::promises[0]);
};

template <class Op> Operation operation() {
  static_assert(is_operation_v<Op>,
                "realtimekit: an operation needs route, Response and fields(), and its Response "
                "needs fields(); search for >>operations in realtimekit.hpp");
  return {Op::route, type_of<Op>(), type_of<typename Op::Response>(), Promises<Op>::begin,
          Promises<Op>::count};
}

Result<HttpRequest> to_http(const Config& config, const Operation& operation,
                            const void* parameters);
void from_http(const Operation& operation, HttpResponse response, void* value, Outcome& outcome);

}  // namespace detail

/// The request of an operation, checked. Error: invalid_request, naming the field and the rule.
template <class Op> Result<HttpRequest> to_http(const Config& config, const Op& op) {
  return detail::to_http(config, detail::operation<Op>(), &op);
}

/// The meaning of an answer to the operation Op. Error: api or decode.
template <class Op> Result<typename Op::Response> from_http(HttpResponse response) {
  auto result = detail::Access::result<typename Op::Response>();
  detail::from_http(detail::operation<Op>(), std::move(response), &detail::Access::value(result),
                    detail::Access::outcome(result));
  return result;
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

#ifndef REALTIMEKIT_NO_HTTPLIB
/// The default transport: cpp-httplib with OpenSSL. TLS 1.2 or newer; the certificate is verified,
/// its host name against the subject alternative names only. Keeps connections alive and shares
/// them between calls; any number of threads may use one at the same time. Copies share their
/// connections.
class HttplibTransport {
 public:
  struct Options {
    std::string ca_file{};  ///< PEM; trusted instead of the system's certificates
    std::string ca_dir{};   ///< hashed directory; with ca_file: both. Default: the system's store,
                            ///< or SSL_CERT_FILE and SSL_CERT_DIR where set
    std::string proxy{};    ///< "http://[user:password@]host:port"; "direct": none. Default:
                            ///< HTTPS_PROXY and NO_PROXY, for https to hosts that are not loopback
    std::chrono::milliseconds connect_timeout{5000};  ///< TCP and TLS, for each address of the host
    std::size_t max_idle_connections = 16;            ///< kept for the next calls
    std::chrono::seconds idle_timeout{60};            ///< then an idle connection is closed
  };

  HttplibTransport();
  explicit HttplibTransport(Options options);

  /// Errors: invalid_request (URL, proxy or CA file not usable), transport, timeout, canceled,
  /// decode (the answer is longer than max_response_bytes).
  Result<HttpResponse> operator()(const HttpRequest& request) const;

 private:
  detail::Shared pool_;
};
#endif

// >>client ----------------------------------------------------------------------------------------

namespace detail {

/// A transport of any type, for the engine. Does not own it.
struct TransportRef {
  void* transport;
  Result<HttpResponse> (*call)(void* transport, const HttpRequest& request);
};

/// All attempts of one call.
void send(const Config& config, const CallOptions& options, TransportRef transport,
          const Operation& operation, const void* parameters, void* value, Outcome& outcome);

/// How far a list has been read.
class PageCount {
 public:
  enum class Verdict { more, last, repeated };
  /// Takes note of a page that has come. first: of its items, if it has any.
  Verdict add(const Type& item, const void* first, std::size_t count,
              const std::optional<Paging>& paging);

 private:
  std::int64_t items_ = 0;
  std::vector<std::string> firsts_;  // what tells the pages so far apart
};
Error repeated_page(int page_no);

template <class Op, class = void> inline constexpr bool has_pages_v = false;
template <class Op>
inline constexpr bool has_pages_v<Op, std::void_t<decltype(std::declval<Op&>().page_no)>> = true;

}  // namespace detail

/// The items of a list operation, page after page, each fetched when it is needed. A range to go
/// through once. Its elements are Result<Item>: a failed request is the last of them, as is a page
/// that the server sends a second time (ErrorKind::decode).
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

  Pages(const Client& client, Op op, CallOptions options)
      : client_(client), op_(std::move(op)), options_(std::move(options)) {}

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
    int page_no = 1;
    if constexpr (detail::has_pages_v<Op>) {
      page_no = op_.page_no.value_or(page_no);
      op_.page_no = page_no;
    }
    auto page = client_.send(op_, options_);
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
      is_last_ = !page->paging;  // such a list has one page, whatever is asked for
      if (!is_last_) return item_ = Item(detail::repeated_page(page_no)), false;
    }
    if constexpr (detail::has_pages_v<Op>) op_.page_no = page_no + 1;
    return true;
  }

  const Client& client_;
  Op op_;
  CallOptions options_;
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
  explicit BasicClient(Config config, Transport transport = Transport{})
      : config_(std::move(config)), transport_(std::move(transport)) {}

  /// Sends one operation and waits for its answer: `client.send(livestreams::Create{"launch"})`.
  /// Returns within total_timeout, if the transport keeps to request.timeout.
  template <class Op>
  Result<typename Op::Response> send(const Op& op, const CallOptions& options = {}) const {
    auto result = detail::Access::result<typename Op::Response>();
    detail::send(config_, options, {&transport_, call}, detail::operation<Op>(), &op,
                 &detail::Access::value(result), detail::Access::outcome(result));
    return result;
  }

  /// All items of a list operation, from its page_no on (default: 1):
  /// `for (auto& live : client.pages(livestreams::List{})) if (live) use(*live);`
  /// options count for each request. The client must outlive the range.
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

  Config config_;
  mutable Transport transport_;  // its call operator may be non-const, as a mutable lambda's is
};

#ifndef REALTIMEKIT_NO_HTTPLIB
/// The client for most programs. `Client client{*config};` or, with options of the transport,
/// `Client client{*config, HttplibTransport{options}};`
using Client = BasicClient<HttplibTransport>;
#endif

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

#ifdef REALTIMEKIT_IMPLEMENTATION
#define REALTIMEKIT_INLINE
#else
#define REALTIMEKIT_INLINE inline
#endif

#include <algorithm>           // min
#include <atomic>              // reference counts
#include <cmath>               // isfinite
#include <condition_variable>  // waiting for an answer or a cancel
#include <cstdio>              // snprintf, sscanf, fputs
#include <cstdlib>             // getenv, abort, strtod
#include <limits>              // ranges of numbers
#include <mutex>               // cancel state, connections
#include <ostream>             // operator<<
#include <thread>              // sleep, connections

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

inline Error failure(ErrorKind kind, Delivery delivery, std::string message) {
  Error error;
  error.kind = kind;
  error.delivery = delivery;
  error.message = std::move(message);
  return error;
}

inline Error refusal(std::string message) {
  return failure(ErrorKind::invalid_request, Delivery::not_sent, std::move(message));
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
  text.resize(text.capacity());    // what an earlier, longer text has left behind too
  volatile char* p = text.data();  // volatile: nobody reads it again, so a plain store is dropped
  for (std::size_t i = 0; i < text.size(); ++i) p[i] = 0;
  text.clear();
}

struct CancelState final : Shared::Object {
  std::recursive_mutex mutex;  // held while hooks run: a hook's owner waits for it in detach()
  std::condition_variable_any changed;
  std::atomic<bool> canceled{false};
  CancelHook* hooks = nullptr;

  static CancelState* of(const CancelToken& token) {
    return static_cast<CancelState*>(Access::state(token).get());
  }
};

REALTIMEKIT_INLINE void CancelHook::attach(const CancelToken& token) {
  CancelState* state = CancelState::of(token);
  if (!state) return;
  std::lock_guard<std::recursive_mutex> lock(state->mutex);
  if (state->canceled) return run();
  token_ = token;
  next_ = std::exchange(state->hooks, this);
}

REALTIMEKIT_INLINE void CancelHook::detach() noexcept {
  CancelState* state = CancelState::of(token_);
  if (!state) return;
  std::lock_guard<std::recursive_mutex> lock(state->mutex);
  CancelHook** place = &state->hooks;
  while (*place && *place != this) place = &(*place)->next_;
  if (*place) *place = next_;
}

}  // namespace detail

REALTIMEKIT_INLINE CancelToken CancelToken::create() {
  CancelToken token;
  token.state_ = detail::Shared{new detail::CancelState};
  return token;
}

REALTIMEKIT_INLINE void CancelToken::cancel() const {
  detail::CancelState* state = detail::CancelState::of(*this);
  if (!state) return;
  std::lock_guard<std::recursive_mutex> lock(state->mutex);
  state->canceled = true;
  state->changed.notify_all();
  while (detail::CancelHook* hook = state->hooks) {
    state->hooks = hook->next_;
    hook->run();
  }
}

REALTIMEKIT_INLINE bool CancelToken::canceled() const noexcept {
  const detail::CancelState* state = detail::CancelState::of(*this);
  return state && state->canceled;
}

REALTIMEKIT_INLINE bool CancelToken::wait_for(std::chrono::milliseconds time) const {
  detail::CancelState* state = detail::CancelState::of(*this);
  if (!state) return std::this_thread::sleep_for(time), false;
  std::unique_lock<std::recursive_mutex> lock(state->mutex);
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
  if (status) line += " (HTTP " + std::to_string(status) + ")";
  line += ": " + message;
  if (code && code != status) line += " [code " + std::to_string(code) + "]";
  line += " (";
  line += realtimekit::to_string(delivery);
  if (attempts > 1) line += ", " + std::to_string(attempts) + " attempts";
  if (retry_after) line += ", retry after " + std::to_string(retry_after->count()) + " s";
  if (!request_id.empty()) line += ", cf-ray " + request_id;
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

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) equal = lower(a[i]) == lower(b[i]);
  return equal;
}

/// Whether a text has only ASCII characters that print, and none of those given.
inline bool is_plain(std::string_view text, std::string_view without = {}) {
  for (const char c : text) {
    if (c < ' ' || c >= 0x7f || without.find(c) != without.npos) return false;
  }
  return true;
}

inline bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

/// Everything but letters, digits and -._~ as %XX: right in any part of a URL.
inline std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      constexpr char digits[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

inline std::string percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    return static_cast<int>(digits.find(lower(c)));
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += is_escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (is_escape) i += 2;
  }
  return out;
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

  const auto authority = text.substr(0, text.find_first_of("/?#"));
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
  if (host.empty() || host.size() > 253) return false;
  for (char c : host) {
    c = lower(c);
    const bool digit = c >= '0' && c <= '9';
    const bool ok = bracketed ? digit || (c >= 'a' && c <= 'f') || c == ':' || c == '.'
                              : digit || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
    if (!ok) return false;
    url.host += c;
  }

  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    if (port.size() > 5 || port.find_first_not_of("0123456789") != port.npos) return false;
    url.port = std::atoi(std::string(port).c_str());
    if (url.port < 1 || url.port > 65535) return false;
  }
  return true;
}

inline bool is_loopback(std::string_view host) {
  constexpr std::string_view suffix = ".localhost";
  const bool under_localhost =
      host.size() > suffix.size() && host.substr(host.size() - suffix.size()) == suffix;
  const bool ipv4 =
      host.substr(0, 4) == "127." && host.find_first_not_of("0123456789.") == host.npos;
  return host == "localhost" || under_localhost || ipv4 || host == "::1";
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

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110), in seconds since 1970.
inline std::optional<std::int64_t> parse_http_date(const std::string& text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char name[4] = {};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, end = 0;
  const int found = std::sscanf(text.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
                                &day, name, &year, &hour, &minute, &second, &end);
  const auto month = months.find(name);
  if (found != 6 || end != static_cast<int>(text.size()) || month == months.npos ||
      month % 3 != 0 || day < 1 || day > 31 || year < 1900 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60) {
    return {};
  }
  return unix_seconds(year, static_cast<int>(month) / 3 + 1, day, hour, minute, second);
}

/// How long a text is that began with an opener, such as a quote after so many backslashes.
inline std::size_t enclosed_size(std::string_view text, char opener, std::size_t escapes) {
  if (opener == ' ') return (std::min)(text.find_first_of("\\\"'<>,;&{}[] \t\r\n"), text.size());
  if (opener == '[') return (std::min)(text.find(']'), text.size());
  if (opener == '{') return (std::min)(text.find('}'), text.size());
  std::size_t backslashes = 0;  // more of them than at the opener: the quote is a part of the text
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == opener && backslashes <= escapes) return i - backslashes;
    backslashes = text[i] == '\\' ? backslashes + 1 : 0;
  }
  return text.size();
}

/// A text with what is secret in it masked: a given secret wherever it stands, and the values of
/// members and parameters that hold secrets, in text of any form: JSON, also cut off or inside a
/// string, HTML.
inline std::string redacted(std::string_view text, std::string_view secret = {}) {
  constexpr std::string_view names[] = {"stream_key", "streamkey", "token",      "authorization",
                                        "secret",     "password",  "access_key", "private_key"};
  std::string out;
  while (!text.empty()) {
    std::size_t plain = 1, masked = 0;                 // lengths
    const auto start = secret.substr(0, text.size());  // of a secret at the end of a cut text
    if (!secret.empty() && start.size() >= (std::min)(secret.size(), std::size_t{4}) &&
        text.substr(0, start.size()) == start) {
      plain = 0;
      masked = start.size();
    } else if (text[0] != '"') {
      for (const auto name : names) {
        if (!equal_ignoring_case(text.substr(0, name.size()), name)) continue;
        const auto sign = text.find_first_not_of("\\\"' \t\r\n", name.size());
        if (sign == text.npos || (text[sign] != ':' && text[sign] != '=')) continue;
        plain = (std::min)(text.find_first_not_of("\\ \t\r\n", sign + 1), text.size());
        const auto escapes = plain - 1 - text.find_last_not_of('\\', plain - 1);
        const char opener = plain < text.size() ? text[plain] : ' ';
        const bool is_enclosed = std::string_view("\"'[{").find(opener) != std::string_view::npos;
        if (is_enclosed) ++plain;
        constexpr std::string_view scheme = "Bearer ";
        if (equal_ignoring_case(text.substr(plain, scheme.size()), scheme)) plain += scheme.size();
        masked = enclosed_size(text.substr(plain), is_enclosed ? opener : ' ', escapes);
        const bool is_word = text[sign] == ':' && !is_enclosed && masked < 8;
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

/// At most so many bytes of a text, cut between characters, on one line.
inline std::string excerpt(std::string_view text, std::size_t size) {
  if (text.size() > size) {
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text = text.substr(0, size);
  }
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

REALTIMEKIT_INLINE void print(std::ostream& out, const std::string& text) { out << text; }

}  // namespace detail

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

REALTIMEKIT_INLINE std::optional<Timestamp::time_point> Timestamp::time() const {
  std::string_view rest = text_;
  const auto number = [&](std::size_t digits) {
    int value = 0;
    for (; digits > 0 && !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; --digits) {
      value = value * 10 + (rest[0] - '0');
      rest.remove_prefix(1);
    }
    return digits == 0 ? value : -1;
  };
  const auto sign = [&](std::string_view any) {
    const bool found = !rest.empty() && any.find(rest[0]) != any.npos;
    if (found) rest.remove_prefix(1);
    return found;
  };
  const int year = number(4), month = sign("-") ? number(2) : -1, day = sign("-") ? number(2) : -1;
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  constexpr int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days[month - 1] ||
      (month == 2 && day == 29 && !is_leap)) {
    return {};
  }
  int hour = 0, minute = 0, second = 0, zone_minutes = 0;
  std::int64_t micros = 0;
  if (sign("Tt ")) {
    hour = number(2);
    minute = sign(":") ? number(2) : -1;
    second = sign(":") ? number(2) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return {};
    if (sign(".")) {
      std::int64_t unit = 100000;
      for (int digit = number(1); digit >= 0; digit = number(1), unit /= 10) micros += digit * unit;
    }
    const bool is_west = rest.substr(0, 1) == "-";
    if (sign("+-")) {
      const int hours = number(2);
      sign(":");
      const int minutes = number(2);
      if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return {};
      zone_minutes = (is_west ? -1 : 1) * (hours * 60 + minutes);
    } else {
      sign("Zz");
    }
  }
  if (!rest.empty()) return {};
  using namespace std::chrono;
  const seconds since{detail::unix_seconds(year, month, day, hour, minute, second) -
                      zone_minutes * 60};
  constexpr auto first = duration_cast<seconds>((time_point::min)().time_since_epoch());
  constexpr auto last = duration_cast<seconds>((time_point::max)().time_since_epoch());
  if (since <= first || since >= last) return {};  // the clock counts in nanoseconds, perhaps
  return time_point(duration_cast<time_point::duration>(since + microseconds(micros)));
}

REALTIMEKIT_INLINE const std::string* find_header(const Headers& headers,
                                                  std::string_view name) noexcept {
  for (const auto& header : headers) {
    if (detail::equal_ignoring_case(header.first, name)) return &header.second;
  }
  return nullptr;
}

namespace detail {

// >>json ------------------------------------------------------------------------------------------

struct Table {
  std::vector<Field> fields;
  const std::string_view* wrappers;  // names under which the server wraps such an object, or a list
  std::size_t wrapper_count;
};

REALTIMEKIT_INLINE Table* new_table(const std::string_view* wrappers, std::size_t wrapper_count) {
  return new Table{{}, wrappers, wrapper_count};
}
REALTIMEKIT_INLINE void add(Table& table, const Field& field) { table.fields.push_back(field); }

inline void* member(void* object, const Field& field) {
  return static_cast<char*>(object) + field.offset;
}
inline const void* member(const void* object, const Field& field) {
  return static_cast<const char*>(object) + field.offset;
}
inline const std::string& text_of(const Type& type, const void* value) {
  return type.text(const_cast<void*>(value));  // the accessor does not write
}

/// A text as JSON.
inline std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    }
  }
  return out += '"';
}

/// A JSON value that is neither object, array nor null: its text and, where it means one, its
/// number.
struct Scalar {
  std::string text;
  std::optional<double> number{};
  std::optional<std::int64_t> integer{};  // 0 and 1 of a boolean, too

  bool is_text() const { return !number && !integer; }
  std::string json() const { return is_text() ? quote(text) : text; }
};

inline Scalar whole_number(std::int64_t value) {
  return {std::to_string(value), static_cast<double>(value), value};
}

inline Scalar any_number(double value, std::string text) {
  constexpr double exact =
      9007199254740992.0;  // 2^53: up to here a double holds every whole number
  Scalar scalar{std::move(text), value};
  if (value >= -exact && value <= exact) {
    const auto whole = static_cast<std::int64_t>(value);
    const double rest = value - static_cast<double>(whole);
    if (!(rest < 0) && !(rest > 0)) scalar.integer = whole;
  }
  return scalar;
}

inline Scalar any_text(std::string text);

/// Whether a scalar can be written to a value of one of the simple kinds.
inline bool fits(Kind kind, Scalar& scalar) {
  const bool wants_number = kind >= Kind::boolean && kind <= Kind::number;
  if (wants_number && scalar.is_text()) scalar = any_text(std::move(scalar.text));
  switch (kind) {
    case Kind::text:
    case Kind::secret:
    case Kind::open_enum:
    case Kind::json: return true;
    case Kind::timestamp: return scalar.text != "null";  // seen
    case Kind::boolean: return scalar.integer == 0 || scalar.integer == 1;
    case Kind::int32:
      return scalar.integer && *scalar.integer >= (std::numeric_limits<int>::min)() &&
             *scalar.integer <= (std::numeric_limits<int>::max)();
    case Kind::int64: return scalar.integer.has_value();
    case Kind::number: return scalar.number.has_value();
    case Kind::optional:
    case Kind::list:
    case Kind::entry:
    case Kind::object: break;
  }
  return false;
}

inline void assign(const Type& type, void* value, Scalar scalar) {
  switch (type.kind) {
    case Kind::timestamp:
      while (!scalar.text.empty() && scalar.text.back() == '"') scalar.text.pop_back();  // seen
      [[fallthrough]];
    case Kind::text:
    case Kind::secret:
    case Kind::open_enum: type.text(value) = std::move(scalar.text); break;
    case Kind::boolean: *static_cast<bool*>(value) = *scalar.integer == 1; break;
    case Kind::int32: *static_cast<int*>(value) = static_cast<int>(*scalar.integer); break;
    case Kind::int64: *static_cast<std::int64_t*>(value) = *scalar.integer; break;
    case Kind::number: *static_cast<double*>(value) = *scalar.number; break;
    case Kind::json: type.text(value) = scalar.json(); break;
    case Kind::optional:
    case Kind::list:
    case Kind::entry:
    case Kind::object: break;
  }
}

/// The event parser of nlohmann. Its public door brings the binary formats along, which take longer
/// to compile than all the rest of it: where the inner door is known to be there, it is taken.
template <class Handler> bool parse_events(const char* begin, const char* end, Handler& handler) {
#if NLOHMANN_JSON_VERSION_MAJOR == 3 && NLOHMANN_JSON_VERSION_MINOR <= 12
  auto input = nlohmann::detail::input_adapter(begin, end);
  return nlohmann::detail::parser<nlohmann::json, decltype(input)>(std::move(input))
      .sax_parse(&handler);
#else
  return nlohmann::json::sax_parse(begin, end, &handler);
#endif
}

/// Fills structs from JSON text, in one pass over its events and by the fields() of the structs.
/// Takes what the server sends instead of what was expected, and leaves alone what it cannot take.
class Decoder {
 public:
  Decoder(const Type& type, void* value) : next_{&type, value} {}
  /// For a text that is one scalar.
  explicit Decoder(Scalar& scalar) : scalar_(&scalar) {}

  /// What the member "data" of the outermost object fills. Members that the outermost object does
  /// not know are looked up in it too.
  void set_data(const Type& type, void* value) { data_ = {&type, value}; }
  bool has_data() const { return has_data_; }

  /// Returns what is wrong with the text as JSON; empty: nothing. What came before that is decoded.
  std::string parse(const std::string& text) {
    if (parse_events(text.data(), text.data() + text.size(), *this)) return {};
    if (too_deep_) return "JSON nested deeper than " + std::to_string(max_depth) + " levels";
    return "not JSON: stopped at byte " + std::to_string(stop_) + " of " +
           std::to_string(text.size());
  }

  // The events, as nlohmann's parser calls them. Returning false ends the parsing.
  bool null() {
    if (copy_) return copy("null");
    if (skipped_ == 0) next_ = {};
    return true;
  }
  bool boolean(bool value) { return store({value ? "true" : "false", {}, value ? 1 : 0}); }
  bool number_integer(std::int64_t value) { return store(whole_number(value)); }
  bool number_unsigned(std::uint64_t value) {
    const bool small_enough = value <= std::uint64_t{(std::numeric_limits<std::int64_t>::max)()};
    return store(small_enough ? whole_number(static_cast<std::int64_t>(value))
                              : any_number(static_cast<double>(value), std::to_string(value)));
  }
  bool number_float(double value, const std::string& text) {
    return store(any_number(value, text));
  }
  bool string(std::string& value) { return store({std::move(value)}); }
  template <class Binary> bool binary(Binary&) { return true; }  // does not occur in JSON text
  bool start_object(std::size_t) { return open(Shape::object); }
  bool start_array(std::size_t) { return open(Shape::array); }
  bool end_object() { return close('}'); }
  bool end_array() { return close(']'); }
  bool key(std::string& name) {
    if (copy_) return copy(quote(name) + ':');
    if (skipped_ == 0) next_ = find(frames_[depth_ - 1].slot, name);
    return true;
  }
  template <class Cause> bool parse_error(std::size_t position, const std::string&, const Cause&) {
    stop_ = position;  // the texts are not used: they quote the input, which may hold secrets
    return false;
  }

 private:
  static constexpr std::size_t max_depth = 64;
  enum class Shape { scalar, object, array };  // of a JSON value that is not null

  /// Where a value goes; nowhere if type is null.
  struct Slot {
    const Type* type = nullptr;
    void* value = nullptr;  // null in a dry run
  };
  /// An object or array that is being read, and what it fills.
  struct Frame {
    Slot slot{};
    bool is_array = false;
    bool is_used = false;  // an array in place of a single value: its first element has come
  };

  static Slot slot_of(const Slot& object, const Field& field) {
    return {field.type, object.value ? member(object.value, field) : nullptr};
  }
  static Slot new_item(const Slot& slot) {
    return {&slot.type->item(), slot.value ? slot.type->add(slot.value) : nullptr};
  }
  static bool is_map(const Type& type) {
    return type.kind == Kind::list && type.item().kind == Kind::entry;
  }
  static Slot flat_field(const Slot& object) {
    for (const Field& field : object.type->table().fields) {
      if (field.role == Role::flat) return slot_of(object, field);
    }
    return {};
  }

  /// The place for a value of that shape: engages optionals, adds to lists, and takes the field
  /// that stands for a whole object. Type is null if it fits nowhere.
  static Slot settle(Slot slot, Shape shape) {
    while (slot.type) {
      const Kind kind = slot.type->kind;
      if (kind == Kind::json) return slot;
      if (is_map(*slot.type)) return shape == Shape::object ? slot : Slot{};
      if (kind == Kind::optional || (kind == Kind::list && shape != Shape::array)) {
        slot = new_item(slot);
      } else if (kind == Kind::object && shape != Shape::object) {
        const Slot flat = flat_field(slot);
        if (!flat.type && shape == Shape::array) return slot;  // the first element is meant
        slot = flat;
      } else {
        const bool is_scalar = kind != Kind::object && kind != Kind::list;
        return shape == Shape::object && is_scalar ? Slot{} : slot;
      }
    }
    return {};
  }
  static const Type* settled_type(const Slot& slot, Shape shape) {
    return settle({slot.type, nullptr}, shape).type;
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
  static bool is_plural(std::string_view plural, std::string_view singular) {
    return plural.size() == singular.size() + 1 && plural.back() == 's' &&
           plural.substr(0, singular.size()) == singular;
  }

  /// Whether the server puts an object, or the items of a page, into another object under a name.
  static bool is_wrapper(const Type& type, std::string_view name) {
    const Table& table = type.table();
    for (std::size_t i = 0; i < table.wrapper_count; ++i) {
      if (table.wrappers[i] == name) return true;
    }
    const Slot flat = flat_field({&type});
    const bool is_page = flat.type && flat.type->kind == Kind::list;
    return name == "data" || (is_page && flat.type->item().kind == Kind::object &&
                              is_wrapper(flat.type->item(), name));
  }

  /// What a name means in an object: one of its fields, also in the other grammatical number or the
  /// other spelling, or a field of what stands for the whole object.
  static Slot find_field(const Slot& object, std::string_view name) {
    const auto& fields = object.type->table().fields;
    for (const Field& field : fields) {
      const bool is_whole = field.role == Role::flat && name == "data";  // or the page once more
      if (field.name == name) return is_whole ? object : slot_of(object, field);
    }
    for (const Field& field : fields) {
      if (has_same_letters(field.name, name)) return slot_of(object, field);
    }
    for (const Field& field : fields) {
      const Type& type = field.type->kind == Kind::optional ? field.type->item() : *field.type;
      const bool may_be_many = type.kind == Kind::list || type.kind == Kind::object;
      if (may_be_many && (is_plural(field.name, name) || is_plural(name, field.name))) {
        return slot_of(object, field);
      }
    }
    Slot flat = flat_field(object);
    if (flat.type && flat.type->kind == Kind::list) {  // one object in place of a list
      const Type& item = flat.type->item();
      if (item.kind != Kind::object || !find_field({&item}, name).type) return {};
      const void* first = flat.value ? flat.type->at(flat.value, 0) : nullptr;
      flat = first ? Slot{&item, const_cast<void*>(first)} : new_item(flat);
    }
    return flat.type && flat.type->kind == Kind::object ? find_field(flat, name) : Slot{};
  }

  Slot find(const Slot& object, std::string_view name) const {
    if (is_map(*object.type)) {
      const Type& entry = object.type->item();
      void* fresh = object.type->add(object.value);
      entry.text(fresh) = name;
      return {&entry.item(), const_cast<void*>(entry.at(fresh, 0))};
    }
    const Slot slot = find_field(object, name);
    if (slot.type) return slot;
    if (depth_ > 1 || !data_.type) return is_wrapper(*object.type, name) ? object : slot;
    return is_wrapper(*data_.type, name) ? data_ : find_field(data_, name);
  }

  /// The place for the value that comes now. Nothing is engaged or added if it does not fit there.
  Slot take(Shape shape, Scalar* scalar = nullptr) {
    if (skipped_ > 0) return {};
    Frame* array = depth_ > 0 && frames_[depth_ - 1].is_array ? &frames_[depth_ - 1] : nullptr;
    if (!array && data_.type && next_.value == data_.value) has_data_ = true;
    const Slot slot = array ? array->slot : std::exchange(next_, {});
    const bool is_item = array && slot.type->kind == Kind::list;
    if (array && !is_item && std::exchange(array->is_used, true)) return {};
    const Type* type = settled_type({is_item ? &slot.type->item() : slot.type}, shape);
    if (!type || (scalar && !fits(type->kind, *scalar))) return {};
    if (shape == Shape::array && type->kind != Kind::list && type->kind != Kind::json) {
      return is_item ? Slot{} : slot;  // as it is, until the first element has come
    }
    return settle(is_item ? new_item(slot) : slot, shape);
  }

  bool store(Scalar scalar) {
    if (copy_) return copy(scalar.json());
    if (scalar_) return *scalar_ = std::move(scalar), true;
    const Slot slot = take(Shape::scalar, &scalar);
    if (slot.type) assign(*slot.type, slot.value, std::move(scalar));
    return true;
  }

  bool open(Shape shape) {
    if (depth_ + skipped_ == max_depth) return too_deep_ = true, false;
    const Slot slot = take(shape);
    if (slot.type && slot.type->kind == Kind::json) {
      copy_ = &slot.type->text(slot.value);
      copy_->clear();
    }
    if (copy_) copy(shape == Shape::object ? "{" : "[");
    if (!slot.type || copy_) return ++skipped_, true;
    if (slot.type->kind == Kind::list)
      slot.type->clear(slot.value);  // of two equal names the last wins
    frames_[depth_++] = {slot, shape == Shape::array};
    return true;
  }

  bool close(char sign) {
    if (skipped_ == 0) return --depth_, true;
    if (copy_) *copy_ += sign;
    if (--skipped_ == 0) copy_ = nullptr;
    return true;
  }

  bool copy(std::string_view part) {
    constexpr std::string_view openers = "[{:";
    const bool is_first = copy_->empty() || openers.find(copy_->back()) != openers.npos;
    if (!is_first) *copy_ += ',';
    *copy_ += part;
    return true;
  }

  Scalar* scalar_ = nullptr;
  Frame frames_[max_depth];
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  // objects and arrays that are open and go nowhere, or into copy_
  std::string* copy_ = nullptr;
  Slot next_;  // for the value after a name, or the outermost one
  Slot data_{};
  bool has_data_ = false;
  bool too_deep_ = false;
  std::size_t stop_ = 0;
};

/// Some fields come as text, whatever they are.
inline Scalar any_text(std::string text) {
  Scalar scalar{text};
  const bool may_be = text.find_first_of("-0123456789tf") == 0 && text.size() < 32;
  if (!may_be || !Decoder(scalar).parse(text).empty()) scalar = {};
  scalar.text = std::move(text);
  return scalar;
}

/// Looks through optionals. Value is null for what is absent.
inline void look_through(const Type*& type, const void*& value) {
  while (value && type->kind == Kind::optional) {
    value = type->at(value, 0);
    type = &type->item();
  }
  const bool may_be_empty =
      type->kind == Kind::timestamp || type->kind == Kind::open_enum || type->kind == Kind::json;
  if (value && may_be_empty && text_of(*type, value).empty()) value = nullptr;
}

/// Whether a value counts as nothing where an object is asked for what it holds.
inline bool is_absent(const Type* type, const void* value) {
  look_through(type, value);
  if (!value) return true;
  if (type->kind == Kind::list) return !type->at(value, 0);
  if (type->kind != Kind::object) return false;
  for (const Field& field : type->table().fields) {
    if (!is_absent(field.type, member(value, field))) return false;
  }
  return true;
}

/// A number in as few digits as bring it back.
inline std::string number_text(double number) {
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, number);
    const double back = std::strtod(text, nullptr);
    if (!(back < number) && !(back > number)) break;
  }
  std::string out = text;
  std::replace(out.begin(), out.end(), ',', '.');  // what a locale makes of the decimal point
  return out;
}

inline bool is_json(const std::string& text) {
  Scalar scalar;
  return Decoder(scalar).parse(text).empty();
}

/// Whether a text is UTF-8, which nlohmann's parser checks strictly.
inline bool is_utf8(std::string_view text) { return is_json(quote(text)); }

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
inline bool is_in_path(std::string_view path, std::string_view name) {
  for (auto at = path.find(name); at != path.npos; at = path.find(name, at + 1)) {
    if (at > 0 && path[at - 1] == '{' && path.substr(at + name.size(), 1) == "}") return true;
  }
  return false;
}

/// Writes a value as JSON, of an object the fields that are present and not in the path.
inline void write_json(std::string& out, const Type* type, const void* value, bool masked,
                       std::string_view path = {}) {
  look_through(type, value);
  if (!value) {
    out += "null";
  } else if (type->kind == Kind::list) {
    const bool is_map = type->item().kind == Kind::entry;
    out += is_map ? '{' : '[';
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      if (i > 0) out += ',';
      write_json(out, &type->item(), item, masked);
    }
    out += is_map ? '}' : ']';
  } else if (type->kind == Kind::entry) {
    out += quote(text_of(*type, value)) + ':';
    write_json(out, &type->item(), type->at(value, 0), masked);
  } else if (type->kind == Kind::object) {
    out += '{';
    for (const Field& field : type->table().fields) {
      const Type* present_type = field.type;
      const void* present = member(value, field);
      look_through(present_type, present);
      const bool is_empty = field.type->kind == Kind::object && is_absent(field.type, present);
      if (!present || is_empty || is_in_path(path, field.name)) continue;
      if (out.back() != '{') out += ',';
      out += quote(field.name) + ':';
      write_json(out, present_type, present, masked);
    }
    out += '}';
  } else if (type->kind == Kind::secret && masked) {
    out += "\"***\"";
  } else if (type->kind == Kind::json) {
    out += masked ? redacted(text_of(*type, value)) : text_of(*type, value);
  } else {
    const std::string text = scalar_text(*type, value);
    out += type->kind < Kind::boolean ? quote(text) : text;
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
  look_through(type, value);
  std::string found;
  if (!value) return found;
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
    if (!std::isfinite(*static_cast<const double*>(value))) found = "is not a finite number";
  } else if (type->kind < Kind::boolean && !is_utf8(text_of(*type, value))) {
    found = "is not valid UTF-8";
  }
  return found;
}

inline std::string path_flaw(const std::string& segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..") return "is \"" + segment + "\", which changes the path";
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
    return "base_url must be https, as the token would travel readable: " + url.host +
           " is not a loopback host (allow_plain_http permits it)";
  }
  if (config.timeout.count() <= 0) return "timeout must be more than 0";
  if (config.total_timeout.count() <= 0) return "total_timeout must be more than 0";
  for (const auto& [name, value] : config.headers) {
    if (name.empty() || !is_plain(name, " ()<>@,;:\\\"/[]?={}")) {
      return "headers: a name is not a valid header name";
    }
    if (has_control_character(value))
      return "headers: the value of " + name + " has a control character";
    for (const std::string_view own :
         {"Authorization", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "Host",
          "Transfer-Encoding", "Connection", "Expect"}) {
      if (equal_ignoring_case(name, own)) return "headers: " + name + " cannot be set";
    }
  }
  return {};
}

/// A list is sent as one parameter for each item.
inline void add_to_query(std::string& url, std::string_view name, const Type* type,
                         const void* value) {
  look_through(type, value);
  if (value && type->kind == Kind::list) {
    for (std::size_t i = 0; const void* item = type->at(value, i); ++i) {
      add_to_query(url, name, &type->item(), item);
    }
  } else if (value) {
    url += url.find('?') == url.npos ? '?' : '&';
    url += percent_encode(name) + '=' + percent_encode(scalar_text(*type, value));
  }
}

REALTIMEKIT_INLINE Result<HttpRequest> to_http(const Config& config, const Operation& operation,
                                               const void* parameters) {
  if (auto found = flaw(config); !found.empty()) return refusal("Config: " + found);
  const Method method = operation.route.method;
  const bool has_body = method == Method::post || method == Method::put || method == Method::patch;
  const auto& fields = operation.parameters.table().fields;
  for (const Field& field : fields) {
    if (auto found = flaw(field.type, member(parameters, field)); !found.empty()) {
      return refusal(std::string(field.name) + ' ' + found);
    }
    const bool in_path = is_in_path(operation.route.path, field.name);
    if ((in_path || !has_body) && !fits_in_url(field.type, !in_path)) {
      return refusal(std::string(field.name) + " is of a type that cannot be sent in a " +
                     (in_path ? "path" : "query"));
    }
  }

  HttpRequest request;
  request.method = method;
  request.idempotent = operation.route.repeat == Repeat::harmless;
  request.timeout = config.timeout;
  request.max_response_bytes = config.max_response_bytes;

  request.url = config.base_url;
  while (request.url.back() == '/') request.url.pop_back();
  std::string_view path = operation.route.path;
  for (auto open = path.find('{'); open != path.npos; open = path.find('{')) {
    const auto close = (std::min)(path.find('}', open), path.size() - 1);
    const auto name = path.substr(open + 1, close - open - 1);
    std::string segment;
    if (name == "account_id") segment = config.account_id;
    if (name == "app_id") segment = config.app_id;
    for (const Field& field : fields) {
      const Type* type = field.type;
      const void* value = member(parameters, field);
      look_through(type, value);
      if (field.name == name && value) segment = scalar_text(*type, value);
    }
    if (auto found = path_flaw(segment); !found.empty()) {
      return refusal(std::string(name) + ' ' + found);
    }
    request.url.append(path.substr(0, open)).append(percent_encode(segment));
    path.remove_prefix(close + 1);
  }
  request.url.append(path);

  if (has_body) {
    write_json(request.body, &operation.parameters, parameters, false, operation.route.path);
    if (method != Method::post && request.body == "{}") request.body.clear();
  } else {
    for (const Field& field : fields) {
      if (!is_in_path(operation.route.path, field.name)) {
        add_to_query(request.url, field.name, field.type, member(parameters, field));
      }
    }
  }

  request.headers = {{"Authorization", "Bearer " + config.api_token.reveal()},
                     {"Accept", "application/json"}};  // without it the edge answers HTML
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  for (const auto& header : config.headers) request.headers.push_back(header);
  if (!find_header(request.headers, "User-Agent")) {
    request.headers.emplace_back("User-Agent", "realtimekit.hpp/" +
                                                   std::to_string(REALTIMEKIT_VERSION_MAJOR) + '.' +
                                                   std::to_string(REALTIMEKIT_VERSION_MINOR) + '.' +
                                                   std::to_string(REALTIMEKIT_VERSION_PATCH));
  }
  return request;
}

/// A variable of the environment without the blanks and quotes that were pasted around it.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  std::string_view text = value ? value : "";
  const auto trim = [&](std::string_view set) {
    text.remove_prefix((std::min)(text.find_first_not_of(set), text.size()));
    text.remove_suffix(text.size() - (text.find_last_not_of(set) + 1));
  };
  trim(" \t\r\n\"'");
  constexpr std::string_view scheme = "Bearer ";
  if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
    text.remove_prefix(scheme.size());
    trim(" \t\r\n\"'");
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
  if (!missing.empty()) return detail::refusal("not set in the environment: " + missing);
  return config;
}

namespace detail {

// >>answers ---------------------------------------------------------------------------------------

/// One entry of the server's error lists.
struct WireMessage {
  int code = 0;
  std::string message{};
  std::vector<WireMessage> error_chain{};  // causes

  template <class Fields> static void fields(Fields& field) {
    field("code", &WireMessage::code);
    field("message", &WireMessage::message, Role::flat);  // also a bare text
    field("error_chain", &WireMessage::error_chain);
  }
};

/// What is around the data of an answer: RealtimeKit's own form, that of Cloudflare's gateway, and
/// the flat ones of other parts.
struct Envelope {
  std::optional<bool> success{};
  std::vector<WireMessage> errors{};  // "error" too
  int code = 0;
  std::string message{};

  template <class Fields> static void fields(Fields& field) {
    field("success", &Envelope::success);
    field("errors", &Envelope::errors);
    field("code", &Envelope::code);
    field("message", &Envelope::message);
  }
};

inline void list_messages(const std::vector<WireMessage>& from, std::vector<ApiMessage>& to) {
  for (const WireMessage& message : from) {
    if (message.code || !message.message.empty()) to.push_back({message.code, message.message});
    list_messages(message.error_chain, to);
  }
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

/// The error that an answer means.
inline Error api_error(const HttpResponse& response, Envelope envelope, bool is_json) {
  Error error = failure(ErrorKind::api, Delivery::answered, {});
  list_messages(envelope.errors, error.errors);
  if (error.errors.empty() && (envelope.code || !envelope.message.empty())) {
    error.errors.push_back({envelope.code, envelope.message});
  } else if (envelope.code && error.errors[0].code == 0) {
    error.errors[0].code = envelope.code;  // {"code":1007,"error":"text"}
  }
  for (ApiMessage& message : error.errors) {
    message.message = redacted(message.message);
    error.message += (error.message.empty() ? "" : "; ") + excerpt(message.message, 1024);
  }
  if (!error.errors.empty()) error.code = error.errors[0].code;
  error.retry_after = retry_after(response.headers);
  const std::string* location = find_header(response.headers, "Location");
  if (response.status >= 300 && response.status < 400 && location) {
    error.message = "redirects are not followed: to " + redacted(excerpt(*location, 1024));
  }
  if (error.message.empty()) {
    const std::string* type = find_header(response.headers, "Content-Type");
    const bool is_html = type && type->find("html") != std::string::npos;
    if (!is_json && !response.body.empty()) {
      error.message =
          is_html ? "the answer is an HTML page" : redacted(excerpt(response.body, 200));
    }
    if (error.message.empty()) error.message = "the answer has no message";
  }
  return error;
}

/// Whether the field that a dotted path names is an empty text.
inline bool is_missing(const Type& type, const void* value, std::string_view path) {
  const auto name = path.substr(0, path.find('.'));
  for (const Field& field : type.table().fields) {
    if (field.name != name) continue;
    const void* found = member(value, field);
    if (name.size() < path.size())
      return is_missing(*field.type, found, path.substr(name.size() + 1));
    return field.type->text && text_of(*field.type, found).empty();
  }
  return true;
}

REALTIMEKIT_INLINE void from_http(const Operation& operation, HttpResponse response, void* value,
                                  Outcome& outcome) {
  outcome.response = std::move(response);
  const HttpResponse& answer = outcome.response;
  const bool is_success = answer.status >= 200 && answer.status < 300;
  const bool wants_data = !operation.response.table().fields.empty();

  Envelope envelope;
  Decoder decoder(type_of<Envelope>(), &envelope);
  if (is_success) decoder.set_data(operation.response, value);
  const std::string bad_json = decoder.parse(answer.body);

  std::string problem;
  if (!is_success || envelope.success == false) {
    outcome.error = api_error(answer, std::move(envelope), bad_json.empty());
  } else {
    if (wants_data || !answer.body.empty()) problem = bad_json;
    if (wants_data && problem.empty() && operation.promise_count == 0 && !decoder.has_data()) {
      problem = "without data";
    }
    for (std::size_t i = 0; i < operation.promise_count && problem.empty(); ++i) {
      const std::string_view path = operation.promises[i];
      if (is_missing(operation.response, value, path)) problem = "without " + std::string(path);
    }
    outcome.ok = problem.empty();
    if (outcome.ok) return;
    outcome.error = failure(ErrorKind::decode, Delivery::answered, "the answer is " + problem);
  }
  outcome.error.status = answer.status;
  outcome.error.body = redacted(std::string_view(answer.body).substr(0, 4096));
  const std::string* ray = find_header(answer.headers, "cf-ray");
  if (ray) outcome.error.request_id = excerpt(*ray, 64);
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
  if (attempt >= policy.max_attempts) return {};
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
  const double taken_off = static_cast<double>(delay.count()) * 0.25 * random01;
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

inline Result<HttpResponse> attempt(const TransportRef& transport, const HttpRequest& request) {
#if REALTIMEKIT_EXCEPTIONS
  try {
    return transport.call(transport.transport, request);
  } catch (const std::exception& exception) {
    return failure(ErrorKind::transport, Delivery::unknown,
                   std::string("the transport threw: ") + exception.what());
  } catch (...) {
    return failure(ErrorKind::transport, Delivery::unknown, "the transport threw");
  }
#else
  return transport.call(transport.transport, request);
#endif
}

REALTIMEKIT_INLINE void send(const Config& config, const CallOptions& options,
                             TransportRef transport, const Operation& operation,
                             const void* parameters, void* value, Outcome& outcome) {
  using namespace std::chrono;
  auto request = to_http(config, operation, parameters);
  if (!request) {
    outcome.error = std::move(request).error();
    return;
  }
  request->cancel = options.cancel;
  const auto total = options.total_timeout.value_or(config.total_timeout);
  if (total.count() <= 0) {
    outcome.error = refusal("CallOptions: total_timeout must be more than 0");
    return;
  }
  constexpr milliseconds longest = hours(24 * 365);  // keeps the sum in range
  const auto deadline = steady_clock::now() + (std::min)(total, longest);

  if (options.cancel.canceled()) {
    outcome.error = failure(ErrorKind::canceled, Delivery::not_sent, "canceled before it was sent");
    return;
  }
  for (int attempts = 1;; ++attempts) {
    const auto left = ceil<milliseconds>(deadline - steady_clock::now());
    request->timeout = (std::min)(config.timeout, (std::max)(left, milliseconds(1)));
    auto answer = attempt(transport, *request);
    if (answer) {
      from_http(operation, *std::move(answer), value, outcome);
      if (outcome.ok) return;
    } else {
      outcome.response = {};
      outcome.error = std::move(answer).error();
    }

    Error& error = outcome.error;
    error.attempts = attempts;
    const std::string& token = config.api_token.reveal();
    error.message = excerpt(redacted(error.message, token), 4096);
    error.body = redacted(error.body, token);
    error.request_id = redacted(error.request_id, token);
    for (ApiMessage& message : error.errors) message.message = redacted(message.message, token);

    const auto delay = retry_delay(config.retry, request->idempotent, error, attempts, random01());
    if (!delay || *delay >= ceil<milliseconds>(deadline - steady_clock::now())) return;
    if (options.cancel.wait_for(*delay)) {
      error.kind = ErrorKind::canceled;
      error.message = "canceled while waiting to try again after: " + error.message;
      return;
    }
  }
}

// >>pages -----------------------------------------------------------------------------------------

/// What an item is known by: its id, or all of it.
inline std::string identity(const Type& type, const void* item) {
  if (type.kind == Kind::object) {
    for (const Field& field : type.table().fields) {
      if (field.name == "id" && field.type->kind == Kind::text) {
        const std::string& id = text_of(*field.type, member(item, field));
        if (!id.empty()) return id;
      }
    }
  }
  return print(type, item);
}

REALTIMEKIT_INLINE PageCount::Verdict PageCount::add(const Type& item, const void* first,
                                                     std::size_t count,
                                                     const std::optional<Paging>& paging) {
  if (count == 0) return Verdict::last;
  std::string begin = identity(item, first);
  if (std::find(firsts_.begin(), firsts_.end(), begin) != firsts_.end()) return Verdict::repeated;
  firsts_.push_back(std::move(begin));
  items_ += static_cast<std::int64_t>(count);
  const bool is_end = paging && paging->total_count > 0 &&
                      (std::max)(items_, paging->end_offset) >= paging->total_count;
  return is_end ? Verdict::last : Verdict::more;
}

REALTIMEKIT_INLINE Error repeated_page(int page_no) {
  return failure(ErrorKind::decode, Delivery::answered,
                 "page " + std::to_string(page_no) +
                     " of the list begins like an earlier one: the server repeats itself");
}

}  // namespace detail
}  // namespace v0
}  // namespace realtimekit

#ifndef REALTIMEKIT_NO_HTTPLIB
// >>httplib ---------------------------------------------------------------------------------------

#if !__has_include(<httplib.h>)
#error \
    "realtimekit: no httplib.h. Install cpp-httplib, or define REALTIMEKIT_NO_HTTPLIB (see MACROS)"
#endif
#include <httplib.h>  // all of HTTP
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
// In some files only, the macro breaks a program silently: class layouts of httplib.h depend on it.
#error \
    "realtimekit: define CPPHTTPLIB_OPENSSL_SUPPORT in EVERY file: pkg-config --cflags cpp-httplib"
#endif
#include <openssl/err.h>     // what went wrong in a handshake
#include <openssl/ssl.h>     // context, minimal version
#include <openssl/x509v3.h>  // host name checks, certificate store
#ifndef _WIN32
#include <fcntl.h>   // F_DUPFD_CLOEXEC
#include <poll.h>    // is a connection still usable
#include <signal.h>  // our threads take no signals
#include <unistd.h>  // close
#endif

namespace realtimekit {
inline namespace v0 {
namespace detail {

/// A second handle of a connection's socket. cpp-httplib closes its own whenever it likes; through
/// this one another thread can end the connection without ever meeting a number that has a new
/// owner.
class SocketHandle {
 public:
  SocketHandle() = default;
  SocketHandle(const SocketHandle&) = delete;
  SocketHandle& operator=(const SocketHandle&) = delete;
  ~SocketHandle() { close(); }

  void duplicate(socket_t original) {
    close();
#ifdef _WIN32
    WSAPROTOCOL_INFOW info;
    if (WSADuplicateSocketW(original, GetCurrentProcessId(), &info) == 0) {
      socket_ = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                           WSA_FLAG_OVERLAPPED);
    }
#else
    socket_ = fcntl(original, F_DUPFD_CLOEXEC, 0);
#endif
  }

  /// Wakes whoever waits for the connection; nothing can be sent or received any more.
  void shut_down() {
#ifdef _WIN32
    if (socket_ != INVALID_SOCKET) ::shutdown(socket_, SD_BOTH);
#else
    if (socket_ != INVALID_SOCKET) ::shutdown(socket_, SHUT_RDWR);
#endif
  }

  /// Whether the peer has closed or said something unasked: then an idle connection is of no use.
  bool is_stale() const {
#ifdef _WIN32
    WSAPOLLFD state{socket_, POLLRDNORM, 0};
    return WSAPoll(&state, 1, 0) != 0;
#else
    pollfd state{socket_, POLLIN, 0};
    return ::poll(&state, 1, 0) != 0;
#endif
  }

  void close() {
    if (socket_ == INVALID_SOCKET) return;
#ifdef _WIN32
    ::closesocket(std::exchange(socket_, INVALID_SOCKET));
#else
    ::close(std::exchange(socket_, INVALID_SOCKET));
#endif
  }

 private:
  socket_t socket_ = INVALID_SOCKET;
};

/// Where a connection goes. Equal ones may share connections.
struct Origin {
  bool tls = false;
  std::string host;
  int port = 0;
  std::string proxy_host;  // empty: none
  int proxy_port = 0;
  std::string proxy_user;
  Secret proxy_password;

  bool operator==(const Origin& other) const {
    return tls == other.tls && host == other.host &&
           port == other.port;  // the proxy follows from these
  }
};

/// What differs between the versions of cpp-httplib, by what they have. (Its own version macro
/// cannot be used in #if, and a compiled cpp-httplib ignores the macros of our file.)
template <class Http, class Writer> auto set_header_writer(Http& http, Writer writer, int)
    -> decltype(http.set_header_writer(writer), std::true_type()) {
  return http.set_header_writer(std::move(writer)), std::true_type();
}
template <class Http, class Writer> std::false_type set_header_writer(Http&, Writer, long) {
  return {};
}
using HeaderWriter = std::ptrdiff_t (*)(httplib::Stream&, httplib::Headers&);
inline constexpr bool has_header_writer =
    decltype(set_header_writer(std::declval<httplib::ClientImpl&>(), HeaderWriter(), 0))::value;

template <class Http> auto tls_context(Http& http, int)
    -> decltype(http.tls_context(), (SSL_CTX*)0) {
  return static_cast<SSL_CTX*>(http.tls_context());
}
template <class Http> SSL_CTX* tls_context(Http& http, long) { return http.ssl_context(); }

/// One connection and the thread that works on it. cpp-httplib blocks, with time limits that differ
/// from version to version, for some stages without any, and raises SIGPIPE. On a thread of its own
/// none of that reaches the caller, who waits for the answer, the deadline or a cancel, whichever
/// is first.
class Connection final : public Shared::Object {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Origin origin, const HttplibTransport::Options& options, X509_STORE* roots)
      : origin_(std::move(origin)), options_(options), roots_(roots) {}

  const Origin& origin() const { return origin_; }

  /// Sends a request and waits. Returns false if the connection had been closed: nothing was sent.
  bool exchange(const HttpRequest& request, Clock::time_point deadline,
                Result<HttpResponse>& result) {
    CancelCallback on_cancel(request.cancel, [this] {
      std::lock_guard<std::mutex> lock(mutex_);
      done_.notify_all();
    });
    std::unique_lock<std::mutex> lock(mutex_);
    if (thread_.joinable() && socket_.is_stale()) shut_down();
    if (closing_) return false;
    request_ = request;
    has_result_ = false;
    written_ = sent_ = false;
    pending_ = true;
    if (!thread_.joinable()) {
      start();
    } else {
      wake_.notify_all();
    }
    done_.wait_until(lock, deadline, [&] { return has_result_ || request.cancel.canceled(); });
    if (has_result_) {
      result = std::move(result_);
      return true;
    }
    shut_down();
    const bool is_cancel = request.cancel.canceled();
    result =
        failure(is_cancel ? ErrorKind::canceled : ErrorKind::timeout,
                sent_ || (!resolving_ && !gate_tells()) ? Delivery::unknown : Delivery::not_sent,
                is_cancel ? "canceled" : phase() + milliseconds_text(request.timeout));
    return true;
  }

  bool is_reusable() {
    std::lock_guard<std::mutex> lock(mutex_);
    return !closing_;
  }

  /// Lets the thread end as soon as it can, which may be a while yet.
  void close() {
    std::lock_guard<std::mutex> lock(mutex_);
    shut_down();
  }

  /// Whether join() returns at once.
  bool is_finished() {
    std::lock_guard<std::mutex> lock(mutex_);
    return finished_;
  }

  void join() {
    if (!thread_.joinable()) return;
    std::unique_lock<std::mutex> lock(mutex_);
    const bool in_dns = resolving_;  // cannot be interrupted, and does nothing when it returns
    lock.unlock();
    in_dns ? thread_.detach() : thread_.join();
  }

 private:
  // With mutex_ held.
  void shut_down() {
    closing_ = true;
    socket_.shut_down();
    wake_.notify_all();
  }

  void start() {
#if REALTIMEKIT_EXCEPTIONS
    try {
      thread_ = std::thread(&Connection::serve, Shared(*this));
    } catch (const std::system_error&) {
      closing_ = finished_ = has_result_ = true;
      result_ = failure(ErrorKind::transport, Delivery::not_sent, "no thread can be started");
    }
#else
    thread_ = std::thread(&Connection::serve, Shared(*this));
#endif
  }

  std::string phase() const {
    return std::string(sent_        ? "the answer"
                       : resolving_ ? "the DNS lookup"
                                    : "connecting and sending") +
           " took longer than ";
  }

  static std::string milliseconds_text(std::chrono::milliseconds time) {
    return std::to_string(time.count()) + " ms";
  }

  // The rest runs on the connection's thread.

  static void serve(Shared self) { static_cast<Connection*>(self.get())->work(); }

  void work() {
#ifndef _WIN32
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // SIGPIPE above all, which would end the program
#endif
    std::unique_lock<std::mutex> lock(mutex_);
    while (!closing_) {
      if (pending_) {
        pending_ = false;
        lock.unlock();
        auto result = perform();
        const bool is_open = http_ && http_->is_socket_open();
        lock.lock();
        if (!is_open) closing_ = true;
        result_ = std::move(result);
        has_result_ = true;
        request_ = {};
        done_.notify_all();
      } else if (!wake_.wait_for(lock, (std::min)(options_.idle_timeout, longest_idle),
                                 [&] { return pending_ || closing_; })) {
        closing_ = true;
      }
    }
    lock.unlock();
    http_.reset();  // closes politely, which takes up to a second with some versions
    lock.lock();
    socket_.close();
    finished_ = true;
  }

  Result<HttpResponse> perform() {
#if REALTIMEKIT_EXCEPTIONS
    try {
      return http_ ? send() : connect_and_send();
    } catch (const std::exception& exception) {
      return failure(ErrorKind::transport, is_sent() ? Delivery::unknown : Delivery::not_sent,
                     exception.what());
    }
#else
    return http_ ? send() : connect_and_send();
#endif
  }

  Result<HttpResponse> connect_and_send() {
    const bool proxied = !origin_.proxy_host.empty();
    const std::string& host = proxied ? origin_.proxy_host : origin_.host;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    AddressList list;
    const int problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &list.first);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      resolving_ = false;
      if (closing_) return Error{};  // nobody waits any more
    }
    if (problem != 0) {
      return failure(ErrorKind::transport, Delivery::not_sent,
                     "DNS: " + host + ": " + gai_strerror(problem));
    }
    set_up();
    if (!http_->is_valid()) {
      return failure(ErrorKind::transport, Delivery::not_sent, "TLS: OpenSSL gives no context");
    }
    for (const addrinfo* address = list.first;; address = address->ai_next) {
      char text[NI_MAXHOST] = "";
      ::getnameinfo(address->ai_addr, static_cast<socklen_t>(address->ai_addrlen), text,
                    sizeof text, nullptr, 0, NI_NUMERICHOST);
      if (proxied) {
        http_->set_proxy(text, origin_.proxy_port);
      } else {
        http_->set_hostname_addr_map({{host, text}});
      }
      auto result = send();
      const bool reached =
          cause_ != httplib::Error::Connection && cause_ != httplib::Error::ConnectionTimeout;
      if (result || reached || is_sent() || !address->ai_next || !is_reusable()) return result;
    }
  }

  struct AddressList {
    addrinfo* first = nullptr;
    ~AddressList() {
      if (first) ::freeaddrinfo(first);
    }
  };

  void set_up() {
    if (origin_.tls) {
      auto https = std::make_unique<httplib::SSLClient>(origin_.host, origin_.port);
      if (https->is_valid()) set_up_tls(*https);
      http_ = std::move(https);
    } else {
      http_ = std::make_unique<httplib::ClientImpl>(origin_.host, origin_.port);
    }
    http_->set_keep_alive(true);
    http_->set_tcp_nodelay(true);  // else each call costs 40 ms: head and body are two writes
#ifdef __linux__
    // In microseconds alone: given whole seconds, some versions look up even a numeric address with
    // getaddrinfo_a(), do not wait for its thread, and so have it write to a stack that is gone.
    using std::chrono::microseconds;
    constexpr std::chrono::milliseconds longest = std::chrono::minutes(30);  // what fits an int
    const microseconds limit = (std::min)(options_.connect_timeout, longest);
    http_->set_connection_timeout(0, limit.count());
#else
    http_->set_connection_timeout(options_.connect_timeout);
#endif
    if (!origin_.proxy_user.empty()) {
      http_->set_proxy_basic_auth(origin_.proxy_user, origin_.proxy_password.reveal());
    }
    http_->set_socket_options([this](socket_t socket) {
      std::lock_guard<std::mutex> lock(mutex_);
      socket_.duplicate(socket);
      if (closing_) socket_.shut_down();
    });
    set_header_writer(
        *http_,
        [this](httplib::Stream& out, httplib::Headers& headers) {
          return write_head(out, headers);
        },
        0);
  }

  void set_up_tls(httplib::SSLClient& https) {
    SSL_CTX* tls = tls_context(https, 0);
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    if (roots_) {
      SSL_CTX_set1_cert_store(tls, roots_);
      https.set_ca_cert_path("", no_directory);  // or it would add the system's certificates
    }
    // Older versions accept a certificate by its common name. OpenSSL's own check comes first.
    X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(tls);
    X509_VERIFY_PARAM_set_hostflags(
        rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (!X509_VERIFY_PARAM_set1_ip_asc(rules, origin_.host.c_str())) {
      X509_VERIFY_PARAM_set1_host(rules, origin_.host.c_str(), 0);
    }
    SSL_CTX_set_cert_verify_callback(
        tls,
        [](X509_STORE_CTX* chain, void* self) {
          const int accepted = X509_verify_cert(chain);
          static_cast<Connection*>(self)->verify_error_ = X509_STORE_CTX_get_error(chain);
          return accepted;
        },
        this);
  }

  // From 0.12.1 on, cpp-httplib sends any request a second time when the TLS peer closes right
  // after it was written. These two stand before each write and let each request through once, and
  // none that the caller has given up. That also tells for certain whether a request can have
  // arrived.

  /// Writes the head of a request, in place of cpp-httplib (from 0.14.1 on).
  std::ptrdiff_t write_head(httplib::Stream& out, const httplib::Headers& headers) {
    const bool is_ours = headers.find("Expect") != headers.end();  // or a CONNECT to the proxy
    if (is_ours && !pass(written_, request_.body.empty())) return 0;
    std::string head;
    for (const auto& header : headers) {
      const bool is_ballast = equal_ignoring_case(header.first, "Expect") ||
                              (is_ours && equal_ignoring_case(header.first, proxy_authorization));
      if (!is_ballast) {
        head.append(header.first).append(": ").append(header.second).append("\r\n");
      }
    }
    head += "\r\n";
    const auto written = out.write(head.data(), head.size());
    wipe(head);
    return written;
  }

  bool write_body(std::size_t offset, std::size_t size, httplib::DataSink& out) {
    if (offset == 0 && !pass(sent_, true)) return false;
    return out.write(request_.body.data() + offset, size);
  }

  bool pass(bool& gate, bool complete) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closing_ || gate) {
      shut_down();
      return false;
    }
    gate = true;
    if (complete) sent_ = true;
    return true;
  }

  /// Whether sent_ is all that is to be known: old versions let a head pass without asking.
  bool gate_tells() const { return has_header_writer || !request_.body.empty(); }

  bool is_sent() {
    std::lock_guard<std::mutex> lock(mutex_);
    return sent_;
  }

  /// Sends the request once, on the open connection or a new one.
  Result<HttpResponse> send() {
    httplib::Request request;
    request.method = to_string(request_.method);
    request.path = target_of(request_);
    for (const auto& header : request_.headers)
      request.headers.emplace(header.first, header.second);
    request.headers.emplace("Accept-Encoding", "identity");  // what counts is what was asked for
    if (has_header_writer) {
      request.headers.emplace("Expect", "");  // or some versions wait for a "100 Continue"
    }
    if (!origin_.proxy_user.empty()) {
      request.headers.emplace(proxy_authorization, "");  // or the origin is told the password too
    }
    if (!request_.body.empty()) {
      request.content_length_ = request_.body.size();
      request.content_provider_ = [this](std::size_t offset, std::size_t size,
                                         httplib::DataSink& out) {
        return write_body(offset, size, out);
      };
    }
    HttpResponse response;
    bool too_long = false;
    request.content_receiver = [&](const char* data, std::size_t size, auto, auto) {
      too_long = size > request_.max_response_bytes - response.body.size();
      if (!too_long) response.body.append(data, size);
      return !too_long;
    };
    // The caller watches the time; these only end what he has given up.
    const auto limit = request_.timeout + std::chrono::seconds(1);
    http_->set_read_timeout(limit);
    http_->set_write_timeout(limit);

    httplib::Response answer;
    cause_ = httplib::Error::Success;
    verify_error_ = X509_V_OK;
    ERR_clear_error();
    const auto begin = Clock::now();
    const bool ok = http_->send(request, answer, cause_);
    for (auto& header : request.headers) wipe(header.second);

    response.status = answer.status;
    const bool proxy_refused =
        !origin_.proxy_host.empty() && (has_header_writer ? !written_ : answer.status == 407);
    if (too_long) {
      Error error = failure(ErrorKind::decode, Delivery::answered,
                            "the answer is longer than max_response_bytes, " +
                                std::to_string(request_.max_response_bytes));
      error.status = answer.status;
      return error;
    }
    if (ok && proxy_refused) {
      return failure(ErrorKind::transport, Delivery::not_sent,
                     "the proxy answered HTTP " + std::to_string(answer.status));
    }
    if (ok && answer.status >= 200) {
      for (const auto& header : answer.headers) {
        response.headers.emplace_back(header.first, header.second);
      }
      return response;
    }
    return failed(Clock::now() - begin, answer.status);
  }

  /// What it means that cpp-httplib has failed. Its error alone cannot tell whether the request has
  /// left.
  Error failed(Clock::duration took, int status) {
    using httplib::Error;
    const bool connecting = cause_ == Error::Connection || cause_ == Error::ConnectionTimeout ||
                            cause_ == Error::SSLConnection || cause_ == Error::SSLLoadingCerts ||
                            cause_ == Error::SSLServerVerification;
    const bool not_sent = !is_sent() && (gate_tells() || connecting);
    const auto delivery = not_sent ? Delivery::not_sent : Delivery::unknown;
    const std::string place = origin_.host + ':' + std::to_string(origin_.port);

    if (verify_error_ != X509_V_OK) {
      return failure(ErrorKind::transport, delivery,
                     "TLS: the certificate of " + place +
                         " is not accepted: " + X509_verify_cert_error_string(verify_error_) +
                         " (" + std::to_string(verify_error_) + ")");
    }
    if (connecting && not_sent && took >= options_.connect_timeout) {
      return failure(ErrorKind::timeout, delivery,
                     "connecting to " + place + " took longer than " +
                         milliseconds_text(options_.connect_timeout));
    }
    std::string message = httplib::to_string(cause_);
    if (status > 0 && status < 200) message = "informational answer " + std::to_string(status);
    if (cause_ == Error::SSLConnection) {
      const char* reason = ERR_reason_error_string(ERR_peek_error());
      message = std::string("TLS handshake: ") + (reason ? reason : "failed");
    }
    return failure(ErrorKind::transport, delivery, place + ": " + message);
  }

  static std::string target_of(const HttpRequest& request) {
    Url url;
    parse_url(request.url, url);
    return url.target;
  }

  static constexpr std::chrono::seconds longest_idle =
      std::chrono::hours(24);  // keeps sums in range
  static constexpr const char* proxy_authorization = "Proxy-Authorization";
#ifdef _WIN32
  static constexpr const char* no_directory = "NUL";
#else
  static constexpr const char* no_directory = "/dev/null";
#endif
  friend struct ConnectionPool;

  const Origin origin_;
  const HttplibTransport::Options options_;
  X509_STORE* const roots_;  // null: cpp-httplib finds them

  std::mutex mutex_;              // guards from here to the next comment; not held during I/O
  std::condition_variable wake_;  // for the thread: a request, or the end
  std::condition_variable done_;  // for the caller: a result
  HttpRequest request_;           // while pending or in work it is the thread's
  Result<HttpResponse> result_ = Error{};
  bool has_result_ = false;
  SocketHandle socket_;
  bool pending_ = false;
  bool resolving_ = true;  // until the first DNS lookup has returned
  bool written_ = false;   // the head has been let through
  bool sent_ = false;      // so has the rest: the request may be complete at the server
  bool closing_ = false;
  bool finished_ = false;

  std::thread thread_;  // the caller's

  std::unique_ptr<httplib::ClientImpl> http_;  // from here on the thread's
  httplib::Error cause_ = httplib::Error::Success;
  int verify_error_ = X509_V_OK;
};

/// "http://user:password@host:port" as the proxy of an Origin. Returns false if it is not one.
inline bool parse_proxy(std::string_view text, Origin& origin) {
  constexpr std::string_view scheme = "http://";
  if (text.substr(0, scheme.size()) == scheme) text.remove_prefix(scheme.size());
  std::string_view user;
  if (const auto at = text.rfind('@'); at != text.npos) {
    user = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  Url url;
  const bool is_host = parse_url(std::string(scheme).append(text), url) && url.target == "/";
  if (!is_host || text.find("//") != text.npos) return false;
  const auto colon = (std::min)(user.find(':'), user.size());
  origin.proxy_host = url.host;
  origin.proxy_port = url.port;
  origin.proxy_user = percent_decode(user.substr(0, colon));
  origin.proxy_password = percent_decode(user.substr((std::min)(colon + 1, user.size())));
  return !has_control_character(origin.proxy_user + origin.proxy_password.reveal());
}

/// Whether NO_PROXY, a list of hosts and domains, names a host.
inline bool is_exempt(std::string_view list, std::string_view host) {
  while (!list.empty()) {
    auto entry = list.substr(0, list.find_first_of(", "));
    list.remove_prefix((std::min)(entry.size() + 1, list.size()));
    if (entry == "*") return true;
    if (entry.substr(0, 1) == ".") entry.remove_prefix(1);
    if (entry.empty() || entry.size() > host.size()) continue;
    const auto rest = host.size() - entry.size();
    if (equal_ignoring_case(host.substr(rest), entry) && (rest == 0 || host[rest - 1] == '.'))
      return true;
  }
  return false;
}

/// The connections of a transport and its copies.
struct ConnectionPool final : Shared::Object {
  explicit ConnectionPool(HttplibTransport::Options given) : options(std::move(given)) {
    if (!options.proxy.empty()) return;
    for (const char* name : {"HTTPS_PROXY", "https_proxy"}) {
      if (env_proxy.empty()) env_proxy = environment(name);
    }
    for (const char* name : {"NO_PROXY", "no_proxy"}) {
      if (env_no_proxy.empty()) env_no_proxy = environment(name);
    }
  }

  ~ConnectionPool() override {
    for (auto* list : {&idle, &leaving}) {
      for (const Shared& item : *list) connection(item).close();
    }
    for (auto* list : {&idle, &leaving}) {
      for (const Shared& item : *list) connection(item).join();
    }
    X509_STORE_free(roots);
  }

  /// Completes an origin with its proxy. Returns what is wrong; empty: nothing.
  std::string find_proxy(Origin& origin) const {
    const bool is_given = !options.proxy.empty();
    const bool by_environment = origin.tls && !env_proxy.empty() && !is_loopback(origin.host) &&
                                !is_exempt(env_no_proxy, origin.host);
    if (options.proxy == "direct" || (!is_given && !by_environment)) return {};
    if (parse_proxy(is_given ? options.proxy : env_proxy, origin)) return {};
    return std::string(is_given ? "Options::proxy" : "HTTPS_PROXY") +
           " must be http://[user:password@]host:port";
  }

  /// Loads the trusted certificates, once, as that takes milliseconds. Returns what is wrong.
  std::string load_roots() {
    std::lock_guard<std::mutex> lock(roots_mutex);
    const bool given = !options.ca_file.empty() || !options.ca_dir.empty();
#if defined(_WIN32) || defined(__APPLE__)
    if (!given) return {};  // cpp-httplib knows how to find the system's
#endif
    if (roots) return roots_problem;
    roots = X509_STORE_new();
    if (!given) X509_STORE_set_default_paths(roots);
    if (!options.ca_file.empty() && !X509_STORE_load_file(roots, options.ca_file.c_str())) {
      roots_problem = "Options::ca_file: no certificates can be read from " + options.ca_file;
    }
    if (!options.ca_dir.empty() && !X509_STORE_load_path(roots, options.ca_dir.c_str())) {
      roots_problem = "Options::ca_dir cannot be used: " + options.ca_dir;
    }
    // cpp-httplib adds this to the store on each connection: adding it now makes that a no-op.
    X509_STORE_load_path(roots, Connection::no_directory);
    return roots_problem;
  }

  static Connection& connection(const Shared& item) {
    return static_cast<Connection&>(*item.get());
  }

  /// An idle connection, or a new one.
  Shared take(const Origin& origin) {
    std::lock_guard<std::mutex> lock(mutex);
    for (Shared& item : idle) {
      if (connection(item).origin() == origin) return take_out(idle, item);
    }
    return Shared(new Connection(origin, options, roots));
  }

  void put_back(Shared used) {
    std::vector<Shared> finished;
    {
      std::lock_guard<std::mutex> lock(mutex);
      for (auto* list : {&idle, &leaving}) {
        for (auto i = list->size(); i-- > 0;) {
          if (!connection((*list)[i]).is_finished()) continue;
          finished.push_back(take_out(*list, (*list)[i]));
        }
      }
      const bool keep =
          connection(used).is_reusable() && idle.size() < options.max_idle_connections;
      if (!keep) connection(used).close();
      (keep ? idle : leaving).push_back(std::move(used));
    }
    for (const Shared& item : finished) connection(item).join();
  }

  static Shared take_out(std::vector<Shared>& list, Shared& item) {
    Shared taken = std::exchange(item, std::move(list.back()));
    list.pop_back();
    return taken;
  }

  const HttplibTransport::Options options;
  std::string env_proxy, env_no_proxy;
  std::mutex roots_mutex;
  X509_STORE* roots = nullptr;
  std::string roots_problem;
  std::mutex mutex;  // guards the two lists; not held during I/O
  std::vector<Shared> idle, leaving;
};

}  // namespace detail

REALTIMEKIT_INLINE HttplibTransport::HttplibTransport() : HttplibTransport(Options{}) {}

REALTIMEKIT_INLINE HttplibTransport::HttplibTransport(Options options)
    : pool_(new detail::ConnectionPool(std::move(options))) {}

REALTIMEKIT_INLINE Result<HttpResponse> HttplibTransport::operator()(
    const HttpRequest& request) const {
  constexpr std::chrono::milliseconds longest =
      std::chrono::hours(24 * 365);  // keeps the sum in range
  const auto deadline = std::chrono::steady_clock::now() + (std::min)(request.timeout, longest);
  auto& pool = static_cast<detail::ConnectionPool&>(*pool_.get());
  detail::Url url;
  if (!detail::parse_url(request.url, url))
    return detail::refusal("url must be http(s)://host[:port]/path, percent-encoded");
  for (const auto& [name, value] : request.headers) {
    if (detail::has_control_character(name) || detail::has_control_character(value)) {
      return detail::refusal("headers: a control character");
    }
  }
  detail::Origin origin;
  origin.tls = url.tls;
  origin.host = url.host;
  origin.port = url.port;
  if (auto problem = pool.find_proxy(origin); !problem.empty()) return detail::refusal(problem);
  if (url.tls) {
    if (auto problem = pool.load_roots(); !problem.empty()) return detail::refusal(problem);
  }
  Result<HttpResponse> result = Error{};
  for (bool is_done = false; !is_done;) {  // a connection may turn out to be closed: on to the next
    auto connection = pool.take(origin);
    is_done = pool.connection(connection).exchange(request, deadline, result);
    pool.put_back(std::move(connection));
  }
  return result;
}

}  // namespace v0
}  // namespace realtimekit
#endif  // REALTIMEKIT_NO_HTTPLIB

#undef REALTIMEKIT_INLINE
#undef REALTIMEKIT_EXCEPTIONS
#endif  // implementation
