internal import Glibc
internal import NIOSSL

/// Why a certificate cannot be served; for a person.
struct UnusableCertificate: Error, CustomStringConvertible {
    let description: String
}

extension NIOSSLContext {
    /// To serve TLS 1.2 and newer with what is in two PEM files, which may be one. Asks clients for no certificate.
    static func serving(certificate: String, key: String) throws(UnusableCertificate) -> NIOSSLContext {
        let certificates = try loading("--tls-certificate", certificate, "a certificate in PEM") {
            try NIOSSLCertificate.fromPEMFile(certificate)
        }
        let privateKey = try loading("--tls-key", key, "a private key in PEM, without a passphrase") {
            try NIOSSLPrivateKey(file: key, format: .pem)
        }
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        settings.minimumTLSVersion = .tlsv12
        return try loading("--tls-key", key, "the key of the first certificate in \(certificate)") {
            try NIOSSLContext(configuration: settings)
        }
    }

    private static func loading<Value>(
        _ option: String, _ file: String, _ expectation: String, _ load: () throws -> Value
    ) throws(UnusableCertificate) -> Value {
        func unusable(_ reason: String) -> UnusableCertificate {
            UnusableCertificate(description: "\(option) \(file): \(reason); give \(expectation)")
        }
        guard access(file, R_OK) == 0 else { throw unusable(String(cString: strerror(errno))) }
        do {
            return try load()
        } catch {
            throw unusable("it is none")
        }
    }
}
