/// What callbacks are signed with, by Standard Webhooks (v1: HMAC-SHA256). Never printed, never stored.
package struct SigningKey: Hashable, Sendable {
    /// 24 to 64.
    package let bytes: [UInt8]
    /// From when on it is not used any more; nil for ever.
    package let notAfter: WallTime?

    package init(bytes: [UInt8], notAfter: WallTime? = nil) {
        self.bytes = bytes
        self.notAfter = notAfter
    }

    package func isGood(at time: WallTime) -> Bool { notAfter.map { time < $0 } ?? true }
}

// Whoever prints or dumps what holds a key does not print the key.
extension SigningKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "a key" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
