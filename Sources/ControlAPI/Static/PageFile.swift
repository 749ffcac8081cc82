internal import Crypto
internal import HTTPTypes

/// One file of the page, as it is served: made once, on first use.
struct PageFile: Sendable {
    let type: String
    let content: [UInt8]
    /// Nil when it would be no shorter.
    let compressed: [UInt8]?
    /// The SHA-256 of the content, quoted.
    let tag: String
    /// That of the compressed bytes: they are another representation (RFC 9110, 8.8.3).
    let compressedTag: String

    init(type: String, content: [UInt8]) {
        self.type = type
        self.content = content
        compressed = Gzip.compress(content).flatMap { $0.count < content.count ? $0 : nil }
        let digest = SHA256.hash(data: content).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        tag = "\"\(digest)\""
        compressedTag = "\"\(digest)-gzip\""
    }

    /// By name; `index.html` is the page itself.
    static let all: [String: PageFile] = [
        "index.html": PageFile(type: html, content: PackageResources.index_html),
        "app.css": PageFile(type: css, content: PackageResources.app_css),
        "app.js": PageFile(type: script, content: PackageResources.app_js),
    ]

    private static let html = "text/html; charset=utf-8"
    private static let css = "text/css; charset=utf-8"
    private static let script = "text/javascript; charset=utf-8"
    private static let svg = "image/svg+xml; charset=utf-8"
}
