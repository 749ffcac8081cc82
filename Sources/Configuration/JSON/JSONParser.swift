/// Parses one document by RFC 8259, no more and no less.
///
/// It recurses at most `depthLimit` deep and never traps, whatever the bytes.
struct JSONParser {
    /// A rack's whole configuration takes some hundred kilobytes; more than this is another file by mistake.
    static let sizeLimit = 4 << 20
    /// The configuration needs six levels; the stack bears many times this.
    static let depthLimit = 64
    /// A second occurrence is a fault of the hand; a hundred of them is a generator's, and told often enough.
    static let duplicateLimit = 100

    let bytes: [UInt8]
    var offset = 0
    /// Where the value that is being parsed belongs.
    var pointer = JSONPointer.root
    private(set) var duplicates: [Finding] = []
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func fault(_ problem: String, _ advice: String, at place: Int? = nil) -> Finding {
        Finding(pointer: pointer, offset: place ?? offset, problem: problem, advice: advice)
    }

    mutating func parseDocument() throws(Finding) -> JSONNode {
        guard bytes.count <= Self.sizeLimit else {
            throw fault("the document has \(bytes.count) bytes", "keep it under \(Self.sizeLimit) bytes")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
        skipWhitespace()
        guard current != nil else { throw fault("there is nothing here", "write at least {}") }
        let root = try parseValue()
        skipWhitespace()
        if current != nil {
            throw fault("\(describeCurrent()) follows the end of the document", "remove what follows the last bracket")
        }
        return root
    }

    private mutating func parseValue() throws(Finding) -> JSONNode {
        let start = offset
        let value: JSONValue
        switch current {
        case UInt8(ascii: "{"): value = .object(try nested { (parser) throws(Finding) in try parser.parseMembers() })
        case UInt8(ascii: "["): value = .array(try nested { (parser) throws(Finding) in try parser.parseElements() })
        case UInt8(ascii: "\""): value = .string(try parseString())
        case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte): value = .number(try parseNumber())
        case UInt8(ascii: "t"): value = try parseWord("true", .boolean(true))
        case UInt8(ascii: "f"): value = try parseWord("false", .boolean(false))
        case UInt8(ascii: "n"): value = try parseWord("null", .null)
        default: throw fault("a value is expected, but here is \(describeCurrent())", adviceForCurrent())
        }
        return JSONNode(range: start..<offset, value: value)
    }

    /// Runs the body one level deeper, past the opening bracket.
    private mutating func nested<Result>(
        _ body: (inout JSONParser) throws(Finding) -> Result
    ) throws(Finding) -> Result {
        guard depth < Self.depthLimit else {
            throw fault("brackets are nested deeper than \(Self.depthLimit) levels", "nest less deeply")
        }
        depth += 1
        let outer = pointer
        offset += 1
        let result = try body(&self)
        pointer = outer
        depth -= 1
        return result
    }

    private mutating func parseMembers() throws(Finding) -> [JSONMember] {
        let object = pointer
        var members: [JSONMember] = []
        var known: Set<[UInt8]> = []
        while try hasNext(isFirst: members.isEmpty, closing: "}") {
            guard current == UInt8(ascii: "\"") else {
                throw fault("a key is expected, but here is \(describeCurrent())", "write the key in double quotes")
            }
            let start = offset
            let key = try parseString()
            let keyRange = start..<offset
            pointer = object.appending(key)
            if !known.insert(Array(key.utf8)).inserted, duplicates.count < Self.duplicateLimit {
                duplicates.append(
                    fault("the key \(Quotation(key)) stands here a second time", "keep one of the two", at: start))
            }
            skipWhitespace()
            guard current == UInt8(ascii: ":") else {
                throw fault("a colon is expected, but here is \(describeCurrent())", "write a colon after the key")
            }
            offset += 1
            skipWhitespace()
            members.append(JSONMember(key: key, keyRange: keyRange, node: try parseValue()))
            pointer = object
        }
        return members
    }

    private mutating func parseElements() throws(Finding) -> [JSONNode] {
        let array = pointer
        var elements: [JSONNode] = []
        while try hasNext(isFirst: elements.isEmpty, closing: "]") {
            pointer = array.appending(elements.count)
            elements.append(try parseValue())
            pointer = array
        }
        return elements
    }

    /// Whether another member or element starts here, past the comma; past the closing bracket when none does.
    private mutating func hasNext(isFirst: Bool, closing: Unicode.Scalar) throws(Finding) -> Bool {
        let bracket = UInt8(ascii: closing)
        skipWhitespace()
        if current == bracket {
            offset += 1
            return false
        }
        if isFirst { return true }
        guard current == UInt8(ascii: ",") else {
            throw fault("a comma or \(closing) is expected, but here is \(describeCurrent())", adviceForCurrent())
        }
        let comma = offset
        offset += 1
        skipWhitespace()
        if current == bracket { throw fault("a comma stands before \(closing)", "remove the comma", at: comma) }
        return true
    }

    private mutating func parseWord(_ word: String, _ value: JSONValue) throws(Finding) -> JSONValue {
        guard bytes[offset...].starts(with: word.utf8) else {
            throw fault("a value is expected, but here is a bare word", "write text in double quotes")
        }
        offset += word.utf8.count
        return value
    }

    private mutating func parseNumber() throws(Finding) -> JSONNumber {
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        if current == UInt8(ascii: "0") {
            offset += 1
            if let digit = current, isDigit(digit) {
                throw fault("a number starts with a zero", "write it without leading zeros", at: start)
            }
        } else {
            try skipDigits()
        }
        if current == UInt8(ascii: ".") {
            offset += 1
            try skipDigits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try skipDigits()
        }
        return JSONNumber(text: String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    /// Past one digit or more.
    private mutating func skipDigits() throws(Finding) {
        let start = offset
        while let byte = current, isDigit(byte) { offset += 1 }
        if offset == start {
            throw fault("a digit is expected, but here is \(describeCurrent())", "write numbers like 1500")
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    /// What stands at the offset, for a message; never more than one character of the file.
    private func describeCurrent() -> String {
        switch current {
        case nil: "the end of the file"
        case .some(let byte) where byte > 0x20 && byte < 0x7F: "the character \(Unicode.Scalar(byte))"
        case .some(let byte) where byte >= 0x80: "a character outside of ASCII"
        case .some: "a control character"
        }
    }

    private func adviceForCurrent() -> String {
        switch current {
        case nil: "close every bracket that is open"
        case UInt8(ascii: "'"): "write text in double quotes"
        case UInt8(ascii: "/"), UInt8(ascii: "#"): "remove the comment: JSON has none"
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["): "write a comma between the two"
        default: "write text in double quotes, or a number, true, false, a list or an object"
        }
    }
}
