// Sockets, and what differs between POSIX and Windows about them. On Windows it must come first.
#pragma once

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#define SHUT_WR SD_SEND
#define SHUT_RDWR SD_BOTH
#else
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace lab {

using Socket = decltype(::socket(0, 0, 0));
inline constexpr Socket no_socket = static_cast<Socket>(-1);

#ifdef _WIN32

inline const int sockets_started = [] {
  WSADATA unused;
  return ::WSAStartup(MAKEWORD(2, 2), &unused);
}();

inline Socket tcp_socket(int family) { return ::socket(family, SOCK_STREAM, 0); }
inline Socket accept_from(Socket listening) { return ::accept(listening, nullptr, nullptr); }
inline void close_socket(Socket socket) { ::closesocket(socket); }
inline std::ptrdiff_t send_some(Socket socket, std::string_view text) {
  return ::send(socket, text.data(), static_cast<int>(text.size()), 0);
}
inline void never_block(Socket socket) {
  u_long yes = 1;
  ::ioctlsocket(socket, static_cast<long>(FIONBIO), &yes);
}
template <class Value>
void set_socket_option(Socket socket, int level, int name, const Value& value) {
  ::setsockopt(socket, level, name, reinterpret_cast<const char*>(&value), sizeof value);
}

// Whoever waits in accept_from() returns, and connecting is refused.
inline void stop_listening(std::atomic<Socket>& listening) {
  const Socket socket = listening.exchange(no_socket);
  if (socket != no_socket) ::closesocket(socket);
}

inline void await_hangup(Socket socket, std::chrono::milliseconds limit) {
  WSAPOLLFD state{socket, 0, 0};
  ::WSAPoll(&state, 1, static_cast<int>(limit.count()));
}

// A peer that has gone is an error of send() and no more.
inline void no_signal_from_sockets() {}

#else

inline Socket tcp_socket(int family) { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0); }
inline Socket accept_from(Socket listening) {
  return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
}
inline void close_socket(Socket socket) { ::close(socket); }
inline std::ptrdiff_t send_some(Socket socket, std::string_view text) {
  return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}
inline void never_block(Socket socket) { ::fcntl(socket, F_SETFL, O_NONBLOCK); }
template <class Value>
void set_socket_option(Socket socket, int level, int name, const Value& value) {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

// Whoever waits in accept_from() returns, and connecting is refused. The number stays taken.
inline void stop_listening(std::atomic<Socket>& listening) { ::shutdown(listening, SHUT_RDWR); }

inline void await_hangup(Socket socket, std::chrono::milliseconds limit) {
  pollfd state{socket, POLLRDHUP, 0};
  ::poll(&state, 1, static_cast<int>(limit.count()));
}

// For the calling thread and those that it starts.
inline void no_signal_from_sockets() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

#endif

}  // namespace lab
