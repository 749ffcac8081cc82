internal import Core
internal import Glibc
package import Linux
package import Logging

/// swift-log's back end: one line per fact, through a `LogWriter`.
struct LineLogHandler: LogHandler {
    let writer: LogWriter
    let format: LogFormat
    let isJournal: Bool
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = LogLine(
            time: .now(), level: event.level, event: event.message.description,
            metadata: metadata.merging(event.metadata ?? [:]) { $1 })
        writer.write(line.rendered(format, forJournal: isJournal))
    }

    /// Whether standard error is the journal: `$JOURNAL_STREAM` names its device and inode (`systemd.exec(5)`), and is
    /// inherited by children whose standard error is something else.
    static var standardErrorIsJournal: Bool {
        guard let stream = getenv("JOURNAL_STREAM").map({ String(cString: $0) }) else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}

/// The agent's log: opened first, closed last.
package struct Log: ~Copyable {
    package let logger: Logger
    private let writer: LogWriter
    private let thread: Linux.Thread

    package init(format: LogFormat, level: LogLevel) throws(SystemError) {
        let writer = try LogWriter()
        let isJournal = LineLogHandler.standardErrorIsJournal
        thread = try Linux.Thread(name: "log", niceness: 19) { writer.run() }
        logger = Logger(label: "plughook") { _ in
            LineLogHandler(writer: writer, format: format, isJournal: isJournal, logLevel: level.loggerLevel)
        }
        self.writer = writer
    }

    /// Returns when everything is written.
    package consuming func close() {
        writer.end()
        thread.join()
    }
}

/// The least severe facts that are still told.
package enum LogLevel: String, CaseIterable, Sendable {
    case debug, info, notice, warning, error

    fileprivate var loggerLevel: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
