// Whom the client trusts. What it refuses, it refuses before it has sent anything.
#include "calls.hpp"

#include <filesystem>

namespace {

rtk::Result<rtk::Livestream> create_with(const lab::Server& server, const std::string& host,
                                         rtk::HttplibTransport::Options options = trusting()) {
  auto config = config_for(server.url(host));
  config.retry.max_attempts = 1;
  return client_for(config, std::move(options)).send(Create{"launch"});
}

// `code`: X509_V_ERR_...; 0: any.
void check_refused(const rtk::Result<rtk::Livestream>& result, const lab::Server& server,
                   int code) {
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::transport);
  CHECK(result.error().delivery == Delivery::not_sent);
  CHECK(server.request_count() == 0);
  if (code == 0) return;
  CHECK(contains(result.error().message, X509_verify_cert_error_string(code)));
  CHECK(contains(result.error().message, '(' + std::to_string(code) + ')'));
}

void check_refused(const sandbox::Certificate& certificate, const std::string& host, int code) {
  lab::Server server(lab::answering(201, lab::created), lab::with(certificate));
  check_refused(create_with(server, host), server, code);
}

std::string hashed_directory(const std::string& name) {
  const auto path = std::filesystem::path(lab::ca_file()).parent_path() / name;
  std::filesystem::create_directories(path);
  const std::string pem = lab::authority().cert_pem();
  using namespace sandbox::detail;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Handle certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  char file[32];
  std::snprintf(file, sizeof file, "%08lx.0", X509_subject_name_hash(certificate.get()));
  std::ofstream(path / file) << pem;
  return path.string();
}

std::string another_ca() {
  return lab::directory().write("another.pem", sandbox::Authority("Another CA").cert_pem());
}

}  // namespace

TEST_CASE("a certificate is accepted for each of its names and addresses") {
  lab::Server server(lab::answering(201, lab::created));
  CHECK(create_with(server, "localhost"));
  CHECK(create_with(server, "127.0.0.1"));
  CHECK(create_with(server, "LOCALHOST"));
}

