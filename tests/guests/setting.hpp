// What setting.cpp, compiled twice, gives to settings.cpp.
#pragma once
#include <functional>
#include <stdexcept>
#include <string>

#include "realtimekit.hpp"

namespace rtk = realtimekit;
using Transport = std::function<rtk::Result<rtk::HttpResponse>(const rtk::HttpRequest&)>;
using Client = rtk::BasicClient<Transport>;

#define DECLARE(part)                           \
  namespace part {                              \
  std::string of_value(int way);                \
  Client client(const Transport& transport);    \
  std::string send(const Client& client);       \
  std::string read_pages(const Client& client); \
  Transport throwing();                         \
  }
DECLARE(with_exceptions)
DECLARE(without_exceptions)
