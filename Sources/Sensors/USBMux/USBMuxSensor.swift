package import Core
internal import Linux

/// Tells which iPhones and iPads usbmuxd has attached over USB, whether each trusts this host, and what it is called.
///
/// It lives in its caller's loop: watch `descriptor`, wait until `nextDeadline` at most, call `process(now:)`. It never
/// waits, has no tick and no thread, and is for one thread. It speaks to usbmuxd, and through it to the phones: it never
/// asks one to pair, and changes no pair record. A socket that does not exist costs nothing until it appears.
package final class USBMuxSensor {
    package let source: SensorSource
    /// Messages that made no sense, since the start.
    package private(set) var misunderstood = 0

    private let address: USBMuxAddress
    private var random: any RandomNumberGenerator
    private let epoll: Epoll
    private var watch: DirectoryWatch?
    private var isStarted = false

    private var link = MuxLink()
    private var listener: MuxConnection?
    private var listenerFrames = MuxFrameReader()
    /// When the phones that were there before may all be taken to have been told.
    private var isCompleteAt: MonotonicTime?

    private var phones = AttachedPhones()
    private var inquiries: [Int: PhoneConversation] = [:]
    private var told: [SensedPhone]?
    private var reports: [SensorReport] = []

    /// usbmuxd sends its list right behind its answer, but no word for its end.
    private static let listTime = Duration.milliseconds(250)
    /// How often to look when the socket's directory cannot be watched.
    private static let unwatchedLook = Duration.seconds(30)
    /// 64 KiB each, at a time: a flood keeps nobody else waiting.
    private static let readsAtATime = 16
    private var nextUnwatchedLook: MonotonicTime?

    /// `random` sets its returns to a usbmuxd that was away apart from those of other programs.
    package init(
        address: USBMuxAddress, random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) throws(USBMuxSensorError) {
        self.address = address
        self.random = random
        source = .usbmuxd(socket: address.description)
        do throws(SystemError) {
            epoll = try Epoll()
            if case .unix(let path) = address {
                let watch = try DirectoryWatch(file: path)
                try epoll.watch(watch.descriptor, for: .readable)
                self.watch = consume watch
            }
        } catch {
            throw USBMuxSensorError(error)
        }
    }

    /// Readable when `process` has something to do; the same one for as long as this lives.
    package var descriptor: Int32 { epoll.descriptor }

    /// When `process` is to be called though `descriptor` is not readable. A moment long ago: now.
    package var nextDeadline: MonotonicTime? {
        guard isStarted else { return MonotonicTime(nanoseconds: .min) }
        let isUntold = link.isListening && told == nil
        return
            ([link.deadline, phones.deadline, isUntold ? isCompleteAt : nil, nextUnwatchedLook]
            + inquiries.values.map(\.limit)).compactMap(\.self).min()
    }

    /// An Apple device is on USB: unless usbmuxd is there within ten seconds, its absence is told.
    package func expectPhone(now: MonotonicTime) { link.phoneExpected(at: now) }

    /// No Apple device is on USB any more: that usbmuxd is not there is as it should be.
    package func expectNoPhone() { link.noPhoneExpected() }

    /// Asks this phone again at once, if it is attached. Changes `nextDeadline`.
    package func lookAgain(at udid: UDID, now: MonotonicTime) { phones.hurry(udid, at: now) }

    /// Takes all that has come and tells what it means; does not wait.
    package func process(now: MonotonicTime) -> [SensorReport] {
        defer { reports = [] }
        if !isStarted {
            isStarted = true
            follow(link.socketMayBeThere(at: now), at: now)
        }
        // It fails for a descriptor that is none, or for want of memory: then the next turn has it.
        for ready in (try? epoll.wait(timeout: .zero)) ?? [] {
            if ready.descriptor == watch?.descriptor {
                if watch?.changes() == true { follow(link.socketMayBeThere(at: now), at: now) }
            } else if ready.descriptor == listener?.descriptor {
                listen(at: now)
            } else if let (id, _) = inquiries.first(where: { $0.value.descriptor == ready.descriptor }) {
                proceed(id, at: now) { $0.isReady(at: now) }
            }
        }
        passTime(now)
        tellPhones(at: now)
        return reports
    }
}

