// to_http() of every operation with a Config from the input, and the URLs of proxies.
// Input: a character each for the operation and allow_plain_http; then texts, each ended by the
// byte 0x1f: base URL, account, app, token, a header's name and value, a proxy, what goes into the
// path; then the other parameters. A text that is empty stands for a good one, "~" for an empty
// one.
#undef REALTIMEKIT_SEPARATE_COMPILATION  // what only the second half declares is called
#include "fuzz.hpp"
#include "operations.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace {

using fuzz::check;
using rtk::detail::Kind;
using rtk::detail::Type;

std::string text_or(fuzz::Input& input, const char* usual) {
  std::string text = input.text('\x1f');
  if (text.empty()) return usual;
  return text == "~" ? std::string() : text;
}

// Fills a value of any type with what the input has left.
void fill(const Type& type, void* value, fuzz::Input& input, int depth = 0) {
  if (input.empty() || depth > 4) return;
  switch (type.kind) {
    case Kind::text:
    case Kind::secret:
    case Kind::timestamp:
    case Kind::open_enum:
    case Kind::json: type.text(value) = input.text('\x1f'); break;
    case Kind::boolean: *static_cast<bool*>(value) = input.byte() % 2 != 0; break;
    case Kind::int32:
      *static_cast<int*>(value) = static_cast<int>(input.byte() * 0x01010101u);
      break;
    case Kind::int64: *static_cast<std::int64_t*>(value) = input.byte() - std::int64_t{99}; break;
    case Kind::number: {
      std::string bytes = input.text('\x1f');
      bytes.resize(sizeof(double));
      std::memcpy(value, bytes.data(), sizeof(double));
      break;
    }
    case Kind::optional:
      if (input.byte() % 2 != 0) fill(type.item(), type.add(value), input, depth + 1);
      break;
    case Kind::list:
      for (auto count = input.byte() % 3; count > 0; --count) {
        fill(type.item(), type.add(value), input, depth + 1);
      }
      break;
    case Kind::entry:
      type.text(value) = input.text('\x1f');
      fill(type.item(), const_cast<void*>(type.at(value, 0)), input, depth + 1);
      break;
    case Kind::object:
      for (const auto& field : type.table().fields) {
        fill(*field.type, static_cast<char*>(value) + field.offset, input, depth + 1);
      }
      break;
  }
}

