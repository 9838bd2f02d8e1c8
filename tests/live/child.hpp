// Tests that need a process of their own: TEST_CASE("in a child: ..." * doctest::skip()).
#pragma once

#include "calls.hpp"

#ifndef _WIN32
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#endif

#include <cstdlib>
#include <string>

#ifdef _WIN32

inline void check_in_child(const std::string& test) {
  CAPTURE(test);
  const ChildResult child = output_of_child(test);
  INFO(child.output);
  CHECK(child.status == 0);
}

#else

// Runs one test in a new process, with SIGPIPE at its default. Returns how that has ended.
inline int run_in_child(std::string test) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string program = own_program().string();
  test.insert(0, "--test-case=");
  std::string no_skip = "--no-skip=true", quiet = "--minimal=true";
  char* const arguments[] = {program.data(), test.data(), no_skip.data(), quiet.data(), nullptr};
  pid_t child = 0;
  REQUIRE(::posix_spawn(&child, program.c_str(), nullptr, &attributes, arguments, environ) == 0);
  posix_spawnattr_destroy(&attributes);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

inline void check_in_child(const std::string& test) {
  CAPTURE(test);
  const int status = run_in_child(test);
  CHECK(!WIFSIGNALED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

#endif

// The same with a server of the parent's, for a test whose process has nothing but the client.
inline void check_in_child(const std::string& test, const lab::Server& server) {
  const Environment url("LAB_URL", (server.url() + "/client/v4").c_str());
  const Environment ca_file("LAB_CA_FILE", lab::ca_file().c_str());
  check_in_child(test);
}
inline rtk::Config config_for_parents_server() { return config_for(std::getenv("LAB_URL")); }
inline rtk::HttplibTransport::Options trusting_parent() {
  return trusting(std::getenv("LAB_CA_FILE"));
}
