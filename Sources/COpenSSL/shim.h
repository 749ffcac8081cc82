// OpenSSL, which libcurl brings: TLS of the local receiver. Imported by the executable alone.
//
// Swift does not import macros that take arguments: one function for each that is used.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

// 1 when done.
static inline int copenssl_set_min_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
