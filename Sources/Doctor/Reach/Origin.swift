/// Where a webhook goes, without what may be a secret: path and query.
struct Origin: Hashable {
    /// Of an absolute `http` or `https` URL, which the configuration has checked.
    let scheme: String
    /// `ci.example.com:443`, the port always there.
    let endpoint: String

    init(url: String) {
        let parts = url.split(separator: ":", maxSplits: 1)
        scheme = parts.first.map { $0.lowercased() } ?? ""
        let authority = (parts.last ?? "").drop { $0 == "/" }.prefix { $0 != "/" && $0 != "?" }.lowercased()
        // The colons of an IPv6 address are in brackets.
        let hasPort = authority[(authority.lastIndex(of: "]") ?? authority.startIndex)...].contains(":")
        endpoint = hasPort ? authority : "\(authority):\(scheme == "https" ? 443 : 80)"
    }

    var url: String { "\(scheme)://\(endpoint)/" }
    /// Without the port and the brackets of an IPv6 address.
    var host: String {
        String(endpoint[..<(endpoint.lastIndex(of: ":") ?? endpoint.endIndex)]).filter { $0 != "[" && $0 != "]" }
    }
}
