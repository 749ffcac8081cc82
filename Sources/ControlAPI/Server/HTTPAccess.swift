package import Core

/// The control API over TCP, as it is to be.
package struct HTTPAccess: Hashable, Sendable {
    /// Host and port, like `127.0.0.1:8377`; refused unless it is loopback. `localhost` is 127.0.0.1.
    package var listen: String
    /// Without any, only `/healthz` is answered, and browsers that have signed in to the page.
    package var tokens: [AccessToken]

    package init(listen: String, tokens: [AccessToken]) {
        self.listen = listen
        self.tokens = tokens
    }
}
