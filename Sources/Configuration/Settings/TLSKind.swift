package import Core

/// What the file says of a connection; the files' names are as they stand there.
package struct TLSSettings: Hashable, Sendable {
    package var authorities: String?
    package var certificate: String?
    /// Nil: it is in the certificate's file.
    package var key: String?
    package var pins: [String]?
    package var minimum = TLSRequirements.Version.tls12

    package init() {}

    static let kind = Kind<TLSSettings>.object(
        TLSSettings(),
        [
            Field(
                "caFile", \.authorities, Kind<String>.text(1...4096).orNone,
                "A PEM file of the authorities to trust instead of the host's own."),
            Field(
                "certificateFile", \.certificate, Kind<String>.text(1...4096).orNone,
                "A PEM file of the certificate that this host shows."),
            Field(
                "keyFile", \.key, Kind<String>.text(1...4096).orNone,
                "A PEM file of its private key, when that is not in the certificate's."),
            Field(
                "pins", \.pins,
                Kind<[String]>.list(
                    of: .pin, count: 1...8, distinct: [Distinct(member: nil, noun: "pin") { Array($0.utf8) }]
                ).orNone, "The receiver has one of these public keys."),
            Field("minVersion", \.minimum, .choice(), "The oldest version of TLS that is taken."),
        ],
        settle: { settings, cursor, findings in
            guard settings.key != nil, settings.certificate == nil, let place = cursor.member("keyFile") else { return }
            findings.add("is there without a certificate", "give \"certificateFile\" too", at: place)
        })
}

extension Kind where Value == String {
    fileprivate static var pin: Kind {
        let expectation = "sha256// and 44 characters of base64"
        return .text(1...128, expectation)
            .checked(adding: ["pattern": "^sha256//[A-Za-z0-9+/]{43}=$"]) { (pin) throws(Objection) in
                guard pin.wholeMatch(of: /sha256\/\/[A-Za-z0-9+\/]{43}=/) != nil else {
                    throw Objection("is no pin", "give \(expectation): the SHA-256 of a SubjectPublicKeyInfo")
                }
            }
    }
}

extension TLSSettings {
    /// With the files' places, each of which can be read; the key's by few alone.
    func requirements(
        beside path: String, _ environment: (String) -> String?
    ) throws(Objection) -> TLSRequirements {
        var requirements = TLSRequirements()
        requirements.minimum = minimum
        requirements.pins = pins ?? []
        if let authorities {
            requirements.authorities = try readable(authorities, isSecret: false, beside: path, environment)
        }
        if let certificate {
            requirements.certificate = try readable(certificate, isSecret: key == nil, beside: path, environment)
            requirements.key =
                try key.map { (key) throws(Objection) in
                    try readable(key, isSecret: true, beside: path, environment)
                } ?? requirements.certificate
        }
        return requirements
    }

    private func readable(
        _ name: String, isSecret: Bool, beside path: String, _ environment: (String) -> String?
    ) throws(Objection) -> String {
        let place = SecretReference.path(of: name, beside: path, environment)
        do throws(Objection) {
            let file = try ReadableFile(path: place)
            if let objection = (isSecret ? file.secrecyObjection : nil) ?? file.accessObjections.first {
                throw objection
            }
            return place
        } catch {
            if error.advice.hasPrefix("run: ") { throw error }
            throw Objection("\(Quotation.escaped(place, limit: 4096)): \(error.problem)", "give a PEM file")
        }
    }
}
