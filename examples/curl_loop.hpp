// An event loop with libcurl: many requests in flight on one thread, each sent once.
#pragma once
#include "realtimekit.hpp"
#include <curl/curl.h>  // requires 7.68 or newer
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>

class CurlLoop {
 public:
  using Received = realtimekit::Result<realtimekit::HttpResponse>;

  CurlLoop() = default;
  CurlLoop(const CurlLoop&) = delete;
  ~CurlLoop() {
    for (const auto& transfer : transfers_) curl_multi_remove_handle(multi_.get(), transfer.first);
  }
  std::size_t in_flight() const { return transfers_.size(); }

  // Sends a request. turn() or cancel() calls done with the response or the error.
  void start(const realtimekit::HttpRequest& request, std::function<void(Received)> done) {
    CURL* const easy = curl_easy_init();
    Transfer& transfer = transfers_[easy];
    transfer.easy.reset(easy, curl_easy_cleanup);
    transfer.done = std::move(done);
    transfer.limit = request.max_response_bytes;
    transfer.headers.reset(curl_slist_append(nullptr, "Expect:"), curl_slist_free_all);  // no "100"
    for (const auto& [name, value] : request.headers)
      curl_slist_append(transfer.headers.get(), (name + ": " + value).c_str());
    const auto set = [&](auto option, auto value) { curl_easy_setopt(easy, option, value); };
    set(CURLOPT_URL, request.url.c_str()), set(CURLOPT_HTTPHEADER, transfer.headers.get());
    set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});  // or newer; verified by default
    if (const char* ca_file = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, ca_file);
    if (!request.body.empty()) set(CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    set(CURLOPT_CUSTOMREQUEST, std::string(to_string(request.method)).c_str());
    set(CURLOPT_WRITEFUNCTION, on_body), set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, on_header), set(CURLOPT_HEADERDATA, &transfer);
    // libcurl cannot interrupt a DNS lookup: after a timeout, it waits for the end of the lookup.
    set(CURLOPT_NOSIGNAL, 1L), set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    // A new connection, since libcurl sends a request again if a reused connection has been closed.
    set(CURLOPT_FRESH_CONNECT, 1L), set(CURLOPT_FORBID_REUSE, 1L);
    curl_multi_add_handle(multi_.get(), easy);
  }
  // Waits for data or wake(), for at most this time. Sends, receives and calls functions.
  void turn(int milliseconds) {
    int count = 0;
    curl_multi_poll(multi_.get(), nullptr, 0, milliseconds, nullptr);
    curl_multi_perform(multi_.get(), &count);
    while (const CURLMsg* const end = curl_multi_info_read(multi_.get(), &count))
      finish(end->easy_handle, end->data.result);
  }
  void wake() { curl_multi_wakeup(multi_.get()); }  // from any thread
  void cancel() {
    while (!transfers_.empty()) finish(transfers_.begin()->first, CURLE_ABORTED_BY_CALLBACK);
  }

 private:
  struct Transfer {
    std::shared_ptr<CURL> easy;
    std::shared_ptr<curl_slist> headers;
    std::function<void(Received)> done;
    std::size_t limit;
    realtimekit::HttpResponse response;
  };
  static std::size_t on_body(const char* data, std::size_t, std::size_t size, Transfer* transfer) {
    std::string& body = transfer->response.body;
    if (size > transfer->limit - body.size()) return 0;  // fails: CURLE_WRITE_ERROR
    return body.append(data, size), size;
  }
  static std::size_t on_header(const char* data, std::size_t, std::size_t size,
                               Transfer* transfer) {
    auto& [status, headers, body] = transfer->response;
    const std::string line(data, size);  // "HTTP/1.1 201 Created\r\n" or "Name: value\r\n"
    if (line.rfind("HTTP/", 0) == 0) status = -std::atoi(&line[9]), headers.clear();
    if (line == "\r\n" || line == "\n") status = -status;  // the head is complete
    const auto colon = line.find(':'), value = line.find_first_not_of(": \t", colon);
    const auto end = line.find_last_not_of(" \t\r\n") + 1;
    if (value < end) headers.emplace_back(line.substr(0, colon), line.substr(value, end - value));
    return size;
  }
  void finish(CURL* easy, CURLcode code) {
    curl_multi_remove_handle(multi_.get(), easy);
    Transfer transfer = std::move(transfers_.extract(easy).mapped());
    if (code == CURLE_OK && transfer.response.status > 0)
      return transfer.done(std::move(transfer.response));
    if (code == CURLE_OK) code = CURLE_RECV_ERROR;  // the head is truncated
    long sent = 0;                                  // bytes
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    realtimekit::Error error;
    if (code == CURLE_OPERATION_TIMEDOUT) error.kind = realtimekit::ErrorKind::timeout;
    if (code == CURLE_ABORTED_BY_CALLBACK) error.kind = realtimekit::ErrorKind::canceled;
    if (code == CURLE_WRITE_ERROR) error.kind = realtimekit::ErrorKind::decode;  // too long
    if (sent == 0) error.delivery = realtimekit::Delivery::not_sent;
    error.permanent = code == CURLE_PEER_FAILED_VERIFICATION;
    error.message = std::string("curl: ") + curl_easy_strerror(code);
    transfer.done(std::move(error));
  }

  std::shared_ptr<CURLM> multi_{curl_multi_init(), curl_multi_cleanup};
  std::map<CURL*, Transfer> transfers_;
};
