import Core
import Foundation
import TestSupport
import Testing

@testable import PlughookConfiguration

/// How callbacks say who sends them, and the headers beside.
struct AuthenticationTests {
    private func authorization(_ auth: String, _ secret: String?) throws -> Authorization? {
        let source = Array(webhook("\"auth\": \(auth)").utf8)
        let configuration = try Configuration(json: source).withKeys(
            beside: "/x/config.json", source: source, at: WallTime(milliseconds: 0)
        ) {
            $0 == "S" ? secret : nil
        }
        if let secret { #expect(!"\(configuration)".contains(secret), "it is not printed") }
        return configuration.webhooks[0].webhook(id: WebhookID(1)).authorization
    }

    private func fault(_ auth: String, _ secret: String?) -> Fault? {
        do {
            _ = try authorization(auth, secret)
            return nil
        } catch {
            return (error as? InvalidConfiguration)?.faults.first
        }
    }

    @Test func bearer() throws {
        #expect(try authorization(#"{"bearer": {"env": "S"}}"#, "aB0-._~+/=")?.header == "Bearer aB0-._~+/=")
        #expect(try authorization("{}", nil) == nil)
    }

    /// RFC 7617's own examples, the second in UTF-8.
    @Test(arguments: [
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("test", "123£", "Basic dGVzdDoxMjPCow=="),
    ])
    func basic(user: String, password: String, header: String) throws {
        let auth = "{\"basic\": {\"user\": \"\(user)\", \"password\": {\"env\": \"S\"}}}"
        #expect(try authorization(auth, password)?.header == header)
    }

    @Test(arguments: ["", "a b", "a\nb", "a\r\nX-Evil: 1", "ä"]) func tokenThatIsNone_IsAFaultThatDoesNotShowIt(
        token: String
    ) throws {
        let told = try #require(fault(#"{"bearer": {"env": "S"}}"#, token))
        #expect(told.pointer == "/webhooks/0/auth" && told.problem == "the secret is no bearer token")
    }

    @Test(arguments: ["", "a\nb", "a\u{7f}"]) func passwordThatIsNone_IsAFault(password: String) throws {
        let told = try #require(fault(#"{"basic": {"user": "u", "password": {"env": "S"}}}"#, password))
        #expect(told.problem == "the secret is no password")
    }

    @Test(arguments: [
        (#"{"bearer": {"env": "S"}, "basic": {"user": "u", "password": {"env": "S"}}}"#, ""), (#"[]"#, ""),
        (#"{"bearer": {}}"#, "/bearer"),
        (#"{"bearer": {"env": "S", "notAfter": "2030-01-01T00:00:00Z"}}"#, "/bearer/notAfter"),
        (#"{"basic": {"user": "u"}}"#, "/basic"),
        (#"{"basic": {"user": "a:b", "password": {"env": "S"}}}"#, "/basic/user"),
        (#"{"bearer": {"value": ""}}"#, "/bearer/value"), (#"{"digest": {}}"#, "/digest"),
    ])
    func wrongAuthentication_IsToldWhereItIs(auth: String, pointer: String) {
        #expect(faults(of: webhook("\"auth\": \(auth)")).map(\.pointer) == ["/webhooks/0/auth" + pointer])
    }

    @Test func secretThatIsMissing_IsToldAtItsPlace() throws {
        let told = try #require(fault(#"{"bearer": {"env": "S"}}"#, nil))
        #expect(told.pointer == "/webhooks/0/auth" && told.problem.contains("S is not in the environment"))
    }

    // MARK: - Headers

    @Test func headers_AreTakenInTheirOrder() throws {
        let json = webhook(##""headers": {"X-Team": "payments, mobile", "x-b": "!#$%&'*+.^_`|~\"\\"}"##)
        let given = try Configuration(json: Array(json.utf8)).webhooks[0]
        #expect(given.headers.map(\.name) == ["X-Team", "x-b"])
        #expect(given.headers[1].value == ##"!#$%&'*+.^_`|~"\"##)
        #expect(given.webhook(id: WebhookID(1)).headers == given.headers)
        let again = JSONLiteral.object(given.members).prettyText
        #expect(try WebhookDefinition(json: Array(again.utf8)).headers == given.headers)
    }

    @Test(arguments: [
        ("Host", "the agent's own"), ("CONTENT-length", "the agent's own"), ("Transfer-Encoding", "the agent's own"),
        ("webhook-id", "the agent's own"), ("Plughook-Sequence", "the agent's own"), ("ce-id", "the agent's own"),
        ("User-Agent", "the agent's own"), ("Authorization", "made of \"auth\""), ("", "no name of a header"),
        ("a b", "no name of a header"), ("a:", "no name of a header"), ("ä", "no name of a header"),
        ("a\\r\\nb", "no name of a header"),
    ])
    func headerThatIsNotTheirs_IsRefused(name: String, says: String) throws {
        let found = faults(of: webhook("\"headers\": {\"\(name)\": \"v\"}"))
        #expect(found.count == 1 && found[0].pointer.hasPrefix("/webhooks/0/headers/"))
        #expect(found[0].problem.contains(says), "\(found)")
    }

    @Test(arguments: [#""""#, #""a\r\nX-Evil: 1""#, #""a\u0000""#, #"" a""#, #""a ""#, #""ä""#, "7", "null"])
    func valueThatIsNone_IsRefused(value: String) {
        #expect(faults(of: webhook("\"headers\": {\"x-a\": \(value)}")).map(\.pointer) == ["/webhooks/0/headers/x-a"])
    }

    @Test func sameHeader_IsRefused_InOtherLetters_AndSoAreTooMany() {
        #expect(
            faults(of: webhook(#""headers": {"x-a": "1", "X-A": "2"}"#)).map(\.pointer) == ["/webhooks/0/headers/X-A"])
        let many = (0..<33).map { "\"x-\($0)\": \"v\"" }.joined(separator: ",")
        #expect(faults(of: webhook("\"headers\": {\(many)}")).map(\.pointer) == ["/webhooks/0/headers"])
    }
}
