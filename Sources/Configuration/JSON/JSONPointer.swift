/// Where a value is in a document (RFC 6901); the empty one is the whole document.
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package static let root = JSONPointer(description: "")

    private init(description: String) { self.description = description }

    package func appending(_ key: String) -> JSONPointer {
        var token = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return JSONPointer(description: description + "/" + token)
    }

    package func appending(_ index: Int) -> JSONPointer { JSONPointer(description: "\(description)/\(index)") }
}
