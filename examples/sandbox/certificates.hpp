// Creates certificates for servers on this machine: a certificate authority and what it issues.
//
//   sandbox::Authority authority;
//   sandbox::Certificate good = authority.issue({"localhost", {"localhost", "127.0.0.1", "::1"}});
//   sandbox::Certificate expired = authority.issue({"localhost", {"localhost"}, -30, -1});
//   sandbox::Certificate unknown = sandbox::self_signed({"localhost", {"localhost"}});
//
// EC P-256 and SHA-256. Requires OpenSSL 3.0 or newer. Failures throw std::runtime_error.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>  // certificate extensions

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace sandbox {

struct CertificateSpec {
  std::string common_name;
  std::vector<std::string> names;  // for the SAN: host names and IP addresses; empty: no SAN
  int valid_from_days = -1;        // from now
  int valid_to_days = 30;          // from now; negative: expired
};

struct Certificate {
  std::string cert_pem;
  std::string key_pem;
};

namespace detail {

template <auto Free> struct Deleter {
  template <class T> void operator()(T* handle) const { Free(handle); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Handle = std::unique_ptr<X509, Deleter<X509_free>>;
using Name = std::unique_ptr<X509_NAME, Deleter<X509_NAME_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using IpAddress = std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

inline void check(bool ok, const char* what) {
  if (ok) return;
  const char* reason = ERR_reason_error_string(ERR_get_error());
  throw std::runtime_error(std::string(what) + ": " + (reason ? reason : "OpenSSL failed"));
}

inline Key make_key() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  check(key != nullptr, "making a key");
  return key;
}

template <class Write> std::string to_pem(Write write) {
  Bio bio(BIO_new(BIO_s_mem()));
  check(bio && write(bio.get()) == 1, "writing PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}
inline std::string to_pem(X509* certificate) {
  return to_pem([=](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}
inline std::string to_pem(EVP_PKEY* key) {
  return to_pem([=](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

// Returns the names in OpenSSL's notation, such as "DNS:localhost,IP:127.0.0.1".
inline std::string subject_alt_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool is_ip = IpAddress(a2i_IPADDRESS(name.c_str())) != nullptr;
    text += (text.empty() ? "" : ",") + std::string(is_ip ? "IP:" : "DNS:") + name;
  }
  ERR_clear_error();  // a2i_IPADDRESS adds one for a host name
  return text;
}

// Returns a certificate for `key`, signed by `issuer_key`. A null issuer: it is self-signed.
inline X509Handle make_certificate(const CertificateSpec& spec, bool is_authority, EVP_PKEY* key,
                                   X509* issuer, EVP_PKEY* issuer_key) {
  X509Handle handle(X509_new());
  X509* const certificate = handle.get();
  check(certificate != nullptr, "making a certificate");
  if (!issuer) issuer = certificate;

  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "random serial");
  const Name subject(X509_NAME_new());
  const auto* name = reinterpret_cast<const unsigned char*>(spec.common_name.c_str());
  check(X509_set_version(certificate, X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
            X509_gmtime_adj(X509_getm_notBefore(certificate), 86400L * spec.valid_from_days) &&
            X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * spec.valid_to_days) &&
            X509_NAME_add_entry_by_txt(subject.get(), "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
            X509_set_subject_name(certificate, subject.get()) == 1 &&
            X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
            X509_set_pubkey(certificate, key) == 1,
        "filling in a certificate");

  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const auto extend = [&](int nid, const std::string& value) {
    const Extension extension(X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()));
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
  };
  extend(NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(NID_key_usage,
         is_authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  extend(NID_subject_key_identifier, "hash");
  extend(NID_authority_key_identifier, "keyid");
  if (!is_authority) extend(NID_ext_key_usage, "serverAuth");
  if (!spec.names.empty()) extend(NID_subject_alt_name, subject_alt_names(spec.names));
  check(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "signing a certificate");
  return handle;
}

}  // namespace detail

class Authority {
 public:
  explicit Authority(const std::string& common_name = "RealtimeKit sandbox CA")
      : key_(detail::make_key()),
        certificate_(
            detail::make_certificate({common_name, {}}, true, key_.get(), nullptr, key_.get())) {}

  std::string cert_pem() const { return detail::to_pem(certificate_.get()); }

  Certificate issue(const CertificateSpec& spec) const {
    const auto key = detail::make_key();
    const auto certificate =
        detail::make_certificate(spec, false, key.get(), certificate_.get(), key_.get());
    return {detail::to_pem(certificate.get()), detail::to_pem(key.get())};
  }

 private:
  detail::Key key_;
  detail::X509Handle certificate_;
};

inline Certificate self_signed(const CertificateSpec& spec) {
  const auto key = detail::make_key();
  const auto certificate = detail::make_certificate(spec, false, key.get(), nullptr, key.get());
  return {detail::to_pem(certificate.get()), detail::to_pem(key.get())};
}

// A directory that only this user can access. If `named` is empty, it is a temporary one, which the
// destructor removes.
class PrivateDirectory {
 public:
  explicit PrivateDirectory(const std::string& named = {}) : path_(named), keep_(!named.empty()) {
    namespace fs = std::filesystem;
    if (keep_) {
      if (fs::create_directories(path_)) fs::permissions(path_, fs::perms::owner_all);
      return;
    }
    unsigned random[2];
    detail::check(RAND_bytes(reinterpret_cast<unsigned char*>(random), sizeof random) == 1,
                  "making a name");
    path_ = fs::temp_directory_path() /
            ("realtimekit-sandbox-" + std::to_string(random[0]) + '-' + std::to_string(random[1]));
    if (!fs::create_directory(path_)) throw std::runtime_error("exists: " + path_.string());
    fs::permissions(path_, fs::perms::owner_all);
  }
  ~PrivateDirectory() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Writes a file that only this user can read and returns its path.
  std::string write(const std::string& name, const std::string& text) const {
    namespace fs = std::filesystem;
    const fs::path path = path_ / name;
    std::ofstream file(path);
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    if (!(file << text << std::flush)) throw std::runtime_error("cannot write " + path.string());
    return path.string();
  }

 private:
  std::filesystem::path path_;
  bool keep_;
};

// The files of a TLS server on this machine, and the CA certificate for its clients.
struct ServerFiles {
  explicit ServerFiles(const std::string& named_directory = {}) : directory(named_directory) {
    const Authority authority;
    const auto server = authority.issue({"localhost", {"localhost", "127.0.0.1", "::1"}});
    ca = directory.write("ca.pem", authority.cert_pem());
    cert = directory.write("server.pem", server.cert_pem);
    key = directory.write("server.key", server.key_pem);
  }

  PrivateDirectory directory;
  std::string ca, cert, key;  // paths
};

}  // namespace sandbox
