internal import PlughookConfiguration
internal import Glibc
internal import Linux

/// Whether usbmuxd can be talked to, the daemon that iPhones are reached through.
struct USBMux: Hashable {
    /// Where it listens: a socket of the file system, or host and port.
    enum Place: Hashable {
        case path(String)
        case endpoint(String)
    }

    enum Answer: Hashable {
        case connected, absent, forbidden
        case failed(String)
    }

    static let limit = Duration.seconds(1)

    var place: Place
    var isIPhonePlugged: Bool
    var answer: Answer

    var diagnosis: Diagnosis {
        let name =
            switch place {
            case .path(let path): path
            case .endpoint(let endpoint): endpoint
            }
        switch answer {
        case .connected: return .ok(.usbmuxd, "\(name): usbmuxd accepts connections")
        // Debian's is started by the first iPhone and ends with the last.
        case .absent where !isIPhonePlugged:
            return .skipped(.usbmuxd, "\(name): nobody listens, and no iPhone is plugged")
        case .absent:
            return .warning(
                .usbmuxd, "\(name): nobody listens, though an iPhone is plugged",
                mend: "apt install usbmuxd; systemctl start usbmuxd")
        case .forbidden:
            return .warning(
                .usbmuxd, "\(name): this user may not connect",
                mend: "ls -l \(name.shellWord) shows who may; into a container mount the socket")
        case .failed(let why):
            return .warning(.usbmuxd, "\(name): cannot be reached (\(why))", mend: "correct health.usbmuxd.socket")
        }
    }
}

extension USBMux {
    init(socket: String, isIPhonePlugged: Bool) {
        let variable = getenv("USBMUXD_SOCKET_ADDRESS").map { String(cString: $0) }
        place = Place(socket: socket, variable: variable)
        self.isIPhonePlugged = isIPhonePlugged
        do throws(SystemError) {
            answer = try Self.ask(place)
        } catch {
            answer =
                switch error.code {
                case ENOENT, ECONNREFUSED, ENOTDIR: .absent
                case EACCES, EPERM: .forbidden
                default: .failed(error.description)
                }
        }
    }

    private static func ask(_ place: Place) throws(SystemError) -> Answer {
        switch place {
        case .path(let path):
            _ = try Connection(unixSocket: path, within: limit)
        case .endpoint(let endpoint):
            let addresses: [SocketAddress]
            do throws(SocketAddress.Unknown) {
                addresses = try SocketAddress.all(of: endpoint)
            } catch {
                return .failed(error.words)
            }
            guard let address = addresses.first else { return .absent }
            _ = try Connection(to: address, within: limit)
        }
        return .connected
    }
}

extension USBMux.Place {
    /// `$USBMUXD_SOCKET_ADDRESS`, as libusbmuxd reads it (`UNIX:/path` in any case, a path alone, or host and port), stands in
    /// for the socket that the configuration leaves at its default.
    init(socket: String, variable: String?) {
        guard let variable, !variable.isEmpty, socket == Configuration().health.usbmuxd.socket else {
            self = .path(socket)
            return
        }
        if variable.lowercased().hasPrefix("unix:") {
            self = .path(String(variable.dropFirst(5)))
        } else if variable.hasPrefix("/") {
            self = .path(variable)
        } else {
            self = .endpoint(variable)
        }
    }
}