// "scheme://authority/..." as its three parts.
struct Parts {
  std::string_view scheme, authority, target;
};
Parts split(std::string_view url) {
  const auto scheme = url.substr(0, url.find("://"));
  check(scheme.size() < url.size(), "a URL without a scheme");
  url.remove_prefix(scheme.size() + 3);
  const auto authority = url.substr(0, url.find_first_of("/?#"));
  return {scheme, authority, url.substr(authority.size())};
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

void check_host(const rtk::Config& config, std::string_view authority, std::string_view scheme) {
  rtk::detail::Url url;
  check(rtk::detail::parse_url(config.base_url, url), "a base URL that does not parse");
  const bool is_ipv6 = fuzz::contains(url.host, ":");
  in6_addr address{};
  const bool is_address = inet_pton(AF_INET6, url.host.c_str(), &address) == 1;
  const bool has_ipv4 = fuzz::contains(url.host, ".");  // may have zeros in front, unlike in libc
  check(!is_ipv6 || is_address || has_ipv4, "no address of IPv6");
  check(is_ipv6 || !fuzz::contains(url.host, ".."), "an empty label");
  const std::string lower = in_lower_case(authority);
  const std::string host = url.host.find(':') == url.host.npos ? url.host : '[' + url.host + ']';
  check(
      lower == host || lower.rfind(host + ':', 0) == 0 || lower.rfind('[' + url.host + ']', 0) == 0,
      "a host that is not the one that is written");
  check(!fuzz::contains(authority, "@"), "a user in the URL");
  if (in_lower_case(scheme) == "http" && !config.allow_plain_http) {
    std::string_view name = url.host;
    if (name.back() == '.') name.remove_suffix(1);
    constexpr std::string_view local = ".localhost";
    const bool is_near =
        name == "localhost" || (is_ipv6 && (has_ipv4 || IN6_IS_ADDR_LOOPBACK(&address))) ||
        (name.substr(0, 4) == "127." && name.find_first_not_of("0123456789.") == name.npos) ||
        (name.size() > local.size() && name.substr(name.size() - local.size()) == local);
    check(is_near, "a token that travels readable");
  }
}

void check_url(const rtk::Config& config, std::string_view path, std::string_view url) {
  const Parts base = split(config.base_url), sent = split(url);
  check(sent.scheme == base.scheme && sent.authority == base.authority, "another host");
  check_host(config, sent.authority, sent.scheme);

  auto base_path = base.target;
  while (!base_path.empty() && base_path.back() == '/') base_path.remove_suffix(1);
  check(sent.target.substr(0, base_path.size()) == base_path, "another path than the base URL's");
  const auto own = sent.target.substr(base_path.size());
  const auto own_path = own.substr(0, own.find('?'));
  check(std::count(own_path.begin(), own_path.end(), '/') ==
            std::count(path.begin(), path.end(), '/'),
        "another number of segments");
  for (auto rest = own_path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    check(!segment.empty() && segment != "." && segment != "..", "a segment that moves the path");
    rest.remove_prefix(segment.size());
  }
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%/?&=";
  check(own.find_first_not_of(allowed) == own.npos, "a character that is not encoded");
  for (const char c : url) check(c > ' ' && c < '\x7f', "a URL that is not plain");
}

void check_headers(const rtk::Config& config, const rtk::HttpRequest& request) {
  int tokens = 0;
  for (const auto& [name, value] : request.headers) {
    check(!name.empty() && !fuzz::has_control_character(name), "a header's name");
    check(!fuzz::has_control_character(value), "a header's value");
    if (in_lower_case(name) == "authorization") ++tokens;
  }
  const std::string* value = rtk::find_header(request.headers, "AUTHORIZATION");
  check(tokens == 1 && *value == "Bearer " + config.api_token.reveal(), "the token");
}

template <class Op> void run(const rtk::Config& config, const std::string& id, fuzz::Input& input) {
  Op op;
  const Type& type = rtk::detail::type_of<Op>();
  fill(type, &op, input);
  for (const auto& field : type.table().fields) {
    const bool in_path =
        fuzz::contains(Op::route.path, '{' + std::string(field.name) + '}') && field.type->text;
    if (in_path) field.type->text(reinterpret_cast<char*>(&op) + field.offset) = id;
  }
  const auto request = rtk::to_http(config, op);
  if (!request) {
    const rtk::Error& error = request.error();
    check(error.kind == rtk::ErrorKind::invalid_request, "kind");
    check(error.delivery == rtk::Delivery::not_sent, "delivery");
    return check(!error.message.empty(), "no message");
  }
  std::string path = Op::route.is_below_app ? "/accounts/{account_id}/realtime/kit/{app_id}" : "";
  check_url(config, path += Op::route.path, request->url);
  check_headers(config, *request);
  const bool has_body = !request->body.empty();
  check(!has_body || nlohmann::json::accept(request->body), "a body that is not JSON");
  check(nlohmann::json::accept(rtk::to_string(op)), "a print that is not JSON");
}

void run_proxy(const std::string& text) {
  rtk::detail::Origin origin;
  for (const char* host : {"api.cloudflare.com", "192.0.2.1", "2001:db8::1"}) {
    rtk::detail::is_exempt(text, host, 443);
  }
  if (!rtk::detail::parse_proxy(text, origin)) return;
  check(!origin.proxy_host.empty(), "a proxy without a host");
  check(origin.proxy_port >= 1 && origin.proxy_port <= 65535, "a proxy's port");
  check(fuzz::contains(in_lower_case(text), origin.proxy_host), "a proxy that is not in the text");
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-._:";
  check(origin.proxy_host.find_first_not_of(allowed) == std::string::npos, "a proxy's host");
  check(!fuzz::has_control_character(origin.proxy_user), "a proxy's user");
  check(!fuzz::has_control_character(origin.proxy_password.reveal()), "a proxy's password");
  const bool has_user = fuzz::contains(text, "@");
  check(has_user || (origin.proxy_user.empty() && origin.proxy_password.empty()),
        "an invented user");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto operation = input.choice(fuzz::operation_count);
  rtk::Config config;
  config.allow_plain_http = input.choice(2) == 1;
  config.base_url = text_or(input, "https://api.cloudflare.com/client/v4");
  config.account_id = text_or(input, "account");
  config.app_id = text_or(input, "app");
  config.api_token = text_or(input, "token");
  const std::string name = input.text('\x1f'), value = input.text('\x1f');
  if (!name.empty()) config.headers = {{name == "~" ? "" : name, value}};
  const std::string proxy = input.text('\x1f');
  const std::string id = text_or(input, "id");
  run_proxy(proxy);
  fuzz::with_operation(
      operation, [&](auto* op) { run<std::remove_pointer_t<decltype(op)>>(config, id, input); });
  return 0;
}
