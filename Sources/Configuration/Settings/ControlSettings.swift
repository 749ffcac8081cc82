/// Where the agent is asked and told.
package struct ControlSettings: Hashable, Sendable {
    package var socket = "/run/plughook/control.sock"

    static let kind = Kind<ControlSettings>.object(
        ControlSettings(),
        [
            // A socket's address holds 108 bytes, the NUL at its end included (unix(7)).
            Field(
                "socket", \.socket, .absolutePath(maxBytes: 107),
                "The Unix socket that commands and programs talk to."),
            .unavailable("http", TCPListener.kind, "nothing would listen there"),
        ])
}

private struct TCPListener: Hashable {
    var listen = ""

    static let kind = Kind<TCPListener>.object(
        TCPListener(),
        [
            Field("listen", \.listen, .loopbackEndpoint, "Host and port, on this host only."),
            Field("tokens", only: .anyList, is: OuterForm(), "Who may do what."),
        ])
}
