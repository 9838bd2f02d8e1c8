// Deliveries of webhooks: which of them are taken for the server's, and what is read from them.
#include "support.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#ifdef __linux__
#include <ctime>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace support;
namespace webhooks = rtk::webhooks;

#ifdef __linux__
namespace {
std::atomic<long> seconds_ahead{0};  // of the time since the system was started
}
// Takes the place of the C library's, for std::chrono::steady_clock.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_MONOTONIC) time->tv_sec += seconds_ahead;
  return result;
}
#endif

namespace {

// ---- The server: its key, its signatures, its key's URL

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(&out[0]), bytes(text),
                  static_cast<int>(text.size()));
  return out;
}

class Key {
 public:
  Key() : key_(EVP_RSA_gen(2048), EVP_PKEY_free) { REQUIRE(key_); }
  explicit Key(EVP_PKEY* key) : key_(key, EVP_PKEY_free) { REQUIRE(key_); }

  std::string pem() const {
    const std::unique_ptr<BIO, int (*)(BIO*)> file(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(file.get(), key_.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(file.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
  std::string sign(std::string_view body, const EVP_MD* hash = EVP_sha256(),
                   int padding = RSA_PKCS1_PADDING) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestSignInit(context, &options, hash, nullptr, key_.get());
    if (EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA) {
      EVP_PKEY_CTX_set_rsa_padding(options, padding);
    }
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(&signature[0]), &size, bytes(body),
                   body.size());
    EVP_MD_CTX_free(context);
    return base64(signature.substr(0, size));
  }

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

// Two keys, since making one takes long.
const Key& key() {
  static const Key made;
  return made;
}
const Key& other_key() {
  static const Key made;
  return made;
}

std::string replaced(std::string text, const std::string& old, const std::string& fresh) {
  for (std::size_t at = 0; (at = text.find(old, at)) != text.npos; at += fresh.size()) {
    text.replace(at, old.size(), fresh);
  }
  return text;
}

rtk::HttpResponse key_response(const std::string& pem) {
  const nlohmann::json body = {{"success", true}, {"data", {{"publicKey", pem}}}, {"message", ""}};
  return answer(200, body.dump());
}

// A transport to the key's URL.
struct KeyUrl {
  std::atomic<int> fetches{0};
  std::function<rtk::Result<rtk::HttpResponse>(const rtk::HttpRequest&)> respond =
      [](const rtk::HttpRequest&) { return key_response(key().pem()); };

  auto transport() {
    return [this](const rtk::HttpRequest& request) {
      ++fetches;
      return respond(request);
    };
  }
};

const std::string& body() {
  static const std::string text = fixture("webhooks/meeting.ended.json");
  return text;
}

rtk::Headers signed_by(const Key& signer, std::string_view text = body()) {
  return {{"content-type", "application/json"},
          {"rtk-signature", signer.sign(text)},
          {"rtk-uuid", "u-1"},
          {"rtk-webhook-id", "hook-1"}};
}

std::string problem(const rtk::Result<webhooks::Verified>& result) {
  return result ? "" : rtk::to_string(result.error().kind).data() + (": " + result.error().message);
}

const std::string wrong = "invalid request: the signature does not match the body and the key";
const std::string no_header = "invalid request: the header rtk-signature is absent";
const std::string no_base64 = "invalid request: the header rtk-signature is not base64";

}  // namespace

// ---- Verification

TEST_CASE("A delivery that the server has signed is verified") {
  const webhooks::Verifier verifier(key().pem());
  CHECK(problem(verifier.verify(signed_by(key()), body())) == "");

  const std::string signature = key().sign(body());
  for (const char* name : {"rtk-signature", "dyte-signature", "RTK-SIGNATURE", "Dyte-Signature"}) {
    CAPTURE_TEXT(name);
    CHECK(problem(verifier.verify({{name, signature}}, body())) == "");
  }
  for (const std::string& text :
       {std::string(), std::string("\0\xff", 2), std::string(8u << 20, 'x')}) {
    CHECK(problem(verifier.verify(signed_by(key(), text), text)) == "");
  }
}

TEST_CASE("A delivery that the server has not signed is not verified") {
  const webhooks::Verifier verifier(key().pem());
  const auto headers = signed_by(key());
  const std::string good = key().sign(body());

  CHECK(problem(verifier.verify(headers, body() + " ")) == wrong);
  CHECK(problem(verifier.verify(headers, body().substr(1))) == wrong);
  CHECK(problem(verifier.verify(headers, "")) == wrong);
  CHECK(problem(verifier.verify(headers, replaced(body(), "HOST", "LOST"))) == wrong);
  CHECK(problem(verifier.verify(headers, nlohmann::json::parse(body()).dump())) == wrong);
  CHECK(problem(verifier.verify(signed_by(other_key()), body())) == wrong);

  std::string tampered = good;
  tampered[20] = tampered[20] == 'A' ? 'B' : 'A';
  CHECK(problem(verifier.verify({{"rtk-signature", tampered}}, body())) == wrong);
  for (const std::string& text :
       {std::string("AAAA"), base64("short"), base64(std::string(256, '\0')),
        good.substr(0, good.size() - 4), base64(std::string(10000, 'x'))}) {
    CAPTURE(text);
    CHECK(problem(verifier.verify({{"rtk-signature", text}}, body())) == wrong);
  }

  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const std::string secret = key().pem();
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes(body()), body().size(),
       mac, &size);
  const std::string hmac = base64({reinterpret_cast<const char*>(mac), size});
  CHECK(problem(verifier.verify({{"rtk-signature", hmac}}, body())) == wrong);

  for (const auto& other : {key().sign(body(), EVP_sha1()), key().sign(body(), EVP_sha512()),
                            key().sign(body(), EVP_sha256(), RSA_PKCS1_PSS_PADDING)}) {
    CHECK(problem(verifier.verify({{"rtk-signature", other}}, body())) == wrong);
  }
}

TEST_CASE("A signature that is not there, or no base64, is called so") {
  KeyUrl url;
  const webhooks::Verifier verifier(url.transport());
  const std::string good = key().sign(body());

  CHECK(problem(verifier.verify({}, body())) == no_header);
  CHECK(problem(verifier.verify({{"rtk-signature", ""}, {"dyte-signature", ""}}, body())) ==
        no_header);
  CHECK(problem(verifier.verify({{"signature", good}, {"x-rtk-signature", good}}, body())) ==
        no_header);
  for (const std::string& text :
       {std::string("no base64!"), good + "=", "=" + good, good.substr(0, 7), "====" + good,
        good.substr(0, 10) + "==" + good.substr(12), replaced(good, "=", "") + "\n",
        good + ", " + good, std::string("===="), std::string("="), std::string(1u << 20, 'A'),
        std::string("\xff\xff\xff\xff")}) {
    CAPTURE_TEXT(text.substr(0, 400));
    CHECK(problem(verifier.verify({{"rtk-signature", text}}, body())) == no_base64);
  }
  CHECK(url.fetches == 0);  // a stranger cannot cause a request in this way
}

TEST_CASE("Of several signatures, the first that is not empty counts") {
  const webhooks::Verifier verifier(key().pem());
  const std::string good = key().sign(body()), bad = other_key().sign(body());
  const auto verify = [&](const rtk::Headers& headers) {
    return problem(verifier.verify(headers, body()));
  };
  CHECK(verify({{"rtk-signature", good}, {"rtk-signature", bad}}) == "");
  CHECK(verify({{"rtk-signature", bad}, {"rtk-signature", good}}) == wrong);
  CHECK(verify({{"rtk-signature", ""}, {"Rtk-Signature", good}}) == "");
  CHECK(verify({{"dyte-signature", bad}, {"rtk-signature", good}}) == "");
  CHECK(verify({{"dyte-signature", good}, {"rtk-signature", ""}}) == "");
  CHECK(verify({{"rtk-signature", " \t" + good + " \r"}}) == "");
}

TEST_CASE("A public key may have literal \\n, or other ends of lines") {
  const std::string pem = key().pem();
  for (const std::string& text :
       {replaced(pem, "\n", "\\n"), replaced(pem, "\n", "\r\n"), replaced(pem, "\n", "\\n\n"),
        replaced(pem, "\n", "\\r\\n"), pem.substr(0, pem.size() - 1), "\n" + pem}) {
    CAPTURE_TEXT(text);
    CHECK(problem(webhooks::Verifier(text).verify(signed_by(key()), body())) == "");
    KeyUrl url;
    url.respond = [&](const rtk::HttpRequest&) { return key_response(text); };
    CHECK(problem(webhooks::Verifier(url.transport()).verify(signed_by(key()), body())) == "");
  }
}

TEST_CASE("A key that cannot be used is an error in words") {
  const std::string pem = key().pem();
  const std::string ec = Key(EVP_EC_gen("P-256")).pem();
  for (const std::string& text :
       {std::string(), std::string("key"), pem.substr(0, 200), replaced(pem, "PUBLIC", "PRIVATE"),
        replaced(pem, "\n", ""), ec, pem.substr(pem.find('\n') + 1)}) {
    CAPTURE_TEXT(text);
    CHECK(problem(webhooks::Verifier(text).verify(signed_by(key()), body())) ==
          "invalid request: the public key is not a valid RSA key in PEM");
    KeyUrl url;
    url.respond = [&](const rtk::HttpRequest&) { return key_response(text); };
    const webhooks::Verifier verifier(url.transport());
    const std::string found = problem(verifier.verify(signed_by(key()), body()));
    CHECK(found == (text.empty()
                        ? "unusable response: the request for the public key: the response "
                          "is missing public_key: data is an object"
                        : "unusable response: the request for the public key: the key is not a "
                          "valid RSA key in PEM"));
  }
  const char* const unset = nullptr;  // as std::getenv() returns
  CHECK(problem(webhooks::Verifier(unset).verify(signed_by(key()), body())) ==
        "invalid request: the public key is not a valid RSA key in PEM");
  const auto copy = std::make_unique<webhooks::Verifier>(pem);
  const webhooks::Verifier moved = std::move(*copy);
  CHECK(problem(moved.verify(signed_by(key()), body())) == "");
  CHECK(problem(copy->verify(signed_by(key()), body())) ==
        "invalid request: the verifier has been moved from");
}

// ---- The request for the key

TEST_CASE("The key is fetched once, without any token") {
  KeyUrl url;
  rtk::HttpRequest sent;
  url.respond = [&](const rtk::HttpRequest& request) {
    sent = request;
    return key_response(key().pem());
  };
  const webhooks::Verifier verifier(url.transport());
  CHECK(url.fetches == 0);
  const webhooks::Verifier copy = verifier;
  for (int i = 0; i < 3; ++i) {
    CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
    CHECK(problem(copy.verify(signed_by(key()), body())) == "");
  }
  CHECK(url.fetches == 1);
  CHECK(sent.method == rtk::Method::get);
  CHECK(sent.url == "https://api.realtime.cloudflare.com/.well-known/webhooks.json");
  CHECK(sent.body == "");
  CHECK(sent.idempotent);
  CHECK(rtk::find_header(sent.headers, "Authorization") == nullptr);
  CHECK(*rtk::find_header(sent.headers, "Accept") == "application/json");
}

TEST_CASE("The key is found in the forms in which it is sent") {
  const nlohmann::json pem = key().pem();
  for (const std::string& text :
       {"{\"publicKey\":" + pem.dump() + "}", "{\"data\":{\"public_key\":" + pem.dump() + "}}",
        "{\"success\":true,\"result\":{\"publicKey\":" + pem.dump() + "}}"}) {
    CAPTURE_TEXT(text);
    const webhooks::Verifier verifier([&](const rtk::HttpRequest&) { return answer(200, text); });
    CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
  }
}

TEST_CASE("A new key of the server is fetched once a verification has failed") {
  KeyUrl url;
  const webhooks::Verifier verifier(url.transport());
  CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
  url.respond = [](const rtk::HttpRequest&) { return key_response(other_key().pem()); };
  CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
  CHECK(url.fetches == 1);
  CHECK(problem(verifier.verify(signed_by(other_key()), body())) == "");
  CHECK(url.fetches == 2);
  for (int i = 0; i < 3; ++i) {  // the old key counts no more, and none is fetched within a minute
    CHECK(problem(verifier.verify(signed_by(key()), body())) == wrong);
    CHECK(problem(verifier.verify(signed_by(other_key()), body())) == "");
  }
  CHECK(url.fetches == 2);
}

TEST_CASE("Strangers cause one request for the key a minute at most") {
  KeyUrl url;
  const webhooks::Verifier verifier(url.transport());
  for (int i = 0; i < 10; ++i) {
    CHECK(problem(verifier.verify(signed_by(other_key()), body())) == wrong);
    CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
  }
  CHECK(url.fetches == 2);
}

TEST_CASE("A failed request for the key is reported as it is, and repeated after a minute") {
  rtk::Error lost;
  lost.message = "connection refused";
  lost.delivery = rtk::Delivery::not_sent;
  struct Failure {
    rtk::Result<rtk::HttpResponse> result;
    const char* message;
  };
  const Failure failures[] = {
      {lost, "transport error: the request for the public key: connection refused"},
      {answer(500, R"({"success":false,"error":{"code":500,"message":"overloaded"}})"),
       "API error: the request for the public key: overloaded"},
      {answer(200, R"({"success":false,"errors":[{"code":7,"message":"no"}]})"),
       "API error: the request for the public key: no"},
      {answer(200, "<html><title>Hello</title></html>"),
       "unusable response: the request for the public key: the response is an HTML page: Hello"},
      {answer(200, ""), "unusable response: the request for the public key: the response is empty"},
      {answer(302, "", {{"Location", "https://example.com/key"}}),
       "API error: the request for the public key: a redirect is not followed: "
       "https://example.com/key"},
  };
  for (const Failure& failure : failures) {
    CAPTURE_TEXT(failure.message);
    KeyUrl url;
    url.respond = [&](const rtk::HttpRequest&) { return failure.result; };
    const webhooks::Verifier verifier(url.transport());
    for (int i = 0; i < 3; ++i) {
      CHECK(problem(verifier.verify(signed_by(key()), body())) == failure.message);
    }
    CHECK(url.fetches == 1);
  }

  KeyUrl url;  // the key that is there stays in use
  const webhooks::Verifier verifier(url.transport());
  CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
  url.respond = [&](const rtk::HttpRequest&) { return lost; };
  for (int i = 0; i < 3; ++i) {
    CHECK(problem(verifier.verify(signed_by(other_key()), body())) ==
          "transport error: the signature does not match the known key; the request for the public "
          "key: "
          "connection refused");
    CHECK(problem(verifier.verify(signed_by(key()), body())) == "");
  }
  CHECK(url.fetches == 2);
}

TEST_CASE("A transport may return a response or an error, be stateful, and is destroyed once") {
  CHECK(problem(webhooks::Verifier([](const rtk::HttpRequest&) {
                  return key_response(key().pem());
                }).verify(signed_by(key()), body())) == "");
  CHECK(problem(webhooks::Verifier([](const rtk::HttpRequest&) {
                  return rtk::Error{};
                }).verify(signed_by(key()), body())) ==
        "transport error: the request for the public key: ");
  const auto alive = std::make_shared<int>(0);
  {
    const webhooks::Verifier verifier([alive, calls = 0](const rtk::HttpRequest&) mutable {
      *alive = ++calls;
      return key_response(key().pem());
    });
    const webhooks::Verifier copy = verifier;
    CHECK(problem(copy.verify(signed_by(key()), body())) == "");
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
  CHECK(*alive == 1);
}

#if defined(__cpp_exceptions)
TEST_CASE("What a transport throws is an error of the request for the key") {
  const webhooks::Verifier verifier(
      [](const rtk::HttpRequest&) -> rtk::HttpResponse { throw std::runtime_error("no network"); });
  CHECK(problem(verifier.verify(signed_by(key()), body())) ==
        "transport error: the request for the public key: the transport threw an exception: no "
        "network");
}
#endif

#ifdef __linux__
TEST_CASE("The key is used for an hour, and after a failure fetched again after a minute") {
  const auto at = [](long seconds) { seconds_ahead = seconds; };
  rtk::Error lost;
  lost.message = "connection refused";
  const auto good = signed_by(key()), bad = signed_by(other_key());
  {
    KeyUrl url;
    const webhooks::Verifier verifier(url.transport());
    CHECK(problem(verifier.verify(good, body())) == "");
    at(3590);
    CHECK(problem(verifier.verify(good, body())) == "");
    CHECK(url.fetches == 1);
    at(3601);
    CHECK(problem(verifier.verify(good, body())) == "");
    CHECK(url.fetches == 2);
    at(2 * 3601);
    url.respond = [&](const rtk::HttpRequest&) { return lost; };
    for (int i = 0; i < 2; ++i) {  // an expired key is not used
      CHECK(problem(verifier.verify(good, body())) ==
            "transport error: the request for the public key: connection refused");
    }
    CHECK(url.fetches == 3);
    url.respond = [&](const rtk::HttpRequest&) { return key_response(key().pem()); };
    at(2 * 3601 + 50);
    CHECK(!verifier.verify(good, body()));
    at(2 * 3601 + 61);
    CHECK(problem(verifier.verify(good, body())) == "");
    CHECK(url.fetches == 4);
  }
  at(0);
  {
    KeyUrl url;
    const webhooks::Verifier verifier(url.transport());
    for (const auto& [seconds, fetches] :
         std::vector<std::pair<long, int>>{{0, 2}, {50, 2}, {61, 3}, {100, 3}, {122, 4}}) {
      at(seconds);
      CHECK(problem(verifier.verify(bad, body())) == wrong);
      CHECK(url.fetches == fetches);
    }
  }
  at(0);
}
#endif

TEST_CASE("Threads share one request for the key") {
  constexpr int count = 8;
  KeyUrl url;
  std::atomic<int> begun{0}, verified{0};
  const auto key_once_all_have_begun = [&](const Key& signer) {
    return [&](const rtk::HttpRequest&) {
      while (begun < count) std::this_thread::yield();
      return key_response(signer.pem());
    };
  };
  const webhooks::Verifier verifier(url.transport());
  const auto run = [&](const Key& signer) {
    url.respond = key_once_all_have_begun(signer);
    begun = verified = 0;
    const auto headers = signed_by(signer);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&] {
        ++begun;
        if (verifier.verify(headers, body())) ++verified;
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(verified == count);
  };
  run(key());
  CHECK(url.fetches == 1);
  run(other_key());  // a new key of the server loses no delivery
  CHECK(url.fetches == 2);
}

TEST_CASE("While the key is fetched again, deliveries of the known key are verified") {
  KeyUrl url;
  const webhooks::Verifier verifier(url.transport());
  const auto good = signed_by(key()), bad = signed_by(other_key());
  CHECK(problem(verifier.verify(good, body())) == "");
  std::atomic<bool> is_fetching{false}, is_verified{false};
  url.respond = [&](const rtk::HttpRequest&) {
    is_fetching = true;
    while (!is_verified) std::this_thread::yield();
    return key_response(key().pem());
  };
  std::string found;
  std::thread stranger([&] { found = problem(verifier.verify(bad, body())); });
  while (!is_fetching) std::this_thread::yield();
  const std::string genuine = problem(verifier.verify(good, body()));
  is_verified = true;
  stranger.join();
  CHECK(genuine == "");
  CHECK(found == wrong);
}

TEST_CASE("OpenSSL's errors of the thread are those from before") {
  const auto codes = [] {
    std::vector<unsigned long> all;
    while (const unsigned long code = ERR_get_error()) all.push_back(code);
    return all;
  };
  const std::string pem = key().pem();
  const auto headers = signed_by(key());
  const rtk::Headers wrong_headers = {{"rtk-signature", base64("short")}};
  for (const int count : {0, 1, 15}) {
    codes();
    for (int i = 0; i < count; ++i) ERR_raise_data(ERR_LIB_USER, 40 + i, "the caller's %d", i);
    const webhooks::Verifier unusable(
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    const webhooks::Verifier verifier(pem);
    CHECK(!unusable.verify(headers, body()));
    CHECK(!verifier.verify(wrong_headers, body()));
    CHECK(verifier.verify(headers, body()).has_value());
    const auto left = codes();
    REQUIRE(left.size() == static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) CHECK(ERR_GET_REASON(left[std::size_t(i)]) == 40 + i);
  }
}

// ---- Deduplication

TEST_CASE("Retries of a delivery have one key, other deliveries others") {
  const webhooks::Verifier verifier(key().pem());
  const auto id = [&](const std::string& text, const rtk::Headers& more) {
    rtk::Headers headers = more;
    headers.emplace_back("rtk-signature", key().sign(text));
    return verifier.verify(headers, text).value().deduplication_key;
  };
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(id("abc", {{"rtk-webhook-id", "hook-1"}, {"rtk-uuid", "u-1"}}) == "hook-1:" + abc);
  CHECK(id("abc", {{"RTK-Webhook-ID", "hook-1"}, {"rtk-uuid", "u-2"}}) == "hook-1:" + abc);
  CHECK(id("abc", {{"dyte-webhook-id", "hook-2"}}) == "hook-2:" + abc);
  CHECK(id("abc", {}) == ":" + abc);
  CHECK(id("abd", {}) != ":" + abc);
}

// ---- Events

namespace {

template <class T> T parsed(const std::string& name) {
  const auto event = webhooks::parse_event(fixture("webhooks/" + name + ".json"));
  CHECK_MESSAGE(event.has_value(), event.error().message);
  const T* const found = event ? std::get_if<T>(&*event) : nullptr;
  REQUIRE(found);
  CHECK(found->event == name);
  CHECK(contains(rtk::to_string(*found), "{\"event\":\"" + name + '"'));
  return *found;
}

// What all fixtures have.
void check_meeting(const webhooks::EventMeeting& meeting) {
  CHECK(meeting.id == "7c1b0001-0a11-4b22-8c33-5d44e55f6601");
  CHECK(meeting.title == "Harbour talk");
  CHECK(meeting.status == rtk::SessionStatus::live);
  CHECK(meeting.created_at == "2026-03-05T09:00:00.000Z");
  CHECK(meeting.organized_by.id == "7c1b0003-0a11-4b22-8c33-5d44e55f6603");
  CHECK(meeting.organized_by.name == "Lighthouse");
}

void check_session(const webhooks::EventMeeting& meeting, bool has_ended) {
  check_meeting(meeting);
  CHECK(meeting.session_id == "7c1b0002-0a11-4b22-8c33-5d44e55f6602");
  CHECK(meeting.started_at == "2026-03-05T09:00:01.000Z");
  CHECK(meeting.ended_at == (has_ended ? "2026-03-05T09:45:00.000Z" : ""));
}

}  // namespace

TEST_CASE("The events of a meeting") {
  const auto started = parsed<webhooks::MeetingStarted>("meeting.started");
  check_session(started.meeting, false);
  CHECK(started.meeting.room_name == "harbour-talk");

  const auto ended = parsed<webhooks::MeetingEnded>("meeting.ended");
  check_session(ended.meeting, true);
  CHECK(ended.reason == webhooks::MeetingEndReason::host_ended_meeting);

  const auto joined = parsed<webhooks::MeetingParticipantJoined>("meeting.participantJoined");
  check_session(joined.meeting, false);
  CHECK(joined.participant.peer_id == "7c1b0004-0a11-4b22-8c33-5d44e55f6604");
  CHECK(joined.participant.user_display_name == "Ines");
  CHECK(joined.participant.custom_participant_id == "user-77");
  CHECK(joined.participant.client_specific_id == "user-77");
  CHECK(joined.participant.joined_at == "2026-03-05T09:02:00.000Z");
  CHECK(joined.participant.left_at == "");

  const auto left = parsed<webhooks::MeetingParticipantLeft>("meeting.participantLeft");
  check_session(left.meeting, false);
  CHECK(left.participant.custom_participant_id == "user-77");
  CHECK(left.participant.left_at == "2026-03-05T09:40:00.000Z");
}

TEST_CASE("The events of what can be downloaded") {
  const auto chat = parsed<webhooks::MeetingChatSynced>("meeting.chatSynced");
  CHECK(chat.meeting_id == "7c1b0001-0a11-4b22-8c33-5d44e55f6601");
  CHECK(chat.session_id == "7c1b0002-0a11-4b22-8c33-5d44e55f6602");
  CHECK(chat.title == "Harbour talk");
  CHECK(chat.created_at == "2026-03-05T09:00:00.000Z");
  CHECK(chat.started_at == "2026-03-05T09:00:01.000Z");
  CHECK(chat.ended_at == "2026-03-05T09:45:00.000Z");
  CHECK(chat.chat_download_url == "https://files.example/chat.csv");
  CHECK(chat.chat_download_url_expiry.time().has_value());
  CHECK(chat.organized_by.name == "Lighthouse");

  const auto transcript = parsed<webhooks::MeetingTranscript>("meeting.transcript");
  check_session(transcript.meeting, true);
  CHECK(transcript.transcript_download_url == "https://files.example/transcript.csv");
  CHECK(transcript.transcript_download_url_expiry == "2026-03-12T09:45:00.000Z");

  const auto summary = parsed<webhooks::MeetingSummary>("meeting.summary");
  check_session(summary.meeting, true);
  CHECK(summary.summary_download_url == "https://files.example/summary.txt");
  CHECK(summary.summary_download_url_expiry == "2026-03-12T09:45:00.000Z");

  const auto recorded = parsed<webhooks::RecordingStatusUpdate>("recording.statusUpdate");
  check_session(recorded.meeting, true);
  const rtk::Recording& recording = recorded.recording;
  CHECK(recording.id == "7c1b0005-0a11-4b22-8c33-5d44e55f6605");
  CHECK(recording.status == rtk::RecordingStatus::uploaded);
  CHECK(recording.download_url == "https://files.example/talk.mp4");
  CHECK(recording.audio_download_url == "https://files.example/talk.mp3");
  CHECK(recording.download_url_expiry == "2026-03-12T09:45:00.000Z");
  CHECK(recording.started_time == "2026-03-05T09:01:00.000Z");
  CHECK(recording.stopped_time == "2026-03-05T09:44:00.000Z");
  CHECK(recording.file_size == 7340032);
  CHECK(recording.output_file_name == "talk.mp4");
  CHECK(recording.meeting_id == "7c1b0001-0a11-4b22-8c33-5d44e55f6601");
  CHECK(recording.recording_duration.value_or(0) == doctest::Approx(2580));
}

TEST_CASE("The event of a livestream, whose stream key does not print") {
  const auto live = parsed<webhooks::LivestreamingStatusUpdate>("livestreaming.statusUpdate");
  check_meeting(live.meeting);
  CHECK(live.livestream_id == "7c1b0006-0a11-4b22-8c33-5d44e55f6606");
  CHECK(live.status == rtk::LivestreamStatus::live);
  CHECK(live.manual_ingest == false);
  CHECK(live.playback_url == "https://play.example/7c1b0006.m3u8");
  CHECK(live.ingest_server == "rtmps://ingest.example:443/live");
  CHECK(live.stream_key.reveal() == "CanaryStreamKey-0123456789");
  CHECK(contains(rtk::to_string(live), R"("stream_key":"***")"));
  CHECK(!contains(streamed(live), "Canary"));

  const auto idle = webhooks::parse_event(
      R"({"event":"livestreaming.statusUpdate","streamId":"s-1","status":"PAUSED","new":1})");
  const auto& event = std::get<webhooks::LivestreamingStatusUpdate>(idle.value());
  CHECK(event.livestream_id == "s-1");
  CHECK(event.status == "PAUSED");
  CHECK(event.stream_key.empty());
  CHECK(event.meeting.id == "");
}

TEST_CASE("An unknown event keeps its text") {
  const auto event = webhooks::parse_event(
      "{ \"event\": \"meeting.paused\",\n \"data\": {\"event\": \"x\"}, \"streamKey\": \"Canary\","
      " \"list\": [1, \"\xC3\xA9\", null] }");
  REQUIRE(event.has_value());
  const auto& unknown = std::get<webhooks::UnknownEvent>(*event);
  CHECK(unknown.event == "meeting.paused");
  CHECK(unknown.body.text() ==
        "{\"event\":\"meeting.paused\",\"data\":{\"event\":\"x\"},"
        "\"streamKey\":\"Canary\",\"list\":[1,\"\xC3\xA9\",null]}");
  CHECK(!contains(rtk::to_string(unknown), "Canary"));
  CHECK(contains(rtk::to_string(unknown), "meeting.paused"));
}

TEST_CASE("The rules of responses hold for events") {
  const auto event = webhooks::parse_event(
      R"({"reason":"ALL_PARTICIPANTS_LEFT","meeting":{"session_id":"s-1","sessionId":"s-2",)"
      R"("title":null,"endedAt":"null","status":"STRANGE","id":7,"organizedBy":[{"id":"o-1"}]},)"
      R"("event":"meeting.ended"})");
  const auto& ended = std::get<webhooks::MeetingEnded>(event.value());
  CHECK(ended.meeting.id == "7");
  CHECK(ended.meeting.session_id == "s-1");
  CHECK(!ended.meeting.title);
  CHECK(ended.meeting.status == "STRANGE");
  CHECK(ended.meeting.organized_by.id == "o-1");
  CHECK(ended.reason == webhooks::MeetingEndReason::all_participants_left);

  const auto surrogate = webhooks::parse_event(
      R"({"event":"meeting.started","meeting":{"id":"m","title":"\ud83d!"}})");
  CHECK(std::get<webhooks::MeetingStarted>(surrogate.value()).meeting.title == "\xEF\xBF\xBD!");
  for (const BadText& bad : not_utf8()) {
    CAPTURE_TEXT(bad.what);
    const auto repaired = webhooks::parse_event(
        "{\"event\":\"meeting.started\",\"meeting\":{\"id\":"
        "\"m\",\"title\":\"" +
        bad.bytes + "\"}}");
    CHECK(std::get<webhooks::MeetingStarted>(repaired.value()).meeting.id == "m");
  }
}

TEST_CASE("What is no event is an error in words, without a text of the body") {
  struct Bad {
    std::string body, message;
  };
  std::string deep = "{\"event\":\"meeting.started\",\"x\":";
  for (int i = 0; i < 100000; ++i) deep += '[';
  const std::string large = "{\"event\":\"meeting.started\",\"x\":[" + [] {
    std::string items;
    while (items.size() < 8u << 20) items += "0,";
    return items;
  }() + "0]}";
  const Bad all[] = {
      {"", "the event is incomplete JSON, after 0 bytes"},
      {"Canary", "the event is not JSON: error at byte 1 of 6"},
      {R"({"event":"meeting.started","streamKey":"Canary)",
       "the event is incomplete JSON, after 46 bytes"},
      {R"({"event":"meeting.started"} Canary)", "the event is not JSON: error at byte 29 of 34"},
      {"null", "the event is not a JSON object"},
      {"[]", "the event is not a JSON object"},
      {R"([{"event":"meeting.started"}])", "the event is not a JSON object"},
      {R"("Canary")", "the event is not a JSON object"},
      {"7", "the event is not a JSON object"},
      {"{}", R"(the event has no member "event")"},
      {R"({"event":null})", R"(the event has no member "event")"},
      {R"({"event":""})", R"(the event has no member "event")"},
      {R"({"event":{"name":"Canary"}})", R"(the event has no member "event")"},
      {R"({"type":"meeting.started","streamKey":"Canary"})", R"(the event has no member "event")"},
      {deep, "the event is JSON nested deeper than 64 levels"},
      {large, "the event is JSON with too many values"},
  };
  for (const Bad& bad : all) {
    CAPTURE_TEXT(bad.body.substr(0, 100));
    const auto event = webhooks::parse_event(bad.body);
    CHECK(!event);
    CHECK(event.error().kind == rtk::ErrorKind::decode);
    CHECK(event.error().message == bad.message);
    CHECK(!contains(streamed(event.error()) + event.error().body, "Canary"));
  }
  const std::string text(8u << 20, 'x');
  const auto long_text = webhooks::parse_event("{\"event\":\"a\",\"x\":\"" + text + "\"}");
  CHECK(!long_text);
  std::string many = "{\"event\":\"a.b\"";
  while (many.size() < 8u << 20) many += ",\"name of a member\":\"its value, a text\"";
  CHECK(webhooks::parse_event(many + '}').has_value());
}
