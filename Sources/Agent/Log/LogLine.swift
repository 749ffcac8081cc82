internal import Core
internal import Logging

/// How log lines look.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `key=value`, one line per fact.
    case text
    /// One JSON object per line.
    case json
}

/// One fact, ready to be written.
///
/// What phones, receivers and files say appears in it: whatever could end the line, move the cursor or reorder the text is
/// escaped, so that one fact stays one line.
struct LogLine {
    let time: WallTime
    let level: Logger.Level
    let event: String
    let metadata: Logger.Metadata

    /// `forJournal` gives the priority in front that journald takes from standard error (`sd-daemon(3)`), and leaves
    /// out the time, which the journal has.
    func rendered(_ format: LogFormat, forJournal: Bool) -> String {
        let line =
            switch format {
            case .text: text(withTime: !forJournal)
            case .json: json
            }
        return (forJournal ? "<\(level.priority)>" : "") + line + "\n"
    }

    private var fields: [(key: String, value: String)] {
        metadata.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
    }

    private func text(withTime: Bool) -> String {
        var words = withTime ? ["\(time)", "level=\(level)"] : []
        words.append("event=\(event.quotedForLog)")
        words += fields.map { "\($0.key)=\($0.value.quotedForLog)" }
        return words.joined(separator: " ")
    }

    private var json: String {
        var object = JSONObjectWriter()
        object.add("time", time.description)
        object.add("level", level.rawValue)
        object.add("event", event.printable)
        for (key, value) in fields { object.add(key, value.printable) }
        return String(decoding: object.finish(), as: UTF8.self)
    }
}

extension Logger.Level {
    /// syslog's numbers.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

extension String {
    /// In quotes when it would not read as one word otherwise.
    fileprivate var quotedForLog: String {
        let escaped = printable
        let isWord = !escaped.isEmpty && !escaped.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }
        guard !isWord else { return escaped }
        return "\"" + escaped.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
    }
}