TEST_CASE("a wildcard stands for one whole label only") {
  // Names that lead to this machine without DNS are few: the certificate is what varies.
  check_refused(lab::authority().issue({"x", {"*"}}), "localhost", X509_V_ERR_HOSTNAME_MISMATCH);
  check_refused(lab::authority().issue({"x", {"l*"}}), "localhost", X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_CASE("a certificate for another host is refused") {
  check_refused(lab::authority().issue({"other", {"other.example.invalid"}}), "localhost",
                X509_V_ERR_HOSTNAME_MISMATCH);
  check_refused(lab::authority().issue({"other", {"other.example.invalid"}}), "127.0.0.1",
                X509_V_ERR_IP_ADDRESS_MISMATCH);
  check_refused(lab::authority().issue({"other", {"127.0.0.2"}}), "127.0.0.1",
                X509_V_ERR_IP_ADDRESS_MISMATCH);
}

TEST_CASE("the common name of a certificate does not count") {
  check_refused(lab::authority().issue({"localhost", {"other.example.invalid"}}), "localhost",
                X509_V_ERR_HOSTNAME_MISMATCH);
  check_refused(lab::authority().issue({"localhost", {}}), "localhost",
                X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_CASE("a self-signed certificate is refused") {
  check_refused(sandbox::self_signed({"localhost", {"localhost"}}), "localhost",
                X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST_CASE("an expired certificate and one that is not yet valid are refused") {
  check_refused(lab::authority().issue({"localhost", {"localhost"}, -30, -1}), "localhost",
                X509_V_ERR_CERT_HAS_EXPIRED);
  check_refused(lab::authority().issue({"localhost", {"localhost"}, 2, 30}), "localhost",
                X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST_CASE("a certificate from an unknown authority is refused") {
  check_refused(sandbox::Authority("Unknown CA").issue({"localhost", {"localhost"}}), "localhost",
                X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST_CASE("a refused certificate is refused again on the next try") {
  lab::Server server(lab::answering(201, lab::created),
                     lab::with(sandbox::self_signed({"localhost", {"localhost"}})));
  const auto client = client_for(config_for(server.url("localhost")));
  for (int i = 0; i < 2; ++i) {
    const auto result = client.send(Create{});
    check_refused(result, server, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  }
}

TEST_CASE("a CA file that cannot be read is an invalid request, each time") {
  lab::Server server(lab::answering(201, lab::created));
  const std::string garbage = lab::directory().write("garbage.pem", "not a certificate\n");
  for (const std::string& path : {std::string("/nonexistent/ca.pem"), garbage}) {
    const auto client = client_for(config_for(server), trusting(path));
    for (int i = 0; i < 2; ++i) {
      const auto result = client.send(Create{});
      CHECK(result.error().kind == ErrorKind::invalid_request);
      CHECK(result.error().delivery == Delivery::not_sent);
      CHECK(contains(result.error().message, "ca_file"));
      CHECK(contains(result.error().message, path));
    }
  }
  CHECK(server.connection_count() == 0);
}

TEST_CASE("a hashed directory of certificates is used, alone and beside a CA file") {
  lab::Server server(lab::answering(201, lab::created));
  rtk::HttplibTransport::Options options;
  options.ca_dir = hashed_directory("hashed");
  CHECK(create_with(server, "localhost", options));
  options.ca_file = another_ca();
  CHECK(create_with(server, "localhost", options));
}

TEST_CASE("SSL_CERT_FILE and SSL_CERT_DIR are honoured by default") {
  lab::Server server(lab::answering(201, lab::created));
  {
    const Environment file("SSL_CERT_FILE", lab::ca_file().c_str());
    CHECK(create_with(server, "localhost", {}));
  }
  {
    const Environment directory("SSL_CERT_DIR", hashed_directory("hashed").c_str());
    CHECK(create_with(server, "localhost", {}));
  }
  CHECK(create_with(server, "localhost", {}).error().delivery == Delivery::not_sent);
}

TEST_CASE("SSL_CERT_DIR is enough where SSL_CERT_FILE is empty or names no file") {
  lab::Server server(lab::answering(201, lab::created));
  const Environment directory("SSL_CERT_DIR", hashed_directory("hashed").c_str());
  for (const char* name : {"", "/nonexistent/ca.pem"}) {
    CAPTURE(std::string(name));
    const Environment file("SSL_CERT_FILE", name);
    CHECK(create_with(server, "localhost", {}));
  }
}

TEST_CASE("a CA file of one's own is trusted instead of the system's certificates") {
  const Environment system("SSL_CERT_FILE", lab::ca_file().c_str());
  lab::Server server(lab::answering(201, lab::created));
  const auto client = client_for(config_for(server), trusting(another_ca()));
  for (int i = 0; i < 2; ++i) {  // nor are they added by the first connection
    check_refused(client.send(Create{}), server, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  }
}

TEST_CASE("a server that speaks TLS 1.1 at most is refused, one with TLS 1.2 is not") {
  lab::Options old;
  old.max_tls_version = TLS1_1_VERSION;
  lab::Server outdated(lab::answering(201, lab::created), old);
  check_refused(create_with(outdated, "localhost"), outdated, 0);

  old.max_tls_version = TLS1_2_VERSION;
  lab::Server server(lab::answering(201, lab::created), old);
  CHECK(create_with(server, "localhost"));
}

TEST_CASE("a server that answers without TLS is refused and told nothing") {
  std::string heard;
  lab::Gate done;
  lab::Server server(
      [&](lab::Peer& peer) {
        heard = peer.read(64);
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\nThis is not https");
        peer.close();
        done.open();
      },
      lab::silent());
  check_refused(create_with(server, "localhost"), server, 0);
  done.wait();
  CHECK(!contains(heard, "HTTP"));
}
