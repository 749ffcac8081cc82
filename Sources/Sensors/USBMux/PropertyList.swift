internal import FoundationEssentials

/// Property lists as usbmuxd, lockdownd and pair records have them; hostile ones included.
enum PropertyList {
    /// What an XML property list holds; nil when it is none, or more than any message that is waited for.
    static func message<Message: Decodable>(_ type: Message.Type, from bytes: [UInt8]) -> Message? {
        guard isBearable(bytes) else { return nil }
        return try? PropertyListDecoder().decode(type, from: Data(bytes))
    }

    static func bytes(_ message: some Encodable) -> [UInt8] {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .xml
        // Strings and integers can all be written; an empty body would be refused, and the refusal told.
        return (try? encoder.encode(message)).map(Array.init) ?? []
    }

    /// Whether it is XML that Foundation's decoder (Swift 6.3) bears: a phone must not be able to end the agent.
    ///
    /// The decoder goes down by recursion: at 30,000 levels, which 200 KiB hold, it ran out of stack. Each level takes a `<`, in
    /// whichever way it is written, so counting those is a bound that no trick gets around. In an integer it traps on what
    /// is no UTF-8. It also reads the old text format and the binary one, which nobody sends here.
    private static func isBearable(_ bytes: [UInt8]) -> Bool {
        let text = bytes.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
        guard text.starts(with: "<?xml".utf8) || text.starts(with: "<!DOCTYPE".utf8) || text.starts(with: "<plist".utf8)
        else { return false }
        return bytes.count { $0 == UInt8(ascii: "<") } <= mostTags && String(validating: bytes, as: UTF8.self) != nil
    }

    /// A message with 12 properties has 60.
    static let mostTags = 512
}
