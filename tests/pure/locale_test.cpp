// Numbers on the wire do not depend on the locale of the program or of the thread.
#include "support.hpp"

#include <clocale>
#include <cstdlib>
#include <limits>
#ifdef __GLIBC__
#include <locale.h>  // duplocale
#include <stdlib.h>  // mkdtemp
#endif

using namespace support;

namespace {

struct Numbers {
  std::optional<double> real{};
  std::optional<double> as_text{};
  std::optional<std::string> text{};
  rtk::Timestamp time{};
  rtk::RawJson raw{};
  template <class Fields> static void fields(Fields& field) {
    field("real", &Numbers::real);
    field("as_text", &Numbers::as_text);
    field("text", &Numbers::text);
    field("time", &Numbers::time);
    field("raw", &Numbers::raw);
  }
};

struct PutNumbers : Numbers {
  static constexpr rtk::Route route{rtk::Method::put, "/numbers", rtk::Repeat::harmless};
  using Response = Numbers;
};

struct GetNumbers {
  static constexpr rtk::Route route{rtk::Method::get, "/numbers", rtk::Repeat::harmless};
  using Response = Numbers;

  std::optional<double> real{};
  template <class Fields> static void fields(Fields& field) { field("real", &GetNumbers::real); }
};

void check_numbers() {
  const auto numbers = rtk::from_http<GetNumbers>(answer(
      200,
      R"({"data":{"real":1.5,"as_text":"-2.25e1","text":1.5,"time":1689404906.634,"raw":[1.5]}})"));
  CHECK(numbers.error().message == "");
  REQUIRE(numbers);
  CHECK(rtk::to_string(*numbers) ==
        R"({"real":1.5,"as_text":-22.5,"text":"1.5","time":"1689404906.634","raw":[1.5]})");
  CHECK(numbers->time.time() == rtk::Timestamp("2023-07-15T07:08:26.634Z").time());

  PutNumbers put;
  put.real = 1.5;
  put.as_text = 0.1;
  put.raw = "[1.5e3]";
  CHECK(rtk::to_http(config(), put)->body == R"({"real":1.5,"as_text":0.1,"raw":[1.5e3]})");
  GetNumbers get;
  get.real = 1234567.5;
  const std::string url = rtk::to_http(config(), get)->url;
  CHECK(url.substr(url.find('?')) == "?real=1234567.5");
}

struct LocaleKeeper {
  ~LocaleKeeper() { std::setlocale(LC_ALL, "C"); }
};

}  // namespace

TEST_CASE("numbers are plain in the locale \"C\"") { check_numbers(); }

TEST_CASE("a number that is not finite is not sent, and prints as null") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double number : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    PutNumbers put;
    put.real = number;
    CHECK(rtk::to_http(config(), put).error().message == "real is not a finite number");
    CHECK(rtk::to_string(put) == R"({"real":null})");
  }
}

#ifdef __GLIBC__
// Debian's package "locales" has the sources of the locales, Fedora's is glibc-locale-source.
TEST_CASE("numbers are plain where the decimal sign is a comma or has two bytes") {
  char folder[] = "/tmp/locales-XXXXXX";
  REQUIRE(mkdtemp(folder));
  const LocaleKeeper keeper;
  struct Files {
    const std::string folder;
    ~Files() { CHECK(std::system(("rm -r " + folder).c_str()) == 0); }
  } const files{folder};
  REQUIRE(setenv("LOCPATH", folder, 1) == 0);
  const std::pair<const char*, const char*> locales[] = {{"de_DE", ","}, {"ps_AF", "\xD9\xAB"}};
  for (const auto& [name, point] : locales) {
    const std::string file = std::string(name) + ".UTF-8";
    const std::string make = std::string("localedef -i ") + name + " -f UTF-8 ";
    REQUIRE(std::system((make + folder + '/' + file).c_str()) == 0);
    REQUIRE(std::setlocale(LC_ALL, file.c_str()));
    CHECK(std::localeconv()->decimal_point == std::string(point));
    check_numbers();
    CHECK(std::localeconv()->decimal_point == std::string(point));  // the user's stays

    const locale_t own = duplocale(LC_GLOBAL_LOCALE);  // newlocale() would leak parts of LOCPATH
    std::setlocale(LC_ALL, "C");
    REQUIRE(own);
    const locale_t before = uselocale(own);
    check_numbers();
    CHECK(uselocale(before) == own);
    freelocale(own);
  }
  unsetenv("LOCPATH");
}
#endif
