internal import CCurl

/// A call into libcurl that failed outside a transfer: which, and libcurl's word for why.
struct CurlError: Error, Hashable, CustomStringConvertible {
    let call: String
    let reason: String

    init(_ call: String, code: CURLcode) {
        self.call = call
        reason = String(cString: curl_easy_strerror(code))
    }

    init(_ call: String, code: CURLMcode) {
        self.call = call
        reason = String(cString: curl_multi_strerror(code))
    }

    /// For calls that answer with a null pointer, which tells nothing but that there is no memory.
    init(outOfMemoryIn call: String) {
        self.init(call, code: CURLE_OUT_OF_MEMORY)
    }

    var description: String { "\(call): \(reason)" }
}
