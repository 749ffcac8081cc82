package import Core

/// Which callbacks somebody wants to have sent again; all of what is left out.
package struct RedeliveryOrder: Hashable, Sendable {
    package var webhook: Int64?
    package var device: String?
    /// Dead ones, when it is left out: those that nobody has got.
    package var state = DeliveryState.dead
    /// Made at that moment or later.
    package var since: WallTime?
    /// Made before that moment.
    package var until: WallTime?
    /// Committed after that position: where the part before ended.
    package var after: Int64 = 0
    /// They are counted, and stay as they are.
    package var isDryRun = false

    private init() {}

    /// Reads and checks it; throws with every fault in it.
    package init(json source: [UInt8]) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        self = try Self.kind.value(of: tree.root, duplicates: tree.duplicates, in: source)
    }

    private static let kind = Kind<RedeliveryOrder>.object(
        RedeliveryOrder(),
        [
            Field(
                "webhook", \.webhook, Kind<Int64>.integer(1...Configuration.largestID).orNone,
                "Those of this webhook, by its number."),
            Field("device", \.device, Kind<String>.text(1...4096).orNone, "Those of this phone."),
            Field("state", \.state, .choice(), "Those in this state; what is pending is sent in any case."),
            Field("since", \.since, Kind<WallTime>.moment.orNone, "Those made at this moment or later."),
            Field("until", \.until, Kind<WallTime>.moment.orNone, "Those made before this moment."),
            Field(
                "after", \.after, Kind<Int64>.integer(0...Configuration.largestID),
                "Those after this position: where the part before ended."),
            Field("dryRun", \.isDryRun, .boolean, "Counts them, and sends none."),
        ])
}
