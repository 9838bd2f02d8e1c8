// Host names of the tests' own: what a lookup finds for them, and how long that takes; and which
// addresses this program then connects to. Both by functions that stand before libc's own.
//
//   const lab::Name name("several.example.invalid", {"::1", "127.0.0.1"});
//   ... "https://several.example.invalid:" + port ... lab::Attempts::seen() ...
#pragma once

#include "lab.hpp"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#include <netdb.h>
#endif

#include <atomic>
#include <cerrno>
#include <map>

namespace lab {

// As long as it lives, its name stands for these addresses.
class Name {
 public:
  struct Entry {
    std::vector<std::string> addresses;
    std::function<void()> before_answer;  // runs on the thread that looks up
  };

  Name(std::string name, std::vector<std::string> addresses,
       std::function<void()> before_answer = {})
      : name_(in_lower_case(std::move(name))) {
    const std::lock_guard<std::mutex> lock(mutex());
    all()[name_] = {std::move(addresses), std::move(before_answer)};
  }
  ~Name() {
    const std::lock_guard<std::mutex> lock(mutex());
    all().erase(name_);
  }
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;

  static std::optional<Entry> find(const char* name) {
    const std::lock_guard<std::mutex> lock(mutex());
    const auto found = name ? all().find(in_lower_case(name)) : all().end();
    return found == all().end() ? std::optional<Entry>() : found->second;
  }

 private:
  static std::string in_lower_case(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  }
  // Never destroyed: a lookup may outlast the program's end.
  static std::mutex& mutex() {
    static auto* const instance = new std::mutex;
    return *instance;
  }
  static std::map<std::string, Entry>& all() {
    static auto* const instance = new std::map<std::string, Entry>;
    return *instance;
  }

  const std::string name_;
};

// Which addresses are connected to, and when.
class Attempts {
 public:
  struct Attempt {
    std::string ip;
    int port;
    std::chrono::steady_clock::time_point time;
  };

  Attempts() { current().store(this); }
  ~Attempts() { current().store(nullptr); }
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  // To that port, in order.
  std::vector<Attempt> to(int port) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<Attempt> found;
    for (const Attempt& each : all_) {
      if (each.port == port) found.push_back(each);
    }
    return found;
  }
  void clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    all_.clear();
  }

  static void note(const sockaddr* address) {
    Attempts* const attempts = current().load();
    if (!attempts) return;
    char ip[INET6_ADDRSTRLEN] = "";
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address);
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
    if (address->sa_family == AF_INET) {
      ::inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
    } else if (address->sa_family == AF_INET6) {
      ::inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
    } else {
      return;
    }
    const std::lock_guard<std::mutex> lock(attempts->mutex_);
    attempts->all_.push_back({ip, ntohs(v4->sin_port), std::chrono::steady_clock::now()});
  }

 private:
  static std::atomic<Attempts*>& current() {
    static std::atomic<Attempts*> instance{nullptr};
    return instance;
  }

  mutable std::mutex mutex_;
  std::vector<Attempt> all_;
};

namespace detail {
template <class Function> Function* next(const char* name) {
#ifdef _WIN32
  void* const found =
      reinterpret_cast<void*>(::GetProcAddress(::GetModuleHandleA("ws2_32.dll"), name));
#else
  void* const found = ::dlsym(RTLD_NEXT, name);
#endif
  return reinterpret_cast<Function*>(found);
}

inline int get_addresses(const char* host, const char* service, const addrinfo* hints,
                         addrinfo** list) {
  static auto* const real = next<decltype(::getaddrinfo)>("getaddrinfo");
  const bool is_lookup = !hints || !(hints->ai_flags & AI_NUMERICHOST);
  const auto entry = is_lookup ? Name::find(host) : std::nullopt;
  if (!entry) return real(host, service, hints, list);
  errno = 0;
  if (entry->before_answer) entry->before_answer();
#ifdef EAI_SYSTEM
  if (errno == EMFILE) return EAI_SYSTEM;
#endif
  if (entry->addresses.empty()) return EAI_AGAIN;
  *list = nullptr;
  addrinfo** end = list;
  for (const std::string& address : entry->addresses) {
    if (const int problem = real(address.c_str(), service, hints, end)) return problem;
    while (*end) end = &(*end)->ai_next;
  }
  return 0;
}

inline int note_and_connect(Socket socket, const sockaddr* address, socklen_t size) {
  static auto* const real = next<decltype(::connect)>("connect");
  Attempts::note(address);
  return real(socket, address, size);
}
}  // namespace detail

}  // namespace lab

extern "C" {
#ifdef _WIN32  // a program finds what a DLL has by pointers, which otherwise come from its library
inline __attribute__((used)) decltype(::getaddrinfo)* const __imp_getaddrinfo =
    lab::detail::get_addresses;
inline __attribute__((used)) decltype(::connect)* const __imp_connect =
    lab::detail::note_and_connect;
#else
inline __attribute__((used)) int getaddrinfo(const char* host, const char* service,
                                             const addrinfo* hints, addrinfo** list) {
  return lab::detail::get_addresses(host, service, hints, list);
}
inline __attribute__((used)) int connect(int socket, const sockaddr* address, socklen_t size) {
  return lab::detail::note_and_connect(socket, address, size);
}
#endif
}
