internal import Core
internal import HTTPTypes
internal import HummingbirdCore

/// The half that a signed-in browser adds by itself to each request.
enum PageCookie {
    private static let name = "plughook-page"

    /// No script reads it, and no page of another site has it sent. Not `Secure`: loopback has no TLS.
    static func set(_ cookie: String, for life: Duration) -> String {
        "\(name)=\(cookie); HttpOnly; SameSite=Strict; Path=/; Max-Age=\(life.components.seconds)"
    }

    /// All of that name: a program on another port of this host may have set one, too.
    static func all(in request: Request) -> [String] {
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

    /// The half that the page keeps.
    var pageToken: String? { headers[.pageToken] }
}

extension HTTPField.Name {
    fileprivate static let pageToken = HTTPField.Name("plughook-page-token") ?? .ifMatch
}
