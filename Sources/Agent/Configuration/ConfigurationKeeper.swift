internal import ControlAPI
internal import Core
internal import Glibc
internal import Linux
internal import PlughookConfiguration

/// The thread that watches, reads and edits the configuration file, so that the loop never waits for its disk.
///
/// For the thread of the loop, which takes the news when `descriptor` is readable.
final class ConfigurationKeeper {
    /// Who waits for what becomes of a reading or an edit.
    typealias Ticket = Int
    /// The file's new bytes, or why it stays as it is.
    typealias Edit = @Sendable (ConfigurationEdit) -> Result<[UInt8], ControlError>

    enum News: Sendable {
        case read(Reading)
        /// The file was not written.
        case editRefused(Ticket, ControlError)
    }

    struct Reading: Sendable {
        let configuration: Result<Configuration, ConfigurationError>
        /// Whether somebody asked for it; else the file may have changed.
        let wasAskedFor: Bool
        /// Those who asked and want to hear of it; an edit is one.
        let tickets: [Ticket]
        /// Why changes are not seen when they are made, when that is so.
        let blindness: String?
    }

    fileprivate enum Request: Sendable {
        case read(Ticket?)
        case edit(Ticket, Edit)
        case perform(@Sendable () -> Void)
        case stop
    }

    private let requests: Mailbox<Request>
    private let news: Mailbox<News>
    private var thread: Thread?

    /// The first news is what the file says now: it may have changed since it was read for the start.
    init(path: String) throws(SystemError) {
        let requests = try Mailbox<Request>()
        let news = try Mailbox<News>()
        self.requests = requests
        self.news = news
        thread = try Thread(name: "configuration") {
            var work = KeeperWork(path: path, requests: requests, news: news)
            work.run()
        }
    }

    deinit { stop() }

    var descriptor: Int32 { news.descriptor }

    /// Reads the file again, changed or not.
    func read(for ticket: Ticket? = nil) { requests.send(.read(ticket)) }

    /// Edits the file as it is then, after all that was asked for before. It is written only if it is valid afterwards.
    func edit(for ticket: Ticket, _ edit: @escaping Edit) { requests.send(.edit(ticket, edit)) }

    /// Does something else that waits for the disk on which the file is, or for a file beside it.
    func perform(_ work: @escaping @Sendable () -> Void) { requests.send(.perform(work)) }

    /// What has come, in order. Does not wait.
    func takeNews() -> [News] { news.receive() }

    func stop() {
        guard let thread = thread.take() else { return }
        requests.send(.stop)
        thread.join()
    }
}

/// What the keeper's thread does, and remembers.
private struct KeeperWork {
    private var asked: [ConfigurationKeeper.Request] = []
    private var blindness: String?

    let path: String
    let requests: Mailbox<ConfigurationKeeper.Request>
    let news: Mailbox<ConfigurationKeeper.News>
    /// What was told last; an unreadable file's reason is told once, too.
    private var told: Reading?

    private enum Reading: Equatable {
        case text([UInt8], accessFaults: Int)
        case unreadable(ConfigurationError)
    }

    /// How often the file is read while the kernel does not tell of its changes.
    private static let blindInterval = Duration.seconds(10)

    init(
        path: String, requests: Mailbox<ConfigurationKeeper.Request>, news: Mailbox<ConfigurationKeeper.News>
    ) {
        self.path = path
        self.requests = requests
        self.news = news
    }

    mutating func run() {
        do {
            try watch()
        } catch {
            // Without inotify there is only the clock.
            blindness = "\(error)"
            while wait(for: [], upTo: Self.blindInterval) { answer(mayHaveChanged: true) }
        }
    }

    private mutating func watch() throws(SystemError) {
        var watch = try DirectoryWatch(file: path)
        blindness = watch.failure?.description
        read()
        while wait(for: [watch.descriptor], upTo: watch.failure == nil ? nil : Self.blindInterval) {
            let mayHaveChanged = watch.changes() || watch.failure != nil
            blindness = watch.failure?.description
            answer(mayHaveChanged: mayHaveChanged)
        }
    }

