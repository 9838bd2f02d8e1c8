// libcurl as the transport. A transport is any callable: here, a function replaces cpp-httplib.
//     c++ -std=c++17 -I.. custom_transport_curl.cpp -lcurl && ./a.out [NAME [TIMEOUT_SECONDS]]
#define REALTIMEKIT_NO_HTTPLIB
#include "realtimekit.hpp"
#include <curl/curl.h>  // requires 7.68 or newer
#include <cstdlib>
#include <iostream>
#include <memory>

namespace rtk = realtimekit;
struct Response : rtk::HttpResponse {
  std::size_t limit = 0;
};

static std::size_t on_body(const char* data, std::size_t, std::size_t size, Response* response) {
  if (size > response->limit - response->body.size()) return 0;  // fails: CURLE_WRITE_ERROR
  return response->body.append(data, size), size;
}

static std::size_t on_header(const char* data, std::size_t, std::size_t size, Response* response) {
  const std::string line(data, size);  // "HTTP/1.1 201 Created\r\n" or "Name: value\r\n"
  if (line.rfind("HTTP/", 0) == 0)
    response->status = -std::atoi(&line[9]), response->headers.clear();
  if (line == "\r\n" || line == "\n") response->status = -response->status;  // the head is complete
  const auto colon = line.find(':'), value = line.find_first_not_of(": \t", colon);
  const auto end = line.find_last_not_of(" \t\r\n") + 1;
  if (value < end)
    response->headers.emplace_back(line.substr(0, colon), line.substr(value, end - value));
  return size;
}

static rtk::Result<rtk::HttpResponse> curl_transport(const rtk::HttpRequest& request) {
  // A new connection for each call: on a reused one that has died, curl sends the request again.
  const std::shared_ptr<CURLM> multi(curl_multi_init(), curl_multi_cleanup);
  const std::shared_ptr<CURL> easy(curl_easy_init(), curl_easy_cleanup);
  const std::shared_ptr<curl_slist> headers(curl_slist_append(nullptr, "Expect:"),  // no "100"
                                            curl_slist_free_all);
  for (const auto& [name, value] : request.headers)
    curl_slist_append(headers.get(), (name + ": " + value).c_str());
  const auto set = [&](auto option, auto value) { curl_easy_setopt(easy.get(), option, value); };
  set(CURLOPT_URL, request.url.c_str()), set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});  // or newer; verified by default
  if (const char* ca_file = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, ca_file);
  if (!request.body.empty()) set(CURLOPT_POSTFIELDS, request.body.c_str());
  set(CURLOPT_CUSTOMREQUEST, std::string(rtk::to_string(request.method)).c_str());
  Response response{{}, request.max_response_bytes};
  set(CURLOPT_WRITEFUNCTION, on_body), set(CURLOPT_WRITEDATA, &response);
  set(CURLOPT_HEADERFUNCTION, on_header), set(CURLOPT_HEADERDATA, &response);
  // libcurl cannot interrupt a DNS lookup: after a timeout, the call waits until it has ended.
  set(CURLOPT_NOSIGNAL, 1L), set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_multi_add_handle(multi.get(), easy.get());  // curl_easy_perform() cannot be woken up
  const rtk::CancelCallback wake(request.cancel, [&] { curl_multi_wakeup(multi.get()); });
  int running = 0, left = 0;
  while (curl_multi_perform(multi.get(), &running), running && !request.cancel.canceled())
    curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
  const CURLMsg* const end = curl_multi_info_read(multi.get(), &left);
  const CURLcode code = end ? end->data.result : CURLE_ABORTED_BY_CALLBACK;
  long sent = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_REQUEST_SIZE, &sent);  // bytes
  curl_multi_remove_handle(multi.get(), easy.get());
  if (code == CURLE_OK && response.status > 0) return response;  // else the head is truncated
  rtk::Error error;
  if (code == CURLE_OPERATION_TIMEDOUT) error.kind = rtk::ErrorKind::timeout;
  if (!end) error.kind = rtk::ErrorKind::canceled;
  if (code == CURLE_WRITE_ERROR) error.kind = rtk::ErrorKind::decode;  // too long
  if (sent == 0) error.delivery = rtk::Delivery::not_sent;
  error.message = std::string("curl: ") + curl_easy_strerror(code ? code : CURLE_RECV_ERROR);
  return error;
}

int main(int argc, char** argv) {
  auto config = rtk::Config::from_env();
  if (!config) return std::cerr << config.error() << '\n', 1;
  if (argc > 2) config->total_timeout = std::chrono::seconds(std::atoi(argv[2]));
  const rtk::BasicClient client{*config, curl_transport};
  const auto live = client.send(rtk::livestreams::Create{argc > 1 ? argv[1] : "launch"});
  if (!live) return std::cerr << live.error() << '\n', 1;
  std::cout << *live << '\n';
}
