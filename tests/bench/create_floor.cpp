// The least that a call can cost: bytes written to and read from a TLS connection, which nobody
// looks at.
#include "create.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

class Floor {
 public:
  Floor() {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    bench::check(SSL_CTX_load_verify_file(context_.get(), bench::ca_file().c_str()) == 1, "CA");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(bench::port()));
    ::inet_pton(AF_INET, bench::host, &address.sin_addr);
    bench::check(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                 "connect");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), bench::host);
    SSL_set_fd(tls_.get(), socket_);
    bench::check(SSL_connect(tls_.get()) == 1, "TLS handshake");
  }
  ~Floor() { ::close(socket_); }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  void create() {
    const int written = SSL_write(tls_.get(), request_.data(), static_cast<int>(request_.size()));
    bench::check(written == static_cast<int>(request_.size()), "SSL_write");
    char buffer[4096];
    const int received = SSL_read(tls_.get(), buffer, sizeof buffer);  // nginx sends one record
    bench::check(
        received > 13 && std::string(buffer, 13) == "HTTP/1.1 201 " && buffer[received - 1] == '}',
        "SSL_read");
  }

 private:
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()),
                                                                   SSL_CTX_free};
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls_{SSL_new(context_.get()), SSL_free};
  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const std::string request_ =
      std::string("POST ") + bench::path + " HTTP/1.1\r\nHost: " + bench::host + ':' +
      std::to_string(bench::port()) + "\r\nAuthorization: Bearer " + bench::token +
      "\r\nAccept: application/json\r\nContent-Type: application/json" +
      "\r\nContent-Length: 17\r\n\r\n{\"name\":\"launch\"}";
};

int main(int argc, char** argv) { return bench::run<Floor>(argc, argv); }
