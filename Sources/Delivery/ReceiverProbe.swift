internal import CCurl
package import Core

/// Goes the way to a receiver up to the request, and sends none: name, connection, TLS, certificate.
package enum ReceiverProbe {
    /// Where the way ended.
    package struct Failure: Error, Hashable {
        package let outcome: Outcome
        /// libcurl's, safe to print.
        package let words: String

        package init(outcome: Outcome, words: String) {
            self.outcome = outcome
            self.words = words
        }
    }

    /// Returns when a callback could be sent there now, by the same rules that deliveries keep.
    ///
    /// Blocks, for `limit` at most. Give it scheme, host and port alone: the rest of a URL may be a secret and is not needed.
    package static func reach(
        _ origin: String, tls: TLSRequirements = TLSRequirements(), policy: AddressPolicy = AddressPolicy(),
        proxy: ProxyChoice = .none, within limit: Duration
    ) throws(Failure) {
        let code: Int
        let words: String
        let sockets = SocketGuard()
        do throws(CurlError) {
            try CurlLibrary.start()
            var handle = try EasyHandle()
            try handle.reset()
            try handle.setConstantOptions()
            try handle.set(CURLOPT_URL, origin)
            try handle.setTLS(tls)
            try handle.setProxy(proxy)
            sockets.start(policy)
            try sockets.install(on: handle)
            // 1: the connection and nothing more. (2 would send the handshake of a WebSocket.)
            try handle.set(CURLOPT_CONNECT_ONLY, 1)
            try handle.set(CURLOPT_TIMEOUT_MS, max(Int(limit.wholeMilliseconds), 1))
            try handle.set(CURLOPT_CONNECTTIMEOUT_MS, max(Int(limit.wholeMilliseconds), 1))
            code = Int(curl_easy_perform(handle.key.raw).rawValue)
            words = (sockets.hasRefusedAll ? sockets.refusal : nil) ?? handle.words(for: code)
        } catch {
            throw Failure(outcome: .internal, words: error.description.printable)
        }
        guard code != Int(CURLE_OK.rawValue) else { return }
        let outcome: Outcome =
            sockets.hasRefusedAll ? .blocked : Outcome(statusCode: nil, code: code, isResendPrevented: false)
        throw Failure(outcome: outcome, words: words.printable)
    }
}
