/// What goes over the wire of one callback, frozen when the event happened.
package struct Content: Hashable, Sendable {
    /// The exact bytes of every attempt.
    package let body: [UInt8]
    /// Header lines, `Name: value`, that belong to this body; none for JSON without more to say.
    package let headers: [String]

    /// Those, and the `Content-Type` that is not among them.
    package var allHeaders: [String] {
        headers.contains { $0.hasPrefix("Content-Type:") } ? headers : [Self.json] + headers
    }

    private static let json = "Content-Type: application/json; charset=utf-8"

    package init(body: [UInt8], headers: [String] = []) {
        self.body = body
        self.headers = headers
    }
}

/// The form in which a webhook is told.
package enum BodyFormat: Hashable, Sendable {
    /// The spec's nine keys.
    case kobiton
    /// Those, and a tenth with all else that is known.
    case kobitonExtended
    case cloudEvents(CloudEvent.Mode)
    /// Of the user's own.
    case template(BodyTemplate)

    package func content(of facts: CallbackFacts) -> Content {
        switch self {
        case .kobiton: Content(body: KobitonBody.bytes(of: facts))
        case .kobitonExtended: Content(body: KobitonBody.extendedBytes(of: facts))
        case .cloudEvents(let mode): CloudEvent(facts).content(mode)
        case .template(let template): template.content(of: facts)
        }
    }
}

/// A text with places for what a callback tells, read and checked.
package struct BodyTemplate: Hashable, Sendable {
    /// The text itself: two templates of the same are the same.
    package let source: String
    package let contentType: String
    private let render: @Sendable (CallbackFacts) -> String

    package init(source: String, contentType: String, render: @escaping @Sendable (CallbackFacts) -> String) {
        self.source = source
        self.contentType = contentType
        self.render = render
    }

    func content(of facts: CallbackFacts) -> Content {
        Content(body: Array(render(facts).utf8), headers: ["Content-Type: \(contentType)"])
    }

    package static func == (a: Self, b: Self) -> Bool { a.source == b.source && a.contentType == b.contentType }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(source)
        hasher.combine(contentType)
    }
}
