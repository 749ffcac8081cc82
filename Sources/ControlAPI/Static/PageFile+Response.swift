internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

extension PageFile {
    /// The bytes in the form that the browser takes, or that those which it has are still right.
    func response(to request: Request) -> Response {
        let plain = (content, tag, encoding: String?.none)
        let (bytes, tag, encoding) =
            compressed.flatMap { request.takesGzip ? ($0, compressedTag, "gzip") : nil } ?? plain
        var headers: HTTPFields = [
            .eTag: tag, .cacheControl: "no-cache", .vary: "Accept-Encoding",
            .contentSecurityPolicy: Self.policy,
        ]
        headers[.referrerPolicy] = "no-referrer"
        headers[.openerPolicy] = "same-origin"
        guard !request.has(tag) else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = type
        headers[.contentEncoding] = encoding
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// What is not of this listener is not loaded, asked, or shown around it, and nothing is run that stands in the text.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """
}

extension Request {
    /// RFC 9110, 12.5.3.
    fileprivate var takesGzip: Bool {
        headers[values: .acceptEncoding].contains { field in
            field.split(separator: ",").contains { coding in
                let parts = coding.lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ";")
                guard parts.first == "gzip" else { return false }
                let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
                return weight.map { (Double($0) ?? 0) > 0 } ?? true
            }
        }
    }

    /// Whether what the browser has is this (RFC 9110, 13.1.2: compared weakly).
    fileprivate func has(_ tag: String) -> Bool {
        headers[values: .ifNoneMatch].contains { field in
            field.split(separator: ",").contains { given in
                let given = given.filter { $0 != " " && $0 != "\t" }
                return given == "*" || given == tag || given == "W/" + tag
            }
        }
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .ifMatch
    fileprivate static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy") ?? .ifMatch
}
