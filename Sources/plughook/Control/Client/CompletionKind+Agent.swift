internal import ArgumentParser
internal import ControlAPI
internal import Core

// What the agent knows, for the shell when somebody presses TAB. Without an agent, or without permission, there is
// nothing to offer, and nothing is said: a message would land in the middle of the line that is being written.
extension CompletionKind {
    /// Names of webhooks; the id of one whose name a shell would take apart, or take for an id.
    static var webhooks: CompletionKind {
        asking(["webhooks"]) { (list: WebhookList) in
            list.webhooks.map { $0.name.isPlainWord && Int64($0.name) == nil ? $0.name : String($0.id) }
        }
    }

    static var devices: CompletionKind {
        asking(["devices"]) { (list: DeviceList) in list.devices.map(\.udid) }
    }

    /// Those that `devices forget` would not refuse at once.
    static var forgettableDevices: CompletionKind {
        asking(["devices"]) { (list: DeviceList) in
            list.devices.filter { !$0.isListed && $0.status == Status.unplugged.rawValue }.map(\.udid)
        }
    }

    static var sessions: CompletionKind {
        asking(["sessions"]) { (list: SessionList) in list.sessions.map(\.id) }
    }

    /// Of the newest callbacks.
    static var deliveries: CompletionKind {
        asking(["deliveries"]) { (page: DeliveryPage) in page.deliveries.map(\.id) }
    }

    static var tokens: CompletionKind {
        asking(["tokens"]) { (list: TokenList) in list.tokens.map(\.name) }
    }

    private static func asking<Document: Decodable & SendableMetatype>(
        _ path: [String], words: @escaping @Sendable (Document) -> [String]
    ) -> CompletionKind {
        .custom { line, _, _ in
            guard let client = try? ControlSocket.parse(ControlSocket.options(in: line)).client() else { return [] }
            var request = ControlRequest(.get, path)
            request.patienceSeconds = 2
            let document = try? client.answer(to: request).decoded(as: Document.self)
            return document.map(words)?.filter(\.isPlainWord) ?? []
        }
    }
}

extension ControlSocket {
    /// The options of this group in a command line that is still being written, for `parse`.
    fileprivate static func options(in line: [String]) -> [String] {
        ["--socket", "--config"].flatMap { name -> [String] in
            if let joined = line.last(where: { $0.hasPrefix(name + "=") }) { return [joined] }
            guard let index = line.lastIndex(of: name), index + 1 < line.count else { return [] }
            return [name, line[index + 1]]
        }
    }
}

extension String {
    /// Whether every shell takes the text for one word as it is, which is no option.
    ///
    /// A colon is not in it: bash would end the word there.
    fileprivate var isPlainWord: Bool {
        guard let first = utf8.first, first != UInt8(ascii: "-") else { return false }
        return unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
            default: false
            }
        }
    }
}
