package import Core
internal import FoundationEssentials
internal import Glibc

/// Where a secret is: it stands in no log and no answer, and in a configuration file only where nobody else reads that.
package struct SecretReference: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// A path, or a name in `$CREDENTIALS_DIRECTORY` or else beside the configuration file.
        case file(String)
        /// A variable of the agent's environment.
        case environment(String)
        /// In the configuration file itself.
        case inline(InlineSecret)
    }

    package var place: Place
    /// From when on it is not used any more: the old one of a rotation.
    package var notAfter: WallTime?

    package init(_ place: Place, notAfter: WallTime? = nil) {
        self.place = place
        self.notAfter = notAfter
    }
}

/// A secret that stands in the configuration file itself; no description of it, and no literal, says what it is.
package struct InlineSecret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    fileprivate let text: String

    fileprivate init(_ text: String) { self.text = text }

    package var description: String { Self.shown }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// What stands for it wherever it is shown.
    fileprivate static let shown = "(not shown)"

    /// It stands for a secret that is in the file already: somebody sends back what he was shown.
    var isPlaceholder: Bool { text == Self.shown }
}

extension Kind where Value == [SecretReference] {
    static var secrets: Kind {
        Kind<[SecretMembers]>.list(
            of: SecretMembers.kind, count: 0...8,
            distinct: [
                Distinct(member: "file", noun: "file") { $0.file.map { Array($0.utf8) } },
                Distinct(member: "env", noun: "variable") { $0.env.map { Array($0.utf8) } },
            ]
        )
        .converted(back: { $0.map(SecretMembers.init) }) { (members) throws(Objection) in
            let secrets = members.compactMap(\.reference)
            // Of one that has none of both, that is told already.
            if secrets.count == members.count, !secrets.isEmpty, secrets.allSatisfy({ $0.notAfter != nil }) {
                throw Objection(
                    "has an end for every secret, and callbacks would go out unsigned after the last",
                    "leave out the notAfter of the newest")
            }
            return secrets
        }
    }
}

/// As the file writes it.
private struct SecretMembers: Hashable {
    var file: String?
    var env: String?
    var value: InlineSecret?
    var notAfter: WallTime?

    var reference: SecretReference? {
        (file.map { .file($0) } ?? env.map { .environment($0) } ?? value.map { .inline($0) })
            .map { SecretReference($0, notAfter: notAfter) }
    }

    init() {}

    init(_ reference: SecretReference) {
        switch reference.place {
        case .file(let path): file = path
        case .environment(let name): env = name
        case .inline(let secret): value = secret
        }
        notAfter = reference.notAfter
    }

    static let kind = Kind<SecretMembers>.object(SecretMembers(), places + [end], settle: settle)

    /// Of a secret that is used as long as it stands there.
    static let kindWithoutEnd = Kind<SecretMembers>.object(SecretMembers(), places, settle: settle)

    private static let end = Field(
        "notAfter", \SecretMembers.notAfter, Kind<WallTime>.moment.orNone,
        "From when on it is not used any more; one at least has no end.")

    private static let places: [Field<SecretMembers>] = [
        Field(
            "file", \.file, Kind<String>.text(1...4096).orNone,
            "A file with the secret in it, readable for few; without a slash, one in $CREDENTIALS_DIRECTORY or beside this file."
        ),
        Field(
            "env", \.env,
            Kind<String>.text(1...256, "the name of a variable")
                .checked(adding: ["pattern": "^[A-Za-z_][A-Za-z0-9_]*$"]) { (name) throws(Objection) in
                    guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
                        throw Objection("is no name of a variable", "give one of letters, digits and underscores")
                    }
                }.orNone,
            "A variable of the agent's environment that holds it."),
        Field(
            "value", \.value,
            Kind<String>.text(1...4096).converted(back: { _ in InlineSecret.shown }) { InlineSecret($0) }.orNone,
            "The secret itself: only in a file that others cannot read (mode 640 or less)."),
    ]

    private static let settle: @Sendable (inout SecretMembers, JSONCursor, inout Findings) -> Void = {
        members, cursor, findings in
        guard case .object(let given) = cursor.node.value else { return }
        let count = given.count { ["file", "env", "value"].contains($0.key) }
        if count != 1 {
            findings.add(
                count == 0 ? "does not say where the secret is" : "says more than once where the secret is",
                "give \"file\", \"env\" or \"value\"", at: cursor)
        }
    }
}

extension Kind where Value == SecretReference? {
    /// One that has no end.
    static var secret: Kind {
        Kind<SecretMembers>.secretWithoutEnd.orNone.converted(
            back: { $0.map(SecretMembers.init) }, by: { $0?.reference })
    }
}

extension Kind where Value == SecretMembers {
    fileprivate static var secretWithoutEnd: Kind { SecretMembers.kindWithoutEnd }
}

// MARK: - Reading

extension WallTime {
    static var current: WallTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return WallTime(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
    }
}

/// Of this process.
private func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

