internal import Core
internal import Linux

/// An inquiry with the connection that it needs: to usbmuxd, and from some point on to the phone's lockdownd.
final class PhoneConversation {
    enum Outcome {
        case goesOn
        case concluded(Inquiry.Conclusion)
    }

    private let address: USBMuxAddress
    private var inquiry: Inquiry
    private var connection: MuxConnection?
    private var muxFrames = MuxFrameReader()
    /// What comes once usbmuxd has put the phone through.
    private var phoneFrames: LockdownFrameReader?
    /// When the answer that is waited for is too late.
    private(set) var limit: MonotonicTime?

    private static let stepLimit = Duration.seconds(5)
    /// An answer is one message of at most 1 MiB.
    private static let readsAtATime = 16

    init(with device: MuxDevice, at address: USBMuxAddress) {
        self.address = address
        inquiry = Inquiry(device)
    }

    var descriptor: Int32? { connection?.descriptor }
    var interest: Interest { connection?.interest ?? [] }

    func begin(at now: MonotonicTime) -> Outcome { follow(inquiry.first, at: now) }

    /// The descriptor is ready.
    func isReady(at now: MonotonicTime) -> Outcome {
        guard let connection else { return .goesOn }
        do {
            try connection.flush()
            for _ in 0..<Self.readsAtATime {
                guard let bytes = try connection.receive() else { return follow(inquiry.failed(), at: now) }
                if bytes.isEmpty { break }
                append(bytes)
                while let action = try nextAction() {
                    if case .concluded(let conclusion) = follow(action, at: now) { return .concluded(conclusion) }
                    // Another connection now, with nothing on it yet.
                    if self.connection !== connection { return .goesOn }
                }
            }
            return .goesOn
        } catch {
            return follow(inquiry.failed(), at: now)
        }
    }

    /// The limit has passed.
    func isOverdue(at now: MonotonicTime) -> Outcome { follow(inquiry.failed(isSilent: true), at: now) }

    private func append(_ bytes: ArraySlice<UInt8>) {
        if phoneFrames == nil { muxFrames.append(bytes) } else { phoneFrames?.append(bytes) }
    }

    /// What the next whole message leads to; nil while there is none.
    private func nextAction() throws(FrameFault) -> Inquiry.Action? {
        if phoneFrames != nil {
            guard let body = try phoneFrames?.next() else { return nil }
            guard let answer = LockdownAnswer(body) else { return inquiry.failed() }
            return inquiry.phoneSaid(answer)
        }
        guard let frame = try muxFrames.next() else { return nil }
        let action = inquiry.muxSaid(MuxMessage(frame.body))
        if case .tell = action {
            var frames = LockdownFrameReader()
            frames.append(muxFrames.takeRest())
            phoneFrames = frames
        }
        return action
    }

    private func follow(_ action: Inquiry.Action, at now: MonotonicTime) -> Outcome {
        do throws(SystemError) {
            switch action {
            case .none: return .goesOn
            case .ask(let request):
                muxFrames = MuxFrameReader()
                let fresh = try MuxConnection(to: address)
                connection = fresh
                try fresh.send(request.bytes)
            case .tell(let request): try connection?.send(request.bytes)
            case .conclude(let conclusion):
                connection = nil
                return .concluded(conclusion)
            }
            limit = now + Self.stepLimit
            return .goesOn
        } catch {
            connection = nil
            return follow(inquiry.failed(), at: now)
        }
    }
}