extension USBMuxSensor {
    private func passTime(_ now: MonotonicTime) {
        follow(link.timePassed(now, spread: spread()), at: now)
        lookUnwatched(at: now)
        for (id, conversation) in inquiries where conversation.limit.map({ $0 <= now }) == true {
            proceed(id, at: now) { $0.isOverdue(at: now) }
        }
        while let device = phones.claim(at: now) {
            inquiries[device.id] = PhoneConversation(with: device, at: address)
            proceed(device.id, at: now) { $0.begin(at: now) }
        }
    }

    /// In place of the watch, where there can be none.
    private func lookUnwatched(at now: MonotonicTime) {
        guard watch?.failure != nil, !link.isListening else { return nextUnwatchedLook = nil }
        let look = nextUnwatchedLook ?? now + Self.unwatchedLook
        nextUnwatchedLook = look <= now ? now + Self.unwatchedLook : look
        if look <= now { follow(link.socketMayBeThere(at: now), at: now) }
    }

    private func follow(_ actions: [MuxLink.Action], at now: MonotonicTime) {
        for action in actions {
            switch action {
            case .connect: connect(at: now)
            case .found:
                told = nil
                isCompleteAt = now + Self.listTime
                reports.append(.found(source))
            case .lost(let why):
                reports.append(.lost(source, why: why.sensed(atMost: 200)))
            }
        }
    }

    private func connect(at now: MonotonicTime) {
        do throws(SystemError) {
            let connection = try MuxConnection(to: address)
            try connection.send(MuxRequest.listen.bytes)
            try epoll.watch(connection.descriptor, for: connection.interest)
            listenerFrames = MuxFrameReader()
            listener = connection
        } catch {
            let isUnix = watch != nil
            if isUnix, error.isAbsence {
                follow(link.isAbsent(at: now), at: now)
            } else {
                let isDecisive = isUnix && !error.isRefusal
                follow(link.failed("\(error)", at: now, spread: spread(), isDecisive: isDecisive), at: now)
            }
        }
    }

    /// Takes what usbmuxd tells of its own accord.
    private func listen(at now: MonotonicTime) {
        guard let listener else { return }
        do {
            try listener.flush()
            try epoll.watch(listener.descriptor, for: listener.interest)
            for _ in 0..<Self.readsAtATime {
                guard let bytes = try listener.receive() else { return hangUp("usbmuxd has ended", at: now) }
                if bytes.isEmpty { break }
                listenerFrames.append(bytes)
                while let frame = try listenerFrames.next() {
                    heard(MuxMessage(frame.body), at: now)
                    if self.listener !== listener { return }
                }
            }
        } catch {
            hangUp("\(error)", at: now)
        }
    }

    private func heard(_ message: MuxMessage, at now: MonotonicTime) {
        switch message {
        case .result(0): follow(link.listens(at: now), at: now)
        case .result(let number): hangUp("usbmuxd refuses to be listened to, result \(number)", at: now)
        case .attached(let device):
            if !phones.attached(device) { inquiries[device.id] = nil }
        case .detached(let id):
            phones.detached(id)
            inquiries[id] = nil
        case .paired(let id): phones.paired(id, at: now)
        case .pairRecord, .buid, .other: misunderstood += 1
        }
    }

    /// The connection is of no more use, and what came on it is void.
    private func hangUp(_ why: String, at now: MonotonicTime) {
        // What was told before it ended was true: the last phone's end comes with usbmuxd's own.
        tellPhones(at: now)
        if let listener { epoll.forget(listener.descriptor) }
        listener = nil
        inquiries = [:]
        phones.forgetAll()
        follow(link.failed(why, at: now, spread: spread()), at: now)
    }

    private func tellPhones(at now: MonotonicTime) {
        guard link.isListening, let isCompleteAt, isCompleteAt <= now else { return }
        let sensed = phones.sensed(by: source)
        guard sensed != told else { return }
        told = sensed
        reports.append(.phones(sensed))
    }

    /// One step of an inquiry, and what follows from it.
    private func proceed(
        _ id: Int, at now: MonotonicTime, _ step: (PhoneConversation) -> PhoneConversation.Outcome
    ) {
        guard let conversation = inquiries[id] else { return }
        switch step(conversation) {
        case .goesOn:
            guard let descriptor = conversation.descriptor else { return }
            // If it cannot be watched, its limit ends it.
            try? epoll.watch(descriptor, for: conversation.interest)
        case .concluded(let conclusion):
            inquiries[id] = nil
            phones.concluded(id, conclusion, at: now, spread: spread())
        }
    }

    private func spread() -> Double { Double.random(in: 0...1, using: &random) }
}
