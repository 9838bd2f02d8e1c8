// Puts the certificate in a PEM file among those that the current user of Windows trusts.
#include <winsock2.h>
#include <wincrypt.h>

#include <openssl/pem.h>

#include <cstdio>

int main(int, char** arguments) {
  BIO* const file = BIO_new_file(arguments[1], "r");
  X509* const certificate = file ? PEM_read_bio_X509(file, nullptr, nullptr, nullptr) : nullptr;
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509(certificate, &der) : 0;
  const HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
  const bool added =
      size > 0 && store &&
      ::CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der, static_cast<DWORD>(size),
                                         CERT_STORE_ADD_REPLACE_EXISTING, nullptr);
  if (!added || !::CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG)) {
    std::fprintf(stderr, "cannot add %s\n", arguments[1]);
    return 1;
  }
}
