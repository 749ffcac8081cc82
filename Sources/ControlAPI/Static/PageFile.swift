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
        "icon.svg": PageFile(type: svg, content: PackageResources.icon_svg),
        "api.js": PageFile(type: script, content: PackageResources.api_js),
        "deliveries.js": PageFile(type: script, content: PackageResources.deliveries_js),
        "delivery.js": PageFile(type: script, content: PackageResources.delivery_js),
        "device.js": PageFile(type: script, content: PackageResources.device_js),
        "devices.js": PageFile(type: script, content: PackageResources.devices_js),
        "dom.js": PageFile(type: script, content: PackageResources.dom_js),
        "fields.js": PageFile(type: script, content: PackageResources.fields_js),
        "live.js": PageFile(type: script, content: PackageResources.live_js),
        "main.js": PageFile(type: script, content: PackageResources.main_js),
        "merge.js": PageFile(type: script, content: PackageResources.merge_js),
        "parts.js": PageFile(type: script, content: PackageResources.parts_js),
        "timeline.js": PageFile(type: script, content: PackageResources.timeline_js),
        "webhook.js": PageFile(type: script, content: PackageResources.webhook_js),
        "webhook-edit.js": PageFile(type: script, content: PackageResources.webhook_edit_js),
        "webhooks.js": PageFile(type: script, content: PackageResources.webhooks_js),
        "words.js": PageFile(type: script, content: PackageResources.words_js),
    ]

    private static let html = "text/html; charset=utf-8"
    private static let css = "text/css; charset=utf-8"
    private static let script = "text/javascript; charset=utf-8"
    private static let svg = "image/svg+xml; charset=utf-8"
}
