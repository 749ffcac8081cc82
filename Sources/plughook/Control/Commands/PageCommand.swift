internal import ArgumentParser
internal import ControlAPI
internal import Core
internal import Glibc

struct PageCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "Prints a link that signs a browser in to the page.",
        discussion: """
            The page shows phones, webhooks and callbacks, and changes them. The link is good once, for 5 minutes, in \
            a browser on this host; for 12 hours the browser may then do what you may do now. On a desktop it is \
            opened, too: standard output that is no terminal prevents that.

            The page is served where control.http of the configuration says:
              "control": {"http": {"listen": "127.0.0.1:8377"}}

            EXAMPLES
              plughook page
              plughook page | cat
              ssh -t -L 8377:127.0.0.1:8377 rack-3 plughook page
            """)

    @OptionGroup var agent: ControlSocket
    @OptionGroup var json: JSONFlag

    @Flag(name: .customLong("open"), help: "Open the link with xdg-open, wherever this runs.")
    var isToBeOpened = false

    func run(with client: ControlClient) throws {
        let answer = try client.answer(to: ControlRequest(.post, ["page", "links"]))
        let link = try answer.decoded(as: PageLinkView.self)
        try StandardOutput.write(json.isWanted ? answer.text : link.url.printable)
        if !json.isWanted { complain("good once, until \(link.expiresAt), in a browser on this host".printable) }
        guard isToBeOpened || (!json.isWanted && StandardOutput.isTerminal && Desktop.isThere) else { return }
        guard Desktop.open(link.url) || !isToBeOpened else {
            throw ControlFailure.command(
                problem: "xdg-open cannot be started (it is of the package xdg-utils): open the link by hand",
                exitCode: EX_UNAVAILABLE)
        }
    }
}

/// Where a browser can be opened.
private enum Desktop {
    static var isThere: Bool {
        let names: [String] = ["DISPLAY", "WAYLAND_DISPLAY"]
        return names.contains { getenv($0).map { $0.pointee != 0 } ?? false }
    }

    /// False when there is no program that does it. Others on this host can see the link among its arguments until it is used.
    static func open(_ url: String) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // A browser that it starts lives on, and writes what nobody wants to read.
        for (descriptor, flags) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY), (STDERR_FILENO, O_WRONLY)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", flags, 0)
        }
        let words: [String] = ["xdg-open", url]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // As it was when this began: an ignored signal would stay so.
        signal(SIGPIPE, SIG_DFL)
        var pid: pid_t = 0
        return posix_spawnp(&pid, "xdg-open", &actions, nil, &arguments, environ) == 0
    }
}
