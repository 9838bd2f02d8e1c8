// What a test may ask about its own process, and what differs there between Linux and Windows.
#pragma once

#ifdef _WIN32
#include "sockets.hpp"

#include <windows.h>
#include <winternl.h>
#define popen _popen
#define pclose _pclose
#else
#include <stdlib.h>  // setenv
#endif

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

inline void set_environment(const char* name, const char* value) {  // null: removes it
#ifdef _WIN32
  ::_putenv_s(name, value ? value : "");
#else
  value ? ::setenv(name, value, 1) : ::unsetenv(name);
#endif
}

// Sets a variable of the environment, or removes it, for as long as it lives.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    const char* before = std::getenv(name);
    if (before) before_ = before;
    set_environment(name, value);
  }
  ~Environment() { set_environment(name_, before_ ? before_->c_str() : nullptr); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* const name_;
  std::optional<std::string> before_;
};

#ifdef _WIN32

inline SYSTEM_PROCESS_INFORMATION process_information() {
  std::vector<char> buffer(1 << 20);
  ULONG size = 0;
  ::NtQuerySystemInformation(SystemProcessInformation, buffer.data(),
                             static_cast<ULONG>(buffer.size()), &size);
  const auto self = static_cast<std::uintptr_t>(::GetCurrentProcessId());
  for (std::size_t at = 0;;) {
    SYSTEM_PROCESS_INFORMATION each;
    std::memcpy(&each, buffer.data() + at, sizeof each);
    if (reinterpret_cast<std::uintptr_t>(each.UniqueProcessId) == self) return each;
    if (each.NextEntryOffset == 0) throw std::runtime_error("Windows does not list this process");
    at += each.NextEntryOffset;
  }
}

// How many descriptors (handles) and threads the process has.
struct Belongings {
  std::size_t descriptors = process_information().HandleCount;
  std::size_t threads = process_information().NumberOfThreads;
};

// The most memory that the process has had so far, in MiB.
inline long peak_memory() {
  return static_cast<long>(process_information().VirtualMemoryCounters.PeakWorkingSetSize >> 20);
}

inline std::filesystem::path own_program() {
  wchar_t path[32768];
  return std::wstring(path, ::GetModuleFileNameW(nullptr, path, 32768));
}

#else

inline std::size_t entries(const char* directory) {
  const std::filesystem::directory_iterator begin(directory);
  return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

// How many descriptors and threads the process has. A thread that has been joined, or one in which
// the C library looked up a name, may be listed for a moment yet: eventually() waits for that.
struct Belongings {
  std::size_t descriptors = entries("/proc/self/fd");
  std::size_t threads = entries("/proc/self/task");
};

// The most memory that the process has had so far, in MiB. With a sanitizer it tells nothing.
inline long peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib / 1024;
  }
  return 0;
}

inline std::filesystem::path own_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

#endif

// One test case, also one that is skipped elsewhere, in a process of its own.
struct ChildResult {
  int status = -1;  // 0: it has passed
  std::string output;
};
inline ChildResult output_of_child(const std::string& test) {
#ifdef _WIN32
  const std::string quote = "\"", outer_quote = quote;  // cmd.exe strips the outer ones
#else
  const std::string quote = "'", outer_quote;
#endif
  const std::string command = outer_quote + quote + own_program().string() + quote +
                              " --no-skip=true --minimal=true --test-case=" + quote + test + quote +
                              " 2>&1" + outer_quote;
  std::FILE* const child = ::popen(command.c_str(), "r");
  if (!child) return {};
  ChildResult result;
  for (int c = std::fgetc(child); c != EOF; c = std::fgetc(child)) {
    result.output += static_cast<char>(c);
  }
  result.status = ::pclose(child);
  return result;
}
