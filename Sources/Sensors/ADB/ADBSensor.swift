package import Core
internal import Linux

/// What one adb server says of the phones on its host's cables, and what those say of themselves.
///
/// It only looks: no server is started or ended, no phone is touched but for the properties of a usable one. It lives in
/// its caller's loop: watch `descriptor`, wait until `nextDeadline` at most, call `process(now:)`. It never waits, has no
/// tick and no thread, and is for one thread.
package final class ADBSensor {
    /// Since the start, for status.
    package struct Totals: Hashable, Sendable {
        /// Connections dropped because what came was not adb's.
        package var malformed = 0
        /// Times that the server was lost.
        package var losses = 0
        /// Questions to a phone without a proper answer.
        package var unanswered = 0
    }

    /// Reads taken from the connection at a time, so that a flood keeps nobody else waiting.
    private static let readsAtATime = 16

    package let source: SensorSource

    private let addresses: [ADBServerAddress.Candidate]
    private let epoll: Epoll
    private let questions: ADBQuestions
    private var follower: ADBFollower
    /// The connection that lists come over, made or in the making.
    private var link: ADBSocket?
    private var secondLook = ADBSecondLook()
    /// The connection of a second look, while there is one.
    private var lookLink: ADBSocket?
    /// Where `link` goes, or went last.
    private var address: ADBServerAddress.Candidate
    private var entries: [ADBEntry] = []
    /// What the caller knows; nil when it waits for a first list.
    private var told: [SensedPhone]?
    private var isFound = false
    /// A list came that is not told yet.
    private var isNews = false
    private var reports: [SensorReport] = []
    private var losses = 0

    /// Starts nothing: the first `process` does, and is due at once.
    ///
    /// `server` is a numeric address or `localhost`, with a port. With `requireBootCompleted`, a phone is `notBooted` until
    /// Android says that its boot is completed. With `liveness`, a usable phone is asked again so long after each answer,
    /// and is `adbOffline` from two silences in a row until it answers; longer than the 5 s that an answer may take.
    /// `random` spreads the attempts to reach a server that is away.
    package init(
        server: String, requireBootCompleted: Bool, liveness: Duration?,
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) throws(ADBSensorError) {
        guard let found = ADBServerAddress(server), let first = found.candidates.first else {
            throw .notNumeric(server)
        }
        source = .adb(server: server)
        addresses = found.candidates
        address = first
        follower = ADBFollower(addresses: addresses.count, random: random)
        do throws(SystemError) {
            epoll = try Epoll()
            questions = try ADBQuestions(requireBootCompleted: requireBootCompleted, liveness: liveness)
            try epoll.watch(questions.descriptor, for: .readable)
        } catch {
            throw .system(error)
        }
    }

    /// Readable when `process` has something to do; the same as long as this object lives.
    package var descriptor: Int32 { epoll.descriptor }

    /// When `process` is to be called though nothing is readable. A moment long ago: now.
    package var nextDeadline: MonotonicTime? {
        [follower.nextDeadline, secondLook.nextDeadline, questions.nextDeadline].compactMap(\.self).min()
    }

    package var totals: Totals {
        Totals(malformed: follower.malformed, losses: losses, unanswered: questions.unanswered)
    }

    /// These phones, as the reports call them, are in use: until the next call they are not asked whether they still
    /// answer. Changes `nextDeadline`.
    package func leaveAlone(_ phones: Set<SensedPhone.Identity>) { questions.leaveAlone(phones) }

    /// Asks the server for its list again at once, where it has one. Changes `nextDeadline`.
    package func lookAgain(at now: MonotonicTime) { secondLook.hurry(at: now) }

    /// Takes all that has come, and tells what it means.
    package func process(now: MonotonicTime) -> [SensorReport] {
        // A failure of epoll itself leaves nothing to be had from the sockets; the deadlines still end what is under way.
        let ready = (try? epoll.wait(timeout: .zero)) ?? []
        if ready.contains(where: { $0.descriptor == link?.descriptor }) { proceed(at: now) }
        // After the lists: what they say now is what an answer was overtaken by.
        if ready.contains(where: { $0.descriptor == lookLink?.descriptor }) { proceedLook(at: now) }
        perform(follower.timePassed(now), at: now)
        perform(secondLook.timePassed(now), at: now)
        questions.process(at: address, now: now)
        tellPhones()
        defer { reports = [] }
        return reports
    }
}

