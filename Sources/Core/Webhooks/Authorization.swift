/// The value of the `Authorization` header that a receiver wants. Never printed, never stored.
package struct Authorization: Hashable, Sendable {
    package let header: String

    package init(header: String) { self.header = header }
}

extension Authorization: CustomStringConvertible, CustomReflectable {
    package var description: String { "an authorization" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A header of the user's own.
package struct OwnHeader: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
