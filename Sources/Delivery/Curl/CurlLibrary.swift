internal import CCurl
internal import Glibc

/// libcurl itself, made ready once for the process.
enum CurlLibrary {
    /// Throws what the first call met, each time.
    static func start() throws(CurlError) {
        guard started == CURLE_OK else { throw CurlError("curl_global_init", code: started) }
    }

    private static let started: CURLcode = {
        // With it, libcurl would write the keys of every TLS connection to a file.
        unsetenv("SSLKEYLOGFILE")
        return ccurl_global_init()
    }()
}
