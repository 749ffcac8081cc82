package import Core

/// Where the agent is asked and told.
package struct ControlSettings: Hashable, Sendable {
    package var socket = "/run/plughook/control.sock"
    /// Nil: nothing listens on TCP.
    package var http: HTTPSettings?

    static let kind = Kind<ControlSettings>.object(
        ControlSettings(),
        [
            // A socket's address holds 108 bytes, the NUL at its end included (unix(7)).
            Field(
                "socket", \.socket, .absolutePath(maxBytes: 107),
                "The Unix socket that commands and programs talk to."),
            Field(
                "http", \.http, HTTPSettings.kind.orNone,
                "The same over TCP, for programs on this host with a token; nothing listens there by default."),
        ])
}

/// The control API over TCP.
package struct HTTPSettings: Hashable, Sendable {
    /// Host and port; no other host can reach it.
    package var listen = "127.0.0.1:8377"
    /// Without any, only `/healthz` is answered, and browsers that have signed in to the page.
    package var tokens: [AccessToken] = []

    package init() {}

    static let kind = Kind<HTTPSettings>.object(
        HTTPSettings(),
        [
            Field("listen", \.listen, .loopbackEndpoint, "Host and port, on this host only."),
            Field(
                "tokens", \.tokens, .accessTokens,
                "Which programs may do what; browsers are signed in by plughook page."),
        ])
}