extension Configuration {
    /// With what its webhooks name by its place: keys of secrets, certificates, templates; throws what is wrong with any of them, placed in the source.
    ///
    /// Blocks for as long as the disk takes. `path` is the configuration file's, and `exposure` what is wrong with its rights
    /// for a file with secrets in it.
    func withKeys(
        beside path: String, source: [UInt8], exposure: Objection? = nil, at now: WallTime,
        environment: (String) -> String? = variable
    ) throws(InvalidConfiguration) -> Configuration {
        var whole = self
        var objections: [(webhook: Int, key: String, element: Int?, Objection)] = []
        for index in webhooks.indices {
            // The end of a rotation may take the old secret's file with it.
            for (number, secret) in webhooks[index].secrets.enumerated() where secret.notAfter.map({ $0 > now }) ?? true
            {
                do throws(Objection) {
                    if let exposure, secret.isInline { throw exposure }
                    whole.webhooks[index].keys.append(try secret.key(beside: path, environment))
                } catch {
                    objections.append((index, "secrets", number, error))
                }
            }
            do throws(Objection) {
                if let exposure, webhooks[index].authentication?.secret.isInline == true { throw exposure }
                whole.webhooks[index].authorization = try webhooks[index].authentication?
                    .authorization(beside: path, environment)
            } catch {
                objections.append((index, "auth", nil, error))
            }
            do throws(Objection) {
                whole.webhooks[index].requirements = try webhooks[index].tls.requirements(beside: path, environment)
            } catch {
                objections.append((index, "tls", nil, error))
            }
            whole.webhooks[index].way = webhooks[index].proxy ?? delivery.proxy
            do throws(Objection) {
                whole.webhooks[index].bodyFormat = try webhooks[index].bodyFormat(beside: path)
            } catch {
                objections.append((index, "template", nil, error))
            }
        }
        guard !objections.isEmpty else { return whole }
        var findings = Findings()
        // It was parsed before, or there would be no references.
        if let root = (try? JSONTree(parsing: source)).map({ JSONCursor(root: $0.root) }) {
            for (webhook, key, element, objection) in objections {
                let member = root.member("webhooks")?.element(webhook)?.member(key)
                let place = element.map { member?.element($0) } ?? member
                findings.add(objection, at: place ?? root)
            }
        }
        throw InvalidConfiguration(faults: findings.placed(in: source))
    }
}

extension SecretReference {
    var isInline: Bool { if case .inline = place { true } else { false } }

    /// Reads the secret by itself, for a command line. The error's description is for a person.
    package func key() throws(UnusableSecret) -> SigningKey {
        do throws(Objection) {
            return try key(beside: "", variable)
        } catch {
            throw UnusableSecret(description: "\(error.problem); \(error.advice)")
        }
    }

    /// What is in it is not told.
    fileprivate func key(
        beside path: String, _ environment: (String) -> String?
    ) throws(Objection) -> SigningKey {
        try SigningKey(secret: try text(beside: path, environment).trimmingNULAndSpace(), notAfter: notAfter)
    }

    /// Reads the secret, without the line's end.
    func text(beside path: String, _ environment: (String) -> String?) throws(Objection) -> String {
        switch place {
        case .file(let name): return try Self.content(of: Self.path(of: name, beside: path, environment))
        case .environment(let name):
            if let value = environment(name) { return value }
            throw Objection(
                "the variable \(name) is not in the environment", "set it, for the service: Environment= of the unit")
        case .inline(let secret): return secret.text
        }
    }

    /// Where a file is that is named by a path, or by a name alone.
    static func path(of name: String, beside path: String, _ environment: (String) -> String?) -> String {
        if name.contains("/") { return name.hasPrefix("/") ? name : directory(of: path) + name }
        if let credentials = environment("CREDENTIALS_DIRECTORY") {
            let candidate = credentials + "/" + name
            if access(candidate, F_OK) == 0 { return candidate }
        }
        return directory(of: path) + name
    }

    /// With a slash at its end.
    static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private static func content(of path: String) throws(Objection) -> String {
        // Who gives a secret in the place of its file's name does not want to read it in a log.
        let name = path.split(separator: "/").last ?? ""
        let isSecret = ["whsec_", "whsk_", "whpk_"].contains { name.hasPrefix($0) }
        let shown = isSecret ? "(a secret, and no name of a file)" : Quotation.escaped(path, limit: 4096)
        let bytes: [UInt8]
        do throws(Objection) {
            let file = try ReadableFile(path: path)
            if let objection = file.secrecyObjection ?? file.accessObjections.first { throw objection }
            bytes = try file.read(atMost: 4096)
        } catch {
            let isOfRights = error.advice.hasPrefix("run: ") && !isSecret
            throw isOfRights
                ? error
                : Objection(
                    "the secret's file \(shown): \(error.problem)",
                    "put it there, readable for the agent alone; a new one: (umask 027; plughook webhooks secret new > \(isSecret ? "ci-secret" : shown))"
                )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Objection("the secret's file \(shown) is no text in UTF-8", "write it anew")
        }
        return text.withoutLineEnd
    }
}

extension String {
    /// Without the one that an editor puts at the end of a file.
    fileprivate var withoutLineEnd: String { last?.isNewline == true ? String(dropLast()) : self }
}

extension SigningKey {
    /// From its usual form: `whsec_` and 24 to 64 bytes in base64, with padding or without; the prefix may be missing.
    init(secret text: String, notAfter: WallTime?) throws(Objection) {
        let advice = "give whsec_ and 24 to 64 bytes in base64; plughook webhooks secret new makes one"
        if text.hasPrefix("whsk_") || text.hasPrefix("whpk_") {
            throw Objection("the secret is a key for another kind of signature", advice)
        }
        var digits = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
        digits += String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: digits) else { throw Objection("the secret is no base64", advice) }
        guard (24...64).contains(bytes.count) else {
            throw Objection("the secret has \(bytes.count) bytes", advice)
        }
        self.init(bytes: Array(bytes), notAfter: notAfter)
    }
}

/// Why a secret cannot be used; nothing of the secret is in it.
package struct UnusableSecret: Error, CustomStringConvertible {
    package let description: String
}

extension JSONCursor {
    /// Nil when this is no list, or a shorter one.
    fileprivate func element(_ index: Int) -> JSONCursor? {
        guard case .array(let elements) = node.value, elements.indices.contains(index) else { return nil }
        return entering(elements[index], at: index)
    }
}
