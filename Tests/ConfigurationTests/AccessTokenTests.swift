import Core
import PlughookConfiguration
import Testing

struct AccessTokenTests {
    private static let digest = String(repeating: "ab", count: 32)

    /// A file with tokens that have these members beside what is required.
    private func file(_ tokens: String...) -> String {
        #"{"control": {"http": {"tokens": [\#(tokens.joined(separator: ", "))]}}}"#
    }

    private func token(
        _ name: String = "a", sha256: String = digest, permissions: String = #"["device.view"]"#,
        adding more: String = ""
    ) -> String {
        #"{"name": "\#(name)", "sha256": "\#(sha256)", "permissions": \#(permissions)\#(more)}"#
    }

    private func pointers(_ json: String) -> [String] { faults(of: json).map(\.pointer) }

    @Test func tcp_isOff_unlessTheFileSaysSo() throws {
        #expect(try Configuration(json: Array(#"{"control": {}}"#.utf8)).control.http == nil)
        let on = try Configuration(json: Array(#"{"control": {"http": {}}}"#.utf8)).control.http
        #expect(on == HTTPSettings())
        #expect(on?.listen == "127.0.0.1:8377")
        #expect(on?.tokens == [])
    }

    @Test(arguments: ["127.0.0.1:8377", "127.9.9.9:1", "[::1]:65535", "localhost:80"])
    func listenAddress_isAccepted_whenOnlyThisHostReachesIt(_ address: String) {
        #expect(faults(of: #"{"control": {"http": {"listen": "\#(address)"}}}"#) == [])
    }

    @Test(arguments: [
        "0.0.0.0:8377", "[::]:8377", "rack-3:8377", "192.168.0.1:80", "[2001:db8::1]:80", "[::ffff:127.0.0.1]:80",
        "127.example.com:80",
    ])
    func listenAddress_isRefused_whenOthersReachIt(_ address: String) {
        let told = faults(of: #"{"control": {"http": {"listen": "\#(address)"}}}"#)
        #expect(told.map(\.pointer) == ["/control/http/listen"])
        #expect(told.last?.problem == "can be reached from other hosts")
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:80", ":80", "127.0.0.300:80", ""])
    func listenAddress_isRefused_whenItIsNone(_ address: String) {
        #expect(pointers(#"{"control": {"http": {"listen": "\#(address)"}}}"#) == ["/control/http/listen"])
    }

    @Test func name_hasOneToFiftyCodePoints_andIsTheOnlyOne() {
        let other = String(repeating: "cd", count: 32)
        #expect(pointers(file(token(String(repeating: "é", count: 50)))) == [])
        #expect(pointers(file(token(String(repeating: "é", count: 51)))) == ["/control/http/tokens/0/name"])
        #expect(pointers(file(token(""))) == ["/control/http/tokens/0/name"])
        #expect(pointers(file(token("a"), token("A", sha256: other))) == [])
        #expect(pointers(file(token("a"), token("a", sha256: other))) == ["/control/http/tokens/1/name"])
    }

    @Test func digest_isOneTokensOnly_inEitherCase() {
        let told = faults(of: file(token("a"), token("b", sha256: Self.digest.uppercased())))
        #expect(told.map(\.pointer) == ["/control/http/tokens/1/sha256"])
        #expect(told.first?.problem == "is the same token as in /control/http/tokens/0")
    }

    /// Somebody may have written the token where its digest belongs.
    @Test(arguments: [
        "plughook_secret", "", String(repeating: "ab", count: 31) + "a", String(repeating: "zz", count: 32),
    ])
    func digest_isRefusedAndNotShown_whenItIsNone(_ text: String) throws {
        let told = try #require(faults(of: file(token(sha256: text))).first)
        #expect(told.pointer == "/control/http/tokens/0/sha256")
        #expect(told.problem == "is no SHA-256")
        #expect(text.isEmpty || !told.advice.contains(text))
    }

    @Test(arguments: [
        ("[]", ""), (#"["device.view", "device.view"]"#, "/1"), (#"["device.views"]"#, "/0"), (#""device.view""#, ""),
    ])
    func permissions_areRefused_whenNoneUnknownOrTwice(_ permissions: String, _ place: String) {
        #expect(pointers(file(token(permissions: permissions))) == ["/control/http/tokens/0/permissions\(place)"])
    }

    @Test func everything_isTold_atOnce() {
        let told = pointers(
            #"{"control": {"http": {"lisen": 1, "tokens": [{"nam": "a"}, {"name": 1, "sha256": 1, "permissions": 1}]}}}"#
        )
        #expect(
            Set(told) == [
                "/control/http/lisen", "/control/http/tokens/0", "/control/http/tokens/0/nam",
                "/control/http/tokens/1/name", "/control/http/tokens/1/sha256", "/control/http/tokens/1/permissions",
            ])
    }

    @Test(arguments: [
        ("2027-01-01T00:00:00Z", 1_798_761_600_000), ("2027-01-01t01:30:00.25+01:30", 1_798_761_600_250),
        ("2026-12-31T23:59:59.9999-00:00", 1_798_761_599_999), ("1969-12-31T23:59:59Z", -1000),
        ("2028-02-29T00:00:00Z", 1_835_395_200_000),
    ])
    func expiry_isAMoment_asRFC3339WritesIt(_ text: String, _ milliseconds: Int64) throws {
        let json = file(token(adding: #", "expires": "\#(text)""#))
        let token = try #require(try Configuration(json: Array(json.utf8)).control.http?.tokens.first)
        #expect(token.expires == WallTime(milliseconds: milliseconds))
        #expect(token.isExpired(at: WallTime(milliseconds: milliseconds)))
        #expect(!token.isExpired(at: WallTime(milliseconds: milliseconds - 1)))
    }

    @Test(arguments: [
        "2027-01-01", "2027-01-01T00:00:00", "2027-02-29T00:00:00Z", "2027-13-01T00:00:00Z", "2027-01-01T24:00:00Z",
        "2027-01-01T00:60:00Z", "2027-01-01T00:00:60Z", "2027-01-01 00:00:00Z", "2027-01-01T00:00:00+24:00",
        "27-01-01T00:00:00Z", "2027-01-01T00:00:00.Z", "٢٠٢٧-01-01T00:00:00Z", "", "tomorrow",
    ])
    func expiry_isRefused_whenItIsNone(_ text: String) {
        #expect(pointers(file(token(adding: #", "expires": "\#(text)""#))) == ["/control/http/tokens/0/expires"])
    }

    @Test func request_isRead_withTheDigestThatIsGiven() throws {
        let digest = try #require(TokenDigest(hex: Self.digest))
        let json = #"{"name": "ci", "permissions": ["session.manage"], "expires": "2027-01-01T00:00:00Z"}"#
        let token = try AccessToken(request: Array(json.utf8), digest: digest)
        #expect(
            token
                == AccessToken(
                    name: "ci", digest: digest, permissions: [.sessionManage],
                    expires: WallTime(milliseconds: 1_798_761_600_000)))
        #expect(
            JSONLiteral.object(token.members)
                == [
                    "name": "ci", "sha256": .string(Self.digest), "permissions": ["session.manage"],
                    "expires": "2027-01-01T00:00:00.000Z",
                ])
    }

    @Test(arguments: [
        (#"{"name": "ci", "permissions": ["device.view"], "sha256": "x"}"#, ["/sha256"]), ("{}", ["", ""]),
        ("[]", [""]), ("{", [""]), (#"{"name": "a", "name": "b", "permissions": []}"#, ["/name", "/permissions"]),
    ])
    func request_isRefused_withEveryFault(_ json: String, _ pointers: [String]) throws {
        let digest = try #require(TokenDigest(hex: Self.digest))
        let error = #expect(throws: InvalidConfiguration.self) {
            try AccessToken(request: Array(json.utf8), digest: digest)
        }
        #expect(error?.faults.map(\.pointer) == pointers)
    }
}
