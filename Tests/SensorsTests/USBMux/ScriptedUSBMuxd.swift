import FoundationEssentials
import Glibc
import Linux

/// Stands for usbmuxd and the phones behind it, on a real Unix socket, in the test's own thread: `serve` takes what has come.
///
/// Its messages are written by hand, so that they do not come out of what they test.
final class ScriptedUSBMuxd {
    /// How a phone's lockdownd takes a session.
    enum Phone {
        case trusts
        case refuses(String)
        /// It takes the connection and says nothing.
        case hangs
    }

    /// Serials that a record is there for, as they are spelled here.
    var records: Set<String> = []
    var phones: [Int: Phone] = [:]
    /// Every request that has come, as `Listen`, `Connect 3` or `3 GetValue DeviceName`.
    private(set) var requests: [String] = []
    /// Whether answers come a byte at a time.
    var isTorn = false
    /// What `Listen` is answered with.
    var listenResult = 0

    private let path: String
    private let epoll: Epoll
    private let listener: Int32
    private var isEnded = false
    private var clients: [Int32: Client] = [:]
    private var attachments: [(id: Int, message: String)] = []

    private struct Client {
        var received: [UInt8] = []
        /// Written when the socket takes it: the reader is in the same thread.
        var outgoing: [UInt8] = []
        var isListening = false
        var phone: Int?
    }

    private struct Request: Decodable {
        var MessageType: String?
        var PairRecordID: String?
        var DeviceID: Int?
        var PortNumber: Int?
        var Request: String?
        var Key: String?
        var HostID: String?
        var SystemBUID: String?
    }

    init(path: String) throws {
        self.path = path
        epoll = try Epoll()
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        listener = socket(AF_UNIX, type, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isListening = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { [listener] in
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(listener, 5) == 0
            }
        }
        guard isListening else { throw SystemError("bind \(path)") }
        try epoll.watch(listener, for: .readable)
    }

    deinit { end() }

    var descriptor: Int32 { epoll.descriptor }
    var phoneConnections: Int { clients.values.count { $0.phone != nil } }

    /// As when it exits; killed, it leaves its socket's file.
    func end(leavingFile: Bool = false) {
        if isEnded { return }
        isEnded = true
        isTorn = false
        // What was said before is said; the socket has room for it.
        for client in clients.keys { try? write(to: client) }
        for client in clients.keys { close(client) }
        clients = [:]
        close(listener)
        if !leavingFile { unlink(path) }
    }

    func attach(_ id: Int, _ serial: String, type: String = "USB", location: Int = 0, _ phone: Phone = .trusts) {
        phones[id] = phone
        let properties =
            "<dict>\(string("SerialNumber", serial))\(string("ConnectionType", type))"
            + "\(integer("LocationID", location))</dict>"
        let message = string("MessageType", "Attached") + integer("DeviceID", id) + "<key>Properties</key>\(properties)"
        attachments.append((id, message))
        tell(message)
    }

    func detach(_ id: Int) {
        attachments.removeAll { $0.id == id }
        for (socket, client) in clients where client.phone == id { hangUp(socket) }
        tell(string("MessageType", "Detached") + integer("DeviceID", id))
    }

    func paired(_ id: Int) { tell(string("MessageType", "Paired") + integer("DeviceID", id)) }

    /// To all that listen, these very bytes.
    func say(_ bytes: [UInt8]) {
        for (socket, client) in clients where client.isListening { send(bytes, to: socket) }
    }

    func serve() throws {
        for event in try epoll.wait(timeout: .zero) {
            if event.descriptor == listener {
                while case let socket = accept(listener, nil, nil), socket >= 0 {
                    clients[socket] = Client()
                    try epoll.watch(socket, for: .readable)
                }
            } else {
                if event.interest.contains(.writable) { try write(to: event.descriptor) }
                if event.interest.contains(.readable) { try receive(on: event.descriptor) }
            }
        }
    }
}

extension ScriptedUSBMuxd {
    private func tell(_ content: String) { say(mux(content)) }

    private func hangUp(_ socket: Int32) {
        close(socket)
        clients[socket] = nil
    }

