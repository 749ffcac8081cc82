/// What a connection to a receiver must be beyond what every one must be: TLS 1.2 or newer, a certificate for the URL's host
/// from an authority that the host trusts.
package struct TLSRequirements: Hashable, Sendable {
    package enum Version: String, CaseIterable, Hashable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// A PEM file of the authorities that are trusted instead of the host's own.
    package var authorities: String?
    /// A PEM file of the certificate that this host shows, and of its private key; both or none.
    package var certificate: String?
    package var key: String?
    /// The receiver has one of these public keys: `sha256//` and base64 of the SHA-256 of its SubjectPublicKeyInfo.
    package var pins: [String] = []
    package var minimum = Version.tls12

    package init() {}
}
