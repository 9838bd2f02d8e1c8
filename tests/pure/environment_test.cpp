// Config::from_env: what is pasted into the environment, and what is missing there.
#include "support.hpp"

#include <cstdlib>
#include <optional>

using namespace support;

namespace {

void set(const char* name, const char* value) {
#ifdef _WIN32
  _putenv_s(name, value ? value : "");
#else
  value ? setenv(name, value, 1) : unsetenv(name);
#endif
}

// Sets the four variables and puts back what was there before.
class Environment {
 public:
  Environment(const char* token, const char* account, const char* app, const char* url = nullptr) {
    const char* values[] = {token, account, app, url};
    for (int i = 0; i < 4; ++i) {
      const char* before = std::getenv(names[i]);
      before_[i] = before ? std::optional<std::string>(before) : std::nullopt;
      set(names[i], values[i]);
    }
  }
  ~Environment() {
    for (int i = 0; i < 4; ++i) set(names[i], before_[i] ? before_[i]->c_str() : nullptr);
  }
  Environment(const Environment&) = delete;

 private:
  static constexpr const char* names[] = {"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID",
                                          "REALTIMEKIT_APP_ID", "CLOUDFLARE_BASE_URL"};
  std::optional<std::string> before_[4];
};

}  // namespace

TEST_CASE("the three variables make a Config that can be used as it is") {
  Environment environment("tok", "acc", "app");
  const auto config = rtk::Config::from_env();
  REQUIRE(config.has_value());
  CHECK(config->api_token == rtk::Secret("tok"));
  CHECK(config->account_id == "acc");
  CHECK(config->app_id == "app");
  CHECK(config->base_url == "https://api.cloudflare.com/client/v4");
  CHECK(rtk::to_http(*config, rtk::livestreams::Create{}).has_value());
}

TEST_CASE("a base URL in the environment is taken, an empty one is not") {
  {
    Environment environment("tok", "acc", "app", " \"http://localhost:8080/v4\"\n");
    CHECK(rtk::Config::from_env()->base_url == "http://localhost:8080/v4");
  }
  Environment environment("tok", "acc", "app", "");
  CHECK(rtk::Config::from_env()->base_url == "https://api.cloudflare.com/client/v4");
}

TEST_CASE("what was pasted around a token is dropped") {
  for (const char* pasted :
       {"tok", " tok", "tok ", "tok\n", "tok\r\n", "\ttok\t", "\"tok\"", "'tok'", "\" tok \"",
        "Bearer tok", "bearer tok", "BEARER  tok", "\"Bearer tok\"\n", "Bearer \"tok\""}) {
    CAPTURE_TEXT(pasted);
    Environment environment(pasted, "acc", "app");
    CHECK(rtk::Config::from_env()->api_token == rtk::Secret("tok"));
  }
}

TEST_CASE("what was pasted around an id is dropped") {
  for (const char* pasted : {" id", "id\r\n", "\"id\"", "'id'"}) {
    CAPTURE_TEXT(pasted);
    Environment environment("tok", pasted, pasted);
    const auto config = rtk::Config::from_env();
    CHECK(config->account_id == "id");
    CHECK(config->app_id == "id");
  }
}

TEST_CASE("the error names the variables that are missing, and only those") {
  const struct {
    const char *token, *account, *app;
  } cases[] = {
      {nullptr, "acc", "app"},   {"tok", nullptr, "app"}, {"tok", "acc", nullptr},
      {nullptr, nullptr, "app"}, {"tok", nullptr, ""},    {nullptr, nullptr, nullptr},
      {" \n", "acc", "app"},     {"tok", "\"\"", "app"},  {"tok", "acc", "''"},
  };
  const auto is_missing = [](const char* value) {
    return !value || std::string_view(value).find_first_not_of(" \n\"'") == std::string_view::npos;
  };
  for (const auto& variables : cases) {
    Environment environment(variables.token, variables.account, variables.app);
    const auto config = rtk::Config::from_env();
    CHECK_FALSE(config.has_value());
    const rtk::Error& error = config.error();
    CHECK(error.kind == rtk::ErrorKind::invalid_request);
    CHECK(error.delivery == rtk::Delivery::not_sent);
    CAPTURE_TEXT(error.message);
    CHECK(contains(error.message, "CLOUDFLARE_API_TOKEN") == is_missing(variables.token));
    CHECK(contains(error.message, "CLOUDFLARE_ACCOUNT_ID") == is_missing(variables.account));
    CHECK(contains(error.message, "REALTIMEKIT_APP_ID") == is_missing(variables.app));
  }
}
