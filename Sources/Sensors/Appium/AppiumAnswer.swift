internal import Core
internal import FoundationEssentials

/// What an Appium server says when it is asked for its sessions.
///
/// Source: the documentation of Appium 1.22, 2.19 and 3 (`GET /sessions`, `GET /appium/sessions`), and the W3C's WebDriver for
/// what errors look like.
enum AppiumAnswer: Hashable, Sendable {
    /// One that does not say which phone it is on, or whose id is none, is left out.
    case sessions([AppiumSession])
    /// The server does not know of such a list.
    case unknownCommand
    /// It knows, and its operator has not allowed it to tell.
    case forbidden
    case failed(String)

    init(statusCode: Int, body: [UInt8]) {
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body))
        switch (statusCode, answer?.value) {
        case (200, .sessions(let sessions)?): self = .sessions(sessions)
        case (200, _): self = .failed("what answers there is no Appium server")
        // What a server says of a feature that it was not started with.
        case (_, .error(_, let message?)?) where message.contains("session_discovery"): self = .forbidden
        case (404, _), (405, _): self = .unknownCommand
        case (_, .error("unknown command"?, _)?): self = .unknownCommand
        default: self = .failed("it answers with HTTP status \(statusCode)")
        }
    }
}

/// One live session of an Appium server.
package struct AppiumSession: Hashable, Sendable {
    /// 1 to 128 letters, digits, dots, dashes and underscores.
    package let id: String
    /// Which phone, as the driver calls it: adb's serial, or Apple's identifier in any spelling. Printable.
    package let udid: String

    package init?(id: String, udid: String) {
        let isPlain = id.utf8.allSatisfy { byte in
            byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: ".")
        }
        let udid = udid.sensed(atMost: 200)
        guard isPlain, (1...128).contains(id.utf8.count), !udid.isEmpty else { return nil }
        self.id = id
        self.udid = udid
    }
}

// MARK: - JSON

private struct Answer: Decodable {
    let value: Value

    enum Value: Decodable {
        case sessions([AppiumSession])
        case error(String?, message: String?)

        init(from decoder: any Decoder) throws {
            if let entries = try? decoder.singleValueContainer().decode([Entry].self) {
                self = .sessions(entries.compactMap(\.session))
            } else {
                let error = try ErrorValue(from: decoder)
                self = .error(error.error, message: error.message)
            }
        }
    }

    struct ErrorValue: Decodable {
        let error: String?
        let message: String?
    }

    /// Whatever is wrong with one of them is wrong with that one alone.
    struct Entry: Decodable {
        let session: AppiumSession?

        private enum Key: String, CodingKey { case id, capabilities }

        init(from decoder: any Decoder) throws {
            let entry = try? decoder.container(keyedBy: Key.self)
            guard let id = try? entry?.decode(String.self, forKey: .id),
                let udid = (try? entry?.decode(Capabilities.self, forKey: .capabilities))?.udid
            else {
                session = nil
                return
            }
            session = AppiumSession(id: id, udid: udid)
        }
    }

    /// The phone stands there in several spellings: what the driver has found goes before what the client asked for.
    struct Capabilities: Decodable {
        let udid: String?

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }

            /// As clients of the W3C's protocol spell an extension, and as drivers and older ones do.
            static func both(_ name: String) -> [Name] {
                [Name(stringValue: name), Name(stringValue: "appium:" + name)]
            }
        }

        init(from decoder: any Decoder) throws {
            let names = try decoder.container(keyedBy: Name.self)
            let plain = ["deviceUDID", "udid"].flatMap(Name.both)
            let nested = ["options", "desired"].flatMap(Name.both)
            udid =
                plain.lazy.compactMap { try? names.decode(String.self, forKey: $0) }.first { !$0.isEmpty }
                ?? nested.lazy.compactMap { try? names.nestedContainer(keyedBy: Name.self, forKey: $0) }
                .flatMap { inner in plain.lazy.compactMap { try? inner.decode(String.self, forKey: $0) } }
                .first { !$0.isEmpty }
        }
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