    private func receive(on socket: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return hangUp(socket) }
        clients[socket]?.received += buffer[..<count]
        while let client = clients[socket] {
            let start = client.phone == nil ? 16 : 4
            guard client.received.count >= start else { break }
            let field = client.received.prefix(4)
            let length =
                client.phone == nil
                ? field.reversed().reduce(0) { $0 << 8 | Int($1) } : field.reduce(0) { $0 << 8 | Int($1) }
            let end = client.phone == nil ? length : start + length
            guard client.received.count >= end else { break }
            let body = Data(client.received[start..<end])
            clients[socket]?.received.removeFirst(end)
            let request = try PropertyListDecoder().decode(Request.self, from: body)
            if let id = client.phone { lockdown(request, id, on: socket) } else { answer(request, on: socket) }
        }
    }

    private func answer(_ request: Request, on socket: Int32) {
        let kind = request.MessageType ?? "nothing"
        requests.append(
            [kind, request.PairRecordID ?? request.DeviceID.map(String.init)].compactMap(\.self).joined(separator: " "))
        switch kind {
        case "Listen":
            clients[socket]?.isListening = true
            let all = attachments.flatMap { mux($0.message) }
            send(result(listenResult) + (listenResult == 0 ? all : []), to: socket)
        case "ReadPairRecord":
            guard records.contains(request.PairRecordID ?? "") else { return send(result(2), to: socket) }
            let record = Data(plist(string("HostID", "HOST")).utf8).base64EncodedString()
            send(mux("<key>PairRecordData</key><data>\(record)</data>"), to: socket)
        case "ReadBUID": send(mux(string("BUID", "SYSTEM")), to: socket)
        case "Connect":
            let id = request.DeviceID ?? 0
            guard phones[id] != nil, request.PortNumber == 32498 else { return send(result(3), to: socket) }
            clients[socket]?.phone = id
            send(result(0), to: socket)
        default: send(result(1), to: socket)
        }
    }

    private func lockdown(_ request: Request, _ id: Int, on socket: Int32) {
        let kind = request.Request ?? "nothing"
        requests.append(["\(id) \(kind)", request.Key].compactMap(\.self).joined(separator: " "))
        guard let phone = phones[id] else { return hangUp(socket) }
        var content = string("Request", kind)
        switch (kind, phone) {
        case (_, .hangs): return
        case ("QueryType", _): content += string("Type", "com.apple.mobile.lockdown")
        case ("GetValue", _): content += string("Value", "\(request.Key ?? "?") of \(id)")
        case ("StartSession", .refuses(let error)): content += string("Error", error)
        case ("StartSession", .trusts):
            let isKnown = request.HostID == "HOST" && request.SystemBUID == "SYSTEM"
            content += isKnown ? string("SessionID", "S") : string("Error", "InvalidHostID")
        default: content += string("Error", "InvalidService")
        }
        let body = Array(plist(content).utf8)
        send((0..<4).map { UInt8(truncatingIfNeeded: body.count >> (24 - $0 * 8)) } + body, to: socket)
    }

    private func send(_ bytes: [UInt8], to socket: Int32) {
        clients[socket]?.outgoing += bytes
        try? epoll.watch(socket, for: [.readable, .writable])
    }

    private func write(to socket: Int32) throws {
        guard let outgoing = clients[socket]?.outgoing else { return }
        let piece = outgoing.prefix(isTorn ? 1 : outgoing.count)
        let count = piece.withUnsafeBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        clients[socket]?.outgoing.removeFirst(max(count, 0))
        if clients[socket]?.outgoing.isEmpty == true { try epoll.watch(socket, for: .readable) }
    }

    private func result(_ number: Int) -> [UInt8] { mux(string("MessageType", "Result") + integer("Number", number)) }

    private func mux(_ content: String) -> [UInt8] {
        let body = Array(plist(content).utf8)
        return [16 + body.count, 1, 8, 1].flatMap { field in
            (0..<4).map { UInt8(truncatingIfNeeded: field >> ($0 * 8)) }
        }
            + body
    }

    private func plist(_ content: String) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>\(content)</dict></plist>\n"
    }

    private func string(_ key: String, _ value: String) -> String { "<key>\(key)</key><string>\(value)</string>" }
    private func integer(_ key: String, _ value: Int) -> String { "<key>\(key)</key><integer>\(value)</integer>" }
}
