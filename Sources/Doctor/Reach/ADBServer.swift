internal import Core
internal import Glibc
internal import Linux

/// Whether an adb server answers. None is ever started.
struct ADBServer: Hashable {
    enum Answer: Hashable {
        /// The version of its protocol, 41 for all of the last years.
        case version(Int)
        case absent
        /// Connected, and not a word within the limit.
        case silent
        /// Somebody answers who is no adb server.
        case stranger
        case failed(String)
    }

    static let limit = Duration.seconds(1)
    /// The server that every Android tool starts when it needs one.
    static let usual = "127.0.0.1:5037"

    var endpoint: String
    /// An Android phone is plugged, or the configuration names a server of its own.
    var isExpected: Bool
    var answer: Answer

    var diagnosis: Diagnosis {
        switch answer {
        case .version(let version): .ok(.adb, "\(endpoint): an adb server answers, version \(version)")
        case .absent where !isExpected:
            .skipped(.adb, "\(endpoint): nobody listens, and no Android phone is plugged")
        case .absent:
            .warning(
                .adb, "\(endpoint): nobody listens", mend: "adb start-server, as the user who keeps the phones' key")
        case .silent:
            .warning(
                .adb, "\(endpoint): connected, and no answer within \(Self.limit.components.seconds) s",
                mend: "adb kill-server && adb start-server")
        case .stranger:
            .warning(
                .adb, "\(endpoint): what answers is no adb server",
                mend: "ss -ltnp shows who it is; correct health.adb.servers")
        case .failed(let why):
            .warning(.adb, "\(endpoint): cannot be reached (\(why))", mend: "correct health.adb.servers")
        }
    }
}

extension ADBServer {
    init(endpoint: String, isAndroidPlugged: Bool) {
        self.endpoint = endpoint
        isExpected = isAndroidPlugged || endpoint != Self.usual
        answer = Answer(asking: endpoint)
    }
}

extension ADBServer.Answer {
    /// Each message has its length in four hexadecimal digits before it (AOSP `packages/modules/adb/OVERVIEW.TXT`).
    private static let question = Array("000chost:version".utf8)
    /// `OKAY`, the length, and as much again in hexadecimal.
    private static let answerLength = 12

    fileprivate init(asking endpoint: String) {
        let addresses: [SocketAddress]
        do throws(SocketAddress.Unknown) {
            addresses = try SocketAddress.all(of: endpoint)
        } catch {
            self = .failed(error.words)
            return
        }
        self = .absent
        for address in addresses {
            self = Self.ask(address)
            guard self == .absent else { return }
        }
    }

    private static func ask(_ address: SocketAddress) -> Self {
        var isConnected = false
        do throws(SystemError) {
            let connection = try Connection(to: address, within: ADBServer.limit)
            isConnected = true
            return Self(bytes: try connection.exchange(question, for: answerLength))
        } catch {
            switch error.code {
            case ECONNREFUSED: return .absent
            case ETIMEDOUT where isConnected: return .silent
            case ECONNRESET, EPIPE: return .stranger
            default: return .failed(error.description)
            }
        }
    }

    init(bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("OKAY0004"), text.count == Self.answerLength, let version = Int(text.suffix(4), radix: 16)
        else {
            self = .stranger
            return
        }
        self = .version(version)
    }
}
