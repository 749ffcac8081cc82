internal import Core

/// Follows the lists of one adb server, as a pure machine: connection, request, lists, and again when it is lost.
///
/// There is one connection at a time, and every input but the time is about that one.
struct ADBFollower {
    enum Action: Hashable {
        /// To the address with this index; the outcome is `connected` or `ended`.
        case connect(address: Int)
        case send([UInt8])
        /// Gives the connection up; nothing of it is to be told any more.
        case disconnect
        /// A list is there for the first time, or again.
        case found
        case list([ADBEntry], isLong: Bool)
        case lost(why: String)
    }

    private enum Form { case long, short }

    private enum State {
        /// Goes to `connecting` when the time has come.
        case waiting(until: MonotonicTime)
        /// Goes to `asking`, to the next address, or back to `waiting`.
        case connecting(address: Int, Form, deadline: MonotonicTime)
        /// Asked, without the first list. Goes to `following`, to `connecting` for the short form, or back to `waiting`.
        case asking(address: Int, Form, deadline: MonotonicTime)
        /// Lists come as they please. Goes back to `waiting`.
        case following(Form, since: MonotonicTime)
    }

    static let connectLimit = Duration.seconds(2)
    /// From the request to the first list.
    static let handshakeLimit = Duration.seconds(5)
    /// A server that ends sooner is in trouble, and is tried ever less often.
    static let calm = Duration.seconds(10)

    /// Connections dropped for what came over them.
    private(set) var malformed = 0

    private let addresses: Int
    private var delay: ReconnectDelay
    private var state = State.waiting(until: MonotonicTime(nanoseconds: .min))
    private var reader = ADBReplyReader()
    private var isAnswered = false
    private var isLostTold = false

    /// Starts with the first `timePassed`. `addresses` is how many the server could be at, at least one.
    init(addresses: Int, random: any RandomNumberGenerator) {
        self.addresses = addresses
        delay = ReconnectDelay(random: random)
    }

    var nextDeadline: MonotonicTime? {
        switch state {
        case .waiting(let time): time
        case .connecting(_, _, let deadline), .asking(_, _, let deadline): deadline
        case .following: nil
        }
    }

    mutating func timePassed(_ now: MonotonicTime) -> [Action] {
        switch state {
        case .waiting(let time) where time <= now: return connect(to: 0, .long, at: now)
        case .connecting(_, _, let deadline) where deadline <= now:
            return [.disconnect] + ended(why: "it does not take the connection", at: now)
        case .asking(_, _, let deadline) where deadline <= now:
            return [.disconnect] + ended(why: "it does not answer", at: now)
        case .waiting, .connecting, .asking, .following: return []
        }
    }

    mutating func connected(at now: MonotonicTime) -> [Action] {
        switch state {
        case .connecting(let address, let form, _):
            reader = ADBReplyReader()
            isAnswered = false
            state = .asking(address: address, form, deadline: now + Self.handshakeLimit)
            return [.send(ADBRequest.framed(form == .long ? ADBRequest.trackLong : ADBRequest.trackShort))]
        case .waiting, .asking, .following: return []
        }
    }

    /// The connection could not be made, or is at its end, from the other side or by an error.
    mutating func ended(why: String, at now: MonotonicTime) -> [Action] {
        switch state {
        case .waiting: return []
        case .connecting(let address, let form, _):
            if address + 1 < addresses { return connect(to: address + 1, form, at: now) }
        case .asking: break
        case .following(_, let since):
            if now - since >= Self.calm { delay.reset() }
        }
        state = .waiting(until: now + delay.next())
        if isLostTold { return [] }
        isLostTold = true
        return [.lost(why: why)]
    }

    mutating func received(_ bytes: some Collection<UInt8>, at now: MonotonicTime) -> [Action] {
        reader.append(bytes)
        var actions: [Action] = []
        do throws(ADBReplyReader.Malformed) {
            while let more = try step(now) { actions += more }
        } catch {
            malformed += 1
            let bytes = String(decoding: error.bytes, as: UTF8.self).sensed(atMost: 64)
            actions += [.disconnect] + ended(why: "it does not speak as an adb server does: \"\(bytes)\"", at: now)
        }
        return actions
    }

    /// Takes the next piece of what has come; nil when there is none.
    private mutating func step(_ now: MonotonicTime) throws(ADBReplyReader.Malformed) -> [Action]? {
        switch state {
        case .waiting, .connecting: return nil
        case .asking(let address, let form, _):
            if !isAnswered {
                guard let status = try reader.takeStatus() else { return nil }
                if status == .fail { return [.disconnect] + refused(address, form, at: now) }
                isAnswered = true
            }
            guard let list = try reader.takeText() else { return nil }
            state = .following(form, since: now)
            isLostTold = false
            return [.found, .list(ADBEntry.entries(of: list, isLong: form == .long), isLong: form == .long)]
        case .following(let form, _):
            guard let list = try reader.takeText() else { return nil }
            return [.list(ADBEntry.entries(of: list, isLong: form == .long), isLong: form == .long)]
        }
    }

    /// The server knows no such list: the long form is newer than the short one.
    private mutating func refused(_ address: Int, _ form: Form, at now: MonotonicTime) -> [Action] {
        switch form {
        case .long: connect(to: address, .short, at: now)
        case .short: ended(why: "it tells no list of phones", at: now)
        }
    }

    private mutating func connect(to address: Int, _ form: Form, at now: MonotonicTime) -> [Action] {
        state = .connecting(address: address, form, deadline: now + Self.connectLimit)
        return [.connect(address: address)]
    }
}
