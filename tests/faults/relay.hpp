// An honest proxy: it opens the tunnel that a CONNECT asks for, or passes a request for plain http
// on, and from then on passes on every byte and every way of ending. Through it, the servers of the
// matrix fail just as they do without it.
#pragma once

#include "failing.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>

namespace faults {

// A socket, closed at the end.
class Socket {
 public:
  explicit Socket(int socket) : socket_(socket) {}
  ~Socket() {
    if (socket_ >= 0) ::close(socket_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return socket_; }

 private:
  const int socket_;
};

// Where a head asks a proxy to go: "CONNECT 127.0.0.1:443 ..." or "GET http://127.0.0.1:80/ ...".
inline int port_asked_for(const std::string& head) {
  const std::size_t line = head.find("\r\n");
  std::size_t host = head.find("://");
  host = host < line ? host + 3 : head.find(' ') + 1;
  return std::atoi(head.c_str() + head.find(':', host) + 1);
}

inline int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
  }
  ::close(socket);
  return -1;
}

// Makes close() send a reset.
inline void will_reset(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// Lets a test wait until all that has reached a relay has been passed on.
class Settling {
 public:
  Settling() = default;
  ~Settling() { ::close(wake_); }
  Settling(const Settling&) = delete;
  Settling& operator=(const Settling&) = delete;

  bool wait() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (connections_ == 0) return true;
      const std::uint64_t one = 1;
      if (::write(wake_, &one, sizeof one) != sizeof one) return false;
    }
    return settled_.wait();
  }

  // For the relay: a connection begins; has ended; has nothing left that it could pass on.
  void begin() {
    std::lock_guard<std::mutex> lock(mutex_);
    ++connections_;
  }
  void end() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (--connections_ == 0) settled_.open();
  }
  void nothing_left() {
    std::uint64_t count = 0;
    if (::read(wake_, &count, sizeof count) == sizeof count) settled_.open();
  }
  int event() const { return wake_; }

 private:
  const int wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::mutex mutex_;
  int connections_ = 0;
  lab::Gate settled_;
};

// How much is passed on before a relay stops: bytes to the origin, and from it.
struct Cut {
  std::size_t to_origin = (std::numeric_limits<std::size_t>::max)();
  std::size_t from_origin = (std::numeric_limits<std::size_t>::max)();
};

// Passes on what comes at either end until both have ended, or one was reset, or the cut is reached.
inline void pass_on(int client, int origin, Settling* settling = nullptr, Cut cut = {}) {
  struct Direction {
    int from, to;
    std::size_t left;
    std::string bytes{};  // read and not yet written
    bool ended = false, passed = false;
  };
  std::array<Direction, 2> ways{
      {{client, origin, cut.to_origin}, {origin, client, cut.from_origin}}};
  for (const int socket : {client, origin}) {
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  }
  const auto again = [] { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; };
  std::array<pollfd, 3> states{};
  states[2] = {settling ? settling->event() : -1, POLLIN, 0};
  while (!ways[0].passed || !ways[1].passed) {
    for (std::size_t i = 0; i < 2; ++i) {
      const bool reads = ways[i].bytes.empty() && !ways[i].ended;
      const bool writes = !ways[1 - i].bytes.empty();
      const bool is_over = ways[i].ended && (states[i].revents & POLLHUP) != 0;
      states[i] = {is_over ? -1 : ways[i].from,
                   static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)),
                   static_cast<short>(is_over ? POLLHUP : 0)};
    }
    ::poll(states.data(), states.size(), -1);
    bool is_quiet = true;
    for (std::size_t i = 0; i < 2; ++i) {
      Direction& way = ways[i];
      is_quiet &= states[i].revents == 0;
      if (states[i].fd < 0) states[i].revents = POLLHUP;
      if (states[i].revents & POLLERR) return will_reset(way.to);
      if (way.bytes.empty() && !way.ended && states[i].revents & (POLLIN | POLLHUP)) {
        char buffer[1 << 16];
        const auto got = ::recv(way.from, buffer, (std::min)(sizeof buffer, way.left), 0);
        if (got < 0 && !again()) return will_reset(way.to);
        way.ended = got == 0;
        if (got > 0) way.bytes.assign(buffer, static_cast<std::size_t>(got));
      }
      if (!way.bytes.empty()) {
        const auto sent = ::send(way.to, way.bytes.data(), way.bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && !again()) return will_reset(way.from);
        if (sent > 0) {
          way.bytes.erase(0, static_cast<std::size_t>(sent));
          way.left -= static_cast<std::size_t>(sent);
        }
        if (way.left == 0) return;
      }
      if (way.ended && way.bytes.empty() && !way.passed) {
        ::shutdown(way.to, SHUT_WR);
        way.passed = true;
      }
    }
    if (is_quiet && states[2].revents & POLLIN) settling->nothing_left();
  }
}

// A head and whatever has come with it; empty if the client leaves before.
inline std::string read_head(const Peer& peer) {
  std::string head;
  while (head.find("\r\n\r\n") == head.npos) {
    char buffer[1 << 12];
    const auto got = ::recv(peer.socket(), buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    head.append(buffer, static_cast<std::size_t>(got));
  }
  return head;
}

// One connection of a client, by all the rules except for what is said to a CONNECT, and the cut.
inline void relay(const Peer& peer, Settling* settling = nullptr, Cut cut = {},
                  std::string_view opened = "HTTP/1.1 200 Connected\r\n\r\n") {
  const std::string head = read_head(peer);
  if (head.empty()) return;
  const bool is_tunnel = head.substr(0, 8) == "CONNECT ";
  const Socket origin(connect_to(port_asked_for(head)));
  if (origin.get() < 0) {
    peer.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  if (is_tunnel ? !peer.send(opened)
                : ::send(origin.get(), head.data(), head.size(), MSG_NOSIGNAL) < 0) {
    return;
  }
  pass_on(peer.socket(), origin.get(), settling, cut);
}

}  // namespace faults
