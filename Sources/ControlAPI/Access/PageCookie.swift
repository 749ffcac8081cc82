internal import Core
internal import HTTPTypes
internal import HummingbirdCore

/// What a signed-in browser shows with each request.
enum PageCookie {
    private static let name = "plughook-page"

    /// No script reads it, and no page of another site has it sent. Not `Secure`: loopback has no TLS.
    static func set(_ secret: String, for life: Duration) -> String {
        "\(name)=\(secret); HttpOnly; SameSite=Strict; Path=/; Max-Age=\(life.components.seconds)"
    }

    /// All of that name: a program on another port of this host may have set one, too.
    static func secrets(in request: Request) -> [String] {
        request.headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == name ? String(parts[1]) : nil
        }
    }
}

extension Request {
    /// A browser says whose page asks; this must be a page of this listener.
    func checkOrigin() throws(Problem) {
        guard let origin = headers[.origin] else { return }
        guard let host = head.authority, origin.lowercased() == "http://\(host.lowercased())" else {
            throw Problem(
                403, "wrong-origin", "Wrong origin", "A page of another site may not ask this: open the page itself.")
        }
    }

    /// Nothing changes because of a cookie alone, which the browser adds by itself.
    func check(_ signedIn: PageAccess.SignedIn) throws(Problem) {
        try checkOrigin()
        let isSignIn = method == .post && uri.path == "/page/session"
        guard method != .get, method != .head, !isSignIn else { return }
        guard let token = headers[.csrf], TokenDigest(of: token) == TokenDigest(of: signedIn.csrfToken) else {
            throw Problem(
                403, "wrong-csrf-token", "Wrong CSRF token",
                "Send the csrfToken of GET /page/session in the header plughook-csrf.")
        }
    }
}

extension HTTPField.Name {
    fileprivate static let csrf = HTTPField.Name("plughook-csrf") ?? .ifMatch
}
