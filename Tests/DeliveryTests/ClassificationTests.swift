import Core
import Testing

@testable import Delivery

/// Codes are libcurl's `CURLcode`, as its manual numbers them.
@Suite struct ClassificationTests {
    static let byStatus: [(ClosedRange<Int>, Outcome)] = [
        (200...299, .accepted), (300...399, .redirect), (400...400, .rejected), (401...401, .auth),
        (402...402, .http4xx), (403...403, .auth), (404...404, .http4xx), (405...406, .rejected), (407...407, .auth),
        (408...409, .http4xx), (410...410, .gone), (411...411, .rejected), (412...412, .http4xx),
        (413...415, .rejected), (416...421, .http4xx), (422...422, .rejected), (423...428, .http4xx),
        (429...429, .throttled), (430...430, .http4xx), (431...431, .rejected), (432...499, .http4xx),
        (500...500, .http5xx), (501...501, .rejected), (502...504, .http5xx), (505...505, .rejected),
        (506...599, .http5xx), (600...999, .protocol),
    ]
    static let byCode: [(Int, Outcome)] = [
        (0, .protocol), (1, .protocol), (2, .internal), (3, .internal), (5, .dns), (6, .dns), (7, .connect),
        (8, .protocol), (16, .protocol), (18, .connection), (23, .internal), (27, .internal), (28, .timeout),
        (35, .tls), (42, .internal), (43, .internal), (48, .internal), (52, .connection), (53, .tls), (54, .tls),
        (55, .connection), (56, .connection), (58, .tls), (59, .tls), (60, .tls), (61, .protocol), (64, .tls),
        (66, .tls), (77, .tls), (80, .connection), (82, .tls), (83, .tls), (90, .tls), (91, .tls), (92, .protocol),
        (95, .protocol), (98, .tls), (-1, .protocol), (9999, .internal),
    ]

    @Test(arguments: byStatus) func status_Decides(_ statuses: ClosedRange<Int>, _ expected: Outcome) {
        for status in statuses {
            #expect(Outcome(statusCode: status, code: 0, isResendPrevented: false) == expected, "\(status)")
        }
    }

    /// Each was seen with a perfectly good status: body cut, cap reached, slow body, stream closed.
    @Test(arguments: [18, 23, 28, 42, 56, 92]) func status_Decides_WhateverBecameOfTheTransfer(_ code: Int) {
        #expect(Outcome(statusCode: 204, code: code, isResendPrevented: false) == .accepted)
        #expect(Outcome(statusCode: 503, code: code, isResendPrevented: false) == .http5xx)
        #expect(Outcome(statusCode: 200, code: code, isResendPrevented: true) == .accepted)
    }

    @Test(arguments: byCode) func code_Decides_WithoutStatus(_ code: Int, _ expected: Outcome) {
        #expect(Outcome(statusCode: nil, code: code, isResendPrevented: false) == expected)
    }

    @Test(arguments: [100, 101, 102, 103, 199]) func code_Decides_WhenOnlyAnInterimStatusCame(_ status: Int) {
        #expect(Outcome(statusCode: status, code: 28, isResendPrevented: false) == .timeout)
        #expect(Outcome(statusCode: status, code: 0, isResendPrevented: false) == .protocol)
    }

    @Test func ownFlag_TellsAPreventedResend() {
        #expect(Outcome(statusCode: nil, code: 42, isResendPrevented: true) == .resendPrevented)
    }
}
