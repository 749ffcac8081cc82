internal import Core

/// What somebody says who is about to reboot or flash a phone: `seconds` and `reason`, both of which may be left out.
package struct AbsenceAnnouncement: Hashable, Sendable {
    package var duration = Duration.seconds(600)
    package var reason = ""

    private init() {}

    /// Reads and checks it; throws with every fault in it.
    package init(json source: [UInt8]) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        self = try Self.kind.value(of: tree.root, duplicates: tree.duplicates, in: source)
    }

    private static let kind = Kind<AbsenceAnnouncement>.object(
        AbsenceAnnouncement(),
        [
            Field(
                "seconds", \.duration,
                .seconds(
                    ExpectedAbsence.shortest.components.seconds...ExpectedAbsence.longest.components.seconds),
                "For how long, from now on."),
            Field(
                "reason", \.reason, .printableText(0...200),
                "Why, for whoever looks at the phone or at the audit trail."),
        ])
}
