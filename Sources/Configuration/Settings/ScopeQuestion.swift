package import Core

/// A filter of phones that somebody tries before it is saved.
package struct ScopeQuestion: Hashable, Sendable {
    package var scope = DeviceScope()

    private init() {}

    /// Reads and checks it; throws with every fault in it.
    package init(json source: [UInt8]) throws(InvalidConfiguration) {
        let tree = try JSONTree(checking: source)
        self = try Self.kind.value(of: tree.root, duplicates: tree.duplicates, in: source)
    }

    private static let kind = Kind<ScopeQuestion>.object(
        ScopeQuestion(),
        [Field("devices", \.scope, .scope, "The filter, as a webhook has it; all phones when nothing is given.")])
}
