// The call by hand, with libcurl.
#include "by_hand.hpp"
#include "create.hpp"

#include <curl/curl.h>

class ByHand {
 public:
  ByHand() {
    headers_.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
    const std::string authorization = std::string("Authorization: Bearer ") + bench::token;
    for (const char* header : {authorization.c_str(), "Accept: application/json", "Expect:"})
      bench::check(curl_slist_append(headers_.get(), header), "curl_slist_append");
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, "by-hand/1.0");
    set(CURLOPT_CAINFO, bench::ca_file().c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, 5L);
    set(CURLOPT_TIMEOUT, 30L);
    set(CURLOPT_WRITEFUNCTION, &ByHand::on_body);
    set(CURLOPT_WRITEDATA, &answer_);
  }

  void create() {
    const std::string body = by_hand::create_body("launch");
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    set(CURLOPT_POSTFIELDS, body.c_str());
    answer_.clear();
    const CURLcode code = curl_easy_perform(easy_.get());
    if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    const auto live = by_hand::created(status, answer_);
    bench::check(!live.stream_key.empty(), "create");
  }

 private:
  template <class Value> void set(CURLoption option, Value value) {
    bench::check(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK, "curl_easy_setopt");
  }
  static std::size_t on_body(const char* data, std::size_t, std::size_t size, std::string* answer) {
    answer->append(data, size);
    return size;
  }

  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{curl_easy_init(),
                                                                  curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       curl_slist_free_all};
  const std::string url_ =
      std::string("https://") + bench::host + ':' + std::to_string(bench::port()) + bench::path;
  std::string answer_;
};

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return bench::run<ByHand>(argc, argv);
}
