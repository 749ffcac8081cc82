internal import CCurl
package import Core

/// A question to another kind of server, where nothing else is to be done meanwhile.
package enum Question {
    /// What `Delivery.get` would bring.
    ///
    /// Blocks, for `limit` at most. `asker` goes into the `User-Agent`, as plughook's version.
    package static func ask(
        _ url: String, from host: AddressRules, as asker: String, within limit: Duration
    ) -> SideAnswer {
        do throws(CurlError) {
            try CurlLibrary.start()
            let transfer = try Transfer()
            transfer.keptBody.limit = SideAnswer.longestAnswer
            transfer.longestAnswer = SideAnswer.longestAnswer
            try transfer.prepare(Request(get: url, from: host, version: asker, within: limit))
            let code = Int(curl_easy_perform(transfer.key.raw).rawValue)
            return SideAnswer(
                transfer.end(code: code), body: transfer.keptBody.bytes, phases: transfer.phases,
                after: transfer.duration ?? .zero)
        } catch {
            return SideAnswer(unsent: error)
        }
    }
}
