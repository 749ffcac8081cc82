internal import CCurl

/// The owner of one libcurl transfer handle, and of what libcurl only borrows: header list and error buffer.
///
/// Used again for transfer after transfer (`reset`). For one thread. It must be out of its `MultiHandle` before it goes.
struct EasyHandle: ~Copyable {
    /// Which handle it is, for as long as that lives.
    struct Key: Hashable {
        let raw: UnsafeMutableRawPointer
    }

    let key: Key
    private var raw: UnsafeMutableRawPointer { key.raw }
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let words: UnsafeMutablePointer<CChar>

    init() throws(CurlError) {
        guard let raw = curl_easy_init() else { throw CurlError(outOfMemoryIn: "curl_easy_init") }
        key = Key(raw: raw)
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.pointee = 0
    }

    deinit {
        curl_easy_cleanup(key.raw)
        curl_slist_free_all(headers)
        words.deallocate()
    }

    /// Back to libcurl's defaults; connections and caches live on.
    mutating func reset() throws(CurlError) {
        curl_easy_reset(raw)
        curl_slist_free_all(headers)
        headers = nil
        words.pointee = 0
        try check(ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, words), CURLOPT_ERRORBUFFER)
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
        try check(ccurl_set_long(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: String) throws(CurlError) {
        try check(ccurl_set_string(raw, option, value), option)
    }

    /// Takes a text back that libcurl has by itself.
    func unset(_ option: CURLoption) throws(CurlError) { try check(ccurl_set_string(raw, option, nil), option) }

    /// What it points to must live as long as the transfer.
    func set(_ option: CURLoption, pointer: UnsafeRawPointer) throws(CurlError) {
        try check(ccurl_set_pointer(raw, option, pointer), option)
    }

    func set(write function: curl_write_callback) throws(CurlError) {
        try check(ccurl_set_write_function(raw, function), CURLOPT_WRITEFUNCTION)
    }

    func set(header function: curl_write_callback) throws(CurlError) {
        try check(ccurl_set_header_function(raw, function), CURLOPT_HEADERFUNCTION)
    }

    func set(prereq function: curl_prereq_callback) throws(CurlError) {
        try check(ccurl_set_prereq_function(raw, function), CURLOPT_PREREQFUNCTION)
    }

    func set(openSocket function: curl_opensocket_callback) throws(CurlError) {
        try check(ccurl_set_open_socket_function(raw, function), CURLOPT_OPENSOCKETFUNCTION)
    }

    /// Makes it a `POST` of these bytes. The size goes first: libcurl copies as much as it was told.
    func post(_ body: [UInt8]) throws(CurlError) {
        try set(CURLOPT_POST, 1)
        try check(
            ccurl_set_large(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)), CURLOPT_POSTFIELDSIZE_LARGE)
        try check(
            body.withUnsafeBytes { ccurl_set_pointer(raw, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) },
            CURLOPT_COPYPOSTFIELDS)
    }

    /// Header lines, `Name: value`; `Name:` alone takes away one that libcurl would add.
    mutating func set(headers lines: [String]) throws(CurlError) {
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else {
                throw CurlError(outOfMemoryIn: "curl_slist_append")
            }
            headers = longer
        }
        try check(ccurl_set_headers(raw, headers), CURLOPT_HTTPHEADER)
    }

    /// The code of the last status line that came, 1xx included; nil when none did.
    var statusCode: Int? {
        var value = 0
        ccurl_get_long(raw, CURLINFO_RESPONSE_CODE, &value)
        return value == 0 ? nil : value
    }

    /// Connections that were made for the transfer; 0 when it went over one that was there.
    var madeConnections: Int {
        var value = 0
        ccurl_get_long(raw, CURLINFO_NUM_CONNECTS, &value)
        return value
    }

    /// Of the peer of the last connection, `127.0.0.1:80` or `[::1]:80`; nil when there was none.
    var address: String? {
        var host: UnsafePointer<CChar>?
        var port = 0
        ccurl_get_string(raw, CURLINFO_PRIMARY_IP, &host)
        ccurl_get_long(raw, CURLINFO_PRIMARY_PORT, &port)
        guard let host, host.pointee != 0, port != 0 else { return nil }
        let text = String(cString: host)
        return text.contains(":") ? "[\(text)]:\(port)" : "\(text):\(port)"
    }

    /// Seconds, as libcurl read them: negative for a date that has passed, 0 for none and for nonsense.
    var retryAfter: Int {
        var value: curl_off_t = 0
        ccurl_get_large(raw, CURLINFO_RETRY_AFTER, &value)
        return Int(value)
    }

    /// From the start of the transfer to the end of a phase (`CURLINFO_…_TIME_T`, microseconds); nil when it did not happen.
    func time(_ phase: CURLINFO) -> Duration? {
        var value: curl_off_t = 0
        ccurl_get_large(raw, phase, &value)
        return value > 0 ? .microseconds(Int64(value)) : nil
    }

    /// Where a redirect points to: the host only, for path and query may be secrets.
    var redirectHost: String? {
        var location: UnsafePointer<CChar>?
        ccurl_get_string(raw, CURLINFO_REDIRECT_URL, &location)
        guard let location, let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        var host: UnsafeMutablePointer<CChar>?
        guard curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK,
            curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK, let host
        else { return nil }
        defer { curl_free(host) }
        return String(cString: host)
    }

    /// libcurl's words for the end of the transfer; the buffer may stay empty, then those for the code.
    func words(for code: Int) -> String {
        words.pointee != 0
            ? String(cString: words) : String(cString: curl_easy_strerror(CURLcode(rawValue: UInt32(code))))
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(CurlError) {
        guard code == CURLE_OK else { throw CurlError("curl_easy_setopt \(option.rawValue)", code: code) }
    }
}
