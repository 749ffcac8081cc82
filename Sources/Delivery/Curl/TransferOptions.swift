internal import CCurl
internal import Core

extension EasyHandle {
    /// What differs from attempt to attempt.
    mutating func setOptions(of request: Request) throws(CurlError) {
        try set(CURLOPT_URL, request.url)
        if let body = request.body {
            try post(body)
            // libcurl would add both: `Accept` always, `Expect` to a long body.
            try set(headers: request.headers + ["Accept:", "Expect:"])
        } else {
            try set(headers: request.headers)
        }
        try set(CURLOPT_TIMEOUT_MS, max(Int(request.timeout.wholeMilliseconds), 1))
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(Int(request.connectTimeout.wholeMilliseconds), 1))
        try setTLS(request.tls)
        try setProxy(request.proxy)
    }

    /// Beyond the constant options, which say that there is none.
    func setProxy(_ proxy: ProxyChoice) throws(CurlError) {
        switch proxy {
        case .none: break
        case .environment: try unset(CURLOPT_PROXY)
        case .url(let url):
            try set(CURLOPT_PROXY, url)
            // Else `no_proxy` of the environment would make exceptions.
            try set(CURLOPT_NOPROXY, "")
        }
    }

    /// Connections are used again only by those who ask for the same.
    func setTLS(_ tls: TLSRequirements) throws(CurlError) {
        if let authorities = tls.authorities {
            try set(CURLOPT_CAINFO, authorities)
            // Else those of the host's directory would be trusted beside.
            try unset(CURLOPT_CAPATH)
        }
        if let certificate = tls.certificate, let key = tls.key {
            try set(CURLOPT_SSLCERT, certificate)
            try set(CURLOPT_SSLKEY, key)
        }
        if !tls.pins.isEmpty { try set(CURLOPT_PINNEDPUBLICKEY, tls.pins.joined(separator: ";")) }
        if tls.minimum == .tls13 { try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_3)) }
    }

    /// What is the same for all attempts. Each option that states libcurl's default is here because the default has changed
    /// before, or can be changed from outside.
    func setConstantOptions() throws(CurlError) {
        try setWire()
        try setSafety()
    }

    private func setWire() throws(CurlError) {
        // HTTP/2 would be the default for https, and 7.88 at times reports an early 204 as an error (curl#13678).
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_HTTP09_ALLOWED, 0)
        // No signals for DNS time-outs; and no waiting for a resolver thread that hangs, which would stop all transfers.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_QUICK_EXIT, 1)
        // Common servers close an idle connection after 60 s, some after 5 s: an old one is most likely dead.
        try set(CURLOPT_MAXAGE_CONN, 20)
    }

    private func setSafety() throws(CurlError) {
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // Neither the environment nor a file in somebody's home says where callbacks go, or with which password.
        try set(CURLOPT_PROXY, "")
        // A proxy's own answer is no receiver's: not to the status line that counts, either.
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        // Seconds; a day by default, in which a replaced file of authorities would not be seen.
        try set(CURLOPT_CA_CACHE_TIMEOUT, 300)
    }
}