extension ADBSensor {
    private func proceed(at now: MonotonicTime) {
        guard let link else { return }
        guard link.isConnected else {
            do throws(SystemError) {
                try link.finishConnecting()
                try epoll.watch(link.descriptor, for: .readable)
                perform(follower.connected(at: now), at: now)
            } catch {
                end(why: error.description, at: now)
            }
            return
        }
        for _ in 0..<Self.readsAtATime where self.link === link {
            switch link.receive() {
            case .bytes(let bytes): perform(follower.received(bytes, at: now), at: now)
            case .nothing: return
            case .end(let why): return end(why: why, at: now)
            }
        }
    }

    private func end(why: String, at now: MonotonicTime) {
        link = nil
        perform(follower.ended(why: why, at: now), at: now)
    }

    private func perform(_ actions: [ADBFollower.Action], at now: MonotonicTime) {
        for action in actions {
            switch action {
            case .connect(let index): connect(to: addresses[index], at: now)
            case .send(let bytes):
                do throws(SystemError) { try link?.send(bytes) } catch { end(why: error.description, at: now) }
            case .disconnect: link = nil
            case .found:
                reports.append(.found(source))
                isFound = true
                told = nil
            case .list(let list, let isLong):
                secondLook.listed(list, isLong: isLong, at: now)
                listed(list, at: now)
            case .lost(let why): lost(why: why)
            }
        }
    }

    private func listed(_ list: [ADBEntry], at now: MonotonicTime) {
        entries = list
        isNews = true
        questions.listed(list, at: now)
    }

    private func connect(to candidate: ADBServerAddress.Candidate, at now: MonotonicTime) {
        address = candidate
        do throws(SystemError) {
            let socket = try ADBSocket(to: candidate)
            link = socket
            try epoll.watch(socket.descriptor, for: .writable)
        } catch {
            end(why: error.description, at: now)
        }
    }

    private func lost(why: String) {
        // What came just before counts.
        tellPhones()
        reports.append(.lost(source, why: why))
        losses += 1
        isFound = false
        entries = []
        questions.serverLost()
        secondLook.serverLost()
        lookLink = nil
    }

    private func proceedLook(at now: MonotonicTime) {
        guard let socket = lookLink else { return }
        guard socket.isConnected else {
            do throws(SystemError) {
                try socket.finishConnecting()
                try epoll.watch(socket.descriptor, for: .readable)
                perform(secondLook.connected(), at: now)
            } catch {
                perform(secondLook.ended(at: now), at: now)
            }
            return
        }
        switch socket.receive() {
        case .bytes(let bytes): perform(secondLook.received(bytes, at: now), at: now)
        case .nothing: break
        case .end: perform(secondLook.ended(at: now), at: now)
        }
    }

    private func perform(_ action: ADBSecondLook.Action, at now: MonotonicTime) {
        switch action {
        case .none: return
        case .connect:
            do throws(SystemError) {
                let socket = try ADBSocket(to: address)
                lookLink = socket
                try epoll.watch(socket.descriptor, for: .writable)
            } catch {
                perform(secondLook.ended(at: now), at: now)
            }
        case .send(let bytes):
            do throws(SystemError) {
                try lookLink?.send(bytes)
            } catch {
                perform(secondLook.ended(at: now), at: now)
            }
        case .list(let list):
            lookLink = nil
            if list != entries { listed(list, at: now) }
        case .disconnect: lookLink = nil
        case .silent: end(why: "it does not answer any more", at: now)
        }
    }

    /// Tells the phones as they are now, if that is news.
    private func tellPhones() {
        guard isFound, isNews || questions.isNews else { return }
        isNews = false
        questions.isNews = false
        let phones = entries.map { entry in
            let identity = entry.identity
            return SensedPhone(
                source: source, place: identity.place, serial: identity.serial, verdict: questions.verdict(of: entry),
                facts: questions.facts(of: entry))
        }
        if phones == told { return }
        told = phones
        reports.append(.phones(phones))
    }
}
