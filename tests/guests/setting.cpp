// A file of a program, with exceptions or without. PART: its namespace.
#include "setting.hpp"

namespace PART {

std::string of_value(int way) {
  rtk::Error error;
  error.message = "no such thing";
  const rtk::Result<rtk::Livestream> failed = error;
  const auto use = [&] {
    if (way == 0) return failed.value().id;
    if (way == 1) return (*failed).id;
    if (way == 2) return failed->id;
    return (*rtk::Result<rtk::Livestream>(failed)).id;
  };
#if defined(__cpp_exceptions)
  try {
    return use();
  } catch (const rtk::Exception& exception) {
    return exception.error().message;
  }
#else
  return use();
#endif
}

Client client(const Transport& transport) {
  rtk::Config config;
  config.account_id = config.app_id = "here";
  config.api_token = "token";
  config.retry.max_attempts = 1;
  return Client{config, transport};
}

std::string send(const Client& client) {
  return client.send(rtk::livestreams::List{}).error().message;
}

std::string read_pages(const Client& client) {
  for (auto& item : client.pages(rtk::livestreams::List{})) return item.error().message;
  return "nothing";
}

#if defined(__cpp_exceptions)
Transport throwing() {
  return [](const rtk::HttpRequest&) -> rtk::Result<rtk::HttpResponse> {
    throw std::runtime_error("of the test");
  };
}
#endif

}  // namespace PART
