// Calls of webhooks: signed POST requests in the order of the events, each repeated after a network
// error or a 5xx response. Only webhooks on this machine are called.
#pragma once

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <regex>
#include <string>
#include <thread>
#include <utility>

#include "certificates.hpp"  // detail::check, detail::to_pem
#include "request.hpp"

namespace sandbox {

// RSA PKCS#1 v1.5 with SHA-256. Making the key takes time: it is made when it is first used.
class Signer {
 public:
  std::string public_key() {  // PEM, SubjectPublicKeyInfo
    return detail::to_pem([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key()); });
  }

  std::string sign(const std::string& body) {  // base64
    const std::unique_ptr<EVP_MD_CTX, detail::Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    unsigned char raw[key_bits / 8], text[key_bits / 4];
    std::size_t size = sizeof raw;
    const auto* const data = reinterpret_cast<const unsigned char*>(body.data());
    detail::check(
        context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key()) == 1 &&
            EVP_DigestSign(context.get(), raw, &size, data, body.size()) == 1,
        "signing");
    const int length = EVP_EncodeBlock(text, raw, static_cast<int>(size));
    return std::string(reinterpret_cast<char*>(text), static_cast<std::size_t>(length));
  }

 private:
  static constexpr std::size_t key_bits = 2048;

  EVP_PKEY* key() {
    std::call_once(once_,
                   [&] { key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", key_bits)); });
    detail::check(key_ != nullptr, "making a key");
    return key_.get();
  }

  std::once_flag once_;
  detail::Key key_;
};

// A thread that calls webhooks one after the other. Drops what is left when it ends.
class Deliveries {
 public:
  ~Deliveries() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
      if (client_) client_->stop();
    }
    changed_.notify_one();
    thread_.join();
  }

  void add(const Json& webhook, const Json& event) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back({webhook["id"], webhook["url"], Answer{200, event}.text()});
    changed_.notify_one();
  }

  Json public_key() {  // the content of /.well-known/webhooks.json
    return {{"success", true}, {"data", {{"publicKey", signer_.public_key()}}}};
  }

 private:
  struct Delivery {
    std::string webhook_id, url, body;
  };

  void run() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      const Delivery next = std::move(waiting_.front());
      waiting_.pop_front();
      for (const int wait : {250, 500, 1000, 0}) {  // milliseconds; in RealtimeKit, much longer
        if (has_arrived(next, lock) || ending_ || wait == 0) break;
        changed_.wait_for(lock, std::chrono::milliseconds(wait), [&] { return ending_; });
      }
    }
  }

  // Sends the event once. Returns false if it is to be sent again.
  bool has_arrived(const Delivery& delivery, std::unique_lock<std::mutex>& lock) {
    static const std::regex form(
        R"((https?://(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?)(/[^#]*)?(?:#.*)?)");
    std::smatch parts;
    if (!std::regex_match(delivery.url, parts, form)) return true;  // not on this machine
    httplib::Client client(parts[1].str());
    client.set_connection_timeout(2);
    client.set_read_timeout(5);
    client.enable_server_certificate_verification(false);  // of a test server on this machine
    client_ = &client;
    lock.unlock();
    const auto response = client.Post(parts[2].matched ? parts[2].str() : "/",
                                      {{"rtk-signature", signer_.sign(delivery.body)},
                                       {"rtk-uuid", random_uuid()},  // a new one for a repetition
                                       {"rtk-webhook-id", delivery.webhook_id}},
                                      delivery.body, "application/json");
    lock.lock();
    client_ = nullptr;
    return response && response->status < 500;
  }

  Signer signer_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::deque<Delivery> waiting_;
  httplib::Client* client_ = nullptr;  // that sends
  bool ending_ = false;
  std::thread thread_{[this] { run(); }};  // the last member: it uses the others
};

}  // namespace sandbox
