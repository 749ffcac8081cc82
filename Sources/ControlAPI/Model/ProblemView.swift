/// The body of every error (RFC 9457, `application/problem+json`).
package struct ProblemView: Codable, Hashable, Sendable {
    package var type: String
    package var title: String
    package var status: Int
    /// What is wrong and what to do.
    package var detail: String
    package var faults: [FaultView]?
    package init(type: String, title: String, status: Int, detail: String, faults: [FaultView]? = nil) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.faults = faults
    }
}
