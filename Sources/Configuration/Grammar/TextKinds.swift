import Core

extension Kind where Value == String {
    /// Text of so many code points without control characters; line breaks and tabs only where it has several lines.
    ///
    /// What the file says is never echoed: a text may be a secret or a URL with one in it.
    static func text(_ length: ClosedRange<Int>, _ expectation: String? = nil, isMultiline: Bool = false) -> Kind {
        let lowControls = isMultiline ? #"\u0000-\u0008\u000b\u000c\u000e-\u001f"# : #"\u0000-\u001f"#
        return Kind.plain(
            expectation ?? "text of \(length.lowerBound) to \(length.upperBound) characters",
            schema: [
                "type": "string", "minLength": .integer(Int64(length.lowerBound)),
                "maxLength": .integer(Int64(length.upperBound)),
                "not": ["pattern": .string("[" + lowControls + #"\u007f-\u009f]"#)],
            ],
            literal: { .string($0) },
            extract: { if case .string(let text) = $0 { text } else { nil } }
        )
        .checked { (text) throws(Objection) in
            let scalars = text.unicodeScalars
            if scalars.count < length.lowerBound {
                throw Objection(
                    scalars.isEmpty ? "is empty" : "has only \(scalars.count) characters",
                    "give text of \(length.lowerBound) to \(length.upperBound) characters")
            }
            if scalars.count > length.upperBound {
                throw Objection(
                    "has \(scalars.count) characters", "shorten it to \(length.upperBound) characters at most")
            }
            for (index, scalar) in scalars.enumerated() where scalar.properties.generalCategory == .control {
                if isMultiline, scalar == "\n" || scalar == "\r" || scalar == "\t" { continue }
                let code = String(scalar.value, radix: 16, uppercase: true)
                throw Objection("character \(index + 1) is a control character (U+\(code))", "remove it")
            }
        }
    }

    /// Without anything that a terminal would obey or that hides in a text.
    static func printableText(_ length: ClosedRange<Int>) -> Kind {
        .text(length).checked { (text) throws(Objection) in
            if text.printable != text {
                throw Objection("has characters that cannot be seen", "write it with visible characters only")
            }
        }
    }

    /// A path from the root of the file system, of at most so many bytes.
    static func absolutePath(maxBytes: Int) -> Kind {
        .text(1...maxBytes, "a path that starts with a slash")
            .checked(adding: ["pattern": "^/"]) { (path) throws(Objection) in
                guard path.utf8.first == UInt8(ascii: "/") else {
                    throw Objection("is not an absolute path", "give a path that starts with a slash")
                }
                guard path.utf8.count <= maxBytes else {
                    throw Objection("has \(path.utf8.count) bytes", "give a path of at most \(maxBytes) bytes")
                }
            }
    }
}

extension Kind where Value == UInt16 {
    /// A vendor or product id as `lsusb` writes it.
    static var usbID: Kind {
        let expectation = "four hexadecimal digits in quotes, as lsusb shows them, like \"2717\""
        return Kind<String>.plain(
            expectation, schema: ["type": "string", "pattern": "^[0-9A-Fa-f]{4}$"], literal: { .string($0) },
            extract: { if case .string(let text) = $0 { text } else { nil } }
        )
        .converted(back: { String(String(0x10000 + Int($0), radix: 16).dropFirst()) }) { (text) throws(Objection) in
            guard text.utf8.count == 4, text.utf8.allSatisfy(\.isHexDigit), let value = UInt16(text, radix: 16) else {
                throw Objection("is \(Quotation(text))", "give \(expectation)")
            }
            return value
        }
    }
}
