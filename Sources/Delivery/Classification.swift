internal import CCurl
package import Core

extension Outcome {
    /// What an attempt came to.
    ///
    /// The final status line decides, whatever libcurl says of the transfer: an answer of 200 whose body is cut, too long
    /// or too slow was accepted all the same. `code` is libcurl's `CURLcode`, which decides where no status came.
    package init(statusCode: Int?, code: Int, isResendPrevented: Bool) {
        if let statusCode, let outcome = Outcome(statusCode: statusCode) {
            self = outcome
        } else {
            self = isResendPrevented ? .resendPrevented : Outcome(code: CURLcode(rawValue: UInt32(clamping: code)))
        }
    }

    /// Nil for 1xx: the answer itself is still to come.
    private init?(statusCode: Int) {
        switch statusCode {
        case ..<200: return nil
        case 200...299: self = .accepted
        case 300...399: self = .redirect
        case 400, 405, 406, 411, 413, 414, 415, 422, 431, 501, 505: self = .rejected
        case 401, 403, 407: self = .auth
        case 410: self = .gone
        case 429: self = .throttled
        case 400...499: self = .http4xx
        case 500...599: self = .http5xx
        default: self = .protocol
        }
    }

    private init(code: CURLcode) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .dns
        case CURLE_COULDNT_CONNECT: self = .connect
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
            self = .tls
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SSL_SHUTDOWN_FAILED:
            self = .connection
        // Without a status line, "OK" is an answer that was none: 101, or bytes that are not HTTP.
        case CURLE_OK, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_HTTP3, CURLE_BAD_CONTENT_ENCODING:
            self = .protocol
        default: self = .internal
        }
    }
}
