// Every way in which a call can fail, each with a token, a stream key and a proxy password that can
// be recognized, in a process of its own whose whole output is searched for them.
#include "calls.hpp"

#include <cstdio>
#include <iostream>
#include <sstream>
#include <vector>

namespace {

// Not in one piece, so that a test's own text is not found in what the test program prints.
const std::string canary = std::string("Canary") + "Bird";
const std::string token = canary + "Token-0123456789abcdef0123456789";
const std::string key = canary + "Key0123456789abcdef0123456789abcdef";
const std::string password = canary + "Password";

// All that a program may print of a result.
template <class T> void print(const char* what, const rtk::Result<T>& result) {
  std::cout << what << ": ";
  if (result) {
    std::cout << *result << ' ' << rtk::to_string(*result) << '\n';
    return;
  }
  const rtk::Error& error = result.error();
  std::cout << error << '\n' << error.to_string() << error.message << error.body;
  std::cout << error.request_id;
  for (const auto& message : error.errors) std::cout << message.message << '\n';
  try {
    (void)result.value();
  } catch (const rtk::Exception& exception) {
    std::cerr << exception.what() << exception.error() << '\n';
  }
}

rtk::Config config_with(const std::string& base_url) {
  rtk::Config config = config_for(base_url);
  config.api_token = token;
  config.timeout = 300ms;
  config.total_timeout = 500ms;
  config.retry.max_attempts = 2;
  return config;
}

void call(const char* what, const lab::Server& server) {
  const auto client = client_for(config_with(server.url()));
  print(what, client.send(Create{"launch"}));
  print(what, client.send(Get{"1"}));
  print(what, client.send(List{}));
  print(what, client.send(rtk::participants::Add{"m", "host", "ada"}));
  print(what, client.send(rtk::livestreams::ResetStreamKey{"1"}));
}

void call(const char* what, lab::Script script, lab::Options options = {}) {
  const lab::Server server(std::move(script), std::move(options));
  call(what, server);
}

// What servers, proxies and gateways like to send back, with the secrets in it.
std::vector<std::string> echoes() {
  const std::string object = R"({"id":"1","name":"n","ingest_server":"rtmps://i/","stream_key":")" +
                             key + R"(","playback_url":"p","token":")" + token + R"("})";
  return {"{\"success\":true,\"data\":" + object + "}",
          "{\"success\":false,\"data\":" + object + "}",
          "{\"success\":false,\"errors\":[{\"code\":1,\"message\":\"bad token " + token + "\"}]}",
          "{\"error\":{\"message\":\"Authorization: Bearer " + token +
              "\"},\"livestream\":" + object + "}",
          "{\"message\":\"stream_key=" + key + "&token=" + token + "\"}",
          "{\"data\":{\"streamKey\":\"" + key + "\",\"access_key\":\"" + key +
              "\",\"private_key\":\"" + key + "\"}}",
          "{\"data\":" + object.substr(0, object.size() - 30),
          "{\"data\":[" + object + "," + object + "],\"x\":}",
          "<html><body>Authorization: Bearer " + token + " <i>stream_key</i>: " + key +
              "</body></html>",
          "stream_key: \"" + key + "\", token=" + token,
          "\"{\\\"stream_key\\\":\\\"" + key + "\\\"}\""};
}

}  // namespace

TEST_CASE("in a child: every failure with secrets" * doctest::skip()) {
  for (const std::string& echo : echoes()) {
    for (const int status : {200, 201, 400, 401, 404, 409, 429, 500, 502, 520}) {
      call("echo", lab::answering(status, echo, "Retry-After: 99\r\ncf-ray: " + token + "\r\n"));
    }
    const std::string head = lab::Peer::head(200, echo.size() + 10);
    call("truncated", [&](lab::Peer& peer) {
      if (peer.read_request()) peer.send(head + echo);
    });
    call("no status line", [&](lab::Peer& peer) {
      if (peer.read_request()) peer.send(echo);
    });
  }
  call("redirect", lab::answering(302, "", "Location: /x?token=" + token + "\r\n"));
  call("closed at once", [](lab::Peer&) {});
  call("reset", [](lab::Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  call("stalled", [](lab::Peer& peer) {
    peer.read_request();
    peer.stall();
  });
  call("too long", lab::answering(200, std::string(9u << 20, 'x') + key));
  call("wrong host", lab::answering(200, "{}"),
       lab::with(lab::authority().issue({"other", {"other.example.invalid"}})));
  call("no TLS", lab::answering(200, "{}"), lab::silent());

  // Nobody there, or nobody reached.
  const std::string closed = "https://127.0.0.1:" + std::to_string(lab::closed_port());
  print("refused", client_for(config_with(closed)).send(Create{"launch"}));
  print("no host", client_for(config_with("https://nonexistent.invalid")).send(Create{"launch"}));
  auto options = trusting();
  options.proxy = "http://user:" + password + closed.substr(closed.find(':', 8) - 9).insert(0, "@");
  print("proxy", client_for(config_with("https://example.com"), options).send(Create{"launch"}));
  for (const char* end : {":99999", "\n", " ", "/path", "?q"}) {
    options.proxy = "http://user:" + password + "@localhost" + end;
    print("bad proxy", client_for(config_with("https://example.com"), options).send(Create{}));
  }
  const lab::Server proxy(
      [](lab::Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 407 No " + password + "\r\nContent-Length: 0\r\n\r\n");
      },
      lab::plain());
  options.proxy = "http://user:" + password + "@127.0.0.1:" + std::to_string(proxy.port());
  print("407", client_for(config_with("https://example.com"), options).send(Create{"launch"}));

  // Refused before anything is sent.
  for (const std::string& bad : {token + "\n", token + "\x7f", token + " x", "\xFF" + token}) {
    auto config = config_with(closed);
    config.api_token = bad;
    print("bad token", client_for(config).send(Create{"launch"}));
    config = config_with(closed);
    config.headers = {{"X-Key", bad}, {bad, "x"}};
    print("bad header", client_for(config).send(Create{"launch"}));
    config = config_with("https://user:" + bad + "@example.com");
    print("bad base URL", client_for(config).send(Create{"launch"}));
    rtk::recordings::Start start{"meeting"};
    start.storage_config.secret = "\xFF" + key;
    print("bad secret", client_for(config_with(closed)).send(start));
    start.storage_config.secret = key;
    start.rtmp_out_config.rtmp_url = "rtmp://example.com/" + key;
    print("good secret", client_for(config_with(closed)).send(start));
    std::cout << start << '\n';
  }
  {
    const Environment variable("CLOUDFLARE_API_TOKEN", token.c_str());
    const Environment missing("REALTIMEKIT_APP_ID", nullptr);
    std::cout << rtk::Config::from_env().error() << '\n';
  }
  rtk::CallOptions options_of_call;
  options_of_call.cancel = rtk::CancelToken::create();
  options_of_call.cancel.cancel();
  print("canceled", client_for(config_with(closed)).send(Create{"launch"}, options_of_call));
  std::cout << "all of it\n";
}

TEST_CASE("no failure shows a secret in anything that can be printed") {
  const auto child = output_of_child("in a child: every failure with secrets");
  const std::string& output = child.output;
  INFO("its output ends: " << output.substr(output.size() > 2000 ? output.size() - 2000 : 0));
  CHECK(child.status == 0);
  CHECK(contains(output, "all of it"));
  CHECK(contains(output, "***"));
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (contains(line, canary)) FAIL_CHECK(line);
  }
}
