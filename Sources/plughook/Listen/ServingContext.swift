internal import COpenSSL
internal import Glibc

/// Why a certificate cannot be served; for a person.
struct UnusableCertificate: Error, CustomStringConvertible {
    let description: String
}

/// The certificate that TLS is served with. Asks clients for none.
final class ServingContext: Sendable {
    /// Unsafe to the compiler alone, for which it is a bare pointer: nothing changes it once it is made, and then any thread may
    /// make connections of it (`openssl-threads(7)`).
    nonisolated(unsafe) private let context: OpaquePointer

    /// To serve TLS 1.2 and newer with what is in two PEM files, which may be one.
    init(certificate: String, key: String) throws(UnusableCertificate) {
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw UnusableCertificate(description: "OpenSSL: \(reasonOfLastFailure() ?? "no memory")")
        }
        self.context = context
        _ = copenssl_set_min_version(context, TLS1_2_VERSION)
        // A key with a passphrase is refused rather than asked for.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        try Self.checkReadable("--tls-certificate", certificate)
        try Self.checkReadable("--tls-key", key)
        // In this order: a certificate would refuse the key of another, and take its place from one that came before.
        let hasKey = SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw Self.unusable("--tls-certificate", certificate, expected: "a certificate in PEM")
        }
        guard hasKey else {
            throw Self.unusable("--tls-key", key, expected: "a private key in PEM, without a passphrase")
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw Self.unusable("--tls-key", key, expected: "the key of the first certificate in \(certificate)")
        }
    }

    deinit { SSL_CTX_free(context) }

    /// One connection's, which the caller frees; it may outlive this.
    func connection() -> OpaquePointer? { SSL_new(context) }

    private static func checkReadable(_ option: String, _ file: String) throws(UnusableCertificate) {
        guard access(file, R_OK) == 0 else {
            throw UnusableCertificate(description: "\(option) \(file): \(String(cString: strerror(errno)))")
        }
    }

    private static func unusable(_ option: String, _ file: String, expected: String) -> UnusableCertificate {
        ERR_clear_error()
        return UnusableCertificate(description: "\(option) \(file): it is none; give \(expected)")
    }
}

/// Of this thread, and forgotten with that.
func reasonOfLastFailure() -> String? {
    defer { ERR_clear_error() }
    return ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) }
}
