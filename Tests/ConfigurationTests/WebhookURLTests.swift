import Testing

@testable import PlughookConfiguration

struct WebhookURLTests {
    private func objection(to url: String) -> Objection? {
        do {
            try WebhookURL.check(url)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "http://h", "https://h/", "HTTPS://H.EXAMPLE/x", "http://h:1", "http://h:65535/",
        "https://ci.example.com/hooks/devices", "http://127.0.0.1:8080/a?b=c&d=e", "http://[::1]",
        "http://[::1]:80/", "http://[2001:db8::1]/x", "http://[::ffff:1.2.3.4]/", "http://h/%20%ff%E9",
        "http://h?q", "http://h/?a=b?c/d", "http://h/~u/-._!$&'()*+,;=:@", "http://my_service:80/",
        "http://h.example./", "http://xn--bcher-kva.example/", "http://1a.example", "http://a-1",
        "http://localhost", "http://0.0.0.0/", "http://255.255.255.255/", "http://3com.com", "http://h/a//b/../c",
        "http://0xyz.example",
    ])
    func url_isAccepted_whenValid(_ url: String) {
        #expect(objection(to: url) == nil)
    }

    @Test(arguments: [
        ("", "does not start"), ("h", "does not start"), ("/hook", "does not start"), ("//h/", "does not start"),
        ("ftp://h", "does not start"), ("htt://h", "does not start"), ("://h", "does not start"),
        ("file:///etc/passwd", "does not start"), ("javascript:alert(1)", "does not start"),
        ("httpx://h", "does not start"), ("http:h", "no //"), ("http:/h", "no //"), ("http:", "no //"),
        ("https:\\\\h", "no //"), ("http://", "no host"), ("http:///x", "no host"), ("http://?q", "no host"),
        ("http://:80/", "no host"), ("http://u@h/", "user information"), ("http://u:p@h/", "user information"),
        ("http://@h/", "user information"), ("http://a@b@c/", "user information"), ("http://h/#f", "fragment"),
        ("http://h#", "fragment"), (" http://h", "a space"), ("http://h ", "a space"), ("http://h/a b", "a space"),
        ("http://h/\n", "control character"), ("http://h/\u{0}", "control character"),
        ("http://h/\t", "control character"), ("http://h/\u{7F}", "control character"),
        ("http://h/\u{85}", "control character"), ("http://h/é", "outside of ASCII"),
        ("http://bücher.example/", "outside of ASCII"), ("http://ｈ/", "outside of ASCII"),
        ("http://h/\u{2028}", "outside of ASCII"), ("http://h/\r\n", "control character"), ("http://h:/", "port"),
        ("http://h:0/", "port"), ("http://h:65536/", "port"), ("http://h:080/", "port"), ("http://h:-1/", "port"),
        ("http://h:+80/", "port"), ("http://h:8a/", "port"), ("http://[::1]:/", "port"),
        ("http://h:99999999999999999999/", "port"), ("http://h:80:90/", "more than one colon"),
        ("http://::1/", "more than one colon"), ("http://[::1", "IPv6"), ("http://[]/", "IPv6"),
        ("http://[:::1]/", "IPv6"), ("http://[1.2.3.4]/", "IPv6"), ("http://[::1]x/", "IPv6"),
        ("http://[::g]/", "IPv6"), ("http://[v1.x]/", "IPv6"), ("http://[", "IPv6"),
        ("http://]/", "character in the host"), ("http://[fe80::1%25eth0]/", "percent sign in the host"),
        ("http://%68/", "percent sign in the host"), ("http://1/", "IPv4"), ("http://127.1/", "IPv4"),
        ("http://256.1.1.1/", "IPv4"), ("http://0x7f.0.0.1/", "IPv4"), ("http://0x7f000001/", "IPv4"),
        ("http://127.0.0.01/", "IPv4"), ("http://1.2.3.4.5/", "IPv4"), ("http://1.2.3.4./", "IPv4"),
        ("http://a.0x1/", "IPv4"), ("http://a..b/", "empty or too long"), ("http://.a/", "empty or too long"),
        ("http://./", "empty or too long"), ("http://a!b/", "character in the host"),
        ("http://a\\b/", "character in the host"), ("http://a*/", "character in the host"),
        ("http://h/%", "percent sign"), ("http://h/%2", "percent sign"), ("http://h/%zz", "percent sign"),
        ("http://h/?%+1", "percent sign"), ("http://h/\\", "%5C"), ("http://h/{id}", "%7B"),
        ("http://h/?a[]=1", "%5B"), ("http://h/\"", "%22"), ("http://h/<", "%3C"), ("http://h/|", "%7C"),
        ("http://h/^", "%5E"), ("http://h/`", "%60"),
    ])
    func url_isRefusedWithItsReason_whenInvalid(_ url: String, _ reason: String) throws {
        let told = try #require(objection(to: url))
        #expect("\(told.problem); \(told.advice)".contains(reason), "\(told)")
    }

    @Test func hostName_isRefused_whenLongerThanNamesAre() {
        let label = String(repeating: "a", count: 63)
        let longest = [label, label, label, String(repeating: "a", count: 61)].joined(separator: ".")
        #expect(objection(to: "http://\(longest)/") == nil)
        #expect(objection(to: "http://\(longest)a/") != nil)
        #expect(objection(to: "http://\(label)a.example/") != nil)
    }

    @Test(arguments: [
        ("127.0.0.1:80", true), ("127.9.9.9:80", true), ("[::1]:80", true), ("localhost:80", true),
        ("LOCALHOST:80", true), ("0.0.0.0:80", false), ("[::]:80", false), ("10.0.0.1:80", false),
        ("localhost.example:80", false), ("[::ffff:127.0.0.1]:80", false), ("rack-3:80", false),
        ("127.example:80", false),
    ])
    func endpoint_isLoopback_whenOnlyThisHostReachesIt(_ text: String, _ isLoopback: Bool) throws {
        #expect(try Endpoint(authority: Substring(text)).host.isLoopback == isLoopback)
    }
}
