internal import Core

/// One line of an adb server's list: a phone on a cable.
struct ADBEntry: Hashable {
    /// As the server has it, byte for byte; empty when the phone tells none, or a placeholder.
    let serial: [UInt8]
    let state: ADBState
    /// From `usb:1-4.2`; only long lists have it.
    let port: PortPath?
    /// The server's number for this connection of this phone, never given twice; only long lists have it.
    let transport: UInt64?

    /// What a report calls it.
    var identity: SensedPhone.Identity {
        SensedPhone.Identity(place: port.map { .port($0) }, serial: String(decoding: serial, as: UTF8.self))
    }

    /// The phones of a list, in its order, as many as a host could have; emulators and phones over Wi-Fi are left out.
    static func entries(of list: [UInt8], isLong: Bool) -> [ADBEntry] {
        var entries: [ADBEntry] = []
        for line in list.split(separator: UInt8(ascii: "\n")) where entries.count < mostEntries {
            if let entry = ADBEntry(line: line, isLong: isLong), !entry.isElsewhere { entries.append(entry) }
        }
        return entries
    }

    /// A text of 64 KiB could have a thousand times what hangs on a host.
    private static let mostEntries = 1024

    /// Nil for a line that has no state.
    init?(line: some Collection<UInt8>, isLong: Bool) {
        let line = Array(line)
        var serial: ArraySlice<UInt8>
        var state: ArraySlice<UInt8>
        var port: PortPath?
        var transport: UInt64?
        if isLong {
            let (rest, fields) = Self.fields(of: line[...])
            guard let parts = Self.serialAndState(of: rest) else { return nil }
            (serial, state) = parts
            for field in fields {
                if port == nil, field.starts(with: "usb:".utf8) { port = Self.port(field.dropFirst(4)) }
                if transport == nil, field.starts(with: "transport_id:".utf8) {
                    transport = UInt64(String(decoding: field.dropFirst(13), as: UTF8.self))
                }
            }
        } else {
            // A state has no tab; a serial may have one.
            guard let tab = line.lastIndex(of: UInt8(ascii: "\t")) else { return nil }
            (serial, state) = (line[..<tab], line[(tab + 1)...])
        }
        state = state.trimmingSpaces()
        if state.isEmpty { return nil }
        serial = serial.trimmingSpaces()
        if serial.elementsEqual("(no serial number)".utf8) || serial.allSatisfy({ $0 == UInt8(ascii: "?") }) {
            serial = []
        }
        self.serial = Array(serial)
        self.state = ADBState(String(decoding: state, as: UTF8.self))
        self.port = port
        self.transport = transport
    }

    /// On no cable: an emulator, or a phone over the network, by address or by what mDNS calls it.
    private var isElsewhere: Bool {
        if port != nil { return false }
        let text = String(decoding: serial, as: UTF8.self)
        if text.contains("._adb-tls-connect._tcp") || text.contains("._adb._tcp") { return true }
        if text.hasPrefix("emulator-"), text.dropFirst(9).isNumber { return true }
        guard let colon = text.lastIndex(of: ":") else { return false }
        return text[text.index(after: colon)...].isNumber
    }
}

extension ADBEntry {
    /// Divides off what stands at the end of a long line as `key:value`, in reverse: only there is it told from a serial
    /// or a state, which may hold spaces.
    private static func fields(of line: ArraySlice<UInt8>) -> (rest: ArraySlice<UInt8>, fields: [ArraySlice<UInt8>]) {
        var rest = line.trimmingSpaces()
        var fields: [ArraySlice<UInt8>] = []
        while let space = rest.lastIndex(of: UInt8(ascii: " ")) {
            let word = rest[(space + 1)...]
            let key = word.prefix { $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            guard !key.isEmpty, word.dropFirst(key.count).first == UInt8(ascii: ":") else { break }
            fields.append(word)
            rest = rest[..<space].trimmingSpaces()
        }
        return (rest, fields)
    }

    /// Divides `%-22s %s`: at a state that is known, else where the padding ends.
    private static func serialAndState(of text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        let space = UInt8(ascii: " ")
        for word in ADBState.words where text.count > word.utf8.count {
            let state = text.suffix(word.utf8.count)
            if state.elementsEqual(word.utf8), text[state.startIndex - 1] == space {
                return (text[..<state.startIndex], state)
            }
        }
        if let found = text.lastStart(of: Array((" " + ADBState.permissionsText).utf8)) {
            return (text[..<found], text[found...])
        }
        guard let gap = text.dropFirst(22).firstIndex(of: space) ?? text.firstIndex(of: space) else { return nil }
        return (text[..<gap], text[gap...])
    }

    /// A port path as the kernel writes one, or nil: other systems' adb has other things there.
    private static func port(_ text: ArraySlice<UInt8>) -> PortPath? {
        let halves = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard text.count <= 32, halves.count == 2 else { return nil }
        let numbers = [halves[0]] + halves[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.allSatisfy({ String(decoding: $0, as: UTF8.self).isNumber }) else { return nil }
        return PortPath(String(decoding: text, as: UTF8.self))
    }
}

extension StringProtocol {
    fileprivate var isNumber: Bool { !isEmpty && utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingSpaces() -> ArraySlice<UInt8> {
        let isPadding = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") }
        guard let last = lastIndex(where: { !isPadding($0) }) else { return [] }
        return self[...last].drop(while: isPadding)
    }

    /// Where `part` begins for the last time.
    fileprivate func lastStart(of part: [UInt8]) -> Int? {
        guard count >= part.count else { return nil }
        return (startIndex...endIndex - part.count).last { self[$0...].starts(with: part) }
    }
}