    /// False when the thread is to end.
    private mutating func wait(for descriptors: [Int32], upTo limit: Duration?) -> Bool {
        var waiting = ([requests.descriptor] + descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&waiting, nfds_t(waiting.count), limit.map { Int32($0.wholeMilliseconds) } ?? -1)
        asked += requests.receive()
        return !asked.contains { if case .stop = $0 { true } else { false } }
    }

    /// Does what was asked for, in order; readings that follow each other are one.
    private mutating func answer(mayHaveChanged: Bool) {
        var readers: [ConfigurationKeeper.Ticket?] = []
        for request in asked {
            switch request {
            case .read(let ticket): readers.append(ticket)
            case .edit(let ticket, let edit):
                if !readers.isEmpty { read(for: readers) }
                readers = []
                self.edit(for: ticket, edit)
            case .perform(let work): work()
            case .stop: break
            }
        }
        asked = []
        if mayHaveChanged || !readers.isEmpty { read(for: readers) }
    }

    /// Tells what is new, and to whoever asked also what is not.
    private mutating func read(for readers: [ConfigurationKeeper.Ticket?] = []) {
        let result: Result<Configuration, ConfigurationError>
        let reading: Reading
        do throws(ConfigurationError) {
            let text = try ConfigurationFile.read(path: path)
            result = text.configuration.mapError { .invalid(path: path, faults: $0.faults) }
            // The mode is part of what may be wrong with a file, and changes without its bytes.
            let faults = if case .failure(let invalid) = text.configuration { invalid.faults.count } else { 0 }
            reading = .text(text.bytes, accessFaults: faults)
        } catch {
            result = .failure(error)
            reading = .unreadable(error)
        }
        guard !readers.isEmpty || reading != told else { return }
        told = reading
        tell(result, readers)
    }

    private mutating func edit(for ticket: ConfigurationKeeper.Ticket, _ edit: ConfigurationKeeper.Edit) {
        do throws(ControlError) {
            let (configuration, bytes) = try edited(by: edit, attempts: Self.editAttempts)
            told = .text(bytes, accessFaults: 0)
            tell(.success(configuration), [ticket])
        } catch {
            news.send(.editRefused(ticket, error))
        }
    }

    /// Somebody may save the file between its reading and its writing here; then the edit is made of his file. What
    /// matters to the edit, like a tag, it looks at each time. One who saves without a pause is not waited for.
    private static let editAttempts = 5

    private func edited(
        by edit: ConfigurationKeeper.Edit, attempts: Int
    ) throws(ControlError) -> (configuration: Configuration, bytes: [UInt8]) {
        do {
            let old = try ConfigurationFile.read(path: path)
            guard old.isSound else {
                throw ControlError.conflict(
                    problem: "The configuration file \(path.printable) has faults, and is not touched.",
                    advice: "Mend them first: plughook check says where they are.")
            }
            let new = try edit(ConfigurationEdit(of: old.bytes)).get()
            let configuration = try ConfigurationText(bytes: new, path: path).configuration.get()
            if new != old.bytes { try ConfigurationFile.replace(path: path, expecting: old.bytes, with: new) }
            return (configuration, new)
        } catch let error as ControlError {
            throw error
        } catch let error as InvalidConfiguration {
            throw .invalid(error.faults.map(FaultView.init))
        } catch ConfigurationEditError.changedMeanwhile {
            guard attempts > 1 else { throw .changedMeanwhile }
            return try edited(by: edit, attempts: attempts - 1)
        } catch {
            throw .unavailable(problem: "The configuration file was not written.", advice: "\(error)")
        }
    }

    private func tell(
        _ result: Result<Configuration, ConfigurationError>, _ readers: [ConfigurationKeeper.Ticket?]
    ) {
        news.send(
            .read(
                ConfigurationKeeper.Reading(
                    configuration: result, wasAskedFor: !readers.isEmpty, tickets: readers.compactMap(\.self),
                    blindness: blindness)))
    }
}
